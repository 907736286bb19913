/* A value is one allocation: bytes, or the pointers to its items, behind them
 * for a record its names in order, the order by name, and the names' bytes. */
#include "lib/merge/value.h"

#include <stdlib.h>

#include "lib/core/base/error.h"
#include <irmin/alloc.h>

/* ---- making ---- */

static irmin_value *new_value(irmin_value_kind kind, size_t room,
    irmin_error *err)
{
	irmin_value *made = NULL;

	if (room <= SIZE_MAX - sizeof *made)
		made = irmin_calloc(1, sizeof *made + room);
	if (!made) {
		irmin__enomem(err);
		return NULL;
	}
	atomic_init(&made->refs, 1);
	made->kind = (uint8_t)kind;
	return made;
}

irmin_rc irmin_value_of_bytes(irmin_slice bytes, irmin_value **value,
    irmin_error *err)
{
	irmin_error_clear(err);
	*value = new_value(IRMIN_VALUE_BYTES, bytes.len, err);
	if (!*value)
		return IRMIN_ENOMEM;
	(*value)->len = bytes.len;
	if (bytes.len)
		memcpy((*value)->room, bytes.data, bytes.len);
	return IRMIN_OK;
}

irmin_rc irmin_value_of_int(int64_t number, irmin_value **value,
    irmin_error *err)
{
	irmin_error_clear(err);
	*value = new_value(IRMIN_VALUE_INT, 0, err);
	if (!*value)
		return IRMIN_ENOMEM;
	(*value)->number = number;
	return IRMIN_OK;
}

/* One deeper than the deepest item. Fails: ELIMIT. */
static irmin_rc find_depth(irmin_value *const *items, size_t count,
    uint8_t *depth, irmin_error *err)
{
	size_t i;

	*depth = 1;
	for (i = 0; i < count; i++)
		if (items[i]->depth >= *depth)
			*depth = (uint8_t)(items[i]->depth + 1);
	if (*depth <= IRMIN__VALUE_DEPTH)
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_ELIMIT, NULL,
	    "cannot make a value: it is nested more than %d deep",
	    IRMIN__VALUE_DEPTH);
}

static void take_items(irmin_value *value, irmin_value *const *items,
    size_t count)
{
	size_t i;

	value->items = (irmin_value **)(void *)value->room;
	value->len = count;
	for (i = 0; i < count; i++)
		value->items[i] = irmin_value_ref(items[i]);
}

irmin_rc irmin_value_of_list(irmin_value *const *items, size_t count,
    irmin_value **value, irmin_error *err)
{
	uint8_t depth;
	irmin_rc rc;

	irmin_error_clear(err);
	*value = NULL;
	rc = find_depth(items, count, &depth, err);
	if (rc < 0)
		return rc;
	if (count > SIZE_MAX / sizeof *items)
		return irmin__enomem(err);
	*value = new_value(IRMIN_VALUE_LIST, count * sizeof *items, err);
	if (!*value)
		return IRMIN_ENOMEM;
	(*value)->depth = depth;
	take_items(*value, items, count);
	return IRMIN_OK;
}

static int compare_pointers(const void *a, const void *b)
{
	return irmin_value_compare(*(irmin_value *const *)a,
	    *(irmin_value *const *)b);
}

irmin_rc irmin_value_of_set(irmin_value *const *items, size_t count,
    irmin_value **value, irmin_error *err)
{
	irmin_value **sorted = NULL;
	size_t i, kept = 0;
	irmin_rc rc;

	irmin_error_clear(err);
	*value = NULL;
	if (count == 0)
		return irmin_value_of_list(NULL, 0, value, err);
	if (count <= SIZE_MAX / sizeof *sorted)
		sorted = irmin_malloc(count * sizeof *sorted);
	if (!sorted)
		return irmin__enomem(err);
	memcpy(sorted, items, count * sizeof *sorted);
	qsort(sorted, count, sizeof *sorted, compare_pointers);
	for (i = 0; i < count; i++)
		if (kept == 0 ||
		    irmin_value_compare(sorted[i], sorted[kept - 1]) != 0)
			sorted[kept++] = sorted[i];
	rc = irmin_value_of_list(sorted, kept, value, err);
	irmin_free(sorted);
	return rc;
}

