/* A pack that has come: its deltas are applied in trees, each below its base,
 * and bases that it counts on without having them are appended, whole, where its
 * checksum would have begun.
 */
#include <stdlib.h>

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/base/windows.h"
#include "lib/pack/unpack-parts.h"
#include <irmin/alloc.h>

/* As git compresses such bases. */
#define THIN_LEVEL (-1)

/* ---- deltas that name their base by its id ---- */

static int compare_far(const void *a, const void *b)
{
	const irmin__unpack_far *left = *(irmin__unpack_far *const *)a;
	const irmin__unpack_far *right = *(irmin__unpack_far *const *)b;
	int order = irmin_oid_compare(&left->base, &right->base);

	if (order)
		return order;
	return (left->entry > right->entry) - (left->entry < right->entry);
}

static irmin_rc sort_far(irmin__unpack *self, irmin_error *err)
{
	size_t count = self->far.len, i;

	if (!count)
		return IRMIN_OK;
	self->by_base = irmin_calloc(count, sizeof *self->by_base);
	if (!self->by_base)
		return irmin__enomem(err);
	for (i = 0; i < count; i++)
		self->by_base[i] = &self->far.items[i];
	qsort(self->by_base, count, sizeof *self->by_base, compare_far);
	return IRMIN_OK;
}

