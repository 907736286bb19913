/*
 * Conflicts as data: shown, kept, resolved, committed.
 *
 *     conflicts [URI]       (default: mem:)
 *
 * Two people change the same settings, each on a branch of their own. What does
 * not merge is shown as a table and saved in the repository; then the merge is
 * taken up again, as another program could elsewhere, each conflict is resolved
 * in a way of its own, and the merge becomes one commit.
 */
#include <irmin/irmin.h>

#include <stdio.h>

static const char *const sides[] = { "base", "ours", "theirs" };

/* NULL: nothing is there. */
static const struct {
	const char *path, *before, *ours, *theirs;
} settings[] = {
	{ "net/dns", "9.9.9.9", "1.1.1.1", "8.8.8.8" },
	{ "net/mtu", "1500", "9000", "1500" },
	{ "motd", "welcome", NULL, "welcome back" },
	{ "users", "ann", "ann ben", NULL },
	{ "users/ann", NULL, NULL, "admin" },
};

#define SETTING_COUNT (sizeof(settings) / sizeof(*settings))

static irmin_rc put(irmin_store *store, const char *path, const char *value,
    irmin_error *err)
{
	if (!value)
		return irmin_store_remove(store, path, NULL, err);
	return irmin_store_set(store, path, irmin_text(value), NULL, err);
}

static irmin_rc work(irmin_store *ours, irmin_store **theirs, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	for (size_t i = 0; rc >= 0 && i < SETTING_COUNT; i++)
		if (settings[i].before)
			rc = put(ours, settings[i].path, settings[i].before,
			    err);
	if (rc >= 0)
		rc = irmin_store_fork(ours, "theirs", theirs, err);
	for (size_t i = 0; rc >= 0 && i < SETTING_COUNT; i++) {
		if (settings[i].ours)
			rc = put(ours, settings[i].path, settings[i].ours, err);
		else if (settings[i].before)
			rc = put(ours, settings[i].path, NULL, err);
		if (rc >= 0)
			rc = put(*theirs, settings[i].path, settings[i].theirs,
			    err);
	}
	return rc;
}

/* One side of a conflict: a value, a directory, or nothing. */
static irmin_rc show_side(irmin_conflict *conflict, irmin_side side,
    irmin_error *err)
{
	irmin_pin value = IRMIN_PIN_INIT;
	irmin_entry entry;
	irmin_rc rc;

	rc = irmin_conflict_entry(conflict, side, &entry, err);
	if (rc < 0)
		return rc;
	rc = irmin_conflict_value(conflict, side, &value, err);
	if (rc == IRMIN_OK)
		printf("  %-6s  \"%.*s\"\n", sides[side], (int)value.len,
		    (const char *)value.data);
	else if (rc == IRMIN_ABSENT)
		printf("  %-6s  %s\n", sides[side],
		    entry.mode == IRMIN_MODE_TREE ? "a directory" : "nothing");
	irmin_pin_release(&value);
	return rc;
}

static irmin_rc show(irmin_merge_result *result, irmin_error *err)
{
	irmin_conflict *conflict;
	irmin_rc rc = IRMIN_OK;

	printf("%zu conflicts\n", irmin_merge_result_left(result));
	while (
	    rc >= 0 && irmin_merge_result_next(result, &conflict) == IRMIN_OK) {
		printf("%-8s  %s\n", irmin_conflict_path(conflict),
		    irmin_conflict_kind_name(irmin_conflict_what(conflict)));
		for (int i = 0; rc >= 0 && i < 3; i++)
			rc = show_side(conflict, (irmin_side)i, err);
	}
	return rc;
}

/* A value of our own; their side; ours. */
static irmin_rc resolve(irmin_merge_result *result, irmin_conflict *conflict,
    irmin_error *err)
{
	irmin_slice both = irmin_text("1.1.1.1 8.8.8.8");
	irmin_conflict_kind kind = irmin_conflict_what(conflict);

	if (kind == IRMIN_CONFLICT_CONTENT)
		return irmin_merge_result_resolve(result, conflict, &both, err);
	if (kind == IRMIN_CONFLICT_FILE_DIRECTORY)
		return irmin_merge_result_take(result, conflict,
		    IRMIN_SIDE_THEIRS, err);
	return irmin_merge_result_take(result, conflict, IRMIN_SIDE_OURS, err);
}

/* Whoever opens the repository can end a merge that was saved. */
static irmin_rc end_merge(irmin_store *store, irmin_error *err)
{
	irmin_info info = irmin_info_of(NULL, "merge theirs, by hand");
	irmin_merge_result *result = NULL;
	irmin_conflict *conflict;
	irmin_rc rc;

	rc = irmin_store_merge_resume(store, &result, err);
	while (rc == IRMIN_OK &&
	    irmin_merge_result_next(result, &conflict) == IRMIN_OK)
		rc = resolve(result, conflict, err);
	if (rc == IRMIN_OK)
		rc = irmin_merge_result_commit(result, &info, err);
	irmin_merge_result_free(result);
	return rc;
}

static irmin_rc merge(irmin_store *ours, irmin_store *theirs, irmin_error *err)
{
	irmin_merge_result *result = NULL;
	irmin_rc rc;

	rc = irmin_store_merge(ours, theirs, NULL, &result, err);
	if (rc == IRMIN_ECONFLICT) {
		rc = show(result, err);
		if (rc >= 0)
			rc = irmin_merge_result_save(result, err);
		if (rc >= 0)
			rc = end_merge(ours, err);
	}
	irmin_merge_result_free(result);
	return rc;
}

static irmin_rc show_outcome(irmin_store *store, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	printf("merged\n");
	for (size_t i = 0; rc >= 0 && i < SETTING_COUNT; i++) {
		irmin_buf value = IRMIN_BUF_INIT;

		rc = irmin_store_find(store, settings[i].path, &value, err);
		if (rc == IRMIN_OK)
			printf("%-9s  %s\n", settings[i].path,
			    (const char *)value.data);
		irmin_buf_clear(&value);
	}
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
	if (rc >= 0)
		rc = show_outcome(ours, &err);
	if (rc < 0)
		fprintf(stderr, "conflicts: %s\n", err.text);
	irmin_store_close(theirs);
	irmin_store_close(ours);
	return rc < 0;
}
