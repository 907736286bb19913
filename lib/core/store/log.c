/* History as git log tells it: by date, never a commit twice; with a path, the
 * commits that changed it, and of merges that did not, only one side.
 */
#include <irmin/history.h>

#include "lib/core/base/error.h"
#include "lib/core/base/options.h"
#include "lib/core/base/table.h"
#include "lib/core/base/text.h"
#include "lib/core/store/commit-queue.h"
#include "lib/core/store/commit.h"
#include <irmin/alloc.h>

struct irmin_log {
	irmin_repo *repo;
	irmin_context context;
	uint32_t flags;
	char *path;    /* NULL: all commits */
	uint64_t left; /* how many may still be told */
	irmin__commit_queue queue;
	irmin__table seen; /* of irmin_oid */
};

/* ---- what was seen ---- */

static irmin_slice oid_key(const void *entry)
{
	const irmin_oid *id = entry;

	return irmin_bytes(id->bytes, sizeof id->bytes);
}

/* Answers: OK (it is new, and noted); UNCHANGED. */
static irmin_rc note(irmin_log *log, const irmin_oid *id, irmin_error *err)
{
	irmin_oid *kept;
	irmin_rc rc;

	if (irmin__table_find(&log->seen, oid_key(id)))
		return IRMIN_UNCHANGED;
	kept = irmin_malloc(sizeof *kept);
	if (!kept)
		return irmin__enomem(err);
	*kept = *id;
	rc = irmin__table_add(&log->seen, kept, err);
	if (rc < 0)
		irmin_free(kept);
	return rc;
}

/* Queues a commit, of which it takes the reference, unless it was seen. */
static irmin_rc enqueue(irmin_log *log, irmin_commit *commit, irmin_error *err)
{
	irmin_rc rc = note(log, irmin__commit_oid(commit), err);

	if (rc == IRMIN_OK)
		return irmin__commit_queue_push(&log->queue, commit, NULL, err);
	irmin_commit_unref(commit);
	return rc;
}

/* ---- one commit ---- */

struct parents {
	IRMIN__VEC(irmin_commit *) loaded;
	int same; /* one has the same at the path, and is the only one loaded */
};

static void clear_parents(struct parents *parents)
{
	size_t i;

	for (i = 0; i < parents->loaded.len; i++)
		irmin_commit_unref(parents->loaded.items[i]);
	IRMIN__VEC_CLEAR(&parents->loaded);
}

/* Whether the path is the same in a commit and in `other`; NULL is a state with
 * nothing in it. */
static irmin_rc same_at_path(irmin_log *log, irmin_commit *commit,
    irmin_commit *other, int *same, irmin_error *err)
{
	irmin_tree *tree = NULL, *before = NULL;
	irmin_rc rc = irmin_commit_tree(commit, &tree, err);

	if (rc >= 0)
		rc = other ? irmin_commit_tree(other, &before, err)
			   : irmin_tree_empty(log->repo, &before, err);
	if (rc >= 0)
		rc = irmin__tree_same_at(before, tree, irmin_text(log->path),
		    same, err);
	irmin_tree_unref(before);
	irmin_tree_unref(tree);
	return rc;
}

/* Loads one more parent, or this one alone if it has the same at the path. */
static irmin_rc load_parent(irmin_log *log, irmin_commit *commit,
    const irmin_oid *id, struct parents *parents, irmin_error *err)
{
	irmin_commit *parent = NULL;
	irmin_rc rc;

	rc = irmin__commit_get(log->repo, &log->context, id, &parent, err);
	if (rc >= 0 && log->path)
		rc = same_at_path(log, commit, parent, &parents->same, err);
	if (rc >= 0 && parents->same)
		clear_parents(parents);
	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(&parents->loaded, 1, err);
	if (rc < 0) {
		irmin_commit_unref(parent);
		return rc;
	}
	IRMIN__VEC_PUSH(&parents->loaded, parent);
	return IRMIN_OK;
}

/* Loads the parents to go on with. */
static irmin_rc load_parents(irmin_log *log, irmin_commit *commit,
    struct parents *parents, irmin_error *err)
{
	size_t count = irmin_commit_parent_count(commit), i;
	irmin_rc rc = IRMIN_OK;

