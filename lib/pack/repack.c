/* The order of the new pack: the first pack's, then what the next ones add, then
 * single objects by type, by the name they have in some tree, and by size. An
 * entry whose base is not written yet waits until it is. As a pack holds the
 * bases of its deltas, and the first that has an object gives it, no two entries
 * wait for each other.
 */
#include "lib/pack/repack.h"

#include <zlib.h>

#include "lib/core/base/context.h"
#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/base/vec.h"
#include "lib/pack/pack-parts.h"
#include "lib/pack/repack-singles.h"
#include <irmin/alloc.h>

#define BEGUN         1 /* as an offset: waits to be written */
#define COPY_BYTES    ((size_t)1 << 20)
#define PROGRESS_STEP 256

/* A pack that entries come from; arrays by place in its index. */
typedef struct source {
	irmin__pack *pack;
	const irmin__index *index;
	uint32_t *order;   /* the places, by offset */
	uint64_t *end;     /* of the entry */
	uint64_t *written; /* where it is in the new pack; 0, BEGUN */
} source;

/* An entry of a source. */
typedef struct place {
	uint32_t source, at;
} place;

struct irmin__repack {
	irmin_hash_algo algo;
	irmin__repack_options options;
	IRMIN__VEC(source) sources;
	IRMIN__VEC(place) waiting; /* for the last of them to be written */
	irmin__repack_singles *singles;
	uint64_t count, done;
};

irmin_rc irmin__repack_new(irmin_hash_algo algo,
    const irmin__repack_options *options, irmin__repack **repack,
    irmin_error *err)
{
	irmin__repack *made = irmin_calloc(1, sizeof *made);
	irmin_rc rc;

	*repack = NULL;
	if (!made)
		return irmin__enomem(err);
	made->algo = algo;
	made->options = *options;
	rc = irmin__repack_singles_new(algo, options, &made->singles, err);
	if (rc < 0)
		irmin__repack_free(made);
	else
		*repack = made;
	return rc;
}

static void clear_source(source *from)
{
	irmin__pack_unref(from->pack);
	irmin_free(from->order);
	irmin_free(from->end);
	irmin_free(from->written);
}

void irmin__repack_free(irmin__repack *repack)
{
	size_t i;

	if (!repack)
		return;
	for (i = 0; i < repack->sources.len; i++)
		clear_source(&repack->sources.items[i]);
	IRMIN__VEC_CLEAR(&repack->sources);
	IRMIN__VEC_CLEAR(&repack->waiting);
	irmin__repack_singles_free(repack->singles);
	irmin_free(repack);
}

uint64_t irmin__repack_count(const irmin__repack *repack)
{
	return repack->count;
}

/* ---- what is taken ---- */

/* Where the first source that has an object has it. Answers: OK; ABSENT. */
static irmin_rc find_place(const irmin__repack *repack, size_t sources,
    const irmin_oid *id, place *found)
{
	uint32_t i;

	for (i = 0; i < sources; i++) {
		found->source = i;
		if (irmin__index_find(repack->sources.items[i].index, id,
			&found->at) == IRMIN_OK)
			return IRMIN_OK;
	}
	return IRMIN_ABSENT;
}

/* An object that an earlier source has is taken from there. */
static int is_elsewhere(const irmin__repack *repack, uint32_t number,
    uint32_t at)
{
	irmin_oid id;
	place other;

	if (!number)
		return 0;
	id = irmin__index_id(repack->sources.items[number].index, at);
	return find_place(repack, number, &id, &other) == IRMIN_OK;
}

static irmin_rc order_source(source *from, irmin_error *err)
{
	size_t count = from->index->count;
	irmin_rc rc;

	from->order = irmin_calloc(count + 1, sizeof *from->order);
	from->end = irmin_calloc(count + 1, sizeof *from->end);
	from->written = irmin_calloc(count + 1, sizeof *from->written);
	if (!from->order || !from->end || !from->written)
		return irmin__enomem(err);
	rc = irmin__pack_need_file(from->pack, err);
	if (rc == IRMIN_ABSENT)
		return irmin_error_set(err, IRMIN_EMISSING,
		    irmin__pack_path(from->pack), "%s went away",
		    irmin__pack_path(from->pack));
	if (rc >= 0)
		rc = irmin__index_order(from->index,
		    irmin__pack_end(from->pack), from->order, from->end, err);
	return irmin__error_locate(err, rc, irmin__pack_path(from->pack));
}

