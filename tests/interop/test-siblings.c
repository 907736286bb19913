/*
 * Trees as git and its elders wrote them, with every mode and any name: each
 * entry is read as it is, and stays as it is when its neighbours change. What
 * no tree may be is read where it can be, and never written upon.
 */
#include "tests/interop/with-git.h"

#include "tests/support/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Entries in git's order; those of $TREE are directories. */
static const struct odd_entry {
	const char *mode, *name, *to;
} odd_entries[] = {
	{ "100644", "\1\2\t\n\r\033", "$BLOB" },
	{ "100644", " ", "$BLOB" },
	{ "100755", "\"quoted\"", "$BLOB" },
	{ "100644", "-rf", "$BLOB" },
	{ "100644", "...", "$BLOB" },
	{ "100644", ".gitignore", "$BLOB" },
	{ "160000", "0module", "$COMMIT" },
	{ "120000", "1link", "$BLOB" },
	{ "100644", "2empty", "$EMPTY" },
	{ "120000", "3empty link", "$EMPTY" },
	{ "100755", "4run", "$BLOB" },
	{ "100644", "5name", "$BLOB" },
	{ "100644", "5name.c", "$BLOB" },
	{ "100644", "5name0", "$BLOB" },
	{ "40000", "6tree", "$TREE" },
	{ "40000", "7empty tree", "$NOTHING" },
	{ "100644", "A", "$BLOB" },
	{ "100644", "\\back", "$BLOB" },
	{ "100644", "a", "$BLOB" },
	{ "100644", "e\314\201", "$BLOB" },
	{ "100644", "\303\251", "$BLOB" },
	{ "100644", "\377\376", "$BLOB" },
};

/* Around and between them. */
static const char *const beside[] = { "\1", "!", "0", "1link0", "3", "5", "6",
	"6tree0", "B", "b", "f", "zzz", "\377\377", "6tree/beside",
	"6tree/deeper/6tree/beside", "new/beside" };

struct ids {
	const char *blob, *empty, *tree, *nothing, *commit;
};

static const char *id_of(const struct ids *ids, const char *name)
{
	switch (name[1]) {
	case 'B':
		return ids->blob;
	case 'E':
		return ids->empty;
	case 'T':
		return ids->tree;
	case 'N':
		return ids->nothing;
	default:
		return ids->commit;
	}
}

/* One entry: mode, space, name, NUL, raw id. */
static void add_entry(irmin_buf *tree, const char *mode, const char *name,
    const char *hex)
{
	irmin_oid id;

	if (irmin_oid_parse(irmin_text(hex), &id, NULL) < 0)
		bail("not an id: %s", hex);
	buf_print(tree, "%s %s", mode, name);
	buf_add(tree, irmin_bytes("", 1));
	buf_add(tree,
	    irmin_bytes(id.bytes, irmin_hash_size((irmin_hash_algo)id.algo)));
}

static const char *write_tree(const char *dir, const irmin_buf *tree)
{
	const char *file = git_path("tree");

	tap_write_file(file, tree->data, tree->len);
	return git_says(dir, "hash-object -w --literally -t tree %s", file);
}

static const char *write_commit(const char *dir, const char *branch,
    const char *tree)
{
	const char *id = git_says(dir, "commit-tree -m x %s", tree);

	git_says(dir, "update-ref refs/heads/%s %s", branch, id);
	return id;
}

static void write_ids(const char *dir, struct ids *ids)
{
	irmin_buf tree = IRMIN_BUF_INIT;
	const char *file = git_path("blob");

	tap_write_file(file, "blob\n", 5);
	ids->blob = git_says(dir, "hash-object -w %s", file);
	ids->empty = git_says(dir, "hash-object -w /dev/null");
	ids->nothing = git_says(dir, "hash-object -w -t tree /dev/null");
	ids->commit = write_commit(dir, "empty", ids->nothing);
	add_entry(&tree, "100644", "x", ids->blob);
	ids->tree = write_tree(dir, &tree);
	irmin_buf_clear(&tree);
}

