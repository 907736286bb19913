/*
 * Three-way merges of trees beside `git merge-tree --write-tree`: thousands of
 * random triples with values, modes, links, gitlinks, and names that are a value
 * here and a directory there. Every blob is random, so git sees no renames and
 * has no lines to merge.
 *
 * What git takes for clean is clean, with the same tree id; what conflicts there
 * conflicts here, at the same paths. Two things differ, and are counted:
 *
 *  - Where one side has a value and the other a directory we have one conflict at
 *    that name, and keep ours. Git moves the value aside, to "name~COMMIT", and
 *    tells the paths below the directory one by one, if they conflict in turn.
 *  - Git merges each path by itself: where one side put a value in the place of a
 *    directory of which the other only removed something, it takes the value. We
 *    have a conflict: what the other side left is not given up in silence.
 *
 * IRMIN_SEED repeats a run.
 */
#include "tests/interop/merges-of-git.h"
#include "tests/support/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irmin/conflict.h>

#define TRIPLES   6000
#define MAX_PATHS 10
#define MAX_PATH  24

enum { BASE, OURS, THEIRS, SIDES };

/* Commits by the triple and its side. */
static irmin_oid commits[TRIPLES][SIDES];
static struct git_merge merges[TRIPLES]; /* by git */
static uint64_t rng = 7;

static unsigned below(unsigned n)
{
	return random_below(&rng, n);
}

/* ---- random trees, as a stream of git fast-import ---- */

struct file {
	char path[MAX_PATH];
	const char *mode;
	uint64_t text; /* of which the contents are made */
};

static void write_file(irmin_buf *out, const struct file *file)
{
	if (strcmp(file->mode, "160000") == 0)
		buf_print(out, "M 160000 %020llx%020llx %s\n",
		    (unsigned long long)file->text,
		    (unsigned long long)file->text, file->path);
	else
		buf_print(out, "M %s inline %s\ndata 33\n%016llx%016llx\n\n",
		    file->mode, file->path, (unsigned long long)file->text,
		    (unsigned long long)(file->text * 3));
}

/* Names that sort on either side of a directory's '/', and few, so that they meet
 * often. */
static void random_path(char *path)
{
	static const char *const names[] = { "a", "b", "c", "a.", "a-", "a0" };
	unsigned depth = 1 + below(3), i;

	*path = '\0';
	for (i = 0; i < depth; i++) {
		if (i)
			strcat(path, "/");
		strcat(path, names[below(sizeof names / sizeof *names)]);
	}
}

static const char *random_mode(void)
{
	switch (below(24)) {
	case 0:
		return "160000";
	case 1:
		return "120000";
	case 2:
	case 3:
		return "100755";
	default:
		return "100644";
	}
}

static void random_file(struct file *file)
{
	random_path(file->path);
	file->mode = random_mode();
	file->text = random_next(&rng);
}

/* What one side does to one file of the base, or beside it. */
static void write_change(irmin_buf *out, const struct file *of)
{
	struct file file = *of;

	file.text = random_next(&rng);
	switch (below(20)) {
	case 0:
	case 1:
		buf_print(out, "D %s\n", file.path);
		break;
	case 2: /* its directory, if it is in one */
		file.path[strcspn(file.path, "/")] = '\0';
		buf_print(out, "D %s\n", file.path);
		break;
	case 3: /* a value in the place of that */
		file.path[strcspn(file.path, "/")] = '\0';
		write_file(out, &file);
		break;
	case 4: /* a directory in the place of the value */
		strcat(file.path, below(2) ? "/a" : "/b");
		write_file(out, &file);
		break;
	case 5: /* another mode, with the same contents or not */
		file.mode = below(4) ? "100755" : random_mode();
		file.text = below(2) ? of->text : file.text;
		write_file(out, &file);
		break;
	case 6:
	case 7:
	case 8:
		random_file(&file);
		write_file(out, &file);
		break;
	default:
		write_file(out, &file);
	}
}

static void begin_commit(irmin_buf *out, size_t triple, unsigned side)
{
	if (side == BASE)
		buf_print(out, "reset refs/heads/x\n\n");
	buf_print(out,
	    "commit refs/heads/x\nmark :%zu\ncommitter A <a@b> 1 +0000\n"
	    "data 0\n",
	    triple * SIDES + side + 1);
	if (side != BASE)
		buf_print(out, "from :%zu\n", triple * SIDES + BASE + 1);
}

