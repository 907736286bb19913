/* History as git log tells it: by date, never a commit twice; with a path, the
 * commits that changed it, and of merges that did not, only one side.
 */
#include <irmin/history.h>

#include "lib/core/base/error.h"
#include "lib/core/base/options.h"
#include "lib/core/base/text.h"
#include "lib/core/store/commit-queue.h"
#include "lib/core/store/walk.h"
#include <irmin/alloc.h>

struct irmin_log {
	irmin_repo *repo;
	irmin_context context;
	uint32_t flags;
	char *path;    /* NULL: all commits */
	uint64_t left; /* how many may still be told */
	irmin__commit_queue queue;
	irmin__walk walk;
};

/* A commit that was queued once is never queued again. */
#define QUEUED IRMIN__WALK_MARKS

/* ---- the queue ---- */

/* Queues a commit, unless it was; what it holds is taken over. */
static irmin_rc enqueue(irmin_log *log, irmin__queued *added, irmin_error *err)
{
	irmin__walk_node *node = irmin__walk_node_at(&log->walk, added->number);
	irmin__queued taken = *added;

	added->commit = NULL;
	added->tree = NULL;
	if (node->flags & QUEUED) {
		irmin__queued_clear(&taken);
		return IRMIN_OK;
	}
	node->flags |= QUEUED;
	taken.time = node->time;
	return irmin__commit_queue_push(&log->queue, taken, err);
}

/* ---- one commit ---- */

/* The parents to go on with. */
struct parents {
	IRMIN__VEC(irmin__queued) loaded;
	int same; /* one has the same at the path, and is the only one loaded */
};

static void empty_parents(struct parents *parents)
{
	size_t i;

	for (i = 0; i < parents->loaded.len; i++)
		irmin__queued_clear(&parents->loaded.items[i]);
	parents->loaded.len = 0;
}

/* The tree of a commit, which keeps it while it waits: what was opened of it to
 * be compared with one side is compared with the other later. */
static irmin_rc tree_of(irmin_log *log, irmin__queued *queued, irmin_error *err)
{
	if (queued->tree)
		return IRMIN_OK;
	return irmin__walk_tree(&log->walk, queued->number, &queued->tree, err);
}

/* Whether the path is the same in a commit and in `other`; NULL is a state with
 * nothing in it. */
static irmin_rc same_at_path(irmin_log *log, irmin__queued *commit,
    irmin__queued *other, int *same, irmin_error *err)
{
	irmin_tree *empty = NULL;
	irmin_rc rc = tree_of(log, commit, err);

	if (rc >= 0)
		rc = other ? tree_of(log, other, err)
			   : irmin_tree_empty(log->repo, &empty, err);
	if (rc >= 0)
		rc = irmin__tree_same_at(other ? other->tree : empty,
		    commit->tree, irmin_text(log->path), same, err);
	irmin_tree_unref(empty);
	return rc;
}

/* Loads one more parent, or this one alone if it has the same at the path. */
static irmin_rc load_parent(irmin_log *log, irmin__queued *commit,
    uint32_t number, struct parents *parents, irmin_error *err)
{
	irmin__queued parent;
	irmin_rc rc;

	memset(&parent, 0, sizeof parent);
	parent.number = number;
	rc = irmin__walk_load(&log->walk, number, &parent.commit, err);
	if (rc >= 0 && log->path)
		rc = same_at_path(log, commit, &parent, &parents->same, err);
	if (rc >= 0 && parents->same)
		empty_parents(parents);
	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(&parents->loaded, 1, err);
	if (rc < 0) {
		irmin__queued_clear(&parent);
		return rc;
	}
	IRMIN__VEC_PUSH(&parents->loaded, parent);
	return IRMIN_OK;
}

/* Loads the parents to go on with. */
static irmin_rc load_parents(irmin_log *log, irmin__queued *commit,
    struct parents *parents, irmin_error *err)
{
	irmin__walk_node node = *irmin__walk_node_at(&log->walk,
	    commit->number);
	uint32_t count = node.parent_count, i;
	irmin_rc rc = IRMIN_OK;

