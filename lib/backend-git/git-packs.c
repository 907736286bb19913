/* Which packs there are. The directory objects/pack holds for each
 *
 *   pack-<hex>.pack  pack-<hex>.idx     written in this order, removed in the
 *                                       other one
 *   pack-<hex>.keep .promisor .mtimes   perhaps
 *
 * and one file multi-pack-index for many of them. Others may add and remove
 * packs at any time. What was seen at one moment is a snapshot; who does not
 * find something in it looks again.
 */
#include "lib/backend-git/git-keep.h"
#include "lib/backend-git/git-objects.h"

#include <stdlib.h>

#include "lib/core/base/count.h"
#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/base/text.h"
#include <irmin/alloc.h>

/* ---- what a directory holds ---- */

#define IDX  ".idx"
#define PACK ".pack"
#define KEEP ".keep"

static const struct suffix {
	const char *text;
	unsigned flag;
} suffixes[] = {
	{ KEEP, IRMIN__GIT_PACK_KEPT },
	{ ".promisor", IRMIN__GIT_PACK_PROMISOR },
	{ ".mtimes", IRMIN__GIT_PACK_CRUFT },
};
#define SUFFIX_COUNT (sizeof suffixes / sizeof *suffixes)

/* The names in a directory, sorted. */
typedef struct listing {
	irmin__git_texts names;
	irmin_error *err;
} listing;

static int add_name(void *arg, const char *name, irmin__os_kind kind)
{
	listing *list = arg;
	char *copy;
	irmin_rc rc;

	(void)kind;
	rc = IRMIN__VEC_RESERVE(&list->names, 1, list->err);
	if (rc >= 0)
		rc = irmin__text_copy(irmin_text(name), &copy, list->err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(&list->names, copy);
	return rc;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Whether there is a file named like an index but for its end. */
static int has_beside(const listing *list, const char *idx, const char *suffix)
{
	irmin__git_path name;
	const char *key = name.text;
	size_t stem = strlen(idx) - strlen(IDX);

	if (stem + strlen(suffix) >= sizeof name.text)
		return 0;
	memcpy(name.text, idx, stem);
	memcpy(name.text + stem, suffix, strlen(suffix) + 1);
	return bsearch(&key, list->names.items, list->names.len, sizeof key,
		   compare_names) != NULL;
}

/* ---- making a snapshot ---- */

typedef struct building {
	irmin__git_objects *objects;
	irmin__git_packs *before; /* what was seen last, or NULL */
	irmin__git_packs *packs;
	irmin_error *err;
} building;

/* The same pack as it was seen before, if it is open. */
static irmin__pack *open_before(const building *b, const irmin__git_pack *pack)
{
	irmin__pack *open;
	size_t i;

	for (i = 0; b->before && i < b->before->packs.len; i++) {
		irmin__git_pack *old = &b->before->packs.items[i];

		if (strcmp(old->idx, pack->idx) != 0 ||
		    !irmin__git_is_same_file(&old->stat, &pack->stat))
			continue;
		open = atomic_load(&old->open);
		return open ? irmin__pack_ref(open) : NULL;
	}
	return NULL;
}

static irmin_rc add_pack(building *b, const char *directory, const char *name,
    size_t at, unsigned flags)
{
	irmin__git_pack pack = { .directory = at, .flags = flags };
	irmin__git_path path;
	irmin_rc rc;

	rc = irmin__git_path_join(&path, directory, name, b->err);
	if (rc >= 0)
		rc = irmin__os_stat_path(b->objects->git->os, path.text, 1,
		    &pack.stat, b->err);
	if (rc != IRMIN_OK)
		return rc;
	rc = IRMIN__VEC_RESERVE(&b->packs->packs, 1, b->err);
	if (rc >= 0)
		rc = irmin__text_copy(irmin_text(path.text), &pack.idx, b->err);
	if (rc < 0)
		return rc;
	atomic_init(&pack.unsynced, 0);
	atomic_init(&pack.open, open_before(b, &pack));
	IRMIN__VEC_PUSH(&b->packs->packs, pack);
	return rc;
}

/* What the files beside a pack say. */
static unsigned flags_of(const building *b, const listing *list,
    const char *directory, const char *idx)
{
	unsigned flags = 0;
	irmin__git_path keep;
	size_t i;

	for (i = 0; i < SUFFIX_COUNT; i++)
		if (has_beside(list, idx, suffixes[i].text))
			flags |= suffixes[i].flag;
	if (!(flags & IRMIN__GIT_PACK_KEPT) ||
	    irmin__git_path_join(&keep, directory, idx, NULL) < 0 ||
	    strlen(keep.text) + strlen(KEEP) >= sizeof keep.text)
		return flags;
	memcpy(keep.text + strlen(keep.text) - strlen(IDX), KEEP, sizeof KEEP);
	return irmin__git_keep_is_ours(b->objects->git, keep.text)
	    ? flags | IRMIN__GIT_PACK_HELD
	    : flags;
}

static irmin_rc add_packs(building *b, const listing *list,
    const char *directory, size_t at)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < list->names.len; i++) {
		const char *name = list->names.items[i];

		if (!irmin__slice_ends(irmin_text(name), IDX) ||
		    !has_beside(list, name, PACK))
			continue;
		rc = add_pack(b, directory, name, at,
		    flags_of(b, list, directory, name));
	}
	return rc;
}

