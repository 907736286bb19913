/* The multi-pack index of all packs that are there, or none where one pack is
 * all: what git would otherwise take for the truth names packs that are to go.
 */
#include "lib/backend-git/git-repack.h"

#include <stdlib.h>

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/base/text.h"
#include "lib/pack/midx.h"
#include "lib/pack/pack.h"
#include <irmin/alloc.h>

#define PACK_DIRECTORY "objects/pack"

typedef struct midx_writer {
	irmin__git *git;
	const char *added; /* "pack-<hex>": the one that is new */
	irmin__git_path directory;
	IRMIN__VEC(char *) names; /* of indexes, sorted */
	IRMIN__VEC(irmin__midx_item) items;
	irmin_error *err;
} midx_writer;

/* The new one, and those that stay. */
static int note_name(void *arg, const char *file, irmin__os_kind kind)
{
	midx_writer *w = arg;
	irmin_slice text = irmin_text(file), name;
	char *copy;
	irmin_rc rc;

	(void)kind;
	if (!irmin__slice_begins(text, "pack-") ||
	    !irmin__slice_ends(text, ".idx"))
		return IRMIN_OK;
	name = irmin__slice_until(text, text.len - strlen(".idx"));
	if (!irmin__slice_is(name, w->added) &&
	    !irmin__git_pack_must_stay(w->git, name))
		return IRMIN_OK;
	rc = IRMIN__VEC_RESERVE(&w->names, 1, w->err);
	if (rc >= 0)
		rc = irmin__text_copy(text, &copy, w->err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(&w->names, copy);
	return rc;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static irmin_rc add_items(midx_writer *w, const irmin__index *index,
    uint32_t pack)
{
	irmin_rc rc = IRMIN__VEC_RESERVE(&w->items, index->count, w->err);
	uint32_t at;

	for (at = 0; rc >= 0 && at < index->count; at++) {
		irmin__midx_item item = { irmin__index_id(index, at), pack, 0 };

		rc = irmin__index_offset(index, at, &item.offset, w->err);
		IRMIN__VEC_PUSH(&w->items, item);
	}
	return rc;
}

/* Answers: OK; ABSENT (somebody removed it meanwhile). */
static irmin_rc add_pack(midx_writer *w, uint32_t number)
{
	irmin__pack *pack = NULL;
	irmin__git_path path;
	irmin_rc rc;

	rc = irmin__git_path_join(&path, w->directory.text,
	    w->names.items[number], w->err);
	if (rc >= 0)
		rc = irmin__pack_open(w->git->os, w->git->head.hash,
		    IRMIN__WINDOWS_READ, path.text, &pack, w->err);
	if (rc == IRMIN_OK)
		rc = add_items(w, irmin__pack_index(pack), number);
	irmin__pack_unref(pack);
	return rc;
}

static irmin_rc encode(midx_writer *w, irmin_buf *bytes)
{
	irmin_rc rc = IRMIN_OK;
	uint32_t i;

	for (i = 0; rc == IRMIN_OK && i < w->names.len; i++)
		rc = add_pack(w, i);
	if (rc != IRMIN_OK)
		return rc;
	return irmin__midx_encode(w->git->head.hash,
	    (const char *const *)w->names.items, (uint32_t)w->names.len,
	    w->items.items, w->items.len, bytes, w->err);
}

/* Files "multi-pack-index-<hex>.bitmap" and ".rev" belong to the one that goes. */
static int remove_companion(void *arg, const char *name, irmin__os_kind kind)
{
	midx_writer *w = arg;
	irmin__git_path path;

	(void)kind;
	if (irmin__slice_begins(irmin_text(name), IRMIN__GIT_MIDX "-") &&
	    irmin__git_path_join(&path, w->directory.text, name, NULL) >= 0)
		(void)irmin__os_unlink(w->git->os, path.text, NULL);
	return IRMIN_OK;
}

static irmin_rc renew(midx_writer *w, const irmin_context *context,
    const char *file)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_rc rc = IRMIN_ABSENT;

	if (w->names.len > 1) {
		qsort(w->names.items, w->names.len, sizeof *w->names.items,
		    compare_names);
		rc = encode(w, &bytes);
	}
	if (rc == IRMIN_OK)
		rc = irmin__git_lock_replace(w->git, context, file,
		    irmin_buf_slice(&bytes), w->err);
	else if (rc == IRMIN_ABSENT)
		rc = irmin__os_unlink(w->git->os, file, w->err);
	irmin_buf_clear(&bytes);
	if (rc >= 0)
		rc = irmin__os_each(w->git->os, w->directory.text,
		    remove_companion, w, w->err);
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc irmin__git_midx_renew(irmin__git *git, const irmin_context *context,
    irmin__git_unsynced *unsynced, const char *added, irmin_error *err)
{
	irmin__git_path file;
	midx_writer w;
	irmin_rc rc;
	size_t i;

	memset(&w, 0, sizeof w);
	w.git = git;
	w.added = added;
	w.err = err;
	rc = irmin__git_path_join(&w.directory, git->layout.common_dir,
	    PACK_DIRECTORY, err);
	if (rc >= 0)
		rc = irmin__git_path_join(&file, w.directory.text,
		    IRMIN__GIT_MIDX, err);
	if (rc >= 0)
		rc = irmin__os_each(git->os, w.directory.text, note_name, &w,
		    err);
	if (rc >= 0)
		rc = renew(&w, context, file.text);
	if (rc >= 0)
		irmin__git_unsynced_add(unsynced, file.text, 0);
	for (i = 0; i < w.names.len; i++)
		irmin_free(w.names.items[i]);
	IRMIN__VEC_CLEAR(&w.names);
	IRMIN__VEC_CLEAR(&w.items);
	return rc;
}
