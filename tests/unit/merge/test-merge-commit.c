/* Merges of commits: which is in the other, what is their base, and bases of
 * bases. */
#include <irmin/store-merge.h>

#include <stdlib.h>
#include <string.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/merge/trees.h"

/*
 * A history in lines "name: parents: changes of the first parent", e.g.
 *
 *     r: : a=1 b=1
 *     x: r: a=2
 *     y: r: b=2
 *     m: x y: b=2
 *
 * with names of one letter. A time passes from one to the next.
 */
struct history {
	irmin_repo *repo;
	irmin_commit *commits[128]; /* by name */
	int64_t time;
};

static irmin_repo *open_repo(void)
{
	irmin_repo *repo;
	irmin_error err;

	if (irmin_repo_open("mem:", NULL, &repo, &err) < 0)
		bail("%s", err.text);
	return repo;
}

static irmin_tree *tree_of(irmin_commit *commit)
{
	irmin_tree *tree;
	irmin_error err;

	if (irmin_commit_tree(commit, &tree, &err) < 0)
		bail("%s", err.text);
	return tree;
}

static void add_commit(struct history *history, char name, const char *parents,
    const char *words)
{
	irmin_info info = irmin_info_of("A <a@example.org>", "m");
	irmin_commit *list[8], **at = &history->commits[(int)name];
	irmin_tree *from = NULL, *tree;
	irmin_error err;
	size_t count = 0;

	for (; *parents; parents++)
		if (*parents != ' ')
			list[count++] = history->commits[(int)*parents];
	info.flags = IRMIN_INFO_DATE;
	info.author_time = info.committer_time = ++history->time;
	if (count)
		from = tree_of(list[0]);
	tree = trees_edit(history->repo, from, words);
	if (irmin_commit_new(history->repo, tree, list, count, &info, at,
		&err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(from);
	irmin_tree_unref(tree);
}

static void make_history(struct history *history, irmin_repo *repo,
    const char *lines)
{
	char *text = strdup(lines), *rest = NULL, *line, *parents, *words;

	memset(history, 0, sizeof *history);
	history->repo = repo;
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		parents = line + 2;
		words = strchr(parents, ':');
		*words++ = '\0';
		add_commit(history, *line, parents, words);
	}
	free(text);
}

static void clear_history(struct history *history)
{
	size_t i;

	for (i = 0; i < 128; i++)
		irmin_commit_unref(history->commits[i]);
	irmin_repo_close(history->repo);
}

/* What o and t merge to: the tree, or its conflicts, as words. */
static void is_merge(const struct history *history, const char *name,
    uint32_t flags, irmin_rc want, const char *tree_words,
    const char *conflicts)
{
	irmin_merge_options options = IRMIN_MERGE_OPTIONS_INIT;
	irmin_merge_result *result;
	irmin_tree *tree;
	irmin_error err;
	irmin_rc rc;

	options.flags = flags;
	rc = irmin_commit_merge(history->commits['o'], history->commits['t'],
	    &options, &result, &err);
	is_rc(rc, want, "%s", name);
	if (rc < 0 && rc != want)
		diag("%s", err.text);
	if (!tree_words) {
		ok(!result, "%s: no result", name);
		return;
	}
	if (!result || irmin_merge_result_tree(result, &tree, &err) < 0)
		bail("%s: no tree", name);
	is_str(trees_words(tree), tree_words, "%s: the tree", name);
	is_str(trees_conflicts(result), conflicts, "%s: conflicts", name);
	irmin_tree_unref(tree);
	irmin_merge_result_free(result);
}

static const struct row {
	const char *name, *history;
	uint32_t flags;
	irmin_rc want;
	const char *tree, *conflicts;
} rows[] = {
	{ "one base",
	    "r: : a=1 b=1\n"
	    "o: r: a=2\n"
	    "t: r: b=2\n",
	    0, IRMIN_OK, "a=2 b=2", "" },
	{ "one base, a conflict",
	    "r: : a=1 b=1\n"
	    "o: r: a=2\n"
	    "t: r: a=3 b=2\n",
	    0, IRMIN_ECONFLICT, "a=2 b=2", "content a" },
	{ "theirs is behind",
	    "t: : a=1\n"
	    "o: t: a=2\n",
	    0, IRMIN_ALREADY, "a=2", "" },
	{ "ours is behind",
	    "o: : a=1\n"
	    "t: o: a=2\n",
	    0, IRMIN_ALREADY, "a=2", "" },
	{ "ours is behind, and merged nevertheless",
	    "o: : a=1\n"
	    "t: o: a=2\n",
	    IRMIN_MERGE_NO_FF, IRMIN_OK, "a=2", "" },
	{ "unrelated",
	    "o: : a=1\n"
	    "t: : b=1\n",
	    0, IRMIN_EINVAL, NULL, NULL },
	{ "unrelated, and merged nevertheless",
	    "o: : a=1 c=1\n"
	    "t: : b=1 c=1\n",
	    IRMIN_MERGE_UNRELATED, IRMIN_OK, "a=1 b=1 c=1", "" },
	{ "unrelated, a conflict",
	    "o: : a=1 c=1\n"
	    "t: : b=1 c=2\n",
	    IRMIN_MERGE_UNRELATED, IRMIN_ECONFLICT, "a=1 b=1 c=1",
	    "add/add c" },
	/* x and y are merged both ways: two bases, of one base */
	{ "two bases",
	    "r: : a=1 b=1 c=1\n"
	    "x: r: a=2\n"
	    "y: r: b=2\n"
	    "p: x y: b=2\n"
	    "q: y x: a=2\n"
	    "o: p: a=3\n"
	    "t: q: c=3\n",
	    0, IRMIN_OK, "a=3 b=2 c=3", "" },
	/* On x alone, ours would have taken back what y did. */
	{ "two bases, one side reverts",
	    "r: : a=1 b=1 c=1\n"
	    "x: r: a=2\n"
	    "y: r: b=2\n"
	    "p: x y: b=2\n"
	    "q: y x: a=2\n"
	    "o: p: b=1\n"
	    "t: q: c=3\n",
	    0, IRMIN_OK, "a=2 b=1 c=3", "" },
	{ "two bases that conflict, both sides agree",
	    "r: : a=1 c=1\n"
	    "x: r: a=2\n"
	    "y: r: a=3\n"
	    "p: x y: a=4\n"
	    "q: y x: a=4\n"
	    "o: p: c=2\n"
	    "t: q: d=2\n",
	    0, IRMIN_OK, "a=4 c=2 d=2", "" },
	/* Ours is as the first base, theirs as the second: neither is known not
	 * to have been changed. */
	{ "two bases that conflict, resolved in two ways",
	    "r: : a=1 c=1\n"
	    "x: r: a=2\n"
	    "y: r: a=3\n"
	    "p: x y: a=2\n"
	    "q: y x:\n"
	    "o: p: c=2\n"
	    "t: q: d=2\n",
	    0, IRMIN_ECONFLICT, "a=2 c=2 d=2", "content a" },
	/* The bases are again two, which conflict; but the sides of the level
	 * above agreed. */
	{ "two bases of two bases",
	    "r: : a=1 b=1 c=1\n"
	    "x: r: a=2\n"
	    "y: r: a=3\n"
	    "p: x y: a=4\n"
	    "q: y x: a=4 b=2\n"
	    "u: p q: b=2\n"
	    "v: q p: c=2\n"
	    "o: u v: c=2 e=1\n"
	    "t: v u: f=1\n",
	    0, IRMIN_OK, "a=4 b=2 c=2 e=1 f=1", "" },
	/* The lower two conflict, and one of the upper two is as one of them:
	 * which does not make it unchanged. */
	{ "bases that conflict below bases that conflict",
	    "r: : a=1\n"
	    "x: r: a=2\n"
	    "y: r: a=3\n"
	    "u: x y: a=2\n"
	    "v: y x: a=4\n"
	    "p: u v: a=4\n"
	    "q: v u: a=5\n"
	    "o: p: c=2\n"
	    "t: q: d=2\n",
	    0, IRMIN_ECONFLICT, "a=4 c=2 d=2", "content a" },
	{ "three bases",
	    "r: : a=1 b=1 c=1 d=1\n"
	    "x: r: a=2\n"
	    "y: r: b=2\n"
	    "z: r: c=2\n"
	    "p: x y z: b=2 c=2\n"
	    "q: z y x: a=2 b=2\n"
	    "o: p: a=3\n"
	    "t: q: d=2\n",
	    0, IRMIN_OK, "a=3 b=2 c=2 d=2", "" },
	{ "three bases, two of which conflict",
	    "r: : a=1 b=1 d=1\n"
	    "x: r: a=2\n"
	    "y: r: b=2\n"
	    "z: r: a=3\n"
	    "p: x y z: b=2\n"
	    "q: z y x: b=2\n"
	    "o: p: d=3\n"
	    "t: q: b=4\n",
	    0, IRMIN_ECONFLICT, "a=2 b=4 d=3", "content a" },
	{ "bases without a common ancestor",
	    "x: : a=1\n"
	    "y: : b=1\n"
	    "p: x y: b=1\n"
	    "q: y x: a=1\n"
	    "o: p: a=2\n"
	    "t: q: b=2\n",
	    0, IRMIN_OK, "a=2 b=2", "" },
};

static void all_rows(void)
{
	struct history history;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		make_history(&history, open_repo(), rows[i].history);
		is_merge(&history, rows[i].name, rows[i].flags, rows[i].want,
		    rows[i].tree, rows[i].conflicts);
		is_int(irmin_repo_stat(history.repo, IRMIN_STAT_OBJECT_WRITES),
		    0, "%s: nothing is written", rows[i].name);
		clear_history(&history);
	}
}

