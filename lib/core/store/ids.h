/* lib/core/store/ids.h: ids that are computed when somebody asks for them.
 *
 * What has a late id goes through these states, and this file is the only one
 * that knows them:
 *
 *   unknown -> claimed [-> claimed, and somebody waits] -> known
 *      ^          |
 *      +----------+  given up: out of memory
 *
 * One thread claims, computes and publishes; others that want the same id wait
 * for it. Known is for ever. What the owner wrote before he published (the id,
 * bytes that were patched) is seen by whoever finds the id known, and what he
 * wrote before he gave up by whoever claims next.
 *
 * Rule for owners: who holds claims may wait only for what lies below all that
 * he holds. Whoever walks a tree or a history depth first, and claims each thing
 * when he comes to it and publishes it when he leaves it, keeps the rule; and
 * then no two threads wait for each other: ids.c has the proof.
 */
#ifndef IRMIN_STORE_IDS_H
#define IRMIN_STORE_IDS_H

#include <stdatomic.h>

#include "lib/core/base/condition.h"
#include <irmin/hash.h>

enum irmin__late_state {
	IRMIN__LATE_UNKNOWN,
	IRMIN__LATE_CLAIMED,
	IRMIN__LATE_AWAITED, /* claimed, and somebody waits */
	IRMIN__LATE_KNOWN
};

/* All zero is unknown. */
typedef struct irmin__late_id {
	atomic_uchar state;
	irmin_oid id;
} irmin__late_id;

/* Where threads wait; one for each repository. */
typedef struct irmin__late_gate {
	irmin__mutex mutex;
	irmin__condition moved;
} irmin__late_gate;

/* Fails: ENOMEM, EIO. */
irmin_rc irmin__late_gate_init(irmin__late_gate *gate, irmin_error *err);
void irmin__late_gate_clear(irmin__late_gate *gate);

static inline int irmin__late_is_known(const irmin__late_id *late)
{
	return atomic_load_explicit(&late->state, memory_order_acquire) ==
	    IRMIN__LATE_KNOWN;
}

/* The id, or NULL if it is not known. */
static inline const irmin_oid *irmin__late_known(const irmin__late_id *late)
{
	return irmin__late_is_known(late) ? &late->id : NULL;
}

/* Gives the id to something that no other thread knows yet. */
static inline void irmin__late_set(irmin__late_id *late, const irmin_oid *id)
{
	late->id = *id;
	atomic_store_explicit(&late->state, IRMIN__LATE_KNOWN,
	    memory_order_release);
}

/* Non-zero: the caller has claimed it, and is to publish it or give it up. Zero:
 * it is known, or another thread has claimed it. */
int irmin__late_claim(irmin__late_id *late);

/* Waits while another thread has claimed it. It is then known, or may be claimed
 * again. The caller keeps it alive. */
void irmin__late_wait(irmin__late_gate *gate, irmin__late_id *late);

/* Claims it, or waits until it is known. Answers as irmin__late_claim. */
int irmin__late_claim_or_wait(irmin__late_gate *gate, irmin__late_id *late);

/* The id of what the caller has claimed. */
void irmin__late_publish(irmin__late_gate *gate, irmin__late_id *late,
    const irmin_oid *id);

/* Ends a claim without an id. */
void irmin__late_give_up(irmin__late_gate *gate, irmin__late_id *late);

#endif
