/* Making commits. What is said is fixed at once; ids, and what is stored, come
 * at once where the backend keeps things, and else when somebody asks. */
#include "lib/core/store/commit-parts.h"

#include "lib/core/base/error.h"
#include "lib/core/object/write-check.h"
#include "lib/core/store/batch.h"
#include "lib/core/store/graph.h"
#include <irmin/alloc.h>

static irmin_rc refuse_parent(const char *why, size_t i, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_EINVAL, NULL, "parent %zu is %s",
	    i + 1, why);
}

static irmin_rc check_parents(irmin_repo *repo, irmin_tree *tree,
    irmin_commit *const *parents, size_t count, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t i, j;
	int same;

	if (irmin__tree_repo(tree) != repo)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "the tree is of another repository");
	for (i = 0; i < count; i++)
		if (parents[i]->repo != repo)
			return refuse_parent("of another repository", i, err);
	for (i = 1; i < count; i++)
		for (j = 0; j < i; j++) {
			rc = irmin__commit_same(parents[i], parents[j], &same,
			    err);
			if (rc >= 0 && same)
				rc = refuse_parent("there twice", i, err);
			if (rc < 0)
				return rc;
		}
	return IRMIN_OK;
}

/* ---- what is said ---- */

static int is_same_ident(const irmin_ident *a, const irmin_ident *b)
{
	return irmin_slice_equal(a->name, b->name) &&
	    irmin_slice_equal(a->email, b->email) && a->time == b->time &&
	    a->zone == b->zone;
}

/* Author, committer if he is another, message with its final newline, one behind
 * the other; the sizes of both idents are noted. */
static irmin_rc append_text(irmin_buf *text, const irmin_ident *author,
    const irmin_ident *committer, irmin_slice message, size_t sizes[2],
    irmin_error *err)
{
	const char *end = message.data;
	irmin_rc rc = irmin_buf_reserve(text,
	    2 * (author->name.len + author->email.len) + message.len + 80, err);

	if (rc >= 0)
		rc = irmin__ident_append(text, author, err);
	sizes[0] = text->len;
	if (rc >= 0 && !is_same_ident(author, committer))
		rc = irmin__ident_append(text, committer, err);
	sizes[1] = text->len - sizes[0];
	if (rc >= 0)
		rc = irmin_buf_append(text, message, err);
	if (rc >= 0 && message.len && end[message.len - 1] != '\n')
		rc = irmin_buf_append(text, irmin_text("\n"), err);
	return rc;
}

/* Points into the text. */
static void point(irmin__commit_data *data, const irmin_buf *text,
    const size_t sizes[2])
{
	const unsigned char *at = text->data;
	size_t idents = sizes[0] + sizes[1];

	data->author = data->committer = irmin_bytes(at, sizes[0]);
	if (sizes[1])
		data->committer = irmin_bytes(at + sizes[0], sizes[1]);
	data->message = irmin_bytes(at + idents, text->len - idents);
	data->decoded = 1; /* the message stands as it is to be */
}

static irmin_rc set_text(irmin_commit *commit, const irmin_info *info,
    const char *default_message, irmin_error *err)
{
	irmin_ident author, committer;
	irmin_slice message;
	irmin_buf text = IRMIN_BUF_INIT;
	size_t sizes[2];
	irmin_rc rc;

	rc = irmin__info_resolve(commit->repo, info, default_message, &author,
	    &committer, &message, err);
	if (rc >= 0)
		rc = append_text(&text, &author, &committer, message, sizes,
		    err);
	if (rc < 0) {
		irmin_buf_clear(&text);
		return rc;
	}
	commit->bytes.data = commit->bytes.owner = text.data;
	commit->bytes.len = text.len;
	commit->bytes.release = irmin_free;
	point(&commit->data, &text, sizes);
	return irmin__check_commit(&commit->data, err);
}

/* ---- what is stored ---- */

static irmin_rc note_parent_ids(irmin_commit *commit,
    irmin_commit *const *parents, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; i < commit->data.parents.len && rc >= 0; i++)
		rc = irmin__commit_id(parents[i],
		    &commit->data.parents.items[i], err);
	return rc;
}