/* The newest first: what is looked for is most often there. */
static int compare_packs(const void *a, const void *b)
{
	const irmin__git_pack *left = a, *right = b;

	if (left->stat.modified_us != right->stat.modified_us)
		return left->stat.modified_us < right->stat.modified_us ? 1
									: -1;
	return strcmp(left->idx, right->idx);
}

/* ---- the snapshot ---- */

void irmin__git_packs_unref(irmin__git_packs *packs)
{
	size_t i;

	if (!packs || !irmin__count_down(&packs->refs))
		return;
	for (i = 0; packs->pack_directories && i < packs->directories.len; i++)
		irmin__git_midx_free(packs->pack_directories[i].midx);
	for (i = 0; i < packs->packs.len; i++) {
		irmin__pack *open = atomic_load(&packs->packs.items[i].open);

		if (open)
			irmin__pack_unref(open);
		irmin_free(packs->packs.items[i].idx);
	}
	IRMIN__VEC_CLEAR(&packs->packs);
	irmin_free(packs->pack_directories);
	irmin__git_directories_clear(&packs->directories);
	irmin_free(packs);
}

/* Reads the directory "pack" of the directory at a place. What it is like is
 * asked before: what comes in later makes it look changed. */
static irmin_rc read_directory(building *b, size_t at)
{
	irmin__git_pack_directory *directory = &b->packs->pack_directories[at];
	irmin__git *git = b->objects->git;
	listing list = { { NULL, 0, 0 }, b->err };
	irmin__git_path path;
	irmin_rc rc;

	directory->first = b->packs->packs.len;
	rc = irmin__git_path_join(&path, b->packs->directories.items[at].path,
	    "pack", b->err);
	if (rc >= 0)
		rc = irmin__os_stat_path(git->os, path.text, 1,
		    &directory->stat, b->err);
	if (rc != IRMIN_OK)
		return rc;
	directory->racy = irmin__git_is_racy(git, &directory->stat);
	rc = irmin__os_each(git->os, path.text, add_name, &list, b->err);
	if (list.names.len)
		qsort(list.names.items, list.names.len,
		    sizeof *list.names.items, compare_names);
	if (rc >= 0)
		rc = add_packs(b, &list, path.text, at);
	irmin__git_texts_clear(&list.names);
	if (rc < 0)
		return rc;
	directory->count = b->packs->packs.len - directory->first;
	if (directory->count)
		qsort(b->packs->packs.items + directory->first,
		    directory->count, sizeof *b->packs->packs.items,
		    compare_packs);
	return irmin__git_midx_open(b->objects, path.text, b->packs, directory,
	    b->err);
}

static irmin_rc build(irmin__git_objects *objects, irmin__git_packs *before,
    irmin__git_packs **packs, irmin_error *err)
{
	building b = { objects, before, NULL, err };
	irmin_rc rc;
	size_t i;

	*packs = NULL;
	b.packs = irmin_calloc(1, sizeof *b.packs);
	if (!b.packs)
		return irmin__enomem(err);
	atomic_init(&b.packs->refs, 1);
	atomic_init(&b.packs->recent, 0);
	b.packs->serial = before ? before->serial + 1 : 0;
	rc = irmin__git_directories_find(objects->git->os,
	    objects->git->layout.objects, &b.packs->directories, err);
	if (rc >= 0) {
		b.packs->pack_directories =
		    irmin_calloc(b.packs->directories.len,
			sizeof *b.packs->pack_directories);
		if (!b.packs->pack_directories)
			rc = irmin__enomem(err);
	}
	for (i = 0; rc >= 0 && i < b.packs->directories.len; i++)
		rc = read_directory(&b, i);
	if (rc < 0)
		irmin__git_packs_unref(b.packs);
	else
		*packs = b.packs;
	return rc < 0 ? rc : IRMIN_OK;
}

/* ---- looking again ---- */

/* Whether nothing was added, removed or replaced. Answers: OK; ABSENT. */
static irmin_rc is_current(irmin__git_objects *objects,
    const irmin__git_packs *packs, irmin_error *err)
{
	irmin__os *os = objects->git->os;
	irmin_rc rc;
	size_t i;

	rc = irmin__git_directories_check(os, &packs->directories, err);
	for (i = 0; rc == IRMIN_OK && i < packs->directories.len; i++) {
		const irmin__git_pack_directory *directory =
		    &packs->pack_directories[i];
		irmin__git_path path;
		irmin__os_stat stat;

		rc = irmin__git_path_join(&path,
		    packs->directories.items[i].path, "pack", err);
		if (rc >= 0)
			rc = irmin__os_stat_path(os, path.text, 1, &stat, err);
		if (rc >= 0)
			rc = !directory->racy &&
				irmin__git_is_same_file(&stat, &directory->stat)
			    ? IRMIN_OK
			    : IRMIN_ABSENT;
	}
	return rc;
}