irmin_rc irmin__repack_add_pack(irmin__repack *repack, irmin__pack *pack,
    irmin_error *err)
{
	uint32_t number = (uint32_t)repack->sources.len, at;
	source from = { NULL, NULL, NULL, NULL, NULL };
	irmin_rc rc;

	rc = IRMIN__VEC_RESERVE(&repack->sources, 1, err);
	if (rc < 0)
		return rc;
	from.pack = irmin__pack_ref(pack);
	from.index = irmin__pack_index(pack);
	rc = order_source(&from, err);
	if (rc < 0) {
		clear_source(&from);
		return rc;
	}
	IRMIN__VEC_PUSH(&repack->sources, from);
	for (at = 0; at < from.index->count; at++)
		repack->count += !is_elsewhere(repack, number, at);
	return IRMIN_OK;
}

irmin_rc irmin__repack_add_object(irmin__repack *repack, const irmin_oid *id,
    irmin_error *err)
{
	place found;
	irmin_rc rc;

	if (find_place(repack, repack->sources.len, id, &found) == IRMIN_OK)
		return IRMIN_ALREADY;
	rc = irmin__repack_singles_add(repack->singles, id, err);
	if (rc >= 0)
		repack->count++;
	return rc;
}

/* ---- one entry ---- */

static uint64_t *written_at(irmin__repack *repack, place at)
{
	return &repack->sources.items[at.source].written[at.at];
}

/* The place whose entry begins at an offset. */
static irmin_rc place_of_offset(const irmin__repack *repack, uint32_t number,
    uint64_t offset, place *found, irmin_error *err)
{
	const source *from = &repack->sources.items[number];
	uint32_t low = 0, high = from->index->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		uint64_t other;
		irmin_rc rc = irmin__index_offset(from->index, from->order[mid],
		    &other, err);

		if (rc < 0)
			return rc;
		if (other == offset) {
			found->source = number;
			found->at = from->order[mid];
			return IRMIN_OK;
		}
		if (other < offset)
			low = mid + 1;
		else
			high = mid;
	}
	return irmin__error_at(err, IRMIN_ECORRUPT,
	    irmin__pack_path(from->pack), offset,
	    "%s has no entry at %llu, which is the base of another",
	    irmin__pack_path(from->pack), (unsigned long long)offset);
}

/* Where the base of a delta is taken from: the first source that has it. */
static irmin_rc find_base(const irmin__repack *repack, uint32_t number,
    uint64_t offset, const irmin__entry *entry, place *base, irmin_error *err)
{
	const source *from = &repack->sources.items[number];
	uint64_t base_offset;
	irmin_oid id;
	irmin_rc rc;

	rc = irmin__pack_base(from->pack, offset, entry, &base_offset, err);
	if (rc >= 0)
		rc = place_of_offset(repack, number, base_offset, base, err);
	if (rc < 0)
		return rc;
	id = irmin__index_id(from->index, base->at);
	return find_place(repack, number + 1, &id, base);
}

/* An index of version 1 has no checksums of entries: the object is made once. */
static irmin_rc check_unsummed(const irmin__repack *repack, const source *from,
    uint64_t offset, irmin_error *err)
{
	irmin__pack_reading reading = { repack->options.context, NULL };
	irmin_object object;
	irmin_rc rc = irmin__pack_find(from->pack, offset, &reading, &object,
	    err);

	irmin_pin_release(&object.data);
	return rc;
}

/* Copies the stream behind the header, and checks the bytes of both. */
static irmin_rc copy_stream(irmin__pack_writer *writer, const source *from,
    uint32_t at, uint64_t offset, size_t header_bytes, irmin_error *err)
{
	uint64_t from_offset = offset, end = from->end[at];
	uint32_t crc = 0;
	irmin_rc rc = IRMIN_OK;

	while (rc >= 0 && offset < end) {
		size_t want = end - offset < COPY_BYTES ? (size_t)(end - offset)
							: COPY_BYTES;
		irmin__view view;

		rc = irmin__pack_entry_view(from->pack, offset, want, &view,
		    err);
		if (rc < 0)
			return rc;
		view.bytes.len = want;
		crc = (uint32_t)crc32_z(crc, view.bytes.data, want);
		view.bytes = irmin__slice_from(view.bytes, header_bytes);
		rc = irmin__pack_writer_bytes(writer, view.bytes, err);
		irmin__view_release(&view);
		header_bytes = 0;
		offset += want;
	}
	if (rc >= 0 && from->index->version > 1 &&
	    crc != irmin__index_crc(from->index, at))
		return irmin__error_at(err, IRMIN_ECORRUPT,
		    irmin__pack_path(from->pack), from_offset,
		    "the entry at %llu of %s is not what its index says",
		    (unsigned long long)from_offset,
		    irmin__pack_path(from->pack));
	return rc;
}

