/*
 * What calls cost in trees of a thousand keys and of a million: the same, but
 * for what the depth adds and the logarithm of the size. In a git directory a
 * directory that changes is hashed and written as a whole: then its bytes, and
 * no more. In memory nothing is hashed but values until somebody asks for ids.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/cost/calls.h"
#include "tests/support/tap.h"

#define TIMES 4 /* each call is made */
#define MORE  3 /* times of what it costs in the smallest tree */

/* What the bounds are made of, in bytes. */
static const uint64_t piece_bytes = 4096; /* a piece of a directory, copied */
static const uint64_t call_bytes = 4096;  /* a call by itself */
static const uint64_t file_bytes = 2048;  /* writing an object to a file */
static const uint64_t value_bytes = 16;
static const uint64_t commit_bytes = 512;
static const uint64_t message_bytes = 32768; /* counting a thousand changes */

struct call {
	const char *name;
	struct cost (*run)(struct world *world);
	struct cost (*bound)(const struct world *world);
	int is_of_git; /* there is none in memory */
};

/* The pieces on the way to a key: the logarithm of the largest directory to the
 * base 16, at every level. */
static uint64_t pieces(const struct world *world)
{
	size_t entries = world->shape.is_flat ? world->shape.keys : 100;
	uint64_t deep = 1;

	for (; entries > 16; entries /= 16)
		deep++;
	return deep * shape_levels(&world->shape);
}

static uint64_t path_bytes(const struct world *world)
{
	return shape_path_bytes(&world->shape, irmin_repo_hash(world->repo));
}

static struct cost reading(const struct world *world)
{
	struct cost cost = { { 0 } };

	(void)world;
	cost.of[METER_BLOCKS] = 8;
	cost.of[METER_ALLOCATED] = call_bytes;
	cost.of[METER_MOVED] = call_bytes;
	return cost;
}

/* The head, the directories on the way, and the value. */
static struct cost loading(const struct world *world)
{
	uint64_t levels = shape_levels(&world->shape);
	struct cost cost = reading(world);

	cost.of[METER_READS] = levels + 2;
	cost.of[METER_DECODED] = levels;
	cost.of[METER_BLOCKS] += 48 + 16 * levels +
	    path_bytes(world) / 256; /* a leaf or fan has that, or more */
	cost.of[METER_ALLOCATED] += 8 * call_bytes + 4 * path_bytes(world);
	cost.of[METER_MOVED] += 8 * call_bytes + 4 * path_bytes(world);
	return cost;
}

static struct cost comparing(const struct world *world)
{
	struct cost cost = reading(world);

	cost.of[METER_BLOCKS] += 4 * pieces(world);
	cost.of[METER_ALLOCATED] += piece_bytes * pieces(world);
	cost.of[METER_MOVED] += piece_bytes * pieces(world);
	return cost;
}

/* A commit whose trees are all there; its message tells what changed. */
static struct cost committing(const struct world *world)
{
	struct cost cost = comparing(world);

	cost.of[METER_BLOCKS] += 24;
	cost.of[METER_ALLOCATED] += call_bytes;
	cost.of[METER_MOVED] += call_bytes + message_bytes;
	if (world->is_git) {
		cost.of[METER_WRITES] = 1;
		cost.of[METER_BLOCKS] += 64;
		cost.of[METER_ALLOCATED] += 16 * file_bytes;
	}
	if (world->is_git || world->asks_ids)
		cost.of[METER_HASHED] = commit_bytes;
	return cost;
}

/* And with a value and the directories on the way to it. */
static struct cost changing(const struct world *world)
{
	uint64_t levels = shape_levels(&world->shape);
	uint64_t bytes = path_bytes(world);
	struct cost cost = committing(world);

	cost.of[METER_BLOCKS] += 2 * pieces(world) + 2 * levels;
	cost.of[METER_ALLOCATED] += piece_bytes * pieces(world);
	cost.of[METER_MOVED] += piece_bytes * pieces(world);
	cost.of[METER_HASHED] += value_bytes;
	if (world->is_git || world->asks_ids) {
		cost.of[METER_HASHED] += bytes;
		cost.of[METER_ALLOCATED] += bytes; /* hashed as one block */
		cost.of[METER_MOVED] += bytes;
	}
	if (world->is_git) {
		cost.of[METER_WRITES] += levels + 1;
		cost.of[METER_BLOCKS] += 64 * levels;
		cost.of[METER_ALLOCATED] += 3 * bytes + file_bytes * levels;
		cost.of[METER_MOVED] += 3 * bytes + file_bytes * levels;
	}
	return cost;
}

