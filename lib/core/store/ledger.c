#include "lib/core/store/ledger.h"

#include "lib/core/base/count.h"
#include "lib/core/base/error.h"
#include <irmin/alloc.h>

irmin_rc irmin__ledger_new(size_t limit, irmin__ledger **ledger,
    irmin_error *err)
{
	irmin__ledger *made = irmin_malloc(sizeof *made);

	*ledger = NULL;
	if (!made)
		return irmin__enomem(err);
	atomic_init(&made->refs, 1);
	atomic_init(&made->bytes, 0);
	atomic_init(&made->refused, 0);
	atomic_init(&made->renewals, 0);
	made->limit = limit;
	*ledger = made;
	return IRMIN_OK;
}

void irmin__ledger_unref(irmin__ledger *ledger)
{
	if (ledger && irmin__count_down(&ledger->refs))
		irmin_free(ledger);
}

int irmin__ledger_admit(irmin__ledger *ledger, size_t bytes)
{
	size_t before = atomic_fetch_add_explicit(&ledger->bytes, bytes,
	    memory_order_relaxed);

	if (before <= ledger->limit && bytes <= ledger->limit - before) {
		irmin__count_up(&ledger->refs);
		return 1;
	}
	atomic_fetch_sub_explicit(&ledger->bytes, bytes, memory_order_relaxed);
	atomic_fetch_add_explicit(&ledger->refused, bytes,
	    memory_order_relaxed);
	return 0;
}

void irmin__ledger_charge(irmin__ledger *ledger, size_t bytes)
{
	size_t before = atomic_fetch_add_explicit(&ledger->bytes, bytes,
	    memory_order_relaxed);

	irmin__count_up(&ledger->refs);
	if (before >= ledger->limit)
		irmin__ledger_note(ledger, bytes);
}

void irmin__ledger_note(irmin__ledger *ledger, size_t bytes)
{
	atomic_fetch_add_explicit(&ledger->refused, bytes,
	    memory_order_relaxed);
}

void irmin__ledger_discharge(irmin__ledger *ledger, size_t bytes)
{
	if (!ledger)
		return;
	atomic_fetch_sub_explicit(&ledger->bytes, bytes, memory_order_relaxed);
	irmin__ledger_unref(ledger);
}

/* One of several threads that see it full counts up. */
uint64_t irmin__ledger_renewals(irmin__ledger *ledger)
{
	size_t refused = atomic_load_explicit(&ledger->refused,
	    memory_order_relaxed);

	if (refused > ledger->limit &&
	    atomic_compare_exchange_strong_explicit(&ledger->refused, &refused,
		0, memory_order_relaxed, memory_order_relaxed))
		atomic_fetch_add_explicit(&ledger->renewals, 1,
		    memory_order_relaxed);
	return atomic_load_explicit(&ledger->renewals, memory_order_relaxed);
}
