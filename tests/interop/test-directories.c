/*
 * Random edits of large directories with hostile names, several edits of the
 * same trees beside each other: every answer, walk, list and difference is that
 * of a sorted map, and every id is the one that `git fast-import` comes to.
 * Older trees stay what they were to the very end.
 *
 * IRMIN_SEED repeats a run.
 */
#include "tests/interop/hostile-names.h"
#include "tests/interop/with-git.h"

#include "tests/support/path-map.h"
#include "tests/support/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EDITS 3
#define KEPT  6
#define NAMES 30000
#define FIRST 7000 /* values set at first */
#define STEPS 3000 /* of each third of a run */
#define PAGE  20

struct version {
	irmin_tree *tree;
	struct path_map map;
};

struct run {
	irmin_repo *repo;
	const char *oracle; /* a repository of git's own */
	uint64_t seed, chance;
	const char *names[NAMES];
	struct fork {
		irmin_edit *edit;
		struct path_map map;
	} forks[EDITS];
	struct version kept[KEPT];
	unsigned imports;
	const char *wrong; /* the first thing that was not as told */
};

static void check(struct run *run, int holds, const char *what)
{
	if (!holds && !run->wrong)
		run->wrong = what;
}

static void must(irmin_rc rc, const irmin_error *err)
{
	if (rc < 0)
		bail("%s", err->text);
}

static unsigned below(struct run *run, unsigned limit)
{
	return random_below(&run->chance, limit);
}

static struct fork *any_fork(struct run *run)
{
	return &run->forks[below(run, EDITS)];
}

static struct version *any_kept(struct run *run)
{
	return &run->kept[below(run, KEPT)];
}

/* ---- paths and values ---- */

static const char *const large[] = { "large", "large", "large", "large.",
	"\377" };

static const char *any_path(struct run *run)
{
	static const char *const subs[] = { "a", "a.", "b" };
	const char *name = run->names[below(run, NAMES)];
	unsigned choice = below(run, 1000);

	if (choice < 1 && below(run, 20) == 0)
		return large[below(run, 5)];
	if (choice < 700)
		return tap_format("%s/%s", large[choice % 5], name);
	if (choice < 800)
		return tap_format("%s/%s/%s", large[choice % 5], name,
		    subs[choice % 3]);
	if (choice < 850)
		return tap_format("%s/%s", name, subs[choice % 3]);
	return name;
}

/* A path that is there, or a directory above it that is no large one. */
static const char *present_path(struct run *run, const struct path_map *map)
{
	const char *path, *slash;

	if (!map->count)
		return any_path(run);
	path = map->items[below(run, (unsigned)map->count)].path;
	slash = strchr(path, '/');
	if (slash && (slash = strchr(slash + 1, '/')) && below(run, 2))
		return tap_format("%.*s", (int)(slash - path), path);
	return path;
}

static const char *any_value(struct run *run)
{
	static const char *const values[] = { "", "1", "2", "three\n", "four",
		"a value of more than thirty-two bytes, which is not short" };

	return values[below(run, 6)];
}

/* ---- changes ---- */

static void do_set(struct run *run, struct fork *fork)
{
	static const irmin_mode modes[] = { IRMIN_MODE_FILE, IRMIN_MODE_FILE,
		IRMIN_MODE_EXECUTABLE };
	const char *path = any_path(run), *value = any_value(run);
	irmin_mode mode = modes[below(run, 3)];
	irmin_error err;
	irmin_rc rc;

	rc = irmin_edit_set_mode(fork->edit, path, mode, irmin_text(value),
	    &err);
	check(run, rc == path_map_set(&fork->map, path, mode, value),
	    "the answer of set");
}

static void do_remove(struct run *run, struct fork *fork)
{
	const char *path = below(run, 4) ? present_path(run, &fork->map)
					 : any_path(run);
	irmin_error err;
	irmin_rc rc = irmin_edit_remove(fork->edit, path, &err);

	check(run, rc == path_map_remove(&fork->map, path),
	    "the answer of remove");
}

