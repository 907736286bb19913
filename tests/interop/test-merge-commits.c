/*
 * Merges of commits beside `git merge-tree --write-tree`, on histories in which
 * branches merge each other again and again, so that most merges have several
 * bases, whose bases are several too.
 *
 * Where nothing is ever removed both agree on everything: clean or not, the tree,
 * the paths. Where values are removed too, what conflicts in git conflicts here;
 * and some paths conflict here alone, and are counted: where two bases conflict
 * because one of them removed what the other changed, git goes on with what both
 * began with, and so may take one side in silence.
 *
 * IRMIN_SEED repeats a run.
 */
#include "tests/interop/merges-of-git.h"
#include "tests/support/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irmin/store-merge.h>

#define CASES 2000 /* the second half removes, too */
#define PATHS 5
#define LANES 3
#define STEPS 14

static uint64_t rng = 5;

static unsigned below(unsigned n)
{
	return random_below(&rng, n);
}

/* ---- random histories, as a stream of git fast-import ---- */

static const char *const paths[PATHS] = { "a", "b", "d/a", "d/b", "e/f/g" };

struct lane {
	unsigned long mark;     /* of its newest commit */
	uint64_t values[PATHS]; /* 0: absent */
};

static struct git_merge merges[CASES]; /* by git */
static unsigned long heads[CASES][2];  /* their marks */
static unsigned long marks;

static void write_commit(irmin_buf *out, struct lane *lane,
    unsigned long merged)
{
	size_t i;

	marks++;
	buf_print(out,
	    "commit refs/heads/x\nmark :%lu\ncommitter A <a@b> %lu +0000\n"
	    "data 0\n",
	    marks, marks);
	if (lane->mark)
		buf_print(out, "from :%lu\n", lane->mark);
	if (merged)
		buf_print(out, "merge :%lu\n", merged);
	buf_print(out, "deleteall\n");
	for (i = 0; i < PATHS; i++)
		if (lane->values[i])
			buf_print(out,
			    "M 644 inline %s\ndata 33\n%016jx%016jx\n\n",
			    paths[i], (uintmax_t)lane->values[i],
			    (uintmax_t)(lane->values[i] * 3));
	lane->mark = marks;
}

static void change(struct lane *lane, int removes)
{
	unsigned count = 1 + below(2);

	while (count--)
		lane->values[below(PATHS)] = removes && below(3) == 0
		    ? 0
		    : random_next(&rng) | 1;
}

/* Most are resolved alike on both sides. */
static void resolve(struct lane *lane, const struct lane *other)
{
	size_t i;

	for (i = 0; i < PATHS; i++)
		if (below(12) == 0)
			lane->values[i] = random_next(&rng) | 1;
		else if (below(6) != 0 ? other->values[i] > lane->values[i]
				       : below(2))
			lane->values[i] = other->values[i];
}

static void write_case(irmin_buf *out, unsigned long tips[2], int removes)
{
	struct lane lanes[LANES], root;
	unsigned i, steps, one, other;

	memset(&root, 0, sizeof root);
	for (i = 0; i < PATHS; i++)
		root.values[i] = random_next(&rng) | 1;
	buf_print(out, "reset refs/heads/x\n\n");
	write_commit(out, &root, 0);
	for (i = 0; i < LANES; i++) {
		lanes[i] = root;
		change(&lanes[i], removes);
		write_commit(out, &lanes[i], 0);
	}
	for (steps = 2 + below(STEPS); steps; steps--) {
		struct lane before;

		one = below(LANES);
		other = (one + 1 + below(LANES - 1)) % LANES;
		before = lanes[one];
		resolve(&lanes[one], &lanes[other]);
		write_commit(out, &lanes[one], lanes[other].mark);
		if (below(2)) { /* criss-cross */
			resolve(&lanes[other], &before);
			write_commit(out, &lanes[other], before.mark);
		}
		change(&lanes[one], removes);
		write_commit(out, &lanes[one], 0);
	}
	tips[0] = lanes[0].mark;
	tips[1] = lanes[1].mark;
}

/* ---- git ---- */

static void import(const char *dir)
{
	irmin_buf stream = IRMIN_BUF_INIT;
	irmin_oid *ids;
	size_t i, side;

	for (i = 0; i < CASES; i++)
		write_case(&stream, heads[i], i >= CASES / 2);
	ids = git_import_marks(dir, &stream, marks);
	for (i = 0; i < CASES; i++)
		for (side = 0; side < 2; side++)
			merges[i].sides[side] = ids[heads[i][side]];
	free(ids);
}

