/* Commit-graphs, read.
 *
 *   | "CGPH" | 1 | hash, 1 byte | chunks, 1 | files below, 1 |
 *   | table of contents |                              chunks.c draws it
 *   OIDF | fan-out |                                   id-table.c draws both
 *   OIDL | id | ... |
 *   CDAT | id of the tree | parent, 4 | parent, 4 |
 *        | level:30 date:34 | ... |                    one of each id
 *   EDGE | parent, 4 | ... |
 *   GDA2 | corrected date less the date, 4 | ... |     one of each id
 *   GDO2 | the same, 8 | ... |
 *   BASE | checksum of a file below, the lowest first | ... |
 *   | checksum |
 *
 * A hash is 1 for SHA-1 and 2 for SHA-256. A parent is a place: those of the
 * files below are counted first. 70 00 00 00 is none; in the place of the second,
 * 2^31 + n says that all from the second on stand in EDGE from n to the first that
 * has 2^31 added. In GDA2, 2^31 + n says that the number is the n-th of GDO2.
 *
 * The level is one above that of the highest parent; the corrected date is the
 * date, or one above that of the highest parent if that is more. BIDX and BDAT,
 * which say what paths a commit changed, are not looked at.
 *
 * Source: gitformat-commit-graph.
 */
#include "lib/pack/commit-graph.h"

#include <irmin/alloc.h>

#include "lib/core/base/big-endian.h"
#include "lib/core/base/error.h"
#include "lib/core/object/hash.h"
#include "lib/pack/commit-graph-parts.h"
#include "lib/pack/id-table.h"

struct irmin__commit_graph {
	irmin__chunks chunks;
	irmin__id_table table;
	const irmin__commit_graph *base;
	uint32_t below; /* commits in the files below */
	uint32_t end;   /* those and its own */
	int has_dates;  /* it and all below have corrected dates */
	const unsigned char *commits;
	const unsigned char *edges, *dates, *far_dates;
	uint64_t edge_count, date_count, far_date_count;
};

/* ---- the frame ---- */

static irmin_rc check_header(irmin_hash_algo algo, irmin_slice bytes,
    irmin_error *err)
{
	const unsigned char *head = bytes.data;

	if (bytes.len < IRMIN__GRAPH_HEADER_BYTES ||
	    memcmp(head, IRMIN__GRAPH_SIGNATURE, 4) != 0)
		return irmin__error_at(err, IRMIN_ECORRUPT, NULL, 0,
		    "this is no commit-graph");
	if (head[4] != IRMIN__GRAPH_VERSION)
		return irmin__error_at(err, IRMIN_ENOTSUP, NULL, 4,
		    "commit-graphs of version %u are not known", head[4]);
	if (head[5] != (unsigned char)algo)
		return irmin__error_at(err, IRMIN_ENOTSUP, NULL, 5,
		    "the commit-graph is of another hash, %u", head[5]);
	return IRMIN_OK;
}

/* The files below have to be those that it was made for. */
static irmin_rc check_bases(const irmin__commit_graph *graph, unsigned count,
    irmin_error *err)
{
	const irmin__commit_graph *base = graph->base;
	size_t id_bytes = graph->table.id_bytes;
	const unsigned char *sums = NULL, *sum;
	irmin_slice file;
	irmin_rc rc = IRMIN_OK;
	unsigned left;

	if (count)
		rc = irmin__chunks_get(&graph->chunks, IRMIN__GRAPH_BASE, count,
		    id_bytes, &sums, err);
	for (left = count; rc >= 0 && left && base; base = base->base) {
		file = base->chunks.bytes;
		sum = (const unsigned char *)file.data + file.len - id_bytes;
		if (memcmp(sums + --left * id_bytes, sum, id_bytes) != 0)
			break;
	}
	if (rc >= 0 && (left || base))
		rc = irmin__error_at(err, IRMIN_ECORRUPT, NULL, 7,
		    "the commit-graph was made for others below it");
	return rc;
}

