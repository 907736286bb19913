/* Several writers whose transactions overlap at random, against the model: what
 * each sees; whether it commits, and onto what; which read is stale. What
 * serializable transactions committed is the same as if they had come one after
 * the other. IRMIN_MODEL_SEED repeats a run. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <irmin/conflict.h>

#include "tests/model/tree-model.h"
#include "tests/model/txn-model.h"
#include "tests/support/buf-print.h"
#include "tests/support/tap.h"

#define WRITERS  4
#define STEPS    4000
#define ACTS_MAX 40
#define SAVED    3

struct state {
	struct path_map seen;
	size_t acts;
};

struct writer {
	irmin_txn *txn; /* NULL: between two */
	unsigned isolation;
	size_t version; /* of the head that it began at */
	struct path_map base, seen;
	struct act acts[ACTS_MAX];
	size_t act_count;
	struct act reads[ACTS_MAX]; /* which no rollback takes back */
	size_t read_count;
	struct state saved[SAVED];
	uint32_t saved_numbers[SAVED];
	size_t saved_count;
};

struct run {
	irmin_store *store;
	struct path_map head;
	size_t version;
	struct writer writers[WRITERS];
	struct path_map trees[STEPS]; /* that acts graft */
	size_t tree_count;
	size_t moved, stale, conflicts; /* commits that met another head */
	const char *wrong;
};

static int check(struct run *run, int holds, const char *what)
{
	if (!holds && !run->wrong)
		run->wrong = what;
	return holds;
}

/* ---- at random ---- */

static const char *random_path(void)
{
	const char *path = tap_format("%c", 'a' + rand() % 3);
	int steps = rand() % 3;

	while (steps--)
		path = tap_format("%s/%c", path, 'a' + rand() % 3);
	return path;
}

static struct act random_act(void)
{
	static const enum act_kind kinds[] = { ACT_FIND, ACT_FIND, ACT_HAS,
		ACT_TREE, ACT_LIST, ACT_LENGTH, ACT_ASK, ACT_SET, ACT_SET,
		ACT_SET, ACT_SET, ACT_REMOVE, ACT_MOVE, ACT_APPEND };
	struct act act = { ACT_FIND, random_path(), random_path(),
		tap_format("%d", rand() % 3), 0, 0, NULL, NULL };

	act.kind = kinds[rand() % (int)(sizeof kinds / sizeof *kinds)];
	if (act.kind == ACT_LIST && rand() % 2) {
		act.offset = (size_t)rand() % 3;
		act.limit = (size_t)rand() % 3;
	}
	return act;
}

/* ---- reads ---- */

static irmin_rc count_entries(void *arg, irmin_tree *tree, irmin_buf *answer,
    irmin_error *err)
{
	size_t count;
	irmin_rc rc = irmin_tree_length(tree, arg, &count, err);

	if (rc >= 0)
		buf_print(answer, "%zu", count);
	return rc;
}

static char *copy_path(const char *path)
{
	char *copy = strdup(path);

	return copy ? copy : (bail("out of memory"), copy);
}

static void print_list(irmin_list *list, irmin_buf *text)
{
	size_t i;

	for (i = 0; i < irmin_list_length(list); i++) {
		irmin_entry entry = irmin_list_entry(list, i);

		buf_print(text, "%06o %.*s\n", entry.mode, (int)entry.name.len,
		    (const char *)entry.name.data);
	}
	irmin_list_free(list);
}

static int print_visit(void *arg, const irmin_visit *visit)
{
	buf_print(arg, "%06o %.*s %.*s\n", visit->mode, (int)visit->path.len,
	    (const char *)visit->path.data, (int)visit->value.len,
	    (const char *)visit->value.data);
	return 0;
}

static irmin_rc print_tree(irmin_tree *tree, irmin_buf *text)
{
	irmin_rc rc = irmin_tree_each(tree, "", IRMIN_EACH_VALUES, print_visit,
	    text, NULL);

	irmin_tree_unref(tree);
	return rc;
}

