/* The object store of a git directory: loose objects.
 *
 * Packs and alternates are not read by this version. Where there are some, an
 * object that is not loose may lie there: that is ENOTSUP, never ABSENT.
 */
#include "lib/backend-git/git-parts.h"

#include <stdio.h>

#include "lib/core/base/error.h"
#include "lib/core/base/hex.h"
#include "lib/core/object/backend-args.h"
#include <irmin/alloc.h>

/* A directory whose time of change is no older than this may have changed again
 * within the same tick of the file system's clock. */
#define RACY_US 2000000

typedef struct git_objects {
	irmin_objects head;
	irmin__git *git;
	irmin__git_unsynced unsynced;
	/* objects/pack, as it was when no pack was found in it; 0: not known */
	atomic_int_fast64_t no_packs_us;
} git_objects;

/* ---- what we cannot read ---- */

static irmin_rc not_supported(const char *where, const char *what,
    const char *remedy, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_ENOTSUP, where,
	    "cannot read the %s objects of %s: this version reads loose "
	    "objects only; run '%s'",
	    what, where, remedy);
}

static int stop_at_pack(void *arg, const char *name, irmin__os_kind kind)
{
	size_t len = strlen(name);

	(void)arg;
	(void)kind;
	return len > 5 && !strcmp(name + len - 5, ".pack");
}

static irmin_rc check_packs(git_objects *self, irmin_error *err)
{
	irmin__git *git = self->git;
	irmin__git_path path;
	irmin__os_stat stat;
	irmin_rc rc;

	rc = irmin__git_path_join(&path, git->layout.common_dir, "objects/pack",
	    err);
	if (rc >= 0)
		rc = irmin__os_stat_path(git->os, path.text, 1, &stat, err);
	if (rc != IRMIN_OK)
		return rc < 0 ? rc : IRMIN_OK;
	if (stat.modified_us == atomic_load(&self->no_packs_us))
		return IRMIN_OK;
	rc = irmin__os_each(git->os, path.text, stop_at_pack, NULL, err);
	if (rc < 0)
		return rc;
	if (rc == 1)
		return not_supported(path.text, "packed", "git unpack-objects",
		    err);
	if (irmin__os_now_us(git->os) - stat.modified_us > RACY_US)
		atomic_store(&self->no_packs_us, stat.modified_us);
	return IRMIN_OK;
}

static irmin_rc check_alternates(git_objects *self, irmin_error *err)
{
	irmin__git *git = self->git;
	irmin__git_path path;
	irmin__os_stat stat;
	irmin_rc rc;

	rc = irmin__git_path_join(&path, git->layout.common_dir,
	    "objects/info/alternates", err);
	if (rc >= 0)
		rc = irmin__os_stat_path(git->os, path.text, 1, &stat, err);
	if (rc < 0 || rc == IRMIN_ABSENT || !stat.bytes)
		return rc < 0 ? rc : IRMIN_OK;
	return not_supported(path.text, "borrowed",
	    "git repack -a -d && rm objects/info/alternates", err);
}

/* Whether an object that is not loose is not there. Answers: ABSENT. */
static irmin_rc not_loose(git_objects *self, irmin_error *err)
{
	irmin_rc rc = check_packs(self, err);

	if (rc >= 0)
		rc = check_alternates(self, err);
	return rc < 0 ? rc : IRMIN_ABSENT;
}

/* ---- reading ---- */

static irmin_rc git_find(irmin_objects *objects, const irmin_context *context,
    const irmin_oid *id, irmin_object *object, irmin_error *err)
{
	git_objects *self = (git_objects *)objects;
	irmin__git_path file;
	irmin_rc rc;

	irmin_error_clear(err);
	memset(object, 0, sizeof *object);
	rc = irmin__git_loose_path(self->git, id, &file, err);
	if (rc >= 0)
		rc = irmin__git_loose_find(self->git->os, file.text,
		    context ? context->max_object_bytes : 0, object, err);
	return rc == IRMIN_ABSENT ? not_loose(self, err) : rc;
}

static irmin_rc git_has(irmin_objects *objects, const irmin_context *context,
    const irmin_oid *id, irmin_error *err)
{
	git_objects *self = (git_objects *)objects;
	irmin__git_path file;
	irmin__os_stat stat;
	irmin_rc rc;

	(void)context;
	irmin_error_clear(err);
	rc = irmin__git_loose_path(self->git, id, &file, err);
	if (rc >= 0)
		rc = irmin__os_stat_path(self->git->os, file.text, 1, &stat,
		    err);
	return rc == IRMIN_ABSENT ? not_loose(self, err) : rc;
}

static irmin_rc git_stat(irmin_objects *objects, const irmin_context *context,
    const irmin_oid *id, irmin_object_type *type, uint64_t *bytes,
    irmin_error *err)
{
	git_objects *self = (git_objects *)objects;
	irmin__git_path file;
	irmin_rc rc;

	(void)context;
	irmin_error_clear(err);
	*type = IRMIN_OBJECT_ANY;
	*bytes = 0;
	rc = irmin__git_loose_path(self->git, id, &file, err);
	if (rc >= 0)
		rc = irmin__git_loose_stat(self->git->os, file.text, type,
		    bytes, err);
	return rc == IRMIN_ABSENT ? not_loose(self, err) : rc;
}

