#include "lib/core/store/fault.h"

static int tell(const irmin__fault_teller *teller, irmin_fault_kind kind,
    const irmin_oid *id, irmin_object_type type, const char *where,
    const char *text)
{
	irmin_fault fault;

	if (!teller->fn)
		return 0;
	memset(&fault, 0, sizeof fault);
	fault.size = sizeof fault;
	fault.kind = kind;
	if (id)
		fault.id = *id;
	fault.type = type;
	fault.where = where;
	fault.text = text;
	return teller->fn(teller->arg, &fault);
}

int irmin__fault_object(const irmin__fault_teller *teller,
    irmin_fault_kind kind, const irmin_oid *id, irmin_object_type type,
    const char *text)
{
	return tell(teller, kind, id, type, "", text);
}

int irmin__fault_ref(const irmin__fault_teller *teller, irmin_fault_kind kind,
    const char *name, const irmin_oid *id, const char *text)
{
	return tell(teller, kind, id, IRMIN_OBJECT_ANY, name, text);
}
