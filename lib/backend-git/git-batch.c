/* Many objects at once: a pack of their own.
 *
 * A few of them are held in memory until the end, and then become loose objects:
 * packs of a handful would soon be so many that looking into each takes longer
 * than anything else. (git's transfer.unpackLimit is the same bound.) At level
 * POWER every file costs a sync, so there a pack is worth it much sooner.
 */
#include "lib/backend-git/git-write.h"

#include "lib/backend-git/git-keep.h"
#include "lib/core/base/error.h"
#include "lib/core/object/backend-args.h"
#include "lib/pack/pack-write.h"
#include <irmin/alloc.h>

#define HELD_MAX         99
#define HELD_MAX_DURABLE 4
#define HELD_BYTES       ((size_t)1 << 20)

#define COMPRESSED_MIN 64

/* Ids are allocated so many at a time. */
#define IDS_BLOCK 256

/* An object that was not written yet; it points into `memory`. */
typedef struct held {
	irmin_new_object added;
	unsigned char *memory;
} held;

typedef struct git_batch {
	irmin_batch head;
	irmin__git_objects *objects;
	irmin__git *git;

	/* What was added. */
	irmin__table ids;
	IRMIN__VEC(irmin_oid *) blocks;
	size_t block_used;

	IRMIN__VEC(held) held;
	size_t held_bytes;

	irmin__git_new_pack pack;
	irmin__pack_writer *writer; /* NULL: all are held */
	irmin__git_recents recents;
	irmin_buf delta;
} git_batch;

/* ---- what is there already ---- */

static irmin_slice key_of(const void *entry)
{
	const irmin_oid *id = entry;

	return irmin_bytes(id->bytes, sizeof id->bytes);
}

/* Answers: OK; ALREADY (it was added before). */
static irmin_rc note_id(git_batch *self, const irmin_oid *id, irmin_error *err)
{
	irmin_oid *block;
	irmin_rc rc;

	if (irmin__table_find(&self->ids, key_of(id)))
		return IRMIN_ALREADY;
	if (!self->blocks.len || self->block_used == IDS_BLOCK) {
		rc = IRMIN__VEC_RESERVE(&self->blocks, 1, err);
		if (rc < 0)
			return rc;
		block = irmin_calloc(IDS_BLOCK, sizeof *block);
		if (!block)
			return irmin__enomem(err);
		IRMIN__VEC_PUSH(&self->blocks, block);
		self->block_used = 0;
	}
	block = self->blocks.items[self->blocks.len - 1];
	block[self->block_used] = *id;
	rc = irmin__table_add(&self->ids, &block[self->block_used], err);
	self->block_used += rc >= 0;
	return rc;
}

/* ---- into the pack ---- */

/* Whole trees are stored as they are, as in loose objects, and so is what is too
 * small for compression to save anything: `irmin pack` and git gc do better. */
static int level_of(const git_batch *self, const irmin__entry *entry)
{
	const irmin__git_settings *settings = &self->git->settings;

	if (entry->size < COMPRESSED_MIN ||
	    (entry->type == IRMIN_OBJECT_TREE && !settings->compress_trees))
		return 0;
	return settings->pack_compression;
}

static irmin_rc write_entry(git_batch *self, const irmin_new_object *added,
    irmin_error *err)
{
	uint64_t offset = irmin__pack_writer_offset(self->writer);
	const irmin__git_recent *base;
	irmin__entry entry = { 0 };
	irmin_slice body = added->data;
	unsigned depth = 0;
	irmin_rc rc;

	entry.type = added->type;
	rc = irmin__git_recents_delta(&self->recents, added, &self->delta,
	    &base, err);
	if (rc < 0)
		return rc;
	if (rc == IRMIN_OK) {
		entry.type = IRMIN__ENTRY_OFS_DELTA;
		entry.base_offset = base->offset;
		depth = base->depth + 1;
		body = irmin_buf_slice(&self->delta);
	}
	entry.size = body.len;
	rc = irmin__pack_writer_add(self->writer, &added->id, &entry, body,
	    level_of(self, &entry), err);
	return rc < 0
	    ? rc
	    : irmin__git_recents_add(&self->recents, added, offset, depth, err);
}

static void forget_held(git_batch *self)
{
	size_t i;

	for (i = 0; i < self->held.len; i++)
		irmin_free(self->held.items[i].memory);
	IRMIN__VEC_CLEAR(&self->held);
	self->held_bytes = 0;
}

static irmin_rc begin_pack(git_batch *self, irmin_error *err)
{
	irmin_rc rc;
	size_t i;

	rc = irmin__git_new_pack_begin(self->git, &self->pack, err);
	if (rc >= 0)
		rc = irmin__pack_writer_new(self->git->os, self->git->head.hash,
		    self->pack.file, self->pack.path.text, 0, &self->writer,
		    err);
	for (i = 0; rc >= 0 && i < self->held.len; i++)
		rc = write_entry(self, &self->held.items[i].added, err);
	forget_held(self);
	return rc;
}

/* ---- held ---- */

static int can_hold(const git_batch *self, const irmin_new_object *added)
{
	size_t max = self->git->durable ? HELD_MAX_DURABLE : HELD_MAX;

	return self->held.len < max && added->data.len <= HELD_BYTES &&
	    self->held_bytes <= HELD_BYTES - added->data.len;
}

