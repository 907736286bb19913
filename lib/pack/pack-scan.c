/* All objects of a pack, each made once: its entries become a forest, in which
 * an entry's number is its place in the order of the pack.
 */
#include "lib/pack/pack-parts.h"

#include <irmin/alloc.h>

#include "lib/core/base/error.h"
#include "lib/pack/forest.h"
#include "lib/pack/radix.h"

#define NONE IRMIN__FOREST_NONE

typedef struct scan {
	irmin__pack *pack;
	const irmin__pack_scan *options;
	const irmin_context *context;
	uint32_t count;
	irmin__keyed *entries; /* offset, and place in the index */
	uint32_t *bases;       /* NONE: whole, or its base is nowhere */
	unsigned char *needed; /* told, or a base of what is; a bit each */
	unsigned char *made;   /* a walk came there; a bit each */
	irmin__forest forest;
} scan;

static int has_bit(const unsigned char *bits, uint32_t at)
{
	return bits[at / 8] >> at % 8 & 1;
}

static void set_bit(unsigned char *bits, uint32_t at)
{
	bits[at / 8] |= (unsigned char)(1 << at % 8);
}

static int is_skipped(const scan *in, uint32_t entry)
{
	return in->options->skip &&
	    in->options->skip(in->options->skip_arg, in->entries[entry].at);
}

/* ---- the forest ---- */

/* The entry at an offset, NONE if there is none. Bases are seldom far before
 * their deltas, so the steps to them begin small. */