static irmin_rc git_freshen(irmin_objects *objects,
    const irmin_context *context, const irmin_oid *id, irmin_error *err)
{
	git_objects *self = (git_objects *)objects;
	irmin__git_path file;
	irmin_rc rc;

	(void)context;
	irmin_error_clear(err);
	rc = irmin__git_check_writable(self->git, err);
	if (rc >= 0)
		rc = irmin__git_loose_path(self->git, id, &file, err);
	if (rc >= 0)
		rc = irmin__os_touch(self->git->os, file.text, err);
	return rc == IRMIN_ABSENT ? not_loose(self, err) : rc;
}

/* ---- listing ---- */

typedef struct listing {
	const irmin_context *context;
	irmin_hash_algo hash;
	char prefix[IRMIN_OID_HEX_BYTES]; /* in lower case */
	char hex[IRMIN_OID_HEX_BYTES];    /* the id under way */
	irmin_object_fn fn;
	void *arg;
	irmin_error *err;
} listing;

static int tell_object(void *arg, const char *name, irmin__os_kind kind)
{
	listing *list = arg;
	irmin_oid id;
	irmin_rc rc;

	(void)kind;
	if (strlen(name) != 2 * irmin_hash_size(list->hash) - 2)
		return IRMIN_OK;
	memcpy(list->hex + 2, name, strlen(name) + 1);
	if (strncmp(list->hex, list->prefix, strlen(list->prefix)) != 0 ||
	    irmin_oid_parse(irmin_text(list->hex), &id, NULL) < 0)
		return IRMIN_OK;
	rc = irmin__context_check(list->context, list->err);
	return rc < 0 ? rc : list->fn(list->arg, &id);
}

/* Looks into one of the 256 directories, if the prefix does not rule it out. */
static irmin_rc list_directory(git_objects *self, listing *list, unsigned byte)
{
	size_t digits = strlen(list->prefix);
	unsigned char first = (unsigned char)byte;
	irmin__git_path path;
	char name[16];
	irmin_rc rc;

	irmin__hex_encode(&first, 1, list->hex);
	if (strncmp(list->hex, list->prefix, digits < 2 ? digits : 2) != 0)
		return IRMIN_OK;
	snprintf(name, sizeof name, "objects/%.2s", list->hex);
	rc = irmin__git_path_join(&path, self->git->layout.common_dir, name,
	    list->err);
	if (rc >= 0)
		rc = irmin__os_each(self->git->os, path.text, tell_object, list,
		    list->err);
	return rc == IRMIN_ABSENT ? IRMIN_OK : rc;
}

static irmin_rc git_each(irmin_objects *objects, const irmin_context *context,
    const char *prefix, irmin_object_fn fn, void *arg, irmin_error *err)
{
	git_objects *self = (git_objects *)objects;
	listing list = { context, self->git->head.hash, "", "", fn, arg, err };
	unsigned byte;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__backend_args_prefix(list.hash, prefix, list.prefix, err);
	if (rc >= 0)
		rc = not_loose(self, err);
	if (rc < 0)
		return rc;
	for (rc = IRMIN_OK, byte = 0; rc == IRMIN_OK && byte < 256; byte++)
		rc = list_directory(self, &list, byte);
	return rc;
}

/* ---- writing ---- */

static irmin_rc git_add(irmin_objects *objects, const irmin_context *context,
    const irmin_new_object *added, size_t count, irmin_error *err)
{
	git_objects *self = (git_objects *)objects;
	irmin_rc rc;
	size_t i;

	irmin_error_clear(err);
	rc = irmin__git_check_writable(self->git, err);
	for (i = 0; rc >= 0 && i < count; i++) {
		rc = irmin__backend_args_added(self->git->head.hash, &added[i],
		    err);
		if (rc >= 0)
			rc = irmin__context_check(context, err);
		if (rc >= 0)
			rc = irmin__git_loose_add(self->git, &self->unsynced,
			    &added[i], err);
	}
	return rc;
}

static irmin_rc git_flush(irmin_objects *objects, const irmin_context *context,
    irmin_level level, irmin_error *err)
{
	git_objects *self = (git_objects *)objects;

	(void)context;
	irmin_error_clear(err);
	if (level < IRMIN_POWER)
		return IRMIN_OK;
	return irmin__git_unsynced_flush(self->git, &self->unsynced, err);
}

/* ---- the store ---- */

static void git_objects_close(irmin_objects *objects)
{
	git_objects *self = (git_objects *)objects;

	irmin__git_unsynced_clear(&self->unsynced);
	irmin_free(self);
}

static const irmin_objects_class git_objects_class = {
	.size = sizeof(irmin_objects_class),
	.name = "git",
	.find = git_find,
	.has = git_has,
	.add = git_add,
	.each = git_each,
	.close = git_objects_close,
	.stat = git_stat,
	.flush = git_flush,
	.freshen = git_freshen,
};

irmin_rc irmin__git_objects_new(irmin__git *git, irmin_objects **objects,
    irmin_error *err)
{
	git_objects *self;
	irmin_rc rc;

	*objects = NULL;
	self = irmin_calloc(1, sizeof *self);
	if (!self)
		return irmin__enomem(err);
	self->head.cls = &git_objects_class;
	self->git = git;
	atomic_init(&self->no_packs_us, 0);
	rc = irmin__git_unsynced_init(&self->unsynced, err);
	if (rc < 0) {
		irmin_free(self);
		return rc;
	}
	*objects = &self->head;
	return IRMIN_OK;
}
