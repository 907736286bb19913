#include "tests/support/tap.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int checks;
static int failures;

/* Holds the lock from the result line on, so that its comments follow it. */
static bool begin_result(const char *file, int line, bool held,
    const char *format, va_list args)
{
	pthread_mutex_lock(&lock);
	checks++;
	printf("%sok %d - ", held ? "" : "not ", checks);
	vprintf(format, args);
	printf("\n");
	if (!held) {
		failures++;
		printf("#   at %s:%d\n", file, line);
	}
	return held;
}

static void end_result(void)
{
	fflush(stdout);
	pthread_mutex_unlock(&lock);
}

/* One line of C text; whatever would break a line of TAP is escaped. */
static void print_bytes(const char *label, const void *data, size_t len)
{
	const unsigned char *bytes = data;
	size_t shown = len < 200 ? len : 200;
	size_t i;

	printf("#   %s: ", label);
	if (!bytes) {
		printf("NULL\n");
		return;
	}
	printf("\"");
	for (i = 0; i < shown; i++)
		if (bytes[i] == '"' || bytes[i] == '\\')
			printf("\\%c", bytes[i]);
		else if (bytes[i] >= 0x20 && bytes[i] < 0x7f)
			printf("%c", bytes[i]);
		else
			printf("\\x%02x", bytes[i]);
	printf("\"%s (%zu bytes)\n", shown < len ? "..." : "", len);
}

bool tap__ok(const char *file, int line, bool held, const char *cond,
    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!begin_result(file, line, held, format, args))
		printf("#   does not hold: %s\n", cond);
	end_result();
	va_end(args);
	return held;
}

bool tap__is_int(const char *file, int line, intmax_t got, intmax_t want,
    const char *format, ...)
{
	bool held = got == want;
	va_list args;

	va_start(args, format);
	if (!begin_result(file, line, held, format, args)) {
		printf("#   got : %" PRIdMAX "\n", got);
		printf("#   want: %" PRIdMAX "\n", want);
	}
	end_result();
	va_end(args);
	return held;
}

bool tap__is_str(const char *file, int line, const char *got, const char *want,
    const char *format, ...)
{
	bool held = got && want ? strcmp(got, want) == 0 : got == want;
	va_list args;

	va_start(args, format);
	if (!begin_result(file, line, held, format, args)) {
		print_bytes("got ", got, got ? strlen(got) : 0);
		print_bytes("want", want, want ? strlen(want) : 0);
	}
	end_result();
	va_end(args);
	return held;
}

static size_t first_difference(const unsigned char *a, const unsigned char *b,
    size_t len)
{
	size_t i;

	for (i = 0; i < len && a[i] == b[i]; i++)
		;
	return i;
}

bool tap__is_mem(const char *file, int line, const void *got, size_t got_len,
    const void *want, size_t want_len, const char *format, ...)
{
	size_t common = got_len < want_len ? got_len : want_len;
	bool held = got_len == want_len &&
	    (common == 0 || memcmp(got, want, common) == 0);
	va_list args;

	va_start(args, format);
	if (!begin_result(file, line, held, format, args)) {
		print_bytes("got ", got, got_len);
		print_bytes("want", want, want_len);
		printf("#   they differ from byte %zu on\n",
		    first_difference(got, want, common));
	}
	end_result();
	va_end(args);
	return held;
}

/* Not irmin_rc_name(), so that a broken library still tells what it said. */
static const char *name_rc(irmin_rc rc)
{
	switch (rc) {
#define CASE(name, value, kind, words)                                         \
	case value:                                                            \
		return #name;
		IRMIN_CODES(CASE)
#undef CASE
	default:
		return "?";
	}
}

static void print_rc(const char *label, irmin_rc rc)
{
	printf("#   %s: %s (%d)\n", label, name_rc(rc), rc);
}

static void print_error(const irmin_error *err)
{
	printf("#   err:  %s, errno %d\n", name_rc(err->code), err->os_errno);
	print_bytes("where", err->where,
	    strnlen(err->where, sizeof(err->where)));
	print_bytes("text", err->text, strnlen(err->text, sizeof(err->text)));
}

bool tap__is_rc(const char *file, int line, irmin_rc got, irmin_rc want,
    const char *format, ...)
{
	bool held = got == want;
	va_list args;

	va_start(args, format);
	if (!begin_result(file, line, held, format, args)) {
		print_rc("got ", got);
		print_rc("want", want);
	}
	end_result();
	va_end(args);
	return held;
}

bool tap__succeeds(const char *file, int line, irmin_rc rc,
    const irmin_error *err, const char *format, ...)
{
	bool held = rc >= 0;
	va_list args;

	va_start(args, format);
	if (!begin_result(file, line, held, format, args)) {
		print_rc("got ", rc);
		print_error(err);
	}
	end_result();
	va_end(args);
	return held;
}

bool tap__fails(const char *file, int line, irmin_rc rc, irmin_rc want,
    const irmin_error *err, const char *format, ...)
{
	bool held = rc == want && err->code == want && err->text[0];
	va_list args;

	va_start(args, format);
	if (!begin_result(file, line, held, format, args)) {
		print_rc("got ", rc);
		print_rc("want", want);
		print_error(err);
	}
	end_result();
	va_end(args);
	return held;
}

void skip(const char *reason, ...)
{
	va_list args;

	va_start(args, reason);
	pthread_mutex_lock(&lock);
	printf("ok %d # SKIP ", ++checks);
	vprintf(reason, args);
	printf("\n");
	end_result();
	va_end(args);
}

void skip_all(const char *reason, ...)
{
	va_list args;

	va_start(args, reason);
	printf("1..0 # SKIP ");
	vprintf(reason, args);
	printf("\n");
	va_end(args);
	exit(0);
}

void diag(const char *format, ...)
{
	char *text, *line, *rest;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		bail("out of memory");
	va_end(args);
	pthread_mutex_lock(&lock);
	for (rest = text; (line = strsep(&rest, "\n"));)
		if (*line || !rest)
			printf("# %s\n", line);
	end_result();
	free(text);
}

void bail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("Bail out! ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
	exit(1);
}

int done_testing(void)
{
	printf("1..%d\n", checks);
	/* A leak checker may end the program before stdio is flushed. */
	fflush(stdout);
	return failures || !checks ? 1 : 0;
}
