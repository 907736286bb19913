/* Random edits of trees against the model, step by step: answers, modes, values,
 * lists, ids, diffs; older trees stay what they were. IRMIN_MODEL_SEED repeats
 * a run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/model/tree-model.h"
#include "tests/support/buf-print.h"
#include "tests/support/tap.h"

#define KEPT  4
#define STEPS 3000

struct run {
	irmin_repo *repo;
	irmin_edit *edit;
	struct path_map model;
	irmin_tree *trees[KEPT];      /* frozen earlier, or NULL */
	struct path_map models[KEPT]; /* what they were */
	const char *wrong;            /* the first thing that was not as told */
};

static void check(struct run *run, int holds, const char *what)
{
	if (!holds && !run->wrong)
		run->wrong = what;
}

/* ---- changes ---- */

static void do_set(struct run *run)
{
	const char *path = model_random_path(), *plain = model_plain(path);
	irmin_mode mode = rand() % 3 ? IRMIN_MODE_NONE : model_random_mode();
	const char *value = model_random_value();
	irmin_rc want = IRMIN_EINVAL, rc;
	irmin_error err;

	if (model_is_writable(plain))
		want = path_map_set(&run->model, plain, mode, value);
	if (mode)
		rc = irmin_edit_set_mode(run->edit, path, mode,
		    irmin_text(value), &err);
	else
		rc = irmin_edit_set(run->edit, path, irmin_text(value), &err);
	check(run, rc == want, "the answer of set");
}

static void do_remove(struct run *run)
{
	const char *path = model_random_path(), *plain = model_plain(path);
	irmin_rc want = IRMIN_EINVAL;
	irmin_error err;

	if (*plain)
		want = path_map_remove(&run->model, plain);
	check(run, irmin_edit_remove(run->edit, path, &err) == want,
	    "the answer of remove");
}

/* What a move does to the model, and what it answers. */
static irmin_rc move(struct path_map *map, const char *from, const char *to)
{
	if (!*from || (path_map_mode(map, from) && !model_is_writable(to)))
		return IRMIN_EINVAL;
	return path_map_move(map, from, to);
}

static void do_move(struct run *run)
{
	const char *from = model_random_path(), *to = model_random_path();
	const char *from_plain = model_plain(from), *to_plain = model_plain(to);
	irmin_error err;
	irmin_rc want;

	if (!model_fits(&run->model, to_plain, &run->model, from_plain))
		return;
	want = move(&run->model, from_plain, to_plain);
	check(run, irmin_edit_move(run->edit, from, to, &err) == want,
	    "the answer of move");
}

/* A directory of an older tree is put somewhere. */
static void do_graft(struct run *run)
{
	const char *from = model_random_path(), *to = model_random_path();
	const char *from_plain = model_plain(from), *to_plain = model_plain(to);
	int i = rand() % KEPT;
	irmin_tree *sub;
	irmin_error err;
	irmin_rc rc, want;

	if (!run->trees[i] ||
	    !model_fits(&run->model, to_plain, &run->models[i], from_plain))
		return;
	rc = irmin_tree_find_tree(run->trees[i], from, &sub, &err);
	check(run,
	    (rc == IRMIN_OK) ==
		(path_map_mode(&run->models[i], from_plain) == IRMIN_MODE_TREE),
	    "the answer of find_tree");
	if (rc != IRMIN_OK)
		return;
	rc = irmin_edit_add_tree(run->edit, to, sub, &err);
	irmin_tree_unref(sub);
	want = IRMIN_EINVAL;
	if (!*to_plain || model_is_writable(to_plain))
		want = path_map_graft(&run->model, to_plain, &run->models[i],
		    from_plain);
	/* An empty tree at a path that cannot be written removes nothing. */
	if (want == IRMIN_EINVAL && rc == IRMIN_UNCHANGED)
		return;
	/* Whether an unhashed directory is the same is not looked into. */
	if (want == IRMIN_UNCHANGED && rc == IRMIN_OK)
		return;
	check(run, rc == want, "the answer of add_tree");
}

/* ---- looking ---- */

static void do_find(struct run *run)
{
	const char *path = model_random_path(), *plain = model_plain(path);
	const struct path_entry *entry = path_map_find(&run->model, plain);
	irmin_pin value;
	irmin_mode mode;
	irmin_error err;
	irmin_rc rc;

	rc = irmin_edit_find(run->edit, path, &value, &err);
	check(run, rc == (entry ? IRMIN_OK : IRMIN_ABSENT), "find");
	check(run,
	    !entry ||
		(value.len == strlen(entry->value) &&
		    memcmp(value.data, entry->value, value.len) == 0),
	    "a value");
	irmin_pin_release(&value);
	rc = irmin_edit_find_mode(run->edit, path, &mode, &err);
	check(run, rc >= 0 && mode == path_map_mode(&run->model, plain),
	    "a mode");
}

static void print_list(irmin_list *list, irmin_buf *text)
{
	size_t i;

	for (i = 0; i < irmin_list_length(list); i++) {
		irmin_entry entry = irmin_list_entry(list, i);

		buf_print(text, "%06o %.*s\n", entry.mode, (int)entry.name.len,
		    (const char *)entry.name.data);
	}
}

