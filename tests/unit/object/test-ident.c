#include <string.h>

#include "lib/core/object/ident.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

static void test_parse(void)
{
	static const struct {
		const char *line, *name, *email;
		int64_t time;
		int32_t zone;
	} rows[] = {
		{ "A B <a@b> 1700000000 +0130", "A B", "a@b", 1700000000, 130 },
		{ "A <a> 5 -0800", "A", "a", 5, -800 },
		{ " <a> 5 -0000", "", "a", 5, 0 },
		{ "<a> 5 +0000", "", "a", 5, 0 },
		{ "A <> 5 +0000", "A", "", 5, 0 },
		{ "A <a>", "A", "a", 0, 0 },
		{ "A <a> ", "A", "a", 0, 0 },
		{ "A <a> x +0100", "A", "a", 0, 0 },
		{ "A <a> 7", "A", "a", 7, 0 },
		{ "A <a> 7 0100", "A", "a", 7, 0 },
		{ "A <a> -7 +0100", "A", "a", 0, 0 },
		{ "A <a> 9223372036854775807 +0000", "A", "a", INT64_MAX, 0 },
		{ "A <a> 9223372036854775808 +0000", "A", "a", 0, 0 },
		{ "A <a> 1 +99999999999", "A", "a", 1, 0 },
		{ "A <a> 1 -2147483647", "A", "a", 1, -2147483647 },
		{ "A <a <b>> 1 +0100", "A", "a <b", 1, 100 },
		{ "A <a", "", "", 0, 0 },
		{ "A a> 5 +0000", "", "", 0, 0 },
		{ "> <", "", "", 0, 0 },
		{ "", "", "", 0, 0 },
	};
	irmin_ident ident;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		ident = irmin__ident_parse(irmin_text(rows[i].line));
		is_mem(ident.name.len ? ident.name.data : "", ident.name.len,
		    rows[i].name, strlen(rows[i].name), "\"%s\"", rows[i].line);
		is_mem(ident.email.len ? ident.email.data : "", ident.email.len,
		    rows[i].email, strlen(rows[i].email), "its e-mail");
		is_int(ident.time, rows[i].time, "its time");
		is_int(ident.zone, rows[i].zone, "its zone");
	}
	ident = irmin__ident_parse(irmin_text(NULL));
	is_int(ident.name.len, 0, "no line");
}

static void test_split(void)
{
	static const char *const bad[] = { "", "A", "A <a", "A a>", "A <a> b",
		"A <a<b>", "A <a>b>", "A > <a>", "A\nB <a>", "A <a\nb>", ">",
		"><" };
	irmin_slice name, email;
	irmin_error err;
	size_t i;

	is_rc(irmin__ident_split(irmin_text(" \tA B\t< a@b >  "), &name, &email,
		  &err),
	    IRMIN_OK, "a name and an e-mail");
	is_mem(name.data, name.len, "A B", 3, "blanks around the name go");
	is_mem(email.data, email.len, "a@b", 3, "and around the e-mail");
	is_rc(irmin__ident_split(irmin_text("<a>"), &name, &email, &err),
	    IRMIN_OK, "no name");
	is_int(name.len, 0, "is empty");
	is_rc(irmin__ident_split(irmin_text("A <>"), &name, &email, &err),
	    IRMIN_OK, "no e-mail");
	is_int(email.len, 0, "is empty");
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		fails(irmin__ident_split(irmin_text(bad[i]), &name, &email,
			  &err),
		    IRMIN_EINVAL, &err, "bad identity %zu", i);
		ok(!name.len && !email.len, "the outputs are empty");
	}
	fails(irmin__ident_split(irmin_bytes("A\0B <a>", 7), &name, &email,
		  &err),
	    IRMIN_EINVAL, &err, "a NUL");
}

static irmin_ident ident_of(const char *name, const char *email, int64_t time,
    int32_t zone)
{
	irmin_ident ident;

	ident.name = irmin_text(name);
	ident.email = irmin_text(email);
	ident.time = time;
	ident.zone = zone;
	return ident;
}

static void test_append(void)
{
	const struct {
		irmin_ident ident;
		const char *line;
	} rows[] = {
		{ ident_of("A B", "a@b", 17, 130), "A B <a@b> 17 +0130" },
		{ ident_of("", "", 0, 0), " <> 0 +0000" },
		{ ident_of(NULL, NULL, 0, 5), " <> 0 +0005" },
		{ ident_of("A", "a", INT64_MAX, -9999),
		    "A <a> 9223372036854775807 -9999" },
		{ ident_of("A", "a", 1, 9999), "A <a> 1 +9999" },
	};
	const irmin_ident bad[] = {
		ident_of("A<", "a", 1, 0),
		ident_of("A>", "a", 1, 0),
		ident_of("A\n", "a", 1, 0),
		ident_of("A", "a<", 1, 0),
		ident_of("A", "a>", 1, 0),
		ident_of("A", "\n", 1, 0),
		ident_of("A", "a", -1, 0),
		ident_of("A", "a", 1, 10000),
		ident_of("A", "a", 1, -10000),
		ident_of("A", "a", 1, INT32_MIN),
	};
	irmin_buf line = IRMIN_BUF_INIT;
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		line.len = 0;
		succeeds(irmin__ident_append(&line, &rows[i].ident, &err), &err,
		    "appended");
		is_str((char *)line.data, rows[i].line, "%s", rows[i].line);
	}
	line.len = 0;
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		fails(irmin__ident_append(&line, &bad[i], &err), IRMIN_EINVAL,
		    &err, "refused: row %zu", i);
	is_int(line.len, 0, "nothing was appended");
	irmin_buf_clear(&line);
}

static irmin_rc append(void *arg, irmin_error *err)
{
	irmin_ident ident = ident_of("A", "a", 1, 0);
	irmin_buf line = IRMIN_BUF_INIT;
	irmin_rc rc = irmin__ident_append(&line, &ident, err);

	(void)arg;
	irmin_buf_clear(&line);
	return rc;
}

int main(void)
{
	test_parse();
	test_split();
	test_append();
	alloc_fault_sweep("append", append, NULL);
	return done_testing();
}
