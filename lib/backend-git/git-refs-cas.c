/* Changing refs, all or none, by git's protocol:
 *
 *   1. <ref>.lock is made for every ref that changes, in the order of names, so
 *      that no two wait for each other; new values are written into them
 *   2. what the refs are now is compared with what is expected
 *   3. packed-refs.lock, if refs go, with what remains of it
 *   4. reflogs
 *   5. the lock files are renamed to their refs, packed-refs too; files of refs
 *      that go are removed
 *
 * Only step 5 shows. Where it fails in the middle, what was done is undone by
 * changes in the other direction; if that fails too, the outcome is unknown.
 */
#include "lib/backend-git/git-refs-cas.h"

#include "lib/backend-git/git-keep.h"
#include "lib/core/base/error.h"
#include "lib/core/object/refname.h"
#include <irmin/alloc.h>

static int goes(const irmin__git_update *u)
{
	return irmin__git_update_removes(u) && irmin__git_update_was_there(u);
}

/* ---- reflogs ---- */

static irmin_rc write_reflogs(irmin__git_cas *cas)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < cas->updates.len; i++) {
		const irmin__git_update *u = &cas->updates.items[i];
		const irmin_ref_change *change = u->change;

		if (irmin__git_update_writes(u))
			rc = irmin__git_reflog_append(cas->git, change->name,
			    &u->before, &change->id, cas->reflog, cas->err);
		if (rc >= 0 && u == cas->head_update &&
		    (irmin__git_update_writes(u) || goes(u)))
			rc = irmin__git_reflog_append(cas->git, "HEAD",
			    &u->before, &change->id, cas->reflog, cas->err);
	}
	return rc;
}

/* ---- making it so ---- */

/* Directories that were made for the ref must be synced with it. */
static void note_unsynced(irmin__git_cas *cas, const irmin__git_update *u)
{
	irmin__git_path path;
	char *slash;

	if (irmin__git_cas_path(cas, u, &path) < 0)
		return;
	irmin__git_unsynced_add(&cas->refs->unsynced, path.text,
	    cas->git->durable || irmin__git_update_removes(u));
	if (u->was_loose && !irmin__git_update_removes(u))
		return;
	for (slash = strrchr(path.text, '/');
	     slash > path.text + strlen(irmin__git_ref_root(cas->git, "refs/"));
	     slash = strrchr(path.text, '/')) {
		*slash = '\0';
		irmin__git_unsynced_add(&cas->refs->unsynced, path.text, 1);
	}
}

static irmin_rc commit_writes(irmin__git_cas *cas)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < cas->updates.len; i++) {
		irmin__git_update *u = &cas->updates.items[i];

		if (!irmin__git_update_writes(u))
			continue;
		rc = irmin__git_lock_commit(cas->git, &u->lock, cas->err);
		u->done = rc >= 0;
		if (u->done)
			note_unsynced(cas, u);
	}
	return rc;
}

/* After this, refs that were packed only are gone. */
static irmin_rc commit_packed(irmin__git_cas *cas)
{
	irmin__git_path path;
	irmin_rc rc;
	size_t i;

	if (!cas->packed_changes)
		return IRMIN_OK;
	rc = irmin__git_lock_commit(cas->git, &cas->packed_lock, cas->err);
	if (rc < 0)
		return rc;
	for (i = 0; i < cas->updates.len; i++) {
		irmin__git_update *u = &cas->updates.items[i];

		if (goes(u) && !u->was_loose)
			u->done = 1;
	}
	rc = irmin__git_path_join(&path, cas->git->layout.common_dir,
	    "packed-refs", cas->err);
	if (rc >= 0)
		irmin__git_unsynced_add(&cas->refs->unsynced, path.text, 1);
	return rc;
}

static irmin_rc commit_removals(irmin__git_cas *cas)
{
	irmin_rc rc = commit_packed(cas);
	size_t i;

	for (i = 0; rc >= 0 && i < cas->updates.len; i++) {
		irmin__git_update *u = &cas->updates.items[i];
		irmin__git_path path;

		if (!goes(u))
			continue;
		rc = irmin__git_cas_path(cas, u, &path);
		if (rc >= 0 && u->was_loose)
			rc = irmin__os_unlink(cas->git->os, path.text,
			    cas->err);
		if (rc < 0)
			break;
		u->done = 1;
		note_unsynced(cas, u);
		irmin__git_reflog_remove(cas->git, u->change->name);
	}
	return rc;
}

