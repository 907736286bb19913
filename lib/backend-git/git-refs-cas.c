/* Changing refs, all or none, by git's protocol:
 *
 *   1. <ref>.lock is made for every ref that changes, in the order of names, so
 *      that no two wait for each other; new values are written into them
 *   2. what the refs are now is compared with what is expected
 *   3. packed-refs.lock, if a ref that goes is packed, with what remains
 *   4. reflogs
 *   5. the lock files are renamed to their refs, packed-refs too; files of refs
 *      that go are removed
 *
 * Only step 5 shows. Where it fails in the middle, what was done is undone by
 * changes in the other direction; if that fails too, the outcome is unknown.
 */
#include "lib/backend-git/git-parts.h"

#include <stdlib.h>

#include "lib/core/base/error.h"
#include "lib/core/object/refname.h"
#include <irmin/alloc.h>

/* One change under way. */
typedef struct update {
	const irmin_ref_change *change;
	size_t index; /* in the caller's array */
	irmin__git_lock lock;
	irmin_oid before; /* no id: absent, or symbolic */
	int was_loose, was_packed, was_symbolic;
	int done;
} update;

typedef struct transaction {
	irmin__git_refs *refs;
	irmin__git *git;
	const irmin_context *context;
	const irmin_reflog *reflog;
	IRMIN__VEC(update) updates; /* sorted by name */
	irmin__git_lock packed_lock;
	int packed_changes;
	irmin__git_lock head_lock; /* for HEAD's reflog only */
	const update *head_update; /* of the ref that HEAD names */
	size_t differing;          /* the first in the caller's order */
	irmin_error *err;
} transaction;

static int removes(const update *u)
{
	return irmin_oid_is_none(&u->change->id);
}

static int was_there(const update *u)
{
	return u->was_loose || u->was_packed;
}

/* Whether the ref is to be written: not if it is already what it shall be. */
static int writes(const update *u)
{
	return !removes(u) &&
	    (u->was_symbolic ||
		irmin_oid_compare(&u->before, &u->change->id) != 0);
}

static irmin_rc ref_path(const transaction *t, const char *name,
    irmin__git_path *path)
{
	return irmin__git_path_join(path, irmin__git_ref_root(t->git, name),
	    name, t->err);
}

static irmin_rc in_the_way(const char *name, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_EEXIST, name,
	    "cannot make %s: a ref is there whose name is a directory of it, "
	    "or the reverse",
	    name);
}

/* ---- what is asked for ---- */

static int compare_updates(const void *a, const void *b)
{
	const update *left = a, *right = b;

	return strcmp(left->change->name, right->change->name);
}