/* Writes an entry whose base, if it has one, is written already. */
static irmin_rc write_entry(irmin__repack *repack, irmin__pack_writer *writer,
    place at, irmin__entry *entry, uint64_t offset, uint64_t base_offset,
    irmin_error *err)
{
	const source *from = &repack->sources.items[at.source];
	irmin_oid id = irmin__index_id(from->index, at.at);
	size_t header_bytes = entry->header_bytes;
	irmin_rc rc;

	*written_at(repack, at) = irmin__pack_writer_offset(writer);
	repack->done++;
	if (base_offset) {
		entry->type = IRMIN__ENTRY_OFS_DELTA;
		entry->base_offset = base_offset;
	}
	rc = irmin__pack_writer_begin(writer, &id, entry, err);
	if (rc >= 0 && from->index->version == 1)
		rc = check_unsummed(repack, from, offset, err);
	if (rc >= 0)
		rc = copy_stream(writer, from, at.at, offset, header_bytes,
		    err);
	return rc;
}

/* Writes the last place that waits, or lets its base wait for it. */
static irmin_rc write_waiting(irmin__repack *repack, irmin__pack_writer *writer,
    irmin_error *err)
{
	place at = repack->waiting.items[repack->waiting.len - 1], base;
	const source *from = &repack->sources.items[at.source];
	uint64_t offset, base_offset = 0;
	irmin__entry entry;
	irmin_rc rc;

	rc = irmin__index_offset(from->index, at.at, &offset, err);
	if (rc >= 0)
		rc = irmin__pack_header(from->pack, offset, &entry, err);
	if (rc >= 0 && entry.type >= IRMIN__ENTRY_OFS_DELTA) {
		rc = find_base(repack, at.source, offset, &entry, &base, err);
		if (rc >= 0)
			base_offset = *written_at(repack, base);
		if (rc >= 0 && base_offset == BEGUN)
			rc = irmin__pack_endless(from->pack, offset, err);
		if (rc >= 0 && !base_offset) {
			*written_at(repack, at) = BEGUN;
			rc = IRMIN__VEC_RESERVE(&repack->waiting, 1, err);
			if (rc >= 0)
				IRMIN__VEC_PUSH(&repack->waiting, base);
			return rc;
		}
	}
	if (rc >= 0)
		rc = write_entry(repack, writer, at, &entry, offset,
		    base_offset, err);
	repack->waiting.len--;
	return rc;
}

static irmin_rc write_place(irmin__repack *repack, irmin__pack_writer *writer,
    place at, irmin_error *err)
{
	irmin_rc rc;

	if (*written_at(repack, at) || is_elsewhere(repack, at.source, at.at))
		return IRMIN_OK;
	repack->waiting.len = 0;
	rc = IRMIN__VEC_RESERVE(&repack->waiting, 1, err);
	if (rc < 0)
		return rc;
	IRMIN__VEC_PUSH(&repack->waiting, at);
	while (rc == IRMIN_OK && repack->waiting.len)
		rc = write_waiting(repack, writer, err);
	return rc;
}

/* ---- all of them ---- */

static irmin_rc tell(irmin__repack *repack, irmin_error *err)
{
	const irmin__repack_options *options = &repack->options;
	irmin_rc rc = irmin__context_check(options->context, err);

	if (rc < 0 || !options->progress)
		return rc;
	return options->progress(options->progress_arg, "writing", repack->done,
	    repack->count);
}

static irmin_rc write_source(irmin__repack *repack, irmin__pack_writer *writer,
    uint32_t number, irmin_error *err)
{
	const source *from = &repack->sources.items[number];
	irmin_rc rc = IRMIN_OK;
	uint32_t i;

	for (i = 0; rc == IRMIN_OK && i < from->index->count; i++) {
		place at = { number, from->order[i] };

		rc = write_place(repack, writer, at, err);
		if (rc == IRMIN_OK && i % PROGRESS_STEP == 0)
			rc = tell(repack, err);
	}
	return rc;
}

irmin_rc irmin__repack_write(irmin__repack *repack, irmin__pack_writer *writer,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	uint32_t i;

	for (i = 0; rc == IRMIN_OK && i < repack->sources.len; i++)
		rc = write_source(repack, writer, i, err);
	if (rc == IRMIN_OK)
		rc = irmin__repack_singles_write(repack->singles, writer,
		    repack->count, err);
	return rc;
}
