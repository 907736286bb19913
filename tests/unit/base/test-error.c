#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/core/base/error.h"
#include "tests/support/tap.h"

static void test_codes(void)
{
	static const irmin_rc all[] = {
#define CODE(name, value, kind, words) value,
		IRMIN_CODES(CODE)
#undef CODE
	};
	size_t i, j, same = 0;

	for (i = 0; i < sizeof all / sizeof *all; i++)
		for (j = 0; j < i; j++)
			same += all[i] == all[j];
	is_int(same, 0, "no two codes have one number");
	is_str(irmin_rc_name(IRMIN_OK), "OK", "name of OK");
	is_str(irmin_rc_name(IRMIN_ESTALE), "ESTALE", "name of ESTALE");
	is_str(irmin_rc_name(-999), "?", "name of an unknown code");
	is_str(irmin_rc_text(IRMIN_ENOSPC), "no space left", "text of ENOSPC");
	ok(irmin_rc_text(-999)[0], "an unknown code has a text");
}

static void test_refusals(void)
{
	ok(irmin_rc_is_refusal(IRMIN_ESTALE), "ESTALE is a refusal");
	ok(irmin_rc_is_refusal(IRMIN_ECHECKEDOUT), "so is ECHECKEDOUT");
	ok(!irmin_rc_is_refusal(IRMIN_EIO), "EIO is not");
	ok(!irmin_rc_is_refusal(IRMIN_OK), "OK is not");
	ok(!irmin_rc_is_refusal(IRMIN_EINDETERMINATE), "nor EINDETERMINATE");
	ok(!irmin_rc_is_refusal(-999), "nor an unknown code");
}

static void test_set(void)
{
	irmin_error err;

	memset(&err, 'x', sizeof err);
	is_rc(irmin_error_set(&err, IRMIN_EINVAL, "a/b", "no %s here", "dots"),
	    IRMIN_EINVAL, "set gives the code back");
	is_int(err.code, IRMIN_EINVAL, "its code");
	is_int(err.os_errno, 0, "no errno");
	ok(err.offset == IRMIN_NO_OFFSET, "no offset");
	is_str(err.where, "a/b", "its place");
	is_str(err.text, "no dots here", "its text");

	is_rc(irmin_error_set(&err, IRMIN_EIO, err.where, "again: %s",
		  err.text),
	    IRMIN_EIO, "an error may be made of itself");
	is_str(err.where, "a/b", "the place is kept");
	is_str(err.text, "again: no dots here", "the text is wrapped");

	is_rc(irmin_error_set(NULL, IRMIN_EIO, NULL, "x"), IRMIN_EIO,
	    "NULL for err");
	irmin_error_clear(NULL);
	irmin_error_clear(&err);
	is_int(err.code, 0, "clear empties the code");
	is_str(err.where, "", "and the place");
	is_str(err.text, "", "and the text");

	irmin__error_at(&err, IRMIN_ECORRUPT, "f", 77, "bad %d", 3);
	is_int(err.offset, 77, "error_at sets the offset");
	is_str(err.text, "bad 3", "and the text");
	is_rc(irmin__error_at(NULL, IRMIN_ECORRUPT, "f", 77, "x"),
	    IRMIN_ECORRUPT, "error_at, NULL for err");
}

static void test_long_where(void)
{
	char name[200], fits[112];
	irmin_error err;

	memset(name, 'd', sizeof name);
	strcpy(name + 192, "/end.c");
	irmin_error_set(&err, IRMIN_EIO, name, "x");
	is_int(strlen(err.where), 111, "a long name fills the field");
	ok(!strncmp(err.where, "...d", 4), "it begins with dots");
	ok(strstr(err.where, "/end.c"), "and keeps its tail");

	memset(fits, 'd', 111);
	fits[111] = '\0';
	irmin_error_set(&err, IRMIN_EIO, fits, "x");
	is_str(err.where, fits, "111 bytes are kept whole");

	memset(name, 'd', sizeof name);
	memcpy(name + 90, "\xe2\x82\xac", 3); /* byte 92 would be the first */
	name[199] = '\0';
	irmin_error_set(&err, IRMIN_EIO, name, "x");
	is_str(err.where, tap_format("...%s", name + 93),
	    "no part of a character is kept");
}

static void is_shown(const char *raw, const char *shown, const char *what)
{
	irmin_error err;

	irmin_error_set(&err, IRMIN_EIO, NULL, "%s", raw);
	is_str(err.text, shown, "%s", what);
}

static void test_printable(void)
{
	is_shown("a\nb\tc\r", "a\\nb\\tc\\r", "line breaks are escaped");
	is_shown("\x1b[31m\x7f", "\\x1b[31m\\x7f", "so are terminal controls");
	is_shown("\xc2\x9b"
		 "1m",
	    "\\xc2\\x9b1m", "in eight bits too");
	is_shown("\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xab",
	    "\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xab", "UTF-8 is kept");
	is_shown("\xff\xc3", "\\xff\\xc3", "what is no UTF-8 is escaped");
	is_shown("\xc0\xaf", "\\xc0\\xaf", "over-long forms are escaped");
	is_shown("\xed\xa0\x80", "\\xed\\xa0\\x80", "so are surrogates");
	is_shown("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80",
	    "and what is beyond Unicode");
	is_shown("\xe2\x82", "\\xe2\\x82", "and a cut character");
}