static const update *find_update(const transaction *t, const char *name,
    size_t len)
{
	size_t low = 0, high = t->updates.len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const update *u = &t->updates.items[mid];
		int order = irmin_slice_compare(irmin_text(u->change->name),
		    irmin_bytes(name, len));

		if (!order)
			return u;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* Two refs of one call cannot both be made if one is a directory of the other;
 * against those that are there, the files themselves are asked. */
static irmin_rc check_among(const transaction *t, const update *u)
{
	const char *name = u->change->name;
	const char *slash = removes(u) ? NULL : strchr(name, '/');

	for (; slash; slash = strchr(slash + 1, '/')) {
		const update *above = find_update(t, name,
		    (size_t)(slash - name));

		if (above && !removes(above))
			return in_the_way(name, t->err);
	}
	return IRMIN_OK;
}

static irmin_rc check_change(const transaction *t, size_t i)
{
	const irmin_ref_change *change = t->updates.items[i].change;
	irmin_rc rc = irmin__refname_check(irmin_text(change->name), t->err);

	if (rc < 0)
		return rc;
	if (!irmin_oid_is_none(&change->id) &&
	    change->id.algo != t->git->head.hash)
		return irmin_error_set(t->err, IRMIN_EINVAL, change->name,
		    "cannot set %s: the id is not one of this repository",
		    change->name);
	if (i && !strcmp(change->name, t->updates.items[i - 1].change->name))
		return irmin_error_set(t->err, IRMIN_EINVAL, change->name,
		    "cannot change %s twice at once", change->name);
	return check_among(t, &t->updates.items[i]);
}

static irmin_rc collect(transaction *t, const irmin_ref_change *changes,
    size_t count)
{
	irmin_rc rc = IRMIN__VEC_RESERVE(&t->updates, count, t->err);
	size_t i;

	for (i = 0; rc >= 0 && i < count; i++) {
		update u = { &changes[i], i, { NULL, NULL }, { { 0 }, 0 }, 0, 0,
			0, 0 };

		IRMIN__VEC_PUSH(&t->updates, u);
	}
	if (rc >= 0 && count > 1)
		qsort(t->updates.items, count, sizeof *t->updates.items,
		    compare_updates);
	for (i = 0; rc >= 0 && i < count; i++)
		rc = check_change(t, i);
	return rc;
}

/* ---- HEAD's reflog ---- */

/* Whether there can be reflogs at all, at the price of one look. */
static int has_reflogs(const transaction *t)
{
	irmin__git_path path;
	irmin__os_stat stat;

	if (!t->reflog)
		return 0;
	if (t->git->settings.log_refs != IRMIN__GIT_LOG_NONE)
		return 1;
	return irmin__git_path_join(&path, t->git->layout.common_dir, "logs",
		   NULL) >= 0 &&
	    irmin__os_stat_path(t->git->os, path.text, 1, &stat, NULL) ==
	    IRMIN_OK;
}

/* The update of the ref that HEAD names, or NULL. */
static irmin_rc find_head_update(transaction *t, const update **found)
{
	irmin_ref_value head = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	irmin_rc rc;

	*found = NULL;
	rc = irmin__git_loose_ref_find(t->git, "HEAD", &head, t->err);
	if (rc == IRMIN_OK && head.target.len)
		*found = find_update(t, (const char *)head.target.data,
		    head.target.len);
	irmin_buf_clear(&head.target);
	return rc == IRMIN_ECORRUPT || rc > 0 ? IRMIN_OK : rc;
}

/* A move of the branch that HEAD names stands in HEAD's log too. As git, we hold
 * HEAD's lock while we write there. */
static irmin_rc lock_head(transaction *t)
{
	irmin__git_path path;
	irmin_rc rc;

	if (find_update(t, "HEAD", 4))
		return IRMIN_OK; /* that update writes the log */
	rc = find_head_update(t, &t->head_update);
	if (rc < 0 || !t->head_update)
		return rc;
	rc = ref_path(t, "HEAD", &path);
	if (rc >= 0)
		rc = irmin__git_lock_take(t->git, t->context,
		    t->git->layout.git_dir, path.text, &t->head_lock, t->err);
	return rc < 0 ? rc : find_head_update(t, &t->head_update);
}

/* ---- locking and comparing ---- */

static irmin_rc read_current(transaction *t, update *u)
{
	irmin_ref_value now = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	const char *name = u->change->name;
	irmin__git_packed *packed;
	irmin_rc rc;

	rc = irmin__git_loose_ref_find(t->git, name, &now, t->err);
	if (rc == IRMIN_ECORRUPT && u->change->any)
		rc = IRMIN_OK; /* this is how it can be mended */
	u->was_loose = rc == IRMIN_OK;
	u->was_symbolic = now.target.len > 0;
	u->before = now.id;
	irmin_buf_clear(&now.target);
	if (rc < 0 || (rc == IRMIN_OK && !removes(u)))
		return rc;
	if (strncmp(name, "refs/", 5) != 0)
		return IRMIN_OK;
	rc = irmin__git_packed_get(t->refs, &packed, t->err);
	if (rc < 0)
		return rc;
	rc = irmin__git_packed_find(packed, irmin_text(name), &now.id);
	u->was_packed = rc == IRMIN_OK;
	if (!u->was_loose)
		u->before = now.id;
	irmin__git_packed_unref(packed);
	return IRMIN_OK;
}

static int is_expected(const update *u)
{
	return u->change->any ||
	    (!u->was_symbolic &&
		irmin_oid_compare(&u->before, &u->change->expected) == 0);
}

/* Whether a new ref's name collides with packed ones; loose ones collide as
 * files do. */
static irmin_rc check_packed_names(transaction *t, const char *name)
{
	irmin__git_packed *packed;
	irmin_buf below = IRMIN_BUF_INIT;
	const char *slash;
	irmin_oid id;
	irmin_rc rc;
	size_t at;

	rc = irmin__git_packed_get(t->refs, &packed, t->err);
	if (rc < 0)
		return rc;
	for (slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/'))
		if (irmin__git_packed_find(packed,
			irmin_bytes(name, (size_t)(slash - name)),
			&id) == IRMIN_OK)
			rc = in_the_way(name, t->err);
	if (rc >= 0)
		rc = irmin_buf_set(&below, irmin_text(name), t->err);
	if (rc >= 0)
		rc = irmin_buf_append(&below, irmin_text("/"), t->err);
	at = rc < 0 ? irmin__git_packed_count(packed)
		    : irmin__git_packed_bound(packed, irmin_buf_slice(&below));
	if (at < irmin__git_packed_count(packed)) {
		irmin_slice other = irmin__git_packed_at(packed, at).name;

		if (other.len > below.len &&
		    memcmp(other.data, below.data, below.len) == 0)
			rc = in_the_way(name, t->err);
	}
	irmin_buf_clear(&below);
	irmin__git_packed_unref(packed);
	return rc;
}

/* Makes sure that a file can take this place. */
static irmin_rc check_place(transaction *t, const update *u, const char *path)
{
	irmin_rc rc = IRMIN_OK;

	if (u->was_loose)
		return IRMIN_OK;
	if (!u->was_packed && strchr(u->change->name, '/'))
		rc = check_packed_names(t, u->change->name);
	if (rc < 0)
		return rc;
	rc = irmin__git_loose_ref_clear_way(t->git, path, t->err);
	return rc == IRMIN_EEXIST ? in_the_way(u->change->name, t->err) : rc;
}

static irmin_rc write_value(transaction *t, update *u)
{
	char line[IRMIN_OID_HEX_BYTES + 1];
	size_t len;

	irmin_oid_hex(&u->change->id, line);
	len = strlen(line);
	line[len] = '\n';
	return irmin__git_lock_write(&u->lock, irmin_bytes(line, len + 1), 0,
	    t->err);
}

static void note_differing(transaction *t, const update *u)
{
	if (u->index < t->differing)
		t->differing = u->index;
}

/* The lock cannot be made below a file, so the ref is not there. */
static irmin_rc cannot_be_there(transaction *t, update *u)
{
	if (!is_expected(u)) {
		note_differing(t, u);
		return IRMIN_OK;
	}
	return removes(u) ? IRMIN_OK : in_the_way(u->change->name, t->err);
}

static irmin_rc prepare(transaction *t, update *u)
{
	const char *name = u->change->name;
	irmin__git_path path;
	irmin_rc rc;

	rc = ref_path(t, name, &path);
	if (rc < 0)
		return rc;
	rc = irmin__git_lock_take(t->git, t->context,
	    irmin__git_ref_root(t->git, name), path.text, &u->lock, t->err);
	if (rc == IRMIN_EEXIST)
		return cannot_be_there(t, u);
	if (rc >= 0)
		rc = read_current(t, u);
	if (rc < 0)
		return rc;
	if (!is_expected(u)) {
		note_differing(t, u);
		return IRMIN_OK;
	}
	if (!writes(u))
		return IRMIN_OK;
	rc = check_place(t, u, path.text);
	return rc < 0 ? rc : write_value(t, u);
}

static irmin_rc prepare_all(transaction *t)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < t->updates.len; i++)
		rc = prepare(t, &t->updates.items[i]);
	for (i = 0; i < t->updates.len; i++) {
		const update *u = &t->updates.items[i];

		if (u->index == t->differing)
			return irmin_error_set(t->err, IRMIN_ESTALE,
			    u->change->name,
			    "cannot move %s: it is not what was expected",
			    u->change->name);
	}
	return rc;
}

