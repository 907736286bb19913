/* lib/merge/merge.h: the inside of merge functions and of promises.
 *
 * A merge is a class of functions and the merges that it is made of. All calls
 * of a class go through irmin__merge_run. A value that is not of the kind that a
 * merge works on is a conflict: it may come from anywhere, and the next merge of
 * a sequence may know it. */
#ifndef IRMIN_MERGE_MERGE_H
#define IRMIN_MERGE_MERGE_H

#include "lib/core/base/count.h"
#include <irmin/merge.h>

/* ---- promises ---- */

/* A base that is computed when it is asked for. Its maker puts it in front of
 * what compute needs, sets compute, and clears it when the merge is over. Not for
 * several threads at once. */
struct irmin_promise {
	/* Answers: OK or ABSENT; `base` is a reference, or NULL. Fails: ECONFLICT
	 * (there is none to rely on), and anything else. Not called again unless
	 * it failed. */
	irmin_rc (*compute)(irmin_promise *promise, irmin_value **base,
	    irmin_error *err);
	irmin_value *base; /* once it is known; NULL: absent */
	int known;
};

/* Gives the base back, if it was asked for. */
void irmin__promise_clear(irmin_promise *promise);

/* As irmin_promise_get, with NULL for an absent base: OK or a failure. */
irmin_rc irmin__promise_find(irmin_promise *promise, irmin_value **base,
    irmin_error *err);

/* A base that is there already. */
typedef struct irmin__promise_known {
	irmin_promise promise;
	irmin_value *value; /* borrowed; NULL: absent */
} irmin__promise_known;

void irmin__promise_of(irmin__promise_known *known, irmin_value *value);

/* An item of a base that is a list of `count`, or a field of one that is a
 * record; a base of another kind has no fields. */
typedef struct irmin__promise_part {
	irmin_promise promise;
	irmin_promise *whole; /* borrowed */
	size_t at, count;
	irmin_slice name; /* borrowed */
} irmin__promise_part;

void irmin__promise_of_item(irmin__promise_part *part, irmin_promise *whole,
    size_t at, size_t count);
void irmin__promise_of_field(irmin__promise_part *part, irmin_promise *whole,
    irmin_slice name);

/* ---- merges ---- */

/* Which absent sides (NULL) a merge can be given. */
typedef enum irmin__sides {
	IRMIN__SIDES_PRESENT,     /* none */
	IRMIN__SIDES_FROM_OPTION, /* those that irmin_merge_option hands on */
	IRMIN__SIDES_ANY
} irmin__sides;

typedef struct irmin__merge_class {
	/* `result` is NULL on entry, and a reference or NULL (absent) on OK; it
	 * is not looked at otherwise. Only sides that `sides` allows are NULL. */
	irmin_rc (*run)(irmin_merge *merge, irmin_promise *base,
	    irmin_value *ours, irmin_value *theirs, irmin_value **result,
	    irmin_error *err);
	/* Frees what the instance holds beyond its parts; may be NULL. */
	void (*destroy)(irmin_merge *merge);
} irmin__merge_class;

struct irmin_merge {
	const irmin__merge_class *cls;
	atomic_size_t refs;
	irmin__sides sides;
	irmin_shape *shape;  /* of the values it works on */
	irmin_merge **parts; /* what it is made of, behind the instance */
	size_t count;
};

/* An instance of `bytes` bytes, zeroed behind its irmin_merge, which consumes
 * the shape and the parts, also when it fails. It is given present sides only.
 * NULL: no memory, or the shape or a part is NULL. */
irmin_merge *irmin__merge_make(const irmin__merge_class *cls, size_t bytes,
    irmin_shape *shape, irmin_merge *const *parts, size_t count);

/* The shape of a part, to be consumed; NULL of NULL. */
irmin_shape *irmin__merge_shape_of(const irmin_merge *part);

/* Lets a merge be given what at least one of its parts can be given. */
void irmin__merge_hand_on_sides(irmin_merge *merge);

/* Whether it may be asked where one side has no value. */
static inline int irmin__merge_takes_absent(const irmin_merge *merge)
{
	return merge->sides == IRMIN__SIDES_ANY;
}

/* Runs a merge with a promise. A conflict if a side is absent and the merge
 * cannot be given that; IRMIN__SIDES_FROM_OPTION counts as can. */
irmin_rc irmin__merge_run(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err);

/* As irmin__merge_run, for whom an absent result is of no use: EINVAL. */
irmin_rc irmin__merge_run_value(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err);

/* Equal to base on one side: the other; all may be absent. `decided` is zero if
 * both differ from it, and if the base is one not to rely on. */
irmin_rc irmin__merge_by_default(irmin_promise *base, irmin_value *ours,
    irmin_value *theirs, irmin_value **result, int *decided, irmin_error *err);

/* The rule of irmin_merge_option over `merge`. */
irmin_rc irmin__merge_optional(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err);

/* Merges what two records hold under one name; NULL is an absent side. */
typedef irmin_rc (*irmin__merge_field_fn)(irmin_merge *merge, irmin_slice name,
    irmin_promise *base, irmin_value *ours, irmin_value *theirs,
    irmin_value **result, irmin_error *err);

/* Merges two records under each name of theirs and, if it is not NULL, of `old`,
 * in order. What comes out absent is left out; a conflict tells the name. */
irmin_rc irmin__merge_by_name(irmin_merge *merge, irmin__merge_field_fn field,
    irmin_value *old, irmin_promise *base, irmin_value *ours,
    irmin_value *theirs, irmin_value **result, irmin_error *err);

/* Whether both sides are of a kind: OK or ECONFLICT. */
irmin_rc irmin__merge_check_kind(const irmin_value *ours,
    const irmin_value *theirs, irmin_value_kind kind, const char *words,
    irmin_error *err);

/* A value that is not what a merge works on: ECONFLICT. `whose` is "ours" ...,
 * `kind` what it should be: "a counter". */
irmin_rc irmin__merge_mismatch(const char *whose, const char *kind,
    irmin_error *err);

#endif
