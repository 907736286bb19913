/* Results that are saved and taken up again. */
#include <irmin/store-merge.h>

#include <string.h>

#include "lib/core/store/heads.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/merge/branches.h"
#include "tests/unit/merge/trees.h"

#define SAVED "refs/irmin/conflict/main"

static irmin_merge_result *merge(const struct branches *both)
{
	irmin_merge_result *result;
	irmin_error err;

	if (irmin_store_merge(both->main, both->fork, NULL, &result, &err) !=
	    IRMIN_ECONFLICT)
		bail("no conflict");
	return result;
}

static irmin_merge_result *resume(irmin_store *store)
{
	irmin_merge_result *result;
	irmin_error err;

	if (!succeeds(irmin_store_merge_resume(store, &result, &err), &err,
		"resumed") ||
	    !result)
		bail("no result");
	return result;
}

static void save(irmin_merge_result *result)
{
	irmin_error err;

	succeeds(irmin_merge_result_save(result, &err), &err, "saved");
}

/* All of a result that one can see. */
static const char *text_of(irmin_merge_result *result)
{
	static const char *const sides[] = { "base", "ours", "theirs" };
	irmin_conflict *conflict;
	const char *text;
	irmin_tree *tree;
	irmin_error err;
	irmin_pin pin;
	int side;

	if (irmin_merge_result_tree(result, &tree, &err) < 0)
		bail("%s", err.text);
	text = tap_format("%s (%zu of %zu)", trees_words(tree),
	    irmin_merge_result_left(result),
	    irmin_merge_result_conflicts(result));
	irmin_tree_unref(tree);
	while (irmin_merge_result_next(result, &conflict) == IRMIN_OK) {
		text = tap_format("%s\n%s%s %s: %s", text,
		    irmin_conflict_is_resolved(conflict) ? "resolved " : "",
		    irmin_conflict_kind_name(irmin_conflict_what(conflict)),
		    irmin_conflict_path(conflict),
		    irmin_conflict_message(conflict));
		for (side = 0; side < 3; side++) {
			irmin_entry entry;

			if (irmin_conflict_entry(conflict, (irmin_side)side,
				&entry, &err) < 0 ||
			    irmin_conflict_value(conflict, (irmin_side)side,
				&pin, &err) < 0)
				bail("%s", err.text);
			text = tap_format("%s, %s %o %.*s", text, sides[side],
			    (unsigned)entry.mode, (int)pin.len,
			    pin.len ? (const char *)pin.data : "");
			irmin_pin_release(&pin);
		}
	}
	return text;
}

static const char base_words[] = "a=1 b=1 d/c=1 d/e=1 f=1";
static const char our_words[] = "a=2 d/c=2 -d/e d/e/x=1 @f=2 new=2";
static const char their_words[] = "a=3 b=3 -d/c d/e=3 !f=3 @new=3";

static void round_trip(const char *uri)
{
	struct branches both = branches_open(uri, base_words, our_words,
	    their_words);
	irmin_merge_result *result = merge(&both), *again;
	irmin_error err;

	save(result);
	again = resume(both.main);
	is_str(text_of(again), text_of(result), "%s: it is the same", uri);
	is_int(irmin_merge_result_left(again), 5, "with all conflicts");

	branches_resolve(again, "a", "23");
	branches_resolve(again, "d/c", "4");
	save(again);
	fails(irmin_merge_result_save(result, &err), IRMIN_ESTALE, &err,
	    "it was saved by another one");
	irmin_merge_result_free(result);
	result = resume(both.main);
	is_str(text_of(result), text_of(again), "with what was resolved");
	is_int(irmin_merge_result_left(result), 3, "three are left");
	save(result);
	irmin_merge_result_free(again);

	branches_resolve(result, "d/e", "5");
	branches_resolve(result, "f", "6");
	fails(irmin_merge_result_commit(result, NULL, &err), IRMIN_ECONFLICT,
	    &err, "one is left");
	branches_resolve(result, "new", "7");
	save(result);
	succeeds(irmin_merge_result_commit(result, NULL, &err), &err,
	    "committed");
	is_str(branches_words(both.main), "a=23 b=3 d/c=4 d/e=5 @f=6 new=7",
	    "as it was resolved");
	branches_says(both.main, "Merge branch 'fork' into main\n");
	irmin_merge_result_free(result);
	is_rc(irmin_store_merge_resume(both.main, &result, &err), IRMIN_ABSENT,
	    "what was saved is forgotten");
	branches_close(&both);
}