/* ---- packed-refs ---- */

/* Writes what remains of packed-refs if a ref that goes is in it. The file holds
 * other refs too, so it is synced before it takes its place. */
static irmin_rc write_packed(transaction *t, const irmin_slice *names,
    size_t count)
{
	irmin__git_packed *packed;
	irmin_buf rest = IRMIN_BUF_INIT;
	irmin_oid id;
	irmin_rc rc;
	size_t i;

	rc = irmin__git_packed_get(t->refs, &packed, t->err);
	if (rc < 0)
		return rc;
	for (i = 0; i < count; i++)
		if (irmin__git_packed_find(packed, names[i], &id) == IRMIN_OK)
			t->packed_changes = 1;
	if (t->packed_changes)
		rc = irmin__git_packed_without(packed, names, count, &rest,
		    t->err);
	if (rc >= 0 && t->packed_changes)
		rc = irmin__git_lock_write(&t->packed_lock,
		    irmin_buf_slice(&rest), 1, t->err);
	irmin__git_packed_unref(packed);
	irmin_buf_clear(&rest);
	return rc;
}

/* While a ref goes, packed-refs is locked even if the ref is not in it: `git
 * pack-refs` could be about to put it there, and so bring it back. */
static irmin_rc prepare_packed(transaction *t)
{
	IRMIN__VEC(irmin_slice) names = { NULL, 0, 0 };
	irmin__git_path path;
	irmin_rc rc;
	size_t i;

	rc = IRMIN__VEC_RESERVE(&names, t->updates.len, t->err);
	for (i = 0; rc >= 0 && i < t->updates.len; i++) {
		const update *u = &t->updates.items[i];

		if (removes(u) && was_there(u))
			IRMIN__VEC_PUSH(&names, irmin_text(u->change->name));
	}
	if (rc < 0 || !names.len)
		goto done;
	rc = irmin__git_path_join(&path, t->git->layout.common_dir,
	    "packed-refs", t->err);
	if (rc >= 0)
		rc = irmin__git_lock_take(t->git, t->context,
		    t->git->layout.common_dir, path.text, &t->packed_lock,
		    t->err);
	if (rc >= 0)
		rc = write_packed(t, names.items, names.len);
done:
	IRMIN__VEC_CLEAR(&names);
	return rc;
}

