/* What a transaction did to its edit, to be done again to another: operations,
 * and not the directories that came of them. */
#include "lib/core/store/txn-parts.h"

#include "lib/core/base/error.h"

/* ---- keeping ---- */

/* The copy, and behind it in one block what its pointers point to. */
struct kept {
	irmin__op op;
	irmin_oid id;
	char bytes[];
};

static size_t text_bytes(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

/* Moves a text to `at`; gives back where the next goes. */
static char *move_text(const char **text, char *at)
{
	size_t bytes = text_bytes(*text);

	if (bytes)
		*text = memcpy(at, *text, bytes);
	return at + bytes;
}

irmin_rc irmin__op_keep(const irmin__op *op, irmin__op **kept, irmin_error *err)
{
	size_t texts = text_bytes(op->path) + text_bytes(op->to);
	struct kept *made;
	char *at;

	*kept = NULL;
	if (op->value.len > SIZE_MAX - sizeof *made - texts)
		return irmin__enomem(err);
	made = irmin_malloc(sizeof *made + texts + op->value.len);
	if (!made)
		return irmin__enomem(err);
	made->op = *op;
	at = move_text(&made->op.path, made->bytes);
	at = move_text(&made->op.to, at);
	if (op->value.len)
		made->op.value.data = memcpy(at, op->value.data, op->value.len);
	if (op->id) {
		made->id = *op->id;
		made->op.id = &made->id;
	}
	if (op->tree)
		irmin_tree_ref(op->tree);
	*kept = &made->op;
	return IRMIN_OK;
}

void irmin__op_free(irmin__op *op)
{
	if (!op)
		return;
	if (op->destroy)
		op->destroy(op->arg);
	irmin_tree_unref(op->tree);
	irmin_free(op);
}

void irmin__ops_cut(irmin__ops *ops, size_t count)
{
	while (ops->len > count)
		irmin__op_free(ops->items[--ops->len]);
}

/* ---- doing ---- */

irmin_rc irmin__txn_blame(irmin_rc rc, const char *whose, irmin_error *err)
{
	if (rc < 0 && err && err->code != rc)
		return irmin_error_set(err, rc, NULL,
		    "the transaction cannot go on: %s answered %d (%s)", whose,
		    (int)rc, irmin_rc_text(rc));
	return rc;
}

irmin_rc irmin__op_run(const irmin__op *op, irmin_edit *edit, irmin_error *err)
{
	switch (op->kind) {
	case IRMIN__OP_SET:
		return irmin_edit_set(edit, op->path, op->value, err);
	case IRMIN__OP_SET_MODE:
		return irmin_edit_set_mode(edit, op->path, op->mode, op->value,
		    err);
	case IRMIN__OP_SET_BLOB:
		return irmin_edit_set_blob(edit, op->path, op->mode, op->id,
		    err);
	case IRMIN__OP_ADD_TREE:
		return irmin_edit_add_tree(edit, op->path, op->tree, err);
	case IRMIN__OP_REMOVE:
		return irmin_edit_remove(edit, op->path, err);
	case IRMIN__OP_MOVE:
		return irmin_edit_move(edit, op->path, op->to, err);
	default: /* IRMIN__OP_APPLY */
		irmin_error_clear(err);
		return irmin__txn_blame(op->operation(op->arg, edit, err),
		    "an operation", err);
	}
}

irmin_rc irmin__ops_replay(const irmin__ops *ops, irmin_tree *before,
    irmin_tree **after, irmin_error *err)
{
	irmin_edit *edit = NULL;
	irmin_rc rc = irmin_edit_new(before, &edit, err);
	size_t i;

	for (i = 0; i < ops->len && rc >= 0; i++)
		rc = irmin__op_run(ops->items[i], edit, err);
	if (rc >= 0)
		rc = irmin_edit_tree(edit, after, err);
	irmin_edit_free(edit);
	return rc < 0 ? rc : IRMIN_OK;
}