static irmin_rc read_commits(irmin_hash_algo algo, irmin__commit_graph *graph,
    irmin_error *err)
{
	const irmin__chunks *chunks = &graph->chunks;
	irmin__id_table *table = &graph->table;
	const unsigned char *fanout, *ids;
	irmin_rc rc;

	rc = irmin__chunks_get(chunks, IRMIN__GRAPH_OIDF, 1,
	    IRMIN__FANOUT_BYTES, &fanout, err);
	if (rc >= 0)
		rc = irmin__id_table_open(algo, fanout,
		    irmin__chunks_offset(chunks, fanout), table, err);
	if (rc >= 0)
		rc = irmin__chunks_get(chunks, IRMIN__GRAPH_OIDL, table->count,
		    table->id_bytes, &ids, err);
	if (rc >= 0)
		rc = irmin__chunks_get(chunks, IRMIN__GRAPH_CDAT, table->count,
		    table->id_bytes + 16, &graph->commits, err);
	if (rc < 0)
		return rc;
	table->ids = ids;
	table->stride = table->id_bytes;
	graph->below = graph->base ? graph->base->end : 0;
	if (table->count >= IRMIN__GRAPH_NO_PARENT - graph->below)
		return irmin__error_at(err, IRMIN_ECORRUPT, NULL,
		    irmin__chunks_offset(chunks, fanout),
		    "a commit-graph cannot have so many commits");
	graph->end = graph->below + table->count;
	return IRMIN_OK;
}

static irmin_rc read_extras(irmin__commit_graph *graph, irmin_error *err)
{
	const irmin__chunks *chunks = &graph->chunks;
	irmin_rc rc;

	rc = irmin__chunks_get_items(chunks, IRMIN__GRAPH_EDGE, 4,
	    &graph->edges, &graph->edge_count, err);
	if (rc >= 0)
		rc = irmin__chunks_get_items(chunks, IRMIN__GRAPH_GDA2, 4,
		    &graph->dates, &graph->date_count, err);
	if (rc >= 0)
		rc = irmin__chunks_get_items(chunks, IRMIN__GRAPH_GDO2, 8,
		    &graph->far_dates, &graph->far_date_count, err);
	if (rc >= 0 && graph->dates && graph->date_count != graph->table.count)
		rc = irmin__error_at(err, IRMIN_ECORRUPT, NULL,
		    irmin__chunks_offset(chunks, graph->dates),
		    "not every commit has a corrected date");
	graph->has_dates = graph->dates &&
	    (!graph->base || graph->base->has_dates);
	return rc;
}

irmin_rc irmin__commit_graph_open(irmin_hash_algo algo, irmin_slice bytes,
    const irmin__commit_graph *base, irmin__commit_graph **graph,
    irmin_error *err)
{
	const unsigned char *head = bytes.data;
	irmin__commit_graph *opened;
	irmin_rc rc;

	*graph = NULL;
	rc = check_header(algo, bytes, err);
	if (rc < 0)
		return rc;
	opened = irmin_calloc(1, sizeof *opened);
	if (!opened)
		return irmin__enomem(err);
	opened->base = base;
	rc = irmin__chunks_open(bytes, IRMIN__GRAPH_HEADER_BYTES, head[6],
	    irmin_hash_size(algo), &opened->chunks, err);
	if (rc >= 0)
		rc = read_commits(algo, opened, err);
	if (rc >= 0)
		rc = read_extras(opened, err);
	if (rc >= 0)
		rc = check_bases(opened, head[7], err);
	if (rc >= 0)
		*graph = opened;
	else
		irmin_free(opened);
	return rc;
}

void irmin__commit_graph_close(irmin__commit_graph *graph)
{
	irmin_free(graph);
}

/* ---- look-ups ---- */

uint32_t irmin__commit_graph_count(const irmin__commit_graph *graph)
{
	return graph->end;
}

irmin_rc irmin__commit_graph_find(const irmin__commit_graph *graph,
    const irmin_oid *id, uint32_t *at)
{
	irmin_rc rc = IRMIN_ABSENT;

	*at = 0;
	for (; graph && rc != IRMIN_OK; graph = graph->base) {
		rc = irmin__id_table_find(&graph->table, id, at);
		if (rc == IRMIN_OK)
			*at += graph->below;
	}
	return rc;
}

/* The file that a place is in. */
static const irmin__commit_graph *file_of(const irmin__commit_graph *graph,
    uint32_t at)
{
	while (at < graph->below)
		graph = graph->base;
	return graph;
}

irmin_oid irmin__commit_graph_id(const irmin__commit_graph *graph, uint32_t at)
{
	graph = file_of(graph, at);
	return irmin__id_table_id(&graph->table, at - graph->below);
}

/* What CDAT says of a place in this very file: its tree begins it. */
static const unsigned char *record_at(const irmin__commit_graph *file,
    uint32_t at)
{
	return file->commits +
	    (size_t)(at - file->below) * (file->table.id_bytes + 16);
}

