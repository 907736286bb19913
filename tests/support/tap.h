/*
 * tap.h - the test harness: checks that print TAP, and a few helpers
 *
 * A test program makes its checks in any order, from any of its threads, and
 * ends with `return done_testing();`, which prints the plan. A program that
 * dies before has no plan, and so is seen as failed. A failed check prints its
 * place and both values, and the program goes on. Forked children make no
 * checks: they tell the parent by their exit status, and leave by _exit().
 *
 * Every check takes a printf format that names what is checked and gives back
 * whether it held, for `if (!ok(...)) return;`.
 */
#ifndef IRMIN_TESTS_TAP_H
#define IRMIN_TESTS_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <irmin/error.h>

#define TAP__PRINTF(at, first) __attribute__((format(printf, at, first)))

#define ok(cond, ...) tap__ok(__FILE__, __LINE__, (cond), #cond, __VA_ARGS__)
#define is_int(got, want, ...)                                                 \
	tap__is_int(__FILE__, __LINE__, (intmax_t)(got), (intmax_t)(want),     \
	    __VA_ARGS__)
/* Either may be NULL, which equals only NULL. */
#define is_str(got, want, ...)                                                 \
	tap__is_str(__FILE__, __LINE__, (got), (want), __VA_ARGS__)
#define is_mem(got, got_len, want, want_len, ...)                              \
	tap__is_mem(__FILE__, __LINE__, (got), (got_len), (want), (want_len),  \
	    __VA_ARGS__)
/* An irmin_rc against the one expected; a failure names both. */
#define is_rc(got, want, ...)                                                  \
	tap__is_rc(__FILE__, __LINE__, (got), (want), __VA_ARGS__)
/* An irmin_rc that is not negative; a failure shows what `err` says. */
#define succeeds(rc, err, ...)                                                 \
	tap__succeeds(__FILE__, __LINE__, (rc), (err), __VA_ARGS__)
/* The irmin_rc expected, with an `err` that tells of it: code and text. */
#define fails(rc, want, err, ...)                                              \
	tap__fails(__FILE__, __LINE__, (rc), (want), (err), __VA_ARGS__)

/* Counts one check as skipped: what cannot be checked here, and why. */
void skip(const char *reason, ...) TAP__PRINTF(1, 2);
/* Ends the program: nothing of it can be checked here, and why. */
_Noreturn void skip_all(const char *reason, ...) TAP__PRINTF(1, 2);
/* A comment in the output, shown when the program fails. */
void diag(const char *format, ...) TAP__PRINTF(1, 2);
/* Ends the program as failed: a thing the test itself stands on broke. */
_Noreturn void bail(const char *format, ...) TAP__PRINTF(1, 2);
/* Prints the plan; answers main's exit code. */
int done_testing(void);

/* A private scratch directory, the same at every call, removed at exit. */
const char *tap_tmpdir(void);
/* A printf that gives a fresh string, freed at exit. */
const char *tap_format(const char *format, ...) TAP__PRINTF(1, 2);

/* What a command said; `out` and `err` end in a NUL beyond their lengths. */
struct tap_output {
	char *out;
	size_t out_len;
	char *err;
	size_t err_len;
};

void tap_output_clear(struct tap_output *output);

/*
 * Runs a shell command, or argv[0] found through PATH in `dir` (NULL: here)
 * with `input` on its standard input, and waits for it. `output` may be NULL
 * and need not be cleared before. Answers the exit code; 128 + the signal for
 * one that was killed. The child has an empty signal mask, default SIGPIPE and
 * SIGCHLD, and a git that reads no configuration of this machine.
 */
int tap_run(struct tap_output *output, const char *format, ...)
    TAP__PRINTF(2, 3);
int tap_run_argv(struct tap_output *output, const char *dir,
    const char *const *argv, const void *input, size_t input_len);

/* The whole file with a NUL behind it, for free(); NULL if it is not there. */
char *tap_read_file(const char *path, size_t *len);
/* Writes the whole file anew; bails if it cannot. */
void tap_write_file(const char *path, const void *bytes, size_t len);

bool tap__ok(const char *file, int line, bool held, const char *cond,
    const char *format, ...) TAP__PRINTF(5, 6);
bool tap__is_int(const char *file, int line, intmax_t got, intmax_t want,
    const char *format, ...) TAP__PRINTF(5, 6);
bool tap__is_str(const char *file, int line, const char *got, const char *want,
    const char *format, ...) TAP__PRINTF(5, 6);
bool tap__is_mem(const char *file, int line, const void *got, size_t got_len,
    const void *want, size_t want_len, const char *format, ...)
    TAP__PRINTF(7, 8);
bool tap__is_rc(const char *file, int line, irmin_rc got, irmin_rc want,
    const char *format, ...) TAP__PRINTF(5, 6);
bool tap__succeeds(const char *file, int line, irmin_rc rc,
    const irmin_error *err, const char *format, ...) TAP__PRINTF(5, 6);
bool tap__fails(const char *file, int line, irmin_rc rc, irmin_rc want,
    const irmin_error *err, const char *format, ...) TAP__PRINTF(6, 7);

#endif