/* The answer as the model words it. */
static irmin_rc ask(irmin_txn *txn, const struct act *act, irmin_buf *text,
    irmin_error *err)
{
	irmin_list *list;
	irmin_tree *tree;
	irmin_mode mode;
	irmin_pin pin;
	size_t length;
	irmin_rc rc;

	switch (act->kind) {
	case ACT_FIND:
		rc = irmin_txn_find(txn, act->path, &pin, err);
		if (rc == IRMIN_OK)
			buf_print(text, "=%.*s", (int)pin.len,
			    (const char *)pin.data);
		irmin_pin_release(&pin);
		return rc;
	case ACT_HAS:
		rc = irmin_txn_find_mode(txn, act->path, &mode, err);
		buf_print(text, "%06o", mode);
		return rc;
	case ACT_LENGTH:
		rc = irmin_txn_length(txn, act->path, &length, err);
		if (rc == IRMIN_OK)
			buf_print(text, "%zu", length);
		return rc;
	case ACT_LIST:
		rc = irmin_txn_list(txn, act->path, act->offset, act->limit,
		    &list, err);
		if (rc == IRMIN_OK)
			buf_print(text, "=");
		print_list(list, text);
		return rc;
	case ACT_TREE:
		rc = irmin_txn_find_tree(txn, act->path, &tree, err);
		if (rc != IRMIN_OK)
			return rc;
		buf_print(text, "=");
		return print_tree(tree, text);
	default:
		return irmin_txn_ask(txn, count_entries, copy_path(act->path),
		    free, text, err);
	}
}

static void note_read(struct writer *writer, const struct act *act)
{
	if (writer->isolation == IRMIN_TXN_SERIALIZABLE)
		writer->reads[writer->read_count++] = *act;
}

/* An ask is about the base, all else about what was written too. */
static void do_read(struct run *run, struct writer *writer, struct act *act)
{
	irmin_buf text = IRMIN_BUF_INIT;
	irmin_error err;
	irmin_rc rc = ask(writer->txn, act, &text, &err);

	act->answer = act_answer(act,
	    act->kind == ACT_ASK ? &writer->base : &writer->seen);
	if (rc == IRMIN_ABSENT && act->kind != ACT_HAS)
		buf_print(&text, "-");
	check(run,
	    rc >= 0 && text.len == strlen(act->answer) &&
		memcmp(text.data, act->answer, text.len) == 0,
	    "the answer of a read");
	irmin_buf_clear(&text);
	note_read(writer, act);
	writer->acts[writer->act_count++] = *act;
}

/* ---- writes ---- */

static irmin_rc append(void *arg, irmin_edit *edit, irmin_error *err)
{
	irmin_tree *tree;
	size_t count = 0;
	irmin_rc rc = irmin_edit_tree(edit, &tree, err);

	if (rc >= 0)
		rc = irmin_tree_length(tree, arg, &count, err);
	irmin_tree_unref(tree);
	return rc < 0
	    ? rc
	    : irmin_edit_set(edit, tap_format("%s/n%zu", (char *)arg, count),
		  irmin_text(tap_format("%zu", count)), err);
}

static irmin_rc write_act(irmin_txn *txn, const struct act *act,
    irmin_error *err)
{
	switch (act->kind) {
	case ACT_SET:
		return irmin_txn_set(txn, act->path, irmin_text(act->value),
		    err);
	case ACT_REMOVE:
		return irmin_txn_remove(txn, act->path, err);
	case ACT_MOVE:
		return irmin_txn_move(txn, act->path, act->to, err);
	default:
		return irmin_txn_apply(txn, append, copy_path(act->path), free,
		    err);
	}
}

static void do_write(struct run *run, struct writer *writer,
    const struct act *act)
{
	irmin_error err;
	irmin_rc want, rc = write_act(writer->txn, act, &err);

	want = act_run(act, &writer->seen);
	check(run, rc == want, "the answer of a write");
	if (act->kind == ACT_MOVE)
		note_read(writer, act);
	if (rc == IRMIN_OK || (rc > 0 && act->kind != ACT_MOVE))
		writer->acts[writer->act_count++] = *act;
}