/* All of it, and once more below the directories deeper/6tree. */
static const char *write_odd_tree(const char *dir, const struct ids *ids)
{
	const size_t count = sizeof(odd_entries) / sizeof(odd_entries[0]);
	struct ids inner = *ids;
	irmin_buf tree = IRMIN_BUF_INIT;
	int depth;
	size_t i;

	for (depth = 0; depth < 3; depth++) {
		tree.len = 0;
		for (i = 0; i < count; i++)
			add_entry(&tree, odd_entries[i].mode,
			    odd_entries[i].name,
			    id_of(&inner, odd_entries[i].to));
		inner.tree = write_tree(dir, &tree);
		if (depth != 1)
			continue;
		tree.len = 0;
		add_entry(&tree, "40000", "deeper", inner.tree);
		add_entry(&tree, "100644", "y", ids->blob);
		inner.tree = write_tree(dir, &tree);
	}
	irmin_buf_clear(&tree);
	return inner.tree;
}

/* ---- reading ---- */

static int write_visit(void *arg, const irmin_visit *visit)
{
	static const char *const types[] = { "blob", "tree", "commit" };
	int type = visit->mode == IRMIN_MODE_TREE ? 1
	    : visit->mode == IRMIN_MODE_GITLINK   ? 2
						  : 0;
	char hex[IRMIN_OID_HEX_BYTES];

	buf_print(arg, "%06o %s %s\t%.*s", (unsigned)visit->mode, types[type],
	    irmin_oid_hex(&visit->id, hex), (int)visit->path.len,
	    (const char *)visit->path.data);
	buf_add(arg, irmin_bytes("", 1));
	return 0;
}

static void git_lists(const char *dir, const char *revision,
    struct tap_output *said)
{
	if (tap_run(said, "git --git-dir %s ls-tree -r -t -z %s", dir,
		revision) != 0)
		bail("git ls-tree: %s", said->err);
}

static void check_read(irmin_repo *repo, const char *dir, const char *branch)
{
	irmin_buf text = IRMIN_BUF_INIT;
	irmin_store *store = NULL;
	irmin_tree *tree = NULL;
	struct tap_output said;
	irmin_error err;
	irmin_rc rc;

	rc = irmin_store_open(repo, branch, &store, &err);
	if (rc >= 0)
		rc = irmin_store_tree(store, &tree, &err);
	if (rc >= 0)
		rc = irmin_tree_each(tree, "", IRMIN_EACH_TREES, write_visit,
		    &text, &err);
	succeeds(rc, &err, "%s is walked", branch);
	git_lists(dir, branch, &said);
	is_mem(text.data, text.len, said.out, said.out_len,
	    "%s is what git ls-tree tells", branch);
	tap_output_clear(&said);
	irmin_tree_unref(tree);
	irmin_store_close(store);
	irmin_buf_clear(&text);
}

/* ---- writing beside ---- */

/* Git's own way to change one path, in an index of its own. */
static const char *tree_by_git(const char *dir, const char *from,
    const char *path, const char *blob)
{
	struct tap_output said;
	const char *const argv[] = { "sh", "-c",
		"export GIT_INDEX_FILE=$PWD/index.test; rm -f index.test;"
		"git --git-dir . read-tree \"$1\" &&"
		"git --git-dir . update-index --add --cacheinfo "
		"100644 \"$2\" \"$3\" && git --git-dir . write-tree",
		"sh", from, blob, path, NULL };
	const char *id;

	if (tap_run_argv(&said, dir, argv, NULL, 0) != 0)
		bail("git update-index: %s", said.err);
	id = tap_format("%.*s", (int)strcspn(said.out, "\n"), said.out);
	tap_output_clear(&said);
	return id;
}

/* What differs from the parent, as git sees it: only what was set. */
static void check_difference(const char *dir, const char *path)
{
	struct tap_output said;
	const char *name;

	if (tap_run(&said,
		"git --git-dir %s diff-tree -r -z --name-status "
		"--no-commit-id beside",
		dir) != 0)
		bail("git diff-tree: %s", said.err);
	name = said.out + 2; /* behind "A" and NUL */
	ok(said.out_len == strlen(path) + 3 && said.out[0] == 'A' &&
		strcmp(name, path) == 0,
	    "and nothing else differs");
	tap_output_clear(&said);
}