static irmin_rc wrong_record(const irmin__commit_graph *file, uint32_t at,
    const char *what, irmin_error *err)
{
	return irmin__error_at(err, IRMIN_ECORRUPT, NULL,
	    irmin__chunks_offset(&file->chunks, record_at(file, at)),
	    "the commit at place %u %s", at, what);
}

static int64_t time_at(const irmin__commit_graph *file, uint32_t at)
{
	const unsigned char *last = record_at(file, at) + file->table.id_bytes +
	    8;

	return (int64_t)(irmin__be64(last) & IRMIN__GRAPH_TIME_MAX);
}

/* The parents of a commit, as places. */
typedef struct parent_list {
	size_t count;
	uint32_t first, second;
	const unsigned char *edges; /* in place of the second; or NULL */
} parent_list;

static irmin_rc find_edges(const irmin__commit_graph *file, uint32_t at,
    parent_list *list, irmin_error *err)
{
	uint64_t begin = list->second & ~IRMIN__GRAPH_MARK, end;

	for (end = begin; end < file->edge_count; end++)
		if (irmin__be32(file->edges + 4 * end) & IRMIN__GRAPH_MARK)
			break;
	if (end >= file->edge_count)
		return wrong_record(file, at, "has parents without an end",
		    err);
	list->edges = file->edges + 4 * begin;
	list->count = (size_t)(end - begin) + 2;
	return IRMIN_OK;
}

static uint32_t parent_at(const parent_list *list, size_t i)
{
	if (!i)
		return list->first;
	return list->edges
	    ? irmin__be32(list->edges + 4 * (i - 1)) & ~IRMIN__GRAPH_MARK
	    : list->second;
}

static irmin_rc find_parents(const irmin__commit_graph *file, uint32_t at,
    parent_list *list, irmin_error *err)
{
	const unsigned char *places = record_at(file, at) +
	    file->table.id_bytes;
	irmin_rc rc = IRMIN_OK;
	size_t i;

	memset(list, 0, sizeof *list);
	list->first = irmin__be32(places);
	list->second = irmin__be32(places + 4);
	if (list->first == IRMIN__GRAPH_NO_PARENT)
		return IRMIN_OK;
	list->count = list->second == IRMIN__GRAPH_NO_PARENT ? 1 : 2;
	if (list->second & IRMIN__GRAPH_MARK)
		rc = find_edges(file, at, list, err);
	for (i = 0; i < list->count && rc >= 0; i++)
		if (parent_at(list, i) >= file->end)
			rc = wrong_record(file, at,
			    "has a parent that is not there", err);
	return rc;
}

static uint32_t level_at(const irmin__commit_graph *file, uint32_t at)
{
	return irmin__be32(record_at(file, at) + file->table.id_bytes + 8) >> 2;
}

static irmin_rc find_date(const irmin__commit_graph *file, uint32_t at,
    uint64_t *date, irmin_error *err)
{
	uint64_t more = irmin__be32(
	    file->dates + 4 * (size_t)(at - file->below));

	*date = 0;
	if (more & IRMIN__GRAPH_MARK) {
		more &= ~IRMIN__GRAPH_MARK;
		if (more >= file->far_date_count)
			return wrong_record(file, at,
			    "has a corrected date that is not there", err);
		more = irmin__be64(file->far_dates + 8 * more);
	}
	if (more > INT64_MAX)
		return wrong_record(file, at,
		    "has a corrected date beyond 2^63", err);
	*date = more + (uint64_t)time_at(file, at);
	return IRMIN_OK;
}

/* As the whole graph counts: by corrected dates only if all its files do. Levels
 * end at a highest one, which says nothing any more. */
static irmin_rc find_generation(const irmin__commit_graph *graph,
    const irmin__commit_graph *file, uint32_t at, uint64_t *generation,
    irmin_error *err)
{
	if (graph->has_dates)
		return find_date(file, at, generation, err);
	*generation = level_at(file, at);
	if (*generation == IRMIN__GRAPH_LEVEL_MAX)
		*generation = 0;
	return IRMIN_OK;
}

