#include <string.h>

#include <irmin/irmin.h>

#include "tests/fuzz/fuzz.h"

/*
 * Edits of one large directory, beside an array that says what is in it. Three
 * bytes make a step:
 *
 *   | step: 3 bits, run: 5 bits | name: 2 bytes |
 *
 * It is made for as many names in a row as the run says, times eight.
 */
enum step {
	SET,         /* a value */
	SET_OTHER,   /* another value */
	SET_BELOW,   /* a value in a directory of that name */
	REMOVE,      /* runs of names, */
	REMOVE_SOME, /* or every third of them */
	FIND,
	KEEP, /* the tree as it is, to be looked at in the end */
	RENEW /* goes on from that tree */
};

#define NAMES      4096
#define NAME_BYTES 24
#define STEPS_MAX  48

enum kind { NOTHING, ONE, OTHER, BELOW };

struct state {
	irmin_edit *edit;
	unsigned char kinds[NAMES];
};

struct kept {
	irmin_tree *tree;
	unsigned char kinds[NAMES];
};

/* One repository for all inputs: trees in memory leave nothing in it. */
static irmin_repo *repo;
static char names[NAMES][NAME_BYTES]; /* sorted */

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void open_once(void)
{
	static const char *const ends[] = { "", ".", "-and-more", "0" };
	irmin_error err;
	int i;

	if (repo)
		return;
	for (i = 0; i < NAMES; i++)
		snprintf(names[i], NAME_BYTES, "%s%03x%s",
		    i & 4 ? "" : "sameeight", (unsigned)i >> 3, ends[i & 3]);
	qsort(names, NAMES, NAME_BYTES, compare_names);
	REQUIRE(irmin_repo_open("mem:", NULL, &repo, &err) == IRMIN_OK);
}

/* ---- steps ---- */

static const char *path_of(int name, int is_below, char path[NAME_BYTES + 2])
{
	snprintf(path, NAME_BYTES + 2, "%s%s", names[name],
	    is_below ? "/x" : "");
	return path;
}

static void set(struct state *state, int name, enum kind kind)
{
	char path[NAME_BYTES + 2];
	irmin_rc rc, want = IRMIN_OK;

	if (state->kinds[name] == kind)
		want = IRMIN_UNCHANGED;
	rc = irmin_edit_set(state->edit, path_of(name, kind == BELOW, path),
	    irmin_text(kind == OTHER ? "other" : "one"), NULL);
	REQUIRE(rc == want);
	state->kinds[name] = (unsigned char)kind;
}

static void take_out(struct state *state, int name)
{
	irmin_rc want = state->kinds[name] ? IRMIN_OK : IRMIN_UNCHANGED;

	REQUIRE(irmin_edit_remove(state->edit, names[name], NULL) == want);
	state->kinds[name] = NOTHING;
}

static void find(struct state *state, int name)
{
	char path[NAME_BYTES + 2];
	enum kind kind = state->kinds[name];
	irmin_mode mode;
	irmin_pin value;

	REQUIRE(irmin_edit_find(state->edit, path_of(name, kind == BELOW, path),
		    &value, NULL) == (kind ? IRMIN_OK : IRMIN_ABSENT));
	REQUIRE(value.len == (!kind ? 0 : kind == OTHER ? 5 : 3));
	irmin_pin_release(&value);
	REQUIRE(irmin_edit_find_mode(state->edit, names[name], &mode, NULL) ==
	    (kind ? IRMIN_OK : IRMIN_ABSENT));
	REQUIRE((mode == IRMIN_MODE_TREE) == (kind == BELOW));
}

static void keep(struct state *state, struct kept *kept)
{
	irmin_tree_unref(kept->tree);
	REQUIRE(irmin_edit_tree(state->edit, &kept->tree, NULL) == IRMIN_OK);
	memcpy(kept->kinds, state->kinds, sizeof kept->kinds);
}

static void renew(struct state *state, const struct kept *kept)
{
	irmin_edit_free(state->edit);
	REQUIRE(irmin_edit_new(kept->tree, &state->edit, NULL) == IRMIN_OK);
	memcpy(state->kinds, kept->kinds, sizeof state->kinds);
}

static void step_one(struct state *state, enum step step, int name, int at)
{
	if (step == SET)
		set(state, name, ONE);
	else if (step == SET_OTHER)
		set(state, name, OTHER);
	else if (step == SET_BELOW)
		set(state, name, BELOW);
	else if (step == REMOVE || (step == REMOVE_SOME && at % 3 == 0))
		take_out(state, name);
	else if (step == FIND)
		find(state, name);
}

static void run_step(struct state *state, struct kept *kept,
    const uint8_t bytes[3])
{
	enum step step = bytes[0] & 7;
	int count = 1 + (bytes[0] >> 3) * 8, at;
	int first = (bytes[1] << 8 | bytes[2]) % NAMES;

	if (step == KEEP)
		keep(state, kept);
	else if (step == RENEW)
		renew(state, kept);
	else
		for (at = 0; at < count; at++)
			step_one(state, step, (first + at) % NAMES, at);
}

/* ---- what came of it ---- */

struct walk {
	const unsigned char *kinds;
	char last[NAME_BYTES + 2];
	size_t seen;
	irmin_buf bytes; /* the directory as git has it */
};

static irmin_oid id_of(irmin_object_type type, irmin_slice bytes)
{
	irmin_oid id;

	REQUIRE(irmin_hash_object(IRMIN_HASH_SHA1, type, bytes, &id, NULL) ==
	    IRMIN_OK);
	return id;
}