static void do_move(struct run *run, struct fork *fork)
{
	const char *from = present_path(run, &fork->map);
	const char *to = any_path(run);
	irmin_error err;
	irmin_rc rc = irmin_edit_move(fork->edit, from, to, &err);

	check(run, rc == path_map_move(&fork->map, from, to),
	    "the answer of move");
}

/* A directory of an older tree is put somewhere. */
static void do_graft(struct run *run, struct fork *fork)
{
	struct version *kept = any_kept(run);
	const char *from = present_path(run, &kept->map);
	const char *to = any_path(run);
	irmin_error err;
	irmin_tree *sub;
	irmin_rc rc, want;

	must(irmin_tree_find_tree(kept->tree, from, &sub, &err), &err);
	check(run, !sub == (path_map_mode(&kept->map, from) != IRMIN_MODE_TREE),
	    "the answer of find_tree");
	if (!sub)
		return;
	rc = irmin_edit_add_tree(fork->edit, to, sub, &err);
	irmin_tree_unref(sub);
	want = path_map_graft(&fork->map, to, &kept->map, from);
	/* Whether an unhashed directory is the same is not looked into. */
	check(run, rc == want || (want == IRMIN_UNCHANGED && rc == IRMIN_OK),
	    "the answer of add_tree");
}

static void do_freeze(struct run *run, struct fork *fork)
{
	struct version *kept = any_kept(run);
	irmin_error err;

	irmin_tree_unref(kept->tree);
	must(irmin_edit_tree(fork->edit, &kept->tree, &err), &err);
	path_map_copy(&kept->map, &fork->map);
}

/* An older tree is from now on one that is read anew from where it is. */
static void do_reload(struct run *run)
{
	struct version *kept = any_kept(run);
	irmin_error err;
	irmin_oid id;

	must(irmin_tree_write(kept->tree, &id, &err), &err);
	irmin_tree_unref(kept->tree);
	must(irmin_tree_get(run->repo, &id, &kept->tree, &err), &err);
}

/* An edit goes on from an older tree. */
static void do_fork(struct run *run, struct fork *fork)
{
	struct version *kept = any_kept(run);
	irmin_error err;

	irmin_edit_free(fork->edit);
	must(irmin_edit_new(kept->tree, &fork->edit, &err), &err);
	path_map_copy(&fork->map, &kept->map);
}

/* ---- looking ---- */

static void do_find(struct run *run, struct fork *fork)
{
	const char *path = below(run, 2) ? present_path(run, &fork->map)
					 : any_path(run);
	const struct path_entry *entry = path_map_find(&fork->map, path);
	irmin_pin value;
	irmin_mode mode;
	irmin_error err;

	must(irmin_edit_find(fork->edit, path, &value, &err), &err);
	check(run,
	    irmin_slice_equal(irmin_bytes(value.data, value.len),
		irmin_text(entry ? entry->value : "")),
	    "a value");
	irmin_pin_release(&value);
	must(irmin_edit_find_mode(fork->edit, path, &mode, &err), &err);
	check(run, mode == path_map_mode(&fork->map, path), "a mode");
}

/* Page after page of a directory. */
static void check_list(struct run *run, const struct version *version,
    const char *path)
{
	irmin_buf got = IRMIN_BUF_INIT, want = IRMIN_BUF_INIT;
	size_t offset = 0, i, length;
	irmin_list *list;
	irmin_error err;

	must(irmin_tree_length(version->tree, path, &length, &err), &err);
	while (offset < length) {
		must(irmin_tree_list(version->tree, path, offset, PAGE, &list,
			 &err),
		    &err);
		for (i = 0; i < irmin_list_length(list); i++) {
			irmin_entry entry = irmin_list_entry(list, i);

			buf_print(&got, "%06o %.*s\n", entry.mode,
			    (int)entry.name.len, (const char *)entry.name.data);
		}
		irmin_list_free(list);
		offset += PAGE;
	}
	path_map_list(&version->map, path, &want);
	check(run, buf_match(&got, &want), "a list");
}

