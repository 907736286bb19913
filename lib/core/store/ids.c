/* Why nobody waits for ever.
 *
 * Trees and commits point down only: to what was there before them. So "lies
 * below" has no cycles.
 *
 * A thread waits for one thing, w. By the rule of ids.h w lies below everything
 * that the thread has claimed. Say w's owner waits too, for v: then v lies below
 * everything that he has claimed, w among it, so v lies below w. Along a chain
 * of threads that wait for each other, what they wait for lies ever lower; a
 * ring of them would need something that lies below itself. So each chain ends
 * at a thread that waits for nothing. It publishes or gives up, as computing an
 * id waits for nothing else.
 *
 * Why nobody is forgotten: who waits makes the state "awaited" first, and then
 * looks at it under the mutex. Who ends a claim finds out by the same exchange
 * that ends it whether somebody waits, and then wakes under the mutex: after the
 * other has begun to wait, or before he has looked.
 */
#include "lib/core/store/ids.h"

irmin_rc irmin__late_gate_init(irmin__late_gate *gate, irmin_error *err)
{
	irmin_rc rc = irmin__mutex_init(&gate->mutex, err);

	if (rc < 0)
		return rc;
	rc = irmin__condition_init(&gate->moved, err);
	if (rc < 0)
		irmin__mutex_clear(&gate->mutex);
	return rc;
}

void irmin__late_gate_clear(irmin__late_gate *gate)
{
	irmin__condition_clear(&gate->moved);
	irmin__mutex_clear(&gate->mutex);
}

int irmin__late_claim(irmin__late_id *late)
{
	unsigned char unknown = IRMIN__LATE_UNKNOWN;

	return atomic_compare_exchange_strong_explicit(&late->state, &unknown,
	    IRMIN__LATE_CLAIMED, memory_order_acquire, memory_order_relaxed);
}

/* Whether it is claimed; makes the owner wake us if it is. */
static int ask_to_be_woken(irmin__late_id *late)
{
	unsigned char claimed = IRMIN__LATE_CLAIMED;

	return atomic_compare_exchange_strong_explicit(&late->state, &claimed,
		   IRMIN__LATE_AWAITED, memory_order_relaxed,
		   memory_order_relaxed) ||
	    claimed == IRMIN__LATE_AWAITED;
}

void irmin__late_wait(irmin__late_gate *gate, irmin__late_id *late)
{
	if (!ask_to_be_woken(late))
		return;
	irmin__mutex_lock(&gate->mutex);
	while (atomic_load_explicit(&late->state, memory_order_acquire) ==
	    IRMIN__LATE_AWAITED)
		irmin__condition_wait(&gate->moved, &gate->mutex);
	irmin__mutex_unlock(&gate->mutex);
}

int irmin__late_claim_or_wait(irmin__late_gate *gate, irmin__late_id *late)
{
	while (!irmin__late_is_known(late)) {
		if (irmin__late_claim(late))
			return 1;
		irmin__late_wait(gate, late);
	}
	return 0;
}

static void end_claim(irmin__late_gate *gate, irmin__late_id *late,
    enum irmin__late_state state)
{
	if (atomic_exchange_explicit(&late->state, (unsigned char)state,
		memory_order_acq_rel) != IRMIN__LATE_AWAITED)
		return;
	irmin__mutex_lock(&gate->mutex);
	irmin__condition_wake(&gate->moved);
	irmin__mutex_unlock(&gate->mutex);
}

void irmin__late_publish(irmin__late_gate *gate, irmin__late_id *late,
    const irmin_oid *id)
{
	late->id = *id;
	end_claim(gate, late, IRMIN__LATE_KNOWN);
}

void irmin__late_give_up(irmin__late_gate *gate, irmin__late_id *late)
{
	end_claim(gate, late, IRMIN__LATE_UNKNOWN);
}
