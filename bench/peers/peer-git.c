/*
 * Stock git: `git fast-import` writes (deltas, but no compression, if none is
 * asked for), `git cat-file --batch` reads one value at a time, `git merge-tree
 * --stdin` merges. All are started inside the clock, and
 * their CPU time counts.
 *
 * fast-import moves no ref before its end: that is when git sees the commits.
 * With ids=each every id is asked for, else operations cannot be told apart. Of
 * w4 fast-import makes all commits, merges included; then merge-tree merges what
 * it made, and must come to the same trees.
 */
#include "bench/bench-peer.h"
#include "bench/peers/git-process.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEX_BYTES   65
#define SETS        8
#define MOST_ROUNDS 20000

struct pair {
	char ours[HEX_BYTES], theirs[HEX_BYTES];
};

struct git_peer {
	struct bench_peer base;
	struct git_process import;
	unsigned mark;    /* of the newest commit */
	int is_in_commit; /* sets can follow */
	int has_main;     /* in the repository, or in this import */
	int is_continued; /* this import knows the branch */
	struct bench_set fork_sets[SETS]; /* that the merge has to repeat */
	unsigned fork_count, fork_mark;
	struct pair *pairs; /* that were merged */
	unsigned pair_count;
};

struct reader {
	struct bench_reader base;
	struct git_process git;
	char root[HEX_BYTES];
};

static struct git_peer *self_of(struct bench_peer *base)
{
	return (struct git_peer *)base;
}

static const char *lacks_git(const struct bench *bench)
{
	if (!*bench->dir)
		return "git has no store in memory";
	if (bench->threads > 1 || bench->hot)
		return "git is a new process each time";
	if (bench->rounds > MOST_ROUNDS)
		return "merge-tree would say more than a pipe takes";
	return NULL;
}

static void rev_parse(const char *dir, const char *revision, char *hex)
{
	const char *arguments[] = { "rev-parse", revision, NULL };

	git_run(dir, arguments, hex, HEX_BYTES);
}

static void open_git(struct bench_peer *base)
{
	static const char *const init[] = { "init", "-q", "--bare", "-b",
		"main", NULL };
	struct bench *bench = base->bench;

	if (access(bench->dir, F_OK) != 0)
		git_run(bench->dir, init, NULL, 0);
	bench->clock.is_blind = bench->ids[1] == 'n' &&
	    (bench->workload[1] == '1' || bench->workload[1] == '5');
}

static void settle_git(struct bench_peer *base)
{
	struct git_peer *self = self_of(base);

	if (self->import.pid)
		fputs("done\n", self->import.to);
	git_end(&self->import);
	self->is_continued = 0;
}

static void close_git(struct bench_peer *base)
{
	settle_git(base);
	free(self_of(base)->pairs);
}

/* ---- writing ---- */

static void start_import(struct git_peer *self)
{
	const struct bench *bench = self->base.bench;
	char compression[40];
	const char *arguments[] = { "-c", compression, "-c", "core.fsync=none",
		"-c", "fastimport.unpackLimit=0", "fast-import", "--quiet",
		"--done", NULL };

	if (self->import.pid)
		return;
	snprintf(compression, sizeof(compression), "pack.compression=%d",
	    bench->compression >= 0 ? bench->compression : 0);
	git_start(&self->import, bench->dir, arguments);
}

static void begin_commit(struct git_peer *self, const char *branch)
{
	fprintf(self->import.to,
	    "commit refs/heads/%s\nmark :%u\n"
	    "committer " BENCH_AUTHOR " %d +0000\ndata %zu\n%s",
	    branch, ++self->mark, BENCH_TIME, strlen(BENCH_MESSAGE),
	    BENCH_MESSAGE);
}

static void begin_main(struct git_peer *self)
{
	start_import(self);
	begin_commit(self, "main");
	if (self->has_main && !self->is_continued)
		fputs("from refs/heads/main^0\n", self->import.to);
	self->has_main = 1;
	self->is_continued = 1;
}

static void put(struct git_peer *self, const struct bench_set *set)
{
	fprintf(self->import.to, "M 100644 inline %s\ndata %d\n%s\n", set->path,
	    BENCH_VALUE_BYTES, set->value);
}

static void set_git(struct bench_peer *base, const struct bench_set *set)
{
	struct git_peer *self = self_of(base);

	if (!self->is_in_commit)
		begin_main(self);
	self->is_in_commit = 1;
	put(self, set);
}

static void commit_git(struct bench_peer *base)
{
	self_of(base)->is_in_commit = 0;
}

static void id_of_mark(struct git_peer *self, unsigned mark, char *hex)
{
	fprintf(self->import.to, "get-mark :%u\n", mark);
	git_line(&self->import, hex, HEX_BYTES);
}

static void ask_git(struct bench_peer *base)
{
	struct git_peer *self = self_of(base);
	char hex[HEX_BYTES];

	if (self->import.pid) /* else the ref is there */
		id_of_mark(self, self->mark, hex);
}

static void tell_git(struct bench_peer *base)
{
	struct bench *bench = base->bench;

	rev_parse(bench->dir, "refs/heads/main^{tree}", bench->tree);
	rev_parse(bench->dir, "refs/heads/main", bench->commit);
}

static void pack_git(struct bench_peer *base)
{
	static const char *const repack[] = { "repack", "-adq", NULL };

	git_run(base->bench->dir, repack, NULL, 0);
}