static irmin_rc hold(git_batch *self, const irmin_new_object *added,
    irmin_error *err)
{
	size_t splices = added->splice_count * sizeof *added->splices;
	held object = { *added, NULL };
	irmin_rc rc;

	rc = IRMIN__VEC_RESERVE(&self->held, 1, err);
	if (rc < 0)
		return rc;
	object.memory = irmin_malloc(splices + added->data.len + 1);
	if (!object.memory)
		return irmin__enomem(err);
	if (splices) {
		memcpy(object.memory, added->splices, splices);
		object.added.splices = (const irmin_splice *)object.memory;
	}
	if (added->data.len)
		memcpy(object.memory + splices, added->data.data,
		    added->data.len);
	object.added.data.data = object.memory + splices;
	IRMIN__VEC_PUSH(&self->held, object);
	self->held_bytes += added->data.len;
	return IRMIN_OK;
}

static irmin_rc write_held(git_batch *self, const irmin_context *context,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < self->held.len; i++) {
		rc = irmin__context_check(context, err);
		if (rc >= 0)
			rc = irmin__git_objects_add(self->objects,
			    &self->held.items[i].added, err);
	}
	return rc;
}

/* ---- the slots ---- */

static irmin_rc add_one(git_batch *self, const irmin_new_object *added,
    irmin_error *err)
{
	irmin_rc rc;

	rc = irmin__backend_args_added(self->git->head.hash, added, err);
	if (rc >= 0)
		rc = note_id(self, &added->id, err);
	if (rc != IRMIN_OK)
		return rc;
	if (!self->writer && can_hold(self, added))
		return hold(self, added, err);
	if (!self->writer)
		rc = begin_pack(self, err);
	return rc < 0 ? rc : write_entry(self, added, err);
}

static irmin_rc git_batch_add(irmin_batch *batch, const irmin_context *context,
    const irmin_new_object *added, size_t count, irmin_error *err)
{
	git_batch *self = (git_batch *)batch;
	irmin_rc rc = IRMIN_OK;
	size_t i;

	irmin_error_clear(err);
	for (i = 0; rc >= 0 && i < count; i++) {
		rc = irmin__context_check(context, err);
		if (rc >= 0)
			rc = add_one(self, &added[i], err);
	}
	return rc < 0 ? rc : IRMIN_OK;
}

static void git_batch_abort(irmin_batch *batch)
{
	git_batch *self = (git_batch *)batch;
	size_t i;

	irmin__pack_writer_free(self->writer);
	irmin__git_new_pack_drop(self->git, &self->pack);
	irmin__git_recents_clear(&self->recents);
	irmin__table_clear(&self->ids);
	for (i = 0; i < self->blocks.len; i++)
		irmin_free(self->blocks.items[i]);
	IRMIN__VEC_CLEAR(&self->blocks);
	forget_held(self);
	irmin_buf_clear(&self->delta);
	irmin_free(self);
}

/* Gives the pack its name, which is its own: one that was there before could be
 * taken away by a packing that saw it without a ".keep". */
static irmin_rc install(git_batch *self, irmin_slice index, irmin_error *err)
{
	irmin__git *git = self->git;
	unsigned char name[IRMIN_OID_MAX_BYTES];
	irmin__git_path path;
	irmin_rc rc;

	rc = irmin__os_random(git->os, name, sizeof name, err);
	if (rc >= 0)
		rc = irmin__git_pack_path(git, name, ".pack", &path, err);
	if (rc >= 0)
		rc = irmin__git_keep_make(git, path.text, err);
	if (rc < 0)
		return rc;
	rc = irmin__git_new_pack_install(git, &self->objects->unsynced,
	    &self->pack, name, index, err);
	if (rc < 0) {
		(void)irmin__os_unlink(git->os, path.text, NULL);
		irmin__git_keep_undo(git, path.text);
	}
	return rc;
}

static irmin_rc finish_pack(git_batch *self, irmin_error *err)
{
	unsigned char checksum[IRMIN_OID_MAX_BYTES];
	irmin_buf index = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin__pack_writer_finish(self->writer, checksum, &index, err);
	if (rc >= 0) {
		self->pack.sync = 1;
		irmin__git_work_begin(self->git);
		rc = install(self, irmin_buf_slice(&index), err);
		irmin__git_work_end(self->git);
	}
	irmin_buf_clear(&index);
	return rc;
}

static irmin_rc git_batch_finish(irmin_batch *batch,
    const irmin_context *context, irmin_error *err)
{
	git_batch *self = (git_batch *)batch;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__git_check_writable(self->git, err);
	if (rc >= 0)
		rc = irmin__context_check(context, err);
	if (rc >= 0)
		rc = self->writer ? finish_pack(self, err)
				  : write_held(self, context, err);
	git_batch_abort(batch); /* what is installed stays */
	return rc;
}

static const irmin_batch_class git_batch_class = {
	.size = sizeof(irmin_batch_class),
	.add = git_batch_add,
	.finish = git_batch_finish,
	.abort = git_batch_abort,
};

irmin_rc irmin__git_batch_new(irmin__git_objects *objects, irmin_batch **batch,
    irmin_error *err)
{
	irmin__git *git = objects->git;
	git_batch *self;
	uint64_t seed = atomic_load(&git->serial);
	irmin_rc rc;

	*batch = NULL;
	rc = irmin__git_check_writable(git, err);
	if (rc < 0)
		return rc;
	self = irmin_calloc(1, sizeof *self);
	if (!self)
		return irmin__enomem(err);
	self->head.cls = &git_batch_class;
	self->objects = objects;
	self->git = git;
	irmin__table_init(&self->ids, key_of, seed);
	irmin__git_recents_init(&self->recents, seed);
	*batch = &self->head;
	return IRMIN_OK;
}