static void aborted(const char *uri)
{
	struct branches both = branches_open(uri, "a=1", "a=2", "a=3");
	irmin_merge_result *result = merge(&both), *other = merge(&both);
	irmin_error err;

	is_rc(irmin_store_merge_abort(both.main, &err), IRMIN_UNCHANGED,
	    "%s: nothing to abort", uri);
	save(result);
	fails(irmin_merge_result_save(other, &err), IRMIN_ESTALE, &err,
	    "another merge waits");
	irmin_merge_result_free(other);
	is_rc(irmin_store_merge_abort(both.main, &err), IRMIN_OK, "aborted");
	is_rc(irmin_store_merge_resume(both.main, &other, &err), IRMIN_ABSENT,
	    "it is gone");
	is_str(branches_words(both.main), "a=2", "the branch is as it was");
	irmin_merge_result_free(result);
	branches_close(&both);
}

/* Its own words, no common ancestor, and nothing merged so far. */
static void bare(const char *uri)
{
	struct branches both = branches_open(uri, "a=1", NULL, NULL);
	irmin_merge_options options = IRMIN_MERGE_OPTIONS_INIT;
	irmin_merge_result *result, *again;
	irmin_store *other;
	irmin_error err;

	options.flags = IRMIN_MERGE_UNRELATED;
	options.info.message = "my words\n\nand more\n";
	if (irmin_store_open(irmin_store_repo(both.main), "other", &other,
		&err) < 0)
		bail("%s", err.text);
	branches_change(other, "a=2");
	is_rc(irmin_store_merge(other, both.main, &options, &result, &err),
	    IRMIN_ECONFLICT, "%s: unrelated", uri);
	save(result);
	again = resume(other);
	is_str(text_of(again), text_of(result), "it is the same");
	irmin_merge_result_free(result);
	branches_resolve(again, "a", "12");
	succeeds(irmin_merge_result_commit(again, NULL, &err), &err,
	    "committed");
	branches_says(other, "my words\n\nand more\n");
	irmin_merge_result_free(again);
	irmin_store_close(other);
	branches_close(&both);
}

static void resolved_to_nothing(const char *uri)
{
	struct branches both = branches_open(uri, "a=1", "a=2", "a=3");
	irmin_merge_result *result = merge(&both), *again;
	irmin_conflict *conflict;
	irmin_error err;

	if (irmin_merge_result_next(result, &conflict) != IRMIN_OK ||
	    irmin_merge_result_resolve(result, conflict, NULL, &err) < 0)
		bail("%s", err.text);
	save(result);
	irmin_merge_result_free(result);
	again = resume(both.main);
	succeeds(irmin_merge_result_commit(again, NULL, &err), &err,
	    "%s: committed", uri);
	is_str(branches_words(both.main), "", "nothing is left");
	irmin_merge_result_free(again);
	branches_close(&both);
}

/* The branch has moved since; what was resolved is still there to be looked at,
 * until it is aborted. */
static void stale(const char *uri)
{
	struct branches both = branches_open(uri, "a=1", "a=2", "a=3");
	irmin_merge_result *result = merge(&both);
	irmin_error err;

	branches_resolve(result, "a", "4");
	save(result);
	irmin_merge_result_free(result);
	branches_change(both.main, "a=5");
	result = resume(both.main);
	fails(irmin_merge_result_commit(result, NULL, &err), IRMIN_ESTALE, &err,
	    "%s: the branch has moved", uri);
	irmin_merge_result_free(result);
	result = resume(both.main);
	irmin_merge_result_free(result);
	branches_close(&both);
}

/* Types of paths are about what is merged. */
static irmin_rc decode_nothing(void *arg, irmin_slice bytes,
    irmin_value **value, irmin_error *err)
{
	(void)arg;
	(void)bytes;
	*value = NULL;
	return irmin_error_set(err, IRMIN_EINVAL, NULL, "that it is not");
}

static irmin_rc encode_nothing(void *arg, const irmin_value *value,
    irmin_buf *bytes, irmin_error *err)
{
	(void)arg;
	(void)value;
	(void)bytes;
	return irmin_error_set(err, IRMIN_EINVAL, NULL, "nor that");
}

