#include <string.h>

#include "lib/core/object/path.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

/* The steps of a text, each in brackets. */
static const char *steps_of(const char *text)
{
	irmin_slice rest = irmin_text(text), step;
	const char *out = "";

	while (irmin__path_step_next(&rest, &step) == IRMIN_OK)
		out = tap_format("%s[%.*s]", out, (int)step.len,
		    (const char *)step.data);
	return out;
}

static void test_steps(void)
{
	irmin_slice rest = irmin_bytes(NULL, 0), step;

	is_str(steps_of(""), "", "the root");
	is_str(steps_of("///"), "", "the root in slashes");
	is_str(steps_of("a"), "[a]", "one step");
	is_str(steps_of("/a//b c/"), "[a][b c]", "slashes are dropped");
	is_str(steps_of("../.git"), "[..][.git]", "nothing is checked");
	is_rc(irmin__path_step_next(&rest, &step), IRMIN_END, "no text");
	is_rc(irmin__path_step_next(&rest, &step), IRMIN_END, "and no more");
	is_int(step.len, 0, "the output is empty");
}

static void test_read(void)
{
	irmin_error err;

	is_rc(irmin__path_check_read(irmin_text("a/.git/.irmin/.."), NULL,
		  &err),
	    IRMIN_OK, "what is not written may be read");
	is_rc(irmin__path_check_read(irmin_text(""), NULL, &err), IRMIN_OK,
	    "the root");
	fails(irmin__path_check_read(irmin_bytes("a/b\0c", 5), NULL, &err),
	    IRMIN_EINVAL, &err, "a NUL");
	is_str(err.where, "a/b", "where that is");
}

static void test_write(void)
{
	static const char *const bad[] = { ".git", "a/.GIT/b", "a/git~1",
		"a\\.git", "./a", "a/..", ".g\xe2\x80\x8cit", "a/.irmin" };
	irmin_error err;
	size_t i;

	is_rc(irmin__path_check_write(irmin_text("/a/b//.gitx"), NULL, &err),
	    IRMIN_OK, "a good path");
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		fails(irmin__path_check_write(irmin_text(bad[i]), NULL, &err),
		    IRMIN_EINVAL, &err, "not written: %s", bad[i]);
		is_str(err.where, "", "where that is, the caller knows");
	}
}

static void test_limits(void)
{
	const irmin__path_limits small = { 10, 4, 3 };
	char text[4097];
	irmin_error err;
	size_t i;

	is_rc(irmin__path_check_read(irmin_text("abcd/e/ghi"), &small, &err),
	    IRMIN_OK, "just within the limits");
	fails(irmin__path_check_read(irmin_text("abcd/e/ghij"), &small, &err),
	    IRMIN_ELIMIT, &err, "too long");
	fails(irmin__path_check_read(irmin_text("abcde"), &small, &err),
	    IRMIN_EINVAL, &err, "a step too long");
	fails(irmin__path_check_read(irmin_text("a/b/c/d"), &small, &err),
	    IRMIN_ELIMIT, &err, "too deep");

	for (i = 0; i < 4097; i++)
		text[i] = i % 16 == 15 ? '/' : 'x';
	is_rc(irmin__path_check_read(irmin_bytes(text, 4096), NULL, &err),
	    IRMIN_OK, "4,096 bytes");
	fails(irmin__path_check_read(irmin_bytes(text, 4097), NULL, &err),
	    IRMIN_ELIMIT, &err, "one more");
	ok(!strncmp(err.where, "...", 3) && strlen(err.where) == 111,
	    "of a long path err keeps the end: %s", err.where);
	is_rc(irmin__path_check_read(irmin_bytes(text, 15 + 240), NULL, &err),
	    IRMIN_OK, "a path");
	memset(text, 'y', 256);
	is_rc(irmin__path_check_read(irmin_bytes(text, 255), NULL, &err),
	    IRMIN_OK, "a step of 255 bytes");
	fails(irmin__path_check_read(irmin_bytes(text, 256), NULL, &err),
	    IRMIN_EINVAL, &err, "one more");
	for (i = 0; i < 1026; i++)
		text[i] = i % 2 ? '/' : 'x';
	is_rc(irmin__path_check_read(irmin_bytes(text, 1024), NULL, &err),
	    IRMIN_OK, "512 steps");
	fails(irmin__path_check_read(irmin_bytes(text, 1026), NULL, &err),
	    IRMIN_ELIMIT, &err, "one more");
}

static void test_parse(void)
{
	irmin_path *path;
	irmin_error err;
	irmin_slice text, step;

	is_rc(irmin_path_parse(irmin_text("//a/bc///.irmin/"), &path, &err),
	    IRMIN_OK, "parsed");
	text = irmin_path_text(path);
	is_mem(text.data, text.len + 1, "a/bc/.irmin", 12, "its plain form");
	is_int(irmin_path_length(path), 3, "its length");
	step = irmin_path_step(path, 1);
	is_mem(step.data, step.len, "bc", 2, "a step");
	step = irmin_path_step(path, 3);
	is_int(step.len, 0, "no step");
	fails(irmin__path_check_write(text, NULL, &err), IRMIN_EINVAL, &err,
	    "a reserved step may be read only");
	ok(irmin_path_ref(path) == path, "another reference");
	irmin_path_unref(path);
	is_int(irmin_path_length(path), 3, "one is left");
	irmin_path_unref(path);

	is_rc(irmin_path_parse(irmin_text("/"), &path, &err), IRMIN_OK, "root");
	is_int(irmin_path_length(path), 0, "has no steps");
	is_str(irmin_path_text(path).data, "", "and no text");
	irmin_path_unref(path);
	irmin_path_unref(NULL);

	fails(irmin_path_parse(irmin_text("a/.git"), &path, &err), IRMIN_EINVAL,
	    &err, "what git refuses");
	ok(!path, "gives no path");
	fails(irmin_path_parse(irmin_bytes("a\0", 2), &path, &err),
	    IRMIN_EINVAL, &err, "a NUL");
}

static irmin_rc parse(void *arg, irmin_error *err)
{
	irmin_path *path;
	irmin_rc rc;

	(void)arg;
	rc = irmin_path_parse(irmin_text("a/b"), &path, err);
	irmin_path_unref(path);
	return rc;
}

int main(void)
{
	test_steps();
	test_read();
	test_write();
	test_limits();
	test_parse();
	alloc_fault_sweep("parse", parse, NULL);
	return done_testing();
}