/* Removes the directories that a ref leaves empty, but not refs/heads. */
static void prune_above(irmin__git_cas *cas, const irmin__git_update *u)
{
	const char *root = irmin__git_ref_root(cas->git, u->change->name);
	const char *slash = strchr(u->change->name, '/');
	irmin__git_path path, kept;

	slash = slash ? strchr(slash + 1, '/') : NULL;
	if (!slash || !strchr(slash + 1, '/') ||
	    irmin__git_cas_path(cas, u, &path) < 0)
		return;
	kept = path;
	kept.text[strlen(root) + 1 + (size_t)(slash - u->change->name)] = '\0';
	irmin__git_prune_parents(cas->git, kept.text, path.text);
}

static void release(irmin__git_cas *cas)
{
	size_t i;

	for (i = 0; i < cas->updates.len; i++) {
		irmin__git_update *u = &cas->updates.items[i];

		irmin__git_lock_drop(cas->git, &u->lock);
		if (irmin__git_update_removes(u) || !u->done)
			prune_above(cas, u);
	}
	irmin__git_lock_drop(cas->git, &cas->packed_lock);
	irmin__git_lock_drop(cas->git, &cas->head_lock);
}

/* Takes back what was done of a call that failed with `rc`. */
static irmin_rc undo(irmin__git_cas *cas, irmin_rc rc)
{
	IRMIN__VEC(irmin_ref_change) back = { NULL, 0, 0 };
	irmin_rc undone;
	size_t i;

	for (i = 0; i < cas->updates.len && !cas->updates.items[i].done; i++)
		;
	if (i == cas->updates.len)
		return rc;
	undone = IRMIN__VEC_RESERVE(&back, cas->updates.len, NULL);
	for (i = 0; undone >= 0 && i < cas->updates.len; i++) {
		const irmin__git_update *u = &cas->updates.items[i];
		irmin_ref_change change = { u->change->name, 0, u->change->id,
			u->before };

		if (u->done && u->was_symbolic)
			undone = IRMIN_EINDETERMINATE;
		else if (u->done)
			IRMIN__VEC_PUSH(&back, change);
	}
	if (undone >= 0)
		undone = irmin__git_refs_cas(&cas->refs->head, cas->context,
		    back.items, back.len, NULL, NULL, NULL);
	IRMIN__VEC_CLEAR(&back);
	if (undone >= 0)
		return rc;
	return irmin_error_set(cas->err, IRMIN_EINDETERMINATE,
	    cas->git->layout.common_dir,
	    "cannot change refs in %s: some were changed, and could not be "
	    "changed back; read them again",
	    cas->git->layout.common_dir);
}

static irmin_rc run(irmin__git_cas *cas, const irmin_ref_change *changes,
    size_t count)
{
	irmin_rc rc;

	rc = irmin__git_cas_collect(cas, changes, count);
	if (rc >= 0)
		rc = irmin__git_cas_prepare(cas);
	if (rc >= 0 && cas->reflog)
		rc = write_reflogs(cas);
	if (rc >= 0)
		rc = commit_writes(cas);
	if (rc >= 0)
		rc = commit_removals(cas);
	return rc;
}

/* A change that is still empty. */
static irmin__git_cas begin(irmin_refs *refs, const irmin_context *context,
    irmin_error *err)
{
	irmin__git_cas cas;

	irmin_error_clear(err);
	memset(&cas, 0, sizeof cas);
	cas.refs = (irmin__git_refs *)refs;
	cas.git = cas.refs->git;
	cas.context = context;
	cas.differing = SIZE_MAX;
	cas.err = err;
	return cas;
}

/* Gives all locks back; what was done of a change that failed is undone. */
static irmin_rc end(irmin__git_cas *cas, irmin_rc rc)
{
	release(cas);
	if (rc < 0)
		rc = undo(cas, rc);
	IRMIN__VEC_CLEAR(&cas->updates);
	if (rc < 0)
		return rc;
	irmin_error_clear(cas->err); /* of what was tried in vain on the way */
	return IRMIN_OK;
}

irmin_rc irmin__git_refs_cas(irmin_refs *refs, const irmin_context *context,
    const irmin_ref_change *changes, size_t count, const irmin_reflog *reflog,
    size_t *differing, irmin_error *err)
{
	irmin__git_cas cas = begin(refs, context, err);
	irmin_rc rc;

	if (differing)
		*differing = 0;
	cas.reflog = reflog;
	rc = irmin__git_check_writable(cas.git, err);
	if (rc >= 0)
		rc = run(&cas, changes, count);
	if (rc == IRMIN_ESTALE && differing)
		*differing = cas.differing;
	rc = end(&cas, rc);
	if (rc >= 0)
		irmin__git_keeps_ref_moved(cas.git);
	return rc;
}