/* Puts a tree that is read at another path. */
static void do_graft(struct run *run, struct writer *writer)
{
	struct act read = { ACT_TREE, random_path(), NULL, NULL, 0, 0, NULL,
		NULL };
	struct act act = { ACT_GRAFT, random_path(), NULL, NULL, 0, 0, NULL,
		NULL };
	struct path_map *map = &run->trees[run->tree_count];
	irmin_tree *tree = NULL;
	irmin_error err;
	irmin_rc rc;

	if (!model_fits(&writer->seen, act.path, &writer->seen, read.path))
		return;
	do_read(run, writer, &read);
	if (irmin_txn_find_tree(writer->txn, read.path, &tree, &err) !=
	    IRMIN_OK)
		return;
	path_map_graft(map, "", &writer->seen, read.path);
	run->tree_count++;
	act.tree = map;
	rc = irmin_txn_add_tree(writer->txn, act.path, tree, &err);
	check(run, rc == act_run(&act, &writer->seen), "the answer of a graft");
	writer->acts[writer->act_count++] = act;
	irmin_tree_unref(tree);
}

static void do_act(struct run *run, struct writer *writer)
{
	struct act act = random_act();

	if (rand() % 16 == 0)
		do_graft(run, writer);
	else if (act.kind < ACT_READS)
		do_read(run, writer, &act);
	else if (act.kind != ACT_MOVE ||
	    model_fits(&writer->seen, act.to, &writer->seen, act.path))
		do_write(run, writer, &act);
}

/* ---- savepoints ---- */

static void do_save(struct run *run, struct writer *writer)
{
	size_t at = writer->saved_count;
	irmin_error err;

	if (at == SAVED)
		return;
	check(run,
	    irmin_txn_savepoint(writer->txn, &writer->saved_numbers[at],
		&err) == IRMIN_OK,
	    "a savepoint");
	path_map_copy(&writer->saved[at].seen, &writer->seen);
	writer->saved[at].acts = writer->act_count;
	writer->saved_count++;
}

static void do_rollback(struct run *run, struct writer *writer)
{
	irmin_error err;
	size_t at;

	if (!writer->saved_count)
		return;
	at = (size_t)rand() % writer->saved_count;
	check(run,
	    irmin_txn_rollback(writer->txn, writer->saved_numbers[at], &err) ==
		IRMIN_OK,
	    "a rollback");
	path_map_copy(&writer->seen, &writer->saved[at].seen);
	writer->act_count = writer->saved[at].acts;
	writer->saved_count = at + 1;
}

/* ---- beginning and ending ---- */

static void do_begin(struct run *run, struct writer *writer, unsigned isolation)
{
	irmin_error err;

	writer->isolation = isolation;
	check(run,
	    irmin_txn_begin(run->store, (irmin_isolation)isolation,
		&writer->txn, &err) == IRMIN_OK,
	    "a begin");
	path_map_copy(&writer->base, &run->head);
	path_map_copy(&writer->seen, &run->head);
	writer->version = run->version;
	writer->act_count = writer->read_count = writer->saved_count = 0;
}

static void end(struct writer *writer)
{
	irmin_txn_abort(writer->txn);
	writer->txn = NULL;
}

static int equal(const struct path_map *a, const struct path_map *b)
{
	irmin_buf diff = IRMIN_BUF_INIT;
	int same;

	path_map_diff(a, b, &diff);
	same = !diff.len;
	irmin_buf_clear(&diff);
	return same;
}

/* The head is what the model says, and becomes the model's. */
static void check_head(struct run *run, irmin_rc rc, struct path_map *want)
{
	irmin_oid id, want_id = model_id(want, IRMIN_HASH_SHA1);
	irmin_tree *tree = NULL;
	irmin_rc commit = equal(&run->head, want) ? IRMIN_UNCHANGED : IRMIN_OK;

	check(run, rc == commit, "the answer of a commit");
	if (irmin_store_tree(run->store, &tree, NULL) < 0 ||
	    irmin_tree_id(tree, &id, NULL) < 0)
		bail("the head cannot be read");
	irmin_tree_unref(tree);
	check(run, irmin_oid_compare(&id, &want_id) == 0, "what a commit made");
	run->version += rc == IRMIN_OK;
	path_map_copy(&run->head, want);
}

/* ---- serializable ---- */

