#include "tests/cost/calls.h"

#include <stdio.h>

#include "tests/support/tap.h"

#define PAGE 20

static void must(irmin_rc rc, const irmin_error *err)
{
	if (rc < 0)
		bail("%s", err->text);
}

/* ---- the world ---- */

/* All of it may stay in memory, so that no call pays for another. */
static void open_world(struct world *world)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_error err;

	options.cache_bytes = options.dirty_bytes = (size_t)1 << 30;
	must(irmin_repo_open(world->uri, &options, &world->repo, &err), &err);
	must(irmin_store_open(world->repo, NULL, &world->store, &err), &err);
}

/* Asks for the head's id, where the world is one that does. */
static void ask_id(struct world *world)
{
	irmin_commit *head;
	irmin_error err;
	irmin_oid id;

	if (!world->asks_ids)
		return;
	must(irmin_store_head(world->store, &head, &err), &err);
	must(irmin_commit_id(head, &id, &err), &err);
	irmin_commit_unref(head);
}

void world_open(struct world *world)
{
	static unsigned number;
	struct cost before;
	irmin_error err;

	world->uri = "mem:";
	if (world->is_git)
		world->uri = tap_format("git:%s/%u.git?create=1", tap_tmpdir(),
		    number++);
	open_world(world);
	before = meter_read(world->repo);
	world->first = shape_grow(world->repo, &world->shape);
	world->grown = meter_since(world->repo, &before);
	must(irmin_store_set_tree(world->store, "", world->first, NULL, &err),
	    &err);
	ask_id(world);
}

void world_close(struct world *world)
{
	irmin_tree_unref(world->first);
	irmin_store_close(world->store);
	irmin_repo_close(world->repo);
}

const char *world_text(const struct world *world)
{
	return tap_format("%s, %s%s", world->is_git ? "git" : "memory",
	    shape_text(&world->shape),
	    world->asks_ids ? ", ids asked for" : "");
}

static void random_key(struct world *world, char path[SHAPE_PATH])
{
	shape_key(&world->shape, shape_random(&world->shape, &world->seed),
	    path);
}

static irmin_tree *head_tree(struct world *world)
{
	irmin_tree *tree;
	irmin_error err;

	must(irmin_store_tree(world->store, &tree, &err), &err);
	return tree;
}

/* ---- reading ---- */

static void find(struct world *world, const char *path, irmin_rc want)
{
	irmin_buf value = IRMIN_BUF_INIT;
	irmin_error err;
	irmin_rc rc = irmin_store_find(world->store, path, &value, &err);

	must(rc, &err);
	if (rc != want)
		bail("%s: %s", path, irmin_rc_name(rc));
	irmin_buf_clear(&value);
}

/* A key that is there; one that was removed is not. */
static void present_key(struct world *world, char path[SHAPE_PATH])
{
	irmin_buf value = IRMIN_BUF_INIT;
	irmin_error err;
	irmin_rc rc;

	do {
		random_key(world, path);
		rc = irmin_store_find(world->store, path, &value, &err);
		must(rc, &err);
		irmin_buf_clear(&value);
	} while (rc != IRMIN_OK);
}

struct cost call_get(struct world *world)
{
	char path[SHAPE_PATH];
	struct cost before;

	present_key(world, path);
	before = meter_read(world->repo);
	find(world, path, IRMIN_OK);
	return meter_since(world->repo, &before);
}

struct cost call_get_absent(struct world *world)
{
	char path[SHAPE_PATH], absent[SHAPE_PATH + 1];
	struct cost before;

	present_key(world, path);
	snprintf(absent, sizeof absent, "%sx", path);
	find(world, absent, IRMIN_ABSENT);
	before = meter_read(world->repo);
	find(world, absent, IRMIN_ABSENT);
	return meter_since(world->repo, &before);
}

struct cost call_get_cold(struct world *world)
{
	struct world again = *world;
	char path[SHAPE_PATH];
	struct cost before;

