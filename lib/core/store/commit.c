#include "lib/core/store/commit.h"

#include <assert.h>

#include "lib/core/base/count.h"
#include "lib/core/base/error.h"
#include "lib/core/object/write-check.h"
#include <irmin/alloc.h>

/* How many tags may point to tags before a commit comes. */
#define MAX_TAGS 64

struct irmin_commit {
	atomic_size_t count;
	irmin_repo *repo;
	irmin_oid id;
	irmin_pin bytes;            /* as it is stored */
	irmin__commit_data data;    /* points into `bytes` */
	_Atomic(irmin_tree *) tree; /* NULL until it is asked for */
};

/* ---- reading ---- */

/* A commit with these bytes, which it takes over, also on failure. */
static irmin_rc new_commit(irmin_repo *repo, const irmin_oid *id,
    irmin_pin *bytes, irmin_commit **commit, irmin_error *err)
{
	irmin_commit *made = irmin_calloc(1, sizeof *made);

	*commit = NULL;
	if (!made) {
		irmin_pin_release(bytes);
		return irmin__enomem(err);
	}
	atomic_init(&made->count, 1);
	atomic_init(&made->tree, NULL);
	made->repo = irmin__repo_ref(repo);
	made->id = *id;
	made->bytes = *bytes;
	memset(bytes, 0, sizeof *bytes);
	*commit = made;
	return IRMIN_OK;
}

/* The commit that was read as `object`, which is released. */
static irmin_rc read_commit(irmin_repo *repo, const irmin_oid *id,
    irmin_object *object, irmin_commit **commit, irmin_error *err)
{
	irmin_commit *made = NULL;
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_rc rc = new_commit(repo, id, &object->data, &made, err);

	if (rc < 0)
		return rc;
	rc = irmin__commit_decode(repo->hash,
	    irmin_bytes(made->bytes.data, made->bytes.len), &made->data, err);
	if (rc < 0) {
		irmin_commit_unref(made);
		return irmin__error_locate(err, rc, irmin_oid_hex(id, hex));
	}
	*commit = made;
	return IRMIN_OK;
}

irmin_rc irmin__commit_get(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_commit **commit, irmin_error *err)
{
	irmin_object object;
	irmin_rc rc;

	*commit = NULL;
	rc = irmin__repo_object(repo, context, id, IRMIN_OBJECT_COMMIT, &object,
	    err);
	return rc < 0 ? rc : read_commit(repo, id, &object, commit, err);
}

static irmin_rc refuse_type(const irmin_oid *id, irmin_object_type type,
    irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];

	irmin_oid_hex(id, hex);
	return irmin_error_set(err, IRMIN_EINVAL, hex,
	    "object %s is a %s, not a commit", hex,
	    irmin_object_type_name(type));
}

irmin_rc irmin_commit_get(irmin_repo *repo, const irmin_oid *id,
    irmin_commit **commit, irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_object object;
	irmin_rc rc;

	irmin_error_clear(err);
	*commit = NULL;
	rc = irmin__repo_object(repo, &context, id, IRMIN_OBJECT_ANY, &object,
	    err);
	if (rc < 0)
		return rc;
	if (object.type == IRMIN_OBJECT_COMMIT)
		return read_commit(repo, id, &object, commit, err);
	irmin_pin_release(&object.data);
	return refuse_type(id, object.type, err);
}

irmin_rc irmin__commit_peel(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_commit **commit, irmin_error *err)
{
	irmin_oid at = *id;
	irmin__tag_data tag;
	irmin_object object;
	char hex[IRMIN_OID_HEX_BYTES];
	int tags;
	irmin_rc rc;

	*commit = NULL;
	for (tags = 0; tags < MAX_TAGS; tags++) {
		rc = irmin__repo_object(repo, context, &at, IRMIN_OBJECT_ANY,
		    &object, err);
		if (rc < 0)
			return rc;
		if (object.type == IRMIN_OBJECT_COMMIT)
			return read_commit(repo, &at, &object, commit, err);
		if (object.type == IRMIN_OBJECT_TAG)
			rc = irmin__tag_decode(repo->hash,
			    irmin_bytes(object.data.data, object.data.len),
			    &tag, err);
		else
			rc = refuse_type(&at, object.type, err);
		irmin_pin_release(&object.data);
		if (rc < 0)
			return irmin__error_locate(err, rc,
			    irmin_oid_hex(&at, hex));
		at = tag.object;
	}
	return irmin_error_set(err, IRMIN_ELIMIT, irmin_oid_hex(id, hex),
	    "tag %s leads through more than %d tags", hex, MAX_TAGS);
}

/* ---- writing ---- */

