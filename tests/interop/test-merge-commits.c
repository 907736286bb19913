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
#include "tests/interop/with-git.h"
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

struct pair {
	unsigned long marks[2];
	irmin_oid commits[2];
	int clean; /* by git */
	char tree[IRMIN_OID_HEX_BYTES];
	const char *conflicts; /* paths, each with a space behind it */
};

static struct pair pairs[CASES];
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

static void write_case(irmin_buf *out, struct pair *pair, int removes)
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
	pair->marks[0] = lanes[0].mark;
	pair->marks[1] = lanes[1].mark;
}

/* ---- git ---- */

static void read_marks(const char *file)
{
	size_t length, i, k;
	char *text = tap_read_file(file, &length), *at = text, *end;
	irmin_oid *ids = calloc(marks + 1, sizeof *ids);
	unsigned long mark;

	if (!text || !ids)
		bail("no marks");
	for (; *at; at = end + 1) {
		mark = strtoul(at + 1, &at, 10);
		end = strchr(at, '\n');
		*end = '\0';
		if (mark > marks ||
		    irmin_oid_parse(irmin_text(at + 1), &ids[mark], NULL) < 0)
			bail("%s is no id", at);
	}
	for (i = 0; i < CASES; i++)
		for (k = 0; k < 2; k++)
			pairs[i].commits[k] = ids[pairs[i].marks[k]];
	free(ids);
	free(text);
}

static void import(const char *dir)
{
	irmin_buf stream = IRMIN_BUF_INIT;
	size_t i;

	for (i = 0; i < CASES; i++)
		write_case(&stream, &pairs[i], i >= CASES / 2);
	tap_write_file(git_path("stream"), stream.data, stream.len);
	irmin_buf_clear(&stream);
	git_init(dir, "sha1");
	if (tap_run(NULL,
		"git -C %s -c fastimport.unpackLimit=0 fast-import --quiet "
		"--force --export-marks=%s < %s",
		dir, git_path("marks"), git_path("stream")) != 0)
		bail("git fast-import failed");
	read_marks(git_path("marks"));
}

static int has_word(const char *words, const char *word)
{
	return strstr(tap_format(" %s", words), tap_format(" %s ", word)) !=
	    NULL;
}

/* "1 or 0" "tree" "MODE ID STAGE<TAB>PATH"... "", each ended by a NUL. */
static const char *read_answer(struct pair *pair, const char *at)
{
	pair->clean = *at == '1';
	at += strlen(at) + 1;
	snprintf(pair->tree, sizeof pair->tree, "%s", at);
	pair->conflicts = "";
	for (at += strlen(at) + 1; *at; at += strlen(at) + 1) {
		const char *path = strchr(at, '\t') + 1;

		if (!has_word(pair->conflicts, path))
			pair->conflicts = tap_format("%s%s ", pair->conflicts,
			    path);
	}
	return at + 1;
}

static void ask_git(const char *dir)
{
	char a[IRMIN_OID_HEX_BYTES], b[IRMIN_OID_HEX_BYTES];
	irmin_buf asked = IRMIN_BUF_INIT;
	struct tap_output said;
	const char *at;
	size_t i;

	for (i = 0; i < CASES; i++)
		buf_print(&asked, "%s %s\n",
		    irmin_oid_hex(&pairs[i].commits[0], a),
		    irmin_oid_hex(&pairs[i].commits[1], b));
	tap_write_file(git_path("pairs"), asked.data, asked.len);
	irmin_buf_clear(&asked);
	if (tap_run(&said,
		"git -C %s merge-tree --write-tree --no-messages -z --stdin "
		"< %s",
		dir, git_path("pairs")) != 0)
		bail("git merge-tree: %s", said.err);
	for (at = said.out, i = 0; i < CASES; i++)
		at = read_answer(&pairs[i], at);
	ok(at == said.out + said.out_len, "git answered of each pair");
	tap_output_clear(&said);
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

static const char *conflicts_of(irmin_merge_result *result)
{
	irmin_conflict *conflict;
	const char *words = "";

	while (irmin_merge_result_next(result, &conflict) == IRMIN_OK)
		words = tap_format("%s%s ", words,
		    irmin_conflict_path(conflict));
	return words;
}

static int is_tree(irmin_merge_result *result, const char *want)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_tree *tree;
	irmin_error err;
	irmin_oid id;

	if (irmin_merge_result_tree(result, &tree, &err) < 0 ||
	    irmin_tree_id(tree, &id, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(tree);
	return strcmp(irmin_oid_hex(&id, hex), want) == 0;
}

/* Whether all words of one are in another. */
static int is_subset(const char *words, const char *of)
{
	size_t length;

	for (; *words; words += length + 1) {
		length = strcspn(words, " ");
		if (!has_word(of, tap_format("%.*s", (int)length, words)))
			return 0;
	}
	return 1;
}

static int is_right(const struct pair *pair, int removes, irmin_rc rc,
    irmin_merge_result *result, struct tally *tally)
{
	const char *conflicts = conflicts_of(result);
	int more = strlen(conflicts) > strlen(pair->conflicts);

	if (!is_subset(pair->conflicts, conflicts))
		return 0;
	if (more) {
		tally->alone++;
		return removes && rc == IRMIN_ECONFLICT;
	}
	if (pair->clean != (rc >= 0))
		return 0;
	return !pair->clean || is_tree(result, pair->tree);
}

static void merge(irmin_repo *repo, const struct pair *pair, int removes,
    struct tally *tally)
{
	irmin_commit *ours, *theirs;
	irmin_merge_result *result;
	irmin_error err;
	int bases = 0;
	irmin_rc rc;

	if (irmin_commit_get(repo, &pair->commits[0], &ours, &err) < 0 ||
	    irmin_commit_get(repo, &pair->commits[1], &theirs, &err) < 0 ||
	    irmin_commit_bases(ours, theirs, 0, count_base, &bases, &err) < 0)
		bail("%s", err.text);
	rc = irmin_commit_merge(ours, theirs, NULL, &result, &err);
	if (!result)
		bail("%s", err.text);
	tally->crossed += bases > 1;
	tally->clean += rc >= 0;
	tally->conflicting += rc < 0;
	if (!is_right(pair, removes, rc, result, tally)) {
		tally->wrong++;
		diag("case %zu: git: %s%s, ours: %s", (size_t)(pair - pairs),
		    pair->clean ? "clean " : "", pair->conflicts,
		    conflicts_of(result));
	}
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
		merge(repo, &pairs[from + i], removes, &tally);
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

	if (seed)
		rng = strtoull(seed, NULL, 10);
	import(dir);
	ask_git(dir);
	repo = git_open(dir, NULL);
	compare(repo, 0);
	compare(repo, 1);
	irmin_repo_close(repo);
	git_fsck_is_clean(dir);
	return done_testing();
}