/* ---- records ---- */

/* The bytes behind a record. Fails: ENOMEM. */
static irmin_rc record_room(const irmin_slice *names, size_t count,
    size_t *room, irmin_error *err)
{
	size_t each = sizeof(irmin_value *) + sizeof *names + sizeof(uint32_t);
	size_t i;

	if (count > UINT32_MAX || count > SIZE_MAX / 2 / each)
		return irmin__enomem(err);
	*room = count * each;
	for (i = 0; i < count; i++) {
		if (names[i].len >= SIZE_MAX - *room)
			return irmin__enomem(err);
		*room += names[i].len + 1;
	}
	return IRMIN_OK;
}

static void take_names(irmin_value *value, const irmin_slice *names)
{
	size_t count = value->len, i;
	char *text;

	value->names = (irmin_slice *)(void *)(value->items + count);
	value->sorted = (uint32_t *)(void *)(value->names + count);
	text = (char *)(value->sorted + count);
	for (i = 0; i < count; i++) {
		if (names[i].len)
			memcpy(text, names[i].data, names[i].len);
		value->names[i] = irmin_bytes(text, names[i].len);
		value->sorted[i] = (uint32_t)i;
		text += names[i].len + 1;
	}
}

/* A heap needs no second array. Names mostly come sorted, and then it is not
 * needed at all. */
static void sink(uint32_t *sorted, const irmin_slice *names, size_t at,
    size_t count)
{
	uint32_t moved = sorted[at];

	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < count &&
		    irmin_slice_compare(names[sorted[child]],
			names[sorted[child + 1]]) < 0)
			child++;
		if (child >= count ||
		    irmin_slice_compare(names[moved], names[sorted[child]]) >=
			0)
			break;
		sorted[at] = sorted[child];
		at = child;
	}
	sorted[at] = moved;
}

static int is_sorted(const irmin_value *value)
{
	size_t i;

	for (i = 1; i < value->len; i++)
		if (irmin_slice_compare(value->names[i - 1], value->names[i]) >=
		    0)
			return 0;
	return 1;
}

static void sort_names(irmin_value *value)
{
	size_t i, count = value->len;

	if (is_sorted(value))
		return;
	for (i = count / 2; i-- > 0;)
		sink(value->sorted, value->names, i, count);
	while (count-- > 1) {
		uint32_t last = value->sorted[count];

		value->sorted[count] = value->sorted[0];
		value->sorted[0] = last;
		sink(value->sorted, value->names, 0, count);
	}
}

static irmin_rc check_names(const irmin_value *value, irmin_error *err)
{
	size_t i;

	for (i = 1; i < value->len; i++) {
		irmin_slice name = value->names[value->sorted[i]];

		if (irmin_slice_compare(value->names[value->sorted[i - 1]],
			name) == 0)
			return irmin_error_set(err, IRMIN_EINVAL, NULL,
			    "cannot make a record: the name \"%.*s\" is there "
			    "twice",
			    (int)(name.len > 80 ? 80 : name.len),
			    (const char *)name.data);
	}
	return IRMIN_OK;
}

irmin_rc irmin_value_of_record(const irmin_slice *names,
    irmin_value *const *items, size_t count, irmin_value **value,
    irmin_error *err)
{
	irmin_value *made;
	uint8_t depth;
	size_t room = 0;
	irmin_rc rc;

	irmin_error_clear(err);
	*value = NULL;
	rc = find_depth(items, count, &depth, err);
	if (rc >= 0)
		rc = record_room(names, count, &room, err);
	if (rc < 0)
		return rc;
	made = new_value(IRMIN_VALUE_RECORD, room, err);
	if (!made)
		return IRMIN_ENOMEM;
	made->depth = depth;
	take_items(made, items, count);
	take_names(made, names);
	sort_names(made);
	rc = check_names(made, err);
	if (rc < 0)
		irmin_value_unref(made);
	else
		*value = made;
	return rc;
}

