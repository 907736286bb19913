/* All objects in one pack:
 *
 *   1. the packs that are to go are opened, the loose objects listed
 *   2. a new pack of all of them is written, given its name, and synced with it
 *   3. the multi-pack index is made anew, or removed, and synced: what is to go is
 *      on the disk, and nothing there needs it
 *   4. the old packs go, indexes first; the loose objects that are packed now go
 *   5. the commit-graph is written
 *
 * Who reads meanwhile finds every object in the old place or the new one. Packs
 * marked to be kept or promised stay, and what others add meanwhile is not
 * touched. Whatever is killed leaves objects twice, and perhaps a temporary file.
 */
#include "lib/backend-git/git-repack.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/backend-git/git-keep.h"
#include "lib/backend-git/git-write.h"
#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/base/text.h"
#include "lib/pack/repack.h"
#include <irmin/alloc.h>

#define PACK_DIRECTORY "objects/pack"
#define ROUNDS         5

/* A pack that is to go. */
typedef struct old_pack {
	char *name; /* "pack-<hex>" */
	irmin__pack *pack;
	uint32_t count;
	uint64_t device, inode; /* of its index */
} old_pack;

typedef struct repacking {
	irmin__git_objects *objects;
	irmin__git *git;
	irmin__git_unsynced *unsynced;
	const irmin_context *context;
	irmin__repack *repack;
	IRMIN__VEC(old_pack) packs;
	IRMIN__VEC(irmin_oid) loose;
	irmin_error *err;
} repacking;

/* ---- what is there ---- */

/* "<common directory>/objects/pack/<name><suffix>" */
static irmin_rc pack_path(const irmin__git *git, irmin_slice name,
    const char *suffix, irmin__git_path *path, irmin_error *err)
{
	char file[256];
	int len = -1;

	if (name.data && name.len < sizeof file)
		len = snprintf(file, sizeof file, PACK_DIRECTORY "/%.*s%s",
		    (int)name.len, (const char *)name.data, suffix);
	if (len < 0 || (size_t)len >= sizeof file)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "the name of a pack is too long");
	return irmin__git_path_join(path, git->layout.common_dir, file, err);
}

static int has_file(const irmin__git *git, irmin_slice name, const char *suffix)
{
	irmin__git_path path;
	irmin__os_stat stat;

	return pack_path(git, name, suffix, &path, NULL) >= 0 &&
	    irmin__os_stat_path(git->os, path.text, 1, &stat, NULL) == IRMIN_OK;
}

int irmin__git_pack_must_stay(const irmin__git *git, irmin_slice name)
{
	return has_file(git, name, ".keep") || has_file(git, name, ".promisor");
}

static irmin_rc open_pack(repacking *r, old_pack *old)
{
	irmin__git_path path;
	irmin__os_stat stat;
	irmin_rc rc = pack_path(r->git, irmin_text(old->name), ".idx", &path,
	    r->err);

	if (rc >= 0)
		rc = irmin__os_stat_path(r->git->os, path.text, 1, &stat,
		    r->err);
	if (rc != IRMIN_OK)
		return rc;
	old->device = stat.device;
	old->inode = stat.inode;
	rc = irmin__pack_open(r->git->os, r->git->head.hash, r->objects->io,
	    path.text, &old->pack, r->err);
	if (rc == IRMIN_OK)
		old->count = irmin__pack_index(old->pack)->count;
	return rc;
}

/* An index whose pack is gone was left by a removal that was interrupted. */
static int note_pack(void *arg, const char *file, irmin__os_kind kind)
{
	static const char suffix[] = ".idx";
	repacking *r = arg;
	irmin_slice text = irmin_text(file);
	old_pack old = { NULL, NULL, 0, 0, 0 };
	irmin_rc rc;

	(void)kind;
	if (!irmin__slice_begins(text, "pack-") ||
	    !irmin__slice_ends(text, suffix))
		return IRMIN_OK;
	text.len -= strlen(suffix);
	rc = IRMIN__VEC_RESERVE(&r->packs, 1, r->err);
	if (rc < 0 || irmin__git_pack_must_stay(r->git, text) ||
	    !has_file(r->git, text, ".pack"))
		return rc;
	rc = irmin__text_copy(text, &old.name, r->err);
	if (rc < 0)
		return rc;
	rc = open_pack(r, &old);
	if (rc == IRMIN_OK)
		IRMIN__VEC_PUSH(&r->packs, old);
	else
		irmin_free(old.name);
	return rc < 0 ? rc : IRMIN_OK;
}