/* Some changes are made by both sides alike. */
static void write_triple(irmin_buf *out, size_t triple)
{
	struct file files[MAX_PATHS];
	irmin_buf common = IRMIN_BUF_INIT;
	size_t count = 2 + below(MAX_PATHS - 2), i;
	unsigned side, changes;

	begin_commit(out, triple, BASE);
	for (i = 0; i < count; i++) {
		random_file(&files[i]);
		write_file(out, &files[i]);
	}
	if (below(4) == 0)
		write_change(&common, &files[below((unsigned)count)]);
	for (side = OURS; side < SIDES; side++) {
		begin_commit(out, triple, side);
		buf_add(out, irmin_buf_slice(&common));
		for (changes = 1 + below(4); changes; changes--)
			write_change(out, &files[below((unsigned)count)]);
	}
	irmin_buf_clear(&common);
}

/* ---- git ---- */

static void import(const char *dir)
{
	irmin_buf stream = IRMIN_BUF_INIT;
	irmin_oid *ids;
	size_t i;

	for (i = 0; i < TRIPLES; i++)
		write_triple(&stream, i);
	ids = git_import_marks(dir, &stream, (size_t)TRIPLES * SIDES);
	memcpy(commits, ids + 1, sizeof commits);
	free(ids);
	for (i = 0; i < TRIPLES; i++)
		memcpy(merges[i].sides, &commits[i][OURS],
		    sizeof merges[i].sides);
}

/* ---- ours ---- */

struct answer {
	irmin_rc rc;
	irmin_oid tree;
	char *all, *paths; /* without a value against what is left */
	int file_directory;
};

/* Whether the directory of a conflict is what one side left of that of the base. */
static int is_remainder(irmin_tree *const trees[SIDES],
    irmin_conflict *conflict)
{
	const char *path = irmin_conflict_path(conflict);
	irmin_change change;
	irmin_error err;
	irmin_diff *diff;
	irmin_entry entry;
	int remainder = 1;

	if (irmin_conflict_entry(conflict, IRMIN_SIDE_OURS, &entry, &err) < 0 ||
	    irmin_tree_diff(trees[BASE],
		trees[entry.mode == IRMIN_MODE_TREE ? OURS : THEIRS], path,
		&diff, &err) < 0)
		bail("%s", err.text);
	while (irmin_diff_next(diff, &change, &err) == IRMIN_OK)
		remainder &= change.kind == IRMIN_CHANGE_REMOVED;
	irmin_diff_free(diff);
	return remainder;
}

static void read_conflicts(irmin_tree *const trees[SIDES],
    irmin_merge_result *result, struct answer *answer)
{
	irmin_buf all = IRMIN_BUF_INIT, paths = IRMIN_BUF_INIT;
	irmin_conflict *conflict;

	answer->file_directory = 0;
	while (irmin_merge_result_next(result, &conflict) == IRMIN_OK) {
		int kind = irmin_conflict_what(conflict) ==
		    IRMIN_CONFLICT_FILE_DIRECTORY;

		answer->file_directory |= kind;
		buf_print(&all, "%s\n", irmin_conflict_path(conflict));
		if (!kind || !is_remainder(trees, conflict))
			buf_print(&paths, "%s\n",
			    irmin_conflict_path(conflict));
	}
	answer->all = sorted_lines(&all);
	answer->paths = sorted_lines(&paths);
}

static irmin_tree *tree_of(irmin_repo *repo, const irmin_oid *id)
{
	irmin_commit *commit;
	irmin_tree *tree;
	irmin_error err;

	if (irmin_commit_get(repo, id, &commit, &err) < 0 ||
	    irmin_commit_tree(commit, &tree, &err) < 0)
		bail("%s", err.text);
	irmin_commit_unref(commit);
	return tree;
}

static void merge(irmin_repo *repo, const irmin_oid triple[SIDES],
    struct answer *answer)
{
	irmin_merge_result *result;
	irmin_tree *trees[SIDES], *merged;
	irmin_error err;
	unsigned side;