/* ---- reflogs ---- */

static irmin_rc write_reflogs(transaction *t)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < t->updates.len; i++) {
		const update *u = &t->updates.items[i];
		const irmin_ref_change *change = u->change;

		if (writes(u))
			rc = irmin__git_reflog_append(t->git, change->name,
			    &u->before, &change->id, t->reflog, t->err);
		if (rc >= 0 && u == t->head_update &&
		    (writes(u) || (removes(u) && was_there(u))))
			rc = irmin__git_reflog_append(t->git, "HEAD",
			    &u->before, &change->id, t->reflog, t->err);
	}
	return rc;
}

/* ---- making it so ---- */

/* Directories that were made for the ref must be synced with it. */
static void note_unsynced(transaction *t, const update *u)
{
	irmin__git_path path;
	char *slash;

	if (ref_path(t, u->change->name, &path) < 0)
		return;
	irmin__git_unsynced_add(&t->refs->unsynced, path.text, removes(u));
	if (was_there(u) && !removes(u))
		return;
	for (slash = strrchr(path.text, '/');
	     slash > path.text + strlen(irmin__git_ref_root(t->git, "refs/"));
	     slash = strrchr(path.text, '/')) {
		*slash = '\0';
		irmin__git_unsynced_add(&t->refs->unsynced, path.text, 1);
	}
}

