/* The combinators beside the table of their rules, and their laws. Every rule is
 * hit often, and every change of the table is noticed. */
#include <stdlib.h>
#include <string.h>

#include "tests/model/merge-table.h"
#include "tests/support/tap.h"

#define DRAWS 24000
#define HITS  1000

/* ---- what the merge does ---- */

/* What is watched while a merge runs. */
struct watch {
	const irmin_value *base;
	int asked;
};

static irmin_rc same(void *arg, irmin_value *from, irmin_value **to,
    irmin_error *err)
{
	struct watch *watch = arg;

	(void)err;
	watch->asked |= from == watch->base;
	*to = irmin_value_ref(from);
	return IRMIN_OK;
}

static struct watch watch;

/* The merge, with its base watched; it is the conversion that nothing changes. */
static irmin_merge *watched(const struct combinator *what)
{
	irmin_merge *merge = irmin_merge_like(same, same, &watch, NULL,
	    what->make());

	if (!merge)
		bail("no merge");
	return merge;
}

/* Zero is a conflict; takes what it is given. */
static int run(irmin_merge *merge, irmin_value *base, irmin_value *ours,
    irmin_value *theirs, irmin_value **result)
{
	irmin_error err;
	irmin_rc rc;

	watch.base = base;
	watch.asked = 0;
	rc = irmin_merge_run(merge, base, ours, theirs, result, &err);
	if (rc < 0 && rc != IRMIN_ECONFLICT)
		bail("merging: %s", err.text);
	irmin_value_unref(base);
	irmin_value_unref(ours);
	irmin_value_unref(theirs);
	return rc >= 0;
}

static int is_same(const irmin_value *a, const irmin_value *b)
{
	return a && b ? irmin_value_compare(a, b) == 0 : a == b;
}

static irmin_value *encode_base(const struct combinator *what,
    const struct triple *in)
{
	return in->has_base ? what->encode(&in->base) : NULL;
}

static int run_triple(const struct combinator *what, irmin_merge *merge,
    const struct triple *in, irmin_value **result)
{
	int merged = run(merge, encode_base(what, in), what->encode(&in->ours),
	    what->encode(&in->theirs), result);

	*result = table_in_order(what, *result);
	return merged;
}

/* ---- drawing ---- */

static void draw_vector(const struct combinator *what, struct vector *vector)
{
	int least = what->least == ABSENT ? -1 : what->least;

	memset(vector, 0, sizeof *vector);
	for (size_t i = 0; i < what->parts; i++) {
		int drawn = least + rand() % (what->most - least + 1);

		vector->parts[i] = drawn < 0 ? ABSENT : drawn;
	}
}

static void draw(const struct combinator *what, struct triple *in)
{
	draw_vector(what, &in->base);
	in->has_base = rand() % 8 != 0;
	in->ours = in->theirs = in->base;
	if (rand() % 6)
		draw_vector(what, &in->ours);
	if (rand() % 6)
		draw_vector(what, &in->theirs);
	if (rand() % 8 == 0)
		in->theirs = in->ours;
}

/* ---- the table and the merge ---- */

/* How often they differ; stops at `enough`. */
static unsigned check_rules(const struct combinator *what, unsigned enough,
    struct hits *hits)
{
	irmin_merge *merge = watched(what);
	unsigned differ = 0;

	memset(hits, 0, sizeof *hits);
	for (unsigned i = 0; i < DRAWS && differ < enough; i++) {
		irmin_value *result, *want = NULL;
		struct vector expected;
		struct triple in;
		int wanted, merged;

		draw(what, &in);
		wanted = table_expect(what, &in, hits, &expected);
		merged = run_triple(what, merge, &in, &result);
		if (wanted)
			want = what->encode(&expected);
		differ += wanted != merged || !is_same(want, result);
		irmin_value_unref(want);
		irmin_value_unref(result);
	}
	irmin_merge_unref(merge);
	return differ;
}

static void test_rules(const struct combinator *what)
{
	struct hits hits;

	is_int(check_rules(what, DRAWS, &hits), 0, "%s: as its rules",
	    what->name);
	for (size_t i = 0; i < 4 && what->whole[i].when != END; i++)
		ok(hits.whole[i] >= HITS, "%s: rule %zu of wholes: %u hits",
		    what->name, i, hits.whole[i]);
	for (size_t i = 0; what->part[i].when != END; i++)
		ok(hits.part[i] >= HITS, "%s: rule %zu of parts: %u hits",
		    what->name, i, hits.part[i]);
}

/* ---- a table that is wrong ---- */

static enum then wrong(enum then then)
{
	switch (then) {
	case OURS:
		return THEIRS;
	case THEIRS:
	case CONFLICT:
		return OURS;
	case SMALLER:
	case SUM:
		return LARGER;
	case LARGER:
		return SMALLER;
	default:
		return CONFLICT;
	}
}

static void is_noticed(const struct combinator *mutant, const char *how,
    size_t row)
{
	struct hits hits;

	ok(check_rules(mutant, 1, &hits) > 0, "%s: rule %zu %s is noticed",
	    mutant->name, row, how);
}

