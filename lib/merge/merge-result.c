/* What a merge ended in. The tree is kept as it was merged; resolutions go into
 * an edit that begins at it, so each can be done again. */
#include "lib/merge/result.h"

#include <stdlib.h>

#include "lib/core/base/error.h"
#include "lib/core/store/tree-edit.h"
#include <irmin/alloc.h>

/* ---- life ---- */

irmin_rc irmin__merge_result_new(irmin_repo *repo, irmin_tree *base,
    irmin_tree *ours, irmin_tree *theirs, irmin_merge_result **result,
    irmin_error *err)
{
	irmin_merge_result *made = irmin_calloc(1, sizeof *made);

	*result = made;
	if (!made)
		return irmin__enomem(err);
	made->repo = irmin__repo_ref(repo);
	if (base)
		made->sides[IRMIN_SIDE_BASE] = irmin_tree_ref(base);
	made->sides[IRMIN_SIDE_OURS] = irmin_tree_ref(ours);
	made->sides[IRMIN_SIDE_THEIRS] = irmin_tree_ref(theirs);
	return IRMIN_OK;
}

void irmin_merge_result_free(irmin_merge_result *result)
{
	size_t i;

	if (!result)
		return;
	if (result->origin)
		result->free_origin(result->origin);
	for (i = 0; i < result->conflicts.len; i++)
		irmin_free(result->conflicts.items[i]);
	IRMIN__VEC_CLEAR(&result->conflicts);
	irmin_edit_free(result->edit);
	irmin_tree_unref(result->tree);
	for (i = 0; i < IRMIN__SIDES; i++)
		irmin_tree_unref(result->sides[i]);
	irmin__repo_unref(result->repo);
	irmin_free(result);
}

/* ---- making ---- */

irmin_rc irmin__merge_result_add(irmin_merge_result *result,
    irmin_conflict_kind kind, irmin_slice path, const char *message,
    irmin_error *err)
{
	size_t words = strlen(message) + 1;
	irmin_conflict *made;
	irmin_rc rc = IRMIN__VEC_RESERVE(&result->conflicts, 1, err);

	if (rc < 0)
		return rc;
	made = irmin_malloc(sizeof *made + path.len + 1 + words);
	if (!made)
		return irmin__enomem(err);
	made->result = result;
	made->kind = kind;
	made->is_resolved = 0;
	made->path_len = path.len;
	if (path.len)
		memcpy(made->path, path.data, path.len);
	made->path[path.len] = '\0';
	made->message = memcpy(made->path + path.len + 1, message, words);
	IRMIN__VEC_PUSH(&result->conflicts, made);
	result->left++;
	return IRMIN_OK;
}

