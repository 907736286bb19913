/* A pack and its index as files.
 *
 *   | "PACK" | version | count | entry | entry | ... | checksum |
 *
 * The index names the checksum, so that a pack that was replaced by another one
 * of the same name is not read with it.
 */
#include "lib/pack/pack-parts.h"

#include <irmin/alloc.h>

#include "lib/core/base/count.h"
#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"

#define INDEX_SUFFIX ".idx"
#define PACK_SUFFIX  ".pack"

/* ---- opening ---- */

/* A number says of two packs that they are not the same, and nothing else. */
static _Atomic uint64_t last_serial;

static uint64_t next_serial(void)
{
	return atomic_fetch_add_explicit(&last_serial, 1,
		   memory_order_relaxed) +
	    1;
}

static irmin_rc make_path(irmin__pack *pack, const char *idx_path,
    irmin_error *err)
{
	irmin_slice name = irmin_text(idx_path);

	if (!irmin__slice_ends(name, INDEX_SUFFIX))
		return irmin_error_set(err, IRMIN_EINVAL, idx_path,
		    "%s is not named like an index", idx_path);
	name.len -= strlen(INDEX_SUFFIX);
	pack->path = irmin_malloc(name.len + sizeof PACK_SUFFIX);
	if (!pack->path)
		return irmin__enomem(err);
	memcpy(pack->path, name.data, name.len);
	memcpy(pack->path + name.len, PACK_SUFFIX, sizeof PACK_SUFFIX);
	return IRMIN_OK;
}

static irmin_rc open_index(irmin__pack *pack, const char *idx_path,
    irmin_error *err)
{
	uint64_t bytes;
	irmin_rc rc;

	rc = irmin__windows_open(pack->os, idx_path, pack->io, 0,
	    &pack->index_file, err);
	if (rc != IRMIN_OK)
		return rc;
	bytes = irmin__windows_bytes(pack->index_file);
	if (bytes > SIZE_MAX)
		return irmin__enomem(err);
	rc = irmin__windows_view(pack->index_file, 0, (size_t)bytes,
	    &pack->index_view, err);
	if (rc >= 0)
		rc = irmin__index_open(pack->algo,
		    irmin_bytes(pack->index_view.bytes.data, (size_t)bytes),
		    &pack->index, err);
	return irmin__error_locate(err, rc, idx_path);
}

irmin_rc irmin__pack_open(irmin__os *os, irmin_hash_algo algo,
    irmin__windows_io io, const char *idx_path, irmin__pack **pack,
    irmin_error *err)
{
	irmin__pack *made;
	irmin_rc rc;

	*pack = NULL;
	irmin_error_clear(err);
	made = irmin_calloc(1, sizeof *made);
	if (!made)
		return irmin__enomem(err);
	rc = irmin__mutex_init(&made->opening, err);
	if (rc < 0) {
		irmin_free(made);
		return rc;
	}
	atomic_init(&made->refs, 1);
	atomic_init(&made->file, NULL);
	made->serial = next_serial();
	made->os = os;
	made->algo = algo;
	made->io = io;
	rc = make_path(made, idx_path, err);
	if (rc >= 0)
		rc = open_index(made, idx_path, err);
	if (rc == IRMIN_OK)
		*pack = made;
	else
		irmin__pack_unref(made);
	return rc;
}

irmin__pack *irmin__pack_ref(irmin__pack *pack)
{
	irmin__count_up(&pack->refs);
	return pack;
}

void irmin__pack_unref(irmin__pack *pack)
{
	if (!pack || !irmin__count_down(&pack->refs))
		return;
	irmin__view_release(&pack->index_view);
	irmin__windows_close(pack->index_file);
	irmin__windows_close(atomic_load(&pack->file));
	irmin__inflaters_clear(&pack->inflaters);
	irmin__mutex_clear(&pack->opening);
	irmin_free(pack->path);
	irmin_free(pack);
}

uint64_t irmin__pack_serial(const irmin__pack *pack)
{
	return pack->serial;
}

const irmin__index *irmin__pack_index(const irmin__pack *pack)
{
	return &pack->index;
}

const char *irmin__pack_path(const irmin__pack *pack)
{
	return pack->path;
}

void irmin__pack_set_windows(irmin__pack *pack, size_t window_bytes)
{
	pack->window_bytes = window_bytes;
}

/* ---- the pack's file ---- */