static void add_entry(irmin_buf *bytes, const char *mode, const char *name,
    const irmin_oid *id)
{
	char text[NAME_BYTES + 8];
	int len = snprintf(text, sizeof text, "%s %s", mode, name);

	REQUIRE(irmin_buf_append(bytes, irmin_bytes(text, (size_t)len + 1),
		    NULL) == IRMIN_OK);
	REQUIRE(irmin_buf_append(bytes, irmin_bytes(id->bytes, 20), NULL) ==
	    IRMIN_OK);
}

static void add_kind(irmin_buf *bytes, const char *name, enum kind kind)
{
	irmin_buf below = IRMIN_BUF_INIT;
	irmin_oid id = id_of(IRMIN_OBJECT_BLOB,
	    irmin_text(kind == OTHER ? "other" : "one"));

	if (kind == BELOW) {
		add_entry(&below, "100644", "x", &id);
		id = id_of(IRMIN_OBJECT_TREE, irmin_buf_slice(&below));
		irmin_buf_clear(&below);
	}
	add_entry(bytes, kind == BELOW ? "40000" : "100644", name, &id);
}

/* In the order of the bytes of whole paths, which is git's. */
static int visit_one(void *arg, const irmin_visit *visit)
{
	char path[NAME_BYTES + 2], found[NAME_BYTES] = "";
	struct walk *walk = arg;
	const char *name;
	size_t at;

	REQUIRE(visit->path.len < sizeof path);
	memcpy(path, visit->path.data, visit->path.len);
	path[visit->path.len] = '\0';
	REQUIRE(strcmp(walk->last, path) < 0);
	memcpy(walk->last, path, sizeof path);
	memcpy(found, path, strcspn(path, "/"));
	name = bsearch(found, names, NAMES, NAME_BYTES, compare_names);
	REQUIRE(name);
	at = (size_t)(name - names[0]) / NAME_BYTES;
	REQUIRE(walk->kinds[at] != NOTHING);
	REQUIRE((walk->kinds[at] == BELOW) == (strchr(path, '/') != NULL));
	add_kind(&walk->bytes, name, walk->kinds[at]);
	walk->seen++;
	return 0;
}

/* A page of a list is where the walk is. */
static void check_page(irmin_tree *tree, size_t length, size_t offset)
{
	irmin_list *list;
	irmin_oid id;

	REQUIRE(irmin_tree_list(tree, "", offset, 7, &list, NULL) == IRMIN_OK);
	REQUIRE(irmin_list_length(list) ==
	    (offset + 7 < length      ? 7
		    : offset < length ? length - offset
				      : 0));
	irmin_list_free(list);
	REQUIRE(irmin_tree_id(tree, &id, NULL) == IRMIN_OK);
}

static void check_tree(irmin_tree *tree, const unsigned char kinds[NAMES])
{
	struct walk walk = { kinds, "", 0, IRMIN_BUF_INIT };
	size_t length, i, there = 0;
	irmin_oid id, want;

	REQUIRE(
	    irmin_tree_each(tree, "", 0, visit_one, &walk, NULL) == IRMIN_OK);
	for (i = 0; i < NAMES; i++)
		there += kinds[i] != NOTHING;
	REQUIRE(walk.seen == there);
	REQUIRE(irmin_tree_length(tree, "", &length, NULL) == IRMIN_OK);
	REQUIRE(length == there);
	want = id_of(IRMIN_OBJECT_TREE, irmin_buf_slice(&walk.bytes));
	REQUIRE(irmin_tree_id(tree, &id, NULL) == IRMIN_OK);
	REQUIRE(irmin_oid_compare(&id, &want) == 0);
	irmin_buf_clear(&walk.bytes);
	for (i = 0; i <= length; i += 1 + length / 5)
		check_page(tree, length, i);
}

/* Each name that differs is told once, or as both kinds that it had. */
static void check_diff(const struct kept *from, irmin_tree *to,
    const unsigned char kinds[NAMES])
{
	size_t want = 0, told = 0, i;
	irmin_change change;
	irmin_diff *diff;
	irmin_rc rc;

	for (i = 0; i < NAMES; i++)
		if (from->kinds[i] != kinds[i])
			want += from->kinds[i] && kinds[i] &&
				(from->kinds[i] == BELOW || kinds[i] == BELOW)
			    ? 2
			    : 1;
	REQUIRE(irmin_tree_diff(from->tree, to, "", &diff, NULL) == IRMIN_OK);
	while ((rc = irmin_diff_next(diff, &change, NULL)) == IRMIN_OK)
		told++;
	REQUIRE(rc == IRMIN_END);
	irmin_diff_free(diff);
	REQUIRE(told == want);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct state state = { NULL, { 0 } };
	struct kept kept = { NULL, { 0 } };
	irmin_tree *last;
	size_t at;

	open_once();
	REQUIRE(irmin_tree_empty(repo, &kept.tree, NULL) == IRMIN_OK);
	REQUIRE(irmin_edit_new(kept.tree, &state.edit, NULL) == IRMIN_OK);
	for (at = 0; at + 3 <= len && at < (size_t)STEPS_MAX * 3; at += 3)
		run_step(&state, &kept, bytes + at);
	REQUIRE(irmin_edit_tree(state.edit, &last, NULL) == IRMIN_OK);
	irmin_edit_free(state.edit);
	check_diff(&kept, last, state.kinds);
	check_tree(last, state.kinds);
	irmin_tree_unref(last);
	check_tree(kept.tree, kept.kinds);
	irmin_tree_unref(kept.tree);
	return 0;
}
