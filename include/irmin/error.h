/* irmin/error.h: return codes, and the error a caller keeps on its stack.
 *
 * Audience: everybody.
 * Shape: every call that can fail returns an irmin_rc; `rc < 0` is always the
 *   right check. Zero and above: the effect asked for holds, and the code says
 *   how. Below zero: it does not hold, and stored state is unchanged.
 * Owner: the caller. An irmin_error needs no initialiser and is never freed;
 *   every function takes NULL where one is expected.
 * Threads: an irmin_error belongs to one thread at a time. There is no global
 *   and no per-thread error state. Since 0.1.
 */
#ifndef IRMIN_ERROR_H
#define IRMIN_ERROR_H

#include <stdint.h>

#include <irmin/export.h>

IRMIN_C_BEGIN

/* The one list of codes: X(name, value, kind, words). Kind is one of EFFECT
 * (the effect holds), REFUSAL (a normal outcome of racing, checking, merging),
 * FAILURE, UNKNOWN (the effect may hold: read again). */
#define IRMIN_CODES(X)                                                         \
	X(OK, 0, EFFECT, "done")                                               \
	X(ABSENT, 1, EFFECT, "there is nothing there; the output is empty")    \
	X(END, 2, EFFECT, "the cursor is at its end")                          \
	X(UNCHANGED, 3, EFFECT, "it was so already; no commit was needed")     \
	X(ALREADY, 4, EFFECT, "there was nothing to merge or to move")         \
	X(ESTALE, -1, REFUSAL, "what was expected has changed")                \
	X(ECONFLICT, -2, REFUSAL, "the changes conflict")                      \
	X(EREFUSED, -3, REFUSAL, "a check refused it")                         \
	X(EABORTED, -4, REFUSAL, "the transaction was given up")               \
	X(EEXIST, -5, REFUSAL, "it exists already")                            \
	X(ECHECKEDOUT, -6, REFUSAL, "the branch is checked out in a work tree")\
	X(ENOMEM, -20, FAILURE, "out of memory")                               \
	X(EIO, -21, FAILURE, "input or output failed")                         \
	X(ENOSPC, -22, FAILURE, "no space left")                               \
	X(ECORRUPT, -23, FAILURE, "stored data is corrupt")                    \
	X(EMISSING, -24, FAILURE, "something that must be there is missing")   \
	X(EINVAL, -25, FAILURE, "an argument is not valid")                    \
	X(ELOCKED, -26, FAILURE, "somebody else holds the lock")               \
	X(ETIMEDOUT, -27, FAILURE, "the deadline has passed")                  \
	X(ECANCELED, -28, FAILURE, "the caller canceled it")                   \
	X(EACCES, -29, FAILURE, "permission denied")                           \
	X(EREADONLY, -30, FAILURE, "opened or stored read-only")               \
	X(ENOTSUP, -31, FAILURE, "not supported")                              \
	X(ELIMIT, -32, FAILURE, "a limit was exceeded")                        \
	X(ETRUNCATED, -33, FAILURE, "the history is cut there")                \
	X(EEXPIRED, -34, FAILURE, "no longer kept")                            \
	X(ENET, -35, FAILURE, "the network failed")                            \
	X(EAUTH, -36, FAILURE, "not authorised")                               \
	X(EUSER, -37, FAILURE, "a callback failed")                            \
	X(EINDETERMINATE, -60, UNKNOWN, "the outcome is unknown; read again")

/* Zero or above: the effect holds. Below zero: it does not. */
typedef int irmin_rc;

/* The codes, IRMIN_OK and so on. Callbacks may pass numbers of their own
 * through: use values above 1000, or below -1000. */
enum irmin_code {
#define IRMIN_CODE_ENUM(name, value, kind, words) IRMIN_##name = value,
	IRMIN_CODES(IRMIN_CODE_ENUM)
#undef IRMIN_CODE_ENUM
	IRMIN_CODE_LAST = 1000
};

/* The offset of an error that has none. */
#define IRMIN_NO_OFFSET UINT64_MAX

/* What went wrong: filled for every negative code, emptied on entry by every
 * function that takes one. Frozen. */
typedef struct irmin_error {
	int32_t code;     /* the irmin_rc returned, or 0 */
	int32_t os_errno; /* errno where the system said no, or 0 */
	uint64_t offset;  /* byte offset in `where`, or IRMIN_NO_OFFSET */
	char where[112];  /* a file (absolute: begins with '/'), a path in the
	                   * store or a ref; long names keep their tail */
	char text[384];   /* one line: what failed, on what, why[; what to do] */
} irmin_error;

/* The name of a code without its prefix ("ESTALE"); "?" for an unknown one.
 * The string is static. Since 0.1. */
IRMIN_API const char *irmin_rc_name(irmin_rc rc);

/* The meaning of a code in a few words. The string is static. Since 0.1. */
IRMIN_API const char *irmin_rc_text(irmin_rc rc);

/* Non-zero for the refusals: ESTALE, ECONFLICT, EREFUSED, EABORTED, EEXIST,
 * ECHECKEDOUT. Since 0.1. */
IRMIN_API int irmin_rc_is_refusal(irmin_rc rc);

/* The "what to do" part of an error's text, which is behind its last "; " and
 * holds no ": ", or "" when it has none. Borrowed from `err`. Since 0.1. */
IRMIN_API const char *irmin_error_hint(const irmin_error *err);

/* Empties `err`; NULL is accepted. Since 0.1. */
IRMIN_API void irmin_error_clear(irmin_error *err);

/* Fills `err` (NULL is accepted) and returns `code`, so that a backend or a
 * callback can say `return irmin_error_set(err, IRMIN_EINVAL, path, "...")`.
 * `where` may be NULL. The text is made one printable line (control characters
 * and what is no UTF-8 as \n or \xHH) and cut at the size of the field.
 * Since 0.1. */
IRMIN_API irmin_rc irmin_error_set(irmin_error *err, irmin_rc code,
    const char *where, const char *format, ...) IRMIN_PRINTF(4, 5);

IRMIN_C_END

#endif
