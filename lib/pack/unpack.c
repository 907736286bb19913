/* A pack while it comes, in parts of any size:
 *
 *   | header, 12 bytes | entry | entry | ... | checksum |
 *   entry: | header | zlib stream |
 *
 * All but the checksum is written to the file as it is. pack.h, entry.c and
 * delta-apply.c have the rest of the drawing.
 */
#include "lib/pack/unpack-parts.h"

#include "lib/core/base/context.h"
#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/object/object.h"
#include <irmin/alloc.h>

#define CHUNK_BYTES ((size_t)64 << 10)

/* Objects of up to this size are inflated in one go where all of them is there:
 * that is faster, and takes their size in memory. */
#define WHOLE_BYTES ((uint64_t)1 << 20)

#define BASE_BYTES ((size_t)64 << 20)

/* ---- life ---- */

static irmin_rc set_up(irmin__unpack *self, irmin__os *os, irmin__file *file,
    const char *path, irmin_error *err)
{
	irmin_rc rc;

	rc = irmin__pack_out_init(&self->out, os, self->algo, file, path, err);
	if (rc >= 0)
		rc = irmin__hasher_init(&self->hasher,
		    irmin__hash_class_of(self->algo), err);
	if (rc < 0)
		return rc;
	self->chunk = irmin_malloc(CHUNK_BYTES);
	return self->chunk ? IRMIN_OK : irmin__enomem(err);
}

irmin_rc irmin__unpack_new(irmin__os *os, irmin_hash_algo algo,
    irmin__file *file, const char *path, const irmin__unpack_options *options,
    irmin__unpack **unpack, irmin_error *err)
{
	irmin__unpack *self;
	irmin_rc rc;

	*unpack = NULL;
	self = irmin_calloc(1, sizeof *self);
	if (!self)
		return irmin__enomem(err);
	self->algo = algo;
	self->options = *options;
	if (!self->options.limits.base_bytes)
		self->options.limits.base_bytes = BASE_BYTES;
	rc = set_up(self, os, file, path, err);
	if (rc < 0)
		irmin__unpack_free(self);
	else
		*unpack = self;
	return rc;
}

void irmin__unpack_free(irmin__unpack *unpack)
{
	if (!unpack)
		return;
	if (unpack->inflating)
		irmin__inflate_end(&unpack->inflater);
	irmin__forest_clear(&unpack->forest);
	irmin__windows_close(unpack->windows);
	irmin__pack_out_clear(&unpack->out);
	if (unpack->hasher.cls)
		irmin__hasher_clear(&unpack->hasher);
	irmin__inflaters_clear(&unpack->resting);
	irmin_pin_release(&unpack->thin.data);
	irmin_buf_clear(&unpack->body);
	irmin_free(unpack->by_base);
	irmin_free(unpack->chunk);
	IRMIN__VEC_CLEAR(&unpack->items);
	IRMIN__VEC_CLEAR(&unpack->near);
	IRMIN__VEC_CLEAR(&unpack->far);
	irmin_free(unpack);
}

uint64_t irmin__unpack_count(const irmin__unpack *unpack)
{
	return unpack->items.len;
}

/* ---- what is allowed, and told ---- */

irmin_rc irmin__unpack_limit(const irmin__unpack *unpack, uint64_t value,
    uint64_t limit, const char *what, irmin_error *err)
{
	if (!limit || value <= limit)
		return IRMIN_OK;
	return irmin__error_at(err, IRMIN_ELIMIT, unpack->out.path,
	    unpack->out.offset, "the pack goes beyond the limit of %llu %s",
	    (unsigned long long)limit, what);
}

