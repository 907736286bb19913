/* irmin/trace.h: what the library does, told to one callback, and its counters.
 *
 * Audience: programs that log, tests, the curious.
 * Shape: the library prints nothing, ever. It hands events to the callback of
 *   irmin_open_options, and counts what it does in every repository.
 *   Counting costs no more than a store to memory, on many threads at once too.
 * Threads: the callback is called on the thread that caused the event, never
 *   with a lock of ours held, and possibly on several threads at once.
 * Since 0.1.
 */
#ifndef IRMIN_TRACE_H
#define IRMIN_TRACE_H

#include <irmin/bytes.h>

IRMIN_C_BEGIN

/* How much an event matters. */
typedef enum irmin_trace_level {
	IRMIN_TRACE_DEBUG = 0,   /* every backend call */
	IRMIN_TRACE_INFO = 1,    /* heads moved, retries, waits for a lock */
	IRMIN_TRACE_WARNING = 2  /* something is odd, the call goes on */
} irmin_trace_level;

/* One event; borrowed for the call. Members may be appended: look at none that
 * `size` does not cover. */
typedef struct irmin_event {
	size_t size;
	irmin_trace_level level;
	const char *name;  /* a fixed word: "head", "retry", "lock", ... */
	const char *where; /* a ref, path or file, or "" */
	const char *text;  /* one line for people */
} irmin_event;

typedef void (*irmin_trace_fn)(void *arg, const irmin_event *event);

/* The counters of a repository: X(tag, name, words). */
#define IRMIN_STATS(X)                                                         \
	X(OBJECT_READS, "object_reads", "objects read from the backend")       \
	X(OBJECT_READ_BYTES, "object_read_bytes",                              \
	    "bytes of objects read from the backend")                          \
	X(OBJECT_WRITES, "object_writes", "objects handed to the backend")     \
	X(OBJECT_WRITE_BYTES, "object_write_bytes",                            \
	    "bytes of objects handed to the backend")                          \
	X(HASHED_BYTES, "hashed_bytes", "bytes hashed")                        \
	X(TREES_DECODED, "trees_decoded", "trees decoded")                     \
	X(REF_READS, "ref_reads", "refs read")                                 \
	X(REF_WRITES, "ref_writes", "ref updates tried")                       \
	X(COMMITS, "commits", "commits made")                                  \
	X(RETRIES, "retries", "commits retried because a head moved")          \
	X(FLUSHES, "flushes", "flushes")

typedef enum irmin_stat {
#define IRMIN_STAT_ENUM(tag, name, words) IRMIN_STAT_##tag,
	IRMIN_STATS(IRMIN_STAT_ENUM)
#undef IRMIN_STAT_ENUM
	IRMIN_STAT_COUNT
} irmin_stat;

/* The name of a counter in lower case ("object_reads"); NULL for an unknown
 * one. The string is static. Since 0.1. */
IRMIN_API const char *irmin_stat_name(irmin_stat stat);

/* The meaning of a counter in a few words; NULL for an unknown one. The string
 * is static. Since 0.1. */
IRMIN_API const char *irmin_stat_text(irmin_stat stat);

IRMIN_C_END

#endif