/* What may not be read whole stays loose. */
static int note_loose(void *arg, const irmin_oid *id, const char *file)
{
	repacking *r = arg;
	size_t most = r->context ? r->context->max_object_bytes : 0;
	irmin_object_type type;
	uint64_t bytes;
	irmin_rc rc = irmin__context_check(r->context, r->err);

	if (rc >= 0)
		rc = irmin__git_loose_stat(r->git->os, file, &type, &bytes,
		    r->err);
	if (rc != IRMIN_OK || (most && bytes > most))
		return rc < 0 ? rc : IRMIN_OK;
	rc = IRMIN__VEC_RESERVE(&r->loose, 1, r->err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(&r->loose, *id);
	return rc;
}

/* The largest first: its order is the one that is kept. */
static int compare_packs(const void *a, const void *b)
{
	const old_pack *left = a, *right = b;

	if (left->count != right->count)
		return left->count > right->count ? -1 : 1;
	return strcmp(left->name, right->name);
}

static irmin_rc look(repacking *r)
{
	const char *common = r->git->layout.common_dir;
	irmin__git_path directory;
	irmin_rc rc;

	rc = irmin__git_path_join(&directory, common, PACK_DIRECTORY, r->err);
	if (rc >= 0)
		rc = irmin__os_each(r->git->os, directory.text, note_pack, r,
		    r->err);
	if (rc >= 0)
		rc = irmin__git_path_join(&directory, common, "objects",
		    r->err);
	if (rc >= 0)
		rc = irmin__git_loose_each(r->git->os, r->git->head.hash,
		    directory.text, "", note_loose, r, r->err);
	if (rc >= 0 && r->packs.len)
		qsort(r->packs.items, r->packs.len, sizeof *r->packs.items,
		    compare_packs);
	return rc;
}

/* ---- the new pack ---- */

static irmin_rc gather(repacking *r)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < r->packs.len; i++)
		rc = irmin__repack_add_pack(r->repack, r->packs.items[i].pack,
		    r->err);
	for (i = 0; rc >= 0 && i < r->loose.len; i++)
		rc = irmin__repack_add_object(r->repack, &r->loose.items[i],
		    r->err);
	return rc;
}

static irmin_rc read_object(void *arg, const irmin_oid *id,
    irmin_object *object, irmin_error *err)
{
	repacking *r = arg;
	irmin_objects *objects = r->git->head.objects;

	return objects->cls->find(objects, r->context, id, object, err);
}

static irmin_rc write_entries(repacking *r, irmin__git_new_pack *made,
    unsigned char checksum[IRMIN_OID_MAX_BYTES], irmin_buf *index)
{
	irmin__pack_writer *writer = NULL;
	irmin_rc rc;

	rc = irmin__pack_writer_new(r->git->os, r->git->head.hash, made->file,
	    made->path.text, (uint32_t)irmin__repack_count(r->repack), &writer,
	    r->err);
	if (rc >= 0)
		rc = irmin__repack_write(r->repack, writer, r->err);
	if (rc == IRMIN_OK)
		rc = irmin__pack_writer_finish(writer, checksum, index, r->err);
	irmin__pack_writer_free(writer);
	return rc;
}

/* Writes the new pack; `name` is set to "pack-<hex>". */
static irmin_rc write_pack(repacking *r, irmin__git_path *name)
{
	unsigned char checksum[IRMIN_OID_MAX_BYTES];
	irmin_buf index = IRMIN_BUF_INIT;
	irmin__git_new_pack made;
	irmin_rc rc;

	rc = irmin__git_new_pack_begin(r->git, &made, r->err);
	if (rc < 0)
		return rc;
	made.sync = 1;
	rc = write_entries(r, &made, checksum, &index);
	if (rc == IRMIN_OK)
		rc = irmin__git_pack_path(r->git, checksum, "", name, r->err);
	if (rc == IRMIN_OK)
		rc = irmin__git_new_pack_install(r->git, r->unsynced, &made,
		    checksum, irmin_buf_slice(&index), r->err);
	else
		irmin__git_new_pack_drop(r->git, &made);
	irmin_buf_clear(&index);
	return rc;
}

/* ---- what it replaces ---- */

/* The index first: without it nobody sees the pack. While it is there, the pack
 * stays too. */