/* The first whose base is not below `id`, or, with `beyond`, above it. */
static size_t bound_far(const irmin__unpack *self, const irmin_oid *id,
    int beyond)
{
	size_t low = 0, high = self->far.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = irmin_oid_compare(&self->by_base[middle]->base, id);

		if (order < 0 || (beyond && !order))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The object that an entry is was made: its deltas can be. */
static void attach_far(irmin__unpack *self, const irmin_oid *id, uint32_t entry)
{
	size_t first = bound_far(self, id, 0), i;

	for (i = bound_far(self, id, 1); i-- > first;) {
		irmin__unpack_far *far = self->by_base[i];

		if (!far->attached)
			irmin__forest_attach(&self->forest, far->entry, entry);
		far->attached = 1;
	}
}

/* ---- what the forest asks for ---- */

static irmin_rc inflate_view(irmin__unpack *self, irmin_slice bytes,
    uint64_t offset, irmin_object_type *type, irmin_buf *body, irmin_error *err)
{
	irmin__entry entry;
	size_t used;
	irmin_rc rc;

	rc = irmin__entry_parse(self->algo, bytes, offset, &entry, err);
	if (rc < 0)
		return rc;
	if (entry.size >= SIZE_MAX)
		return irmin__enomem(err);
	rc = irmin_buf_reserve(body, (size_t)entry.size, err);
	if (rc >= 0)
		rc = irmin__inflate_whole(&self->resting,
		    irmin__slice_from(bytes, entry.header_bytes), body->data,
		    (size_t)entry.size, &used, err);
	if (rc == IRMIN_ABSENT)
		rc = irmin__error_at(err, IRMIN_ECORRUPT, self->out.path,
		    offset, "%s was changed by somebody else", self->out.path);
	if (rc < 0)
		return rc;
	body->len = (size_t)entry.size;
	if (entry.type <= IRMIN_OBJECT_TAG)
		*type = (irmin_object_type)entry.type;
	return IRMIN_OK;
}

static irmin_rc inflate_entry(void *arg, uint32_t n, irmin_object_type *type,
    irmin_buf *body, irmin_error *err)
{
	irmin__unpack *self = arg;
	const irmin__index_item *items = self->items.items;
	uint64_t end = self->entries_end;
	irmin__view view;
	irmin_rc rc;

	if (n >= self->count) { /* it was not sent, but appended */
		*type = self->thin.type;
		return irmin_buf_set(body,
		    irmin_bytes(self->thin.data.data, self->thin.data.len),
		    err);
	}
	if (n + 1 < self->count)
		end = items[n + 1].offset;
	rc = irmin__windows_view(self->windows, items[n].offset,
	    (size_t)(end - items[n].offset), &view, err);
	if (rc < 0)
		return rc;
	rc = inflate_view(self, view.bytes, items[n].offset, type, body, err);
	irmin__view_release(&view);
	return rc;
}

static void locate_fault(void *arg, uint32_t n, irmin_error *fault)
{
	const irmin__unpack *self = arg;
	uint64_t offset = self->items.items[n].offset;

	fault->offset = offset;
	irmin__error_locate(fault, fault->code, self->out.path);
}

static irmin_rc not_made(irmin__unpack *self,
    const irmin__forest_object *object, irmin_error *err)
{
	irmin_rc rc = object->fault->code;

	if (err)
		*err = *object->fault;
	if (rc == IRMIN_ELIMIT && self->context.max_object_bytes)
		return irmin__unpack_limit(self, UINT64_MAX,
		    self->context.max_object_bytes, "bytes for an object", err);
	return rc;
}

static int take_object(void *arg, const irmin__forest_object *object,
    irmin_error *err)
{
	irmin__unpack *self = arg;
	irmin__index_item *item = &self->items.items[object->entry];
	uint64_t deltas = (uint64_t)self->near.len + self->far.len;
	irmin_rc rc;

	if (object->fault)
		return not_made(self, object, err);
	if (object->base == IRMIN__FOREST_NONE)
		return IRMIN_OK; /* it was told when it came */
	rc = irmin__unpack_limit(self, object->depth,
	    self->options.limits.depth, "deltas in a chain", err);
	if (rc >= 0)
		rc = irmin__unpack_count_bytes(self, object->data.len, err);
	if (rc >= 0)
		rc = irmin__hasher_object(&self->hasher, object->type,
		    object->data, &item->id, err);
	if (rc < 0)
		return rc;
	attach_far(self, &item->id, object->entry);
	rc = irmin__unpack_tell(self, &item->id, object->type, object->data,
	    object->data.len, &self->items.items[object->base].id, err);
	return rc ? rc
		  : irmin__unpack_progress(self, "resolving", ++self->resolved,
			deltas, err);
}

/* ---- bases that were not sent ---- */

static irmin_rc no_base(const irmin__unpack *self, const irmin__unpack_far *far,
    irmin_error *err)
{
	uint64_t offset = self->items.items[far->entry].offset;
	char hex[IRMIN_OID_HEX_BYTES];

	return irmin__error_at(err, IRMIN_ECORRUPT, self->out.path, offset,
	    "the delta at the pack's byte %llu is for %s, which is nowhere",
	    (unsigned long long)offset, irmin_oid_hex(&far->base, hex));
}

/* Gets the base into `thin`; what we have ourselves may be broken too. Answers:
 * OK; ABSENT. */
static irmin_rc find_base(irmin__unpack *self, const irmin__unpack_far *far,
    irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_rc rc = IRMIN_ABSENT;
	irmin_oid id;

	irmin_pin_release(&self->thin.data);
	if (self->options.base)
		rc = self->options.base(self->options.base_arg, &far->base,
		    &self->thin, err);
	if (rc == IRMIN_OK)
		rc = irmin__hasher_object(&self->hasher, self->thin.type,
		    irmin_bytes(self->thin.data.data, self->thin.data.len), &id,
		    err);
	if (rc != IRMIN_OK || !irmin_oid_compare(&id, &far->base))
		return rc;
	irmin_oid_hex(&far->base, hex);
	return irmin_error_set(err, IRMIN_ECORRUPT, hex,
	    "cannot use %s as a base: its bytes do not have this id", hex);
}

/* Appends what is in `thin`, and makes all that hangs below it. */
static irmin_rc append_base(irmin__unpack *self, const irmin__unpack_far *far,
    irmin_error *err)
{
	irmin__index_item item = { far->base, self->out.offset, 0 };
	uint32_t n = (uint32_t)self->items.len;
	irmin__entry entry = { 0 };
	irmin_rc rc;

	if (n == IRMIN__FOREST_NONE)
		return irmin__unpack_limit(self, UINT64_MAX, n, "objects", err);
	rc = IRMIN__VEC_RESERVE(&self->items, 1, err);
	if (rc >= 0)
		rc = irmin__forest_add(&self->forest, 1, err);
	if (rc < 0)
		return rc;
	entry.type = self->thin.type;
	entry.size = self->thin.data.len;
	rc = irmin__pack_out_entry(&self->out, &entry,
	    irmin_bytes(self->thin.data.data, self->thin.data.len), THIN_LEVEL,
	    err);
	if (rc < 0)
		return rc;
	item.crc = self->out.crc;
	IRMIN__VEC_PUSH(&self->items, item);
	attach_far(self, &item.id, n);
	return irmin__forest_walk(&self->forest, n, err);
}

/* In the order of the pack: a base that is itself a delta of something that was
 * not sent mostly stands before its deltas, and then need not be appended. Where
 * it stands behind them, it is just not there yet. */
static irmin_rc complete(irmin__unpack *self, irmin_error *err)
{
	const irmin__unpack_far *far = self->far.items;
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc == IRMIN_OK && i < self->far.len; i++) {
		if (far[i].attached)
			continue;
		rc = find_base(self, &far[i], err);
		if (rc == IRMIN_OK)
			rc = append_base(self, &far[i], err);
		else if (rc == IRMIN_ABSENT)
			rc = IRMIN_OK;
	}
	irmin_pin_release(&self->thin.data);
	for (i = 0; rc == IRMIN_OK && i < self->far.len; i++)
		if (!far[i].attached)
			rc = no_base(self, &far[i], err);
	return rc;
}

