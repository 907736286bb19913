/* All objects: their ids, or with their bytes.
 *
 * Packs come first, then files. What is repacked meanwhile is not missed: in the
 * end, and after a pack that was gone, we look again (git-search.c tells in which
 * order git works), and tell what is in packs that are new.
 */
#include "lib/backend-git/git-objects.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/core/base/error.h"
#include "lib/core/base/hex.h"
#include "lib/core/object/backend-args.h"

/* As in git-search.c. */
#define ROUNDS 16

/* A walk over all places. `tell_pack` answers ABSENT for a pack that is gone. */
typedef struct walk {
	irmin__git_objects *self;
	const irmin_context *context;
	irmin_rc (*tell_pack)(struct walk *walk, irmin__pack *pack);
	irmin_rc (*tell_broken)(struct walk *walk, const irmin_error *fault);
	irmin_rc (*tell_file)(struct walk *walk, const irmin_oid *id,
	    const char *file);
	irmin__git_packs *packs;
	IRMIN__VEC(irmin__pack *) told;   /* a reference to each */
	char prefix[IRMIN_OID_HEX_BYTES]; /* in lower case */
	irmin_object_fn id_fn;
	irmin_scan_fn scan_fn;
	void *arg;
	irmin_error fault; /* of the first pack that cannot be listed */
	irmin_error *err;
} walk;

/* ---- files ---- */

static int walk_file(void *arg, const irmin_oid *id, const char *file)
{
	walk *w = arg;
	irmin_rc rc = irmin__context_check(w->context, w->err);

	return rc < 0 ? rc : w->tell_file(w, id, file);
}

static irmin_rc walk_files(walk *w)
{
	irmin__git *git = w->self->git;
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc == IRMIN_OK && i < w->packs->directories.len; i++)
		rc = irmin__git_loose_each(git->os, git->head.hash,
		    w->packs->directories.items[i].path, w->prefix, walk_file,
		    w, w->err);
	return rc;
}

/* ---- packs ---- */

static int was_told(const walk *w, const irmin__pack *pack)
{
	size_t i;

	for (i = 0; i < w->told.len; i++)
		if (w->told.items[i] == pack)
			return 1;
	return 0;
}

static irmin_rc walk_pack(walk *w, irmin__pack *pack)
{
	irmin_rc rc;

	if (was_told(w, pack))
		return IRMIN_OK;
	rc = IRMIN__VEC_RESERVE(&w->told, 1, w->err);
	if (rc >= 0)
		rc = irmin__context_check(w->context, w->err);
	if (rc >= 0)
		rc = w->tell_pack(w, pack);
	if (rc == IRMIN_OK)
		IRMIN__VEC_PUSH(&w->told, irmin__pack_ref(pack));
	return rc;
}

/* The largest first: what the others have of it is found fast. */
static int compare_counts(const void *a, const void *b)
{
	uint32_t left = irmin__pack_index(*(irmin__pack *const *)a)->count;
	uint32_t right = irmin__pack_index(*(irmin__pack *const *)b)->count;

	return left < right ? 1 : -(left > right);
}

/* Opens all packs; `lost` if one is gone. */
static irmin_rc open_packs(walk *w, irmin__pack **packs, size_t *count,
    int *lost)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	*count = 0;
	for (i = 0; rc == IRMIN_OK && i < w->packs->packs.len; i++) {
		irmin_error fault;

		rc = irmin__git_pack_at(w->self, w->packs, i, &packs[*count],
		    &fault);
		*count += rc == IRMIN_OK;
		*lost |= rc == IRMIN_ABSENT;
		if (rc == IRMIN_ENOMEM)
			return irmin__enomem(w->err);
		rc = rc < 0 ? w->tell_broken(w, &fault) : IRMIN_OK;
	}
	return rc;
}

static irmin_rc walk_packs(walk *w, int *lost)
{
	irmin__pack **packs;
	size_t i, count;
	irmin_rc rc;

	if (!w->packs->packs.len)
		return IRMIN_OK;
	packs = irmin_calloc(w->packs->packs.len, sizeof *packs);
	if (!packs)
		return irmin__enomem(w->err);
	rc = open_packs(w, packs, &count, lost);
	if (rc == IRMIN_OK && count)
		qsort(packs, count, sizeof(irmin__pack *), compare_counts);
	for (i = 0; rc == IRMIN_OK && i < count; i++) {
		rc = walk_pack(w, packs[i]);
		*lost |= rc == IRMIN_ABSENT;
		rc = rc == IRMIN_ABSENT ? IRMIN_OK : rc;
	}
	irmin_free(packs);
	return rc;
}

