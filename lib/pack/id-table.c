/* Ids in order, as three kinds of files have them.
 *
 *   | 00's and below, 4 bytes | 01's and below, 4 | ... | all, 4 |  the fan-out:
 *     how many ids begin with a byte of up to that value
 *   | id | ... | id |  lowest first
 *   ...
 *   | hash of all bytes before it |  the end of the file
 *
 * Ids are hashes: how far an id lies behind the first byte's range tells how far
 * its place does. A look-up goes where that says, and then on by the distance
 * from what it found there, which is exact to a place or two. Bytes from outside
 * may be made so that this misleads; after a few steps bisecting takes over.
 *
 * Source: gitformat-pack, gitformat-commit-graph.
 */
#include "lib/pack/id-table.h"

#include <irmin/alloc.h>

#include "lib/core/base/big-endian.h"
#include "lib/core/base/error.h"
#include "lib/core/object/hash.h"
#include "lib/pack/radix.h"

#define GUESSES_MAX 6

/* ---- reading ---- */

irmin_rc irmin__id_table_open(irmin_hash_algo algo, const unsigned char *fanout,
    uint64_t offset, irmin__id_table *table, irmin_error *err)
{
	uint32_t before = 0, here;
	unsigned i;

	memset(table, 0, sizeof *table);
	for (i = 0; i < 256; i++, before = here) {
		here = irmin__be32(fanout + (size_t)4 * i);
		if (here < before)
			return irmin__error_at(err, IRMIN_ECORRUPT, NULL,
			    offset + (uint64_t)4 * i,
			    "the fan-out goes down at byte %02x", i);
	}
	table->algo = algo;
	table->id_bytes = irmin_hash_size(algo);
	table->count = before;
	table->fanout = fanout;
	return IRMIN_OK;
}

static const unsigned char *id_at(const irmin__id_table *table, uint32_t at)
{
	return table->ids + at * table->stride;
}

static uint32_t bucket_begin(const irmin__id_table *table, unsigned byte)
{
	return byte ? irmin__be32(table->fanout + (size_t)4 * (byte - 1)) : 0;
}

/* Looks for an id between two places. */
typedef struct id_search {
	const irmin__id_table *table;
	const unsigned char *id;
	uint32_t low, high; /* all before low are below; none from high on */
	int found;          /* the id stands at high */
} id_search;

static int look(id_search *search, uint32_t at)
{
	int order = memcmp(id_at(search->table, at), search->id,
	    search->table->id_bytes);

	if (order < 0)
		search->low = at + 1;
	else
		search->high = at;
	if (!order) {
		search->found = 1;
		search->low = at;
	}
	return order;
}

/* How many of the `count` ids of a bucket lie within a distance, taken behind
 * the first byte. */
static uint32_t places_within(uint32_t distance, uint32_t count)
{
	return (uint32_t)((uint64_t)distance * count >> 32);
}

static void guess(id_search *search)
{
	uint32_t count = search->high - search->low;
	uint32_t key = irmin__be32(search->id + 1);
	uint32_t at = search->low + places_within(key, count);
	int i;

	for (i = 0; i < GUESSES_MAX && search->low < search->high; i++) {
		uint32_t there = irmin__be32(id_at(search->table, at) + 1);
		int order = look(search, at);
		uint32_t step;

		if (order < 0) {
			step = places_within(key > there ? key - there : 0,
			    count);
			at = step < search->high - search->low
			    ? search->low + step
			    : search->high - 1;
		} else {
			step = places_within(there > key ? there - key : 0,
			    count);
			at = step < search->high - search->low
			    ? search->high - 1 - step
			    : search->low;
		}
	}
}

static void bisect(id_search *search)
{
	while (search->low < search->high)
		look(search, search->low + (search->high - search->low) / 2);
}

static id_search search_id(const irmin__id_table *table, const irmin_oid *id)
{
	unsigned byte = id->bytes[0];
	id_search search = { table, id->bytes, bucket_begin(table, byte),
		bucket_begin(table, byte + 1), 0 };

	guess(&search);
	bisect(&search);
	return search;
}

irmin_rc irmin__id_table_find(const irmin__id_table *table, const irmin_oid *id,
    uint32_t *at)
{
	id_search found;

	*at = 0;
	if (id->algo != table->algo)
		return IRMIN_ABSENT;
	found = search_id(table, id);
	if (!found.found)
		return IRMIN_ABSENT;
	*at = found.high;
	return IRMIN_OK;
}

uint32_t irmin__id_table_bound(const irmin__id_table *table,
    const irmin_oid *id)
{
	return search_id(table, id).high;
}

irmin_oid irmin__id_table_id(const irmin__id_table *table, uint32_t at)
{
	return irmin__oid_of_bytes(table->algo, id_at(table, at));
}

irmin_rc irmin__id_table_verify(const irmin__id_table *table, uint64_t offset,
    irmin_error *err)
{
	const unsigned char *before = NULL;
	uint32_t i;

	for (i = 0; i < table->count; i++) {
		const unsigned char *id = id_at(table, i);

		if (before && memcmp(before, id, table->id_bytes) >= 0)
			return irmin__error_at(err, IRMIN_ECORRUPT, NULL,
			    offset + (uint64_t)i * table->stride,
			    "the ids are out of order at place %u", i);
		if (i < bucket_begin(table, id[0]) ||
		    i >= bucket_begin(table, id[0] + 1u))
			return irmin__error_at(err, IRMIN_ECORRUPT, NULL,
			    offset + (uint64_t)i * table->stride,
			    "the fan-out does not count the id at place %u", i);
		before = id;
	}
	return IRMIN_OK;
}