static void typed(const char *uri)
{
	static const irmin_contents_class nothing = {
		.size = sizeof nothing,
		.name = "nothing",
		.decode = decode_nothing,
		.encode = encode_nothing,
	};
	struct branches both = branches_open(uri, "a=1", "a=2", "a=3");
	irmin_merge_result *result, *again;
	irmin_contents *type;
	irmin_error err;

	type = irmin_contents_new(&nothing, irmin_merge_default(), NULL, NULL);
	succeeds(irmin_repo_rule(irmin_store_repo(both.main), "**", type, &err),
	    &err, "%s: no value is right", uri);
	result = merge(&both);
	save(result);
	again = resume(both.main);
	is_str(text_of(again), text_of(result), "it is saved nevertheless");
	irmin_merge_result_free(result);
	irmin_merge_result_free(again);
	branches_close(&both);
}

/* What conflicts in the bases is saved as it was. */
static void two_bases(const char *uri)
{
	struct branches both = branches_open(uri, "a=1 b=1", "a=2", "b=2");
	irmin_commit *ours = branches_head(both.main);
	irmin_merge_result *result, *again;
	irmin_error err;

	succeeds(irmin_store_merge(both.main, both.fork, NULL, NULL, &err),
	    &err, "%s: one way", uri);
	succeeds(irmin_store_merge_commit(both.fork, ours, NULL, NULL, &err),
	    &err, "the other");
	branches_change(both.main, "a=3 b=3");
	branches_change(both.fork, "a=4 b=4");
	result = merge(&both);
	save(result);
	again = resume(both.main);
	is_str(text_of(again), text_of(result), "the base was none's tree");
	irmin_merge_result_free(again);
	irmin_merge_result_free(result);
	irmin_commit_unref(ours);
	branches_close(&both);
}

static void refused(void)
{
	struct branches both = branches_open("mem:", "a=1", "a=2", "a=3");
	irmin_commit *ours = branches_head(both.main);
	irmin_commit *theirs = branches_head(both.fork);
	irmin_merge_result *result;
	irmin_store *detached;
	irmin_error err;

	is_rc(irmin_commit_merge(ours, theirs, NULL, &result, &err),
	    IRMIN_ECONFLICT, "a merge of commits");
	fails(irmin_merge_result_save(result, &err), IRMIN_EINVAL, &err,
	    "has no branch");
	irmin_merge_result_free(result);
	if (irmin_store_at(irmin_store_repo(both.main), "main", &detached,
		&err) < 0)
		bail("%s", err.text);
	is_rc(irmin_store_merge(detached, both.fork, NULL, &result, &err),
	    IRMIN_ECONFLICT, "nor has a detached head");
	fails(irmin_merge_result_save(result, &err), IRMIN_EINVAL, &err,
	    "saved");
	irmin_merge_result_free(result);
	fails(irmin_store_merge_resume(detached, &result, &err), IRMIN_EINVAL,
	    &err, "resumed");
	fails(irmin_store_merge_abort(detached, &err), IRMIN_EINVAL, &err,
	    "or aborted");
	irmin_store_close(detached);
	irmin_commit_unref(ours);
	irmin_commit_unref(theirs);
	branches_close(&both);
}

/* ---- what others put there ---- */

static const struct forgery {
	const char *name, *path, *value; /* NULL: removed */
	int parents;
} forgeries[] = {
	{ "no version", "version", NULL, 2 },
	{ "a version of tomorrow", "version", "2", 2 },
	{ "no list", "list", NULL, 2 },
	{ "a list of garbage", "list", "garbage", 2 },
	{ "a list of half an entry", "list", "a\tleft\\ncontent\\n\n", 2 },
	{ "a list out of order", "list",
	    "b\tleft\\ncontent\\nx\\n\na\tleft\\ncontent\\nx\\n\n", 2 },
	{ "an unknown kind", "list", "a\tleft\\nhate\\nx\\n\n", 2 },
	{ "an unknown state", "list", "a\tright\\ncontent\\nx\\n\n", 2 },
	{ "a path with a NUL", "list", "a\\x00\tleft\\ncontent\\nx\\n\n", 2 },
	{ "no message", "message", NULL, 2 },
	{ "a message that is a directory", "message/x", "1", 2 },
	{ "one parent", "x", "1", 1 },
};