/* ---- merging ---- */

static void fork_git(struct bench_peer *base)
{
	struct git_peer *self = self_of(base);

	start_import(self);
	fputs("reset refs/heads/fork\nfrom refs/heads/main\n\n",
	    self->import.to);
	self->fork_count = 0;
}

static void set_fork_git(struct bench_peer *base, const struct bench_set *set)
{
	struct git_peer *self = self_of(base);

	begin_commit(self, "fork");
	put(self, set);
	self->fork_sets[self->fork_count++ % SETS] = *set;
	self->fork_mark = self->mark;
}

static struct pair *new_pair(struct git_peer *self)
{
	if (!self->pairs)
		self->pairs = calloc(self->base.bench->rounds,
		    sizeof(*self->pairs));
	if (!self->pairs)
		bench_fail("merge", "out of memory");
	return &self->pairs[self->pair_count++];
}

static void merge_git(struct bench_peer *base)
{
	struct git_peer *self = self_of(base);
	struct pair *pair = new_pair(self);
	unsigned i;

	id_of_mark(self, self->mark - self->fork_count, pair->ours);
	id_of_mark(self, self->fork_mark, pair->theirs);
	begin_main(self);
	fputs("merge refs/heads/fork\n", self->import.to);
	for (i = 0; i < self->fork_count; i++)
		put(self, &self->fork_sets[i]);
}

/* -> in `tree`, what a pair merges to: "1 NUL tree NUL NUL", 1 for no conflict */
static void read_merge(struct git_process *git, char *tree)
{
	char *answer = NULL;
	size_t size = 0;

	if (getdelim(&answer, &size, 0, git->from) < 0 ||
	    strcmp(answer, "1") != 0)
		bench_fail("merge-tree", "there are conflicts");
	if (getdelim(&answer, &size, 0, git->from) < 0 ||
	    strlen(answer) >= HEX_BYTES)
		bench_fail("merge-tree", "it named no tree");
	memcpy(tree, answer, strlen(answer) + 1);
	if (getdelim(&answer, &size, 0, git->from) != 1)
		bench_fail("merge-tree", "it said more");
	free(answer);
}

/* All in one go: it says nothing before its input ends, and then no more than
 * the pipe takes. */
static void merge_pairs(struct git_peer *self, char *tree)
{
	static const char *const merge_tree[] = { "merge-tree", "--write-tree",
		"--stdin", NULL };
	struct git_process git = { 0, NULL, NULL };
	unsigned i;

	git_start(&git, self->base.bench->dir, merge_tree);
	for (i = 0; i < self->pair_count; i++)
		fprintf(git.to, "%s %s\n", self->pairs[i].ours,
		    self->pairs[i].theirs);
	git_close_input(&git);
	for (i = 0; i < self->pair_count; i++)
		read_merge(&git, tree);
	git_end(&git);
}

/* All commits are made: now they are merged once more, by git's own merge. */
static void merge_again(struct git_peer *self)
{
	struct bench *bench = self->base.bench;
	char tree[HEX_BYTES], wanted[HEX_BYTES];
	uint64_t start = bench_cpu_ns();

	merge_pairs(self, tree);
	bench_tell(bench, "merge_us",
	    (double)(bench_cpu_ns() - start) / 1e3 / self->pair_count);
	rev_parse(bench->dir, "refs/heads/main^{tree}", wanted);
	if (strcmp(tree, wanted) != 0)
		bench_fail("merge-tree", "it came to another tree");
}

static void settle_merges(struct bench_peer *base)
{
	struct git_peer *self = self_of(base);

	settle_git(base);
	if (self->pair_count)
		merge_again(self);
	self->pair_count = 0;
}

/* ---- reading ---- */

static struct bench_reader *new_reader(struct bench_peer *base)
{
	static const char *const batch[] = { "cat-file", "--batch", NULL };
	struct reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		bench_fail("read", "out of memory");
	reader->base.peer = base;
	if (base->bench->via[0] == 't')
		rev_parse(base->bench->dir, "refs/heads/main^{tree}",
		    reader->root);
	else
		snprintf(reader->root, sizeof(reader->root), "refs/heads/main");
	git_start(&reader->git, base->bench->dir, batch);
	return &reader->base;
}

static uint64_t get_git(struct bench_reader *base, const char *path)
{
	struct reader *reader = (struct reader *)base;
	char line[200];

	fprintf(reader->git.to, "%s:%s\n", reader->root, path);
	git_line(&reader->git, line, sizeof(line));
	if (!strstr(line, " blob 16"))
		bench_fail(path, line);
	git_line(&reader->git, line, sizeof(line));
	return bench_checksum(line);
}

static void free_reader(struct bench_reader *base)
{
	git_end(&((struct reader *)base)->git);
	free(base);
}

int main(int argc, char **argv)
{
	static const struct bench_class class = {
		.size = sizeof(struct git_peer),
		.hows = "",
		.lacks = lacks_git,
		.open = open_git,
		.close = close_git,
		.set = set_git,
		.commit = commit_git,
		.ask = ask_git,
		.settle = settle_merges,
		.tell = tell_git,
		.pack = pack_git,
		.reader = new_reader,
		.get = get_git,
		.reader_free = free_reader,
		.fork = fork_git,
		.set_fork = set_fork_git,
		.merge = merge_git,
	};

	return bench_main(argc, argv, &class);
}