static const struct call calls[] = {
	{ "set", call_set, changing, 0 },
	{ "get", call_get, reading, 0 },
	{ "get what is not there", call_get_absent, reading, 0 },
	{ "get, just opened", call_get_cold, loading, 1 },
	{ "page of a list", call_list, reading, 0 },
	{ "diff of neighbours", call_diff, comparing, 0 },
	{ "remove", call_remove, changing, 0 },
	{ "move", call_move, changing, 0 },
	{ "revert", call_revert, committing, 0 },
};

#define CALLS (sizeof calls / sizeof calls[0])

/* ---- checks ---- */

static int is_within(const struct cost *cost, const struct cost *bound)
{
	int i, held = 1;

	for (i = 0; i < METER_COUNT; i++)
		held &= cost->of[i] <= bound->of[i];
	return held;
}

static void show(const struct cost *cost, const struct cost *bound)
{
	int i;

	for (i = 0; i < METER_COUNT; i++)
		diag("%s%ju %s, at most %ju",
		    cost->of[i] > bound->of[i] ? "! " : "  ",
		    (uintmax_t)cost->of[i], meter_names[i],
		    (uintmax_t)bound->of[i]);
}

/* Setting keys in one edit: each costs a piece, however many there are. */
static void check_grown(const struct world *world)
{
	struct cost bound = { { 0 } };

	bound.of[METER_HASHED] = world->shape.keys * 8;
	bound.of[METER_BLOCKS] = world->shape.keys * 4;
	bound.of[METER_ALLOCATED] = world->shape.keys * piece_bytes;
	bound.of[METER_MOVED] = world->shape.keys * piece_bytes;
	ok(is_within(&world->grown, &bound), "%s: made in one edit",
	    world_text(world));
	show(&world->grown, &bound);
}

/* Where a directory need not be hashed or loaded as a whole, a call costs much
 * the same in the smallest tree and in any other. */
static struct cost alike(const struct world *world, const struct cost *small)
{
	struct cost bound = *small;
	int i;

	for (i = 0; i < METER_COUNT; i++)
		bound.of[i] *= MORE;
	bound.of[METER_ALLOCATED] += call_bytes;
	bound.of[METER_MOVED] += call_bytes + message_bytes;
	bound.of[METER_HASHED] = UINT64_MAX; /* roots differ in size */
	if (world->shape.is_flat && (world->is_git || world->asks_ids))
		memset(&bound, 0xff, sizeof bound);
	return bound;
}

/* The first of several calls finds nothing warm, and is not looked at. */
static struct cost worst_of(struct world *world, const struct call *call)
{
	struct cost worst = { { 0 } }, cost;
	int times;

	call->run(world);
	for (times = 0; times < TIMES; times++) {
		cost = call->run(world);
		meter_max(&worst, &cost);
	}
	return worst;
}

static void check_call(struct world *world, const struct call *call,
    struct cost *small)
{
	struct cost cost, bound, more;

	cost = worst_of(world, call);
	bound = call->bound(world);
	ok(is_within(&cost, &bound), "%s: %s", world_text(world), call->name);
	show(&cost, &bound);
	if (world->shape.keys == 1000)
		*small = cost;
	more = alike(world, small);
	if (!ok(is_within(&cost, &more), "%s: %s, as in a small tree",
		world_text(world), call->name))
		show(&cost, &more);
}

static void test_world(struct world *world, struct cost small[CALLS])
{
	size_t i;

	world->seed = 1;
	world_open(world);
	check_grown(world);
	for (i = 0; i < CALLS; i++)
		if (world->is_git || !calls[i].is_of_git)
			check_call(world, &calls[i], &small[i]);
	world_close(world);
}

/* A kind of tree, from a thousand keys on to ten times as many and so on; not up
 * to a single directory of which each commit hashes 35 MB. */
static void test_growth(const struct world *kind, size_t most)
{
	struct cost small[CALLS];
	struct world world;
	size_t keys;

	if (kind->shape.is_flat && (kind->is_git || kind->asks_ids))
		most /= 10;
	for (keys = 1000; keys <= most; keys *= 10) {
		world = *kind;
		world.shape.keys = keys;
		test_world(&world, small);
	}
}

static const struct world kinds[] = {
	{ .is_git = 1 },
	{ .asks_ids = 0 },
	{ .asks_ids = 1 },
	{ .shape.is_flat = 1, .is_git = 1 },
	{ .shape.is_flat = 1 },
	{ .shape.is_flat = 1, .asks_ids = 1 },
};

int main(int argc, char **argv)
{
	size_t most = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000, i;

	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		test_growth(&kinds[i], meter_scaled(most));
	return done_testing();
}