static uint32_t entry_at(const scan *in, uint64_t offset, uint32_t from)
{
	const irmin__keyed *entries = in->entries;
	uint32_t low = 0, high = in->count, step = 1, middle;

	if (offset < entries[from].key) {
		for (high = from; step < high; step *= 2) {
			if (entries[high - step].key <= offset)
				break;
			high -= step;
		}
		low = step < high ? high - step : 0;
	}
	while (low < high) {
		middle = low + (high - low) / 2;
		if (entries[middle].key < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < in->count && entries[low].key == offset ? low : NONE;
}

/* Where the base of an entry stands. What is broken becomes a root, where its
 * fault is found again. */
static uint32_t find_base(const scan *in, uint32_t at)
{
	uint64_t offset = in->entries[at].key, base;
	irmin__entry entry;
	irmin_rc rc;

	rc = irmin__pack_header(in->pack, offset, &entry, NULL);
	if (rc < 0 || entry.type < IRMIN__ENTRY_OFS_DELTA)
		return NONE;
	rc = irmin__pack_base(in->pack, offset, &entry, &base, NULL);
	return rc < 0 ? NONE : entry_at(in, base, at);
}

static void mark_needed(scan *in)
{
	uint32_t i, at;

	for (i = 0; i < in->count; i++) {
		if (is_skipped(in, i))
			continue;
		for (at = i; at != NONE && !has_bit(in->needed, at);
		     at = in->bases[at])
			set_bit(in->needed, at);
	}
}

static irmin_rc plant(scan *in, irmin_error *err)
{
	uint32_t i;
	irmin_rc rc = irmin__forest_add(&in->forest, in->count, err);

	if (rc < 0)
		return rc;
	for (i = 0; i < in->count; i++)
		in->bases[i] = find_base(in, i);
	mark_needed(in);
	for (i = in->count; i-- > 0;)
		if (in->bases[i] != NONE && has_bit(in->needed, i))
			irmin__forest_attach(&in->forest, i, in->bases[i]);
	return rc;
}

/* ---- the walk ---- */

/* Why a delta stands at a root. */
static irmin_rc baseless(const scan *in, uint64_t offset,
    const irmin__entry *entry, irmin_error *err)
{
	uint64_t base;
	irmin_rc rc;

	rc = irmin__pack_base(in->pack, offset, entry, &base, err);
	if (rc >= 0)
		rc = irmin__error_at(err, IRMIN_ECORRUPT, NULL, offset,
		    "no object has its base, at %llu",
		    (unsigned long long)base);
	return irmin__pack_fault(in->pack, offset, rc, err);
}

static irmin_rc inflate_entry(void *arg, uint32_t at, irmin_object_type *type,
    irmin_buf *body, irmin_error *err)
{
	scan *in = arg;
	uint64_t offset = in->entries[at].key;
	irmin__entry entry;
	irmin_rc rc;

	rc = irmin__pack_header(in->pack, offset, &entry, err);
	if (rc < 0)
		return rc;
	if (entry.type < IRMIN__ENTRY_OFS_DELTA)
		*type = (irmin_object_type)entry.type;
	else if (in->bases[at] == NONE)
		return baseless(in, offset, &entry, err);
	rc = irmin__pack_check_size(in->pack, offset, &entry, in->context, err);
	if (rc >= 0)
		rc = irmin_buf_reserve(body, (size_t)entry.size, err);
	if (rc >= 0)
		rc = irmin__pack_inflate(in->pack, offset, &entry, body->data,
		    err);
	if (rc >= 0)
		body->len = (size_t)entry.size;
	return rc;
}

static void locate(void *arg, uint32_t entry, irmin_error *fault)
{
	scan *in = arg;

	fault->offset = IRMIN_NO_OFFSET;
	(void)irmin__pack_fault(in->pack, in->entries[entry].key, fault->code,
	    fault);
}

static int tell(void *arg, const irmin__forest_object *object, irmin_error *err)
{
	scan *in = arg;
	const irmin__index *index = &in->pack->index;
	irmin_scanned told;

	(void)err;
	set_bit(in->made, object->entry);
	if (is_skipped(in, object->entry))
		return IRMIN_OK;
	memset(&told, 0, sizeof told);
	told.id = irmin__index_id(index, in->entries[object->entry].at);
	if (object->base != NONE && !is_skipped(in, object->base))
		told.base = irmin__index_id(index,
		    in->entries[object->base].at);
	told.type = object->fault ? IRMIN_OBJECT_ANY : object->type;
	told.data = object->data;
	told.fault = object->fault;
	return in->options->fn(in->options->arg, &told);
}

/* Tells of entries that no root leads to. */
static int tell_circles(scan *in)
{
	irmin__forest_object object = { 0, NONE, 0, IRMIN_OBJECT_ANY,
		{ NULL, 0 }, NULL };
	irmin_error fault;
	uint32_t i;
	int answer = IRMIN_OK;

	for (i = 0; i < in->count && !answer; i++) {
		if (has_bit(in->made, i) || !has_bit(in->needed, i))
			continue;
		(void)irmin__pack_endless(in->pack, in->entries[i].key, &fault);
		object.entry = i;
		object.fault = &fault;
		answer = tell(in, &object, NULL);
	}
	return answer;
}

/* ---- begin and end ---- */

static irmin_rc prepare(scan *in, irmin_error *err)
{
	uint32_t i;

	in->entries = irmin_calloc(in->count, sizeof *in->entries);
	in->bases = irmin_calloc(in->count, sizeof *in->bases);
	in->needed = irmin_calloc(in->count / 8 + 1, 1);
	in->made = irmin_calloc(in->count / 8 + 1, 1);
	if (!in->entries || !in->bases || !in->needed || !in->made)
		return irmin__enomem(err);
	for (i = 0; i < in->count; i++) {
		in->entries[i].at = i;
		if (irmin__index_offset(&in->pack->index, i,
			&in->entries[i].key, NULL) < 0)
			in->entries[i].key = UINT64_MAX;
	}
	return irmin__radix_sort(in->entries, in->count, err);
}

static int walk(scan *in, irmin_error *err)
{
	uint32_t i;
	int answer = prepare(in, err);

	if (answer >= 0)
		answer = plant(in, err);
	for (i = 0; i < in->count && !answer; i++)
		if (in->bases[i] == NONE && has_bit(in->needed, i))
			answer = irmin__forest_walk(&in->forest, i, err);
	return answer ? answer : tell_circles(in);
}

irmin_rc irmin__pack_each(irmin__pack *pack, const irmin__pack_scan *options,
    irmin_error *err)
{
	const irmin__pack_reading *reading = options->reading;
	scan in;
	int answer;

	irmin_error_clear(err);
	answer = irmin__pack_need_file(pack, err);
	if (answer != IRMIN_OK)
		return answer;
	memset(&in, 0, sizeof in);
	in.pack = pack;
	in.options = options;
	in.context = reading ? reading->context : NULL;
	in.count = pack->index.count;
	irmin__forest_init(&in.forest,
	    &(irmin__forest_calls){ inflate_entry, locate, tell, &in,
		in.context, options->max_bytes });
	answer = walk(&in, err);
	irmin__forest_clear(&in.forest);
	irmin_free(in.entries);
	irmin_free(in.bases);
	irmin_free(in.needed);
	irmin_free(in.made);
	return answer;
}