/* A store whose saved result is as saved but for one thing. */
static void forge(irmin_store *store, const struct forgery *forgery)
{
	irmin_repo *repo = irmin_store_repo(store);
	irmin_commit *real = NULL, *forged = NULL, *parents[2] = { NULL };
	irmin_tree *tree = NULL;
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_edit *edit = NULL;
	irmin_error err;
	irmin_rc rc;
	int i;

	rc = irmin_commit_of_revision(repo, SAVED, &real, &err);
	for (i = 0; i < 2 && rc >= 0; i++)
		rc = irmin_commit_parent(real, (size_t)i, &parents[i], &err);
	if (rc >= 0)
		rc = irmin_commit_tree(real, &tree, &err);
	if (rc >= 0)
		rc = irmin_edit_new(tree, &edit, &err);
	if (rc >= 0)
		rc = irmin_edit_remove(edit, forgery->path, &err);
	irmin_tree_unref(tree);
	if (rc >= 0 && forgery->value)
		rc = irmin_edit_set(edit, forgery->path,
		    irmin_text(forgery->value), &err);
	if (rc >= 0)
		rc = irmin_edit_tree(edit, &tree, &err);
	if (rc >= 0)
		rc = irmin_commit_new(repo, tree, parents,
		    (size_t)forgery->parents, NULL, &forged, &err);
	if (rc >= 0)
		rc = irmin__head_move(repo, &context, SAVED, real, forged, NULL,
		    &err);
	if (rc < 0)
		bail("%s", err.text);
	irmin_edit_free(edit);
	irmin_tree_unref(tree);
	irmin_commit_unref(real);
	irmin_commit_unref(forged);
	irmin_commit_unref(parents[0]);
	irmin_commit_unref(parents[1]);
}

static void all_forgeries(void)
{
	struct branches both;
	irmin_merge_result *result;
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof forgeries / sizeof *forgeries; i++) {
		both = branches_open("mem:", "a=1", "a=2", "a=3");
		result = merge(&both);
		if (irmin_merge_result_save(result, &err) < 0)
			bail("%s", err.text);
		irmin_merge_result_free(result);
		forge(both.main, &forgeries[i]);
		fails(irmin_store_merge_resume(both.main, &result, &err),
		    IRMIN_ECORRUPT, &err, "%s", forgeries[i].name);
		ok(!result && strstr(err.text, "main"), "it says where");
		is_rc(irmin_store_merge_abort(both.main, &err), IRMIN_OK,
		    "and can be aborted");
		branches_close(&both);
	}
}

/* ---- without memory ---- */

static irmin_rc save_once(void *arg, irmin_error *err)
{
	const struct branches *both = arg;
	irmin_merge_result *result = NULL, *again = NULL;
	irmin_rc rc;

	rc = irmin_store_merge(both->main, both->fork, NULL, &result, err);
	if (rc == IRMIN_ECONFLICT)
		rc = irmin_merge_result_save(result, err);
	if (rc >= 0)
		rc = irmin_store_merge_resume(both->main, &again, err);
	irmin_merge_result_free(result);
	irmin_merge_result_free(again);
	if (rc >= 0)
		rc = irmin_store_merge_abort(both->main, err);
	if (rc < 0 && irmin_store_merge_abort(both->main, NULL) < 0)
		bail("cannot abort"); /* one allocation fails, not two */
	return rc;
}

static void sweeps(void)
{
	struct branches both = branches_open("mem:", "a=1", "a=2", "a=3");
	irmin_error err;

	succeeds(save_once(&both, &err), &err, "saved and resumed");
	alloc_fault_sweep("saved and resumed", save_once, &both);
	branches_close(&both);
}

static const char *fresh(void)
{
	static int count;

	return tap_format("git:%s/%d", tap_tmpdir(), count++);
}

int main(void)
{
	static void (*const tests[])(const char *uri) = { round_trip, aborted,
		bare, resolved_to_nothing, stale, typed, two_bases };
	size_t i;

	for (i = 0; i < sizeof tests / sizeof *tests; i++) {
		tests[i]("mem:");
		tests[i](fresh());
	}
	refused();
	all_forgeries();
	sweeps();
	return done_testing();
}
