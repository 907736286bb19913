/* lib/core/store/verify.h: what the files verify*.c share. */
#ifndef IRMIN_STORE_VERIFY_H
#define IRMIN_STORE_VERIFY_H

#include "lib/core/object/oid-table.h"
#include "lib/core/store/fault.h"
#include "lib/core/store/maintain.h"
#include "lib/core/store/specials.h"

typedef struct irmin__verify {
	irmin_repo *repo;
	irmin_context context;
	irmin__fault_teller teller;
	irmin_progress_fn progress;
	void *progress_arg;
	irmin__oid_table objects; /* each with the byte of irmin__verify_mark */
	irmin__specials specials;
	int partial;              /* objects may have been left out */
	uint64_t done;
	irmin_error *err;
} irmin__verify;

/* What is known of an object: its type in the low bits, and */
enum irmin__verify_mark {
	IRMIN__VERIFY_TYPE = 7,     /* mask; 0: not known */
	IRMIN__VERIFY_MISSING = 7,  /* in place of a type: told as missing */
	IRMIN__VERIFY_SEEN = 8,     /* the scan told it */
	IRMIN__VERIFY_NAMED = 8     /* << type: it was named as one of that */
};

/* The byte of an object that is in the repository or was told as missing, or
 * NULL. What came after the counting is added here. Fails: ENOMEM, EIO. */
irmin_rc irmin__verify_find(irmin__verify *verify, const irmin_oid *id,
    unsigned char **mark, irmin_error *err);

/* verify-object.c: checks one object, and notes what it names. */
int irmin__verify_scanned(void *arg, const irmin_scanned *object);

/* verify-object.c: what could not be said before all objects were seen. */
irmin_rc irmin__verify_named(irmin__verify *verify, irmin_error *err);

/* verify-refs.c: every ref, HEAD too. */
irmin_rc irmin__verify_refs(irmin__verify *verify, irmin_error *err);

#endif