	present_key(world, path);
	open_world(&again);
	before = meter_read(again.repo);
	find(&again, path, IRMIN_OK);
	before = meter_since(again.repo, &before);
	irmin_store_close(again.store);
	irmin_repo_close(again.repo);
	return before;
}

struct cost call_list(struct world *world)
{
	char path[SHAPE_PATH], *slash;
	struct cost before, cost;
	size_t length, listed;
	irmin_tree *tree;
	irmin_list *page;
	irmin_error err;

	present_key(world, path);
	slash = strrchr(path, '/');
	*(slash ? slash : path) = '\0';
	tree = head_tree(world);
	must(irmin_tree_length(tree, path, &length, &err), &err);
	before = meter_read(world->repo);
	must(irmin_tree_list(tree, path, length / 2, PAGE, &page, &err), &err);
	listed = irmin_list_length(page);
	irmin_list_free(page);
	cost = meter_since(world->repo, &before);
	if (listed != PAGE)
		bail("a page of %zu", listed);
	irmin_tree_unref(tree);
	return cost;
}

struct cost call_diff(struct world *world)
{
	irmin_tree *from = head_tree(world), *to;
	struct cost before, cost;
	irmin_change change;
	unsigned changes = 0;
	irmin_diff *cursor;
	irmin_error err;
	irmin_rc rc;

	call_set(world);
	to = head_tree(world);
	before = meter_read(world->repo);
	must(irmin_tree_diff(from, to, "", &cursor, &err), &err);
	while ((rc = irmin_diff_next(cursor, &change, &err)) == IRMIN_OK)
		changes++;
	must(rc, &err);
	irmin_diff_free(cursor);
	cost = meter_since(world->repo, &before);
	if (changes != 1)
		bail("%u changes between neighbours", changes);
	irmin_tree_unref(from);
	irmin_tree_unref(to);
	return cost;
}

/* ---- commits ---- */

static struct cost since(struct world *world, const struct cost *before)
{
	ask_id(world);
	return meter_since(world->repo, before);
}

struct cost call_set(struct world *world)
{
	char path[SHAPE_PATH], value[16];
	struct cost before;
	irmin_error err;

	random_key(world, path);
	snprintf(value, sizeof value, "new %u", world->serial++);
	before = meter_read(world->repo);
	must(irmin_store_set(world->store, path, irmin_text(value), NULL, &err),
	    &err);
	return since(world, &before);
}

struct cost call_remove(struct world *world)
{
	char path[SHAPE_PATH];
	struct cost before;
	irmin_error err;

	present_key(world, path);
	before = meter_read(world->repo);
	must(irmin_store_remove(world->store, path, NULL, &err), &err);
	return since(world, &before);
}

struct cost call_move(struct world *world)
{
	char from[SHAPE_PATH], to[SHAPE_PATH + 16], *slash;
	struct cost before;
	irmin_tree *tree;
	irmin_edit *edit;
	irmin_error err;

	present_key(world, from);
	slash = strchr(from, '/');
	if (slash)
		*slash = '\0';
	snprintf(to, sizeof to, "%s-%u", from, world->serial++);
	tree = head_tree(world);
	before = meter_read(world->repo);
	must(irmin_edit_new(tree, &edit, &err), &err);
	irmin_tree_unref(tree);
	must(irmin_edit_move(edit, from, to, &err), &err);
	must(irmin_edit_tree(edit, &tree, &err), &err);
	irmin_edit_free(edit);
	must(irmin_store_set_tree(world->store, "", tree, NULL, &err), &err);
	irmin_tree_unref(tree);
	return since(world, &before);
}

struct cost call_revert(struct world *world)
{
	struct cost before;
	irmin_error err;

	call_set(world);
	before = meter_read(world->repo);
	must(irmin_store_set_tree(world->store, "", world->first, NULL, &err),
	    &err);
	return since(world, &before);
}
