/* lib/core/object/links.h: what an object names. */
#ifndef IRMIN_OBJECT_LINKS_H
#define IRMIN_OBJECT_LINKS_H

#include <irmin/tree.h>

typedef struct irmin__link {
	irmin_oid id;
	irmin_object_type type; /* what it must be */
	irmin_slice name;       /* of a tree's entry; else empty */
	irmin_mode mode;        /* of a tree's entry; else NONE */
} irmin__link;

/* A non-zero answer stops and is passed through. */
typedef int (*irmin__link_fn)(void *arg, const irmin__link *link);

/* Tells a commit's tree and its parents, a tree's entries but gitlinks, what a
 * tag names. Fails: ECORRUPT with the offset, ENOMEM, what `fn` answered. */
irmin_rc irmin__links_each(irmin_hash_algo algo, irmin_object_type type,
    irmin_slice data, irmin__link_fn fn, void *arg, irmin_error *err);

#endif
