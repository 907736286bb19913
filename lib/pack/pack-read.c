/* Objects of a pack, read: from the entry asked for down to a base that is whole
 * or was made a short while ago, and back up, delta by delta.
 */
#include "lib/pack/pack-parts.h"

#include "lib/core/base/context.h"
#include "lib/core/base/error.h"
#include "lib/core/base/vec.h"
#include "lib/pack/delta.h"

/* No stream is compressed further than this. */
#define EXPANSION_MAX 1032
#define LINKS_MAX     0x10000
/* What is whole and smaller is inflated sooner than found in a cache. */
#define CHEAP_BYTES   512
#define HOPS_FEW      32
/* Deltas are small: most fit on the stack. */
#define DELTA_FEW     4096
/* Streams of up to this size are asked for in one piece. */
#define PIECE_BYTES   ((size_t)64 << 10)

/* ---- an entry ---- */

irmin_rc irmin__pack_fault(const irmin__pack *pack, uint64_t offset,
    irmin_rc rc, irmin_error *err)
{
	uint64_t at;

	if (rc >= 0 || rc == IRMIN_ENOMEM || rc == IRMIN_ECANCELED || !err ||
	    err->where[0])
		return rc;
	at = err->offset == IRMIN_NO_OFFSET ? offset : err->offset;
	return irmin__error_at(err, rc, pack->path, at,
	    "cannot read the entry at %llu of %s: %s",
	    (unsigned long long)offset, pack->path, err->text);
}

irmin_rc irmin__pack_header(irmin__pack *pack, uint64_t offset,
    irmin__entry *entry, irmin_error *err)
{
	irmin__view view = { { NULL, 0 }, NULL };
	irmin_rc rc;

	if (offset < IRMIN__PACK_HEADER_BYTES ||
	    offset >= irmin__pack_end(pack))
		return irmin__error_at(err, IRMIN_ECORRUPT, pack->path, offset,
		    "%s has no entry at %llu", pack->path,
		    (unsigned long long)offset);
	rc = irmin__pack_view(pack, offset, IRMIN__ENTRY_HEADER_BYTES, &view,
	    err);
	if (rc >= 0)
		rc = irmin__entry_parse(pack->algo, view.bytes, offset, entry,
		    err);
	irmin__view_release(&view);
	return irmin__pack_fault(pack, offset, rc, err);
}

irmin_rc irmin__pack_base(const irmin__pack *pack, uint64_t offset,
    const irmin__entry *entry, uint64_t *base, irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_rc rc;
	uint32_t at;

	*base = entry->base_offset;
	if (entry->type == IRMIN__ENTRY_OFS_DELTA)
		return IRMIN_OK;
	rc = irmin__index_find(&pack->index, &entry->base, &at);
	if (rc != IRMIN_OK)
		return irmin__error_at(err, IRMIN_ECORRUPT, pack->path, offset,
		    "cannot read the entry at %llu of %s: its base %s is not "
		    "in the pack",
		    (unsigned long long)offset, pack->path,
		    irmin_oid_hex(&entry->base, hex));
	rc = irmin__index_offset(&pack->index, at, base, err);
	return irmin__error_locate(err, rc,
	    irmin__windows_path(pack->index_file));
}

static irmin_rc too_large(const irmin__pack *pack, uint64_t offset,
    uint64_t size, size_t limit, irmin_error *err)
{
	return irmin__error_at(err, IRMIN_ELIMIT, pack->path, offset,
	    "cannot read the entry at %llu of %s: it has %llu bytes, more than "
	    "the limit of %zu",
	    (unsigned long long)offset, pack->path, (unsigned long long)size,
	    limit);
}

irmin_rc irmin__pack_check_size(const irmin__pack *pack, uint64_t offset,
    const irmin__entry *entry, const irmin_context *context, irmin_error *err)
{
	uint64_t left = irmin__pack_end(pack) - offset;
	size_t limit = context ? context->max_object_bytes : 0;

	if ((limit && entry->size > limit) || entry->size >= SIZE_MAX)
		return too_large(pack, offset, entry->size, limit, err);
	if (entry->size / EXPANSION_MAX > left)
		return irmin__error_at(err, IRMIN_ECORRUPT, pack->path, offset,
		    "cannot read the entry at %llu of %s: %llu bytes of the "
		    "pack cannot give the %llu that it announces",
		    (unsigned long long)offset, pack->path,
		    (unsigned long long)left, (unsigned long long)entry->size);
	return IRMIN_OK;
}

irmin_rc irmin__pack_endless(const irmin__pack *pack, uint64_t offset,
    irmin_error *err)
{
	return irmin__error_at(err, IRMIN_ECORRUPT, pack->path, offset,
	    "cannot read the entry at %llu of %s: its chain of deltas has no "
	    "end",
	    (unsigned long long)offset, pack->path);
}

