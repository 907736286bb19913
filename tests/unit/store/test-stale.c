/* Serializable transactions: which reads are recorded, and which of them have
 * another answer on a head that moved. */
#include <string.h>

#include "tests/support/tap.h"
#include "tests/unit/store/txn-kit.h"

/* ---- reads ---- */

static irmin_rc list_page(irmin_txn *txn, const char *path, size_t offset,
    size_t limit, irmin_error *err)
{
	irmin_list *list;
	irmin_rc rc = irmin_txn_list(txn, path, offset, limit, &list, err);

	irmin_list_free(list);
	return rc;
}

static irmin_rc read_list(irmin_txn *txn, const char *path, irmin_error *err)
{
	return list_page(txn, path, 0, 0, err);
}

static irmin_rc read_second(irmin_txn *txn, const char *path, irmin_error *err)
{
	return list_page(txn, path, 1, 1, err);
}

static irmin_rc read_move(irmin_txn *txn, const char *path, irmin_error *err)
{
	return irmin_txn_move(txn, path, "moved", err);
}

static irmin_rc double_value(void *arg, const irmin_slice *value,
    irmin_buf *made, irmin_error *err)
{
	irmin_rc rc;

	(void)arg;
	if (!value)
		return IRMIN_UNCHANGED;
	rc = irmin_buf_set(made, *value, err);
	return rc < 0 ? rc : irmin_buf_append(made, *value, err);
}

static irmin_rc read_update(irmin_txn *txn, const char *path, irmin_error *err)
{
	return irmin_txn_update(txn, path, double_value, NULL, err);
}

/* What there is before: d/a=1 d/b=2 d/sub/x=3 f=4. */
static const struct read_case {
	irmin_rc (*read)(irmin_txn *txn, const char *path, irmin_error *err);
	const char *what, *path;
	/* What others do meanwhile, a NULL value being a removal, */
	const char *change, *value;
	/* and the answers, if that makes it stale. "-" is nothing there; NULL is
	 * some id. */
	int is_stale;
	const char *before, *now;
} read_cases[] = {
	{ kit_find, "find", "d/a", "d/a", "9", 1, "1", "9" },
	{ kit_find, "find", "/d//a/", "d/a", "9", 1, "1", "9" },
	{ kit_find, "find", "d/a", "d/a", "", 1, "1", "" },
	{ kit_find, "find", "d/a", "d/a", NULL, 1, "1", "-" },
	{ kit_find, "find", "d/a", "d/a/deep", "5", 1, "1", "-" },
	{ kit_find, "find", "d/none", "d/none", "5", 1, "-", "5" },
	{ kit_find, "find", "e/none", "e/none", "", 1, "-", "" },
	{ kit_find, "find", "d/a", "d", NULL, 1, "1", "-" },
	{ kit_find, "find", "d", "d", "5", 1, "-", "5" },
	{ kit_find, "find", "d", "d/c", "5", 0, NULL, NULL },
	{ kit_find, "find", "d/a", "d/b", "9", 0, NULL, NULL },
	{ kit_find, "find", "d/a/x", "d/a", "9", 0, NULL, NULL },
	{ kit_find, "find", "e/none", "e/some", "5", 0, NULL, NULL },
	{ kit_has, "has", "d/a", "d/a", NULL, 1, "file", "-" },
	{ kit_has, "has", "d/a", "d/a/deep", "5", 1, "file", "directory" },
	{ kit_has, "has", "e", "e/x", "5", 1, "-", "directory" },
	{ kit_has, "has", "d/a", "d/a", "9", 0, NULL, NULL },
	{ kit_has, "has", "d", "d/c", "9", 0, NULL, NULL },
	{ kit_has, "has", "", "d/c", "9", 0, NULL, NULL },
	{ kit_tree, "tree", "d", "d/sub/x", "9", 1, NULL, NULL },
	{ kit_tree, "tree", "d", "d", NULL, 1, NULL, "-" },
	{ kit_tree, "tree", "", "f", "9", 1, NULL, NULL },
	{ kit_tree, "tree", "d/sub", "d/a", "9", 0, NULL, NULL },
	{ kit_tree, "tree", "f", "f", "9", 0, NULL, NULL },
	{ read_list, "list", "d", "d/c", "9", 1, "sub/\n", "c\nsub/\n" },
	{ read_list, "list", "d", "d/a", NULL, 1, "a\nb\nsub/\n", "b\nsub/\n" },
	{ read_list, "list", "d", "d/b/x", "1", 1, "b\nsub/\n", "b/\nsub/\n" },
	{ read_list, "list", "d", "d", NULL, 1, "a\nb\nsub/\n", "-" },
	{ read_list, "list", "d", "d/a", "9", 0, NULL, NULL },
	{ read_list, "list", "d", "d/sub/y", "9", 0, NULL, NULL },
	{ read_list, "list", "", "e", "9", 1, "f\n", "e\nf\n" },
	{ read_second, "list", "d", "d/0", "9", 1, "b\n", "a\n" },
	{ read_second, "list", "d", "d/sub", NULL, 0, NULL, NULL },
	{ read_second, "list", "d", "d/z", "9", 0, NULL, NULL },
	{ kit_length, "length", "d", "d/c", "9", 1, "3", "4" },
	{ kit_length, "length", "e", "e/c", "9", 1, "-", "1" },
	{ kit_length, "length", "d", "d/a", "9", 0, NULL, NULL },
	{ kit_length, "length", "d", "d/sub/y", "9", 0, NULL, NULL },
	{ read_move, "move", "d", "d/sub/x", "9", 1, NULL, NULL },
	{ read_move, "move", "f", "f", "9", 1, NULL, NULL },
	{ read_move, "move", "none", "none", "9", 1, "-", NULL },
	{ read_move, "move", "d", "f", "9", 0, NULL, NULL },
	{ read_update, "find", "f", "f", "9", 1, "4", "9" },
	{ read_update, "find", "f", "d/a", "9", 0, NULL, NULL },
};

