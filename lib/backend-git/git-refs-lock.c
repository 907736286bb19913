/* Steps 1 to 3 of changing refs: what git-refs-cas.c tells. */
#include "lib/backend-git/git-refs-cas.h"

#include <stdlib.h>

#include "lib/core/base/error.h"
#include "lib/core/object/refname.h"
#include <irmin/alloc.h>

/* A process may have about 1,000 files open; the locks behind these are closed
 * while they are held. */
#define OPEN_LOCKS_MAX 200

irmin_rc irmin__git_cas_path(const irmin__git_cas *cas,
    const irmin__git_update *u, irmin__git_path *path)
{
	const char *name = u->change->name;

	return irmin__git_path_join(path, irmin__git_ref_root(cas->git, name),
	    name, cas->err);
}

irmin_rc irmin__git_cas_in_the_way(const char *name, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_EEXIST, name,
	    "cannot make %s: a ref is there whose name is a directory of it, "
	    "or the reverse",
	    name);
}

/* ---- what is asked for ---- */

static int compare_updates(const void *a, const void *b)
{
	const irmin__git_update *left = a, *right = b;

	return strcmp(left->change->name, right->change->name);
}

static const irmin__git_update *find_update(const irmin__git_cas *cas,
    const char *name, size_t len)
{
	size_t low = 0, high = cas->updates.len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const irmin__git_update *u = &cas->updates.items[mid];
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
static irmin_rc check_among(const irmin__git_cas *cas,
    const irmin__git_update *u)
{
	const char *name = u->change->name;
	const char *slash = irmin__git_update_removes(u) ? NULL
							 : strchr(name, '/');

	for (; slash; slash = strchr(slash + 1, '/')) {
		const irmin__git_update *above = find_update(cas, name,
		    (size_t)(slash - name));

		if (above && !irmin__git_update_removes(above))
			return irmin__git_cas_in_the_way(name, cas->err);
	}
	return IRMIN_OK;
}

static irmin_rc check_change(const irmin__git_cas *cas, size_t i)
{
	const irmin_ref_change *change = cas->updates.items[i].change;
	irmin_rc rc = irmin__refname_check(irmin_text(change->name), cas->err);

	if (rc < 0)
		return rc;
	if (!irmin_oid_is_none(&change->id) &&
	    change->id.algo != cas->git->head.hash)
		return irmin_error_set(cas->err, IRMIN_EINVAL, change->name,
		    "cannot set %s: the id is not one of this repository",
		    change->name);
	if (i && !strcmp(change->name, cas->updates.items[i - 1].change->name))
		return irmin_error_set(cas->err, IRMIN_EINVAL, change->name,
		    "cannot change %s twice at once", change->name);
	return check_among(cas, &cas->updates.items[i]);
}

irmin_rc irmin__git_cas_collect(irmin__git_cas *cas,
    const irmin_ref_change *changes, size_t count)
{
	irmin_rc rc = IRMIN__VEC_RESERVE(&cas->updates, count, cas->err);
	size_t i;

	for (i = 0; rc >= 0 && i < count; i++) {
		irmin__git_update u;

		memset(&u, 0, sizeof u);
		u.change = &changes[i];
		u.index = i;
		IRMIN__VEC_PUSH(&cas->updates, u);
	}
	if (rc >= 0 && count > 1)
		qsort(cas->updates.items, count, sizeof *cas->updates.items,
		    compare_updates);
	for (i = 0; rc >= 0 && i < count; i++)
		rc = check_change(cas, i);
	return rc;
}

/* ---- HEAD's reflog ---- */

/* Whether there can be reflogs at all, at the price of one look. */
static int has_reflogs(const irmin__git_cas *cas)
{
	irmin__git_path path;
	irmin__os_stat stat;

	if (!cas->reflog)
		return 0;
	if (cas->git->settings.log_refs != IRMIN__GIT_LOG_NONE)
		return 1;
	return irmin__git_path_join(&path, cas->git->layout.common_dir, "logs",
		   NULL) >= 0 &&
	    irmin__os_stat_path(cas->git->os, path.text, 1, &stat, NULL) ==
	    IRMIN_OK;
}

/* The update of the ref that HEAD names, or NULL. */
static irmin_rc find_head_update(irmin__git_cas *cas,
    const irmin__git_update **found)
{
	irmin_ref_value head = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	irmin_rc rc;

	*found = NULL;
	rc = irmin__git_loose_ref_find(cas->git, "HEAD", &head, cas->err);
	if (rc == IRMIN_OK && head.target.len)
		*found = find_update(cas, (const char *)head.target.data,
		    head.target.len);
	irmin_buf_clear(&head.target);
	return rc == IRMIN_ECORRUPT || rc > 0 ? IRMIN_OK : rc;
}

/* A move of the branch that HEAD names stands in HEAD's log too. As git, we hold
 * HEAD's lock while we write there. */
static irmin_rc lock_head(irmin__git_cas *cas)
{
	irmin__git_path path;
	irmin_rc rc;

	if (find_update(cas, "HEAD", 4))
		return IRMIN_OK; /* that update has the lock */
	rc = find_head_update(cas, &cas->head_update);
	if (rc < 0 || !cas->head_update)
		return rc;
	rc = irmin__git_path_join(&path, cas->git->layout.git_dir, "HEAD",
	    cas->err);
	if (rc >= 0)
		rc = irmin__git_lock_take(cas->git, cas->context,
		    cas->git->layout.git_dir, path.text, &cas->head_lock,
		    cas->err);
	return rc < 0 ? rc : find_head_update(cas, &cas->head_update);
}

/* ---- locking and comparing ---- */

static irmin_rc read_current(irmin__git_cas *cas, irmin__git_update *u)
{
	irmin_ref_value now = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	const char *name = u->change->name;
	irmin__git_packed *packed;
	irmin_rc rc;

	rc = irmin__git_loose_ref_find(cas->git, name, &now, cas->err);
	if (rc == IRMIN_ECORRUPT && u->change->any)
		rc = IRMIN_OK; /* this is how it can be mended */
	u->was_loose = rc == IRMIN_OK;
	u->was_symbolic = now.target.len > 0;
	u->before = now.id;
	irmin_buf_clear(&now.target);
	if (rc < 0 || (rc == IRMIN_OK && !irmin__git_update_removes(u)))
		return rc;
	if (strncmp(name, "refs/", 5) != 0)
		return IRMIN_OK;
	rc = irmin__git_packed_get(cas->refs, &packed, cas->err);
	if (rc < 0)
		return rc;
	rc = irmin__git_packed_find(packed, irmin_text(name), &now.id);
	u->was_packed = rc == IRMIN_OK;
	if (!u->was_loose)
		u->before = now.id;
	irmin__git_packed_unref(packed);
	return IRMIN_OK;
}

static int is_expected(const irmin__git_update *u)
{
	return u->change->any ||
	    (!u->was_symbolic &&
		irmin_oid_compare(&u->before, &u->change->expected) == 0);
}

irmin_rc irmin__git_cas_lock(irmin__git_cas *cas, irmin__git_update *u)
{
	const char *name = u->change->name;
	irmin__git_path path;
	irmin_rc rc;

	rc = irmin__git_cas_path(cas, u, &path);
	if (rc < 0)
		return rc;
	rc = irmin__git_lock_take(cas->git, cas->context,
	    irmin__git_ref_root(cas->git, name), path.text, &u->lock, cas->err);
	if (rc == IRMIN_EEXIST)
		return IRMIN_ABSENT;
	return rc < 0 ? rc : read_current(cas, u);
}

irmin_rc irmin__git_cas_check_place(irmin__git_cas *cas,
    const irmin__git_update *u)
{
	const char *name = u->change->name;
	irmin__git_packed *packed;
	irmin__git_path path;
	irmin_rc rc;

	if (u->was_loose)
		return IRMIN_OK;
	if (!u->was_packed && strchr(name, '/')) {
		rc = irmin__git_packed_get(cas->refs, &packed, cas->err);
		if (rc >= 0 && irmin__git_packed_collides(packed, name))
			rc = irmin__git_cas_in_the_way(name, cas->err);
		irmin__git_packed_unref(packed);
		if (rc < 0)
			return rc;
	}
	rc = irmin__git_cas_path(cas, u, &path);
	if (rc >= 0)
		rc = irmin__git_loose_ref_clear_way(cas->git, path.text,
		    cas->err);
	return rc == IRMIN_EEXIST ? irmin__git_cas_in_the_way(name, cas->err)
				  : rc;
}

static irmin_rc write_value(irmin__git_cas *cas, irmin__git_update *u)
{
	char line[IRMIN_OID_HEX_BYTES + 1];
	size_t len;

	irmin_oid_hex(&u->change->id, line);
	len = strlen(line);
	line[len] = '\n';
	return irmin__git_lock_write(cas->git, &u->lock,
	    irmin_bytes(line, len + 1), 0, cas->err);
}

static void note_differing(irmin__git_cas *cas, const irmin__git_update *u)
{
	if (u->index < cas->differing)
		cas->differing = u->index;
}

static irmin_rc prepare(irmin__git_cas *cas, irmin__git_update *u)
{
	irmin_rc rc = irmin__git_cas_lock(cas, u);
	int impossible = rc == IRMIN_ABSENT;

	if (rc < 0)
		return rc;
	if (!is_expected(u)) {
		note_differing(cas, u);
		return IRMIN_OK;
	}
	if (!irmin__git_update_writes(u))
		return IRMIN_OK;
	if (impossible)
		return irmin__git_cas_in_the_way(u->change->name, cas->err);
	rc = irmin__git_cas_check_place(cas, u);
	return rc < 0 ? rc : write_value(cas, u);
}

static irmin_rc prepare_all(irmin__git_cas *cas)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < cas->updates.len; i++) {
		rc = prepare(cas, &cas->updates.items[i]);
		if (i >= OPEN_LOCKS_MAX)
			irmin__git_lock_detach(&cas->updates.items[i].lock);
	}
	for (i = 0; i < cas->updates.len; i++) {
		const irmin__git_update *u = &cas->updates.items[i];

		if (u->index == cas->differing)
			return irmin_error_set(cas->err, IRMIN_ESTALE,
			    u->change->name,
			    "cannot move %s: it is not what was expected",
			    u->change->name);
	}
	return rc;
}

