#include "tests/model/merge-table.h"

#include <string.h>

#include "tests/support/tap.h"

/* ---- values ---- */

static const char *const names[PARTS] = { "a", "b", "c" };

static void must(irmin_rc rc)
{
	if (rc < 0)
		bail("a value: %s", irmin_rc_name(rc));
}

static irmin_value *number(int n)
{
	irmin_value *value;

	must(irmin_value_of_int(n, &value, NULL));
	return value;
}

static irmin_value *word(const char *text)
{
	irmin_value *value;

	must(irmin_value_of_bytes(irmin_text(text), &value, NULL));
	return value;
}

static irmin_value *list(irmin_value **items, size_t count)
{
	irmin_value *value;

	must(irmin_value_of_list(items, count, &value, NULL));
	while (count-- > 0)
		irmin_value_unref(items[count]);
	return value;
}

static irmin_value *record(const irmin_slice *keys, irmin_value **items,
    size_t count)
{
	irmin_value *value;

	must(irmin_value_of_record(keys, items, count, &value, NULL));
	while (count-- > 0)
		irmin_value_unref(items[count]);
	return value;
}

/* One number, or none. */
static irmin_value *as_number(const struct vector *vector)
{
	return vector->parts[0] == ABSENT ? NULL : number(vector->parts[0]);
}

/* The numbers one after the other. */
static irmin_value *as_pair(const struct vector *vector)
{
	irmin_value *items[2] = { number(vector->parts[0]),
		number(vector->parts[1]) };

	return list(items, 2);
}

static irmin_value *as_triple(const struct vector *vector)
{
	irmin_value *items[3] = { number(vector->parts[0]),
		number(vector->parts[1]), number(vector->parts[2]) };

	return list(items, 3);
}

/* The places whose parts are there. */
static irmin_value *as_set(const struct vector *vector)
{
	irmin_value *items[PARTS];
	size_t count = 0, i;

	for (i = 0; i < PARTS; i++)
		if (vector->parts[i] != ABSENT)
			items[count++] = number((int)i);
	return list(items, count);
}

static irmin_value *as_log(const struct vector *vector)
{
	irmin_value *items[PARTS];
	size_t count = 0, i;

	for (i = 0; i < PARTS; i++) {
		irmin_value *entry[3];

		if (vector->parts[i] == ABSENT)
			continue;
		entry[0] = number((int)i / 2);
		entry[1] = word(names[i]);
		entry[2] = word("said");
		items[count++] = list(entry, 3);
	}
	return list(items, count);
}

/* What is there, by name; `absent` is what stands for not. */
static irmin_value *by_name(const struct vector *vector, int absent)
{
	irmin_slice keys[PARTS];
	irmin_value *items[PARTS];
	size_t count = 0, i;

	for (i = 0; i < PARTS; i++) {
		if (vector->parts[i] == absent)
			continue;
		keys[count] = irmin_text(names[i]);
		items[count++] = number(vector->parts[i]);
	}
	return record(keys, items, count);
}

static irmin_value *as_map(const struct vector *vector)
{
	return by_name(vector, ABSENT);
}

static irmin_value *as_multiset(const struct vector *vector)
{
	irmin_value *items[2] = { number(0), by_name(vector, 0) };

	return list(items, 2);
}

static irmin_value *as_alist(const struct vector *vector)
{
	irmin_value *items[PARTS];
	size_t count = 0, i;

	for (i = 0; i < PARTS; i++) {
		irmin_value *entry[2];

		if (vector->parts[i] == ABSENT)
			continue;
		entry[0] = word(names[i]);
		entry[1] = number(vector->parts[i]);
		items[count++] = list(entry, 2);
	}
	return list(items, count);
}

/* {a: {a: ..., b: ...}, c: ...}: what is below one key merges by itself. */
static irmin_value *as_json(const struct vector *vector)
{
	struct vector inner = { { vector->parts[0], vector->parts[1],
	    ABSENT } };
	irmin_slice keys[2] = { irmin_text("a"), irmin_text("c") };
	irmin_value *items[2] = { as_map(&inner), NULL };
	size_t count = 1;

	if (vector->parts[2] != ABSENT)
		items[count++] = number(vector->parts[2]);
	return record(keys, items, count);
}

/* ---- combinators ---- */

static irmin_merge *make_option(void)
{
	return irmin_merge_option(irmin_merge_max());
}

static irmin_merge *make_pair(void)
{
	return irmin_merge_pair(irmin_merge_max(), irmin_merge_max());
}

static irmin_merge *make_triple(void)
{
	return irmin_merge_triple(irmin_merge_counter(), irmin_merge_counter(),
	    irmin_merge_counter());
}

static irmin_merge *make_record(void)
{
	irmin_merge_field fields[PARTS];

	for (size_t i = 0; i < PARTS; i++) {
		fields[i].name = names[i];
		fields[i].merge = irmin_merge_min();
	}
	return irmin_merge_record(fields, PARTS);
}

