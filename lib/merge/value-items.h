/* lib/merge/value-items.h: the items of a list or record that is being made. */
#ifndef IRMIN_MERGE_VALUE_ITEMS_H
#define IRMIN_MERGE_VALUE_ITEMS_H

#include "lib/core/base/vec.h"
#include <irmin/value.h>

/* All zero is the empty one. */
typedef struct irmin__items {
	IRMIN__VEC(irmin_value *) values;
	IRMIN__VEC(irmin_slice) names; /* of a record; borrowed */
} irmin__items;

#define IRMIN__ITEMS_INIT                                                      \
	{                                                                      \
		{ NULL, 0, 0 },                                                \
		{                                                              \
			NULL, 0, 0                                             \
		}                                                              \
	}

void irmin__items_clear(irmin__items *items);

/* Adds an item, which is taken over also on failure. Fails: ENOMEM. */
irmin_rc irmin__items_add(irmin__items *items, irmin_value *item,
    irmin_error *err);

/* Adds the name of the next item or the last. Fails: ENOMEM. */
irmin_rc irmin__items_name(irmin__items *items, irmin_slice name,
    irmin_error *err);

/* The list or record of the items. Fail: as irmin_value_of_list and
 * irmin_value_of_record. */
irmin_rc irmin__items_list(const irmin__items *items, irmin_value **list,
    irmin_error *err);
irmin_rc irmin__items_record(const irmin__items *items, irmin_value **record,
    irmin_error *err);

#endif
