/* lib/core/store/graph-parts.h: what the files graph-*.c share, and nobody else
 * may use. With backend*.c they are the callers of a backend's slots: those of
 * the inner one. */
#ifndef IRMIN_STORE_GRAPH_PARTS_H
#define IRMIN_STORE_GRAPH_PARTS_H

#include "lib/core/base/table.h"
#include "lib/core/base/vec.h"
#include "lib/core/object/oid-table.h"
#include "lib/core/store/backend-parts.h"
#include "lib/core/store/commit.h"
#include "lib/core/store/graph.h"
#include "lib/core/store/retain.h"

/* A ref that leads to a commit of the graph. */
typedef struct irmin__graph_ref {
	irmin_commit *commit; /* NULL while it is being made */
	irmin__window window;
	char name[];
} irmin__graph_ref;

/* The wrapper's halves. */
typedef struct irmin__graph_objects {
	irmin_objects head;
	irmin__graph *graph;
} irmin__graph_objects;

typedef struct irmin__graph_refs {
	irmin_refs head;
	irmin__graph *graph;
} irmin__graph_refs;

typedef IRMIN__VEC(irmin_oid) irmin__graph_ids;

/* graph-index.c */
typedef struct irmin__graph_index {
	irmin__mutex mutex;
	int is_closed;
	irmin__oid_table table;     /* of irmin__graph_thing */
	size_t walked;              /* entries whose links are in it, too */
	uint64_t seen_moves;        /* the heads of then are in it */
	size_t seen_shown;          /* so many of `shown` are */
	size_t made_len;            /* when it was made: its length, */
	uint64_t made_moves;        /* and the moves so far */
	irmin__graph_commits shown; /* whose id was asked for */
	size_t shown_limit;         /* when to look who is gone */
} irmin__graph_index;

struct irmin__graph {
	irmin_backend backend;   /* the wrapper */
	irmin_backend_class cls; /* ... and its class: the scheme is inner's */
	irmin__graph_objects objects;
	irmin__graph_refs refs;
	irmin_backend *inner;
	irmin_repo *repo;
	irmin_oid mark;     /* what inner's refs say of those in `table` */
	irmin__mutex heads; /* of `table` */
	irmin__table table; /* of irmin__graph_ref, by name */
	atomic_uint_fast64_t moves;
	irmin__graph_index index;
	irmin__retaining retaining;
};

#define IRMIN__INNER_OBJECTS_SLOT(graph, slot)                                 \
	IRMIN__SLOT(irmin_objects_class, (graph)->inner->objects->cls, slot)
#define IRMIN__INNER_REFS_SLOT(graph, slot)                                    \
	IRMIN__SLOT(irmin_refs_class, (graph)->inner->refs->cls, slot)

/* graph-objects.c, graph-refs.c: the classes of the wrapper's halves. */
extern const irmin_objects_class irmin__graph_objects_class;
extern const irmin_refs_class irmin__graph_refs_class;

/* graph-heads.c: one change of a compare-and-set. What is expected, and what
 * becomes of it, is a commit, or an id, or with neither nothing. */
typedef struct irmin__graph_move {
	const char *name;
	int any;
	irmin_commit *expected, *head;
	irmin_oid expected_id, id;
	irmin_commit *seen;      /* what the table had; counted, or NULL */
	int holds;               /* ... and whether that was expected */
	irmin__graph_ref *entry; /* once the lock is held */
	int added;
	irmin__retain_plan plan;
} irmin__graph_move;

/* Makes all moves or none. As the slot `cas`. */
irmin_rc irmin__graph_move_all(irmin__graph *graph,
    const irmin_context *context, irmin__graph_move *moves, size_t count,
    size_t *differing, irmin_error *err);

/* Makes a ref a link. As the slot `set_link`. */
irmin_rc irmin__graph_link(irmin__graph *graph, const irmin_context *context,
    const char *name, const char *target, irmin_error *err);

/* Every commit in the table, counted; also on failure. Fails: ENOMEM. */
irmin_rc irmin__graph_all_heads(irmin__graph *graph,
    irmin__graph_commits *heads, irmin_error *err);

/* Lets go of every head; for closing. */
void irmin__graph_drop_heads(irmin__graph *graph);

/* ---- graph-retain.c: what a move of a ref means to its window. The lock of the
 * heads is held, and nothing happens without a rule ---- */

/* Plans a move to `head`, or the end of the ref (NULL). Fails: ENOMEM. */
irmin_rc irmin__graph_retain_plan(irmin__graph *graph, irmin__graph_ref *ref,
    irmin_commit *head, irmin__retain_plan *plan, irmin_error *err);

/* Room for what the plans of one step may spare. Fails: ENOMEM. */
irmin_rc irmin__graph_retain_reserve(irmin__graph *graph, size_t spares,
    irmin_error *err);

void irmin__graph_retain_do(irmin__graph *graph, irmin__graph_ref *ref,
    irmin__retain_plan *plan);

/* ---- graph-index.c ---- */

/* A commit, directory or value of the graph. */
typedef struct irmin__graph_thing {
	void *thing; /* irmin_commit, irmin__node or irmin__blob; or NULL */
	irmin_object_type type;
} irmin__graph_thing;

void irmin__graph_thing_unref(const irmin__graph_thing *thing);

irmin_rc irmin__graph_index_init(irmin__graph_index *index,
    irmin_hash_algo hash, irmin_error *err);
/* Lets go of everything, and takes nothing more. */
void irmin__graph_index_close(irmin__graph_index *index);
void irmin__graph_index_clear(irmin__graph_index *index);

/* What has this id in the graph and not in inner, counted. Answers: OK; ABSENT.
 * Fails: ENOMEM, and as inner's slot `has`. */
irmin_rc irmin__graph_index_find(irmin__graph *graph,
    const irmin_context *context, const irmin_oid *id,
    irmin__graph_thing *thing, irmin_error *err);

/* The ids of all that refs and shown commits reach and inner does not have; some
 * more may be among them. */
irmin_rc irmin__graph_index_ids(irmin__graph *graph,
    const irmin_context *context, irmin__graph_ids *ids, irmin_error *err);

/* ---- graph-settle.c ---- */

/* Writes what has this id, and all that it reaches, into inner, if the graph
 * has it. */
irmin_rc irmin__graph_settle(irmin__graph *graph, const irmin_context *context,
    const irmin_oid *id, irmin_error *err);

/* The same of all that an object names. */
irmin_rc irmin__graph_settle_links(irmin__graph *graph,
    const irmin_context *context, const irmin_new_object *object,
    irmin_error *err);

#endif