static irmin_merge *make_seq(void)
{
	irmin_merge *merges[2] = { irmin_merge_default(), irmin_merge_min() };

	return irmin_merge_seq(merges, 2);
}

static irmin_merge *make_map(void)
{
	return irmin_merge_map(irmin_merge_counter());
}

static irmin_merge *make_alist(void)
{
	return irmin_merge_alist(irmin_merge_max());
}

const struct combinator combinators[] = {
	{ "default", irmin_merge_default, as_number, 1, 0, 2,
	    IDENTITY | COMMUTES, { { ALWAYS, BY_PART } },
	    { { OURS_IS_BASE, THEIRS }, { THEIRS_IS_BASE, OURS },
		{ ALWAYS, CONFLICT } } },
	{ "idempotent", irmin_merge_idempotent, as_number, 1, 0, 2,
	    IDENTITY | COMMUTES | IDEMPOTENT | ASKS_UNLESS_SAME,
	    { { ALWAYS, BY_PART } },
	    { { SAME, OURS }, { OURS_IS_BASE, THEIRS },
		{ THEIRS_IS_BASE, OURS }, { ALWAYS, CONFLICT } } },
	{ "ours", irmin_merge_ours, as_number, 1, ABSENT, 2,
	    IDEMPOTENT | ASSOCIATES | TOTAL | NEVER_ASKS,
	    { { ALWAYS, BY_PART } }, { { ALWAYS, OURS } } },
	{ "theirs", irmin_merge_theirs, as_number, 1, ABSENT, 2,
	    IDEMPOTENT | ASSOCIATES | TOTAL | NEVER_ASKS,
	    { { ALWAYS, BY_PART } }, { { ALWAYS, THEIRS } } },
	{ "option", make_option, as_number, 1, ABSENT, 3,
	    IDENTITY | COMMUTES | IDEMPOTENT, { { ALWAYS, BY_PART } },
	    { { OURS_IS_BASE, THEIRS }, { THEIRS_IS_BASE, OURS },
		{ SAME, OURS }, { BOTH_THERE, LARGER },
		{ ALWAYS, CONFLICT } } },
	{ "pair", make_pair, as_pair, 2, 0, 2,
	    IDENTITY | COMMUTES | IDEMPOTENT | TOTAL,
	    { { OURS_IS_BASE, THEIRS }, { THEIRS_IS_BASE, OURS },
		{ ALWAYS, BY_PART } },
	    { { ALWAYS, LARGER } } },
	{ "triple", make_triple, as_triple, 3, 0, 1,
	    IDENTITY | COMMUTES | ASSOCIATES | TOTAL, { { ALWAYS, BY_PART } },
	    { { ALWAYS, SUM } } },
	{ "record", make_record, as_map, 3, ABSENT, 1,
	    IDENTITY | COMMUTES | IDEMPOTENT,
	    { { OURS_IS_BASE, THEIRS }, { THEIRS_IS_BASE, OURS },
		{ ALWAYS, BY_PART } },
	    { { BOTH_THERE, SMALLER }, { OURS_IS_BASE, THEIRS },
		{ THEIRS_IS_BASE, OURS }, { SAME, OURS },
		{ ALWAYS, CONFLICT } } },
	{ "seq", make_seq, as_number, 1, 0, 3,
	    IDENTITY | COMMUTES | IDEMPOTENT | TOTAL, { { ALWAYS, BY_PART } },
	    { { OURS_IS_BASE, THEIRS }, { THEIRS_IS_BASE, OURS },
		{ ALWAYS, SMALLER } } },
	{ "set", irmin_merge_set, as_set, 3, ABSENT, 0,
	    IDENTITY | COMMUTES | IDEMPOTENT | ASSOCIATES | TOTAL |
		ASKS_UNLESS_SAME,
	    { { ALWAYS, BY_PART } },
	    { { SAME, OURS }, { OURS_IS_BASE, THEIRS },
		{ THEIRS_IS_BASE, OURS } } },
	{ "multiset", irmin_merge_multiset, as_multiset, 3, 0, 2,
	    IDENTITY | COMMUTES | ASSOCIATES | TOTAL, { { ALWAYS, BY_PART } },
	    { { ALWAYS, SUM } } },
	{ "counter", irmin_merge_counter, as_number, 1, 0, 9,
	    IDENTITY | COMMUTES | ASSOCIATES | TOTAL, { { ALWAYS, BY_PART } },
	    { { ALWAYS, SUM } } },
	{ "map", make_map, as_map, 3, ABSENT, 2, IDENTITY | COMMUTES,
	    { { ALWAYS, BY_PART } },
	    { { OURS_IS_BASE, THEIRS }, { THEIRS_IS_BASE, OURS },
		{ BOTH_THERE, SUM }, { SAME, OURS }, { ALWAYS, CONFLICT } } },
	{ "alist", make_alist, as_alist, 3, ABSENT, 2, IDENTITY | IDEMPOTENT,
	    { { ALWAYS, BY_PART } },
	    { { OURS_IS_BASE, THEIRS }, { THEIRS_IS_BASE, OURS },
		{ BOTH_THERE, LARGER }, { SAME, OURS },
		{ ALWAYS, CONFLICT } } },
	{ "min", irmin_merge_min, as_number, 1, 0, 3,
	    COMMUTES | IDEMPOTENT | ASSOCIATES | TOTAL | NEVER_ASKS,
	    { { ALWAYS, SMALLER } }, { { END, OURS } } },
	{ "max", irmin_merge_max, as_number, 1, 0, 3,
	    COMMUTES | IDEMPOTENT | ASSOCIATES | TOTAL | NEVER_ASKS,
	    { { ALWAYS, LARGER } }, { { END, OURS } } },
	{ "lww", irmin_merge_lww, as_pair, 2, 0, 2,
	    COMMUTES | IDEMPOTENT | ASSOCIATES | TOTAL | NEVER_ASKS,
	    { { ALWAYS, LARGER } }, { { END, OURS } } },
	{ "log", irmin_merge_log, as_log, 3, ABSENT, 0,
	    COMMUTES | IDEMPOTENT | ASSOCIATES | TOTAL | NEVER_ASKS,
	    { { ALWAYS, BY_PART } }, { { ALWAYS, LARGER } } },
	{ "json", irmin_merge_json, as_json, 3, ABSENT, 1,
	    IDENTITY | COMMUTES | IDEMPOTENT | ASKS_UNLESS_SAME,
	    { { ALWAYS, BY_PART } },
	    { { OURS_IS_BASE, THEIRS }, { THEIRS_IS_BASE, OURS },
		{ SAME, OURS }, { ALWAYS, CONFLICT } } },
};

