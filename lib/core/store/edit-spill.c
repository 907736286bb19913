/* Edits larger than memory: what is not stored yet is written, as objects to which
 * no ref leads, and let go of. What comes after reads from there what it needs.
 *
 * Such an edit, and each tree that was made of it, is work under way for the
 * backend, until it is freed or a ref leads to it: so nobody collects it.
 */
#include "lib/core/store/stream.h"
#include "lib/core/store/tree-edit.h"
#include "lib/core/store/tree-walk.h"

/* ---- work under way ---- */

void irmin__tree_rely(irmin_tree *tree)
{
	if (!atomic_exchange(&tree->relies, 1))
		irmin__repo_work_begin(tree->repo);
}

void irmin__tree_settle(irmin_tree *tree)
{
	if (atomic_load(&tree->relies) && atomic_exchange(&tree->relies, 0))
		irmin__repo_work_end(tree->repo);
}

void irmin__edit_rely(irmin_edit *edit)
{
	if (edit->relies)
		return;
	edit->relies = 1;
	irmin__repo_work_begin(edit->repo);
}

void irmin__edit_settle(irmin_edit *edit)
{
	if (edit->relies)
		irmin__repo_work_end(edit->repo);
	edit->relies = 0;
}

/* ---- letting go ---- */

/* Freezes what there is, which changes nothing of what it says; then writes it;
 * then goes on at the same tree, of which nothing is in memory. */
static irmin_rc spill(irmin_edit *edit, irmin_error *err)
{
	irmin_tree *tree = NULL, *stored = NULL;
	irmin_oid id;
	irmin_rc rc;

	irmin__edit_rely(edit);
	rc = irmin_edit_tree(edit, &tree, err);
	if (rc >= 0)
		rc = irmin_tree_write(tree, &id, err);
	if (rc >= 0)
		rc = irmin__tree_of_id(edit->repo, &id, &stored, err);
	irmin_tree_unref(tree);
	if (rc < 0)
		return rc;
	irmin__edit_forget_walk(edit);
	irmin_tree_unref(edit->tree);
	edit->tree = stored;
	edit->dirty = 0;
	return IRMIN_OK;
}

irmin_rc irmin__edit_make_room(irmin_edit *edit, size_t bytes, irmin_error *err)
{
	size_t bound = edit->repo->dirty_bytes;

	if (!edit->dirty || (bytes <= bound && edit->dirty <= bound - bytes))
		return IRMIN_OK;
	return spill(edit, err);
}
