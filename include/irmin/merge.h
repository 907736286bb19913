/* irmin/merge.h: three-way merge functions, made by combinators.
 *
 * Audience: programs whose values merge in a way of their own.
 * Shape: an irmin_merge is a counted function from a base, ours and theirs to a
 *   result or a conflict. The base is a promise: it is asked only when the rule
 *   needs it, and may be absent.
 * Owner: constructors CONSUME the merges they are given, also when they fail;
 *   NULL in gives NULL out, and registration reports it as ENOMEM. To use one
 *   twice: irmin_merge_ref.
 *   Each merge knows the shape of the values it works on (value.h): that of a
 *   counter, of a map of counters, ...; where it takes any, the shape is bytes.
 *   A value that is not what a merge works on is a conflict, not a failure.
 * Threads: any; functions of one's own are called from any.
 * Source: Irmin's Merge. Since 0.1.
 */
#ifndef IRMIN_MERGE_H
#define IRMIN_MERGE_H

#include <irmin/value.h>

IRMIN_C_BEGIN

typedef struct irmin_merge irmin_merge;
typedef struct irmin_promise irmin_promise;

/* The base of a merge. Answers: OK; ABSENT (there is none). `base` is borrowed
 * as long as the merge runs. Cost: the first call computes it. Since 0.1. */
IRMIN_CALL irmin_rc irmin_promise_get(irmin_promise *promise,
    irmin_value **base, irmin_error *err);

/* A merge of one's own. `ours` and `theirs` are borrowed; NULL is an absent
 * side, which only functions below irmin_merge_option see. Answers: OK and
 * `result` (a reference for the caller; NULL: absent). Fails: ECONFLICT with
 * words for people in `err`, or a failure. */
typedef irmin_rc (*irmin_merge_fn)(void *arg, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err);

/* Makes a merge of a function; `destroy` (may be NULL) frees `arg`. Since
 * 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_new(irmin_merge_fn fn, void *arg,
    void (*destroy)(void *arg));

/* Takes another reference and returns `merge`. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_ref(irmin_merge *merge);

/* Gives a reference back; NULL is accepted. Since 0.1. */
IRMIN_API void irmin_merge_unref(irmin_merge *merge);

/* Runs a merge; NULL stands for an absent value. Answers: OK. Fails: ECONFLICT
 * and what the functions answer. Since 0.1. */
IRMIN_CALL irmin_rc irmin_merge_run(irmin_merge *merge, irmin_value *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err);

/* The shape of the values it works on, borrowed from the merge. Since 0.1. */
IRMIN_API const irmin_shape *irmin_merge_shape(const irmin_merge *merge);

/* The same merge on values of this shape: irmin_merge_on(irmin_shape_int(),
 * irmin_merge_max()). Consumes both. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_on(irmin_shape *shape,
    irmin_merge *merge);

/* ---- combinators ---- */

/* Equal to base on one side: the other; otherwise a conflict. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_default(void);
/* Equal on both sides: that; then as default. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_idempotent(void);
/* Always ours. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_ours(void);
/* Always theirs. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_theirs(void);
/* Lets the value be absent: default on whether and what it is; both there: as
 * `value`; both absent: absent; one absent and the other changed: as `value` if
 * that can take an absent side (ours, theirs, a function of one's own), else a
 * conflict. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_option(irmin_merge *value);
/* Lists of two: default on the whole, then item by item. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_pair(irmin_merge *a, irmin_merge *b);
/* Lists of three, likewise. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_triple(irmin_merge *a, irmin_merge *b,
    irmin_merge *c);

/* One field of a record. */
typedef struct irmin_merge_field {
	const char *name;
	irmin_merge *merge; /* consumed by what takes the field */
} irmin_merge_field;

/* Records: default on the whole, then field by field; a field that is absent on
 * one side as by option. NULL also for a name that is there twice. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_record(const irmin_merge_field *fields,
    size_t count);
/* The first that does not conflict; its shape is that of the first. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_seq(irmin_merge *const *merges,
    size_t count);

/* A conversion for irmin_merge_like. Fails: ECONFLICT where it cannot. */
typedef irmin_rc (*irmin_value_fn)(void *arg, irmin_value *from,
    irmin_value **to, irmin_error *err);

/* Merges through a conversion and back; an absent value stays so. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_like(irmin_value_fn to,
    irmin_value_fn from, void *arg, void (*destroy)(void *arg),
    irmin_merge *merge);

/* Rewrites the words of a conflict. */
typedef void (*irmin_conflict_fn)(void *arg, irmin_error *err);

/* As `merge`, with other words. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_with_conflict(irmin_merge *merge,
    irmin_conflict_fn fn, void *arg, void (*destroy)(void *arg));

/* Sets: base minus what either removed plus what either added. The elements are
 * bytes; of others, make irmin_merge_on(irmin_shape_set(...), ...). Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_set(void);
/* Counts by element: ours + theirs - base; overflow is a conflict. A count of
 * zero is no entry; one below zero is kept, for who removes more than there is.
 * Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_multiset(void);
/* Counters and plain numbers: ours + theirs - base; overflow is a conflict. The
 * nonce of a counter is the exclusive or of the three. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_counter(void);
/* Maps: the keys of both, each by option(value). Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_map(irmin_merge *value);
/* Association lists, lists of lists (key, value): as map; the keys of ours in
 * their order, then those that theirs added in theirs. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_alist(irmin_merge *value);
/* The smaller. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_min(void);
/* The larger. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_max(void);
/* The last writer, by time and then value. Its values are bytes; of others, make
 * irmin_merge_on(irmin_shape_lww(...), irmin_merge_lww()). Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_lww(void);
/* The entries of both, by time and then id. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_log(void);
/* Text by lines, as git merge-file; without a base it was empty. A conflict tells
 * the lines. Since 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_text(void);
/* JSON objects (records) by key, each as by option; the rest as idempotent. Since
 * 0.1. */
IRMIN_CALL irmin_merge *irmin_merge_json(void);

IRMIN_C_END

#endif
