/*
 * The same random history is written twice: through the library, and as a
 * stream for `git fast-import`. Every branch must end with the same id, so
 * every blob, tree and commit on the way is the same, byte for byte.
 */
#include "tests/interop/with-git.h"

#include "tests/support/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COMMITS 300

struct history {
	irmin_repo *repo;
	irmin_store *stores[3];
	int has_commit[3];
	irmin_buf stream;
	uint64_t chance;
	unsigned commits;
};

static const char *const branches[] = { "main", "side", "topic/deep" };

/* Names and texts that need quoting, escaping, or nothing at all. */
static const char *const steps[] = { "a", "b", "A", "a.b", "a0", "with space",
	"tab\there", "quote\"d", "back\\slashed", "\303\251t\303\251",
	"\377raw", "-dash", "~",
	"a-very-long-name-a-very-long-name-a-very-long-name-a-very-long" };
static const char *const people[] = { "A U Thor <author@example.org>",
	"J\303\266rg <j@example.org>", "one <1@2>", "E. Mail <a b@c d>" };
static const char *const messages[] = { "plain\n", "no newline", "",
	"subject\n\nbody\n\ntrailer: x\n", "\n\nleading", "\303\251\n",
	"many\n\n\n\n" };
static const int zones[] = { 0, 130, -800, 1245, -330, 1400, 5 };

#define PICK(self, table)                                                      \
	((table)[random_below(&(self)->chance,                                 \
	    sizeof(table) / sizeof((table)[0]))])

static void pick_path(struct history *self, char *path, size_t size)
{
	unsigned depth = 1 + random_below(&self->chance, 3);
	size_t len = 0;

	while (depth-- > 0)
		len += (size_t)snprintf(path + len, size - len, "%s%s",
		    len ? "/" : "", PICK(self, steps));
}

/* In the quotes that fast-import reads. */
static void write_path(irmin_buf *stream, const char *path)
{
	const unsigned char *byte;

	buf_print(stream, "\"");
	for (byte = (const unsigned char *)path; *byte; byte++)
		if (*byte < 0x20 || *byte > 0x7e || *byte == '"' ||
		    *byte == '\\')
			buf_print(stream, "\\%03o", *byte);
		else
			buf_print(stream, "%c", *byte);
	buf_print(stream, "\"");
}

static void write_data(irmin_buf *stream, irmin_slice data)
{
	buf_print(stream, "data %zu\n", data.len);
	buf_add(stream, data);
	buf_print(stream, "\n");
}

static void add_value(struct history *self, irmin_txn *txn, const char *path)
{
	static const irmin_mode modes[] = { IRMIN_MODE_FILE, IRMIN_MODE_FILE,
		IRMIN_MODE_EXECUTABLE, IRMIN_MODE_SYMLINK };
	irmin_mode mode = PICK(self, modes);
	unsigned char value[300];
	irmin_slice bytes = { value, 1 + random_below(&self->chance, 300) };
	irmin_error err;
	size_t i;

	/* A symlink's target has no NUL. */
	for (i = 0; i < bytes.len; i++)
		value[i] = mode == IRMIN_MODE_SYMLINK
		    ? (unsigned char)('a' + i % 26)
		    : (unsigned char)random_next(&self->chance);
	if (mode == IRMIN_MODE_FILE && random_below(&self->chance, 10) == 0)
		bytes.len = 0;
	if (irmin_txn_set_mode(txn, path, mode, bytes, &err) < 0)
		bail("set %s: %s", path, err.text);
	buf_print(&self->stream, "M %o inline ", (unsigned)mode);
	write_path(&self->stream, path);
	buf_print(&self->stream, "\n");
	write_data(&self->stream, bytes);
}

static void remove_path(struct history *self, irmin_txn *txn, const char *path)
{
	irmin_error err;

	if (irmin_txn_remove(txn, path, &err) < 0)
		bail("remove %s: %s", path, err.text);
	buf_print(&self->stream, "D ");
	write_path(&self->stream, path);
	buf_print(&self->stream, "\n");
}

static irmin_info pick_info(struct history *self)
{
	irmin_info info = irmin_info_of(PICK(self, people),
	    PICK(self, messages));

	info.committer = PICK(self, people);
	info.flags = IRMIN_INFO_DATE | IRMIN_INFO_ALLOW_EMPTY;
	info.author_time = random_below(&self->chance, 2000000000);
	info.committer_time = 1700000000 + self->commits;
	info.author_zone = PICK(self, zones);
	info.committer_zone = PICK(self, zones);
	return info;
}

static void write_ident(irmin_buf *stream, const char *role, const char *who,
    int64_t when, int zone)
{
	buf_print(stream, "%s %s %lld %c%04d\n", role, who, (long long)when,
	    zone < 0 ? '-' : '+', abs(zone));
}

