/* git pack-refs --all: every ref in packed-refs, and away with their files.
 *
 *   1. packed-refs.lock is taken, and all refs are listed under it
 *   2. packed-refs is replaced, synced before it takes its place and after
 *   3. each file whose ref is what packed-refs now says goes, under its own lock
 *
 * Symbolic refs, those of one work tree only, and those whose object is not
 * there keep their files. Who is killed in between leaves files that say what
 * packed-refs says.
 */
#include "lib/backend-git/git-refs-cas.h"

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"
#include <irmin/alloc.h>

/* The blank at the end is git's. */
#define HEADER "# pack-refs with: peeled fully-peeled sorted \n"

typedef struct loose_ref {
	char *name;
	irmin_oid id;
} loose_ref;

typedef struct packing {
	irmin__git_refs *refs;
	irmin__git *git;
	const irmin_context *context;
	irmin_buf file;              /* what packed-refs is to be */
	IRMIN__VEC(loose_ref) loose; /* what has a file of its own, too */
	irmin_error *err;
} packing;

/* ---- what goes into the file ---- */

/* "<before><id><after><name>", one line. */
static irmin_rc append_line(packing *p, const char *before, const irmin_oid *id,
    const char *after, const char *name)
{
	char hex[IRMIN_OID_HEX_BYTES];
	const char *const parts[] = { before, irmin_oid_hex(id, hex), after,
		name, "\n" };
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < sizeof parts / sizeof *parts; i++)
		rc = irmin_buf_append(&p->file, irmin_text(parts[i]), p->err);
	return rc;
}

/* Whether a ref has a file of its own. Answers: OK; ABSENT. */
static irmin_rc has_file(packing *p, const char *name)
{
	irmin_ref_value value = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	irmin_rc rc;

	rc = irmin__git_loose_ref_find(p->git, name, &value, p->err);
	irmin_buf_clear(&value.target);
	return rc;
}

static irmin_rc note_file(packing *p, const char *name, const irmin_oid *id)
{
	loose_ref loose = { NULL, *id };
	irmin_rc rc = IRMIN__VEC_RESERVE(&p->loose, 1, p->err);

	if (rc >= 0)
		rc = irmin__text_copy(irmin_text(name), &loose.name, p->err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(&p->loose, loose);
	return rc;
}

static int pack_ref(void *arg, const char *name, const irmin_ref_value *value)
{
	packing *p = arg;
	irmin_object_type type;
	irmin_rc found, loose, rc;
	irmin_oid peeled;

	if (value->target.len || irmin__git_ref_is_own(name))
		return IRMIN_OK;
	found = irmin__git_peel(p->git, p->context, &value->id, &peeled, &type);
	if (found == IRMIN_ENOMEM)
		return irmin__enomem(p->err);
	loose = has_file(p, name);
	if (loose < 0 || (loose == IRMIN_OK && found < 0))
		return loose;
	rc = append_line(p, "", &value->id, " ", name);
	if (rc >= 0 && found >= 0 &&
	    irmin_oid_compare(&peeled, &value->id) != 0)
		rc = append_line(p, "^", &peeled, "", "");
	if (rc >= 0 && loose == IRMIN_OK)
		rc = note_file(p, name, &value->id);
	return rc;
}

/* ---- the steps ---- */

static irmin_rc replace_file(packing *p, irmin__git_lock *lock)
{
	irmin__git_path path;
	irmin_rc rc;

	rc = irmin__git_path_join(&path, p->git->layout.common_dir,
	    "packed-refs", p->err);
	if (rc >= 0)
		rc = irmin__git_lock_write(p->git, lock,
		    irmin_buf_slice(&p->file), 1, p->err);
	if (rc >= 0)
		rc = irmin__git_lock_commit(p->git, lock, p->err);
	if (rc >= 0)
		irmin__git_unsynced_add(&p->refs->unsynced, path.text, 1);
	return rc;
}

/* Answers: OK; UNCHANGED (no ref has a file that packed-refs could replace). */
static irmin_rc write_packed(packing *p)
{
	irmin__git_lock lock = { NULL, NULL, 0 };
	irmin__git_path path;
	irmin_rc rc;

	rc = irmin__git_path_join(&path, p->git->layout.common_dir,
	    "packed-refs", p->err);
	if (rc >= 0)
		rc = irmin__git_lock_take(p->git, p->context,
		    p->git->layout.common_dir, path.text, &lock, p->err);
	if (rc >= 0)
		rc = irmin_buf_set(&p->file, irmin_text(HEADER), p->err);
	if (rc >= 0)
		rc = p->refs->head.cls->each(&p->refs->head, p->context,
		    "refs/", pack_ref, p, p->err);
	if (rc >= 0 && !p->loose.len)
		rc = IRMIN_UNCHANGED;
	else if (rc >= 0)
		rc = replace_file(p, &lock);
	irmin__git_lock_drop(p->git, &lock);
	return rc;
}

/* A ref that somebody else holds or moves keeps its file. */
static irmin_rc drop_files(packing *p)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < p->loose.len; i++) {
		rc = irmin__context_check(p->context, p->err);
		if (rc >= 0)
			rc = irmin__git_ref_drop_file(&p->refs->head,
			    p->context, p->loose.items[i].name,
			    &p->loose.items[i].id, p->err);
		if (rc == IRMIN_ELOCKED)
			rc = IRMIN_OK;
	}
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc irmin__git_refs_pack(irmin_refs *refs, const irmin_context *context,
    irmin_error *err)
{
	packing p = { (irmin__git_refs *)refs, NULL, context, IRMIN_BUF_INIT,
		{ NULL, 0, 0 }, err };
	irmin_rc rc;
	size_t i;

	irmin_error_clear(err);
	p.git = p.refs->git;
	rc = irmin__git_check_writable(p.git, err);
	if (rc >= 0)
		rc = write_packed(&p);
	if (rc == IRMIN_OK) {
		rc = irmin__git_unsynced_flush(p.git, &p.refs->unsynced, err);
		if (rc >= 0)
			rc = drop_files(&p);
	}
	for (i = 0; i < p.loose.len; i++)
		irmin_free(p.loose.items[i].name);
	IRMIN__VEC_CLEAR(&p.loose);
	irmin_buf_clear(&p.file);
	if (rc >= 0)
		irmin_error_clear(err);
	return rc;
}
