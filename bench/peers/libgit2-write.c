#include "bench/peers/libgit2-peer.h"

#include <git2/sys/commit.h>

#define COMMITS_PER_PACK 1000

static git_oid write_value(struct libgit2_peer *self,
    const struct bench_set *set)
{
	git_oid blob;

	libgit2_check(git_blob_create_from_buffer(&blob, self->repo, set->value,
			  BENCH_VALUE_BYTES),
	    "write a blob");
	libgit2_pack_note(self->pack, &blob);
	return blob;
}

static void move_ref(struct libgit2_peer *self, const char *ref,
    const git_oid *id)
{
	git_reference *made;

	libgit2_check(git_reference_create(&made, self->repo, ref, id, 1, NULL),
	    "move a ref");
	git_reference_free(made);
}

void libgit2_settle(struct bench_peer *base)
{
	struct libgit2_peer *self = libgit2_self(base);

	if (!self->pack)
		return;
	libgit2_pack_write(self->pack);
	move_ref(self, LIBGIT2_MAIN, &self->head.commit);
	self->unpacked = 0;
}

/* `other` is a second parent, or NULL. */
static void commit_tree(struct libgit2_peer *self, struct head *head,
    const git_oid *other)
{
	const git_oid *parents[] = { &head->commit, other };
	git_oid id;

	libgit2_check(git_commit_create_from_ids(&id, self->repo,
			  self->pack ? NULL : head->ref, self->author,
			  self->author, NULL, BENCH_MESSAGE, &head->tree,
			  (size_t)head->is_there + (other != NULL), parents),
	    "commit");
	head->commit = id;
	head->is_there = 1;
	libgit2_pack_note(self->pack, &id);
	if (self->pack && ++self->unpacked == COMMITS_PER_PACK)
		libgit2_settle(&self->base);
}

void libgit2_set(struct bench_peer *base, const struct bench_set *set)
{
	struct libgit2_peer *self = libgit2_self(base);
	git_oid blob = write_value(self, set);

	libgit2_trees_set(self->head.trees, set->path, &blob);
}

void libgit2_commit(struct bench_peer *base)
{
	struct libgit2_peer *self = libgit2_self(base);

	libgit2_trees_write(self->head.trees, &self->head.tree);
	commit_tree(self, &self->head, NULL);
}

static void update_tree(struct libgit2_peer *self, struct head *head,
    const struct bench_set *set, const git_oid *blob)
{
	git_tree_update update = { GIT_TREE_UPDATE_UPSERT, *blob,
		GIT_FILEMODE_BLOB, set->path };
	git_tree *tree;

	libgit2_check(git_tree_lookup(&tree, self->repo, &head->tree),
	    "find a tree");
	libgit2_check(git_tree_create_updated(&head->tree, self->repo, tree, 1,
			  &update),
	    "update a tree");
	git_tree_free(tree);
}

static void set_head(struct libgit2_peer *self, struct head *head,
    const struct bench_set *set)
{
	git_oid blob = write_value(self, set);

	if (self->base.bench->how[0] == 'u') {
		update_tree(self, head, set, &blob);
	} else {
		libgit2_trees_set(head->trees, set->path, &blob);
		libgit2_trees_write(head->trees, &head->tree);
	}
	commit_tree(self, head, NULL);
}

void libgit2_set_one(struct bench_peer *base, const struct bench_set *set)
{
	struct libgit2_peer *self = libgit2_self(base);

	set_head(self, &self->head, set);
}

/* ---- merging ---- */

static void restart_trees(struct libgit2_peer *self, struct head *head)
{
	libgit2_trees_free(head->trees);
	head->trees = libgit2_trees_new(self->repo, self->pack, &head->tree);
}

void libgit2_fork(struct bench_peer *base)
{
	struct libgit2_peer *self = libgit2_self(base);
	const char *ref = self->fork.ref;

	self->base_tree = self->head.tree;
	libgit2_trees_free(self->fork.trees);
	self->fork = self->head;
	self->fork.ref = ref;
	self->fork.trees = libgit2_trees_new(self->repo, self->pack,
	    &self->head.tree);
	if (ref)
		move_ref(self, ref, &self->fork.commit);
}

void libgit2_set_fork(struct bench_peer *base, const struct bench_set *set)
{
	struct libgit2_peer *self = libgit2_self(base);

	set_head(self, &self->fork, set);
}

void libgit2_merge(struct bench_peer *base)
{
	struct libgit2_peer *self = libgit2_self(base);
	git_tree *before = libgit2_tree(self, &self->base_tree);
	git_tree *ours = libgit2_tree(self, &self->head.tree);
	git_tree *theirs = libgit2_tree(self, &self->fork.tree);
	git_index *index;

	libgit2_check(git_merge_trees(&index, self->repo, before, ours, theirs,
			  NULL),
	    "merge");
	if (git_index_has_conflicts(index))
		bench_fail("merge", "there are conflicts");
	libgit2_check(git_index_write_tree_to(&self->head.tree, index,
			  self->repo),
	    "write the merge");
	git_index_free(index);
	git_tree_free(before);
	git_tree_free(ours);
	git_tree_free(theirs);
	commit_tree(self, &self->head, &self->fork.commit);
	restart_trees(self, &self->head);
}