static irmin_rc commit_writes(transaction *t)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < t->updates.len; i++) {
		update *u = &t->updates.items[i];

		if (!writes(u))
			continue;
		rc = irmin__git_lock_commit(t->git, &u->lock, t->err);
		u->done = rc >= 0;
		if (u->done)
			note_unsynced(t, u);
	}
	return rc;
}

static irmin_rc commit_removals(transaction *t)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	if (t->packed_changes)
		rc = irmin__git_lock_commit(t->git, &t->packed_lock, t->err);
	for (i = 0; rc >= 0 && i < t->updates.len; i++) {
		update *u = &t->updates.items[i];
		irmin__git_path path;

		if (!removes(u) || !was_there(u))
			continue;
		u->done = !u->was_loose;
		rc = ref_path(t, u->change->name, &path);
		if (rc >= 0 && u->was_loose)
			rc = irmin__os_unlink(t->git->os, path.text, t->err);
		u->done = rc >= 0;
		if (u->done) {
			note_unsynced(t, u);
			irmin__git_reflog_remove(t->git, u->change->name);
		}
	}
	return rc < 0 ? rc : IRMIN_OK;
}

/* Removes the directories that a ref leaves empty, but not refs/heads. */
static void prune_above(transaction *t, const update *u)
{
	const char *root = irmin__git_ref_root(t->git, u->change->name);
	const char *slash = strchr(u->change->name, '/');
	irmin__git_path path, kept;

	slash = slash ? strchr(slash + 1, '/') : NULL;
	if (!slash || !strchr(slash + 1, '/') ||
	    ref_path(t, u->change->name, &path) < 0)
		return;
	kept = path;
	kept.text[strlen(root) + 1 + (size_t)(slash - u->change->name)] = '\0';
	irmin__git_prune_parents(t->git, kept.text, path.text);
}

static void release(transaction *t)
{
	size_t i;

	for (i = 0; i < t->updates.len; i++) {
		update *u = &t->updates.items[i];

		irmin__git_lock_drop(t->git, &u->lock);
		if (removes(u) || !u->done)
			prune_above(t, u);
	}
	irmin__git_lock_drop(t->git, &t->packed_lock);
	irmin__git_lock_drop(t->git, &t->head_lock);
}

/* Takes back what was done of a call that failed with `rc`. */
static irmin_rc undo(transaction *t, irmin_rc rc)
{
	IRMIN__VEC(irmin_ref_change) back = { NULL, 0, 0 };
	irmin_rc undone;
	size_t i;

	for (i = 0; i < t->updates.len && !t->updates.items[i].done; i++)
		;
	if (i == t->updates.len)
		return rc;
	undone = IRMIN__VEC_RESERVE(&back, t->updates.len, NULL);
	for (i = 0; undone >= 0 && i < t->updates.len; i++) {
		const update *u = &t->updates.items[i];
		irmin_ref_change change = { u->change->name, 0, u->change->id,
			u->before };

		if (u->done && u->was_symbolic)
			undone = IRMIN_EINDETERMINATE;
		else if (u->done)
			IRMIN__VEC_PUSH(&back, change);
	}
	if (undone >= 0)
		undone = irmin__git_refs_cas(&t->refs->head, t->context,
		    back.items, back.len, NULL, NULL, NULL);
	IRMIN__VEC_CLEAR(&back);
	if (undone >= 0)
		return rc;
	return irmin_error_set(t->err, IRMIN_EINDETERMINATE,
	    t->git->layout.common_dir,
	    "cannot change refs in %s: some were changed, and could not be "
	    "changed back; read them again",
	    t->git->layout.common_dir);
}

static irmin_rc run(transaction *t, const irmin_ref_change *changes,
    size_t count)
{
	int logged;
	irmin_rc rc;

	rc = collect(t, changes, count);
	logged = rc >= 0 && has_reflogs(t);
	if (logged)
		rc = lock_head(t);
	if (rc >= 0)
		rc = prepare_all(t);
	if (rc >= 0)
		rc = prepare_packed(t);
	if (rc >= 0 && logged)
		rc = write_reflogs(t);
	if (rc >= 0)
		rc = commit_writes(t);
	if (rc >= 0)
		rc = commit_removals(t);
	return rc;
}

