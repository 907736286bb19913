/* Counters and multisets: what both sides added since the base. */
#include "lib/core/base/error.h"
#include "lib/merge/merge.h"

/* ---- numbers ---- */

static int add(int64_t a, int64_t b, int64_t *sum)
{
	if (b > 0 ? a > INT64_MAX - b : a < INT64_MIN - b)
		return 0;
	*sum = a + b;
	return 1;
}

static int subtract(int64_t a, int64_t b, int64_t *difference)
{
	if (b > 0 ? a < INT64_MIN + b : a > INT64_MAX + b)
		return 0;
	*difference = a - b;
	return 1;
}

/* ours + theirs - base: the difference of two of one sign cannot overflow, and
 * adding the third does only if the result does. Where the base has the other
 * sign than both, all three pull the same way. */
static int sum_up(int64_t base, int64_t ours, int64_t theirs, int64_t *sum)
{
	int64_t part;

	if ((base < 0) == (theirs < 0))
		return subtract(theirs, base, &part) && add(ours, part, sum);
	return subtract(ours, base, &part) && add(part, theirs, sum);
}

static irmin_rc overflow(irmin_error *err)
{
	return irmin_error_set(err, IRMIN_ECONFLICT, NULL,
	    "what both sides added is more than 64 bits hold");
}

/* The number of a value; absent is 0. */
static irmin_rc read_number(const irmin_value *value, const char *whose,
    int64_t *number, irmin_error *err)
{
	*number = 0;
	if (value && irmin_value_what(value) != IRMIN_VALUE_INT)
		return irmin__merge_mismatch(whose, "a number", err);
	*number = value ? irmin_value_int(value) : 0;
	return IRMIN_OK;
}

/* Those of the base and both sides. */
static irmin_rc read_numbers(irmin_promise *base, const irmin_value *ours,
    const irmin_value *theirs, int64_t numbers[3], irmin_error *err)
{
	irmin_value *old;
	irmin_rc rc = read_number(ours, "ours", &numbers[1], err);

	if (rc >= 0)
		rc = read_number(theirs, "theirs", &numbers[2], err);
	if (rc >= 0)
		rc = irmin__promise_find(base, &old, err);
	if (rc >= 0)
		rc = read_number(old, "the base", &numbers[0], err);
	return rc;
}

static irmin_rc merge_numbers(irmin_promise *base, irmin_value *ours,
    irmin_value *theirs, irmin_value **result, irmin_error *err)
{
	int64_t numbers[3], sum;
	irmin_rc rc = read_numbers(base, ours, theirs, numbers, err);

	if (rc < 0)
		return rc;
	if (!sum_up(numbers[0], numbers[1], numbers[2], &sum))
		return overflow(err);
	return irmin_value_of_int(sum, result, err);
}

/* Equal nonces of two sides tell that no side counted anew. */
static irmin_rc merge_nonces(irmin_promise *base, irmin_value *ours,
    irmin_value *theirs, irmin_value **result, irmin_error *err)
{
	int64_t nonces[3];
	irmin_rc rc = read_numbers(base, ours, theirs, nonces, err);

	if (rc < 0)
		return rc;
	return irmin_value_of_int(nonces[0] ^ nonces[1] ^ nonces[2], result,
	    err);
}

/* ---- what stands beside a nonce ---- */

typedef irmin_rc (*merge_part_fn)(irmin_promise *base, irmin_value *ours,
    irmin_value *theirs, irmin_value **result, irmin_error *err);

static irmin_rc merge_item(merge_part_fn merge, irmin_promise *base, size_t at,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	irmin__promise_part part;
	irmin_rc rc;

	irmin__promise_of_item(&part, base, at, 2);
	rc = merge(&part.promise, irmin_value_item(ours, at),
	    irmin_value_item(theirs, at), result, err);
	irmin__promise_clear(&part.promise);
	return rc;
}

/* Lists of two, each item in its way. */
static irmin_rc merge_both(merge_part_fn first, merge_part_fn second,
    irmin_promise *base, irmin_value *ours, irmin_value *theirs,
    irmin_value **result, irmin_error *err)
{
	irmin_value *items[2] = { NULL, NULL };
	irmin_rc rc;

	rc = merge_item(first, base, 0, ours, theirs, &items[0], err);
	if (rc >= 0)
		rc = merge_item(second, base, 1, ours, theirs, &items[1], err);
	if (rc >= 0)
		rc = irmin_value_of_list(items, 2, result, err);
	irmin_value_unref(items[0]);
	irmin_value_unref(items[1]);
	return rc;
}

static int is_pair(const irmin_value *value)
{
	return irmin_value_what(value) == IRMIN_VALUE_LIST &&
	    irmin_value_length(value) == 2;
}

static irmin_rc check_pairs(const irmin_value *ours, const irmin_value *theirs,
    const char *words, irmin_error *err)
{
	if (!is_pair(ours))
		return irmin__merge_mismatch("ours", words, err);
	if (!is_pair(theirs))
		return irmin__merge_mismatch("theirs", words, err);
	return IRMIN_OK;
}

/* ---- counter ---- */

static irmin_rc run_counter(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	irmin_rc rc;

	(void)merge;
	if (irmin_value_what(ours) == IRMIN_VALUE_INT)
		return merge_numbers(base, ours, theirs, result, err);
	rc = check_pairs(ours, theirs, "a counter", err);
	if (rc < 0)
		return rc;
	return merge_both(merge_numbers, merge_nonces, base, ours, theirs,
	    result, err);
}

irmin_merge *irmin_merge_counter(void)
{
	static const irmin__merge_class cls = { run_counter, NULL };

	return irmin__merge_make(&cls, sizeof(irmin_merge),
	    irmin_shape_counter(), NULL, 0);
}

/* ---- multiset ---- */

/* A count of zero is no entry. */
static irmin_rc merge_count(irmin_merge *merge, irmin_slice element,
    irmin_promise *base, irmin_value *ours, irmin_value *theirs,
    irmin_value **result, irmin_error *err)
{
	irmin_rc rc = merge_numbers(base, ours, theirs, result, err);

	(void)merge, (void)element;
	if (rc >= 0 && irmin_value_int(*result) == 0) {
		irmin_value_unref(*result);
		*result = NULL;
	}
	return rc;
}

/* What both sides removed counts as removed twice, so the base's elements are
 * asked for too. */
static irmin_rc merge_counts(irmin_promise *base, irmin_value *ours,
    irmin_value *theirs, irmin_value **result, irmin_error *err)
{
	irmin_value *old;
	irmin_rc rc = irmin__merge_check_kind(ours, theirs, IRMIN_VALUE_RECORD,
	    "a multiset", err);

	if (rc >= 0)
		rc = irmin__promise_find(base, &old, err);
	if (rc >= 0 && old && irmin_value_what(old) != IRMIN_VALUE_RECORD)
		rc = irmin__merge_mismatch("the base", "a multiset", err);
	if (rc < 0)
		return rc;
	return irmin__merge_by_name(NULL, merge_count, old, base, ours, theirs,
	    result, err);
}

static irmin_rc run_multiset(irmin_merge *merge, irmin_promise *base,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	irmin_rc rc = check_pairs(ours, theirs, "a multiset", err);

	(void)merge;
	if (rc < 0)
		return rc;
	return merge_both(merge_nonces, merge_counts, base, ours, theirs,
	    result, err);
}

irmin_merge *irmin_merge_multiset(void)
{
	static const irmin__merge_class cls = { run_multiset, NULL };

	return irmin__merge_make(&cls, sizeof(irmin_merge),
	    irmin_shape_multiset(), NULL, 0);
}
