/* lib/core/store/specials.h: the files that git itself reads from trees, whose
 * contents can be checked only when the tree that names them has been seen. */
#ifndef IRMIN_STORE_SPECIALS_H
#define IRMIN_STORE_SPECIALS_H

#include "lib/core/object/links.h"
#include "lib/core/object/oid-table.h"
#include "lib/core/store/fault.h"
#include "lib/core/store/repo.h"

typedef struct irmin__specials {
	irmin__oid_table blobs; /* each with what it is: bits by kind */
} irmin__specials;

void irmin__specials_init(irmin__specials *specials, irmin_hash_algo algo);
void irmin__specials_clear(irmin__specials *specials);

/* Notes a tree's entry, if it is such a file. Fails: ENOMEM. */
irmin_rc irmin__specials_note(irmin__specials *specials,
    const irmin__link *link, irmin_error *err);

/* Checks the contents of all that were noted, and tells what fsck would object
 * to; what cannot be read is passed over. `faults` is how many were told. Fails:
 * ENOMEM, ECANCELED, what was answered. */
irmin_rc irmin__specials_check(irmin__specials *specials, irmin_repo *repo,
    const irmin_context *context, const irmin__fault_teller *teller,
    uint64_t *faults, irmin_error *err);

#endif