static size_t count_writes(const struct writer *writer)
{
	size_t i, count = 0;

	for (i = 0; i < writer->act_count; i++)
		count += writer->acts[i].kind >= ACT_READS;
	return count;
}

/* Whether a recorded read has another answer on the head. */
static int is_stale(const struct run *run, const struct writer *writer)
{
	size_t i;

	for (i = 0; i < writer->read_count; i++)
		if (!act_agrees(&writer->reads[i], &writer->base, &run->head))
			return 1;
	return 0;
}

/* Whether all reads say on `map` what they said, each in its turn. Operations may
 * do another thing there, so what comes behind them tells nothing. */
static int is_serial(const struct writer *writer, const struct path_map *head)
{
	struct path_map now = { NULL, 0, 0 };
	int serial = 1;
	size_t i;

	path_map_copy(&now, head);
	for (i = 0; i < writer->act_count; i++) {
		const struct act *act = &writer->acts[i];

		if (act->kind == ACT_APPEND)
			break;
		if (act->kind >= ACT_READS)
			act_run(act, &now);
		else
			serial &= strcmp(act->answer,
				      act_answer(act,
					  act->kind == ACT_ASK ? head
							       : &now)) == 0;
	}
	path_map_clear(&now);
	return serial;
}

/* Whether a read differs; of a list, perhaps beyond what was asked for. */
static int differs(const struct run *run, const struct writer *writer,
    struct act act)
{
	if (!act_agrees(&act, &writer->base, &run->head))
		return 1;
	act.offset = act.limit = 0;
	return !act_agrees(&act, &writer->base, &run->head);
}

/* The read that is told is one that was made, or takes in all that is below one,
 * and it has another answer. */
static void check_stale(struct run *run, struct writer *writer)
{
	static const char *const words[] = { "find", "has", "tree", "list",
		"length", "ask", "set", "remove", "move" };
	irmin_stale stale;
	size_t i;
	int made = 0;

	run->stale++;
	if (!check(run, irmin_txn_stale(writer->txn, &stale) == IRMIN_OK,
		"that a read is stale"))
		return;
	for (i = 0; i < writer->read_count; i++) {
		struct act act = writer->reads[i];

		if (act.kind != ACT_ASK &&
		    !irmin_slice_equal(stale.path, irmin_text(act.path)))
			continue;
		if (strcmp(stale.what, "tree") == 0)
			act.kind = ACT_TREE;
		if (strcmp(stale.what, "list") == 0)
			act.kind = ACT_LIST;
		made |= strcmp(stale.what, words[act.kind]) == 0 &&
		    differs(run, writer, act);
	}
	check(run, made, "which read is stale");
}

static void commit_anew(struct run *run, struct writer *writer, irmin_rc rc)
{
	struct path_map want = { NULL, 0, 0 };
	size_t i;

	if (!count_writes(writer)) {
		check(run, rc == IRMIN_UNCHANGED, "who only reads");
	} else if (rc == IRMIN_ESTALE) {
		check_stale(run, writer);
	} else {
		check(run, !is_stale(run, writer), "that no read is stale");
		check(run, is_serial(writer, &run->head), "that it is serial");
		path_map_copy(&want, &run->head);
		for (i = 0; i < writer->act_count; i++)
			act_run(&writer->acts[i], &want);
		check_head(run, rc, &want);
		path_map_clear(&want);
	}
}

/* ---- merging ---- */

/* Takes a side at each conflict; nobody comes in between. */
static irmin_rc resolve(struct run *run, struct writer *writer,
    struct path_map *want)
{
	irmin_side side = rand() % 2 ? IRMIN_SIDE_OURS : IRMIN_SIDE_THEIRS;
	irmin_merge_result *result;
	irmin_conflict *conflict;
	irmin_error err;

	run->conflicts++;
	if (!check(run, irmin_txn_conflicts(writer->txn, &result) == IRMIN_OK,
		"that there is a result"))
		return IRMIN_ABSENT;
	while (irmin_merge_result_next(result, &conflict) == IRMIN_OK) {
		const char *path = tap_format("%s",
		    irmin_conflict_path(conflict));

		check(run,
		    irmin_merge_result_take(result, conflict, side, &err) >= 0,
		    "a resolution");
		model_take(want,
		    side == IRMIN_SIDE_OURS ? &run->head : &writer->seen, path);
	}
	return irmin_txn_commit(writer->txn, NULL, &err);
}

