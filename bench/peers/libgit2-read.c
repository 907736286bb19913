#include "bench/peers/libgit2-peer.h"

#include <stdlib.h>

struct reader {
	struct bench_reader base;
	git_tree *tree; /* NULL: through the ref */
};

struct bench_reader *libgit2_reader(struct bench_peer *base)
{
	struct libgit2_peer *self = libgit2_self(base);
	struct reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		bench_fail("read", "out of memory");
	reader->base.peer = base;
	if (base->bench->via[0] == 't')
		reader->tree = libgit2_tree(self, &self->head.tree);
	return &reader->base;
}

static git_tree *newest_tree(struct libgit2_peer *self)
{
	git_oid id = self->head.commit;
	git_commit *commit;
	git_tree *tree;

	if (self->head.ref)
		libgit2_check(git_reference_name_to_id(&id, self->repo,
				  self->head.ref),
		    "read the ref");
	libgit2_check(git_commit_lookup(&commit, self->repo, &id),
	    "find a commit");
	libgit2_check(git_commit_tree(&tree, commit), "find a tree");
	git_commit_free(commit);
	return tree;
}

uint64_t libgit2_get(struct bench_reader *base, const char *path)
{
	struct reader *reader = (struct reader *)base;
	struct libgit2_peer *self = libgit2_self(base->peer);
	git_tree *tree = reader->tree ? reader->tree : newest_tree(self);
	git_tree_entry *entry;
	git_blob *blob;
	uint64_t sum;

	libgit2_check(git_tree_entry_bypath(&entry, tree, path), "find a path");
	libgit2_check(git_blob_lookup(&blob, self->repo,
			  git_tree_entry_id(entry)),
	    "find a blob");
	if (git_blob_rawsize(blob) != BENCH_VALUE_BYTES)
		bench_fail(path, "there is no such value");
	sum = bench_checksum(git_blob_rawcontent(blob));
	git_blob_free(blob);
	git_tree_entry_free(entry);
	if (!reader->tree)
		git_tree_free(tree);
	return sum;
}

void libgit2_reader_free(struct bench_reader *base)
{
	struct reader *reader = (struct reader *)base;

	git_tree_free(reader->tree);
	free(reader);
}

/* ---- holding all of a tree ---- */

static void hold(struct libgit2_peer *self, git_object *object)
{
	if ((self->held_count & (self->held_count - 1)) == 0)
		self->held = realloc(self->held,
		    (self->held_count ? 2 * self->held_count : 1) *
			sizeof(git_object *));
	if (!self->held)
		bench_fail("load", "out of memory");
	self->held[self->held_count++] = object;
}

static int load_entry(const char *root, const git_tree_entry *entry, void *arg)
{
	struct libgit2_peer *self = arg;
	git_object *object;

	(void)root;
	if (git_tree_entry_type(entry) != GIT_OBJECT_TREE &&
	    !self->base.bench->values)
		return 0;
	libgit2_check(git_tree_entry_to_object(&object, self->repo, entry),
	    "load");
	hold(self, object);
	return 0;
}

void libgit2_load(struct bench_peer *base)
{
	struct libgit2_peer *self = libgit2_self(base);
	git_tree *root = libgit2_tree(self, &self->head.tree);

	hold(self, (git_object *)root);
	libgit2_check(git_tree_walk(root, GIT_TREEWALK_PRE, load_entry, self),
	    "load");
}