static void remove_pack(repacking *r, irmin_slice name)
{
	static const char *const suffixes[] = { ".idx", ".rev", ".bitmap",
		".mtimes", ".pack" };
	irmin__git_path path;
	irmin_rc rc;
	size_t i;

	for (i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		if (pack_path(r->git, name, suffixes[i], &path, NULL) < 0)
			return;
		rc = irmin__os_unlink(r->git->os, path.text, NULL);
		if (rc == IRMIN_OK)
			irmin__git_unsynced_add(r->unsynced, path.text, 1);
		else if (rc < 0 && i == 0)
			return;
	}
}

/* Who packs at the same time, as git repack, may remove the new pack as it would
 * any other: then nothing may go that only the new pack has, too. */
static int is_there(const repacking *r, const char *name)
{
	return has_file(r->git, irmin_text(name), ".idx") &&
	    has_file(r->git, irmin_text(name), ".pack");
}

/* Nor what was made anew meanwhile under the same name, of the same bytes. */
static int is_as_it_was(const repacking *r, const old_pack *old)
{
	irmin__git_path path;
	irmin__os_stat stat;

	return pack_path(r->git, irmin_text(old->name), ".idx", &path, NULL) >=
	    0 &&
	    irmin__os_stat_path(r->git->os, path.text, 1, &stat, NULL) ==
	    IRMIN_OK &&
	    stat.device == old->device && stat.inode == old->inode;
}

/* What cannot be removed is there twice, which harms nobody. */
static void remove_old(repacking *r, const char *name)
{
	irmin__git_path path;
	size_t i;

	for (i = 0; i < r->packs.len; i++) {
		const old_pack *old = &r->packs.items[i];
		irmin_slice text = irmin_text(old->name);

		if (!irmin__slice_is(text, name) &&
		    !irmin__git_pack_must_stay(r->git, text) &&
		    is_as_it_was(r, old) && is_there(r, name))
			remove_pack(r, text);
	}
	for (i = 0; i < r->loose.len && is_there(r, name); i++) {
		if (irmin__git_loose_path(r->git, &r->loose.items[i], &path,
			NULL) < 0)
			continue;
		(void)irmin__os_unlink(r->git->os, path.text, NULL);
		*strrchr(path.text, '/') = '\0';
		(void)irmin__os_rmdir(r->git->os, path.text, NULL);
	}
}

/* ---- the whole ---- */

/* When the newest of the packs got its index; 0 if there is none. */
static int64_t packed_us(const repacking *r)
{
	irmin__git_path path;
	irmin__os_stat stat;
	int64_t newest = 0;
	size_t i;

	for (i = 0; i < r->packs.len; i++)
		if (pack_path(r->git, irmin_text(r->packs.items[i].name),
			".idx", &path, NULL) >= 0 &&
		    irmin__os_stat_path(r->git->os, path.text, 1, &stat,
			NULL) == IRMIN_OK &&
		    stat.modified_us > newest)
			newest = stat.modified_us;
	return newest;
}

/* Whether there is a graph that was written behind the packs. */
static int has_graph(const repacking *r)
{
	static const char *const names[] = { "objects/info/commit-graph",
		"objects/info/commit-graphs/commit-graph-chain" };
	int64_t packed = packed_us(r);
	irmin__git_path path;
	irmin__os_stat stat;
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (irmin__git_path_join(&path, r->git->layout.common_dir,
			names[i], NULL) >= 0 &&
		    irmin__os_stat_path(r->git->os, path.text, 1, &stat,
			NULL) == IRMIN_OK &&
		    stat.modified_us >= packed)
			return 1;
	return 0;
}

/* The loose objects were packed by somebody, or there is but one pack. */
static int is_packed(const repacking *r)
{
	return r->loose.len == 0 && r->packs.len <= 1;
}

/* Whether git is writing a multi-pack index, of packs that are to go: it finds
 * nothing in one that names a pack which is gone. They stay until the next time. */
static int midx_is_coming(const irmin__git *git)
{
	return has_file(git, irmin_text(IRMIN__GIT_MIDX), ".lock");
}

