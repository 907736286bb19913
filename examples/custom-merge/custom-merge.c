/*
 * A merge of one's own: the status of a ticket.
 *
 *     custom-merge [URI]       (default: mem:)
 *
 * A ticket goes from open to assigned, and then to fixed or rejected. Where two
 * branches both changed one, the further status is right, unless a side went
 * back: it reopened the ticket, which wins. Fixed here and rejected there is
 * for people to decide.
 */
#include <irmin/irmin.h>

#include <stdio.h>

/* ---- the merge ---- */

static const char *const words[] = { "open", "assigned", "fixed", "rejected" };

enum { OPEN, ASSIGNED, FIXED, REJECTED, STATUS_COUNT };

static int status_of(const irmin_value *value)
{
	int i = 0;

	while (i < STATUS_COUNT &&
	    !irmin_slice_equal(irmin_value_bytes(value), irmin_text(words[i])))
		i++;
	return i;
}

static irmin_rc merge_status(void *arg, irmin_promise *promise,
    irmin_value *ours, irmin_value *theirs, irmin_value **result,
    irmin_error *err)
{
	int a = status_of(ours), b = status_of(theirs), before;
	irmin_value *base;
	irmin_rc rc;

	(void)arg;
	rc = irmin_promise_get(promise, &base, err); /* ABSENT: both added it */
	if (rc < 0)
		return rc;
	before = rc == IRMIN_OK ? status_of(base) : OPEN;
	if (a == STATUS_COUNT || b == STATUS_COUNT || before == STATUS_COUNT)
		return irmin_error_set(err, IRMIN_ECONFLICT, NULL,
		    "a side is no status");
	if (a >= FIXED && b >= FIXED && a != b)
		return irmin_error_set(err, IRMIN_ECONFLICT, NULL,
		    "it is %s here and %s there", words[a], words[b]);
	if (a < before || b < before) /* reopened */
		*result = irmin_value_ref(a < b ? ours : theirs);
	else
		*result = irmin_value_ref(a > b ? ours : theirs);
	return IRMIN_OK;
}

/* ---- a program that uses it ---- */

static irmin_rc set(irmin_store *store, const char *path, int status,
    irmin_error *err)
{
	return irmin_store_set(store, path, irmin_text(words[status]), NULL,
	    err);
}

/* Two people work on four tickets, each on a branch of their own. */
static const struct {
	const char *path;
	int before, ours, theirs;
} tickets[] = {
	{ "tickets/1", OPEN, ASSIGNED, FIXED },
	{ "tickets/2", FIXED, OPEN, REJECTED },
	{ "tickets/3", ASSIGNED, REJECTED, ASSIGNED },
	{ "tickets/4", ASSIGNED, FIXED, REJECTED },
};

#define TICKET_COUNT (sizeof(tickets) / sizeof(*tickets))

static irmin_rc work(irmin_store *ours, irmin_store **theirs, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	for (size_t i = 0; rc >= 0 && i < TICKET_COUNT; i++)
		rc = set(ours, tickets[i].path, tickets[i].before, err);
	if (rc >= 0)
		rc = irmin_store_fork(ours, "theirs", theirs, err);
	for (size_t i = 0; rc >= 0 && i < TICKET_COUNT; i++) {
		rc = set(ours, tickets[i].path, tickets[i].ours, err);
		if (rc >= 0)
			rc = set(*theirs, tickets[i].path, tickets[i].theirs,
			    err);
	}
	return rc;
}

static irmin_rc show(irmin_tree *tree, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	for (size_t i = 0; rc >= 0 && i < TICKET_COUNT; i++) {
		irmin_pin value = IRMIN_PIN_INIT;

		rc = irmin_tree_find(tree, tickets[i].path, &value, err);
		if (rc >= 0)
			printf("%s: %.*s\n", tickets[i].path, (int)value.len,
			    (const char *)value.data);
		irmin_pin_release(&value);
	}
	return rc;
}

static irmin_rc merge(irmin_store *ours, irmin_store *theirs, irmin_error *err)
{
	irmin_merge_result *result = NULL;
	irmin_tree *tree = NULL;
	irmin_conflict *conflict;
	irmin_rc rc;

	rc = irmin_repo_rule(irmin_store_repo(ours), "tickets/*",
	    irmin_contents_bytes(irmin_merge_new(merge_status, NULL, NULL)),
	    err);
	if (rc >= 0)
		rc = irmin_store_merge(ours, theirs, NULL, &result, err);
	if (rc >= 0 || rc == IRMIN_ECONFLICT)
		rc = irmin_merge_result_tree(result, &tree, err);
	if (rc >= 0)
		rc = show(tree, err);
	while (
	    rc >= 0 && irmin_merge_result_next(result, &conflict) == IRMIN_OK)
		printf("conflict: %s: %s\n", irmin_conflict_path(conflict),
		    irmin_conflict_message(conflict));
	irmin_tree_unref(tree);
	irmin_merge_result_free(result);
	return rc;
}

int main(int argc, char **argv)
{
	irmin_store *ours = NULL;
	irmin_store *theirs = NULL;
	irmin_error err;
	irmin_rc rc;

	rc = irmin_open(argc > 1 ? argv[1] : "mem:", NULL, &ours, &err);
	if (rc >= 0)
		rc = work(ours, &theirs, &err);
	if (rc >= 0)
		rc = merge(ours, theirs, &err);
	if (rc < 0)
		fprintf(stderr, "custom-merge: %s\n", err.text);
	irmin_store_close(theirs);
	irmin_store_close(ours);
	return rc < 0;
}