static irmin_rc check_trailer(const irmin__pack *pack, irmin__windows *file,
    irmin_error *err)
{
	size_t id_bytes = irmin_hash_size(pack->algo);
	uint64_t at = irmin__windows_bytes(file) - id_bytes;
	irmin__view view;
	irmin_rc rc;

	rc = irmin__windows_view(file, at, id_bytes, &view, err);
	if (rc >= 0 &&
	    memcmp(view.bytes.data, irmin__index_pack_checksum(&pack->index),
		id_bytes) != 0)
		rc = irmin__error_at(err, IRMIN_ECORRUPT, NULL, at,
		    "its index is for a pack with another checksum");
	irmin__view_release(&view);
	return rc;
}

static irmin_rc check_header(const irmin__pack *pack, irmin__windows *file,
    irmin_error *err)
{
	size_t least = IRMIN__PACK_HEADER_BYTES + irmin_hash_size(pack->algo);
	irmin__view view;
	uint32_t count;
	irmin_rc rc;

	if (irmin__windows_bytes(file) < least)
		return irmin__error_at(err, IRMIN_ECORRUPT, NULL,
		    irmin__windows_bytes(file), "it is too short for a pack");
	rc = irmin__windows_view(file, 0, IRMIN__PACK_HEADER_BYTES, &view, err);
	if (rc >= 0)
		rc = irmin__pack_header_parse(view.bytes, &count, err);
	if (rc >= 0 && count != pack->index.count)
		rc = irmin__error_at(err, IRMIN_ECORRUPT, NULL, 8,
		    "it has %u objects, and its index %u", count,
		    pack->index.count);
	irmin__view_release(&view);
	return rc;
}

static irmin_rc open_file(irmin__pack *pack, irmin_error *err)
{
	irmin__windows *file = NULL;
	irmin_rc rc;

	rc = irmin__windows_open(pack->os, pack->path, pack->io,
	    pack->window_bytes, &file, err);
	if (rc != IRMIN_OK)
		return rc;
	rc = check_header(pack, file, err);
	if (rc >= 0)
		rc = check_trailer(pack, file, err);
	if (rc >= 0)
		atomic_store_explicit(&pack->file, file, memory_order_release);
	else
		irmin__windows_close(file);
	return irmin__error_locate(err, rc, pack->path);
}

irmin_rc irmin__pack_need_file(irmin__pack *pack, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	if (atomic_load_explicit(&pack->file, memory_order_acquire))
		return IRMIN_OK;
	irmin__mutex_lock(&pack->opening);
	if (!atomic_load_explicit(&pack->file, memory_order_relaxed))
		rc = open_file(pack, err);
	irmin__mutex_unlock(&pack->opening);
	return rc;
}

static irmin__windows *file_of(const irmin__pack *pack)
{
	return atomic_load_explicit(&pack->file, memory_order_acquire);
}

uint64_t irmin__pack_end(const irmin__pack *pack)
{
	return irmin__windows_bytes(file_of(pack)) -
	    irmin_hash_size(pack->algo);
}

irmin_rc irmin__pack_view(irmin__pack *pack, uint64_t offset, size_t want,
    irmin__view *view, irmin_error *err)
{
	uint64_t left = irmin__pack_end(pack) - offset;
	irmin_rc rc;

	rc = irmin__windows_view(file_of(pack), offset,
	    want < left ? want : (size_t)left, view, err);
	if (rc >= 0 && view->bytes.len > left)
		view->bytes.len = (size_t)left;
	return rc;
}

irmin_rc irmin__pack_entry_view(irmin__pack *pack, uint64_t offset, size_t want,
    irmin__view *view, irmin_error *err)
{
	const size_t most = (size_t)1 << 20; /* not all of it in memory */
	irmin_rc rc;

	memset(view, 0, sizeof *view);
	irmin_error_clear(err);
	rc = irmin__pack_need_file(pack, err);
	if (rc != IRMIN_OK)
		return rc;
	if (offset < IRMIN__PACK_HEADER_BYTES ||
	    offset > irmin__pack_end(pack) ||
	    want > irmin__pack_end(pack) - offset)
		return irmin__error_at(err, IRMIN_ECORRUPT, pack->path, offset,
		    "%s has no entry of %zu bytes at %llu", pack->path, want,
		    (unsigned long long)offset);
	rc = irmin__pack_view(pack, offset, want < most ? want : most, view,
	    err);
	if (rc >= 0 && view->bytes.len > want)
		view->bytes.len = want;
	return rc;
}
