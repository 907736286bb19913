/* Objects on their way to the backend. */
#include "lib/core/store/batch.h"

#include "lib/core/base/error.h"
#include "lib/core/store/stream.h"
#include <irmin/alloc.h>

/* So many objects are a batch of the backend's. A commit of a few values should
 * not be: packs of a few objects would soon be more than can be searched. */
#define MANY  256
#define TRIES 10

irmin_rc irmin__batch_new(irmin_repo *repo, irmin__batch **batch,
    irmin_error *err)
{
	irmin__batch *made = irmin_calloc(1, sizeof *made);

	*batch = NULL;
	if (!made)
		return irmin__enomem(err);
	made->repo = irmin__repo_ref(repo);
	made->serial = irmin__repo_serial(repo);
	*batch = made;
	return IRMIN_OK;
}

static void forget(irmin__batch *batch)
{
	size_t i;

	for (i = 0; i < batch->copies.len; i++)
		irmin_free(batch->copies.items[i]);
	for (i = 0; i < batch->trees.len; i++)
		irmin_tree_unref(batch->trees.items[i]);
	batch->objects.len = 0;
	batch->stored.len = 0;
	batch->copies.len = 0;
	batch->trees.len = 0;
}

void irmin__batch_free(irmin__batch *batch)
{
	if (!batch)
		return;
	forget(batch);
	IRMIN__VEC_CLEAR(&batch->objects);
	IRMIN__VEC_CLEAR(&batch->stored);
	IRMIN__VEC_CLEAR(&batch->copies);
	IRMIN__VEC_CLEAR(&batch->trees);
	irmin__repo_unref(batch->repo);
	irmin_free(batch);
}

irmin_rc irmin__batch_put(irmin__batch *batch, irmin_object_type type,
    const irmin_oid *id, irmin_slice data, atomic_uchar *stored, void *copy,
    irmin_error *err)
{
	irmin_new_object *object;
	irmin_rc rc;

	rc = IRMIN__VEC_RESERVE(&batch->copies, 1, err);
	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(&batch->stored, 1, err);
	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(&batch->objects, 1, err);
	if (rc < 0) {
		irmin_free(copy);
		return rc;
	}
	object = &batch->objects.items[batch->objects.len++];
	memset(object, 0, sizeof *object);
	object->id = *id;
	object->type = type;
	object->data = data;
	IRMIN__VEC_PUSH(&batch->stored, stored);
	if (copy)
		IRMIN__VEC_PUSH(&batch->copies, copy);
	return IRMIN_OK;
}

irmin_rc irmin__batch_mark(irmin__batch *batch, atomic_uchar *stored,
    irmin_error *err)
{
	irmin_rc rc = IRMIN__VEC_RESERVE(&batch->stored, 1, err);

	if (rc >= 0)
		IRMIN__VEC_PUSH(&batch->stored, stored);
	return rc;
}

/* With the base, which lives as long as the call. */
static irmin_rc splice(irmin__batch *batch, irmin__node *base, irmin__node *dir,
    const unsigned char *bytes, irmin_error *err)
{
	irmin_new_object *object =
	    &batch->objects.items[batch->objects.len - 1];
	const irmin_oid *id = irmin__node_known_id(base);
	irmin__splices splices = { NULL, 0, 0 };
	irmin_rc rc = IRMIN__VEC_RESERVE(&batch->copies, 1, err);

	if (rc >= 0 && irmin_oid_compare(id, &object->id) == 0)
		return IRMIN_OK;
	if (rc >= 0)
		rc = irmin__node_splices(base, dir, bytes, &splices, err);
	if (rc != IRMIN_OK) {
		IRMIN__VEC_CLEAR(&splices);
		return rc < 0 ? rc : IRMIN_OK;
	}
	object->base = *id;
	object->splices = splices.items;
	object->splice_count = splices.len;
	IRMIN__VEC_PUSH(&batch->copies, splices.items);
	return IRMIN_OK;
}

irmin_rc irmin__batch_splice(irmin__batch *batch, irmin__node *dir,
    const unsigned char *bytes, irmin_error *err)
{
	irmin__node *base = irmin__node_take_base(dir);
	irmin_rc rc = IRMIN_OK;

	if (base)
		rc = splice(batch, base, dir, bytes, err);
	irmin__node_unref(base);
	return rc;
}

irmin_rc irmin__object_id(irmin_repo *repo, irmin_object_type type,
    irmin_slice data, irmin_oid *id, irmin_error *err)
{
	return irmin__object_id_parts(repo, type, &data, 1, id, err);
}

irmin_rc irmin__object_id_parts(irmin_repo *repo, irmin_object_type type,
    const irmin_slice *parts, size_t count, irmin_oid *id, irmin_error *err)
{
	uint64_t bytes = 0;
	size_t i;
	irmin_rc rc;

	rc = irmin__hash_pool_parts(repo->hashers, type, parts, count, id, err);
	for (i = 0; i < count; i++)
		bytes += parts[i].len;
	if (rc >= 0)
		irmin__repo_count(repo, IRMIN_STAT_HASHED_BYTES, bytes);
	return rc;
}

irmin_rc irmin__batch_add(irmin__batch *batch, irmin_object_type type,
    irmin_slice data, int copy, irmin_oid *id, irmin_error *err)
{
	void *copied = NULL;
	irmin_rc rc = irmin__object_id(batch->repo, type, data, id, err);

	if (rc < 0)
		return rc;
	if (copy) {
		copied = irmin_malloc(data.len);
		if (!copied)
			return irmin__enomem(err);
		if (data.len)
			memcpy(copied, data.data, data.len);
		data.data = copied;
	}
	return irmin__batch_put(batch, type, id, data, NULL, copied, err);
}

static irmin_rc try_many(irmin__batch *batch, const irmin_context *context,
    irmin_error *err)
{
	irmin__bulk *bulk;
	irmin_rc rc = irmin__bulk_open(batch->repo, context, &bulk, err);
	size_t i;

	for (i = 0; rc >= 0 && i < batch->objects.len; i++)
		rc = irmin__bulk_add(bulk, &batch->objects.items[i], err);
	if (rc >= 0)
		return irmin__bulk_finish(bulk, err);
	irmin__bulk_abort(bulk);
	return rc;
}

/* Who collects garbage without any grace (`git gc --prune=now`) takes away what
 * has no final name yet. */
static irmin_rc write_many(irmin__batch *batch, const irmin_context *context,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_EMISSING;
	int tries;

	for (tries = 0; rc == IRMIN_EMISSING && tries < TRIES; tries++)
		rc = try_many(batch, context, err);
	if (rc >= 0)
		irmin_error_clear(err);
	return rc;
}

irmin_rc irmin__batch_write(irmin__batch *batch, const irmin_context *context,
    irmin_error *err)
{
	size_t bytes = 0, i;
	irmin_rc rc;

	if (!batch->objects.len)
		return IRMIN_OK;
	if (batch->objects.len >= MANY)
		rc = write_many(batch, context, err);
	else
		rc = irmin__repo_add(batch->repo, context, batch->objects.items,
		    batch->objects.len, err);
	if (rc < 0)
		return rc;
	for (i = 0; i < batch->objects.len; i++)
		bytes += batch->objects.items[i].data.len;
	if (batch->repo->ledger)
		irmin__ledger_note(batch->repo->ledger, bytes);
	for (i = 0; i < batch->stored.len; i++)
		if (batch->stored.items[i])
			atomic_store_explicit(batch->stored.items[i], 1,
			    memory_order_release);
	forget(batch);
	return IRMIN_OK;
}
