/* Commit-graphs, written: as drawn in commit-graph.c, with every byte as git would
 * write it for the same commits, unless their dates have no room. */
#include "lib/pack/commit-graph.h"

#include <irmin/alloc.h>

#include "lib/core/base/big-endian.h"
#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/object/hash.h"
#include "lib/pack/commit-graph-parts.h"
#include "lib/pack/id-table.h"

/* What is computed of a commit. Its place is that of its id. */
typedef struct commit_data {
	const irmin__graph_item *item;
	uint64_t date; /* the corrected one; 0: not computed yet */
	uint32_t level;
	int waits; /* for its parents */
} commit_data;

/* A commit on the way down to its parents. */
typedef struct step {
	uint32_t at;
	uint32_t next; /* of the parents to look at */
} step;

typedef struct graph_writer {
	irmin_hash_algo algo;
	size_t id_bytes;
	uint32_t count;
	commit_data *commits;
	uint32_t *links; /* the parents, as places */
	IRMIN__VEC(step) way;
	irmin_buf ids;   /* OIDF, OIDL */
	irmin_buf data;  /* CDAT */
	irmin_buf dates; /* GDA2 */
	irmin_buf far_dates, edges;
} graph_writer;

/* Dates have 34 bits. */
static uint64_t time_of(const irmin__graph_item *item)
{
	if (item->time < 0)
		return 0;
	return (uint64_t)item->time < IRMIN__GRAPH_TIME_MAX
	    ? (uint64_t)item->time
	    : IRMIN__GRAPH_TIME_MAX;
}

/* ---- places ---- */

static irmin_rc wrong_item(const irmin__graph_item *item, const char *what,
    irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];

	return irmin_error_set(err, IRMIN_EINVAL, NULL,
	    "cannot write a commit-graph: %s %s", irmin_oid_hex(&item->id, hex),
	    what);
}

static irmin_rc place_items(graph_writer *w, const irmin__graph_item *items,
    irmin_error *err)
{
	uint32_t *order = NULL, i;
	irmin_rc rc;

	rc = irmin__id_order(items, sizeof *items, w->count, &order, err);
	if (rc >= 0)
		rc = irmin_buf_reserve(&w->ids,
		    IRMIN__FANOUT_BYTES + w->count * w->id_bytes, err);
	if (rc < 0)
		goto done;
	w->ids.len = IRMIN__FANOUT_BYTES;
	for (i = 0; i < w->count; i++) {
		const irmin__graph_item *item = &items[order[i]];

		if (i &&
		    !irmin_oid_compare(&w->commits[i - 1].item->id,
			&item->id)) {
			rc = wrong_item(item, "is there twice", err);
			goto done;
		}
		w->commits[i].item = item;
		memcpy(w->ids.data + w->ids.len, item->id.bytes, w->id_bytes);
		w->ids.len += w->id_bytes;
	}
	irmin__fanout_encode(w->ids.data + IRMIN__FANOUT_BYTES, w->id_bytes,
	    w->count, w->ids.data);
done:
	irmin_free(order);
	return rc;
}

static irmin_rc link_items(graph_writer *w, const irmin_oid *parents,
    irmin_error *err)
{
	irmin__id_table table;
	irmin_rc rc;
	uint32_t i, at;

	rc = irmin__id_table_open(w->algo, w->ids.data, 0, &table, err);
	table.ids = w->ids.data + IRMIN__FANOUT_BYTES;
	table.stride = w->id_bytes;
	for (i = 0; i < w->count && rc >= 0; i++) {
		const irmin__graph_item *item = w->commits[i].item;
		uint32_t end = item->first_parent + item->parent_count;

		for (at = item->first_parent; at < end && rc >= 0; at++)
			if (irmin__id_table_find(&table, &parents[at],
				&w->links[at]) != IRMIN_OK)
				rc = wrong_item(item,
				    "has a parent that is not there", err);
	}
	return rc;
}

/* ---- generations ---- */

static void compute(graph_writer *w, commit_data *commit)
{
	const irmin__graph_item *item = commit->item;
	uint64_t date = time_of(item);
	uint32_t level = 0, i;

	if (!date)
		date = 1;
	for (i = 0; i < item->parent_count; i++) {
		const commit_data *parent =
		    &w->commits[w->links[item->first_parent + i]];

		if (parent->level > level)
			level = parent->level;
		if (parent->date >= date)
			date = parent->date + 1;
	}
	commit->level = level < IRMIN__GRAPH_LEVEL_MAX ? level + 1 : level;
	commit->date = date;
	commit->waits = 0;
}