/* Writes the tree and the commit together. */
static irmin_rc write_commit(irmin_commit *commit, const irmin_context *context,
    irmin_tree *tree, irmin_error *err)
{
	irmin__batch *batch = NULL;
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_oid id;
	irmin_rc rc = irmin__batch_new(commit->repo, &batch, err);

	if (rc >= 0)
		rc = irmin__tree_collect(tree, batch, &commit->data.tree, err);
	if (rc >= 0)
		rc = irmin__commit_hash(commit, &bytes, &id, err);
	if (rc >= 0)
		rc = irmin__batch_put(batch, IRMIN_OBJECT_COMMIT, &id,
		    irmin_buf_slice(&bytes), NULL, NULL, err);
	if (rc >= 0)
		rc = irmin__batch_write(batch, context, err);
	if (rc >= 0)
		irmin__late_set(&commit->id, &id);
	irmin__batch_free(batch);
	irmin_buf_clear(&bytes);
	return rc;
}

/* ---- both ---- */

/* Points to the parents, and counts as they do. */
static void hold_parents(irmin_commit *commit, irmin_commit *const *parents)
{
	uint64_t highest = 0;
	int known = 1;
	size_t i;

	for (i = 0; i < commit->data.parents.len; i++) {
		commit->parents[i] = irmin_commit_ref(parents[i]);
		known &= parents[i]->generation != 0;
		if (parents[i]->generation > highest)
			highest = parents[i]->generation;
	}
	commit->generation = known ? highest + 1 : 0;
}

static irmin_rc complete(irmin_commit *commit, const irmin_context *context,
    irmin_tree *tree, irmin_commit *const *parents, irmin_error *err)
{
	irmin_rc rc;

	if (commit->repo->late_commits) {
		rc = irmin__repo_check_writable(commit->repo, err);
		hold_parents(commit, parents);
	} else {
		rc = note_parent_ids(commit, parents, err);
		if (rc >= 0)
			rc = write_commit(commit, context, tree, err);
	}
	if (rc >= 0)
		atomic_init(&commit->tree, irmin_tree_ref(tree));
	return rc;
}

irmin_rc irmin__commit_make(irmin_repo *repo, const irmin_context *context,
    irmin_tree *tree, irmin_commit *const *parents, size_t parent_count,
    const irmin_info *info, const char *default_message, irmin_commit **commit,
    irmin_error *err)
{
	irmin_commit *made = NULL;
	irmin_rc rc;

	*commit = NULL;
	rc = check_parents(repo, tree, parents, parent_count, err);
	if (rc >= 0)
		rc = irmin__commit_alloc(repo, 1, parent_count, &made, err);
	if (rc >= 0)
		rc = set_text(made, info, default_message, err);
	if (rc >= 0)
		rc = complete(made, context, tree, parents, err);
	if (rc < 0) {
		irmin_commit_unref(made);
		return rc;
	}
	irmin__repo_count(repo, IRMIN_STAT_COMMITS, 1);
	*commit = made;
	return IRMIN_OK;
}

/* The words for a commit that was given none. */
static irmin_rc default_message(irmin_tree *tree, irmin_commit *const *parents,
    size_t parent_count, irmin_buf *message, irmin_error *err)
{
	irmin_tree *before = NULL;
	irmin_rc rc = IRMIN_OK;

	if (parent_count)
		rc = irmin_commit_tree(parents[0], &before, err);
	if (rc >= 0)
		rc = irmin__message_of_changes(before, tree, message, err);
	irmin_tree_unref(before);
	return rc;
}

irmin_rc irmin_commit_new(irmin_repo *repo, irmin_tree *tree,
    irmin_commit *const *parents, size_t parent_count, const irmin_info *info,
    irmin_commit **commit, irmin_error *err)
{
	irmin_context context;
	irmin_info known;
	irmin_buf message = IRMIN_BUF_INIT;
	irmin_rc rc;

	irmin_error_clear(err);
	*commit = NULL;
	rc = irmin__info_read(info, &known, err);
	if (rc < 0)
		return rc;
	context = irmin__repo_context(repo, &known.wait);
	if (!known.message)
		rc = default_message(tree, parents, parent_count, &message,
		    err);
	if (rc >= 0)
		rc = irmin__commit_make(repo, &context, tree, parents,
		    parent_count, &known, (char *)message.data, commit, err);
	irmin_buf_clear(&message);
	return rc;
}
