/* lib/core/store/ledger.h: how many bytes of what a backend has are in memory.
 *
 * Directories and small values that were loaded hang on the directory that they
 * were looked up in, and die with it. Each is charged to the ledger of its
 * repository for as long as it lives. Once the ledger is full nothing more is
 * admitted: what is loaded then hangs on nothing, and dies with the call or the
 * walk that needed it.
 *
 * Full for ever would be no cache: `refused` counts what was not admitted, and
 * when as many bytes were refused as the ledger holds, whoever keeps a tree only
 * to have it loaded (a store) lets go of it and begins anew with what is asked
 * for now: a renewal.
 *
 * Any number of threads at once. Everything charged keeps the ledger alive, so
 * that a value or a list may outlive its repository.
 */
#ifndef IRMIN_STORE_LEDGER_H
#define IRMIN_STORE_LEDGER_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <irmin/error.h>

typedef struct irmin__ledger {
	atomic_size_t refs;    /* the repository, and each thing charged */
	atomic_size_t bytes;   /* that are charged */
	atomic_size_t refused; /* bytes, since a renewal */
	atomic_uint_fast64_t renewals;
	size_t limit;
} irmin__ledger;

/* Fails: ENOMEM. */
irmin_rc irmin__ledger_new(size_t limit, irmin__ledger **ledger,
    irmin_error *err);
void irmin__ledger_unref(irmin__ledger *ledger); /* NULL is accepted */

/* Charges bytes if there is room for them; not zero if there was. */
int irmin__ledger_admit(irmin__ledger *ledger, size_t bytes);

/* Charges bytes of what has to stay anyway; beyond the limit they count as
 * refused, too. */
void irmin__ledger_charge(irmin__ledger *ledger, size_t bytes);

/* Notes bytes that were written: they hang on the tree of a head, too, as if they
 * had been refused and stayed all the same. */
void irmin__ledger_note(irmin__ledger *ledger, size_t bytes);

/* Takes off what was charged at once; NULL (and 0) is accepted. */
void irmin__ledger_discharge(irmin__ledger *ledger, size_t bytes);

/* How often it was time to let go of what is loaded. Cost: two loads. */
uint64_t irmin__ledger_renewals(irmin__ledger *ledger);

#endif