static void is_answer(irmin_slice answer, const char *want, const char *which)
{
	if (!want)
		ok(answer.len > 40, "%s is told", which);
	else if (strcmp(want, "-") == 0)
		ok(!answer.data, "%s is nothing", which);
	else if (ok(answer.data, "%s is something", which))
		is_mem(answer.data, answer.len, want, strlen(want), "%s",
		    which);
}

static void check_stale(const struct read_case *one, irmin_txn *txn,
    const irmin_error *err)
{
	const char *plain = one->path[0] == '/' ? "d/a" : one->path;
	irmin_stale stale;

	is_rc(irmin_txn_stale(txn, &stale), IRMIN_OK, "the read is told");
	is_str(stale.what, one->what, "what it was");
	is_mem(stale.path.data, stale.path.len, plain, strlen(plain), "where");
	is_answer(stale.before, one->before, "the answer before");
	is_answer(stale.now, one->now, "the answer now");
	is_str(err->where, plain, "the error says where");
}

/* A read, then a write elsewhere; in between, others come. */
static void check_read(const struct read_case *one)
{
	irmin_store *store = kit_open();
	irmin_stale stale;
	irmin_txn *txn;
	irmin_error err;
	irmin_rc rc;

	kit_set_up(store);
	txn = kit_begin(store);
	succeeds(one->read(txn, one->path, &err), &err, "%s \"%s\"", one->what,
	    one->path);
	succeeds(one->read(txn, one->path, &err), &err, "again");
	kit_write(txn, "mine", "done");
	kit_set(store, one->change, one->value);
	rc = irmin_txn_commit(txn, NULL, &err);
	if (!one->is_stale) {
		succeeds(rc, &err, "is not stale by \"%s\"", one->change);
		ok(strstr(kit_all(store), "mine=done\n"),
		    "and what it did is there");
	} else if (fails(rc, IRMIN_ESTALE, &err, "is stale by \"%s\"",
		       one->change)) {
		check_stale(one, txn, &err);
		ok(!strstr(kit_all(store), "mine=done"), "and nothing is done");
		fails(irmin_txn_commit(txn, NULL, &err), IRMIN_ESTALE, &err,
		    "so it stays");
		kit_set(store, "mine", "x");
		is_rc(irmin_txn_stale(txn, &stale), IRMIN_OK, "told again");
	}
	if (rc < 0)
		irmin_txn_abort(txn);
	irmin_store_close(store);
}