	if (count > 1 && log->flags & IRMIN_LOG_FIRST_PARENT)
		count = 1;
	if (!count && log->path)
		return same_at_path(log, commit, NULL, &parents->same, err);
	for (i = 0; i < count && !parents->same && rc >= 0; i++) {
		irmin_oid id = irmin_commit_parent_id(commit, i);

		if (log->path || !irmin__table_find(&log->seen, oid_key(&id)))
			rc = load_parent(log, commit, &id, parents, err);
	}
	return rc;
}

/* Follows the parents. Answers: OK (the commit is told); UNCHANGED (it did not
 * change the path). */
static irmin_rc follow(irmin_log *log, irmin_commit *commit, irmin_error *err)
{
	struct parents parents;
	irmin_rc rc;
	size_t i;

	memset(&parents, 0, sizeof parents);
	rc = load_parents(log, commit, &parents, err);
	for (i = 0; i < parents.loaded.len && rc >= 0; i++)
		rc = enqueue(log, irmin_commit_ref(parents.loaded.items[i]),
		    err);
	clear_parents(&parents);
	if (rc < 0)
		return rc;
	return parents.same ? IRMIN_UNCHANGED : IRMIN_OK;
}

irmin_rc irmin_log_next(irmin_log *log, irmin_commit **commit, irmin_error *err)
{
	irmin__queued first;
	irmin_rc rc;

	irmin_error_clear(err);
	*commit = NULL;
	while (log->left) {
		rc = irmin__commit_queue_pop(&log->queue, &first);
		if (rc != IRMIN_OK)
			return rc;
		rc = irmin__context_check(&log->context, err);
		if (rc >= 0)
			rc = follow(log, first.commit, err);
		if (rc == IRMIN_OK) {
			log->left--;
			*commit = first.commit;
			return IRMIN_OK;
		}
		irmin_commit_unref(first.commit);
		if (rc < 0)
			return rc;
	}
	return IRMIN_END;
}

/* ---- the cursor ---- */

static irmin_rc set_options(irmin_log *log, const irmin_log_options *options,
    irmin_error *err)
{
	irmin_log_options known;
	irmin_rc rc;

	rc = irmin__options_read(&known, sizeof known, options,
	    "irmin_log_options", err);
	if (rc < 0)
		return rc;
	if (known.flags & ~(uint32_t)IRMIN_LOG_FIRST_PARENT)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "unknown flags 0x%x in the options", known.flags);
	log->flags = known.flags;
	log->left = known.limit ? known.limit : UINT64_MAX;
	if (!known.path)
		return IRMIN_OK;
	rc = irmin__path_check_read(irmin_text(known.path), &log->repo->limits,
	    err);
	if (rc >= 0)
		rc = irmin__text_copy(irmin_text(known.path), &log->path, err);
	return rc;
}

irmin_rc irmin_log_open(irmin_commit *from, const irmin_log_options *options,
    irmin_log **log, irmin_error *err)
{
	irmin_repo *repo = irmin__commit_repo(from);
	irmin_log *made;
	irmin_rc rc;

	irmin_error_clear(err);
	*log = NULL;
	made = irmin_calloc(1, sizeof *made);
	if (!made)
		return irmin__enomem(err);
	made->repo = irmin__repo_ref(repo);
	made->context = irmin__repo_context(repo, NULL);
	made->context.deadline_us = 0; /* a cursor may rest between calls */
	irmin__table_init(&made->seen, oid_key, (uintptr_t)made);
	rc = set_options(made, options, err);
	if (rc >= 0)
		rc = enqueue(made, irmin_commit_ref(from), err);
	if (rc < 0)
		irmin_log_free(made);
	else
		*log = made;
	return rc < 0 ? rc : IRMIN_OK;
}

void irmin_log_free(irmin_log *log)
{
	size_t cursor = 0;
	void *id;

	if (!log)
		return;
	while ((id = irmin__table_next(&log->seen, &cursor)))
		irmin_free(id);
	irmin__table_clear(&log->seen);
	irmin__commit_queue_clear(&log->queue);
	irmin_free(log->path);
	irmin__repo_unref(log->repo);
	irmin_free(log);
}