irmin_rc irmin__pack_check_links(const irmin__pack *pack, uint64_t offset,
    size_t links, irmin_error *err)
{
	if (links < pack->index.count && links < LINKS_MAX)
		return IRMIN_OK;
	return irmin__pack_endless(pack, offset, err);
}

static irmin_rc inflate_in_parts(irmin__pack *pack, uint64_t offset,
    const irmin__entry *entry, void *out, irmin_error *err)
{
	irmin__pack_stream stream;
	size_t size = (size_t)entry->size, got;
	irmin_rc rc;

	rc = irmin__pack_stream_begin(&stream, pack, offset, entry, err);
	if (rc >= 0)
		rc = irmin__pack_stream_read(&stream, out, size, &got, err);
	if (rc >= 0 && got < size)
		rc = irmin__error_at(err, IRMIN_ECORRUPT, NULL, stream.next,
		    "its stream gives less than it should");
	if (rc >= 0)
		rc = irmin__pack_stream_finish(&stream, err);
	irmin__pack_stream_end(&stream);
	return irmin__pack_fault(pack, offset, rc, err);
}

irmin_rc irmin__pack_inflate(irmin__pack *pack, uint64_t offset,
    const irmin__entry *entry, void *out, irmin_error *err)
{
	uint64_t begin = offset + entry->header_bytes;
	size_t size = (size_t)entry->size, used;
	/* What does not shrink is stored, with a few bytes for each block. */
	size_t most = size + (size >> 10) + 64;
	irmin__view view;
	int enough;
	irmin_rc rc;

	rc = irmin__pack_view(pack, begin,
	    most < PIECE_BYTES ? most : PIECE_BYTES, &view, err);
	if (rc < 0)
		return rc;
	enough = view.bytes.len >= most ||
	    view.bytes.len == irmin__pack_end(pack) - begin;
	rc = IRMIN_ABSENT;
	if (enough)
		rc = irmin__inflate_whole(&pack->inflaters, view.bytes, out,
		    size, &used, err);
	irmin__view_release(&view);
	if (rc == IRMIN_ABSENT)
		return inflate_in_parts(pack, offset, entry, out, err);
	if (rc < 0 && err && err->offset != IRMIN_NO_OFFSET)
		err->offset += begin;
	return irmin__pack_fault(pack, offset, rc, err);
}

/* ---- a chain ---- */

typedef struct hop {
	uint64_t offset;
	irmin__entry entry;
} hop;

/* The deltas between an object and a base. */
typedef struct chain {
	irmin__pack *pack;
	const irmin_context *context;
	irmin__delta_cache *cache;
	hop few[HOPS_FEW];
	IRMIN__VEC(hop) more;
	size_t len;
	uint64_t wanted, base; /* where they begin */
	int cheap;             /* the base need not be kept */
	irmin_buf delta;
	unsigned char small[DELTA_FEW];
} chain;

static void chain_begin(chain *links, irmin__pack *pack,
    const irmin__pack_reading *reading)
{
	links->pack = pack;
	links->context = reading ? reading->context : NULL;
	links->cache = reading ? reading->cache : NULL;
	memset(&links->more, 0, sizeof links->more);
	memset(&links->delta, 0, sizeof links->delta);
	links->len = 0;
}

static void chain_end(chain *links)
{
	IRMIN__VEC_CLEAR(&links->more);
	irmin_buf_clear(&links->delta);
}

/* Room for one more. */
static irmin_rc push(chain *links, uint64_t offset, hop **next,
    irmin_error *err)
{
	irmin_rc rc;

	rc = irmin__pack_check_links(links->pack, links->wanted, links->len,
	    err);
	if (rc < 0)
		return rc;
	if (links->len < HOPS_FEW) {
		*next = &links->few[links->len];
	} else {
		links->more.len = links->len - HOPS_FEW;
		rc = IRMIN__VEC_RESERVE(&links->more, 1, err);
		if (rc < 0)
			return rc;
		*next = &links->more.items[links->more.len];
	}
	(*next)->offset = offset;
	return rc;
}

static const hop *pop(chain *links)
{
	links->len--;
	return links->len < HOPS_FEW
	    ? &links->few[links->len]
	    : &links->more.items[links->len - HOPS_FEW];
}

static irmin_rc read_whole(chain *links, uint64_t offset,
    const irmin__entry *entry, irmin_object *object, irmin_error *err)
{
	irmin_rc rc;

	rc = irmin__pack_check_size(links->pack, offset, entry, links->context,
	    err);
	if (rc >= 0)
		rc = irmin__shared_new((size_t)entry->size, &object->data, err);
	if (rc >= 0)
		rc = irmin__pack_inflate(links->pack, offset, entry,
		    (void *)object->data.data, err);
	object->type = (irmin_object_type)entry->type;
	return rc;
}

