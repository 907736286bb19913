/* Merges of wholes, those of a program's own, promises, and who owns what. */
#include "lib/merge/merge.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/support/value-text.h"

static void test_default(void)
{
	irmin_merge *merge = irmin_merge_default();

	is_merge(merge, "a", "a", "b", "b");
	is_merge(merge, "a", "b", "a", "b");
	is_merge(merge, "a", "a", "a", "a");
	is_merge(merge, "a", "b", "c", "!both sides changed it");
	is_merge(merge, "a", "b", "b", "!both sides changed it");
	is_merge(merge, "-", "b", "b", "!both sides made it");
	is_merge(merge, "a", "-", "b", "!ours has no value");
	is_merge(merge, "a", "b", "-", "!theirs has no value");
	irmin_merge_unref(merge);
}

static void test_idempotent(void)
{
	irmin_merge *merge = irmin_merge_idempotent();

	is_merge(merge, "a", "b", "b", "b");
	is_merge(merge, "-", "[1]", "[1]", "[1]");
	is_merge(merge, "a", "a", "b", "b");
	is_merge(merge, "a", "b", "c", "!both sides changed it");
	is_merge(merge, "-", "b", "c", "!both sides made it");
	irmin_merge_unref(merge);
}

static void test_sides(void)
{
	irmin_merge *ours = irmin_merge_ours(), *theirs = irmin_merge_theirs();

	is_merge(ours, "a", "b", "c", "b");
	is_merge(ours, "a", "-", "c", "-");
	is_merge(theirs, "a", "b", "c", "c");
	is_merge(theirs, "-", "b", "-", "-");
	irmin_merge_unref(ours);
	irmin_merge_unref(theirs);
}

/* ---- a merge of one's own ---- */

struct own {
	irmin_rc rc;
	int with_result; /* also where it fails */
	int with_words;
	int runs, freed;
};

static irmin_rc run_own(void *arg, irmin_promise *base, irmin_value *ours,
    irmin_value *theirs, irmin_value **result, irmin_error *err)
{
	struct own *own = arg;

	(void)base, (void)theirs;
	own->runs++;
	if (own->with_result && ours)
		*result = irmin_value_ref(ours);
	if (own->with_words)
		return irmin_error_set(err, own->rc, NULL, "own words");
	return own->rc;
}

static void free_own(void *arg)
{
	((struct own *)arg)->freed++;
}

static void test_own(void)
{
	struct own own = { IRMIN_OK, 1, 0, 0, 0 };
	irmin_merge *merge = irmin_merge_new(run_own, &own, free_own);
	irmin_value *value = value_of("a"), *result = NULL;
	irmin_error err;

	is_merge(merge, "-", "a", "b", "a");
	is_merge(merge, "-", "-", "b", "!ours has no value");
	is_int(own.runs, 1, "only irmin_merge_option hands on absent sides");
	own.rc = IRMIN_ABSENT;
	is_merge(merge, "-", "a", "b", "a");
	own.with_result = 0;
	is_merge(merge, "-", "a", "b", "-");
	own.with_result = 1;
	own.rc = IRMIN_ECONFLICT;
	is_merge(merge, "-", "a", "b", "!a merge function failed");
	own.with_words = 1;
	is_merge(merge, "-", "a", "b", "!own words");
	own.rc = -2000;
	is_rc(irmin_merge_run(merge, NULL, value, value, &result, &err), -2000,
	    "codes of a program's own come through");
	is_str(err.text, "own words", "with their words");
	is_rc(irmin_merge_run(merge, NULL, value, value, &result, NULL), -2000,
	    "and without an error to fill");
	ok(!result, "a failure has no result");
	irmin_value_unref(value);
	irmin_merge_unref(irmin_merge_ref(merge));
	is_int(own.freed, 0, "a reference keeps it");
	irmin_merge_unref(merge);
	is_int(own.freed, 1, "the last one frees what it was made with");
}

