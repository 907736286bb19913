/* Every file operation of a change of several refs fails once, on a machine in
 * memory: all of the refs have changed or none, nothing is left lying about, and
 * the next try succeeds. */
#include "tests/unit/backend-git/git-place.h"
#include "lib/core/base/os-sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* Moved, made deep down, removed while loose, while packed, while both. */
static const struct {
	const char *name, *before, *after;
} refs[] = {
	{ "refs/heads/moved", A, B },
	{ "refs/heads/new/deep", NULL, B },
	{ "refs/heads/loose/x", A, NULL },
	{ "refs/heads/packed", A, NULL },
	{ "refs/tags/both", A, NULL },
	{ "refs/heads/repacked", A, B },
};

#define REFS (sizeof refs / sizeof *refs)

static void write_file(irmin__os *os, const char *path, const char *text)
{
	irmin__file *file;
	irmin_error err;

	if (irmin__os_open(os, path,
		IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_APPEND, 0644,
		&file, &err) < 0 ||
	    irmin__os_write(file, irmin_text(text), &err) < 0)
		bail("%s", err.text);
	irmin__os_close(file);
}

static irmin_backend *begin(irmin__os **os, int logged)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_backend *backend;
	irmin_error err;

	options.flags = IRMIN_OPEN_CREATE;
	if (irmin__os_sim_new(1, os, &err) < 0 ||
	    irmin__git_open(*os, "/r", &options, &backend, &err) < 0)
		bail("%s", err.text);
	place_close(backend);
	if (logged)
		write_file(*os, "/r/config", "\tlogAllRefUpdates = true\n");
	irmin__os_mkdir(*os, "/r/refs/heads/loose", 0755, NULL);
	write_file(*os, "/r/refs/heads/moved", A "\n");
	write_file(*os, "/r/refs/heads/loose/x", A "\n");
	write_file(*os, "/r/refs/tags/both", A "\n");
	write_file(*os, "/r/packed-refs",
	    A " refs/heads/packed\n" A " refs/heads/repacked\n" B
	      " refs/heads/stays\n" B " refs/tags/both\n");
	/* Beyond the time in which a file may change unseen. */
	irmin__os_sleep_us(*os, 10000000);
	return place_open_on(*os, "/r");
}

static irmin_rc change_all(irmin_backend *backend, const irmin_reflog *reflog,
    irmin_error *err)
{
	irmin_ref_change changes[REFS];
	size_t i;

	memset(changes, 0, sizeof changes);
	for (i = 0; i < REFS; i++) {
		changes[i].name = refs[i].name;
		if (refs[i].before)
			changes[i].expected = place_id(refs[i].before);
		if (refs[i].after)
			changes[i].id = place_id(refs[i].after);
	}
	return backend->refs->cls->cas(backend->refs, NULL, changes, REFS,
	    reflog, NULL, err);
}

/* 0: all are as before; 1: as after; -1: neither. */
static int state_of(irmin_backend *backend)
{
	int before = 1, after = 1;
	irmin_ref_value value;
	irmin_error err;
	size_t i;

	memset(&value, 0, sizeof value);
	for (i = 0; i < REFS; i++) {
		const char *is = NULL;

		if (backend->refs->cls->find(backend->refs, NULL, refs[i].name,
			&value, &err) < 0)
			return -1;
		if (!irmin_oid_is_none(&value.id))
			is = place_hex(&value.id);
		before &= !is == !refs[i].before;
		after &= !is == !refs[i].after;
		if (is) {
			before &= refs[i].before && !strcmp(is, refs[i].before);
			after &= refs[i].after && !strcmp(is, refs[i].after);
		}
	}
	irmin_buf_clear(&value.target);
	return before ? 0 : after ? 1 : -1;
}

/* ---- litter ---- */

struct search {
	irmin__os *os;
	const char *path;
	const char *found;
};

static int look(void *arg, const char *name, irmin__os_kind kind)
{
	struct search *search = arg;
	struct search inner = *search;

	inner.path = tap_format("%s/%s", search->path, name);
	if (kind == IRMIN__OS_DIRECTORY)
		(void)irmin__os_each(inner.os, inner.path, look, &inner, NULL);
	else if (strstr(name, ".lock") || strstr(name, "tmp_"))
		inner.found = inner.path;
	search->found = inner.found;
	return 0;
}

static const char *litter(irmin__os *os)
{
	struct search search = { os, "/r", NULL };

	(void)irmin__os_each(os, search.path, look, &search, NULL);
	return search.found;
}

/* ---- one failure ---- */

/* Removing what is not needed any more may fail as well; then it stays. */
static int is_cleaning(const char *operation)
{
	return !strncmp(operation, "unlink", 6) &&
	    strstr(operation, ".lock") != NULL;
}

static int fail_once(uint64_t n, int os_errno, const irmin_reflog *reflog)
{
	irmin__os *os;
	irmin_backend *backend = begin(&os, reflog != NULL);
	uint64_t at = irmin__os_sim_operations(os) + n;
	const char *operation, *what;
	irmin_error err;
	int failed, state;
	irmin_rc rc;

	irmin__os_sim_fail_at(os, at, os_errno);
	rc = change_all(backend, reflog, &err);
	failed = irmin__os_sim_failed(os);
	irmin__os_sim_fail_at(os, 0, 0);
	operation = tap_format("%s", failed ? irmin__os_sim_log(os, at) : "");
	what = tap_format("operation %d (%s) fails", (int)n, operation);
	state = state_of(backend);
	if (state != (rc >= 0))
		ok(false, "%s: %s, and the refs are %s", what,
		    irmin_rc_name(rc),
		    state < 0 ? "changed in part" : "something else");
	if (rc < 0 && err.code != rc)
		ok(false, "%s: err is not filled", what);
	if (!is_cleaning(operation) && litter(os))
		ok(false, "%s: %s is left", what, litter(os));
	if (rc < 0) {
		place_close(backend);
		backend = place_open_on(os, "/r");
		rc = change_all(backend, NULL, &err);
		if (rc < 0 || state_of(backend) != 1)
			ok(false, "%s: the next try: %s", what, err.text);
	}
	place_close(backend);
	irmin__os_sim_free(os);
	return failed;
}

static void sweep(const char *what, int os_errno, const irmin_reflog *reflog)
{
	uint64_t n = 1;

	while (fail_once(n, os_errno, reflog) && n < 2000)
		n++;
	ok(n > 50 && n < 2000, "%s: %d operations, each failed once", what,
	    (int)n - 1);
}

int main(void)
{
	irmin_reflog reflog = { { { "N", 1 }, { "e", 1 }, 1, 0 }, { "m", 1 } };

	place_begin();
	sweep("EIO", EIO, NULL);
	sweep("ENOSPC", ENOSPC, NULL);
	sweep("EIO, logged", EIO, &reflog);
	return done_testing();
}