const size_t combinator_count = sizeof combinators / sizeof *combinators;

/* ---- what the table says ---- */

static int compare(const struct vector *a, const struct vector *b)
{
	for (size_t i = 0; i < PARTS; i++)
		if (a->parts[i] != b->parts[i])
			return a->parts[i] < b->parts[i] ? -1 : 1;
	return 0;
}

static int holds(enum when when, int ours_is_base, int theirs_is_base, int same,
    int both_there)
{
	return when == ALWAYS || (when == OURS_IS_BASE && ours_is_base) ||
	    (when == THEIRS_IS_BASE && theirs_is_base) ||
	    (when == SAME && same) || (when == BOTH_THERE && both_there);
}

/* What one part becomes; zero is a conflict. */
static int merge_part(const struct rule *rules, int base, int ours, int theirs,
    unsigned *hits, int *result)
{
	for (size_t i = 0; rules[i].when != END; i++) {
		if (!holds(rules[i].when, ours == base, theirs == base,
			ours == theirs, ours != ABSENT && theirs != ABSENT))
			continue;
		hits[i]++;
		switch (rules[i].then) {
		case OURS:
			*result = ours;
			return 1;
		case THEIRS:
			*result = theirs;
			return 1;
		case SMALLER:
			*result = ours < theirs ? ours : theirs;
			return 1;
		case LARGER:
			*result = ours > theirs ? ours : theirs;
			return 1;
		case SUM:
			*result = ours + theirs - (base == ABSENT ? 0 : base);
			return 1;
		default:
			return 0;
		}
	}
	return 0;
}

static int merge_parts(const struct combinator *what, const struct triple *in,
    struct hits *hits, struct vector *result)
{
	int all = 1;

	for (size_t i = 0; i < what->parts; i++)
		all &= merge_part(what->part,
		    in->has_base ? in->base.parts[i] : ABSENT,
		    in->ours.parts[i], in->theirs.parts[i], hits->part,
		    &result->parts[i]);
	return all;
}

int table_expect(const struct combinator *what, const struct triple *in,
    struct hits *hits, struct vector *result)
{
	const struct rule *rules = what->whole;
	int order = compare(&in->ours, &in->theirs);

	*result = in->ours;
	for (size_t i = 0; i < 4 && rules[i].when != END; i++) {
		if (!holds(rules[i].when,
			in->has_base && !compare(&in->ours, &in->base),
			in->has_base && !compare(&in->theirs, &in->base),
			order == 0, 0))
			continue;
		hits->whole[i]++;
		if (rules[i].then == BY_PART)
			return merge_parts(what, in, hits, result);
		if (rules[i].then == THEIRS ||
		    (rules[i].then == SMALLER && order > 0) ||
		    (rules[i].then == LARGER && order < 0))
			*result = in->theirs;
		return rules[i].then != CONFLICT;
	}
	return 0;
}

/* ---- order ---- */

irmin_value *table_in_order(const struct combinator *what, irmin_value *value)
{
	irmin_value *items[PARTS], *sorted;
	size_t count = value ? irmin_value_length(value) : 0, i;

	if (!table_has_order(what) || !value)
		return value;
	for (i = 0; i < count; i++)
		items[i] = irmin_value_item(value, i);
	must(irmin_value_of_set(items, count, &sorted, NULL));
	irmin_value_unref(value);
	return sorted;
}

int table_has_order(const struct combinator *what)
{
	return what->encode == as_alist;
}
