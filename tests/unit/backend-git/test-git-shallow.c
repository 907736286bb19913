/* Where the history is cut off: what git clone --depth leaves is seen, and seen
 * again when git changes it. */
#include "tests/unit/backend-git/git-place.h"
#include "lib/backend-git/git-objects.h"

#include "tests/support/alloc-fault.h"

#include <string.h>

#define ID_1 "1111111111111111111111111111111111111111"
#define ID_2 "2222222222222222222222222222222222222222"

static void check_text(const char *text, irmin_rc wanted, size_t count,
    const char *what)
{
	irmin__git_ids ids = { NULL, 0, 0 };
	irmin_error err;
	irmin_rc rc = irmin__git_shallow_parse(IRMIN_HASH_SHA1,
	    irmin_text(text), &ids, &err);

	is_rc(rc, wanted, "%s", what);
	if (rc >= 0)
		is_int(ids.len, count, "%s: how many", what);
	else
		is_int(err.offset, count, "%s: where", what);
	IRMIN__VEC_CLEAR(&ids);
}

static void check_parser(void)
{
	check_text("", IRMIN_OK, 0, "nothing");
	check_text(ID_2 "\n" ID_1 "\n", IRMIN_OK, 2, "two");
	check_text(ID_1, IRMIN_OK, 1, "without an end");
	check_text(ID_1 "\r\n", IRMIN_OK, 1, "something behind it");
	check_text(ID_1 "\n\n", IRMIN_ECORRUPT, 41, "an empty line");
	check_text(ID_1 "\nx\n", IRMIN_ECORRUPT, 41, "no id");
	check_text(ID_1 "1\n", IRMIN_ECORRUPT, 0, "a longer one");
}

static irmin_rc is_cut(irmin_backend *backend, irmin__git_shallow *shallow,
    const char *hex)
{
	irmin_oid id = hex ? place_id(hex) : (irmin_oid){ { 0 }, 0 };
	irmin_error err;

	return irmin__git_shallow_has((irmin__git *)backend, shallow,
	    hex ? &id : NULL, &err);
}

static void check_clone(const char *format)
{
	const char *from = tap_format("from-%s", format);
	const char *to = tap_format("to-%s", format);
	irmin__git_shallow shallow;
	irmin_backend *backend;
	const char *first, *second, *third;
	irmin_error err;

	place_says("", "git init -q --object-format=%s %s", format, from);
	place_says(from,
	    "for i in 1 2 3; do git -c user.name=a -c user.email=b "
	    "commit -q --allow-empty -m $i; done");
	place_says("", "git clone -q --bare --depth 1 file://$PWD/%s %s", from,
	    to);
	first = place_says(to, "git rev-parse HEAD");
	second = place_says(from, "git rev-parse HEAD^");
	third = place_says(from, "git rev-parse HEAD^^");
	backend = place_open(to, 0);
	if (irmin__git_shallow_init(&shallow, &err) < 0)
		bail("%s", err.text);
	is_rc(is_cut(backend, &shallow, NULL), IRMIN_OK, "%s: it is shallow",
	    format);
	is_rc(is_cut(backend, &shallow, first), IRMIN_OK, "at its only commit");
	is_rc(is_cut(backend, &shallow, second), IRMIN_ABSENT, "not elsewhere");
	place_says(to, "git fetch -q --deepen 1");
	is_rc(is_cut(backend, &shallow, first), IRMIN_ABSENT, "deepened");
	is_rc(is_cut(backend, &shallow, second), IRMIN_OK, "by one");
	is_rc(is_cut(backend, &shallow, third), IRMIN_ABSENT, "only");
	place_says(to, "echo bad > shallow");
	is_rc(irmin__git_shallow_has((irmin__git *)backend, &shallow, NULL,
		  &err),
	    IRMIN_ECORRUPT, "damaged");
	ok(strstr(err.where, "/shallow") != NULL, "which is told: %s",
	    err.text);
	place_says(to, "rm shallow");
	is_rc(is_cut(backend, &shallow, NULL), IRMIN_ABSENT, "whole");
	irmin__git_shallow_clear(&shallow);
	place_close(backend);
}

static irmin_rc ask(void *arg, irmin_error *err)
{
	irmin__git_shallow shallow;
	irmin_rc rc = irmin__git_shallow_init(&shallow, err);

	if (rc < 0)
		return rc;
	rc = irmin__git_shallow_has(arg, &shallow, NULL, err);
	irmin__git_shallow_clear(&shallow);
	return rc;
}

int main(void)
{
	irmin_backend *backend;

	place_begin();
	check_parser();
	check_clone("sha1");
	check_clone("sha256");
	place_says("to-sha1", "echo %s > shallow", ID_1);
	backend = place_open("to-sha1", 0);
	alloc_fault_sweep("asking", ask, backend);
	place_close(backend);
	return done_testing();
}