static irmin_rc check_parents(irmin_repo *repo, irmin_tree *tree,
    irmin_commit *const *parents, size_t count, irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];
	size_t i, j;

	if (irmin__tree_repo(tree) != repo)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "the tree is of another repository");
	for (i = 0; i < count; i++) {
		const irmin_oid *id = &parents[i]->id;

		if (parents[i]->repo != repo)
			return irmin_error_set(err, IRMIN_EINVAL,
			    irmin_oid_hex(id, hex),
			    "parent %s is of another repository", hex);
		for (j = 0; j < i; j++)
			if (irmin_oid_compare(id, &parents[j]->id) == 0)
				return irmin_error_set(err, IRMIN_EINVAL,
				    irmin_oid_hex(id, hex),
				    "parent %s is there twice", hex);
	}
	return IRMIN_OK;
}

static int is_same_ident(const irmin_ident *a, const irmin_ident *b)
{
	return irmin_slice_equal(a->name, b->name) &&
	    irmin_slice_equal(a->email, b->email) && a->time == b->time &&
	    a->zone == b->zone;
}

/* Both idents as text, in `memory`. */
static irmin_rc set_idents(irmin__commit_data *data, const irmin_ident *author,
    const irmin_ident *committer, irmin_buf *memory, irmin_error *err)
{
	irmin_rc rc = irmin__ident_append(memory, author, err);
	size_t split = is_same_ident(author, committer) ? 0 : memory->len;

	if (rc >= 0 && split)
		rc = irmin__ident_append(memory, committer, err);
	if (rc < 0)
		return rc;
	data->author = irmin_bytes(memory->data, split ? split : memory->len);
	data->committer = irmin_bytes(memory->data + split,
	    memory->len - split);
	return IRMIN_OK;
}

static irmin_rc set_parents(irmin__commit_data *data,
    irmin_commit *const *parents, size_t count, irmin_error *err)
{
	irmin_rc rc = IRMIN__VEC_RESERVE(&data->parents, count, err);
	size_t i;

	for (i = 0; i < count && rc >= 0; i++)
		IRMIN__VEC_PUSH(&data->parents, parents[i]->id);
	return rc;
}

/* The bytes of a commit, and what they say. */
static irmin_rc encode(irmin_repo *repo, irmin_commit *const *parents,
    size_t parent_count, const irmin_info *info, const char *default_message,
    irmin__commit_data *data, irmin_buf *bytes, irmin_error *err)
{
	irmin_ident author, committer;
	irmin_buf memory = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin__info_resolve(repo, info, default_message, &author,
	    &committer, &data->message, err);
	if (rc >= 0)
		rc = set_idents(data, &author, &committer, &memory, err);
	if (rc >= 0)
		rc = set_parents(data, parents, parent_count, err);
	if (rc >= 0)
		rc = irmin__check_commit(data, err);
	if (rc >= 0)
		rc = irmin__commit_encode(data, bytes, err);
	if (rc >= 0)
		irmin__commit_settle(data, irmin_buf_slice(bytes));
	irmin_buf_clear(&memory);
	return rc;
}

/* Writes the tree and the commit together, and gives the commit, which takes
 * over `data` and `bytes`. */
static irmin_rc write_commit(irmin_repo *repo, const irmin_context *context,
    irmin__batch *batch, irmin__commit_data *data, irmin_buf *bytes,
    irmin_commit **commit, irmin_error *err)
{
	static const irmin__commit_data none = IRMIN__COMMIT_DATA_INIT;
	irmin_pin pin = { bytes->data, bytes->len, irmin_free, bytes->data };
	irmin_commit *made = NULL;
	irmin_oid id;
	irmin_rc rc;

	rc = irmin__batch_add(batch, IRMIN_OBJECT_COMMIT,
	    irmin_buf_slice(bytes), 0, &id, err);
	if (rc < 0)
		return rc;
	memset(bytes, 0, sizeof *bytes);
	rc = new_commit(repo, &id, &pin, &made, err);
	if (rc < 0)
		return rc;
	made->data = *data;
	*data = none;
	rc = irmin__batch_write(batch, context, err);
	if (rc < 0) {
		irmin_commit_unref(made);
		return rc;
	}
	irmin__repo_count(repo, IRMIN_STAT_COMMITS, 1);
	*commit = made;
	return IRMIN_OK;
}