static int print_visit(void *arg, const irmin_visit *visit)
{
	buf_print(arg, "%06o %.*s %.*s\n", visit->mode, (int)visit->path.len,
	    (const char *)visit->path.data, (int)visit->value.len,
	    (const char *)visit->value.data);
	return 0;
}

static void check_all(struct run *run, const struct version *version)
{
	irmin_buf got = IRMIN_BUF_INIT, want = IRMIN_BUF_INIT;
	irmin_error err;

	must(irmin_tree_each(version->tree, "", IRMIN_EACH_VALUES, print_visit,
		 &got, &err),
	    &err);
	path_map_print(&version->map, &want);
	check(run, buf_match(&got, &want), "a walk");
}

static void check_diff(struct run *run, const struct version *from,
    const struct version *to)
{
	irmin_buf got = IRMIN_BUF_INIT, want = IRMIN_BUF_INIT;
	irmin_change change;
	irmin_diff *diff;
	irmin_error err;
	irmin_rc rc;

	must(irmin_tree_diff(from->tree, to->tree, "", &diff, &err), &err);
	while ((rc = irmin_diff_next(diff, &change, &err)) == IRMIN_OK)
		buf_print(&got, "%c%s\n", " +-*"[change.kind],
		    (const char *)change.path.data);
	must(rc, &err);
	irmin_diff_free(diff);
	path_map_diff(&from->map, &to->map, &want);
	check(run, buf_match(&got, &want), "a difference");
}

/* ---- git ---- */

/* In the quotes that fast-import reads. */
static void write_path(irmin_buf *stream, const char *path)
{
	const unsigned char *byte;

	for (byte = (const unsigned char *)path; *byte; byte++)
		if (*byte > ' ' && *byte < 0x7f && *byte != '"' &&
		    *byte != '\\')
			buf_print(stream, "%c", *byte);
		else
			buf_print(stream, "\\%03o", *byte);
}

static const char *import(struct run *run, const struct path_map *map)
{
	irmin_buf stream = IRMIN_BUF_INIT;
	const struct path_entry *entry;

	buf_print(&stream,
	    "commit refs/heads/%u\ncommitter <a@b> 1 +0000\ndata 0\n",
	    ++run->imports);
	for (entry = map->items; entry < map->items + map->count; entry++) {
		buf_print(&stream, "M %o inline \"", (unsigned)entry->mode);
		write_path(&stream, entry->path);
		buf_print(&stream, "\"\ndata %zu\n%s\n", strlen(entry->value),
		    entry->value);
	}
	git_fast_import(run->oracle, &stream);
	irmin_buf_clear(&stream);
	return git_says(run->oracle, "rev-parse %u^{tree}", run->imports);
}

static void check_id(struct run *run, const struct version *version)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_error err;
	irmin_oid id;

	must(irmin_tree_id(version->tree, &id, &err), &err);
	check(run,
	    strcmp(irmin_oid_hex(&id, hex), import(run, &version->map)) == 0,
	    "an id");
}

/* ---- runs ---- */

static void step(struct run *run, unsigned removals)
{
	struct fork *fork = any_fork(run);
	unsigned choice = below(run, 1000);

	if (choice < 5)
		do_freeze(run, fork);
	else if (choice < 7)
		do_reload(run);
	else if (choice < 8)
		do_fork(run, fork);
	else if (choice < 18)
		do_graft(run, fork);
	else if (choice < 60)
		do_move(run, fork);
	else if (choice < 160)
		do_find(run, fork);
	else if (choice < 160 + removals)
		do_remove(run, fork);
	else
		do_set(run, fork);
}

static void look_around(struct run *run)
{
	struct version *version = any_kept(run);

	check_all(run, version);
	check_list(run, version, large[below(run, 5)]);
	check_list(run, version, "");
	check_diff(run, version, any_kept(run));
}

