/* The list of conflicts of a saved result: values.md's form of a map from paths
 * to the tuple (state, kind, message).
 *
 *     counters/hits<TAB>left\ncontent\nboth sides changed it\n
 *     ^ path            ^ "left" or "resolved"
 *                             ^ irmin_conflict_kind_name
 *                                      ^ words for people
 */
#include "lib/merge/merge-saved.h"

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/base/text.h"
#include <irmin/value.h>

#define LEFT     "left"
#define RESOLVED "resolved"

enum field { STATE, KIND, MESSAGE, FIELDS };

/* NULL without memory. */
static irmin_shape *list_shape(void)
{
	irmin_shape *fields[FIELDS];
	size_t i;

	for (i = 0; i < FIELDS; i++)
		fields[i] = irmin_shape_bytes();
	return irmin_shape_map(irmin_shape_tuple(fields, FIELDS));
}

/* ---- writing ---- */

static irmin_rc value_of(const irmin_conflict *conflict, irmin_value **value,
    irmin_error *err)
{
	const char *texts[FIELDS] = { conflict->is_resolved ? RESOLVED : LEFT,
		irmin_conflict_kind_name(conflict->kind), conflict->message };
	irmin_value *fields[FIELDS] = { NULL, NULL, NULL };
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; i < FIELDS && rc >= 0; i++)
		rc = irmin_value_of_bytes(irmin_text(texts[i]), &fields[i],
		    err);
	if (rc >= 0)
		rc = irmin_value_of_list(fields, FIELDS, value, err);
	for (i = 0; i < FIELDS; i++)
		irmin_value_unref(fields[i]);
	return rc;
}

static irmin_rc fill(const irmin_merge_result *result, irmin_slice *paths,
    irmin_value **values, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; i < result->conflicts.len && rc >= 0; i++) {
		const irmin_conflict *conflict = result->conflicts.items[i];

		paths[i] = irmin_bytes(conflict->path, conflict->path_len);
		rc = value_of(conflict, &values[i], err);
	}
	return rc;
}

irmin_rc irmin__saved_list_encode(const irmin_merge_result *result,
    irmin_buf *text, irmin_error *err)
{
	size_t count = result->conflicts.len, i;
	irmin_slice *paths = irmin_calloc(count + 1, sizeof *paths);
	irmin_value **values = irmin_calloc(count + 1, sizeof *values);
	irmin_value *all = NULL;
	irmin_shape *shape = list_shape();
	irmin_rc rc = IRMIN_OK;

	if (!paths || !values || !shape)
		rc = irmin__enomem(err);
	if (rc >= 0)
		rc = fill(result, paths, values, err);
	if (rc >= 0)
		rc = irmin_value_of_record(paths, values, count, &all, err);
	if (rc >= 0)
		rc = irmin_value_encode(all, shape, text, err);
	irmin_value_unref(all);
	for (i = 0; values && i < count; i++)
		irmin_value_unref(values[i]);
	irmin_shape_unref(shape);
	irmin_free(values);
	irmin_free(paths);
	return rc;
}

/* ---- reading ---- */

static irmin_slice field_of(const irmin_value *entry, enum field field)
{
	return irmin_value_bytes(irmin_value_item(entry, field));
}

/* 0: it is not the name of a kind. */
static int kind_of(irmin_slice name)
{
	int kind;

	for (kind = IRMIN_CONFLICT_CONTENT; kind <= IRMIN_CONFLICT_ADD_ADD;
	     kind++)
		if (irmin__slice_is(name,
			irmin_conflict_kind_name((irmin_conflict_kind)kind)))
			return kind;
	return 0;
}

static irmin_rc add_entry(irmin_merge_result *result, irmin_slice path,
    const irmin_value *entry, irmin_error *err)
{
	irmin_slice state = field_of(entry, STATE),
		    kind = field_of(entry, KIND);
	irmin_slice message = field_of(entry, MESSAGE);
	int what = kind_of(kind), resolved = irmin__slice_is(state, RESOLVED);
	irmin_conflict *added;
	char *words = NULL;
	irmin_rc rc;

	if (!what || (!resolved && !irmin__slice_is(state, LEFT)) ||
	    irmin__slice_has(path, '\0') || irmin__slice_has(message, '\0'))
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "an entry of the list of conflicts has no such form");
	rc = irmin__text_copy(message, &words, err);
	if (rc >= 0)
		rc = irmin__merge_result_add(result, (irmin_conflict_kind)what,
		    path, words, err);
	irmin_free(words);
	if (rc < 0 || !resolved)
		return rc;
	added = result->conflicts.items[result->conflicts.len - 1];
	added->is_resolved = 1;
	result->left--;
	return IRMIN_OK;
}

irmin_rc irmin__saved_list_decode(irmin_slice text, irmin_merge_result *result,
    irmin_error *err)
{
	irmin_shape *shape = list_shape();
	irmin_value *all = NULL;
	irmin_rc rc;
	size_t i;

	rc = shape ? irmin_value_decode(text, shape, &all, err)
		   : irmin__enomem(err);
	for (i = 0; rc >= 0 && i < irmin_value_length(all); i++)
		rc = add_entry(result, irmin_value_name(all, i),
		    irmin_value_item(all, i), err);
	if (rc >= 0)
		irmin__merge_result_sort(result);
	irmin_value_unref(all);
	irmin_shape_unref(shape);
	return rc;
}