static irmin_rc replace_packs(repacking *r)
{
	irmin__git_path path;
	const char *name;
	irmin_rc rc = gather(r);

	if (rc >= 0 && irmin__repack_count(r->repack) > UINT32_MAX)
		rc = irmin_error_set(r->err, IRMIN_ELIMIT,
		    r->git->layout.common_dir,
		    "a pack holds no more than 4294967295 objects");
	if (rc >= 0)
		rc = write_pack(r, &path);
	if (rc != IRMIN_OK)
		return rc;
	name = strrchr(path.text, '/') + 1;
	rc = irmin__git_unsynced_flush(r->git, r->unsynced, r->err);
	if (rc >= 0)
		rc = irmin__git_midx_renew(r->git, r->context, r->unsynced,
		    name, r->err);
	if (rc >= 0)
		rc = irmin__git_unsynced_flush(r->git, r->unsynced, r->err);
	if (rc >= 0) /* git may have written one meanwhile */
		rc = irmin__git_midx_renew(r->git, r->context, r->unsynced,
		    name, r->err);
	if (rc >= 0 && !midx_is_coming(r->git))
		remove_old(r, name);
	return rc;
}

/* Answers: OK; ABSENT (there can be none). */
static irmin_rc write_graph(repacking *r)
{
	irmin_rc rc = irmin__git_shallow_has(r->git, &r->objects->shallow, NULL,
	    r->err);

	if (rc != IRMIN_ABSENT)
		return rc < 0 ? rc : IRMIN_ABSENT;
	return irmin__git_graph_write(r->git, r->context, r->unsynced, r->err);
}

static irmin_rc run(repacking *r)
{
	irmin_rc rc = look(r), graph;
	int packed = is_packed(r);

	if (rc >= 0 && packed && has_graph(r))
		return IRMIN_UNCHANGED;
	if (rc >= 0 && !packed)
		rc = replace_packs(r);
	else if (rc >= 0) /* the graph shall not outlive what it tells of */
		rc = irmin__git_unsynced_flush(r->git, r->unsynced, r->err);
	if (rc != IRMIN_OK)
		return rc;
	graph = write_graph(r);
	if (graph < 0)
		return graph;
	return packed && graph == IRMIN_ABSENT ? IRMIN_UNCHANGED : IRMIN_OK;
}

static irmin_rc check_allowed(irmin__git *git, irmin_error *err)
{
	const char *precious = irmin__git_config_find(&git->local,
	    "extensions.preciousobjects");
	irmin_rc rc = irmin__git_check_writable(git, err);

	if (rc < 0 || !precious || !strcmp(precious, "false"))
		return rc;
	return irmin_error_set(err, IRMIN_ENOTSUP, git->layout.common_dir,
	    "cannot pack %s: extensions.preciousObjects forbids to remove what "
	    "a pack replaces",
	    git->layout.common_dir);
}

static void clear(repacking *r)
{
	size_t i;

	irmin__repack_free(r->repack);
	for (i = 0; i < r->packs.len; i++) {
		irmin_free(r->packs.items[i].name);
		irmin__pack_unref(r->packs.items[i].pack);
	}
	IRMIN__VEC_CLEAR(&r->packs);
	IRMIN__VEC_CLEAR(&r->loose);
}

static irmin_rc repack_once(irmin__git_objects *self,
    irmin__repack_options *options, irmin_error *err)
{
	repacking r;
	irmin_rc rc;

	memset(&r, 0, sizeof r);
	r.objects = self;
	r.git = self->git;
	r.unsynced = &self->unsynced;
	r.context = options->context;
	r.err = err;
	options->read_arg = &r;
	rc = irmin__repack_new(r.git->head.hash, options, &r.repack, err);
	if (rc >= 0)
		rc = run(&r);
	clear(&r);
	return rc;
}

/* A pack that went away while it was read was replaced by another one. */
irmin_rc irmin__git_repack(irmin_objects *objects, const irmin_context *context,
    irmin_progress_fn progress, void *arg, irmin_error *err)
{
	irmin__git_objects *self = (irmin__git_objects *)objects;
	irmin__repack_options options = { context,
		self->git->settings.pack_compression, read_object, NULL,
		progress, arg };
	irmin_rc rc;
	int round;

	irmin_error_clear(err);
	rc = check_allowed(self->git, err);
	if (rc < 0)
		return rc;
	irmin__git_keeps_sweep(self->git);
	for (round = 0; round < ROUNDS; round++) {
		rc = repack_once(self, &options, err);
		if (rc != IRMIN_EMISSING && rc != IRMIN_ABSENT)
			break;
	}
	if (rc >= 0)
		irmin_error_clear(err);
	return rc;
}
