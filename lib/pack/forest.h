/* lib/pack/forest.h: the deltas of a pack as trees, each below its base, and the
 * walk that makes all of their objects: every entry inflated once, every object
 * in memory only while some delta still needs it.
 *
 * Entries are numbers from 0 on; what they are, and where, knows the caller, who
 * inflates them and is told the objects. Used by who knows all ids before
 * (pack-scan.c) and by who computes them on the way (unpack.c). One thread at a
 * time.
 */
#ifndef IRMIN_PACK_FOREST_H
#define IRMIN_PACK_FOREST_H

#include "lib/core/base/vec.h"
#include <irmin/backend.h>

#define IRMIN__FOREST_NONE UINT32_MAX

/* An object that was made, or could not be; borrowed for the call. */
typedef struct irmin__forest_object {
	uint32_t entry;
	uint32_t base;            /* what it is a delta of; or NONE */
	size_t depth;             /* deltas between it and its root: 0, 1, ... */
	irmin_object_type type;   /* of its root; ANY if that is not known */
	irmin_slice data;
	const irmin_error *fault; /* why it cannot be made; else NULL */
} irmin__forest_object;

typedef struct irmin__forest_calls {
	/* Inflates the stream of an entry, a whole object or a delta, into
	 * `body`, which is empty but may have room already. `type` is set for a
	 * whole object. ECORRUPT, ELIMIT and EIO are told as the fault of the
	 * object and of all its deltas; any other failure ends the walk. */
	irmin_rc (*inflate)(void *arg, uint32_t entry, irmin_object_type *type,
	    irmin_buf *body, irmin_error *err);
	/* Gives a fault that was found in the delta of an entry its place, which
	 * says so far only where in the delta. */
	void (*locate)(void *arg, uint32_t entry, irmin_error *fault);
	/* The next object: a base is told before its deltas. May attach deltas
	 * to it that nobody knew of before. A non-zero answer stops and is
	 * passed through; a negative one fills `err`. */
	int (*object)(void *arg, const irmin__forest_object *object,
	    irmin_error *err);
	void *arg;
	const irmin_context *context; /* the limit, cancel; may be NULL */
	size_t max_bytes; /* of bases kept at a time; 0: 64 MiB. What is over it
	                   * is dropped and made again when it is needed. */
} irmin__forest_calls;

/* How an entry hangs in its tree. */
typedef struct irmin__forest_link {
	uint32_t child, next; /* the first delta of it; the next of its base */
	uint32_t weight;      /* entries that hang here, itself included */
} irmin__forest_link;

/* One on the way from the root to where the walk is. */
typedef struct irmin__forest_step {
	uint32_t entry, child; /* the delta of it that is next */
	irmin_buf body;        /* no memory: dropped, or not needed any more */
} irmin__forest_step;

typedef struct irmin__forest {
	irmin__forest_calls calls;
	IRMIN__VEC(irmin__forest_link) links;
	IRMIN__VEC(irmin__forest_step) path;
	size_t kept_bytes;     /* by the path */
	size_t oldest;         /* nothing before it on the path is kept */
	size_t broken;         /* from here on the path nothing can be made */
	irmin_error fault;     /* why */
	irmin_object_type type; /* of all objects of this tree */
	irmin_buf delta, leaf; /* used again and again */
} irmin__forest;

/* An empty forest; allocates nothing. `calls` is copied. */
void irmin__forest_init(irmin__forest *forest,
    const irmin__forest_calls *calls);
void irmin__forest_clear(irmin__forest *forest);

/* Adds `count` entries, which get the next numbers, each a root without deltas.
 * Fails: ENOMEM. Memory: 12 bytes an entry. */
irmin_rc irmin__forest_add(irmin__forest *forest, uint32_t count,
    irmin_error *err);

/* Says that `entry` is a delta of `base`; once for each, before the walk comes
 * from `base` to its deltas. From the last entry to the first is the best order:
 * the walk then knows where most deltas hang, and goes there last, so that few
 * bases are kept. */
void irmin__forest_attach(irmin__forest *forest, uint32_t entry,
    uint32_t base);

/* Non-zero if something is attached to it. */
int irmin__forest_has_deltas(const irmin__forest *forest, uint32_t entry);

/* Makes the object of `root`, an entry without base, and then all that hangs
 * below it. Entries that no walk reaches (their base is nowhere, or they are
 * each other's) are the caller's to find. Answers: OK; what `object` answered.
 * Fails: ENOMEM, ECANCELED, as `inflate`. */
irmin_rc irmin__forest_walk(irmin__forest *forest, uint32_t root,
    irmin_error *err);

#endif