/* ---- packed-refs ---- */

/* Writes what remains of packed-refs if a ref that goes is in it. The file holds
 * other refs too, so it is synced before it takes its place. */
static irmin_rc write_packed(irmin__git_cas *cas, const irmin_slice *names,
    size_t count)
{
	irmin__git_packed *packed;
	irmin_buf rest = IRMIN_BUF_INIT;
	irmin_oid id;
	irmin_rc rc;
	size_t i;

	rc = irmin__git_packed_get(cas->refs, &packed, cas->err);
	if (rc < 0)
		return rc;
	for (i = 0; i < count; i++)
		if (irmin__git_packed_find(packed, names[i], &id) == IRMIN_OK)
			cas->packed_changes = 1;
	if (cas->packed_changes)
		rc = irmin__git_packed_without(packed, names, count, &rest,
		    cas->err);
	if (rc >= 0 && cas->packed_changes)
		rc = irmin__git_lock_write(cas->git, &cas->packed_lock,
		    irmin_buf_slice(&rest), 1, cas->err);
	irmin__git_packed_unref(packed);
	irmin_buf_clear(&rest);
	return rc;
}

/* While a ref goes, packed-refs is locked even if the ref is not in it: `git
 * pack-refs` could be about to put it there, and so bring it back. */
static irmin_rc prepare_packed(irmin__git_cas *cas)
{
	IRMIN__VEC(irmin_slice) names = { NULL, 0, 0 };
	irmin__git_path path;
	irmin_rc rc;
	size_t i;

	rc = IRMIN__VEC_RESERVE(&names, cas->updates.len, cas->err);
	for (i = 0; rc >= 0 && i < cas->updates.len; i++) {
		const irmin__git_update *u = &cas->updates.items[i];

		if (irmin__git_update_removes(u) &&
		    irmin__git_update_was_there(u))
			IRMIN__VEC_PUSH(&names, irmin_text(u->change->name));
	}
	if (rc < 0 || !names.len)
		goto done;
	rc = irmin__git_path_join(&path, cas->git->layout.common_dir,
	    "packed-refs", cas->err);
	if (rc >= 0)
		rc = irmin__git_lock_take(cas->git, cas->context,
		    cas->git->layout.common_dir, path.text, &cas->packed_lock,
		    cas->err);
	if (rc >= 0)
		rc = write_packed(cas, names.items, names.len);
done:
	IRMIN__VEC_CLEAR(&names);
	return rc;
}

irmin_rc irmin__git_cas_prepare(irmin__git_cas *cas)
{
	irmin_rc rc = IRMIN_OK;

	if (!has_reflogs(cas))
		cas->reflog = NULL;
	if (cas->reflog)
		rc = lock_head(cas);
	if (rc >= 0)
		rc = prepare_all(cas);
	return rc < 0 ? rc : prepare_packed(cas);
}