/* Whether two looks saw the same packs. */
static int are_same(const irmin__git_packs *a, const irmin__git_packs *b)
{
	size_t i;

	if (a->directories.len != b->directories.len ||
	    a->packs.len != b->packs.len)
		return 0;
	for (i = 0; i < a->directories.len; i++)
		if (strcmp(a->directories.items[i].path,
			b->directories.items[i].path) != 0 ||
		    !irmin__git_is_same_file(&a->pack_directories[i].midx_stat,
			&b->pack_directories[i].midx_stat))
			return 0;
	for (i = 0; i < a->packs.len; i++)
		if (a->packs.items[i].flags != b->packs.items[i].flags ||
		    strcmp(a->packs.items[i].idx, b->packs.items[i].idx) != 0 ||
		    !irmin__git_is_same_file(&a->packs.items[i].stat,
			&b->packs.items[i].stat))
			return 0;
	return 1;
}

static irmin__git_packs *packs_ref(irmin__git_packs *packs)
{
	if (packs)
		irmin__count_up(&packs->refs);
	return packs;
}

static irmin__git_packs *last_seen(irmin__git_objects *objects)
{
	irmin__git_packs *packs;

	irmin__mutex_lock(&objects->mutex);
	packs = packs_ref(objects->packs);
	irmin__mutex_unlock(&objects->mutex);
	return packs;
}

/* Everybody sees these from now on. */
static void replace(irmin__git_objects *objects, irmin__git_packs *packs)
{
	irmin__git_packs *before;

	irmin__mutex_lock(&objects->mutex);
	before = objects->packs;
	objects->packs = packs_ref(packs);
	irmin__mutex_unlock(&objects->mutex);
	irmin__git_packs_unref(before);
}

/* What another thread has seen since, if that are others. Answers: OK; UNCHANGED
 * (`packs` are what was seen last). */
static irmin_rc catch_up(irmin__git_objects *objects, irmin__git_packs **packs)
{
	irmin__git_packs *before = *packs;
	irmin_rc rc;

	*packs = last_seen(objects);
	rc = !*packs || (before && are_same(before, *packs)) ? IRMIN_UNCHANGED
							     : IRMIN_OK;
	irmin__git_packs_unref(before);
	return rc;
}

/* With the lock `looking`. */
static irmin_rc look(irmin__git_objects *objects, irmin__git_packs **packs,
    irmin_error *err)
{
	irmin__git_packs *found;
	irmin_rc rc = IRMIN_ABSENT;

	if (catch_up(objects, packs) == IRMIN_OK)
		return IRMIN_OK;
	if (*packs)
		rc = is_current(objects, *packs, err);
	if (rc == IRMIN_OK)
		return IRMIN_UNCHANGED;
	if (rc >= 0)
		rc = build(objects, *packs, &found, err);
	if (rc < 0)
		return rc;
	replace(objects, found);
	rc = *packs && are_same(*packs, found) ? IRMIN_UNCHANGED : IRMIN_OK;
	irmin__git_packs_unref(*packs);
	*packs = found;
	return rc;
}

irmin_rc irmin__git_packs_look(irmin__git_objects *objects,
    irmin__git_packs **packs, irmin_error *err)
{
	irmin_rc rc;

	irmin__mutex_lock(&objects->looking);
	rc = look(objects, packs, err);
	irmin__mutex_unlock(&objects->looking);
	return rc;
}

irmin_rc irmin__git_packs_get(irmin__git_objects *objects,
    irmin__git_packs **packs, irmin_error *err)
{
	irmin_rc rc;

	*packs = last_seen(objects);
	if (*packs)
		return IRMIN_OK;
	rc = irmin__git_packs_look(objects, packs, err);
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc irmin__git_pack_at(irmin__git_objects *objects,
    irmin__git_packs *packs, size_t at, irmin__pack **pack, irmin_error *err)
{
	irmin__git_pack *place = &packs->packs.items[at];
	irmin__pack *none = NULL;
	irmin_rc rc;

	*pack = atomic_load(&place->open);
	if (*pack)
		return IRMIN_OK;
	rc = irmin__pack_open(objects->git->os, objects->git->head.hash,
	    objects->io, place->idx, pack, err);
	if (rc != IRMIN_OK)
		return rc;
	if (!atomic_compare_exchange_strong(&place->open, &none, *pack)) {
		irmin__pack_unref(*pack); /* another thread was faster */
		*pack = none;
	}
	return IRMIN_OK;
}
