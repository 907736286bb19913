/* Bases that are computed when they are asked for, once. */
#include "lib/merge/merge.h"

irmin_rc irmin__promise_find(irmin_promise *promise, irmin_value **base,
    irmin_error *err)
{
	irmin_value *computed = NULL;
	irmin_rc rc;

	*base = NULL;
	if (!promise->known) {
		rc = promise->compute(promise, &computed, err);
		if (rc < 0)
			return rc;
		promise->base = computed;
		promise->known = 1;
	}
	*base = promise->base;
	return IRMIN_OK;
}

irmin_rc irmin_promise_get(irmin_promise *promise, irmin_value **base,
    irmin_error *err)
{
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__promise_find(promise, base, err);
	return rc < 0 || *base ? rc : IRMIN_ABSENT;
}

void irmin__promise_clear(irmin_promise *promise)
{
	irmin_value_unref(promise->base);
	promise->base = NULL;
	promise->known = 0;
}

/* ---- a base that is there already ---- */

static irmin_rc compute_known(irmin_promise *promise, irmin_value **base,
    irmin_error *err)
{
	irmin__promise_known *known = (irmin__promise_known *)(void *)promise;

	(void)err;
	if (!known->value)
		return IRMIN_ABSENT;
	*base = irmin_value_ref(known->value);
	return IRMIN_OK;
}

void irmin__promise_of(irmin__promise_known *known, irmin_value *value)
{
	memset(known, 0, sizeof *known);
	known->promise.compute = compute_known;
	known->value = value;
}

/* ---- a part of a base ---- */

static irmin_rc give_part(irmin_value *part, irmin_value **base)
{
	if (!part)
		return IRMIN_ABSENT;
	*base = irmin_value_ref(part);
	return IRMIN_OK;
}

static irmin_rc compute_item(irmin_promise *promise, irmin_value **base,
    irmin_error *err)
{
	irmin__promise_part *part = (irmin__promise_part *)(void *)promise;
	irmin_value *whole;
	irmin_rc rc = irmin__promise_find(part->whole, &whole, err);

	if (rc < 0 || !whole)
		return rc < 0 ? rc : IRMIN_ABSENT;
	if (irmin_value_what(whole) != IRMIN_VALUE_LIST ||
	    irmin_value_length(whole) != part->count)
		return irmin__merge_mismatch("the base",
		    "a list of as many items", err);
	return give_part(irmin_value_item(whole, part->at), base);
}

void irmin__promise_of_item(irmin__promise_part *part, irmin_promise *whole,
    size_t at, size_t count)
{
	memset(part, 0, sizeof *part);
	part->promise.compute = compute_item;
	part->whole = whole;
	part->at = at;
	part->count = count;
}

static irmin_rc compute_field(irmin_promise *promise, irmin_value **base,
    irmin_error *err)
{
	irmin__promise_part *part = (irmin__promise_part *)(void *)promise;
	irmin_value *whole;
	irmin_rc rc = irmin__promise_find(part->whole, &whole, err);

	if (rc < 0 || !whole)
		return rc < 0 ? rc : IRMIN_ABSENT;
	return give_part(irmin_value_field(whole, part->name), base);
}

void irmin__promise_of_field(irmin__promise_part *part, irmin_promise *whole,
    irmin_slice name)
{
	memset(part, 0, sizeof *part);
	part->promise.compute = compute_field;
	part->whole = whole;
	part->name = name;
}