/* ---- both ---- */

static irmin_rc walk_rounds(walk *w)
{
	irmin_rc rc, seen;
	int round, lost;

	rc = irmin__git_packs_get(w->self, &w->packs, w->err);
	if (rc >= 0)
		rc = irmin__git_packs_look(w->self, &w->packs, w->err);
	if (rc < 0)
		return rc;
	for (round = 0; round < ROUNDS; round++) {
		lost = 0;
		rc = walk_packs(w, &lost);
		if (rc == IRMIN_OK && (lost || !round))
			rc = walk_files(w);
		if (rc != IRMIN_OK)
			return rc;
		seen = irmin__git_packs_look(w->self, &w->packs, w->err);
		if (seen != IRMIN_OK)
			return seen < 0 ? seen : IRMIN_OK;
	}
	return IRMIN_OK;
}

static irmin_rc walk_all(walk *w)
{
	irmin_rc rc = walk_rounds(w);
	size_t i;

	for (i = 0; i < w->told.len; i++)
		irmin__pack_unref(w->told.items[i]);
	IRMIN__VEC_CLEAR(&w->told);
	irmin__git_packs_unref(w->packs);
	return rc;
}

/* ---- ids ---- */

/* The first id that begins with the prefix, if there is one. */
static irmin_oid first_id(const walk *w)
{
	size_t digits = 2 * irmin_hash_size(w->self->git->head.hash);
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_oid id;

	memset(hex, '0', digits);
	hex[digits] = '\0';
	memcpy(hex, w->prefix, strlen(w->prefix));
	if (irmin_oid_parse(irmin_text(hex), &id, NULL) < 0)
		memset(&id, 0, sizeof id);
	return id;
}

static int begins(const irmin_oid *id, const irmin_oid *first, size_t digits)
{
	return memcmp(id->bytes, first->bytes, digits / 2) == 0 &&
	    (digits % 2 == 0 ||
		(id->bytes[digits / 2] ^ first->bytes[digits / 2]) < 0x10);
}

/* All, in the order of the pack: reading them one by one costs least in it. An
 * index that has none is told in its own. */
static irmin_rc list_in_order(walk *w, irmin__pack *pack)
{
	const irmin__index *index = irmin__pack_index(pack);
	irmin_rc rc = IRMIN_OK, ordered;
	uint32_t *order, at;
	irmin_oid id;

	order = irmin_calloc(index->count, sizeof *order);
	if (!order)
		return irmin__enomem(w->err);
	ordered = irmin__index_order(index, UINT64_MAX, order, NULL, NULL);
	if (ordered == IRMIN_ENOMEM)
		rc = irmin__enomem(w->err);
	for (at = 0; rc == IRMIN_OK && at < index->count; at++) {
		id = irmin__index_id(index, ordered < 0 ? at : order[at]);
		rc = irmin__context_check(w->context, w->err);
		if (rc >= 0)
			rc = w->id_fn(w->arg, &id);
	}
	irmin_free(order);
	return rc;
}

static irmin_rc list_pack(walk *w, irmin__pack *pack)
{
	const irmin__index *index = irmin__pack_index(pack);
	size_t digits = strlen(w->prefix);
	irmin_oid id, first = first_id(w);
	irmin_rc rc = IRMIN_OK;
	uint32_t at;

	if (!digits && index->count)
		return list_in_order(w, pack);
	for (at = irmin__index_bound(index, &first);
	     rc == IRMIN_OK && at < index->count; at++) {
		id = irmin__index_id(index, at);
		if (!begins(&id, &first, digits))
			break;
		rc = irmin__context_check(w->context, w->err);
		if (rc >= 0)
			rc = w->id_fn(w->arg, &id);
	}
	return rc;
}

/* It does not hide the others, but is what the listing answers in the end. */
static irmin_rc list_broken(walk *w, const irmin_error *fault)
{
	if (!w->fault.code)
		w->fault = *fault;
	return IRMIN_OK;
}

static irmin_rc list_file(walk *w, const irmin_oid *id, const char *file)
{
	(void)file;
	return w->id_fn(w->arg, id);
}