static void test_long_text(void)
{
	char text[1000];
	irmin_error err;

	memset(text, 'a', sizeof text);
	text[999] = '\0';
	irmin_error_set(&err, IRMIN_EIO, NULL, "%s", text);
	is_int(strlen(err.text), 383, "a long text is cut at the field's size");

	memcpy(text + 381, "\xe2\x82\xac", 3);
	irmin_error_set(&err, IRMIN_EIO, NULL, "%s", text);
	is_int(strlen(err.text), 381, "in front of a character");

	text[381] = '\x01';
	irmin_error_set(&err, IRMIN_EIO, NULL, "%s", text);
	is_int(strlen(err.text), 381, "or of an escape");
}

static void test_system(void)
{
	static const struct {
		int os_errno;
		irmin_rc rc;
	} codes[] = {
		{ ENOSPC, IRMIN_ENOSPC },
		{ EDQUOT, IRMIN_ENOSPC },
		{ EACCES, IRMIN_EACCES },
		{ EPERM, IRMIN_EACCES },
		{ EROFS, IRMIN_EREADONLY },
		{ ENOMEM, IRMIN_ENOMEM },
		{ ENOENT, IRMIN_EMISSING },
		{ ENOTDIR, IRMIN_EMISSING },
		{ EEXIST, IRMIN_EEXIST },
		{ ENOTEMPTY, IRMIN_EEXIST },
		{ EMFILE, IRMIN_ELIMIT },
		{ ENAMETOOLONG, IRMIN_ELIMIT },
		{ EOPNOTSUPP, IRMIN_ENOTSUP },
		{ EIO, IRMIN_EIO },
		{ EXDEV, IRMIN_EIO },
	};
	char path[1000];
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof codes / sizeof *codes; i++) {
		is_rc(irmin__error_system(&err, codes[i].os_errno, "cannot x",
			  "f"),
		    codes[i].rc, "%s", strerror(codes[i].os_errno));
		is_int(err.os_errno, codes[i].os_errno, "its errno is kept");
	}
	irmin__error_system(&err, ENOENT, "cannot open", "a/b");
	is_str(err.text, "cannot open a/b: No such file or directory",
	    "what failed, on what, why");
	is_str(err.where, "a/b", "the place");
	irmin__error_system(&err, EIO, "cannot fork", NULL);
	is_str(err.text, "cannot fork: Input/output error", "without a place");
	memset(path, 'p', sizeof path);
	path[999] = '\0';
	irmin__error_system(&err, EIO, "cannot open", path);
	ok(strstr(err.text, "p: Input/output error"),
	    "a long path does not push the reason out");
	is_rc(irmin__error_system(NULL, EIO, "cannot open", path), IRMIN_EIO,
	    "NULL for err");
	is_rc(irmin__enomem(&err), IRMIN_ENOMEM, "enomem");
	is_str(err.text, "out of memory", "its text");
	is_rc(irmin__enomem(NULL), IRMIN_ENOMEM, "enomem, NULL for err");
}

static void test_locate(void)
{
	irmin_error err;

	irmin__error_at(&err, IRMIN_ECORRUPT, NULL, 5, "no mode");
	is_rc(irmin__error_locate(&err, IRMIN_ECORRUPT, "a\nb"), IRMIN_ECORRUPT,
	    "locate passes the code through");
	is_str(err.where, "a\nb", "the place is set");
	is_str(err.text, "a\\nb: no mode", "and told");
	is_int(err.offset, 5, "the offset is kept");
	irmin__error_locate(&err, IRMIN_ECORRUPT, "c");
	is_str(err.text, "a\\nb: no mode", "a place that is there is kept");
	irmin_error_clear(&err);
	is_rc(irmin__error_locate(&err, IRMIN_ABSENT, "c"), IRMIN_ABSENT,
	    "a success is passed through");
	is_str(err.where, "", "and leaves err empty");
	is_rc(irmin__error_locate(NULL, IRMIN_EIO, "c"), IRMIN_EIO,
	    "NULL for err");
}

static void is_hint(const char *text, const char *hint)
{
	irmin_error err;

	irmin_error_set(&err, IRMIN_EIO, NULL, "%s", text);
	is_str(irmin_error_hint(&err), hint, "hint of '%s'", text);
}

static void test_hint(void)
{
	is_hint("cannot lock a: it is there; remove it", "remove it");
	is_hint("cannot lock a: it is there; ours; remove it", "remove it");
	is_hint("cannot lock a: it is there", "");
	is_hint("cannot open a; b: no such file", "");
	is_hint("", "");
	is_str(irmin_error_hint(NULL), "", "hint of NULL");
}

int main(void)
{
	test_codes();
	test_refusals();
	test_set();
	test_long_where();
	test_printable();
	test_long_text();
	test_system();
	test_locate();
	test_hint();
	return done_testing();
}