irmin_rc irmin__commit_make(irmin_repo *repo, const irmin_context *context,
    irmin_tree *tree, irmin_commit *const *parents, size_t parent_count,
    const irmin_info *info, const char *default_message, irmin_commit **commit,
    irmin_error *err)
{
	irmin__batch *batch = NULL;
	irmin__commit_data data = IRMIN__COMMIT_DATA_INIT;
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_rc rc;

	*commit = NULL;
	rc = check_parents(repo, tree, parents, parent_count, err);
	if (rc >= 0)
		rc = irmin__batch_new(repo, &batch, err);
	if (rc >= 0)
		rc = irmin__tree_collect(tree, batch, &data.tree, err);
	if (rc >= 0)
		rc = encode(repo, parents, parent_count, info, default_message,
		    &data, &bytes, err);
	if (rc >= 0)
		rc = write_commit(repo, context, batch, &data, &bytes, commit,
		    err);
	if (rc >= 0)
		atomic_store(&(*commit)->tree, irmin_tree_ref(tree));
	irmin__commit_data_clear(&data);
	irmin__batch_free(batch);
	irmin_buf_clear(&bytes);
	return rc;
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

/* ---- the handle ---- */

irmin_commit *irmin_commit_ref(irmin_commit *commit)
{
	irmin__count_up(&commit->count);
	return commit;
}

void irmin_commit_unref(irmin_commit *commit)
{
	if (!commit || !irmin__count_down(&commit->count))
		return;
	irmin_tree_unref(atomic_load(&commit->tree));
	irmin__commit_data_clear(&commit->data);
	irmin_pin_release(&commit->bytes);
	irmin__repo_unref(commit->repo);
	irmin_free(commit);
}

const irmin_oid *irmin__commit_oid(const irmin_commit *commit)
{
	return &commit->id;
}

const irmin_oid *irmin__commit_tree_oid(const irmin_commit *commit)
{
	return &commit->data.tree;
}

irmin_repo *irmin__commit_repo(const irmin_commit *commit)
{
	return commit->repo;
}

irmin_rc irmin_commit_id(irmin_commit *commit, irmin_oid *id, irmin_error *err)
{
	irmin_error_clear(err);
	*id = commit->id;
	return IRMIN_OK;
}

irmin_rc irmin_commit_tree(irmin_commit *commit, irmin_tree **tree,
    irmin_error *err)
{
	irmin_tree *known = atomic_load(&commit->tree), *made = NULL;
	irmin_rc rc;

	irmin_error_clear(err);
	*tree = NULL;
	if (!known) {
		rc = irmin__tree_of_id(commit->repo, &commit->data.tree, &made,
		    err);
		if (rc < 0)
			return rc;
		if (atomic_compare_exchange_strong(&commit->tree, &known, made))
			known = made;
		else /* another thread was faster */
			irmin_tree_unref(made);
	}
	*tree = irmin_tree_ref(known);
	return IRMIN_OK;
}

size_t irmin_commit_parent_count(const irmin_commit *commit)
{
	return commit->data.parents.len;
}

irmin_rc irmin__commit_check_cut(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_rc rc = irmin__repo_is_shallow(repo, context, id, err);

	if (rc != IRMIN_OK)
		return rc < 0 ? rc : IRMIN_OK;
	return irmin_error_set(err, IRMIN_ETRUNCATED, irmin_oid_hex(id, hex),
	    "the history is cut off before commit %s; git fetch --unshallow "
	    "brings it",
	    hex);
}

irmin_rc irmin__commit_parent(irmin_commit *commit,
    const irmin_context *context, size_t i, irmin_commit **parent,
    irmin_error *err)
{
	irmin_rc rc;

	*parent = NULL;
	if (i >= commit->data.parents.len)
		return IRMIN_ABSENT;
	rc = irmin__commit_check_cut(commit->repo, context, &commit->id, err);
	if (rc < 0)
		return rc;
	return irmin__commit_get(commit->repo, context,
	    &commit->data.parents.items[i], parent, err);
}

irmin_rc irmin_commit_parent(irmin_commit *commit, size_t i,
    irmin_commit **parent, irmin_error *err)
{
	irmin_context context = irmin__repo_context(commit->repo, NULL);

	irmin_error_clear(err);
	return irmin__commit_parent(commit, &context, i, parent, err);
}

irmin_oid irmin_commit_parent_id(const irmin_commit *commit, size_t i)
{
	static const irmin_oid none;

	return i < commit->data.parents.len ? commit->data.parents.items[i]
					    : none;
}

irmin_ident irmin_commit_author(const irmin_commit *commit)
{
	return irmin__ident_parse(commit->data.author);
}

irmin_ident irmin_commit_committer(const irmin_commit *commit)
{
	return irmin__ident_parse(commit->data.committer);
}

irmin_slice irmin_commit_message(const irmin_commit *commit)
{
	return commit->data.message;
}

irmin_slice irmin_commit_header(const irmin_commit *commit, const char *name)
{
	return irmin__commit_header(&commit->data, irmin_text(name));
}