static void reads(void)
{
	size_t i;

	for (i = 0; i < sizeof read_cases / sizeof *read_cases; i++)
		check_read(&read_cases[i]);
}

/* What is recorded is what the base answers, whatever was written before: so a
 * read of one's own write is one of the base too. */
static void reads_of_own_writes(void)
{
	irmin_store *store = kit_open();
	irmin_pin pin;
	irmin_stale stale;
	irmin_txn *txn;
	irmin_error err;

	kit_set_up(store);
	txn = kit_begin(store);
	kit_write(txn, "f", "mine");
	is_rc(irmin_txn_find(txn, "f", &pin, &err), IRMIN_OK, "find");
	is_mem(pin.data, pin.len, "mine", 4, "sees the own write");
	irmin_pin_release(&pin);
	kit_set(store, "d/a", "others");
	is_rc(irmin_txn_stale(txn, &stale), IRMIN_ABSENT, "nothing is stale");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_OK,
	    "which makes nothing stale");
	txn = kit_begin(store);
	kit_write(txn, "f", "again");
	succeeds(kit_find(txn, "f", &err), &err, "find");
	kit_set(store, "f", "others");
	fails(irmin_txn_commit(txn, NULL, &err), IRMIN_ESTALE, &err,
	    "what others wrote there does");
	is_rc(irmin_txn_stale(txn, &stale), IRMIN_OK, "and is told");
	is_mem(stale.before.data, stale.before.len, "mine", 4,
	    "as the base answers");
	irmin_txn_abort(txn);
	irmin_store_close(store);
}

/* Where it wrote, an answer takes more of the base than the question. */
static const struct written_case {
	const char *set, *remove; /* before it asks; or NULL */
	irmin_rc (*read)(irmin_txn *txn, const char *path, irmin_error *err);
	const char *path;
	const char *gone, *come; /* what others do */
	const char *what;        /* NULL: it is not stale */
} written_cases[] = {
	/* One of the three names is another one now, and so is "its own". */
	{ "d/c", NULL, kit_length, "d", "d/b", "d/c", "list" },
	{ "d/a", NULL, kit_length, "d", "d/b", "d/c", "list" },
	{ "d/c", NULL, kit_length, "d", NULL, "d/sub/y", NULL },
	{ "g", NULL, kit_length, "d", "d/b", "d/c", NULL },
	{ "d/c", NULL, kit_has, "d", "d/b", "d/x", NULL },
	/* A directory stays if others put something into it. */
	{ NULL, "d/sub/x", kit_has, "d/sub", NULL, "d/sub/y", "tree" },
	{ NULL, "d/sub/x", kit_length, "d", NULL, "d/sub/y", "tree" },
	{ NULL, "d/sub/x", kit_has, "f", NULL, "d/sub/y", NULL },
	{ NULL, "d", kit_length, "d/sub", "d/sub/x", "d/sub/y", "tree" },
	{ NULL, "d/none", kit_length, "d", "d/b", "d/none", "tree" },
};

static void check_written(const struct written_case *one)
{
	irmin_store *store = kit_open();
	irmin_stale stale;
	irmin_txn *txn;
	irmin_error err;
	irmin_rc rc;

	kit_set_up(store);
	txn = kit_begin(store);
	if (one->set)
		succeeds(irmin_txn_set(txn, one->set, irmin_text("1"), &err),
		    &err, "set");
	if (one->remove)
		succeeds(irmin_txn_remove(txn, one->remove, &err), &err,
		    "remove");
	succeeds(one->read(txn, one->path, &err), &err, "\"%s\"", one->path);
	if (one->gone)
		kit_set(store, one->gone, NULL);
	kit_set(store, one->come, "others");
	rc = irmin_txn_commit(txn, NULL, &err);
	if (!one->what) {
		succeeds(rc, &err, "is not stale by \"%s\"", one->come);
		irmin_store_close(store);
		return;
	}
	fails(rc, IRMIN_ESTALE, &err, "is stale by \"%s\"", one->come);
	is_rc(irmin_txn_stale(txn, &stale), IRMIN_OK, "which is told");
	is_str(stale.what, one->what, "as what it read in full");
	irmin_txn_abort(txn);
	irmin_store_close(store);
}

