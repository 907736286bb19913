/* Where a transaction wrote: every path, and every directory on the way to one.
 * Found out when somebody asks, from the operations that came since. What was
 * taken back stays touched: then more is recorded than needed. */
#include "lib/core/store/txn-parts.h"

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"

typedef struct touch {
	int is_whole; /* a path that was written, not only on the way to one */
	size_t len;
	char path[]; /* plain */
} touch;

static irmin_slice key_of(const void *entry)
{
	const touch *one = entry;

	return irmin_bytes(one->path, one->len);
}

void irmin__touched_init(irmin__touched *touched, uint64_t seed)
{
	memset(touched, 0, sizeof *touched);
	irmin__table_init(&touched->table, key_of, seed);
}

void irmin__touched_clear(irmin__touched *touched)
{
	size_t cursor = 0;
	void *one;

	while ((one = irmin__table_next(&touched->table, &cursor)))
		irmin_free(one);
	irmin__table_clear(&touched->table);
	irmin_buf_clear(&touched->path);
}

/* Appends a step to the path so far. */
static irmin_rc append_step(irmin_buf *path, irmin_slice step, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	if (path->len)
		rc = irmin_buf_append(path, irmin_text("/"), err);
	return rc < 0 ? rc : irmin_buf_append(path, step, err);
}

static irmin_rc find_or_add(irmin__touched *touched, touch **found,
    irmin_error *err)
{
	irmin_slice path = irmin_buf_slice(&touched->path);
	touch *made;
	irmin_rc rc;

	*found = irmin__table_find(&touched->table, path);
	if (*found)
		return IRMIN_OK;
	made = irmin_calloc(1, sizeof *made + path.len);
	if (!made)
		return irmin__enomem(err);
	made->len = path.len;
	if (path.len)
		memcpy(made->path, path.data, path.len);
	rc = irmin__table_add(&touched->table, made, err);
	if (rc < 0)
		irmin_free(made);
	else
		*found = made;
	return rc;
}

static irmin_rc add_path(irmin__touched *touched, irmin_slice path,
    irmin_error *err)
{
	irmin_slice step;
	touch *one = NULL;
	irmin_rc rc;

	irmin__buf_empty(&touched->path);
	rc = find_or_add(touched, &one, err);
	while (rc >= 0 && irmin__path_step_next(&path, &step) == IRMIN_OK) {
		rc = append_step(&touched->path, step, err);
		if (rc >= 0)
			rc = find_or_add(touched, &one, err);
	}
	if (rc >= 0)
		one->is_whole = 1;
	return rc;
}

/* An operation of the caller's does not say where it writes. */
static irmin_rc add_op(irmin__touched *touched, const irmin__op *op,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	if (op->path)
		rc = add_path(touched, irmin_text(op->path), err);
	if (rc >= 0 && op->to)
		rc = add_path(touched, irmin_text(op->to), err);
	return rc;
}

static irmin_rc catch_up(irmin__touched *touched, const irmin__ops *ops,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	while (touched->count < ops->len && rc >= 0) {
		rc = add_op(touched, ops->items[touched->count], err);
		touched->count += rc >= 0;
	}
	return rc;
}

/* At the path, below it, or at a directory above it. */
irmin_rc irmin__touched_find(irmin__touched *touched, const irmin__ops *ops,
    irmin_slice path, int *found, irmin_error *err)
{
	irmin_slice step;
	const touch *one;
	irmin_rc rc = catch_up(touched, ops, err);

	*found = 0;
	irmin__buf_empty(&touched->path);
	while (rc >= 0 && !*found) {
		one = irmin__table_find(&touched->table,
		    irmin_buf_slice(&touched->path));
		if (!one)
			return IRMIN_OK;
		*found = one->is_whole;
		if (irmin__path_step_next(&path, &step) == IRMIN_END) {
			*found = 1;
			return IRMIN_OK;
		}
		rc = append_step(&touched->path, step, err);
	}
	return rc;
}