/* Goes to the next parent that is not computed, or back. */
static irmin_rc move_on(graph_writer *w, irmin_error *err)
{
	step *last = &w->way.items[w->way.len - 1];
	commit_data *commit = &w->commits[last->at], *parent;
	const irmin__graph_item *item = commit->item;
	step down = { 0, 0 };
	irmin_rc rc;

	commit->waits = 1;
	while (last->next < item->parent_count) {
		down.at = w->links[item->first_parent + last->next++];
		parent = &w->commits[down.at];
		if (parent->waits)
			return wrong_item(item, "is an ancestor of itself",
			    err);
		if (parent->date)
			continue;
		rc = IRMIN__VEC_RESERVE(&w->way, 1, err);
		if (rc >= 0)
			IRMIN__VEC_PUSH(&w->way, down);
		return rc;
	}
	compute(w, commit);
	w->way.len--;
	return IRMIN_OK;
}

static irmin_rc compute_all(graph_writer *w, irmin_error *err)
{
	step from = { 0, 0 };
	irmin_rc rc;

	for (; from.at < w->count; from.at++) {
		if (w->commits[from.at].date)
			continue;
		rc = IRMIN__VEC_RESERVE(&w->way, 1, err);
		if (rc >= 0)
			IRMIN__VEC_PUSH(&w->way, from);
		while (rc >= 0 && w->way.len)
			rc = move_on(w, err);
		if (rc < 0)
			return rc;
	}
	return IRMIN_OK;
}

/* ---- chunks ---- */

static irmin_rc append32(irmin_buf *buf, uint32_t number, irmin_error *err)
{
	unsigned char bytes[4];

	irmin__put_be32(bytes, number);
	return irmin_buf_append(buf, irmin_bytes(bytes, 4), err);
}

/* All parents but the first. Answers in `second` what stands for them. */
static irmin_rc write_edges(graph_writer *w, const irmin__graph_item *item,
    uint32_t *second, irmin_error *err)
{
	uint32_t at = item->first_parent + 1;
	uint32_t last = item->first_parent + item->parent_count - 1;
	irmin_rc rc = IRMIN_OK;

	if (w->edges.len / 4 + item->parent_count > IRMIN__GRAPH_MARK)
		return irmin_error_set(err, IRMIN_ELIMIT, NULL,
		    "cannot write a commit-graph: too many parents");
	*second = IRMIN__GRAPH_MARK | (uint32_t)(w->edges.len / 4);
	for (; at <= last && rc >= 0; at++)
		rc = append32(&w->edges,
		    w->links[at] | (at == last ? IRMIN__GRAPH_MARK : 0), err);
	return rc;
}

static irmin_rc write_date(graph_writer *w, uint64_t more, irmin_error *err)
{
	unsigned char bytes[8];
	irmin_rc rc;

	if (more < IRMIN__GRAPH_MARK)
		return append32(&w->dates, (uint32_t)more, err);
	rc = append32(&w->dates,
	    IRMIN__GRAPH_MARK | (uint32_t)(w->far_dates.len / 8), err);
	irmin__put_be64(bytes, more);
	return rc < 0
	    ? rc
	    : irmin_buf_append(&w->far_dates, irmin_bytes(bytes, 8), err);
}

static irmin_rc write_commit(graph_writer *w, const commit_data *commit,
    irmin_error *err)
{
	const irmin__graph_item *item = commit->item;
	uint32_t first = IRMIN__GRAPH_NO_PARENT;
	uint32_t second = IRMIN__GRAPH_NO_PARENT;
	uint64_t time = time_of(item);
	unsigned char bytes[IRMIN_OID_MAX_BYTES + 16], *to = bytes;
	irmin_rc rc = IRMIN_OK;

	if (item->parent_count)
		first = w->links[item->first_parent];
	if (item->parent_count == 2)
		second = w->links[item->first_parent + 1];
	else if (item->parent_count > 2)
		rc = write_edges(w, item, &second, err);
	memcpy(to, item->tree.bytes, w->id_bytes);
	to += w->id_bytes;
	irmin__put_be32(to, first);
	irmin__put_be32(to + 4, second);
	irmin__put_be64(to + 8, (uint64_t)commit->level << 34 | time);
	if (rc >= 0)
		rc = irmin_buf_append(&w->data,
		    irmin_bytes(bytes, w->id_bytes + 16), err);
	return rc < 0 ? rc : write_date(w, commit->date - time, err);
}

