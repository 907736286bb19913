/* One step on from a value: a counter that counts, a log that grows. */
#include <stdlib.h>

#include "lib/core/base/error.h"
#include "lib/core/base/hex.h"
#include "lib/core/base/os.h"
#include "lib/merge/value-items.h"
#include "lib/merge/value.h"
#include <irmin/alloc.h>

static irmin_rc unfit(irmin_error *err, const char *kind)
{
	return irmin_error_set(err, IRMIN_EINVAL, NULL,
	    "cannot change a value: it is no %s", kind);
}

/* ---- what is put together anew ---- */

/* The list of two values if making them went well; gives them back. */
static irmin_rc finish_pair(irmin_rc rc, irmin_value *first,
    irmin_value *second, irmin_value **value, irmin_error *err)
{
	irmin_value *items[2];

	items[0] = first;
	items[1] = second;
	if (rc >= 0)
		rc = irmin_value_of_list(items, 2, value, err);
	irmin_value_unref(first);
	irmin_value_unref(second);
	return rc;
}

static irmin_rc new_nonce(irmin_value **nonce, irmin_error *err)
{
	int64_t number = 0;
	irmin_rc rc;

	rc = irmin__os_random(irmin__os_posix(), &number, sizeof number, err);
	return rc < 0 ? rc : irmin_value_of_int(number, nonce, err);
}

/* A time that is later than `last`, which may be NULL: now, if it is. */
static irmin_rc new_time(const irmin_value *last, irmin_value **time,
    irmin_error *err)
{
	int64_t now = irmin__os_now_us(irmin__os_posix());

	if (last && last->number == INT64_MAX)
		return irmin_error_set(err, IRMIN_ELIMIT, NULL,
		    "cannot change a value: no time is later than its own");
	if (last && last->number >= now)
		now = last->number + 1;
	return irmin_value_of_int(now, time, err);
}

/* ---- counters ---- */

/* The sum as a value. Fails: ELIMIT, ENOMEM. */
static irmin_rc add(const irmin_value *old, int64_t delta, irmin_value **sum,
    irmin_error *err)
{
	int64_t number = old ? old->number : 0;

	if (delta > 0 ? number > INT64_MAX - delta : number < INT64_MIN - delta)
		return irmin_error_set(err, IRMIN_ELIMIT, NULL,
		    "cannot count on: 64 bits do not hold the sum");
	return irmin_value_of_int(number + delta, sum, err);
}

irmin_rc irmin_value_counter_add(const irmin_value *old, int64_t delta,
    irmin_value **value, irmin_error *err)
{
	static const irmin_value_kind kinds[] = { IRMIN_VALUE_INT,
		IRMIN_VALUE_INT };
	irmin_value *sum = NULL, *nonce = NULL;
	irmin_rc rc;

	irmin_error_clear(err);
	*value = NULL;
	if (old && !irmin__value_is_list_of(old, 2, kinds))
		return unfit(err, "counter");
	rc = add(old ? old->items[0] : NULL, delta, &sum, err);
	if (rc >= 0)
		rc = new_nonce(&nonce, err);
	return finish_pair(rc, sum, nonce, value, err);
}

/* ---- multisets ---- */

static irmin_rc add_field(irmin__items *items, irmin_slice name,
    irmin_value *item, irmin_error *err)
{
	irmin_rc rc = irmin__items_add(items, item, err);

	return rc < 0 ? rc : irmin__items_name(items, name, err);
}

/* The record with a number under a name; without the name, if that is 0. */
static irmin_rc replace_field(const irmin_value *old, irmin_slice name,
    irmin_value *number, irmin_value **record, irmin_error *err)
{
	irmin__items items = IRMIN__ITEMS_INIT;
	irmin_rc rc = IRMIN_OK;
	size_t i;

	if (number->number)
		rc = add_field(&items, name, irmin_value_ref(number), err);
	for (i = 0; rc >= 0 && old && i < old->len; i++)
		if (!irmin_slice_equal(old->names[i], name))
			rc = add_field(&items, old->names[i],
			    irmin_value_ref(old->items[i]), err);
	if (rc >= 0)
		rc = irmin__items_record(&items, record, err);
	irmin__items_clear(&items);
	return rc;
}

static int is_multiset(const irmin_value *value)
{
	static const irmin_value_kind kinds[] = { IRMIN_VALUE_INT,
		IRMIN_VALUE_RECORD };
	const irmin_value *counts;
	size_t i;

	if (!irmin__value_is_list_of(value, 2, kinds))
		return 0;
	counts = value->items[1];
	for (i = 0; i < counts->len; i++)
		if (counts->items[i]->kind != IRMIN_VALUE_INT)
			return 0;
	return 1;
}

irmin_rc irmin_value_multiset_add(const irmin_value *old, irmin_slice element,
    int64_t delta, irmin_value **value, irmin_error *err)
{
	const irmin_value *before = NULL, *field = NULL;
	irmin_value *nonce = NULL, *counts = NULL, *count = NULL;
	irmin_rc rc;

	irmin_error_clear(err);
	*value = NULL;
	if (old && !is_multiset(old))
		return unfit(err, "multiset");
	if (old) {
		before = old->items[1];
		field = irmin_value_field(before, element);
	}
	rc = add(field, delta, &count, err);
	if (rc >= 0)
		rc = replace_field(before, element, count, &counts, err);
	irmin_value_unref(count);
	if (rc >= 0)
		rc = new_nonce(&nonce, err);
	return finish_pair(rc, nonce, counts, value, err);
}