	if (count > 1 && log->flags & IRMIN_LOG_FIRST_PARENT)
		count = 1;
	if (!count && log->path)
		return same_at_path(log, commit, NULL, &parents->same, err);
	for (i = 0; i < count && !parents->same && rc >= 0; i++) {
		uint32_t number = log->walk.parents.items[node.parents + i];

		if (log->path ||
		    !(irmin__walk_node_at(&log->walk, number)->flags & QUEUED))
			rc = load_parent(log, commit, number, parents, err);
	}
	return rc;
}

/* Follows the parents. Answers: OK (the commit is told); UNCHANGED (it did not
 * change the path). */
static irmin_rc follow(irmin_log *log, irmin__queued *commit, irmin_error *err)
{
	struct parents parents;
	irmin_rc rc;
	size_t i;

	memset(&parents, 0, sizeof parents);
	rc = load_parents(log, commit, &parents, err);
	for (i = 0; i < parents.loaded.len && rc >= 0; i++)
		rc = enqueue(log, &parents.loaded.items[i], err);
	empty_parents(&parents);
	IRMIN__VEC_CLEAR(&parents.loaded);
	if (rc < 0)
		return rc;
	return parents.same ? IRMIN_UNCHANGED : IRMIN_OK;
}

/* The next one to be told. Answers: OK; END. */
static irmin_rc next(irmin_log *log, irmin__queued *told, irmin_error *err)
{
	irmin_rc rc;

	memset(told, 0, sizeof *told);
	while (log->left) {
		rc = irmin__commit_queue_pop(&log->queue, told);
		if (rc != IRMIN_OK)
			return rc;
		rc = irmin__context_check(&log->context, err);
		if (rc >= 0)
			rc = follow(log, told, err);
		if (rc == IRMIN_OK) {
			log->left--;
			return IRMIN_OK;
		}
		irmin__queued_clear(told);
		if (rc < 0)
			return rc;
	}
	return IRMIN_END;
}

irmin_rc irmin_log_next(irmin_log *log, irmin_commit **commit, irmin_error *err)
{
	irmin__queued told;
	irmin_rc rc;

	irmin_error_clear(err);
	*commit = NULL;
	rc = next(log, &told, err);
	if (rc != IRMIN_OK)
		return rc;
	if (told.commit)
		*commit = irmin_commit_ref(told.commit);
	else
		rc = irmin__walk_commit(&log->walk, told.number, commit, err);
	irmin__queued_clear(&told);
	return rc;
}

/* Where commits are in memory, those whose ids are told can be looked up as long
 * as somebody holds the first one. */
static irmin_rc show_first(irmin_log *log, irmin_error *err)
{
	return log->walk.commits.len
	    ? irmin__commit_show(log->walk.commits.items[0], err)
	    : IRMIN_OK;
}

irmin_rc irmin_log_next_id(irmin_log *log, irmin_oid *id, irmin_error *err)
{
	irmin__queued told;
	irmin_rc rc;

	irmin_error_clear(err);
	memset(id, 0, sizeof *id);
	rc = show_first(log, err);
	if (rc >= 0)
		rc = next(log, &told, err);
	if (rc != IRMIN_OK)
		return rc;
	rc = irmin__walk_id(&log->walk, told.number, id, err);
	irmin__queued_clear(&told);
	return rc;
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

static irmin_rc begin(irmin_log *log, irmin_commit *from, irmin_error *err)
{
	irmin__queued first;
	irmin_rc rc;

	memset(&first, 0, sizeof first);
	irmin__walk_init(&log->walk, log->repo, &log->context,
	    log->path != NULL);
	rc = irmin__walk_add(&log->walk, from, &first.number, err);
	if (rc >= 0)
		rc = irmin__walk_load(&log->walk, first.number, &first.commit,
		    err);
	return rc < 0 ? rc : enqueue(log, &first, err);
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
	rc = set_options(made, options, err);
	if (rc >= 0)
		rc = begin(made, from, err);
	if (rc < 0)
		irmin_log_free(made);
	else
		*log = made;
	return rc < 0 ? rc : IRMIN_OK;
}

void irmin_log_free(irmin_log *log)
{
	if (!log)
		return;
	irmin__walk_clear(&log->walk);
	irmin__commit_queue_clear(&log->queue);
	irmin_free(log->path);
	irmin__repo_unref(log->repo);
	irmin_free(log);
}