irmin_rc irmin__unpack_count_bytes(irmin__unpack *unpack, uint64_t bytes,
    irmin_error *err)
{
	const irmin__unpack_limits *limits = &unpack->options.limits;
	irmin_rc rc;

	rc = irmin__unpack_limit(unpack, bytes, limits->object_bytes,
	    "bytes for an object", err);
	unpack->total_bytes = bytes > UINT64_MAX - unpack->total_bytes
	    ? UINT64_MAX
	    : unpack->total_bytes + bytes;
	if (rc < 0)
		return rc;
	return irmin__unpack_limit(unpack, unpack->total_bytes,
	    limits->total_bytes, "bytes for all objects", err);
}

int irmin__unpack_keeps(const irmin__unpack *unpack, uint64_t bytes)
{
	const irmin_context *context = unpack->options.context;

	return unpack->options.object &&
	    bytes <= unpack->options.limits.base_bytes &&
	    (!context || !context->max_object_bytes ||
		bytes <= context->max_object_bytes);
}

irmin_rc irmin__unpack_tell(irmin__unpack *unpack, const irmin_oid *id,
    irmin_object_type type, irmin_slice data, uint64_t bytes,
    const irmin_oid *base, irmin_error *err)
{
	irmin_scanned object = { *id, type, data, { { 0 }, 0 }, NULL };
	irmin_error fault;
	char hex[IRMIN_OID_HEX_BYTES];

	if (!unpack->options.object)
		return IRMIN_OK;
	if (base)
		object.base = *base;
	if (!irmin__unpack_keeps(unpack, bytes)) {
		irmin_oid_hex(id, hex);
		(void)irmin_error_set(&fault, IRMIN_ELIMIT, hex,
		    "cannot read %s: its %llu bytes are too many", hex,
		    (unsigned long long)bytes);
		object.fault = &fault;
		object.data = irmin_bytes(NULL, 0);
	}
	irmin_error_clear(err);
	return unpack->options.object(unpack->options.object_arg, &object);
}

irmin_rc irmin__unpack_progress(irmin__unpack *unpack, const char *stage,
    uint64_t done, uint64_t total, irmin_error *err)
{
	irmin_rc rc = irmin__context_check(unpack->options.context, err);

	if (rc < 0 || !unpack->options.progress)
		return rc;
	return unpack->options.progress(unpack->options.progress_arg, stage,
	    done, total);
}

/* ---- input ---- */

/* Writes the next `n` bytes of the input, and goes behind them. */
static irmin_rc pass(irmin__unpack *self, irmin_slice *in, size_t n,
    irmin_error *err)
{
	irmin_slice bytes = irmin__slice_until(*in, n);

	*in = irmin__slice_from(*in, n);
	return irmin__pack_out_write(&self->out, bytes, err);
}

/* Gathers up to `n` bytes in `small`; whether they are all there. */
static int gather(irmin__unpack *self, irmin_slice *in, size_t n)
{
	size_t want = n - self->small_len;

	want = want < in->len ? want : in->len;
	if (want)
		memcpy(self->small + self->small_len, in->data, want);
	self->small_len += want;
	*in = irmin__slice_from(*in, want);
	return self->small_len == n;
}

static irmin_rc write_small(irmin__unpack *self, irmin_error *err)
{
	irmin_slice bytes = irmin_bytes(self->small, self->small_len);

	self->small_len = 0;
	return irmin__pack_out_write(&self->out, bytes, err);
}

static irmin_rc corrupt(const irmin__unpack *self, const char *fault,
    irmin_error *err)
{
	uint64_t at = self->out.offset;

	return irmin__error_at(err, IRMIN_ECORRUPT, self->out.path, at,
	    "the pack is broken at its byte %llu: %s", (unsigned long long)at,
	    fault);
}

/* ---- header and trailer ---- */

static void next_entry(irmin__unpack *self)
{
	self->state = self->items.len < self->count ? IRMIN__UNPACK_ENTRY
						    : IRMIN__UNPACK_TRAILER;
}

