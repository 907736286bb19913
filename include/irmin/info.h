/* irmin/info.h: who made a commit, when and why; how long a call may wait.
 *
 * Audience: everybody who commits.
 * Shape: an options struct, borrowed for the call; NULL, and every member that
 *   is zero, means the default. Times are seconds since 1970; zones are written
 *   as git writes them, as a number: 130 is +0130, -800 is -0800.
 * Defaults: author from irmin_open_options, else git's user.name and
 *   user.email, else <program>@<host>; committer: the author; date: now;
 *   message: "set a/b", "rm a/b", "N changes under a/", "more than 1000
 *   changes".
 * Threads: read only by the library. Since 0.1.
 */
#ifndef IRMIN_INFO_H
#define IRMIN_INFO_H

#include <irmin/bytes.h>

IRMIN_C_BEGIN

/* How long a call may wait, and a flag that ends it early. */
typedef struct irmin_wait {
	size_t size;
	uint32_t timeout_ms;        /* 0: the repository's default (1,000 ms);
	                             * UINT32_MAX: for ever */
	const volatile int *cancel; /* not 0: end with ECANCELED; may be set by
	                             * another thread or a signal handler */
} irmin_wait;

#define IRMIN_WAIT_INIT { sizeof(irmin_wait), 0, NULL }

/* irmin_info.flags */
enum irmin_info_flag {
	IRMIN_INFO_DATE = 1,        /* author_time, committer_time, zones count */
	IRMIN_INFO_ALLOW_EMPTY = 2  /* make a commit even if nothing changed */
};

/* A commit's description. */
typedef struct irmin_info {
	size_t size;
	const char *author;     /* "Name <e-mail>" */
	const char *committer;  /* "Name <e-mail>" */
	const char *message;    /* a final newline is added when missing */
	int64_t author_time;    /* 0 .. 2^63-1, with IRMIN_INFO_DATE */
	int64_t committer_time;
	int32_t author_zone;    /* -9999 .. 9999, with IRMIN_INFO_DATE */
	int32_t committer_zone;
	uint32_t flags;         /* enum irmin_info_flag */
	uint32_t retries;       /* optimistic retries before ESTALE; 0: 100 */
	irmin_wait wait;        /* wait.size may stay 0 */
} irmin_info;

#define IRMIN_INFO_INIT                                                        \
	{                                                                      \
		sizeof(irmin_info), NULL, NULL, NULL, 0, 0, 0, 0, 0, 0,        \
		{ 0, 0, NULL }                                                 \
	}

/* A name and a moment, as a commit or a tag holds it. Borrowed from there. */
typedef struct irmin_ident {
	irmin_slice name;
	irmin_slice email;
	int64_t time;
	int32_t zone;
} irmin_ident;

/* The info with this author and message and defaults for the rest; both may be
 * NULL and must live as long as the info is used. Since 0.1. */
static inline irmin_info irmin_info_of(const char *author, const char *message)
{
	irmin_info info = IRMIN_INFO_INIT;

	info.author = author;
	info.message = message;
	return info;
}

IRMIN_C_END

#endif