/* ---- sets ---- */

/* Where in a set an element is, or would be. */
static size_t find_element(const irmin_value *set, const irmin_value *element,
    int *found)
{
	size_t low = 0, high = set ? set->len : 0;

	*found = 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = irmin_value_compare(set->items[middle], element);

		if (order == 0)
			*found = 1;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The list with an item put in at a place; with the item there left out, if that
 * is NULL. */
static irmin_rc splice(const irmin_value *old, size_t at, irmin_value *item,
    irmin_value **value, irmin_error *err)
{
	size_t count = at + (item != NULL), next = at + (item == NULL);
	size_t rest = (old ? old->len : 0) - next;
	irmin_value **items = NULL;
	irmin_rc rc;

	if (rest < SIZE_MAX / sizeof(irmin_value *) - count)
		items = irmin_malloc((count + rest) * sizeof(irmin_value *));
	if (!items && count + rest > 0)
		return irmin__enomem(err);
	if (at > 0)
		memcpy(items, old->items, at * sizeof(irmin_value *));
	if (item)
		items[at] = item;
	if (rest > 0)
		memcpy(items + count, old->items + next,
		    rest * sizeof(irmin_value *));
	rc = irmin_value_of_list(items, count + rest, value, err);
	irmin_free(items);
	return rc;
}

/* The set as it was. */
static irmin_rc unchanged(irmin_value *old, irmin_value **value,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	if (old)
		*value = irmin_value_ref(old);
	else
		rc = irmin_value_of_list(NULL, 0, value, err);
	return rc < 0 ? rc : IRMIN_UNCHANGED;
}

irmin_rc irmin_value_set_add(irmin_value *old, irmin_value *element,
    irmin_value **value, irmin_error *err)
{
	size_t at;
	int found;

	irmin_error_clear(err);
	*value = NULL;
	if (old && !irmin__value_is_set(old))
		return unfit(err, "set");
	at = find_element(old, element, &found);
	if (found)
		return unchanged(old, value, err);
	return splice(old, at, element, value, err);
}

irmin_rc irmin_value_set_remove(irmin_value *old, irmin_value *element,
    irmin_value **value, irmin_error *err)
{
	size_t at;
	int found;

	irmin_error_clear(err);
	*value = NULL;
	if (old && !irmin__value_is_set(old))
		return unfit(err, "set");
	at = find_element(old, element, &found);
	if (!found)
		return unchanged(old, value, err);
	return splice(old, at, NULL, value, err);
}

/* ---- what has a time ---- */

static int is_log(const irmin_value *value)
{
	static const irmin_value_kind kinds[] = { IRMIN_VALUE_INT,
		IRMIN_VALUE_BYTES, IRMIN_VALUE_BYTES };
	size_t i;

	if (!irmin__value_is_set(value))
		return 0;
	for (i = 0; i < value->len; i++)
		if (!irmin__value_is_list_of(value->items[i], 3, kinds))
			return 0;
	return 1;
}

static irmin_rc new_id(irmin_value **id, irmin_error *err)
{
	unsigned char bytes[8];
	char digits[2 * sizeof bytes + 1];
	irmin_rc rc;

	rc = irmin__os_random(irmin__os_posix(), bytes, sizeof bytes, err);
	if (rc < 0)
		return rc;
	irmin__hex_encode(bytes, sizeof bytes, digits);
	return irmin_value_of_bytes(irmin_text(digits), id, err);
}

static irmin_rc new_entry(const irmin_value *log, irmin_slice bytes,
    irmin_value **entry, irmin_error *err)
{
	const irmin_value *last = NULL;
	irmin_value *parts[3] = { NULL, NULL, NULL };
	irmin_rc rc;
	size_t i;

	if (log && log->len > 0)
		last = log->items[log->len - 1]->items[0];
	rc = new_time(last, &parts[0], err);
	if (rc >= 0)
		rc = new_id(&parts[1], err);
	if (rc >= 0)
		rc = irmin_value_of_bytes(bytes, &parts[2], err);
	if (rc >= 0)
		rc = irmin_value_of_list(parts, 3, entry, err);
	for (i = 0; i < 3; i++)
		irmin_value_unref(parts[i]);
	return rc;
}

irmin_rc irmin_value_log_append(const irmin_value *old, irmin_slice entry,
    irmin_value **value, irmin_error *err)
{
	irmin_value *item = NULL;
	irmin_rc rc;

	irmin_error_clear(err);
	*value = NULL;
	if (old && !is_log(old))
		return unfit(err, "log");
	rc = new_entry(old, entry, &item, err);
	if (rc >= 0)
		rc = splice(old, old ? old->len : 0, item, value, err);
	irmin_value_unref(item);
	return rc;
}

irmin_rc irmin_value_lww_set(const irmin_value *old, irmin_value *item,
    irmin_value **value, irmin_error *err)
{
	static const irmin_value_kind kinds[] = { IRMIN_VALUE_INT, 0 };
	irmin_value *time = NULL;
	irmin_rc rc;

	irmin_error_clear(err);
	*value = NULL;
	if (old && !irmin__value_is_list_of(old, 2, kinds))
		return unfit(err, "list of a time and a value");
	rc = new_time(old ? old->items[0] : NULL, &time, err);
	return finish_pair(rc, time, rc < 0 ? NULL : irmin_value_ref(item),
	    value, err);
}