static void check_list(struct run *run, irmin_tree *tree,
    const struct path_map *model, const char *plain)
{
	irmin_buf got = IRMIN_BUF_INIT, want = IRMIN_BUF_INIT;
	irmin_list *list;
	irmin_error err;
	irmin_rc rc = irmin_tree_list(tree, plain, 0, 0, &list, &err);
	int is_tree = path_map_mode(model, plain) == IRMIN_MODE_TREE;

	check(run, rc == (is_tree ? IRMIN_OK : IRMIN_ABSENT), "a list");
	print_list(list, &got);
	if (is_tree)
		path_map_list(model, plain, &want);
	check(run, buf_match(&got, &want), "the entries of a list");
	irmin_list_free(list);
}

static void check_id(struct run *run, irmin_tree *tree,
    const struct path_map *model)
{
	irmin_oid want = model_id(model, irmin_repo_hash(run->repo)), id;
	irmin_error err;

	check(run,
	    irmin_tree_id(tree, &id, &err) == IRMIN_OK &&
		irmin_oid_compare(&id, &want) == 0,
	    "an id");
}

static void print_diff(irmin_tree *from, irmin_tree *to, irmin_buf *text)
{
	irmin_change change;
	irmin_diff *diff;
	irmin_error err;
	irmin_rc rc = irmin_tree_diff(from, to, "", &diff, &err);

	while (rc == IRMIN_OK) {
		rc = irmin_diff_next(diff, &change, &err);
		if (rc == IRMIN_OK)
			buf_print(text, "%c%s\n", " +-*"[change.kind],
			    (const char *)change.path.data);
	}
	irmin_diff_free(diff);
	if (rc != IRMIN_END)
		buf_print(text, "%s", err.text);
}

static void do_diff(struct run *run)
{
	irmin_buf got = IRMIN_BUF_INIT, want = IRMIN_BUF_INIT;
	int a = rand() % KEPT, b = rand() % KEPT;

	if (!run->trees[a] || !run->trees[b])
		return;
	print_diff(run->trees[a], run->trees[b], &got);
	path_map_diff(&run->models[a], &run->models[b], &want);
	check(run, buf_match(&got, &want), "a diff");
}

/* An older tree is still what it was. */
static void do_look_back(struct run *run)
{
	const char *path = model_random_path(), *plain = model_plain(path);
	int i = rand() % KEPT;

	if (!run->trees[i])
		return;
	check_list(run, run->trees[i], &run->models[i], plain);
	check_id(run, run->trees[i], &run->models[i]);
}

/* ---- freezing, and coming back ---- */

static void do_freeze(struct run *run)
{
	int i = rand() % KEPT;
	irmin_error err;

	irmin_tree_unref(run->trees[i]);
	if (irmin_edit_tree(run->edit, &run->trees[i], &err) < 0)
		bail("%s", err.text);
	path_map_copy(&run->models[i], &run->model);
	if (rand() % 2)
		check_id(run, run->trees[i], &run->models[i]);
}

/* The edit goes on from what the backend has, read anew. */
static void do_reload(struct run *run)
{
	irmin_tree *tree;
	irmin_error err;
	irmin_oid id;

	if (irmin_edit_tree(run->edit, &tree, &err) < 0 ||
	    irmin_tree_write(tree, &id, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(tree);
	irmin_edit_free(run->edit);
	if (irmin_tree_get(run->repo, &id, &tree, &err) < 0 ||
	    irmin_edit_new(tree, &run->edit, &err) < 0)
		bail("%s", err.text);
	check_id(run, tree, &run->model);
	irmin_tree_unref(tree);
}

static void step(struct run *run)
{
	switch (rand() % 20) {
	case 0:
		do_freeze(run);
		break;
	case 1:
		do_look_back(run);
		break;
	case 2:
		do_diff(run);
		break;
	case 3:
		if (rand() % 4 == 0)
			do_reload(run);
		break;
	case 4:
	case 5:
		do_graft(run);
		break;
	case 6:
	case 7:
		do_move(run);
		break;
	case 8:
	case 9:
	case 10:
		do_remove(run);
		break;
	case 11:
	case 12:
		do_find(run);
		break;
	default:
		do_set(run);
	}
}

static void test_run(const char *uri, irmin_hash_algo hash, unsigned seed)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	struct run run = { .wrong = NULL };
	irmin_tree *empty;
	irmin_error err;
	int i;

	srand(seed);
	options.hash = hash;
	if (irmin_repo_open(uri, &options, &run.repo, &err) < 0 ||
	    irmin_tree_empty(run.repo, &empty, &err) < 0 ||
	    irmin_edit_new(empty, &run.edit, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(empty);
	for (i = 0; i < STEPS && !run.wrong; i++)
		step(&run);
	ok(!run.wrong, "%s, %s, seed %u: %d steps%s%s", uri,
	    irmin_hash_name(hash), seed, i, run.wrong ? ", then wrong: " : "",
	    run.wrong ? run.wrong : "");
	irmin_edit_free(run.edit);
	path_map_clear(&run.model);
	for (i = 0; i < KEPT; i++) {
		irmin_tree_unref(run.trees[i]);
		path_map_clear(&run.models[i]);
	}
	irmin_repo_close(run.repo);
}

int main(void)
{
	const char *given = getenv("IRMIN_MODEL_SEED");
	unsigned seed;

	if (given) {
		seed = (unsigned)strtoul(given, NULL, 10);
		test_run("mem:", IRMIN_HASH_SHA1, seed);
		return done_testing();
	}
	for (seed = 1; seed <= 16; seed++)
		test_run("mem:", IRMIN_HASH_SHA1, seed);
	test_run("mem:", IRMIN_HASH_SHA256, 17);
	test_run("mem:", IRMIN_HASH_SHA1, (unsigned)time(NULL));
	return done_testing();
}