/* ---- packed refs ---- */

/* Whether packed-refs has the ref at this id, as nobody can change without the
 * ref's lock. */
static irmin_rc is_packed_at(irmin__git_cas *cas, const irmin_ref_change *ref)
{
	irmin__git_packed *packed;
	irmin_oid id;
	irmin_rc rc = irmin__git_packed_get(cas->refs, &packed, cas->err);

	if (rc < 0)
		return rc;
	rc = irmin__git_packed_find(packed, irmin_text(ref->name), &id);
	irmin__git_packed_unref(packed);
	if (rc == IRMIN_OK && irmin_oid_compare(&id, &ref->expected) != 0)
		rc = IRMIN_ABSENT;
	return rc;
}

static irmin_rc drop_file(irmin__git_cas *cas, irmin__git_update *u)
{
	irmin__git_path path;
	irmin_rc rc = irmin__git_cas_lock(cas, u);

	if (rc != IRMIN_OK || !u->was_loose || u->was_symbolic ||
	    irmin_oid_compare(&u->before, &u->change->expected) != 0)
		return rc;
	rc = is_packed_at(cas, u->change);
	if (rc == IRMIN_OK)
		rc = irmin__git_cas_path(cas, u, &path);
	if (rc == IRMIN_OK)
		rc = irmin__os_unlink(cas->git->os, path.text, cas->err);
	if (rc == IRMIN_OK)
		note_unsynced(cas, u);
	return rc;
}

irmin_rc irmin__git_ref_drop_file(irmin_refs *refs,
    const irmin_context *context, const char *name, const irmin_oid *id,
    irmin_error *err)
{
	irmin__git_cas cas = begin(refs, context, err);
	irmin_ref_change change = { name, 0, *id, { { 0 }, 0 } };
	irmin_rc rc = irmin__git_cas_collect(&cas, &change, 1);

	if (rc >= 0)
		rc = drop_file(&cas, &cas.updates.items[0]);
	return end(&cas, rc);
}

/* ---- symbolic refs ---- */

static irmin_rc write_link(irmin__git_cas *cas, irmin__git_update *u,
    const char *target)
{
	irmin_buf line = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin_buf_set(&line, irmin_text("ref: "), cas->err);
	if (rc >= 0)
		rc = irmin_buf_append(&line, irmin_text(target), cas->err);
	if (rc >= 0)
		rc = irmin_buf_append(&line, irmin_text("\n"), cas->err);
	if (rc >= 0)
		rc = irmin__git_lock_write(cas->git, &u->lock,
		    irmin_buf_slice(&line), 0, cas->err);
	irmin_buf_clear(&line);
	return rc;
}

static irmin_rc set_link(irmin__git_cas *cas, irmin__git_update *u,
    const char *target)
{
	irmin_rc rc = irmin__git_cas_lock(cas, u);

	if (rc == IRMIN_ABSENT)
		return irmin__git_cas_in_the_way(u->change->name, cas->err);
	if (rc >= 0)
		rc = irmin__git_cas_check_place(cas, u);
	if (rc >= 0)
		rc = write_link(cas, u, target);
	if (rc >= 0)
		rc = irmin__git_lock_commit(cas->git, &u->lock, cas->err);
	if (rc >= 0)
		note_unsynced(cas, u);
	return rc;
}

irmin_rc irmin__git_refs_set_link(irmin_refs *refs,
    const irmin_context *context, const char *name, const char *target,
    irmin_error *err)
{
	irmin__git_cas cas = begin(refs, context, err);
	irmin_ref_change change = { name, 1, { { 0 }, 0 }, { { 0 }, 0 } };
	irmin_rc rc;

	/* The change is not to be taken for a removal. */
	change.id.algo = (unsigned char)cas.git->head.hash;
	rc = irmin__git_check_writable(cas.git, err);
	if (rc >= 0)
		rc = irmin__refname_check(irmin_text(target), err);
	if (rc >= 0)
		rc = irmin__git_cas_collect(&cas, &change, 1);
	if (rc >= 0)
		rc = set_link(&cas, &cas.updates.items[0], target);
	return end(&cas, rc);
}