/* Answers what came of it in the end. */
static irmin_rc commit_merged(struct run *run, struct writer *writer,
    irmin_rc rc)
{
	struct path_map want = { NULL, 0, 0 };
	size_t conflicts = 0;

	if (equal(&writer->base, &writer->seen))
		path_map_copy(&want, &run->head);
	else
		model_merge(&writer->base, &run->head, &writer->seen, &want,
		    &conflicts);
	check(run, (rc == IRMIN_ECONFLICT) == (conflicts > 0),
	    "whether it conflicts");
	if (conflicts && rand() % 2) {
		rc = resolve(run, writer, &want);
		check(run, rc >= 0, "that it is resolved");
	}
	if (rc != IRMIN_ECONFLICT)
		check_head(run, rc, &want);
	path_map_clear(&want);
	return rc;
}

static void do_commit(struct run *run, struct writer *writer)
{
	irmin_error err;
	irmin_rc rc = irmin_txn_commit(writer->txn, NULL, &err);

	if (writer->version == run->version) {
		check_head(run, rc, &writer->seen);
	} else {
		run->moved++;
		if (writer->isolation == IRMIN_TXN_SERIALIZABLE)
			commit_anew(run, writer, rc);
		else
			rc = commit_merged(run, writer, rc);
	}
	if (rc >= 0)
		writer->txn = NULL;
	end(writer);
}

/* ---- runs ---- */

static void step(struct run *run, unsigned isolations)
{
	struct writer *writer = &run->writers[rand() % WRITERS];
	int what = rand() % 30;

	if (!writer->txn)
		do_begin(run, writer,
		    isolations ? isolations : (unsigned)rand() % 2);
	else if (what < 4 || writer->act_count > ACTS_MAX - 3 ||
	    writer->read_count > ACTS_MAX - 3)
		do_commit(run, writer);
	else if (what == 4)
		do_save(run, writer);
	else if (what == 5)
		do_rollback(run, writer);
	else
		do_act(run, writer);
}

static void clear_writer(struct writer *writer)
{
	int i;

	end(writer);
	path_map_clear(&writer->base);
	path_map_clear(&writer->seen);
	for (i = 0; i < SAVED; i++)
		path_map_clear(&writer->saved[i].seen);
}

/* Both isolations in one store, or serializable ones alone. */
static void test_run(const char *uri, unsigned isolations, unsigned seed)
{
	struct run *run = calloc(1, sizeof *run);
	irmin_error err;
	size_t i;

	if (!run || irmin_open(uri, NULL, &run->store, &err) < 0)
		bail("cannot begin");
	srand(seed);
	for (i = 0; i < STEPS && !run->wrong; i++)
		step(run, isolations);
	ok(!run->wrong, "%s, seed %u: %zu steps%s%s", uri, seed, i,
	    run->wrong ? ", then wrong: " : "", run->wrong ? run->wrong : "");
	ok(run->moved > STEPS / 100 && run->stale > STEPS / 400,
	    "%zu commits met another head: %zu stale, %zu in conflict",
	    run->moved, run->stale, run->conflicts);
	for (i = 0; i < WRITERS; i++)
		clear_writer(&run->writers[i]);
	for (i = 0; i < run->tree_count; i++)
		path_map_clear(&run->trees[i]);
	path_map_clear(&run->head);
	irmin_store_close(run->store);
	free(run);
}

int main(void)
{
	const char *given = getenv("IRMIN_MODEL_SEED");
	unsigned seed;

	if (given) {
		seed = (unsigned)strtoul(given, NULL, 10);
		test_run("mem:", seed % 2, seed);
		return done_testing();
	}
	for (seed = 1; seed <= 12; seed++)
		test_run("mem:", seed % 2, seed);
	test_run(tap_format("git:%s/txn.git?create=1", tap_tmpdir()), 0, 13);
	test_run("mem:", 0, (unsigned)time(NULL) & ~1u);
	return done_testing();
}