irmin_rc irmin__commit_graph_at(const irmin__commit_graph *graph, uint32_t at,
    irmin_graph_commit *commit, irmin_error *err)
{
	const irmin__commit_graph *file = file_of(graph, at);
	parent_list list;
	irmin_oid *ids;
	irmin_rc rc;
	size_t i;

	commit->tree = irmin__oid_of_bytes(file->table.algo,
	    record_at(file, at));
	commit->time = time_at(file, at);
	commit->parent_count = 0;
	commit->parents.len = 0;
	rc = find_generation(graph, file, at, &commit->generation, err);
	if (rc >= 0)
		rc = find_parents(file, at, &list, err);
	if (rc >= 0)
		rc = irmin_buf_reserve(&commit->parents,
		    list.count * sizeof *ids, err);
	if (rc < 0)
		return rc;
	ids = (irmin_oid *)(void *)commit->parents.data;
	for (i = 0; i < list.count; i++)
		ids[i] = irmin__commit_graph_id(file, parent_at(&list, i));
	commit->parent_count = list.count;
	commit->parents.len = list.count * sizeof *ids;
	return IRMIN_OK;
}

/* ---- all of it ---- */

/* A number that is not 0 is above those of the parents, which are not 0 either. */
static irmin_rc check_above(const irmin__commit_graph *file, uint32_t at,
    uint64_t number, uint64_t parent, irmin_error *err)
{
	if (!number || (parent && number > parent))
		return IRMIN_OK;
	return wrong_record(file, at, "is not of a generation above its parent",
	    err);
}

static irmin_rc check_generations(const irmin__commit_graph *file, uint32_t at,
    uint32_t parent, irmin_error *err)
{
	const irmin__commit_graph *below = file_of(file, parent);
	uint32_t level = level_at(file, at);
	uint64_t date, parent_date;
	irmin_rc rc = IRMIN_OK;

	if (level < IRMIN__GRAPH_LEVEL_MAX)
		rc = check_above(file, at, level, level_at(below, parent), err);
	if (rc < 0 || !file->has_dates)
		return rc;
	rc = find_date(file, at, &date, err);
	if (rc >= 0)
		rc = find_date(below, parent, &parent_date, err);
	return rc < 0 ? rc : check_above(file, at, date, parent_date, err);
}

/* `edges` counts what was read of EDGE: nothing of it belongs to two commits, so
 * checking is never longer than the file. */
static irmin_rc check_commit(const irmin__commit_graph *file, uint32_t at,
    uint64_t *edges, irmin_error *err)
{
	parent_list list;
	uint64_t date;
	irmin_rc rc;
	size_t i;

	rc = find_parents(file, at, &list, err);
	if (rc >= 0 && list.edges) {
		*edges += list.count - 1;
		if (*edges > file->edge_count)
			rc = wrong_record(file, at,
			    "has its parents from another", err);
	}
	if (rc >= 0 && file->dates)
		rc = find_date(file, at, &date, err);
	for (i = 0; rc >= 0 && i < list.count; i++)
		rc = check_generations(file, at, parent_at(&list, i), err);
	return rc;
}

irmin_rc irmin__commit_graph_verify(const irmin__commit_graph *graph,
    irmin_error *err)
{
	uint64_t edges = 0;
	irmin_rc rc;
	uint32_t at;

	rc = irmin__id_table_verify(&graph->table,
	    irmin__chunks_offset(&graph->chunks, graph->table.ids), err);
	for (at = graph->below; at < graph->end && rc >= 0; at++)
		rc = check_commit(graph, at, &edges, err);
	if (rc >= 0)
		rc = irmin__checksum_verify(graph->table.algo,
		    graph->chunks.bytes, err);
	return rc;
}

/* ---- the chain ---- */

#define CHAIN_MAX 256 /* the number of files below is one byte */

irmin_rc irmin__commit_graph_chain_parse(irmin_hash_algo algo,
    irmin_slice bytes, irmin__commit_graph_chain *chain, irmin_error *err)
{
	size_t digits = 2 * irmin_hash_size(algo), at;
	const char *text = bytes.data;
	irmin_rc rc = IRMIN_OK;
	irmin_oid id;

	chain->len = 0;
	for (at = 0; at < bytes.len && rc >= 0; at += digits + 1) {
		if (bytes.len - at <= digits || text[at + digits] != '\n' ||
		    chain->len == CHAIN_MAX ||
		    irmin_oid_parse(irmin_bytes(text + at, digits), &id, NULL) <
			0)
			rc = irmin__error_at(err, IRMIN_ECORRUPT, NULL, at,
			    "line %zu is not the name of a commit-graph",
			    chain->len + 1);
		if (rc >= 0)
			rc = IRMIN__VEC_RESERVE(chain, 1, err);
		if (rc >= 0)
			IRMIN__VEC_PUSH(chain, id);
	}
	if (rc < 0)
		chain->len = 0;
	return rc;
}