/* More is set than removed, as much, less. */
static void edit_often(struct run *run)
{
	static const unsigned removals[] = { 100, 400, 700 };
	unsigned part, i;

	for (part = 0; part < 3; part++) {
		for (i = 0; i < STEPS && !run->wrong; i++) {
			step(run, removals[part]);
			if (i % 500 == 499)
				look_around(run);
		}
		do_freeze(run, &run->forks[part % EDITS]);
		check_id(run, any_kept(run));
	}
}

/* Every value of an edit is removed, one by one, in random order. */
static void empty(struct run *run, struct fork *fork)
{
	struct path_map *map = &fork->map;
	irmin_tree *tree;
	irmin_error err;
	size_t length;

	while (map->count && !run->wrong) {
		const char *path =
		    map->items[below(run, (unsigned)map->count)].path;

		check(run,
		    irmin_edit_remove(fork->edit, path, &err) ==
			path_map_remove(map, path),
		    "the answer of the last remove");
	}
	must(irmin_edit_tree(fork->edit, &tree, &err), &err);
	must(irmin_tree_length(tree, "", &length, &err), &err);
	check(run, length == 0, "an empty tree");
	irmin_tree_unref(tree);
}

/* All edits and all trees begin as one. */
static void begin(struct run *run)
{
	struct fork *fork = &run->forks[0];
	irmin_tree *tree;
	irmin_error err;
	size_t i;

	run->chance = run->seed;
	for (i = 0; i < NAMES; i++)
		run->names[i] = hostile_name(&run->chance);
	must(irmin_tree_empty(run->repo, &tree, &err), &err);
	must(irmin_edit_new(tree, &fork->edit, &err), &err);
	irmin_tree_unref(tree);
	for (i = 0; i < FIRST && !run->wrong; i++)
		do_set(run, fork);
	for (i = 0; i < KEPT; i++) {
		must(irmin_edit_tree(fork->edit, &run->kept[i].tree, &err),
		    &err);
		path_map_copy(&run->kept[i].map, &fork->map);
	}
	for (i = 1; i < EDITS; i++) {
		must(irmin_edit_new(run->kept[i].tree, &run->forks[i].edit,
			 &err),
		    &err);
		path_map_copy(&run->forks[i].map, &fork->map);
	}
}

static void end(struct run *run)
{
	size_t i;

	for (i = 0; i < KEPT; i++) {
		check_all(run, &run->kept[i]);
		check_id(run, &run->kept[i]);
		irmin_tree_unref(run->kept[i].tree);
		path_map_clear(&run->kept[i].map);
	}
	for (i = 0; i < EDITS; i++) {
		irmin_edit_free(run->forks[i].edit);
		path_map_clear(&run->forks[i].map);
	}
}

static void test_run(const char *uri, const char *format, uint64_t seed)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	struct run run = { .seed = seed };
	irmin_error err;

	options.hash = strcmp(format, "sha1") == 0 ? IRMIN_HASH_SHA1
						   : IRMIN_HASH_SHA256;
	must(irmin_repo_open(uri, &options, &run.repo, &err), &err);
	run.oracle = git_path(tap_format("oracle-%ju", (uintmax_t)seed));
	git_init(run.oracle, format);
	begin(&run);
	edit_often(&run);
	empty(&run, &run.forks[0]);
	end(&run);
	ok(!run.wrong, "%s, %s, seed %ju%s%s", irmin_repo_scheme(run.repo),
	    format, (uintmax_t)seed, run.wrong ? ": wrong is " : "",
	    run.wrong ? run.wrong : "");
	irmin_repo_close(run.repo);
}

int main(void)
{
	const char *dir = git_path("ours.git");
	const char *given = getenv("IRMIN_SEED");

	if (given) {
		test_run("mem:", "sha1", strtoull(given, NULL, 10));
		return done_testing();
	}
	test_run("mem:", "sha1", 1);
	test_run("mem:", "sha256", 2);
	test_run(tap_format("git:%s?create=1", dir), "sha1", 3);
	git_fsck_is_clean(dir);
	test_run("mem:", "sha1", (uint64_t)time(NULL));
	return done_testing();
}