irmin_rc irmin__git_refs_cas(irmin_refs *refs, const irmin_context *context,
    const irmin_ref_change *changes, size_t count, const irmin_reflog *reflog,
    size_t *differing, irmin_error *err)
{
	irmin__git_refs *self = (irmin__git_refs *)refs;
	transaction t = { self, self->git, context, reflog, { NULL, 0, 0 },
		{ NULL, NULL }, 0, { NULL, NULL }, NULL, SIZE_MAX, err };
	irmin_rc rc;

	irmin_error_clear(err);
	if (differing)
		*differing = 0;
	rc = irmin__git_check_writable(self->git, err);
	if (rc >= 0)
		rc = run(&t, changes, count);
	if (rc == IRMIN_ESTALE && differing)
		*differing = t.differing;
	release(&t);
	if (rc < 0)
		rc = undo(&t, rc);
	IRMIN__VEC_CLEAR(&t.updates);
	if (rc < 0)
		return rc;
	irmin_error_clear(err); /* of what was tried in vain on the way */
	return IRMIN_OK;
}

/* ---- symbolic refs ---- */

static irmin_rc write_link(transaction *t, update *u, const char *target)
{
	irmin_buf line = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin_buf_set(&line, irmin_text("ref: "), t->err);
	if (rc >= 0)
		rc = irmin_buf_append(&line, irmin_text(target), t->err);
	if (rc >= 0)
		rc = irmin_buf_append(&line, irmin_text("\n"), t->err);
	if (rc >= 0)
		rc = irmin__git_lock_write(&u->lock, irmin_buf_slice(&line), 0,
		    t->err);
	irmin_buf_clear(&line);
	return rc;
}

static irmin_rc set_link(transaction *t, update *u, const char *target)
{
	irmin__git_path path;
	irmin_rc rc;

	rc = ref_path(t, u->change->name, &path);
	if (rc >= 0)
		rc = irmin__git_lock_take(t->git, t->context,
		    irmin__git_ref_root(t->git, u->change->name), path.text,
		    &u->lock, t->err);
	if (rc == IRMIN_EEXIST)
		return in_the_way(u->change->name, t->err);
	if (rc >= 0)
		rc = read_current(t, u);
	if (rc >= 0)
		rc = check_place(t, u, path.text);
	if (rc >= 0)
		rc = write_link(t, u, target);
	if (rc >= 0)
		rc = irmin__git_lock_commit(t->git, &u->lock, t->err);
	u->done = rc >= 0;
	if (u->done)
		note_unsynced(t, u);
	return rc;
}

irmin_rc irmin__git_refs_set_link(irmin_refs *refs,
    const irmin_context *context, const char *name, const char *target,
    irmin_error *err)
{
	irmin__git_refs *self = (irmin__git_refs *)refs;
	transaction t = { self, self->git, context, NULL, { NULL, 0, 0 },
		{ NULL, NULL }, 0, { NULL, NULL }, NULL, SIZE_MAX, err };
	irmin_ref_change change = { name, 1, { { 0 }, 0 }, { { 0 }, 0 } };
	irmin_rc rc;

	irmin_error_clear(err);
	change.id.algo = (unsigned char)self->git->head.hash; /* not removed */
	rc = irmin__git_check_writable(self->git, err);
	if (rc >= 0)
		rc = irmin__refname_check(irmin_text(target), err);
	if (rc >= 0)
		rc = collect(&t, &change, 1);
	if (rc >= 0)
		rc = set_link(&t, &t.updates.items[0], target);
	release(&t);
	IRMIN__VEC_CLEAR(&t.updates);
	if (rc < 0)
		return rc;
	irmin_error_clear(err); /* of what was tried in vain on the way */
	return IRMIN_OK;
}
