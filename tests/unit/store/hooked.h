/*
 * hooked.h - a repository in memory whose backend does as a test says
 *
 * It is not volatile: every commit is written to it at once.
 */
#ifndef IRMIN_TESTS_HOOKED_H
#define IRMIN_TESTS_HOOKED_H

#include <irmin/backend.h>

struct hooks {
	/* Runs before each compare-and-set of refs; what it answers, if it is
	 * negative, is the answer of that. */
	irmin_rc (*before_cas)(void *arg, irmin_error *err);
	void *arg;
	/* Is told of all objects that are added, before they are; with `arg`. */
	void (*adding)(void *arg, irmin_objects *objects,
	    const irmin_new_object *added, size_t count);
	const char *checked_out;  /* the ref that a work tree has, or NULL */
	const char *config_name;  /* user.name, or NULL */
	const char *config_email; /* user.email, or NULL */
	irmin_rc config_rc;       /* if negative, the answer of find_config */
	/* The generation of a commit; NULL: there is no graph. */
	uint64_t (*generation)(const irmin_oid *id, irmin_slice message);
	irmin_oid shallow;        /* where the history is cut off, or no id */
	char calls[512];          /* what was called, a letter each: a add, c cas,
	                           * F and R flush of objects and refs */
	size_t call_count;
};

/* Opens one; ends the program where it cannot. `hooks` is kept. */
irmin_repo *hooked_open(struct hooks *hooks, const irmin_open_options *options);

/* The same, as a backend. Its optional slots are cut off if `bare`. */
irmin_backend *hooked_backend(struct hooks *hooks, int bare);

#endif
