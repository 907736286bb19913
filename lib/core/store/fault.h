/* lib/core/store/fault.h: telling what is wrong. */
#ifndef IRMIN_STORE_FAULT_H
#define IRMIN_STORE_FAULT_H

#include <irmin/maintain.h>

/* Who is told. */
typedef struct irmin__fault_teller {
	irmin_fault_fn fn; /* NULL: nobody */
	void *arg;
} irmin__fault_teller;

/* Tells of an object; gives what `fn` answered. */
int irmin__fault_object(const irmin__fault_teller *teller,
    irmin_fault_kind kind, const irmin_oid *id, irmin_object_type type,
    const char *text);

/* Tells of a ref. */
int irmin__fault_ref(const irmin__fault_teller *teller, irmin_fault_kind kind,
    const char *name, const irmin_oid *id, const char *text);

#endif
