/* Where an object lies: in a pack, by the multi-pack index or its own; or in a
 * file of its own; here, or where the repository borrows from.
 *
 * Packs come first: most objects are there, and to know that one is not costs no
 * system call. The pack in which something was found last is the likeliest.
 *
 * What `git repack` and `git gc` do meanwhile: they write new packs, then remove
 * old ones and files that are packed now; or write files, then remove packs. In
 * either order what was there stays there, so who finds a pack gone, or nothing
 * at all, looks at the files and then again at the packs.
 */
#include "lib/backend-git/git-objects.h"

#include "lib/core/base/error.h"

/* Repacking takes a while; being late that often in a row is no accident. */
#define TRIES 16

typedef struct search {
	irmin__git_objects *objects;
	irmin__git_packs *packs;
	const irmin_oid *id;
	irmin__git_copy_fn fn;
	void *arg;
	irmin_error first; /* what was wrong first; code 0: nothing */
	int failed;        /* a copy or a pack could not be read */
	irmin_error *err;
} search;

/* A copy that cannot be read does not hide the others. Answers: ABSENT (go on).
 * Fails: ENOMEM, ECANCELED: no other copy would do better. */
static irmin_rc failed(search *s, irmin_rc rc, const irmin_error *cause)
{
	if (rc == IRMIN_ENOMEM || rc == IRMIN_ECANCELED) {
		if (s->err)
			*s->err = *cause;
		return rc;
	}
	s->failed = 1;
	if (!s->first.code)
		s->first = *cause;
	return IRMIN_ABSENT;
}

static irmin_rc try_copy(search *s, const irmin__git_copy *copy)
{
	irmin_error cause;
	irmin_rc rc = s->fn(s->arg, copy, &cause);

	if (rc < 0)
		return failed(s, rc, &cause);
	if (rc == IRMIN_ABSENT && copy->pack)
		s->failed = 1;
	return rc;
}

/* ---- in packs ---- */

static irmin_rc open_pack(search *s, size_t at, irmin__pack **pack)
{
	irmin_error cause;
	irmin_rc rc;

	rc = irmin__git_pack_at(s->objects, s->packs, at, pack, &cause);
	if (rc < 0)
		return failed(s, rc, &cause);
	if (rc == IRMIN_ABSENT)
		s->failed = 1;
	return rc;
}

static irmin_rc try_packed(search *s, size_t at, irmin__pack *pack,
    uint64_t offset)
{
	irmin__git_pack *place = &s->packs->packs.items[at];
	irmin__git_copy copy = { place->directory, place, pack, offset, NULL };
	irmin_rc rc = try_copy(s, &copy);

	if (rc == IRMIN_OK &&
	    atomic_load_explicit(&s->packs->recent, memory_order_relaxed) != at)
		atomic_store_explicit(&s->packs->recent, at,
		    memory_order_relaxed);
	return rc;
}

/* Looks into one pack by its own index. */
static irmin_rc try_pack(search *s, size_t at)
{
	const irmin__index *index;
	irmin__pack *pack;
	irmin_error cause;
	uint64_t offset;
	uint32_t place;
	irmin_rc rc;

	rc = open_pack(s, at, &pack);
	if (rc != IRMIN_OK)
		return rc;
	index = irmin__pack_index(pack);
	if (irmin__index_find(index, s->id, &place) != IRMIN_OK)
		return IRMIN_ABSENT;
	rc = irmin__index_offset(index, place, &offset, &cause);
	if (rc < 0)
		return failed(s,
		    irmin__error_locate(&cause, rc,
			s->packs->packs.items[at].idx),
		    &cause);
	return try_packed(s, at, pack, offset);
}

static irmin_rc try_midx(search *s, const irmin__git_midx *midx)
{
	irmin__pack *pack;
	uint64_t offset;
	size_t at;
	irmin_rc rc;

	rc = irmin__git_midx_find(midx, s->id, &at, &offset);
	if (rc == IRMIN_OK)
		rc = open_pack(s, at, &pack);
	return rc == IRMIN_OK ? try_packed(s, at, pack, offset) : rc;
}

/* The packs that a multi-pack index has (`indexed`), or those that none has. */
static irmin_rc try_packs(search *s, int indexed)
{
	irmin_rc rc = IRMIN_ABSENT;
	size_t i;

	for (i = 0; rc == IRMIN_ABSENT && i < s->packs->packs.len; i++)
		if (s->packs->packs.items[i].indexed == indexed)
			rc = try_pack(s, i);
	return rc;
}

/* ---- everywhere ---- */

static irmin_rc try_files(search *s)
{
	irmin__git_directories *directories = &s->packs->directories;
	irmin__git_path file;
	irmin_rc rc = IRMIN_ABSENT;
	size_t i;

	for (i = 0; rc == IRMIN_ABSENT && i < directories->len; i++) {
		irmin__git_copy copy = { i, NULL, NULL, 0, file.text };

		rc = irmin__git_loose_path_in(directories->items[i].path, s->id,
		    &file, s->err);
		if (rc >= 0)
			rc = try_copy(s, &copy);
	}
	return rc;
}

static irmin_rc try_all(search *s)
{
	size_t recent = atomic_load_explicit(&s->packs->recent,
	    memory_order_relaxed);
	irmin_rc rc = IRMIN_ABSENT;
	size_t i;

	s->failed = 0;
	if (recent < s->packs->packs.len)
		rc = try_pack(s, recent);
	for (i = 0; rc == IRMIN_ABSENT && i < s->packs->directories.len; i++)
		if (s->packs->pack_directories[i].midx)
			rc = try_midx(s, s->packs->pack_directories[i].midx);
	if (rc == IRMIN_ABSENT)
		rc = try_packs(s, 0);
	if (rc == IRMIN_ABSENT)
		rc = try_files(s);
	/* A multi-pack index knows only one of several copies. */
	if (rc == IRMIN_ABSENT && s->failed)
		rc = try_packs(s, 1);
	return rc;
}

irmin_rc irmin__git_search(irmin__git_objects *objects, const irmin_oid *id,
    int look, irmin__git_copy_fn fn, void *arg, irmin_error *err)
{
	search s = { .objects = objects,
		.id = id,
		.fn = fn,
		.arg = arg,
		.err = err };
	irmin_rc rc, seen;
	int tries;

	rc = irmin__git_packs_get(objects, &s.packs, err);
	if (rc < 0)
		return rc;
	rc = try_all(&s);
	for (tries = 0; rc == IRMIN_ABSENT && look && tries < TRIES; tries++) {
		seen = irmin__git_packs_look(objects, &s.packs, err);
		if (seen == IRMIN_UNCHANGED)
			break;
		rc = seen < 0 ? seen : try_all(&s);
	}
	irmin__git_packs_unref(s.packs);
	if (rc != IRMIN_ABSENT || !s.first.code)
		return rc;
	if (err)
		*err = s.first;
	return s.first.code;
}