static void test_no_memory(void)
{
	struct own own = { IRMIN_OK, 0, 0, 0, 0 };

	for (int n = 1; n <= 2; n++) {
		alloc_fault_at((uint64_t)n);
		ok(!irmin_merge_new(run_own, &own, free_own),
		    "allocation %d fails", n);
		alloc_fault_at(0);
		is_int(own.freed, n, "and what is consumed is freed");
	}
	ok(!irmin_merge_ref(NULL), "NULL in, NULL out");
	irmin_merge_unref(NULL);
}

/* ---- promises ---- */

struct told {
	irmin_promise promise;
	irmin_rc rc;
	int asked;
};

static irmin_rc tell(irmin_promise *promise, irmin_value **base,
    irmin_error *err)
{
	struct told *told = (struct told *)(void *)promise;

	told->asked++;
	if (told->rc < 0)
		return irmin_error_set(err, told->rc, NULL, "no base");
	if (told->rc == IRMIN_OK)
		*base = value_of("a");
	return told->rc;
}

static struct told promise_of(irmin_rc rc)
{
	struct told told = { { tell, NULL, 0 }, rc, 0 };

	return told;
}

static void test_promise(void)
{
	struct told told = promise_of(IRMIN_OK),
		    none = promise_of(IRMIN_ABSENT),
		    bad = promise_of(IRMIN_EIO);
	irmin_value *base, *again;
	irmin_error err;

	is_rc(irmin_promise_get(&told.promise, &base, &err), IRMIN_OK,
	    "a base");
	is_rc(irmin_promise_get(&told.promise, &again, &err), IRMIN_OK,
	    "again");
	ok(base == again && told.asked == 1, "it is computed once");
	irmin__promise_clear(&told.promise);
	is_rc(irmin_promise_get(&none.promise, &base, &err), IRMIN_ABSENT,
	    "no base");
	is_rc(irmin_promise_get(&none.promise, &base, &err), IRMIN_ABSENT,
	    "again");
	ok(!base && none.asked == 1, "that too is computed once");
	irmin__promise_clear(&none.promise);
	fails(irmin_promise_get(&bad.promise, &base, &err), IRMIN_EIO, &err,
	    "a base that cannot be read");
	ok(!base, "is none");
	is_rc(irmin_promise_get(&bad.promise, &base, NULL), IRMIN_EIO, "again");
	is_int(bad.asked, 2, "what failed is tried again");
	irmin__promise_clear(&bad.promise);
}

/* Runs on ours = "b", theirs as given. */
static irmin_rc run_with(irmin_merge *merge, struct told *told,
    const char *theirs, const char **text, irmin_error *err)
{
	irmin_value *values[2] = { value_of("b"), value_of(theirs) };
	irmin_value *result = NULL;
	irmin_rc rc;

	rc = irmin__merge_run(merge, &told->promise, values[0], values[1],
	    &result, err);
	*text = rc < 0 ? err->text : value_text(result);
	irmin_value_unref(result);
	irmin_value_unref(values[0]);
	irmin_value_unref(values[1]);
	irmin__promise_clear(&told->promise);
	irmin_merge_unref(merge);
	return rc;
}

static void test_asked(void)
{
	struct told told = promise_of(IRMIN_EIO);
	irmin_error err;
	const char *text;

	succeeds(run_with(irmin_merge_ours(), &told, "c", &text, &err), &err,
	    "ours");
	succeeds(run_with(irmin_merge_theirs(), &told, "c", &text, &err), &err,
	    "theirs");
	succeeds(run_with(irmin_merge_idempotent(), &told, "b", &text, &err),
	    &err, "equal sides");
	is_int(told.asked, 0, "none needs the base");
	fails(run_with(irmin_merge_default(), &told, "c", &text, &err),
	    IRMIN_EIO, &err, "default asks, and says what it was told");
	told = promise_of(IRMIN_ECONFLICT);
	fails(run_with(irmin_merge_idempotent(), &told, "c", &text, &err),
	    IRMIN_ECONFLICT, &err, "a base not to rely on");
	is_str(text, "no base", "is the reason of the conflict");
}

int main(void)
{
	test_default();
	test_idempotent();
	test_sides();
	test_own();
	test_no_memory();
	test_promise();
	test_asked();
	return done_testing();
}