static int compare_conflicts(const void *a, const void *b)
{
	const irmin_conflict *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

void irmin__merge_result_sort(irmin_merge_result *result)
{
	if (result->conflicts.len > 1)
		qsort(result->conflicts.items, result->conflicts.len,
		    sizeof *result->conflicts.items, compare_conflicts);
}

static const irmin_conflict *first_left(const irmin_merge_result *result)
{
	size_t i = 0;

	while (result->conflicts.items[i]->is_resolved)
		i++;
	return result->conflicts.items[i];
}

irmin_rc irmin__merge_result_verdict(const irmin_merge_result *result,
    irmin_error *err)
{
	const irmin_conflict *first;

	if (!result->left)
		return IRMIN_OK;
	first = first_left(result);
	if (result->left == 1)
		return irmin_error_set(err, IRMIN_ECONFLICT, first->path,
		    "cannot merge \"%s\": %s", first->path, first->message);
	return irmin_error_set(err, IRMIN_ECONFLICT, first->path,
	    "cannot merge %zu paths; the first is \"%s\": %s", result->left,
	    first->path, first->message);
}

/* ---- looking ---- */

irmin_rc irmin_merge_result_tree(irmin_merge_result *result, irmin_tree **tree,
    irmin_error *err)
{
	irmin_error_clear(err);
	if (result->edit)
		return irmin_edit_tree(result->edit, tree, err);
	*tree = irmin_tree_ref(result->tree);
	return IRMIN_OK;
}

size_t irmin_merge_result_conflicts(const irmin_merge_result *result)
{
	return result->conflicts.len;
}

size_t irmin_merge_result_left(const irmin_merge_result *result)
{
	return result->left;
}

irmin_rc irmin_merge_result_next(irmin_merge_result *result,
    irmin_conflict **conflict)
{
	*conflict = NULL;
	if (result->next == result->conflicts.len) {
		result->next = 0;
		return IRMIN_END;
	}
	*conflict = result->conflicts.items[result->next++];
	return IRMIN_OK;
}

irmin_rc irmin_merge_result_find(irmin_merge_result *result, const char *path,
    irmin_conflict **conflict)
{
	size_t low = 0, high = result->conflicts.len;

	*conflict = NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		irmin_conflict *there = result->conflicts.items[middle];
		int order = strcmp(there->path, path);

		if (order == 0) {
			*conflict = there;
			return IRMIN_OK;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return IRMIN_ABSENT;
}

/* ---- resolving ---- */

static irmin_rc open_edit(irmin_merge_result *result, irmin_error *err)
{
	if (result->edit)
		return IRMIN_OK;
	return irmin_edit_new(result->tree, &result->edit, err);
}

static irmin_rc note_resolved(irmin_conflict *conflict, irmin_rc rc)
{
	if (rc < 0)
		return rc;
	conflict->result->left -= !conflict->is_resolved;
	conflict->is_resolved = 1;
	return IRMIN_OK;
}

irmin_rc irmin_merge_result_resolve(irmin_merge_result *result,
    irmin_conflict *conflict, const irmin_slice *value, irmin_error *err)
{
	irmin_rc rc;

	irmin_error_clear(err);
	rc = open_edit(result, err);
	if (rc >= 0 && value)
		rc = irmin_edit_set(result->edit, conflict->path, *value, err);
	else if (rc >= 0)
		rc = irmin_edit_remove(result->edit, conflict->path, err);
	return note_resolved(conflict, rc);
}

irmin_rc irmin_merge_result_take(irmin_merge_result *result,
    irmin_conflict *conflict, irmin_side side, irmin_error *err)
{
	irmin_slice path = irmin_bytes(conflict->path, conflict->path_len);
	irmin_rc rc;

	irmin_error_clear(err);
	if ((unsigned)side >= IRMIN__SIDES)
		return irmin_error_set(err, IRMIN_EINVAL, conflict->path,
		    "a merge has no side %d", (int)side);
	rc = open_edit(result, err);
	if (rc >= 0)
		rc = irmin__edit_take(result->edit, path, result->sides[side],
		    err);
	return note_resolved(conflict, rc);
}

/* ---- one conflict ---- */

const char *irmin_conflict_path(const irmin_conflict *conflict)
{
	return conflict->path;
}

irmin_conflict_kind irmin_conflict_what(const irmin_conflict *conflict)
{
	return conflict->kind;
}

const char *irmin_conflict_message(const irmin_conflict *conflict)
{
	return conflict->message;
}

int irmin_conflict_is_resolved(const irmin_conflict *conflict)
{
	return conflict->is_resolved;
}

/* The tree in which a side has its entry, or NULL. */
static irmin_tree *tree_of(const irmin_conflict *conflict, irmin_side side)
{
	if ((unsigned)side >= IRMIN__SIDES)
		return NULL;
	return conflict->result->sides[side];
}

static irmin_slice last_step(irmin_slice path)
{
	irmin_slice step = irmin_bytes(NULL, 0), next;

	while (irmin__path_step_next(&path, &next) == IRMIN_OK)
		step = next;
	return step;
}

irmin_rc irmin_conflict_entry(irmin_conflict *conflict, irmin_side side,
    irmin_entry *entry, irmin_error *err)
{
	irmin_tree *tree = tree_of(conflict, side);
	irmin_rc rc = IRMIN_OK;

	irmin_error_clear(err);
	memset(entry, 0, sizeof *entry);
	entry->name = last_step(
	    irmin_bytes(conflict->path, conflict->path_len));
	if (tree)
		rc = irmin_tree_find_mode(tree, conflict->path, &entry->mode,
		    &entry->id, err);
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc irmin_conflict_value(irmin_conflict *conflict, irmin_side side,
    irmin_pin *value, irmin_error *err)
{
	irmin_tree *tree = tree_of(conflict, side);

	irmin_error_clear(err);
	memset(value, 0, sizeof *value);
	if (!tree)
		return IRMIN_ABSENT;
	return irmin_tree_find(tree, conflict->path, value, err);
}

irmin_rc irmin_conflict_tree(irmin_conflict *conflict, irmin_side side,
    irmin_tree **sub, irmin_error *err)
{
	irmin_tree *tree = tree_of(conflict, side);

	irmin_error_clear(err);
	*sub = NULL;
	if (!tree)
		return IRMIN_ABSENT;
	return irmin_tree_find_tree(tree, conflict->path, sub, err);
}

const char *irmin_conflict_kind_name(irmin_conflict_kind kind)
{
	switch (kind) {
	case IRMIN_CONFLICT_CONTENT:
		return "content";
	case IRMIN_CONFLICT_MODIFY_DELETE:
		return "modify/delete";
	case IRMIN_CONFLICT_FILE_DIRECTORY:
		return "file/directory";
	case IRMIN_CONFLICT_MODE:
		return "mode";
	case IRMIN_CONFLICT_ADD_ADD:
		return "add/add";
	}
	return "?";
}