/* Branches, "ot" or more, that all merged all others again and again and each time
 * resolved `a` in ways of their own: what the bases of the bases of the bases
 * have in common is asked all the way down, each once. */
static void ladder(const char *branches, int levels)
{
	struct history history;
	irmin_commit *next[8];
	size_t count = strlen(branches), i;
	int level;

	make_history(&history, open_repo(), "r: : a=r");
	for (i = 0; i < count; i++)
		add_commit(&history, branches[i], "r",
		    tap_format("a=%c %c=0", branches[i], branches[i]));
	for (level = 0; level < levels; level++) {
		for (i = 0; i < count; i++) {
			const char *parents = tap_format("%c%s", branches[i],
				       branches),
				   *again = strchr(parents + 1, *parents);

			parents = tap_format("%.*s%s", (int)(again - parents),
			    parents, again + 1);
			add_commit(&history, 'n', parents,
			    tap_format("a=%d%c o=%d t=%d s=%d %c=%d", level,
				branches[i], level, level, level, branches[i],
				level + 1));
			next[i] = history.commits['n'];
			history.commits['n'] = NULL;
		}
		for (i = 0; i < count; i++) {
			irmin_commit_unref(history.commits[(int)branches[i]]);
			history.commits[(int)branches[i]] = next[i];
		}
	}
	is_merge(&history, tap_format("%zu branches", count), 0,
	    IRMIN_ECONFLICT,
	    tap_format("a=%do o=%d s=%d t=%d", levels - 1, levels, levels - 1,
		levels),
	    "content a");
	clear_history(&history);
}