/* ---- counting ---- */

irmin_value *irmin_value_ref(irmin_value *value)
{
	irmin__count_up(&value->refs);
	return value;
}

void irmin_value_unref(irmin_value *value)
{
	size_t i;

	if (!value || !irmin__count_down(&value->refs))
		return;
	for (i = 0; value->items && i < value->len; i++)
		irmin_value_unref(value->items[i]);
	irmin_free(value);
}

/* ---- looking ---- */

irmin_value_kind irmin_value_what(const irmin_value *value)
{
	return (irmin_value_kind)value->kind;
}

irmin_slice irmin_value_bytes(const irmin_value *value)
{
	if (value->kind != IRMIN_VALUE_BYTES)
		return irmin_bytes(NULL, 0);
	return irmin_bytes(value->room, value->len);
}

int64_t irmin_value_int(const irmin_value *value)
{
	return value->number;
}

size_t irmin_value_length(const irmin_value *value)
{
	return value->items ? value->len : 0;
}

irmin_value *irmin_value_item(const irmin_value *value, size_t i)
{
	return value->items && i < value->len ? value->items[i] : NULL;
}

irmin_slice irmin_value_name(const irmin_value *value, size_t i)
{
	if (!value->names || i >= value->len)
		return irmin_bytes(NULL, 0);
	return value->names[i];
}

irmin_value *irmin_value_field(const irmin_value *value, irmin_slice name)
{
	size_t low = 0, high = value->names ? value->len : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t at = value->sorted[middle];
		int order = irmin_slice_compare(value->names[at], name);

		if (order == 0)
			return value->items[at];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* ---- order ---- */

static int compare_items(const irmin_value *a, const irmin_value *b)
{
	size_t count = a->len < b->len ? a->len : b->len, i;
	int order = 0;

	for (i = 0; order == 0 && i < count; i++) {
		size_t left = a->sorted ? a->sorted[i] : i;
		size_t right = b->sorted ? b->sorted[i] : i;

		if (a->names)
			order = irmin_slice_compare(a->names[left],
			    b->names[right]);
		if (order == 0)
			order = irmin_value_compare(a->items[left],
			    b->items[right]);
	}
	return order ? order : (a->len > b->len) - (a->len < b->len);
}

int irmin_value_compare(const irmin_value *a, const irmin_value *b)
{
	if (a == b)
		return 0;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->kind == IRMIN_VALUE_INT)
		return (a->number > b->number) - (a->number < b->number);
	if (a->kind == IRMIN_VALUE_BYTES)
		return irmin_slice_compare(irmin_value_bytes(a),
		    irmin_value_bytes(b));
	return compare_items(a, b);
}

int irmin__value_same(const irmin_value *a, const irmin_value *b)
{
	if (!a || !b)
		return a == b;
	return irmin_value_compare(a, b) == 0;
}

int irmin__value_is_list_of(const irmin_value *value, size_t count,
    const irmin_value_kind *kinds)
{
	size_t i;

	if (value->kind != IRMIN_VALUE_LIST || value->len != count)
		return 0;
	for (i = 0; i < count; i++)
		if (kinds[i] && value->items[i]->kind != kinds[i])
			return 0;
	return 1;
}

int irmin__value_is_set(const irmin_value *value)
{
	size_t i;

	if (value->kind != IRMIN_VALUE_LIST)
		return 0;
	for (i = 1; i < value->len; i++)
		if (irmin_value_compare(value->items[i - 1], value->items[i]) >=
		    0)
			return 0;
	return 1;
}
