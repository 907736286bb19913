#include "tests/interop/with-git.h"

#include "tests/support/tap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *git_path(const char *name)
{
	return tap_format("%s/%s", tap_tmpdir(), name);
}

void git_init(const char *dir, const char *format)
{
	struct tap_output said;

	if (tap_run(&said, "git init -q --bare --object-format=%s %s", format,
		dir) != 0)
		bail("git init: %s", said.err);
	tap_output_clear(&said);
}

const char *git_says(const char *dir, const char *command, ...)
{
	struct tap_output said;
	const char *answer;
	va_list args;
	char *words;

	va_start(args, command);
	if (vasprintf(&words, command, args) < 0)
		bail("out of memory");
	va_end(args);
	if (tap_run(&said, "git --git-dir %s %s", dir, words) != 0)
		bail("git %s: %s", words, said.err);
	if (said.out_len > 0 && said.out[said.out_len - 1] == '\n')
		said.out[said.out_len - 1] = '\0';
	answer = tap_format("%s", said.out);
	tap_output_clear(&said);
	free(words);
	return answer;
}

void git_fast_import(const char *dir, const irmin_buf *stream)
{
	const char *const argv[] = { "git", "-c",
		"fastimport.unpackLimit=9999999", "fast-import", "--quiet",
		NULL };
	struct tap_output said;

	if (tap_run_argv(&said, dir, argv, stream->data, stream->len) != 0)
		bail("git fast-import: %s", said.err);
	tap_output_clear(&said);
}

void git_fsck_is_clean(const char *dir)
{
	struct tap_output said;
	int code;

	code = tap_run(&said,
	    "git --git-dir %s fsck --strict --no-dangling 2>&1 | "
	    "grep -v -e ^notice: -e ^Checking",
	    dir);
	ok(code == 1 && said.out_len == 0, "git fsck --strict is clean");
	if (said.out_len > 0)
		diag("%.2000s", said.out);
	tap_output_clear(&said);
}

irmin_repo *git_open(const char *dir, const irmin_open_options *options)
{
	irmin_repo *repo;
	irmin_error err;

	if (irmin_repo_open(tap_format("git:%s", dir), options, &repo, &err) <
	    0)
		bail("%s: %s", dir, err.text);
	return repo;
}

/* splitmix64 */
uint64_t random_next(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

unsigned random_below(uint64_t *state, unsigned limit)
{
	return (unsigned)(random_next(state) % limit);
}
