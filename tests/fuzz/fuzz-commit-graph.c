#include "lib/pack/commit-graph.h"
#include "tests/fuzz/fuzz.h"

#include <irmin/alloc.h>

#include "lib/core/object/hash.h"

/* The bytes are one file, or two, the second upon the first: then they begin with
 * the length of the first, in two bytes. */
#define SPLIT 'C' /* as one file begins */

static irmin__commit_graph *open_one(irmin_hash_algo algo, irmin_slice bytes,
    const irmin__commit_graph *base)
{
	irmin__commit_graph *graph;
	irmin_error err;
	irmin_rc rc;

	rc = irmin__commit_graph_open(algo, bytes, base, &graph, &err);
	REQUIRE(rc == IRMIN_OK || rc == IRMIN_ECORRUPT || rc == IRMIN_ENOTSUP);
	REQUIRE((rc == IRMIN_OK) == (graph != NULL));
	REQUIRE(rc == IRMIN_OK || err.offset <= bytes.len);
	return graph;
}

static void look_up(const irmin__commit_graph *graph, const irmin_oid *id)
{
	uint32_t at;

	if (irmin__commit_graph_find(graph, id, &at) == IRMIN_OK) {
		irmin_oid found = irmin__commit_graph_id(graph, at);

		REQUIRE(at < irmin__commit_graph_count(graph));
		REQUIRE(irmin_oid_compare(&found, id) == 0);
	}
}

static void read_commits(const irmin__commit_graph *graph)
{
	irmin_graph_commit commit = { 0 };
	irmin_error err;
	uint32_t at;

	for (at = 0; at < irmin__commit_graph_count(graph); at++) {
		irmin_oid id = irmin__commit_graph_id(graph, at);
		irmin_rc rc = irmin__commit_graph_at(graph, at, &commit, &err);

		REQUIRE(rc == IRMIN_OK || rc == IRMIN_ECORRUPT);
		REQUIRE(commit.parents.len ==
		    commit.parent_count * sizeof(irmin_oid));
		REQUIRE(rc == IRMIN_OK || !commit.parent_count);
		look_up(graph, &id);
		id.bytes[3] ^= 0x10;
		look_up(graph, &id);
	}
	irmin_buf_clear(&commit.parents);
}

/* The commits of a right graph, for a file of their own. */
typedef struct taking {
	irmin__graph_item *items;
	IRMIN__VEC(irmin_oid) parents;
	uint32_t count;
} taking;

static void take_commit(const irmin__commit_graph *graph, uint32_t at,
    taking *taken)
{
	irmin__graph_item *item = &taken->items[at];
	irmin_graph_commit commit = { 0 };
	irmin_error err;
	size_t i;

	REQUIRE(irmin__commit_graph_at(graph, at, &commit, &err) == IRMIN_OK);
	REQUIRE(IRMIN__VEC_RESERVE(&taken->parents, commit.parent_count,
		    &err) == IRMIN_OK);
	item->id = irmin__commit_graph_id(graph, at);
	item->tree = commit.tree;
	item->time = commit.time;
	item->first_parent = (uint32_t)taken->parents.len;
	item->parent_count = (uint32_t)commit.parent_count;
	for (i = 0; i < commit.parent_count; i++)
		IRMIN__VEC_PUSH(&taken->parents,
		    ((irmin_oid *)(void *)commit.parents.data)[i]);
	irmin_buf_clear(&commit.parents);
}

/* What we write of a right graph says the same. Only one without generations may
 * have circles, and only one in two files a commit twice. */
static void write_again(irmin_hash_algo algo, const irmin__commit_graph *graph)
{
	taking taken = { NULL, { NULL, 0, 0 }, 0 };
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__commit_graph *again;
	irmin_error err;
	irmin_rc rc;
	uint32_t at;

	taken.count = irmin__commit_graph_count(graph);
	taken.items = irmin_calloc(taken.count, sizeof *taken.items);
	REQUIRE(taken.items);
	for (at = 0; at < taken.count; at++)
		take_commit(graph, at, &taken);
	rc = irmin__commit_graph_encode(algo, taken.items, taken.count,
	    taken.parents.items, &out, &err);
	REQUIRE(rc == IRMIN_OK || rc == IRMIN_EINVAL);
	if (rc == IRMIN_OK) {
		again = open_one(algo, irmin_buf_slice(&out), NULL);
		REQUIRE(again);
		REQUIRE(irmin__commit_graph_count(again) == taken.count);
		REQUIRE(irmin__commit_graph_verify(again, &err) == IRMIN_OK);
		irmin__commit_graph_close(again);
	}
	irmin_buf_clear(&out);
	IRMIN__VEC_CLEAR(&taken.parents);
	irmin_free(taken.items);
}

static int is_right(const irmin__commit_graph *graph, size_t len)
{
	irmin_error err;
	irmin_rc rc = irmin__commit_graph_verify(graph, &err);

	REQUIRE(rc == IRMIN_OK || (rc == IRMIN_ECORRUPT && err.offset <= len));
	return rc == IRMIN_OK;
}

static void read_files(irmin_hash_algo algo, irmin_slice lower,
    irmin_slice upper)
{
	irmin__commit_graph *base = NULL, *top;
	int right = 1;

	if (lower.len) {
		base = open_one(algo, lower, NULL);
		if (!base)
			return;
		right = is_right(base, lower.len);
	}
	top = open_one(algo, upper, base);
	if (top) {
		read_commits(top);
		if (is_right(top, upper.len) && right)
			write_again(algo, top);
	}
	irmin__commit_graph_close(top);
	irmin__commit_graph_close(base);
}

static void read_chain(irmin_hash_algo algo, irmin_slice bytes)
{
	irmin__commit_graph_chain chain = { NULL, 0, 0 };
	irmin_error err;
	irmin_rc rc;

	rc = irmin__commit_graph_chain_parse(algo, bytes, &chain, &err);
	if (rc == IRMIN_OK)
		REQUIRE(
		    chain.len * (2 * irmin_hash_size(algo) + 1) == bytes.len);
	else
		REQUIRE(rc == IRMIN_ECORRUPT && err.offset <= bytes.len);
	IRMIN__VEC_CLEAR(&chain);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const irmin_hash_algo algos[] = { IRMIN_HASH_SHA1,
		IRMIN_HASH_SHA256 };
	irmin_slice lower = { NULL, 0 }, upper = irmin_bytes(bytes, len);
	size_t split, i;

	if (len > 2 && bytes[0] != SPLIT) {
		split = 2 + ((size_t)bytes[0] << 8 | bytes[1]);
		if (split <= len) {
			lower = irmin_bytes(bytes + 2, split - 2);
			upper = irmin_bytes(bytes + split, len - split);
		}
	}
	for (i = 0; i < 2; i++) {
		read_chain(algos[i], irmin_bytes(bytes, len));
		read_files(algos[i], lower, upper);
	}
	return 0;
}