	for (side = BASE; side < SIDES; side++)
		trees[side] = tree_of(repo, &triple[side]);
	answer->rc = irmin_tree_merge(trees[BASE], trees[OURS], trees[THEIRS],
	    NULL, &result, &err);
	if (!result || irmin_merge_result_tree(result, &merged, &err) < 0 ||
	    irmin_tree_id(merged, &answer->tree, &err) < 0)
		bail("%s", err.text);
	read_conflicts(trees, result, answer);
	irmin_tree_unref(merged);
	irmin_merge_result_free(result);
	for (side = BASE; side < SIDES; side++)
		irmin_tree_unref(trees[side]);
}

/* ---- comparing ---- */

/* Whether each line of `inner` is one of `outer`, or lies below one. */
static int is_covered(const char *inner, const char *outer)
{
	const char *line, *other;

	for (line = inner; *line; line = strchr(line, '\n') + 1) {
		size_t length = strcspn(line, "\n");
		int found = 0;

		for (other = outer; *other && !found;
		     other = strchr(other, '\n') + 1) {
			size_t shorter = strcspn(other, "\n");

			found = shorter <= length &&
			    memcmp(other, line, shorter) == 0 &&
			    (shorter == length || line[shorter] == '/');
		}
		if (!found)
			return 0;
	}
	return 1;
}

/* Each conflict of ours is seen by git there, or below. */
static int is_met(const char *ours, const char *git)
{
	const char *line;
	int met = 1;

	for (line = ours; *line && met; line = strchr(line, '\n') + 1) {
		char *one = strndup(line, strcspn(line, "\n") + 1);
		const char *other;

		met = 0;
		for (other = git; *other && !met;
		     other = strchr(other, '\n') + 1) {
			char *theirs = strndup(other, strcspn(other, "\n") + 1);

			met = is_covered(theirs, one);
			free(theirs);
		}
		free(one);
	}
	return met;
}

static struct {
	size_t clean, conflicts, aside, remainders, wrong;
} counts;

static void tell(size_t number, const struct answer *answer)
{
	const struct git_merge *git = &merges[number];
	char hex[SIDES][IRMIN_OID_HEX_BYTES];
	unsigned side;

	if (counts.wrong++ >= 5)
		return;
	for (side = BASE; side < SIDES; side++)
		irmin_oid_hex(&commits[number][side], hex[side]);
	diag("triple %zu: %s %s %s", number, hex[BASE], hex[OURS], hex[THEIRS]);
	diag("git: %s; here: %s", git->clean ? "clean" : git->paths,
	    answer->rc == IRMIN_OK ? "clean" : answer->all);
}

static int agrees(const struct git_merge *git, const struct answer *answer)
{
	if (answer->rc == IRMIN_OK)
		return git->clean &&
		    irmin_oid_compare(&git->tree, &answer->tree) == 0;
	if (git->clean)
		return !*answer->paths;
	if (answer->file_directory)
		return is_covered(git->paths, answer->all) &&
		    is_met(answer->paths, git->paths);
	return strcmp(git->paths, answer->paths) == 0;
}

static void compare(irmin_repo *repo, size_t number)
{
	struct answer answer;

	merge(repo, commits[number], &answer);
	counts.clean += (size_t)merges[number].clean;
	counts.conflicts += !merges[number].clean;
	counts.aside += (size_t)answer.file_directory;
	counts.remainders += strcmp(answer.all, answer.paths) != 0;
	if (!agrees(&merges[number], &answer))
		tell(number, &answer);
	free(answer.all);
	free(answer.paths);
}

int main(void)
{
	const char *dir = git_path("triples"), *seed = getenv("IRMIN_SEED");
	irmin_repo *repo;
	size_t i;

	if (seed)
		rng = strtoull(seed, NULL, 10);
	import(dir);
	git_merge_trees(dir, merges, TRIPLES);
	repo = git_open(dir, NULL);
	for (i = 0; i < TRIPLES; i++)
		compare(repo, i);
	irmin_repo_close(repo);
	diag(
	    "%zu clean, %zu conflict, %zu of a value and a directory, %zu of a "
	    "value and what is left of one",
	    counts.clean, counts.conflicts, counts.aside, counts.remainders);
	is_int(counts.wrong, 0, "%d triples as git's", TRIPLES);
	ok(counts.clean >= TRIPLES * 3 / 10, "enough are clean");
	ok(counts.conflicts - counts.aside >= TRIPLES * 3 / 10,
	    "enough conflict at paths that are compared one by one");
	ok(counts.aside >= TRIPLES / 50, "values meet directories");
	for (i = 0; i < TRIPLES; i++)
		free(merges[i].paths);
	return done_testing();
}
