/* Directories in memory: small values in their leaf.
 *
 *   | irmin__node | entries | git's bytes ->  ...  <- small values |
 *                                             |<---- small.back ---|
 *                                                  bytes + bytes_cap
 *
 * They lie at the end of the block, each new one before the others, and an entry
 * says how far from the end its own begins. So who copies all of them leaves the
 * entries as they are. Where one goes its room is lost, until the leaf grows or
 * is copied when too much is lost.
 */
#include "lib/core/base/error.h"
#include "lib/core/store/node-parts.h"
#include <irmin/alloc.h>

irmin_rc irmin__change_set_value(irmin__node_change *change, irmin_slice value,
    irmin_error *err)
{
	irmin__small *small = &change->small;
	irmin__blob *blob;
	irmin_rc rc;

	change->child = NULL;
	small->is_there = value.len <= IRMIN__SMALL_BYTES;
	small->len = 0;
	if (!small->is_there) {
		rc = irmin__blob_new(value, &blob, err);
		change->child = blob;
		return rc;
	}
	small->len = (uint8_t)value.len;
	if (value.len)
		memcpy(small->bytes, value.data, value.len);
	return IRMIN_OK;
}

irmin_rc irmin__small_pin(irmin_slice value, irmin_pin *pin, irmin_error *err)
{
	void *copy = irmin_malloc(value.len + 1);

	if (!copy)
		return irmin__enomem(err);
	memcpy(copy, value.data, value.len);
	pin->data = pin->owner = copy;
	pin->len = value.len;
	pin->release = irmin_free;
	return IRMIN_OK;
}

void irmin__leaf_put_small(irmin__node *leaf, irmin__node_entry *entry,
    irmin_slice value)
{
	leaf->small_bytes += (uint32_t)value.len;
	leaf->small_used += (uint32_t)value.len;
	entry->small.back = leaf->small_bytes;
	entry->small.len = (uint32_t)value.len;
	if (value.len)
		memcpy(leaf->bytes + leaf->bytes_cap - leaf->small_bytes,
		    value.data, value.len);
}

/* The one put last gives its room back. */
void irmin__leaf_drop_small(irmin__node *leaf, const irmin__node_entry *entry)
{
	leaf->small_used -= entry->small.len;
	if (entry->small.back == leaf->small_bytes)
		leaf->small_bytes -= entry->small.len;
}

void irmin__leaf_copy_smalls(irmin__node *copy, const irmin__node *leaf,
    size_t at, size_t gone)
{
	copy->small_bytes = leaf->small_bytes;
	copy->small_used = leaf->small_used;
	if (gone && irmin__node_is_small(leaf, at))
		copy->small_used -= leaf->entries[at].small.len;
	if (leaf->small_bytes)
		memcpy(copy->bytes + copy->bytes_cap - leaf->small_bytes,
		    leaf->bytes + leaf->bytes_cap - leaf->small_bytes,
		    leaf->small_bytes);
}
