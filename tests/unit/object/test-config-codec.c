#include <stdlib.h>
#include <string.h>

#include "lib/core/object/config-codec.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#define RANDOM_FILES 800

/* All entries as `git config --list -z` prints them; the reader's last answer. */
static irmin_rc list(irmin_slice bytes, irmin_buf *out, irmin_error *err)
{
	irmin__config_reader reader;
	irmin__config_entry entry;
	irmin_rc rc, added;

	out->len = 0;
	irmin__config_reader_init(&reader, bytes);
	while ((rc = irmin__config_reader_next(&reader, &entry, err)) == 0) {
		added = irmin_buf_append(out, entry.key, err);
		if (added >= 0 && entry.value.data)
			added = irmin_buf_append(out, irmin_text("\n"), err);
		if (added >= 0)
			added = irmin_buf_append(out, entry.value, err);
		if (added >= 0)
			added = irmin_buf_append(out, irmin_bytes("", 1), err);
		if (added < 0) {
			rc = added;
			break;
		}
	}
	irmin__config_reader_clear(&reader);
	return rc;
}

static void test_table(void)
{
	static const struct {
		const char *text, *key, *value;
	} rows[] = {
		{ "[core]\n\tbare = true\n", "core.bare", "true" },
		{ "[CORE]\nBare\n", "core.bare", NULL },
		{ "[a \"B.c\"]d-1=", "a.B.c.d-1", "" },
		{ "[a.B]c=d", "a.b.c", "d" },
		{ "[a \"\\\"\\\\\\x\"] c = d", "a.\"\\x.c", "d" },
		{ "[a]\r\nb = c\r\n", "a.b", "c" },
		{ "[a]b =  x \t y  # c", "a.b", "x   y" },
		{ "[a]b = \" x # \" ; c", "a.b", " x # " },
		{ "[a]b = \\t\\n\\b\\\\\\\"", "a.b", "\t\n\b\\\"" },
		{ "[a]b = x\\\n  y", "a.b", "x  y" },
		{ "[a]b = x\\", "a.b", "x" },
		{ "\xef\xbb\xbf# c\n;\n[a]b=c", "a.b", "c" },
	};
	irmin__config_reader reader;
	irmin__config_entry entry;
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		irmin__config_reader_init(&reader, irmin_text(rows[i].text));
		succeeds(irmin__config_reader_next(&reader, &entry, &err), &err,
		    "entry %zu", i);
		is_str(entry.key.data, rows[i].key, "its key");
		is_str(entry.value.data, rows[i].value, "its value");
		is_rc(irmin__config_reader_next(&reader, &entry, &err),
		    IRMIN_END, "no more");
		irmin__config_reader_clear(&reader);
	}
}

static void test_bad(void)
{
	static const struct {
		const char *text;
		size_t len;
		uint64_t offset;
		const char *line;
	} rows[] = {
		{ "a = b", 5, 0, "line 1" },
		{ "[a]\n[b", 6, 6, "line 2" },
		{ "[]\n", 3, 1, "line 1" },
		{ "[a b]", 5, 4, "line 1" },
		{ "[a \"b]\n", 7, 7, "line 2" },
		{ "[a \"b\"", 6, 6, "line 1" },
		{ "[a \"b\0\"]", 8, 6, "line 1" },
		{ "[a]\n\nb = \"x\n", 12, 11, "line 3" },
		{ "[a]b = \\x", 9, 9, "line 1" },
		{ "[a]b = \0", 8, 8, "line 1" },
		{ "[a]b c", 6, 5, "line 1" },
		{ "[a]1 = c", 8, 3, "line 1" },
		{ "[a]=", 4, 3, "line 1" },
	};
	irmin_buf out = IRMIN_BUF_INIT;
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		fails(list(irmin_bytes(rows[i].text, rows[i].len), &out, &err),
		    IRMIN_ECORRUPT, &err, "bad: row %zu", i);
		is_int(err.offset, rows[i].offset, "its offset");
		ok(strstr(err.text, rows[i].line), "its line: %s", err.text);
	}
	irmin_buf_clear(&out);
}

static void test_subsection(void)
{
	static const struct {
		const char *key, *subsection;
	} rows[] = {
		{ "a.b", NULL },
		{ "a..b", "" },
		{ "a.b.c", "b" },
		{ "a.b.c.d", "b.c" },
		{ "a...b", "." },
		{ "a", NULL },
	};
	irmin_slice got;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		got = irmin__config_subsection(irmin_text(rows[i].key));
		ok(!got.data == !rows[i].subsection &&
			irmin_slice_equal(got, irmin_text(rows[i].subsection)),
		    "the subsection of %s", rows[i].key);
	}
}

/* ---- random files, and git ---- */

static void random_file(irmin_buf *text)
{
	static const char *const pieces[] = { "[a]", "[A.b]", "[a \"B\"]",
		"[a \"b\\\"\"]", "\n", "\n", "\r\n", "b", "c-1", " = ", "=",
		"x", " ", "\t", "\"", "\\", "\\n", "#", ";", "y z", "[", "]",
		".", "\r", "\xff", "1" };
	size_t count = (size_t)rand() % 12;

	text->len = 0;
	if (irmin_buf_append(text,
		irmin_text(rand() % 4 ? "[s]\nk = " : "[s \"t\"]"), NULL) < 0)
		bail("out of memory");
	while (count--)
		if (irmin_buf_append(text,
			irmin_text(pieces[(size_t)rand() %
			    (sizeof pieces / sizeof *pieces)]),
			NULL) < 0)
			bail("out of memory");
}

static void test_random(void)
{
	const char *file = tap_format("%s/config", tap_tmpdir());
	const char *const argv[] = { "git", "config", "--list", "-z", "--file",
		file, NULL };
	irmin_buf text = IRMIN_BUF_INIT, out = IRMIN_BUF_INIT;
	struct tap_output output;
	int i, equal = 0, taken = 0, stricter = 0;

	srand(5);
	for (i = 0; i < RANDOM_FILES; i++) {
		int git_fails;
		irmin_rc rc;

		random_file(&text);
		tap_write_file(file, text.data, text.len);
		git_fails = tap_run_argv(&output, tap_tmpdir(), argv, "", 0);
		rc = list(irmin_buf_slice(&text), &out, NULL);
		stricter += rc < 0 && !git_fails;
		taken += rc >= 0;
		if (rc < 0 ||
		    (!git_fails &&
			irmin_slice_equal(irmin_buf_slice(&out),
			    irmin_bytes(output.out, output.out_len))))
			equal++;
		else
			diag("differs: \"%s\"", (char *)text.data);
		tap_output_clear(&output);
	}
	is_int(equal, RANDOM_FILES, "what we read, git reads as the same");
	ok(taken > RANDOM_FILES / 5 && taken < RANDOM_FILES * 4 / 5,
	    "%d of %d can be read", taken, RANDOM_FILES);
	is_int(stricter, 0, "we read all that git reads");
	irmin_buf_clear(&text);
	irmin_buf_clear(&out);
}

static irmin_rc read_all(void *arg, irmin_error *err)
{
	irmin_buf out = IRMIN_BUF_INIT;
	irmin_rc rc = list(irmin_text("[a \"b\"]\nc = d\ne\n"), &out, err);

	(void)arg;
	irmin_buf_clear(&out);
	return rc;
}

int main(void)
{
	test_table();
	test_bad();
	test_subsection();
	test_random();
	alloc_fault_sweep("read", read_all, NULL);
	return done_testing();
}