static irmin_rc take_header(irmin__unpack *self, irmin_slice *in,
    irmin_error *err)
{
	irmin_rc rc;

	if (!gather(self, in, IRMIN__PACK_HEADER_BYTES))
		return IRMIN_OK;
	rc = irmin__pack_header_parse(irmin_bytes(self->small, self->small_len),
	    &self->count, err);
	if (rc >= 0)
		rc = irmin__unpack_limit(self, self->count,
		    self->options.limits.objects, "objects", err);
	if (rc < 0)
		return rc;
	self->out.count = self->count;
	next_entry(self);
	return write_small(self, err);
}

static irmin_rc take_trailer(irmin__unpack *self, irmin_slice *in,
    irmin_error *err)
{
	unsigned char checksum[IRMIN_OID_MAX_BYTES];
	size_t bytes = self->hasher.cls->id_bytes;
	irmin_rc rc;

	if (!gather(self, in, bytes))
		return IRMIN_OK;
	rc = irmin__pack_out_sum(&self->out, checksum, err);
	if (rc >= 0 && memcmp(checksum, self->small, bytes) != 0)
		rc = corrupt(self, "its checksum does not match", err);
	self->state = IRMIN__UNPACK_DONE;
	return rc;
}

/* ---- entries ---- */

/* Whether all of an entry's header was gathered, or so much that none is
 * longer. */
static int header_is_whole(const irmin__unpack *self)
{
	const unsigned char *small = self->small;
	size_t len = self->small_len, at = 0;
	unsigned type = len ? small[0] >> 4 & 7 : 0;

	if (len == sizeof self->small)
		return 1;
	while (at < len && small[at] & 0x80)
		at++;
	if (at++ >= len)
		return 0;
	if (type == IRMIN__ENTRY_REF_DELTA)
		return len - at >= self->hasher.cls->id_bytes;
	if (type != IRMIN__ENTRY_OFS_DELTA)
		return 1;
	while (at < len && small[at] & 0x80)
		at++;
	return at < len;
}