static void where_it_wrote(void)
{
	size_t i;

	for (i = 0; i < sizeof written_cases / sizeof *written_cases; i++)
		check_written(&written_cases[i]);
}

/* Others may change back what they changed. */
static void changed_back(void)
{
	irmin_store *store = kit_open();
	irmin_txn *txn;
	irmin_error err;

	kit_set_up(store);
	txn = kit_begin(store);
	succeeds(kit_find(txn, "f", &err), &err, "find");
	succeeds(kit_tree(txn, "d", &err), &err, "tree");
	kit_write(txn, "f", "5");
	kit_set(store, "f", "9");
	fails(irmin_txn_commit(txn, NULL, &err), IRMIN_ESTALE, &err, "stale");
	kit_set(store, "f", "4");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_OK,
	    "until the answer is the same again");
	irmin_store_close(store);
}

static void two_inserts(void)
{
	irmin_store *store = kit_open();
	irmin_txn *a, *b;
	irmin_error err;
	irmin_mode mode;

	a = kit_begin(store);
	b = kit_begin(store);
	is_rc(irmin_txn_find_mode(a, "key", &mode, &err), IRMIN_ABSENT,
	    "one finds no key");
	is_rc(irmin_txn_find_mode(b, "key", &mode, &err), IRMIN_ABSENT,
	    "nor does the other");
	kit_write(a, "key", "a");
	kit_write(b, "key", "b");
	is_rc(irmin_txn_commit(a, NULL, &err), IRMIN_OK, "one inserts it");
	fails(irmin_txn_commit(b, NULL, &err), IRMIN_ESTALE, &err,
	    "the other cannot");
	is_str(kit_all(store), "key=a\n", "there is one");
	irmin_txn_abort(b);
	irmin_store_close(store);
}

/* ---- who wrote nothing ---- */

static irmin_rc reading_only(unsigned isolation)
{
	irmin_store *store = kit_open();
	irmin_txn *txn;
	irmin_error err;
	irmin_rc rc;

	kit_set_up(store);
	txn = kit_begin_as(store, isolation);
	succeeds(kit_find(txn, "f", &err), &err, "find");
	is_rc(irmin_txn_move(txn, "none", "any", &err), IRMIN_ABSENT,
	    "a move of nothing");
	kit_set(store, "f", "9");
	rc = irmin_txn_commit(txn, NULL, &err);
	if (rc < 0)
		irmin_txn_abort(txn);
	irmin_store_close(store);
	return rc;
}

static void without_writes(void)
{
	irmin_store *store = kit_open();
	irmin_txn *txn;
	irmin_error err;

	is_rc(reading_only(IRMIN_TXN_SERIALIZABLE), IRMIN_UNCHANGED,
	    "who only read is not stale");
	is_rc(reading_only(IRMIN_TXN_UNMOVED), IRMIN_UNCHANGED, "nor here");
	is_rc(reading_only(IRMIN_TXN_SERIALIZABLE | IRMIN_TXN_VALIDATE_READS),
	    IRMIN_ESTALE, "unless asked for");
	is_rc(reading_only(IRMIN_TXN_UNMOVED | IRMIN_TXN_VALIDATE_READS),
	    IRMIN_ESTALE, "here too");
	txn = kit_begin_as(store,
	    IRMIN_TXN_SERIALIZABLE | IRMIN_TXN_VALIDATE_READS);
	succeeds(kit_find(txn, "f", &err), &err, "find");
	kit_set(store, "g", "1");
	is_rc(irmin_txn_commit(txn, NULL, &err), IRMIN_UNCHANGED,
	    "if its answer holds, all is well");
	irmin_store_close(store);
}

int main(void)
{
	reads();
	reads_of_own_writes();
	where_it_wrote();
	changed_back();
	two_inserts();
	without_writes();
	return done_testing();
}
