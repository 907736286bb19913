#include "lib/merge/value-items.h"

void irmin__items_clear(irmin__items *items)
{
	size_t i;

	for (i = 0; i < items->values.len; i++)
		irmin_value_unref(items->values.items[i]);
	IRMIN__VEC_CLEAR(&items->values);
	IRMIN__VEC_CLEAR(&items->names);
}

irmin_rc irmin__items_add(irmin__items *items, irmin_value *item,
    irmin_error *err)
{
	irmin_rc rc = IRMIN__VEC_RESERVE(&items->values, 1, err);

	if (rc >= 0)
		IRMIN__VEC_PUSH(&items->values, item);
	else
		irmin_value_unref(item);
	return rc;
}

irmin_rc irmin__items_name(irmin__items *items, irmin_slice name,
    irmin_error *err)
{
	irmin_rc rc = IRMIN__VEC_RESERVE(&items->names, 1, err);

	if (rc >= 0)
		IRMIN__VEC_PUSH(&items->names, name);
	return rc;
}

irmin_rc irmin__items_list(const irmin__items *items, irmin_value **list,
    irmin_error *err)
{
	return irmin_value_of_list(items->values.items, items->values.len, list,
	    err);
}

irmin_rc irmin__items_record(const irmin__items *items, irmin_value **record,
    irmin_error *err)
{
	return irmin_value_of_record(items->names.items, items->values.items,
	    items->values.len, record, err);
}