static int is_cached(const chain *links, irmin_object *object)
{
	return links->cache && !links->cheap &&
	    irmin__delta_cache_find(links->cache, links->pack->serial,
		links->base, object) == IRMIN_OK;
}

static void keep(const chain *links, irmin_object *object)
{
	if (links->cache && !links->cheap)
		irmin__delta_cache_add(links->cache, links->pack->serial,
		    links->base, object);
}

/* Goes down from `offset` to a base. */
static irmin_rc go_down(chain *links, uint64_t offset, irmin_object *object,
    irmin_error *err)
{
	irmin__entry *entry;
	hop *next = NULL;
	irmin_rc rc;

	links->wanted = offset;
	for (;;) {
		rc = push(links, offset, &next, err);
		if (rc < 0)
			return rc;
		entry = &next->entry;
		rc = irmin__pack_header(links->pack, offset, entry, err);
		if (rc < 0)
			return rc;
		links->base = offset;
		links->cheap = entry->type < IRMIN__ENTRY_OFS_DELTA &&
		    entry->size < CHEAP_BYTES;
		if (is_cached(links, object))
			return IRMIN_OK;
		if (entry->type < IRMIN__ENTRY_OFS_DELTA)
			return read_whole(links, offset, entry, object, err);
		links->len++;
		rc = irmin__pack_base(links->pack, offset, entry, &offset, err);
		if (rc < 0)
			return rc;
	}
}

static irmin_rc read_delta(chain *links, const hop *at, irmin_slice *delta,
    irmin_error *err)
{
	size_t size = (size_t)at->entry.size;
	unsigned char *out = links->small;
	irmin_rc rc;

	rc = irmin__pack_check_size(links->pack, at->offset, &at->entry,
	    links->context, err);
	if (rc >= 0 && size > sizeof links->small) {
		rc = irmin_buf_reserve(&links->delta, size, err);
		out = links->delta.data;
	}
	if (rc >= 0)
		rc = irmin__pack_inflate(links->pack, at->offset, &at->entry,
		    out, err);
	*delta = irmin_bytes(out, size);
	return rc;
}

static irmin_rc apply(const chain *links, const hop *at, irmin_slice delta,
    const irmin_object *base, irmin_object *object, irmin_error *err)
{
	size_t limit = links->context ? links->context->max_object_bytes : 0;
	size_t size;
	irmin_rc rc;

	object->type = base->type;
	rc = irmin__delta_result_size(delta, limit, &size, err);
	if (rc >= 0)
		rc = irmin__shared_new(size, &object->data, err);
	if (rc >= 0)
		rc = irmin__delta_apply(irmin_bytes(base->data.data,
					    base->data.len),
		    delta, (void *)object->data.data, size, err);
	if (rc < 0 && err)
		err->offset = IRMIN_NO_OFFSET;
	return irmin__pack_fault(links->pack, at->offset, rc, err);
}

/* Goes up again: `object` is the base, and then what was asked for. */
static irmin_rc go_up(chain *links, irmin_object *object, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	while (rc >= 0 && links->len) {
		const hop *at = pop(links);
		irmin_object made = { IRMIN_OBJECT_ANY, IRMIN_PIN_INIT };
		irmin_slice delta;

		rc = irmin__context_check(links->context, err);
		if (rc >= 0)
			rc = read_delta(links, at, &delta, err);
		if (rc >= 0)
			rc = apply(links, at, delta, object, &made, err);
		keep(links, object);
		irmin_pin_release(&object->data);
		*object = made;
		links->base = at->offset;
		links->cheap = 0;
	}
	return rc;
}

irmin_rc irmin__pack_find(irmin__pack *pack, uint64_t offset,
    const irmin__pack_reading *reading, irmin_object *object, irmin_error *err)
{
	chain links;
	size_t limit;
	irmin_rc rc;

	memset(object, 0, sizeof *object);
	irmin_error_clear(err);
	rc = irmin__pack_need_file(pack, err);
	if (rc != IRMIN_OK)
		return rc;
	chain_begin(&links, pack, reading);
	rc = go_down(&links, offset, object, err);
	if (rc >= 0)
		rc = go_up(&links, object, err);
	/* What is in the cache was made under another limit. */
	limit = links.context ? links.context->max_object_bytes : 0;
	if (rc >= 0 && limit && object->data.len > limit)
		rc = too_large(pack, offset, object->data.len, limit, err);
	if (rc >= 0)
		keep(&links, object);
	chain_end(&links);
	if (rc < 0) {
		irmin_pin_release(&object->data);
		object->type = IRMIN_OBJECT_ANY;
	}
	return rc;
}