static void check_beside(irmin_store *store, const char *dir, const char *path)
{
	const char *quoted = tap_format("a value at byte %d of %zu, %.20s",
	    (unsigned char)path[0], strlen(path),
	    (unsigned char)path[0] > ' ' ? path : "");
	irmin_error err;

	git_says(dir, "update-ref refs/heads/beside odd");
	succeeds(irmin_store_set(store, path, irmin_text("blob\n"), NULL, &err),
	    &err, "%s is set", quoted);
	check_difference(dir, path);
}

static void check_writing(irmin_repo *repo, const char *dir)
{
	irmin_store *store;
	irmin_error err;
	size_t i;

	git_says(dir, "branch beside odd");
	if (irmin_store_open(repo, "beside", &store, &err) < 0)
		bail("%s", err.text);
	for (i = 0; i < sizeof(beside) / sizeof(beside[0]); i++)
		check_beside(store, dir, beside[i]);
	irmin_store_close(store);
}

/* ---- what git's fsck would not like ---- */

/* Modes that old programs wrote become those of today; the ids stay. */
static void check_old_modes(irmin_repo *repo, const char *dir,
    const struct ids *ids)
{
	irmin_buf tree = IRMIN_BUF_INIT;
	irmin_store *store;
	irmin_error err;

	add_entry(&tree, "100664", "a", ids->blob);
	add_entry(&tree, "100600", "b", ids->blob);
	add_entry(&tree, "100775", "c", ids->blob);
	add_entry(&tree, "040000", "d", ids->tree);
	write_commit(dir, "old", write_tree(dir, &tree));
	irmin_buf_clear(&tree);
	if (irmin_store_open(repo, "old", &store, &err) < 0)
		bail("%s", err.text);
	succeeds(irmin_store_set(store, "e", irmin_text("blob\n"), NULL, &err),
	    &err, "a value beside modes of old");
	is_str(git_says(dir, "rev-parse old^{tree}"),
	    tree_by_git(dir, "old^", "e", ids->blob),
	    "the tree is the one that git makes of it");
	irmin_store_close(store);
}

static void check_no_base(irmin_repo *repo, const char *dir,
    const struct ids *ids, const char *name, const char *first,
    const char *second)
{
	irmin_buf tree = IRMIN_BUF_INIT;
	irmin_store *store;
	const char *head;
	irmin_error err;
	irmin_rc rc;

	add_entry(&tree, "100644", first, ids->blob);
	add_entry(&tree, "100644", second, ids->blob);
	head = write_commit(dir, "broken", write_tree(dir, &tree));
	irmin_buf_clear(&tree);
	if (irmin_store_open(repo, "broken", &store, &err) < 0)
		bail("%s", err.text);
	rc = irmin_store_set(store, "z", irmin_text("1"), NULL, &err);
	ok(rc < 0, "%s: not written upon", name);
	diag("%s", err.text);
	is_str(git_says(dir, "rev-parse broken"), head,
	    "%s: the branch is where it was", name);
	irmin_store_close(store);
}

static void check_format(const char *format)
{
	const char *dir = git_path(tap_format("%s.git", format));
	irmin_repo *repo;
	struct ids ids;

	diag("%s", format);
	git_init(dir, format);
	write_ids(dir, &ids);
	write_commit(dir, "odd", write_odd_tree(dir, &ids));
	repo = git_open(dir, NULL);
	check_read(repo, dir, "odd");
	check_read(repo, dir, "empty");
	check_writing(repo, dir);
	git_fsck_is_clean(dir);
	check_old_modes(repo, dir, &ids);
	check_no_base(repo, dir, &ids, "an entry twice", "a", "a");
	check_no_base(repo, dir, &ids, "entries out of order", "b", "a");
	irmin_repo_close(repo);
}

int main(void)
{
	check_format("sha1");
	check_format("sha256");
	return done_testing();
}