static irmin_rc note_near(irmin__unpack *self, irmin_error *err)
{
	const irmin__index_item *items = self->items.items;
	irmin__unpack_near near = { (uint32_t)self->items.len, 0 };
	size_t low = 0, high = self->items.len;
	irmin_rc rc;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (items[middle].offset < self->entry.base_offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == self->items.len ||
	    items[low].offset != self->entry.base_offset)
		return corrupt(self, "no entry begins where its base should",
		    err);
	near.base = (uint32_t)low;
	rc = IRMIN__VEC_RESERVE(&self->near, 1, err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(&self->near, near);
	return rc;
}

static irmin_rc note_far(irmin__unpack *self, irmin_error *err)
{
	irmin__unpack_far far = { self->entry.base, (uint32_t)self->items.len,
		0 };
	irmin_rc rc = IRMIN__VEC_RESERVE(&self->far, 1, err);

	if (rc >= 0)
		IRMIN__VEC_PUSH(&self->far, far);
	return rc;
}

static int is_delta(const irmin__unpack *self)
{
	return self->entry.type > IRMIN_OBJECT_TAG;
}

/* What an entry is by its header. The size of a delta is checked too: it has to
 * be in memory when it is applied. */
static irmin_rc note_entry(irmin__unpack *self, irmin_error *err)
{
	irmin_rc rc = IRMIN__VEC_RESERVE(&self->items, 1, err);

	if (rc >= 0 && is_delta(self))
		rc = irmin__unpack_limit(self, self->entry.size,
		    self->options.limits.object_bytes, "bytes for an object",
		    err);
	else if (rc >= 0)
		rc = irmin__unpack_count_bytes(self, self->entry.size, err);
	if (rc >= 0 && self->entry.type == IRMIN__ENTRY_OFS_DELTA)
		rc = note_near(self, err);
	else if (rc >= 0 && self->entry.type == IRMIN__ENTRY_REF_DELTA)
		rc = note_far(self, err);
	return rc;
}

static irmin_rc push_item(irmin__unpack *self, irmin_error *err)
{
	irmin__index_item item = { { { 0 }, 0 }, self->out.offset, 0 };

	IRMIN__VEC_PUSH(&self->items, item);
	self->out.crc = 0;
	return write_small(self, err);
}

static irmin__index_item *last_item(irmin__unpack *self)
{
	return &self->items.items[self->items.len - 1];
}

/* The stream has ended. */
static irmin_rc end_entry(irmin__unpack *self, irmin_error *err)
{
	irmin__index_item *item = last_item(self);
	irmin_rc rc;

	item->crc = self->out.crc;
	next_entry(self);
	if (!is_delta(self)) {
		rc = irmin__unpack_tell(self, &item->id,
		    (irmin_object_type)self->entry.type,
		    irmin_buf_slice(&self->body), self->entry.size, NULL, err);
		if (rc != IRMIN_OK)
			return rc;
	}
	return irmin__unpack_progress(self, "receiving", self->items.len,
	    self->count, err);
}

/* ---- streams ---- */

/* Inflates the body in one go, if all of it is there. Answers: OK, and the length
 * of the stream; ABSENT. */
static irmin_rc inflate_now(irmin__unpack *self, irmin_slice in, size_t *used,
    irmin_error *err)
{
	size_t size;
	irmin_rc rc;

	if (self->entry.size > WHOLE_BYTES)
		return IRMIN_ABSENT;
	size = (size_t)self->entry.size;
	self->body.len = 0;
	rc = irmin_buf_reserve(&self->body, size, err);
	if (rc >= 0)
		rc = irmin__inflate_whole(&self->resting, in, self->body.data,
		    size, used, err);
	if (rc == IRMIN_OK)
		self->body.len = size;
	if (err && rc == IRMIN_ECORRUPT)
		err->offset += self->out.offset; /* in the pack */
	return rc;
}

static irmin_rc take_whole(irmin__unpack *self, irmin_slice *in, size_t used,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	if (!is_delta(self))
		rc = irmin__hasher_object(&self->hasher,
		    (irmin_object_type)self->entry.type,
		    irmin_buf_slice(&self->body), &last_item(self)->id, err);
	if (rc >= 0)
		rc = pass(self, in, used, err);
	return rc < 0 ? rc : end_entry(self, err);
}

static irmin_rc begin_stream(irmin__unpack *self, irmin_slice in,
    irmin_error *err)
{
	const irmin__hash_class *cls = self->hasher.cls;
	char header[IRMIN__OBJECT_HEADER_BYTES];
	irmin_slice bytes = { header, 0 };
	irmin_rc rc;

	self->got = 0;
	self->body.len = 0;
	self->keep = !is_delta(self) &&
	    irmin__unpack_keeps(self, self->entry.size);
	rc = irmin__inflate_begin(&self->inflater, in, err);
	if (rc < 0)
		return rc;
	self->inflating = 1;
	self->state = IRMIN__UNPACK_BODY;
	if (is_delta(self))
		return IRMIN_OK;
	bytes.len = irmin__object_header((irmin_object_type)self->entry.type,
	    self->entry.size, header);
	rc = cls->init(self->hasher.context, err);
	return rc < 0 ? rc : cls->update(self->hasher.context, bytes, err);
}

static irmin_rc take_chunk(irmin__unpack *self, irmin_slice chunk,
    irmin_error *err)
{
	const irmin__hash_class *cls = self->hasher.cls;
	irmin_rc rc = IRMIN_OK;

	if (chunk.len > self->entry.size - self->got)
		return corrupt(self, "an entry has more than its size", err);
	self->got += chunk.len;
	if (!is_delta(self) && chunk.len)
		rc = cls->update(self->hasher.context, chunk, err);
	if (rc >= 0 && self->keep)
		rc = irmin_buf_append(&self->body, chunk, err);
	return rc;
}

static irmin_rc end_stream(irmin__unpack *self, irmin_error *err)
{
	const irmin__hash_class *cls = self->hasher.cls;
	unsigned char id[IRMIN_OID_MAX_BYTES];
	irmin_rc rc;

	irmin__inflate_end(&self->inflater);
	self->inflating = 0;
	if (self->got < self->entry.size)
		return corrupt(self, "an entry has less than its size", err);
	if (!is_delta(self)) {
		rc = cls->done(self->hasher.context, id, err);
		if (rc < 0)
			return rc;
		last_item(self)->id = irmin__oid_of_bytes(self->algo, id);
	}
	return end_entry(self, err);
}

/* Goes on with the stream, of which `in` is the next part. */
static irmin_rc take_body(irmin__unpack *self, irmin_slice *in,
    irmin_error *err)
{
	irmin__inflater *inflater = &self->inflater;
	uint64_t before = irmin__inflate_offset(inflater);
	irmin_rc rc;
	size_t got;

	do {
		rc = irmin__inflate(inflater, self->chunk, CHUNK_BYTES, &got,
		    err);
		if (rc < 0) {
			if (err && rc == IRMIN_ECORRUPT)
				err->offset += self->out.offset - before;
			return rc;
		}
		rc = take_chunk(self, irmin_bytes(self->chunk, got), err);
	} while (rc >= 0 && got == CHUNK_BYTES);
	if (rc >= 0)
		rc = pass(self, in,
		    (size_t)(irmin__inflate_offset(inflater) - before), err);
	if (rc < 0 || !inflater->ended)
		return rc;
	return end_stream(self, err);
}

static irmin_rc take_entry(irmin__unpack *self, irmin_slice *in,
    irmin_error *err)
{
	size_t used = 0;
	irmin_rc rc;

	while (!header_is_whole(self))
		if (!gather(self, in, self->small_len + 1))
			return IRMIN_OK;
	rc = irmin__entry_parse(self->algo,
	    irmin_bytes(self->small, self->small_len), self->out.offset,
	    &self->entry, err);
	if (rc >= 0)
		rc = note_entry(self, err);
	if (rc >= 0)
		rc = push_item(self, err);
	if (rc < 0)
		return rc;
	rc = inflate_now(self, *in, &used, err);
	if (rc == IRMIN_ABSENT)
		return begin_stream(self, *in, err);
	return rc < 0 ? rc : take_whole(self, in, used, err);
}

/* ---- the slots ---- */

static irmin_rc take_next(irmin__unpack *self, irmin_slice *in,
    irmin_error *err)
{
	switch (self->state) {
	case IRMIN__UNPACK_HEADER:
		return take_header(self, in, err);
	case IRMIN__UNPACK_ENTRY:
		return take_entry(self, in, err);
	case IRMIN__UNPACK_BODY:
		return take_body(self, in, err);
	default:
		return take_trailer(self, in, err);
	}
}

irmin_rc irmin__unpack_feed(irmin__unpack *unpack, irmin_slice bytes,
    size_t *used, irmin_error *err)
{
	irmin_slice in = bytes;
	irmin_rc rc;

	irmin_error_clear(err);
	*used = 0;
	rc = irmin__context_check(unpack->options.context, err);
	if (unpack->state == IRMIN__UNPACK_BODY)
		irmin__inflate_more(&unpack->inflater, in);
	while (
	    rc == IRMIN_OK && in.len && unpack->state != IRMIN__UNPACK_DONE) {
		rc = take_next(unpack, &in, err);
		if (rc == IRMIN_OK)
			rc = irmin__unpack_limit(unpack, unpack->out.offset,
			    unpack->options.limits.pack_bytes,
			    "bytes for the pack", err);
	}
	if (rc != IRMIN_OK)
		return irmin__error_locate(err, rc, unpack->out.path);
	*used = bytes.len - in.len;
	return unpack->state == IRMIN__UNPACK_DONE ? IRMIN_END : IRMIN_OK;
}
