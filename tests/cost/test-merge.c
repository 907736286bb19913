/*
 * What a merge of trees costs, with a thousand keys and with a million: what the
 * changed paths and their depth say, and not the size. From a git directory at
 * most 6kd objects are read for k paths that theirs changed at a depth of d; in
 * memory none are, and nothing is hashed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irmin/conflict.h>

#include "tests/cost/meter.h"
#include "tests/cost/shape.h"
#include "tests/support/tap.h"

#define CHANGED 5 /* paths on each side */
#define TIMES   4 /* merges of each tree */

enum { BASE, OURS, THEIRS, SIDES };

struct world {
	struct shape shape;
	const char *uri; /* NULL: in memory */
	irmin_repo *repo;
	irmin_tree *trees[SIDES];
	irmin_oid ids[SIDES];
	uint64_t seed;
};

static void fail(const irmin_error *err)
{
	bail("%s", err->text);
}

static void open_repo(struct world *world, uint32_t flags)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_error err;

	options.flags = flags;
	if (irmin_repo_open(world->uri ? world->uri : "mem:",
		world->uri ? &options : NULL, &world->repo, &err) < 0)
		fail(&err);
}

/* The base with other values at some keys. Those of theirs are the neighbours of
 * those of ours, so that all directories on the way are changed by both. */
static void change(struct world *world, int side, uint64_t seed)
{
	char path[SHAPE_PATH];
	irmin_edit *edit;
	irmin_error err;
	size_t i;

	if (irmin_edit_new(world->trees[BASE], &edit, &err) < 0)
		fail(&err);
	for (i = 0; i < CHANGED; i++) {
		size_t key = shape_random(&world->shape, &seed) & ~(size_t)1;

		shape_key(&world->shape, key | (side == THEIRS), path);
		if (irmin_edit_set(edit, path,
			irmin_text(side == OURS ? "ours" : "theirs"), &err) < 0)
			fail(&err);
	}
	if (irmin_edit_tree(edit, &world->trees[side], &err) < 0)
		fail(&err);
	irmin_edit_free(edit);
}

/* Opens the repository anew, with nothing read of the trees. */
static void open_again(struct world *world)
{
	irmin_error err;
	int side;

	for (side = BASE; side < SIDES; side++) {
		if (irmin_tree_write(world->trees[side], &world->ids[side],
			&err) < 0)
			fail(&err);
		irmin_tree_unref(world->trees[side]);
	}
	irmin_repo_close(world->repo);
	open_repo(world, 0);
}

static void read_roots(struct world *world)
{
	irmin_error err;
	int side;

	for (side = BASE; side < SIDES; side++)
		if (irmin_tree_get(world->repo, &world->ids[side],
			&world->trees[side], &err) < 0)
			fail(&err);
}

static struct cost merge(struct world *world)
{
	irmin_merge_result *result = NULL;
	struct cost before;
	irmin_error err;

	world->seed++;
	change(world, OURS, world->seed);
	change(world, THEIRS, world->seed);
	if (world->uri)
		open_again(world);
	before = meter_read(world->repo);
	if (world->uri)
		read_roots(world);
	if (irmin_tree_merge(world->trees[BASE], world->trees[OURS],
		world->trees[THEIRS], NULL, &result, &err) < 0)
		fail(&err);
	before = meter_since(world->repo, &before);
	irmin_merge_result_free(result);
	irmin_tree_unref(world->trees[OURS]);
	irmin_tree_unref(world->trees[THEIRS]);
	return before;
}

static void check(struct world *world)
{
	uint64_t levels = shape_levels(&world->shape);
	struct cost worst = { { 0 } };
	int i;

	open_repo(world, IRMIN_OPEN_CREATE);
	world->seed = 11;
	world->trees[BASE] = shape_grow(world->repo, &world->shape);
	for (i = 0; i < TIMES; i++) {
		struct cost cost = merge(world);

		meter_max(&worst, &cost);
	}
	diag("%s: %llu reads, %llu bytes hashed, %llu allocations",
	    shape_text(&world->shape),
	    (unsigned long long)worst.of[METER_READS],
	    (unsigned long long)worst.of[METER_HASHED],
	    (unsigned long long)worst.of[METER_BLOCKS]);
	ok(worst.of[METER_READS] <= (world->uri ? 6 * CHANGED * levels : 0),
	    "%s: objects read", shape_text(&world->shape));
	is_int(worst.of[METER_HASHED], 0, "%s: nothing is hashed",
	    shape_text(&world->shape));
	if (!world->uri)
		ok(worst.of[METER_BLOCKS] <= 32 + 4 * CHANGED * levels * 4,
		    "%s: allocations", shape_text(&world->shape));
	is_int(worst.of[METER_WRITES], 0, "%s: nothing is written",
	    shape_text(&world->shape));
	irmin_tree_unref(world->trees[BASE]);
	irmin_repo_close(world->repo);
}

static void check_in(int is_flat, size_t keys, int is_git)
{
	struct world world;

	memset(&world, 0, sizeof world);
	world.shape.is_flat = is_flat;
	world.shape.keys = keys;
	if (is_git)
		world.uri = tap_format("git:%s/%d-%zu", tap_tmpdir(), is_flat,
		    keys);
	check(&world);
}

/* One directory of a million entries would be 35 MB to read each time. */
int main(void)
{
	size_t large = meter_scaled(1000000);

	check_in(0, 1000, 0);
	check_in(0, large, 0);
	check_in(1, 1000, 0);
	check_in(1, large, 0);
	check_in(0, 1000, 1);
	check_in(0, large, 1);
	check_in(1, 1000, 1);
	check_in(1, large / 10, 1);
	return done_testing();
}