/* ---- all of it ---- */

static irmin_rc plant(irmin__unpack *self, irmin_error *err)
{
	irmin__forest_calls calls = { inflate_entry, locate_fault, take_object,
		self, &self->context, self->options.limits.base_bytes };
	size_t i;
	irmin_rc rc;

	if (self->options.context)
		self->context = *self->options.context;
	self->context.size = sizeof self->context;
	self->context.max_object_bytes = self->options.limits.object_bytes <
		SIZE_MAX
	    ? (size_t)self->options.limits.object_bytes
	    : 0;
	irmin__forest_init(&self->forest, &calls);
	rc = irmin__forest_add(&self->forest, self->count, err);
	for (i = self->near.len; rc >= 0 && i-- > 0;)
		irmin__forest_attach(&self->forest, self->near.items[i].entry,
		    self->near.items[i].base);
	return rc < 0 ? rc : sort_far(self, err);
}

/* Walks the trees of all entries that are no deltas. */
static irmin_rc walk_roots(irmin__unpack *self, irmin_error *err)
{
	size_t near = 0, far = 0;
	irmin_rc rc = IRMIN_OK;
	uint32_t n;

	for (n = 0; rc == IRMIN_OK && n < self->count; n++) {
		if (near < self->near.len &&
		    self->near.items[near].entry == n) {
			near++;
			continue;
		}
		if (far < self->far.len && self->far.items[far].entry == n) {
			far++;
			continue;
		}
		attach_far(self, &self->items.items[n].id, n);
		if (irmin__forest_has_deltas(&self->forest, n))
			rc = irmin__forest_walk(&self->forest, n, err);
	}
	return rc;
}

static irmin_rc resolve(irmin__unpack *self, irmin_error *err)
{
	irmin_rc rc;

	if (!self->near.len && !self->far.len)
		return IRMIN_OK;
	rc = irmin__windows_open(self->out.os, self->out.path, self->options.io,
	    0, &self->windows, err);
	if (rc == IRMIN_ABSENT)
		rc = irmin_error_set(err, IRMIN_EMISSING, self->out.path,
		    "cannot read %s: somebody removed it", self->out.path);
	if (rc >= 0)
		rc = plant(self, err);
	if (rc >= 0)
		rc = walk_roots(self, err);
	return rc == IRMIN_OK ? complete(self, err) : rc;
}

/* Makes the index, which sorts the items. */
static irmin_rc make_index(irmin__unpack *self, const unsigned char *checksum,
    irmin_buf *index, irmin_error *err)
{
	irmin__index_item *items = self->items.items;
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_rc rc;
	size_t i;

	rc = irmin__index_encode(self->algo, items, self->items.len, checksum,
	    index, err);
	if (rc != IRMIN_EINVAL)
		return rc;
	for (i = 1; irmin_oid_compare(&items[i - 1].id, &items[i].id);)
		i++;
	return irmin__error_at(err, IRMIN_ECORRUPT, self->out.path,
	    items[i].offset, "the pack has the object %s twice",
	    irmin_oid_hex(&items[i].id, hex));
}

irmin_rc irmin__unpack_finish(irmin__unpack *unpack,
    unsigned char checksum[IRMIN_OID_MAX_BYTES], irmin_buf *index,
    irmin_error *err)
{
	irmin_rc rc;

	irmin_error_clear(err);
	if (unpack->state != IRMIN__UNPACK_DONE)
		return irmin_error_set(err, IRMIN_EINVAL, unpack->out.path,
		    "cannot finish %s: more of the pack is to come",
		    unpack->out.path);
	unpack->entries_end = unpack->out.offset;
	rc = resolve(unpack, err);
	irmin__windows_close(unpack->windows);
	unpack->windows = NULL;
	if (rc == IRMIN_OK)
		rc = irmin__pack_out_seal(&unpack->out,
		    (uint32_t)unpack->items.len, checksum, err);
	if (rc == IRMIN_OK)
		rc = make_index(unpack, checksum, index, err);
	return irmin__error_locate(err, rc, unpack->out.path);
}