/* Changes each rule of a table of `mutant`, which `what` has right. */
static void mutate(const struct combinator *what, struct combinator *mutant,
    struct rule *rules, size_t room)
{
	for (size_t i = 0; i < room && rules[i].when != END; i++) {
		struct rule right = rules[i];

		rules[i].then = CONFLICT;
		if (right.then != CONFLICT)
			is_noticed(mutant, "in conflict", i);
		rules[i].then = wrong(right.then);
		/* Of equal sides it makes no difference which. */
		if (right.when != SAME)
			is_noticed(mutant, "changed", i);
		memmove(rules + i, rules + i + 1,
		    (room - i - 1) * sizeof *rules);
		memset(rules + room - 1, 0, sizeof *rules);
		/* What no rule decides is a conflict anyhow. */
		if (right.then != CONFLICT)
			is_noticed(mutant, "left out", i);
		*mutant = *what;
	}
}

static void test_mutants(const struct combinator *what)
{
	struct combinator mutant = *what;

	mutate(what, &mutant, mutant.whole, 4);
	mutate(what, &mutant, mutant.part, 6);
}

/* ---- laws ---- */

struct broken {
	unsigned identity, order, idempotent, association, total, asked;
};

static void check_identity(const struct combinator *what, irmin_merge *merge,
    const struct triple *in, struct broken *broken)
{
	struct triple left = *in, right = *in;
	irmin_value *other = what->encode(&in->theirs), *results[2];

	left.has_base = right.has_base = 1;
	left.ours = left.base;
	right.ours = right.theirs;
	right.theirs = right.base;
	broken->identity += !run_triple(what, merge, &left, &results[0]);
	broken->identity += !run_triple(what, merge, &right, &results[1]);
	broken->identity += !is_same(results[0], other);
	broken->identity += !is_same(results[1], other);
	irmin_value_unref(results[0]);
	irmin_value_unref(results[1]);
	irmin_value_unref(other);
}

static void check_order(const struct combinator *what, irmin_merge *merge,
    const struct triple *in, struct broken *broken)
{
	struct triple turned = *in;
	irmin_value *results[2];
	int merged[2];

	turned.ours = in->theirs;
	turned.theirs = in->ours;
	merged[0] = run_triple(what, merge, in, &results[0]);
	merged[1] = run_triple(what, merge, &turned, &results[1]);
	broken->total += !merged[0];
	broken->order += merged[0] != merged[1];
	broken->order += !is_same(results[0], results[1]);
	irmin_value_unref(results[0]);
	irmin_value_unref(results[1]);
}

/* Also whether the base is asked for. */
static void check_same(const struct combinator *what, irmin_merge *merge,
    const struct triple *in, struct broken *broken)
{
	irmin_value *value = what->encode(&in->ours), *result;
	struct triple equal = *in;

	run_triple(what, merge, in, &result);
	if (what->claims & NEVER_ASKS)
		broken->asked += watch.base && watch.asked;
	irmin_value_unref(result);
	equal.theirs = equal.ours;
	broken->idempotent += !run_triple(what, merge, &equal, &result);
	if (what->claims & (NEVER_ASKS | ASKS_UNLESS_SAME))
		broken->asked += watch.base && watch.asked;
	broken->idempotent += !is_same(result, value);
	irmin_value_unref(result);
	irmin_value_unref(value);
}

static void check_association(const struct combinator *what, irmin_merge *merge,
    const struct triple *in, struct broken *broken)
{
	irmin_value *inner[2], *results[2];
	struct vector third;

	draw_vector(what, &third);
	if (!run_triple(what, merge, in, &inner[0]) ||
	    !run(merge, encode_base(what, in), what->encode(&in->theirs),
		what->encode(&third), &inner[1])) {
		broken->association++;
		return;
	}
	broken->association += !run(merge, encode_base(what, in), inner[0],
	    what->encode(&third), &results[0]);
	broken->association += !run(merge, encode_base(what, in),
	    what->encode(&in->ours), inner[1], &results[1]);
	broken->association += !is_same(results[0], results[1]);
	irmin_value_unref(results[0]);
	irmin_value_unref(results[1]);
}

/* A law holds where it is claimed, and is broken somewhere where it is not: or
 * the table of claims would be too modest to test anything. */
static void is_claimed(const struct combinator *what, enum claim claim,
    unsigned broken, const char *law)
{
	if (what->claims & claim)
		is_int(broken, 0, "%s: %s", what->name, law);
	else
		ok(broken > 0, "%s: not %s", what->name, law);
}

static void test_laws(const struct combinator *what)
{
	irmin_merge *merge = watched(what);
	struct broken broken = { 0, 0, 0, 0, 0, 0 };

	for (unsigned i = 0; i < DRAWS / 8; i++) {
		struct triple in;

		draw(what, &in);
		check_identity(what, merge, &in, &broken);
		check_order(what, merge, &in, &broken);
		check_same(what, merge, &in, &broken);
		if (what->claims & ASSOCIATES)
			check_association(what, merge, &in, &broken);
	}
	is_claimed(what, IDENTITY, broken.identity, "identity");
	if (!table_has_order(what))
		is_claimed(what, COMMUTES, broken.order, "either order");
	is_claimed(what, IDEMPOTENT, broken.idempotent, "equal sides");
	is_claimed(what, TOTAL, broken.total, "total");
	is_int(broken.association, 0, "%s: associates if it claims to",
	    what->name);
	is_int(broken.asked, 0, "%s: the base is not asked for in vain",
	    what->name);
	irmin_merge_unref(merge);
}

int main(void)
{
	srand(20261121);
	for (size_t i = 0; i < combinator_count; i++) {
		test_rules(&combinators[i]);
		test_mutants(&combinators[i]);
		test_laws(&combinators[i]);
	}
	return done_testing();
}
