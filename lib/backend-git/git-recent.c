/* The objects that were written to a pack a short while ago, so that the next
 * ones can be written as what differs from them. */
#include "lib/backend-git/git-write.h"

#include "lib/core/base/error.h"
#include "lib/pack/delta.h"
#include <irmin/alloc.h>

/* Of all objects that are kept, and of what finds matches in them, which takes
 * about as much. */
#define BYTES_MAX ((size_t)16 << 20)

/* As git does: a longer chain makes reading slow. */
#define DEPTH_MAX 50

/* A delta replaces an object only if it is smaller than half of it: whole ones
 * compress better and read faster. */
#define DELTA_BYTES(len) ((len) / 2)

/* What a smaller object could save is less than a delta costs to read. */
#define OBJECT_BYTES_MIN 64

static irmin_slice key_of(const void *entry)
{
	const irmin__git_recent *recent = entry;

	return irmin_bytes(recent->id.bytes, sizeof recent->id.bytes);
}

void irmin__git_recents_init(irmin__git_recents *recents, uint64_t seed)
{
	memset(recents, 0, sizeof *recents);
	irmin__table_init(&recents->table, key_of, seed);
}

/* ---- in the order of use ---- */

static void unlink_recent(irmin__git_recents *recents,
    irmin__git_recent *recent)
{
	*(recent->newer ? &recent->newer->older
			: &recents->newest) = recent->older;
	*(recent->older ? &recent->older->newer
			: &recents->oldest) = recent->newer;
}

static void link_newest(irmin__git_recents *recents, irmin__git_recent *recent)
{
	recent->newer = NULL;
	recent->older = recents->newest;
	*(recents->newest ? &recents->newest->newer
			  : &recents->oldest) = recent;
	recents->newest = recent;
}

static size_t bytes_of(const irmin__git_recent *recent)
{
	size_t bytes = sizeof *recent + recent->len;

	return recent->index ? bytes + recent->len : bytes;
}

static void free_recent(irmin__git_recent *recent)
{
	irmin__delta_index_free(recent->index);
	irmin_free(recent->data);
	irmin_free(recent);
}

static void drop_oldest(irmin__git_recents *recents)
{
	irmin__git_recent *recent = recents->oldest;

	unlink_recent(recents, recent);
	recents->bytes -= bytes_of(recent);
	(void)irmin__table_remove(&recents->table, key_of(recent));
	free_recent(recent);
}

void irmin__git_recents_clear(irmin__git_recents *recents)
{
	while (recents->oldest)
		drop_oldest(recents);
	irmin__table_clear(&recents->table);
}

/* All but the newest may go. */
static void keep_bound(irmin__git_recents *recents)
{
	while (recents->bytes > BYTES_MAX && recents->oldest != recents->newest)
		drop_oldest(recents);
}

static irmin__git_recent *copy_of(const irmin_new_object *added)
{
	irmin__git_recent *recent = irmin_calloc(1, sizeof *recent);

	if (!recent)
		return NULL;
	recent->data = irmin_malloc(added->data.len);
	if (!recent->data) {
		irmin_free(recent);
		return NULL;
	}
	memcpy(recent->data, added->data.data, added->data.len);
	recent->len = added->data.len;
	recent->id = added->id;
	recent->type = added->type;
	return recent;
}

irmin_rc irmin__git_recents_add(irmin__git_recents *recents,
    const irmin_new_object *added, uint64_t offset, unsigned depth,
    irmin_error *err)
{
	irmin__git_recent *recent;
	irmin_rc rc;

	if (added->data.len < OBJECT_BYTES_MIN ||
	    added->data.len > BYTES_MAX / 4 || depth >= DEPTH_MAX)
		return IRMIN_OK;
	recent = copy_of(added);
	if (!recent)
		return irmin__enomem(err);
	recent->offset = offset;
	recent->depth = depth;
	rc = irmin__table_add(&recents->table, recent, err);
	if (rc < 0) {
		free_recent(recent);
		return rc;
	}
	link_newest(recents, recent);
	recents->bytes += bytes_of(recent);
	keep_bound(recents);
	return IRMIN_OK;
}

/* ---- deltas ---- */

static irmin_rc index_recent(irmin__git_recents *recents,
    irmin__git_recent *recent, irmin_error *err)
{
	irmin_rc rc;

	if (recent->index || recent->no_index)
		return IRMIN_OK;
	recents->bytes -= bytes_of(recent);
	rc = irmin__delta_index_new(irmin_bytes(recent->data, recent->len),
	    &recent->index, err);
	recent->no_index = rc == IRMIN_ABSENT;
	recents->bytes += bytes_of(recent);
	keep_bound(recents);
	return rc < 0 ? rc : IRMIN_OK;
}

/* What somebody says of an object must not make another one of it. */
static irmin_rc check_delta(const irmin__git_recent *recent,
    const irmin_new_object *added, irmin_slice delta, irmin_error *err)
{
	size_t len = added->data.len;
	unsigned char *bytes = irmin_malloc(len);
	irmin_rc rc;

	if (!bytes)
		return irmin__enomem(err);
	rc = irmin__delta_apply(irmin_bytes(recent->data, recent->len), delta,
	    bytes, len, err);
	if (rc >= 0 && memcmp(bytes, added->data.data, len) != 0)
		rc = irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "cannot add an object: its splices do not lead there from "
		    "its base");
	irmin_free(bytes);
	return rc;
}

static irmin_rc make_delta(irmin__git_recents *recents,
    irmin__git_recent *recent, const irmin_new_object *added, irmin_buf *delta,
    irmin_error *err)
{
	size_t max_bytes = DELTA_BYTES(added->data.len);
	irmin_rc rc;

	if (added->splices) {
		rc = irmin__delta_of_splices(recent->len, added->data,
		    added->splices, added->splice_count, delta, err);
		if (rc < 0)
			return rc;
		return delta->len > max_bytes
		    ? IRMIN_ABSENT
		    : check_delta(recent, added, irmin_buf_slice(delta), err);
	}
	rc = index_recent(recents, recent, err);
	if (rc < 0)
		return rc;
	if (!recent->index)
		return IRMIN_ABSENT;
	return irmin__delta_make(recent->index, added->data, max_bytes, delta,
	    err);
}

irmin_rc irmin__git_recents_delta(irmin__git_recents *recents,
    const irmin_new_object *added, irmin_buf *delta,
    const irmin__git_recent **base, irmin_error *err)
{
	irmin__git_recent *recent;
	irmin_rc rc;

	*base = NULL;
	if (irmin_oid_is_none(&added->base) ||
	    added->data.len < OBJECT_BYTES_MIN)
		return IRMIN_ABSENT;
	recent = irmin__table_find(&recents->table,
	    irmin_bytes(added->base.bytes, sizeof added->base.bytes));
	if (!recent || recent->type != added->type)
		return IRMIN_ABSENT;
	unlink_recent(recents, recent);
	link_newest(recents, recent);
	rc = make_delta(recents, recent, added, delta, err);
	if (rc == IRMIN_OK)
		*base = recent;
	return rc;
}