/* ---- writing ---- */

static const irmin_oid *item_id(const void *items, size_t stride, size_t at)
{
	return (const irmin_oid *)((const char *)items + at * stride);
}

static int is_in_order(const void *items, size_t stride,
    const irmin__keyed *run, size_t count)
{
	size_t i;

	for (i = 1; i < count; i++)
		if (irmin_oid_compare(item_id(items, stride, run[i - 1].at),
			item_id(items, stride, run[i].at)) > 0)
			return 0;
	return 1;
}

/* Sorts items whose ids begin alike: a digit of 64 bits after the other, the last
 * one first. Among hashes two such are rare, so this need not be quick, but it is
 * never slow. */
static irmin_rc sort_run(const void *items, size_t stride, irmin__keyed *run,
    size_t count, irmin_error *err)
{
	size_t byte = IRMIN_OID_MAX_BYTES, i;
	irmin_rc rc = IRMIN_OK;

	if (is_in_order(items, stride, run, count))
		return IRMIN_OK;
	while (byte && rc >= 0) {
		byte -= 8;
		for (i = 0; i < count; i++)
			run[i].key = irmin__be64(
			    item_id(items, stride, run[i].at)->bytes + byte);
		rc = irmin__radix_sort(run, count, err);
	}
	return rc;
}

static irmin_rc sort_runs(const void *items, size_t stride, irmin__keyed *keyed,
    size_t count, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t i, end;

	for (i = 0; i < count && rc >= 0; i = end) {
		uint64_t key = keyed[i].key;

		for (end = i + 1; end < count && keyed[end].key == key; end++)
			;
		if (end - i > 1)
			rc = sort_run(items, stride, keyed + i, end - i, err);
	}
	return rc;
}

irmin_rc irmin__id_order(const void *items, size_t stride, size_t count,
    uint32_t **order, irmin_error *err)
{
	irmin__keyed *keyed = NULL;
	uint32_t *places = NULL;
	irmin_rc rc;
	size_t i;

	*order = NULL;
	if (count > UINT32_MAX)
		return irmin_error_set(err, IRMIN_ELIMIT, NULL,
		    "%zu objects are too many for an index", count);
	keyed = irmin_calloc(count, sizeof *keyed);
	places = irmin_calloc(count, sizeof *places);
	rc = keyed && places ? IRMIN_OK : irmin__enomem(err);
	if (rc < 0)
		goto done;
	for (i = 0; i < count; i++) {
		keyed[i].key = irmin__be32(item_id(items, stride, i)->bytes);
		keyed[i].at = (uint32_t)i;
	}
	rc = irmin__radix_sort(keyed, count, err);
	if (rc >= 0)
		rc = sort_runs(items, stride, keyed, count, err);
	if (rc < 0)
		goto done;
	for (i = 0; i < count; i++)
		places[i] = keyed[i].at;
	*order = places;
	places = NULL;
done:
	irmin_free(places);
	irmin_free(keyed);
	return rc;
}

void irmin__fanout_encode(const unsigned char *ids, size_t id_bytes,
    size_t count, unsigned char fanout[IRMIN__FANOUT_BYTES])
{
	unsigned byte;
	size_t at = 0;

	for (byte = 0; byte < 256; byte++) {
		while (at < count && ids[at * id_bytes] == byte)
			at++;
		irmin__put_be32(fanout + (size_t)4 * byte, (uint32_t)at);
	}
}

/* ---- the checksum ---- */

static irmin_rc checksum(irmin_hash_algo algo, irmin_slice bytes,
    unsigned char sum[IRMIN_OID_MAX_BYTES], irmin_error *err)
{
	irmin__hasher hasher;
	irmin_rc rc;

	rc = irmin__hasher_init(&hasher, irmin__hash_class_of(algo), err);
	if (rc >= 0)
		rc = hasher.cls->init(hasher.context, err);
	if (rc >= 0)
		rc = hasher.cls->update(hasher.context, bytes, err);
	if (rc >= 0)
		rc = hasher.cls->done(hasher.context, sum, err);
	irmin__hasher_clear(&hasher);
	return rc;
}

irmin_rc irmin__checksum_verify(irmin_hash_algo algo, irmin_slice bytes,
    irmin_error *err)
{
	size_t id_bytes = irmin_hash_size(algo);
	unsigned char sum[IRMIN_OID_MAX_BYTES];
	irmin_rc rc;

	if (bytes.len < id_bytes)
		return irmin__error_at(err, IRMIN_ECORRUPT, NULL, 0,
		    "the file is shorter than a checksum");
	bytes.len -= id_bytes;
	rc = checksum(algo, bytes, sum, err);
	if (rc >= 0 &&
	    memcmp((const char *)bytes.data + bytes.len, sum, id_bytes) != 0)
		rc = irmin__error_at(err, IRMIN_ECORRUPT, NULL, bytes.len,
		    "the checksum of the file is not that of its bytes");
	return rc;
}

irmin_rc irmin__checksum_append(irmin_hash_algo algo, irmin_buf *out,
    irmin_error *err)
{
	unsigned char sum[IRMIN_OID_MAX_BYTES];
	irmin_rc rc = checksum(algo, irmin_buf_slice(out), sum, err);

	if (rc < 0)
		return rc;
	return irmin_buf_append(out, irmin_bytes(sum, irmin_hash_size(algo)),
	    err);
}