static void refused(void)
{
	struct history history, other;
	irmin_merge_options options = IRMIN_MERGE_OPTIONS_INIT;
	irmin_merge_result *result;
	irmin_error err;

	make_history(&history, open_repo(), rows[0].history);
	make_history(&other, open_repo(), rows[0].history);
	fails(irmin_commit_merge(history.commits['o'], other.commits['t'], NULL,
		  &result, &err),
	    IRMIN_EINVAL, &err, "a commit of another repository");
	options.policy = (irmin_merge_policy)7;
	fails(irmin_commit_merge(history.commits['o'], history.commits['t'],
		  &options, &result, &err),
	    IRMIN_EINVAL, &err, "an unknown policy");
	options.policy = IRMIN_MERGE_FAIL;
	options.max_commits = 1;
	fails(irmin_commit_merge(history.commits['o'], history.commits['t'],
		  &options, &result, &err),
	    IRMIN_ELIMIT, &err, "too long a search");
	ok(!result, "and no result");
	clear_history(&other);
	clear_history(&history);
}

static void policies(void)
{
	struct history history;
	irmin_merge_options options = IRMIN_MERGE_OPTIONS_INIT;
	irmin_merge_result *result;
	irmin_tree *tree;
	irmin_error err;

	make_history(&history, open_repo(), rows[1].history);
	options.policy = IRMIN_MERGE_THEIRS;
	is_rc(irmin_commit_merge(history.commits['o'], history.commits['t'],
		  &options, &result, &err),
	    IRMIN_OK, "a policy resolves");
	if (irmin_merge_result_tree(result, &tree, &err) < 0)
		bail("%s", err.text);
	is_str(trees_words(tree), "a=3 b=2", "as it says");
	is_int(irmin_merge_result_conflicts(result), 1, "and it is told");
	is_rc(irmin_merge_result_commit(result, NULL, &err), IRMIN_EINVAL,
	    "there is no branch to commit it to");
	irmin_tree_unref(tree);
	irmin_merge_result_free(result);
	clear_history(&history);
}

/* ---- without memory ---- */

static irmin_rc merge_once(void *arg, irmin_error *err)
{
	const struct history *history = arg;
	irmin_merge_result *result;
	irmin_rc rc;

	rc = irmin_commit_merge(history->commits['o'], history->commits['t'],
	    NULL, &result, err);
	irmin_merge_result_free(result);
	return rc == IRMIN_ECONFLICT ? IRMIN_OK : rc;
}

static void sweeps(void)
{
	static const size_t some[] = { 0, 1, 2, 11, 15 };
	struct history history;
	size_t i;

	for (i = 0; i < sizeof some / sizeof *some; i++) {
		make_history(&history, open_repo(), rows[some[i]].history);
		merge_once(&history, NULL);
		alloc_fault_sweep(rows[some[i]].name, merge_once, &history);
		clear_history(&history);
	}
}

int main(void)
{
	all_rows();
	ladder("ot", 1000);
	ladder("ots", 40);
	refused();
	policies();
	sweeps();
	return done_testing();
}
