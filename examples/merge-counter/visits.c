/*
 * Counters that merge: what two servers counted adds up.
 *
 *     merge-counter [URI]       (default: mem:)
 *
 * Both servers begin at the same counts, and count the same visit to page "a".
 * As plain numbers these would be two equal edits, which every merge takes for
 * one. The canonical form of a counter holds a nonce beside its number, so that
 * they are two; `git show server:visits/a` shows it.
 */
#include <irmin/irmin.h>

#include <stdio.h>

/* ---- one visit ---- */

struct visit {
	const char *path;
	int64_t count;
};

/* The bytes of a counter that has counted on. */
static irmin_rc count_on(void *arg, const irmin_slice *bytes, irmin_buf *made,
    irmin_error *err)
{
	const struct visit *visit = arg;
	irmin_shape *shape = irmin_shape_counter();
	irmin_value *before = NULL, *after = NULL;
	irmin_rc rc = IRMIN_OK;

	if (bytes) /* NULL: nobody has visited it */
		rc = irmin_value_decode(*bytes, shape, &before, err);
	if (rc >= 0)
		rc = irmin_value_counter_add(before, visit->count, &after, err);
	if (rc >= 0)
		rc = irmin_value_encode(after, shape, made, err);
	irmin_value_unref(before);
	irmin_value_unref(after);
	irmin_shape_unref(shape);
	return rc;
}

static irmin_rc count_in(irmin_txn *txn, void *arg, irmin_error *err)
{
	const struct visit *visit = arg;

	return irmin_txn_update(txn, visit->path, count_on, arg, err);
}

static irmin_rc count(irmin_store *store, const char *path, int64_t visits,
    irmin_error *err)
{
	struct visit visit = { path, visits };

	return irmin_store_transact(store, IRMIN_TXN_MERGE, NULL, count_in,
	    &visit, err);
}

/* ---- a program that uses it ---- */

static const char *const pages[] = { "visits/a", "visits/b", "visits/c" };

#define PAGE_COUNT (sizeof(pages) / sizeof(*pages))

static irmin_rc show_page(irmin_store *store, const char *path,
    irmin_error *err)
{
	irmin_shape *shape = irmin_shape_counter();
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_value *counter = NULL;
	irmin_rc rc = irmin_store_find(store, path, &bytes, err);

	if (rc == IRMIN_OK)
		rc = irmin_value_decode(irmin_buf_slice(&bytes), shape,
		    &counter, err);
	if (counter)
		printf(" %s=%lld", path,
		    (long long)irmin_value_int(irmin_value_item(counter, 0)));
	irmin_value_unref(counter);
	irmin_buf_clear(&bytes);
	irmin_shape_unref(shape);
	return rc;
}

static irmin_rc show(const char *name, irmin_store *store, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	printf("%s:", name);
	for (size_t i = 0; rc >= 0 && i < PAGE_COUNT; i++)
		rc = show_page(store, pages[i], err);
	printf("\n");
	return rc;
}

/* What each server counts while it hears nothing of the other. */
static irmin_rc work(irmin_store *ours, irmin_store *theirs, irmin_error *err)
{
	irmin_rc rc = count(ours, "visits/a", 1, err);

	if (rc >= 0)
		rc = count(theirs, "visits/a", 1, err);
	if (rc >= 0)
		rc = count(ours, "visits/b", 5, err);
	if (rc >= 0)
		rc = count(theirs, "visits/b", -2, err); /* two were robots */
	if (rc >= 0)
		rc = count(theirs, "visits/c", 7, err);
	if (rc >= 0)
		rc = show("ours", ours, err);
	return rc < 0 ? rc : show("theirs", theirs, err);
}

static irmin_rc run(irmin_store *ours, irmin_store **theirs, irmin_error *err)
{
	irmin_rc rc = irmin_repo_rule(irmin_store_repo(ours), "visits/*",
	    irmin_contents_named("counter"), err);

	if (rc >= 0)
		rc = count(ours, "visits/a", 10, err);
	if (rc >= 0)
		rc = count(ours, "visits/b", 20, err);
	if (rc >= 0)
		rc = show("before", ours, err);
	if (rc >= 0)
		rc = irmin_store_fork(ours, "server", theirs, err);
	if (rc >= 0)
		rc = work(ours, *theirs, err);
	if (rc >= 0)
		rc = irmin_store_merge(ours, *theirs, NULL, NULL, err);
	return rc < 0 ? rc : show("merged", ours, err);
}

int main(int argc, char **argv)
{
	irmin_store *ours = NULL;
	irmin_store *theirs = NULL;
	irmin_error err;
	irmin_rc rc;

	rc = irmin_open(argc > 1 ? argv[1] : "mem:", NULL, &ours, &err);
	if (rc >= 0)
		rc = run(ours, &theirs, &err);
	if (rc < 0)
		fprintf(stderr, "merge-counter: %s\n", err.text);
	irmin_store_close(theirs);
	irmin_store_close(ours);
	return rc < 0;
}