irmin_rc irmin__git_objects_each(irmin_objects *objects,
    const irmin_context *context, const char *prefix, irmin_object_fn fn,
    void *arg, irmin_error *err)
{
	irmin__git_objects *self = (irmin__git_objects *)objects;
	walk w = { .self = self, .context = context, .err = err };
	irmin_rc rc;

	irmin_error_clear(err);
	w.tell_pack = list_pack;
	w.tell_broken = list_broken;
	w.tell_file = list_file;
	w.id_fn = fn;
	w.arg = arg;
	rc = irmin__backend_args_prefix(self->git->head.hash, prefix, w.prefix,
	    err);
	if (rc >= 0)
		rc = walk_all(&w);
	if (rc != IRMIN_OK || !w.fault.code)
		return rc;
	if (err)
		*err = w.fault;
	return w.fault.code;
}

/* ---- with their bytes ---- */

static int is_in_told(const walk *w, const irmin_oid *id)
{
	uint32_t at;
	size_t i;

	for (i = 0; i < w->told.len; i++)
		if (irmin__index_find(irmin__pack_index(w->told.items[i]), id,
			&at) == IRMIN_OK)
			return 1;
	return 0;
}

/* Tells an object; instead of a broken copy another one, if there is one. */
static int tell_scanned(void *arg, const irmin_scanned *object)
{
	walk *w = arg;
	irmin_scanned good = { .id = object->id };
	irmin_object found;
	irmin_rc rc;

	if (!object->fault || object->fault->code == IRMIN_ELIMIT)
		return w->scan_fn(w->arg, object);
	rc = w->self->head.cls->find(&w->self->head, w->context, &object->id,
	    &found, NULL);
	if (rc != IRMIN_OK)
		return w->scan_fn(w->arg, object);
	good.type = found.type;
	good.data = irmin_bytes(found.data.data, found.data.len);
	rc = w->scan_fn(w->arg, &good);
	irmin_pin_release(&found.data);
	return rc;
}

/* A pack that is scanned. */
typedef struct scanning {
	walk *walk;
	const irmin__index *index;
} scanning;

static int skip_told(void *arg, uint32_t at)
{
	scanning *s = arg;
	irmin_oid id = irmin__index_id(s->index, at);

	return is_in_told(s->walk, &id);
}

static irmin_rc scan_pack(walk *w, irmin__pack *pack)
{
	irmin__pack_reading reading = { w->context, NULL };
	scanning s = { w, irmin__pack_index(pack) };
	irmin__pack_scan scan = { .reading = &reading,
		.fn = tell_scanned,
		.arg = w };

	if (w->told.len) {
		scan.skip = skip_told;
		scan.skip_arg = &s;
	}
	return irmin__pack_each(pack, &scan, w->err);
}

/* A pack whose index cannot be read: nobody knows which objects it has. */
static irmin_rc scan_broken(walk *w, const irmin_error *fault)
{
	irmin_scanned unknown = { .fault = fault };

	return w->scan_fn(w->arg, &unknown);
}

static irmin_rc scan_file(walk *w, const irmin_oid *id, const char *file)
{
	irmin_scanned scanned = { .id = *id };
	irmin_object found;
	irmin_error fault;
	irmin_rc rc;

	if (is_in_told(w, id))
		return IRMIN_OK;
	rc = irmin__git_loose_find(w->self->git->os, file,
	    w->context ? w->context->max_object_bytes : 0, &found, &fault);
	if (rc == IRMIN_ABSENT)
		return IRMIN_OK; /* it was packed */
	if (rc == IRMIN_ENOMEM)
		return irmin__enomem(w->err);
	if (rc < 0) {
		scanned.fault = &fault;
		return tell_scanned(w, &scanned);
	}
	scanned.type = found.type;
	scanned.data = irmin_bytes(found.data.data, found.data.len);
	rc = w->scan_fn(w->arg, &scanned);
	irmin_pin_release(&found.data);
	return rc;
}

irmin_rc irmin__git_objects_scan(irmin_objects *objects,
    const irmin_context *context, irmin_scan_fn fn, void *arg, irmin_error *err)
{
	walk w = { .context = context, .err = err };

	irmin_error_clear(err);
	w.self = (irmin__git_objects *)objects;
	w.tell_pack = scan_pack;
	w.tell_broken = scan_broken;
	w.tell_file = scan_file;
	w.scan_fn = fn;
	w.arg = arg;
	return walk_all(&w);
}