/* A commit without a parent starts its branch anew for fast-import. */
static void write_commit(struct history *self, unsigned branch,
    const irmin_info *info)
{
	irmin_buf *stream = &self->stream;
	irmin_buf message = IRMIN_BUF_INIT;

	buf_add(&message, irmin_text(info->message));
	if (message.len > 0 && message.data[message.len - 1] != '\n')
		buf_print(&message, "\n");
	buf_print(stream, "commit refs/heads/%s\n", branches[branch]);
	write_ident(stream, "author", info->author, info->author_time,
	    info->author_zone);
	write_ident(stream, "committer", info->committer, info->committer_time,
	    info->committer_zone);
	write_data(stream, irmin_buf_slice(&message));
	irmin_buf_clear(&message);
}

static void commit_once(struct history *self)
{
	unsigned branch = random_below(&self->chance, 3);
	unsigned changes = 1 + random_below(&self->chance, 6);
	irmin_info info = pick_info(self);
	irmin_txn *txn;
	irmin_error err;
	char path[400];

	if (irmin_txn_begin(self->stores[branch], IRMIN_TXN_UNMOVED, &txn,
		&err) < 0)
		bail("begin: %s", err.text);
	write_commit(self, branch, &info);
	while (changes-- > 0) {
		pick_path(self, path, sizeof(path));
		if (random_below(&self->chance, 4) == 0)
			remove_path(self, txn, path);
		else
			add_value(self, txn, path);
	}
	if (irmin_txn_commit(txn, &info, &err) < 0)
		bail("commit %u: %s", self->commits, err.text);
	self->has_commit[branch] = 1;
	self->commits++;
}

static irmin_commit *head_of(struct history *self, unsigned branch)
{
	irmin_commit *head;
	irmin_error err;

	if (irmin_store_head(self->stores[branch], &head, &err) < 0)
		bail("head: %s", err.text);
	return head;
}

/* Two parents, and the tree of the first. */
static void merge_once(struct history *self)
{
	irmin_info info = pick_info(self);
	irmin_commit *parents[2], *merged;
	irmin_tree *tree;
	irmin_error err;

	if (!self->has_commit[0] || !self->has_commit[1])
		return;
	parents[0] = head_of(self, 0);
	parents[1] = head_of(self, 1);
	if (irmin_commit_tree(parents[0], &tree, &err) < 0 ||
	    irmin_commit_new(self->repo, tree, parents, 2, &info, &merged,
		&err) < 0 ||
	    irmin_store_cas_head(self->stores[0], parents[0], merged, &err) < 0)
		bail("merge: %s", err.text);
	write_commit(self, 0, &info);
	buf_print(&self->stream, "merge refs/heads/%s\n", branches[1]);
	irmin_commit_unref(merged);
	irmin_tree_unref(tree);
	irmin_commit_unref(parents[0]);
	irmin_commit_unref(parents[1]);
	self->commits++;
}

static void open_history(struct history *self, const char *dir,
    irmin_hash_algo hash)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_error err;
	size_t i;

	memset(self, 0, sizeof(*self));
	self->chance = 42;
	options.flags = IRMIN_OPEN_CREATE;
	options.hash = hash;
	self->repo = git_open(dir, &options);
	for (i = 0; i < 3; i++)
		if (irmin_store_open(self->repo, branches[i], &self->stores[i],
			&err) < 0)
			bail("%s", err.text);
}

static void close_history(struct history *self)
{
	size_t i;

	for (i = 0; i < 3; i++)
		irmin_store_close(self->stores[i]);
	irmin_repo_close(self->repo);
	irmin_buf_clear(&self->stream);
}

static void check_hash(irmin_hash_algo hash)
{
	const char *format = irmin_hash_name(hash);
	const char *ours = git_path(tap_format("ours-%s.git", format));
	const char *theirs = git_path(tap_format("theirs-%s.git", format));
	struct history self;
	size_t i;

	open_history(&self, ours, hash);
	while (self.commits < COMMITS) {
		commit_once(&self);
		if (self.commits % 17 == 0)
			merge_once(&self);
	}
	git_init(theirs, format);
	git_fast_import(theirs, &self.stream);
	for (i = 0; i < 3; i++)
		is_str(git_says(ours, "rev-parse %s", branches[i]),
		    git_says(theirs, "rev-parse %s", branches[i]),
		    "%s: %s has the id that git gives", format, branches[i]);
	is_str(git_says(ours, "rev-list --count --all"),
	    tap_format("%u", self.commits), "%s: all commits are there",
	    format);
	is_str(git_says(ours, "log --format=%%H%%an%%ae%%ad%%cn%%cd%%B main"),
	    git_says(theirs, "log --format=%%H%%an%%ae%%ad%%cn%%cd%%B main"),
	    "%s: git log says the same", format);
	git_fsck_is_clean(ours);
	close_history(&self);
}

int main(void)
{
	check_hash(IRMIN_HASH_SHA1);
	check_hash(IRMIN_HASH_SHA256);
	return done_testing();
}