static irmin_rc write_commits(graph_writer *w, irmin_error *err)
{
	irmin_rc rc;
	uint32_t i;

	rc = irmin_buf_reserve(&w->data, w->count * (w->id_bytes + 16), err);
	if (rc >= 0)
		rc = irmin_buf_reserve(&w->dates, (size_t)w->count * 4, err);
	for (i = 0; i < w->count && rc >= 0; i++)
		rc = write_commit(w, &w->commits[i], err);
	return rc;
}

static irmin_rc write_file(const graph_writer *w, irmin_buf *out,
    irmin_error *err)
{
	unsigned char head[IRMIN__GRAPH_HEADER_BYTES] = IRMIN__GRAPH_SIGNATURE
	    "\1";
	irmin_slice ids = irmin_buf_slice(&w->ids);
	irmin__chunk chunks[] = {
		{ IRMIN__GRAPH_OIDF,
		    irmin__slice_until(ids, IRMIN__FANOUT_BYTES) },
		{ IRMIN__GRAPH_OIDL,
		    irmin__slice_from(ids, IRMIN__FANOUT_BYTES) },
		{ IRMIN__GRAPH_CDAT, irmin_buf_slice(&w->data) },
		{ IRMIN__GRAPH_GDA2, irmin_buf_slice(&w->dates) },
		{ IRMIN__GRAPH_GDO2, irmin_buf_slice(&w->far_dates) },
		{ IRMIN__GRAPH_EDGE, irmin_buf_slice(&w->edges) },
	};
	unsigned count = 4;

	if (w->far_dates.len)
		count++;
	if (w->edges.len)
		chunks[count++] = chunks[5];
	head[5] = (unsigned char)w->algo;
	head[6] = (unsigned char)count;
	return irmin__chunks_encode(w->algo, irmin_bytes(head, sizeof head),
	    chunks, count, out, err);
}

/* ---- all of it ---- */

static size_t count_parents(const irmin__graph_item *items, uint32_t count)
{
	size_t end = 0, here;
	uint32_t i;

	for (i = 0; i < count; i++) {
		here = (size_t)items[i].first_parent + items[i].parent_count;
		if (here > end)
			end = here;
	}
	return end;
}

static void clear(graph_writer *w)
{
	irmin_free(w->commits);
	irmin_free(w->links);
	IRMIN__VEC_CLEAR(&w->way);
	irmin_buf_clear(&w->ids);
	irmin_buf_clear(&w->data);
	irmin_buf_clear(&w->dates);
	irmin_buf_clear(&w->far_dates);
	irmin_buf_clear(&w->edges);
}

irmin_rc irmin__commit_graph_encode(irmin_hash_algo algo,
    const irmin__graph_item *items, uint32_t count, const irmin_oid *parents,
    irmin_buf *out, irmin_error *err)
{
	graph_writer w;
	irmin_rc rc;

	out->len = 0;
	if (count >= IRMIN__GRAPH_NO_PARENT)
		return irmin_error_set(err, IRMIN_ELIMIT, NULL,
		    "cannot write a commit-graph of %u commits", count);
	memset(&w, 0, sizeof w);
	w.algo = algo;
	w.id_bytes = irmin_hash_size(algo);
	w.count = count;
	w.commits = irmin_calloc(count, sizeof *w.commits);
	w.links = irmin_calloc(count_parents(items, count), sizeof *w.links);
	rc = w.commits && w.links ? IRMIN_OK : irmin__enomem(err);
	if (rc >= 0)
		rc = place_items(&w, items, err);
	if (rc >= 0)
		rc = link_items(&w, parents, err);
	if (rc >= 0)
		rc = compute_all(&w, err);
	if (rc >= 0)
		rc = write_commits(&w, err);
	if (rc >= 0)
		rc = write_file(&w, out, err);
	clear(&w);
	return rc;
}