/* ---- ours ---- */

struct tally {
	int clean, conflicting, crossed, alone, wrong;
};

static int count_base(void *arg, irmin_commit *commit)
{
	(void)commit;
	++*(int *)arg;
	return 0;
}

/* The paths that conflict, as git_merge has them. */
static char *conflicts_of(irmin_merge_result *result)
{
	irmin_buf lines = IRMIN_BUF_INIT;
	irmin_conflict *conflict;

	while (irmin_merge_result_next(result, &conflict) == IRMIN_OK)
		buf_print(&lines, "%s\n", irmin_conflict_path(conflict));
	return sorted_lines(&lines);
}

static int is_tree(irmin_merge_result *result, const irmin_oid *want)
{
	irmin_tree *tree;
	irmin_error err;
	irmin_oid id;

	if (irmin_merge_result_tree(result, &tree, &err) < 0 ||
	    irmin_tree_id(tree, &id, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(tree);
	return irmin_oid_compare(&id, want) == 0;
}

/* Whether all lines of one are in another; both are sorted. */
static int is_subset(const char *lines, const char *of)
{
	size_t length, other;

	for (; *lines; of += other) {
		length = strcspn(lines, "\n") + 1;
		other = strcspn(of, "\n") + 1;
		if (!*of)
			return 0;
		if (length == other && memcmp(lines, of, length) == 0)
			lines += length;
	}
	return 1;
}

static int is_right(const struct git_merge *git, int removes, irmin_rc rc,
    irmin_merge_result *result, const char *conflicts, struct tally *tally)
{
	if (!is_subset(git->paths, conflicts))
		return 0;
	if (strlen(conflicts) > strlen(git->paths)) {
		tally->alone++;
		return removes && rc == IRMIN_ECONFLICT;
	}
	if (git->clean != (rc >= 0))
		return 0;
	return !git->clean || is_tree(result, &git->tree);
}

static void merge(irmin_repo *repo, const struct git_merge *git, int removes,
    struct tally *tally)
{
	irmin_commit *ours, *theirs;
	irmin_merge_result *result;
	irmin_error err;
	char *conflicts;
	int bases = 0;
	irmin_rc rc;

	if (irmin_commit_get(repo, &git->sides[0], &ours, &err) < 0 ||
	    irmin_commit_get(repo, &git->sides[1], &theirs, &err) < 0 ||
	    irmin_commit_bases(ours, theirs, 0, count_base, &bases, &err) < 0)
		bail("%s", err.text);
	rc = irmin_commit_merge(ours, theirs, NULL, &result, &err);
	if (!result)
		bail("%s", err.text);
	tally->crossed += bases > 1;
	tally->clean += rc >= 0;
	tally->conflicting += rc < 0;
	conflicts = conflicts_of(result);
	if (!is_right(git, removes, rc, result, conflicts, tally)) {
		tally->wrong++;
		diag("case %zu: git: %s%s, ours: %s", (size_t)(git - merges),
		    git->clean ? "clean " : "", git->paths, conflicts);
	}
	free(conflicts);
	irmin_merge_result_free(result);
	irmin_commit_unref(ours);
	irmin_commit_unref(theirs);
}

static void compare(irmin_repo *repo, int removes)
{
	size_t half = CASES / 2, from = removes ? half : 0, i;
	struct tally tally = { 0, 0, 0, 0, 0 };
	const char *what = removes ? "with removals" : "without removals";

	for (i = 0; i < half; i++)
		merge(repo, &merges[from + i], removes, &tally);
	is_int(tally.wrong, 0, "%s: as git", what);
	diag("%s: %d clean, %d conflicting, %d of several bases, %d with "
	     "conflicts that git has not",
	    what, tally.clean, tally.conflicting, tally.crossed, tally.alone);
	ok(tally.clean > CASES / 10 && tally.conflicting > CASES / 10,
	    "%s: clean ones and others", what);
	ok(tally.crossed > CASES / 10, "%s: many of several bases", what);
}

int main(void)
{
	const char *seed = getenv("IRMIN_SEED"), *dir = git_path("crossed");
	irmin_repo *repo;
	size_t i;

	if (seed)
		rng = strtoull(seed, NULL, 10);
	import(dir);
	git_merge_trees(dir, merges, CASES);
	repo = git_open(dir, NULL);
	compare(repo, 0);
	compare(repo, 1);
	irmin_repo_close(repo);
	git_fsck_is_clean(dir);
	for (i = 0; i < CASES; i++)
		free(merges[i].paths);
	return done_testing();
}
