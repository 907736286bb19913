/* Ref stores: names that are set, moved and removed, all or none. */
#include "tests/suite/suite-backend.h"

#include "tests/support/tap.h"

#include <stdio.h>
#include <string.h>

#define NONE 0 /* stands for no id in the tables below */
#define ANY  (-1)

/* A change with ids given by number. */
static irmin_ref_change change(const irmin_backend *backend, const char *name,
    int expected, int id)
{
	irmin_ref_change change;

	memset(&change, 0, sizeof change);
	change.name = name;
	change.any = expected == ANY;
	if (expected > 0)
		change.expected = suite_id(backend, (unsigned)expected);
	if (id > 0)
		change.id = suite_id(backend, (unsigned)id);
	return change;
}

static irmin_rc cas_one(irmin_backend *backend, const char *name, int expected,
    int id, irmin_error *err)
{
	irmin_ref_change one = change(backend, name, expected, id);

	return suite_cas(backend, &one, 1, NULL, err);
}

/* Checks what a ref is; NONE: not there. */
static void check_ref(irmin_backend *backend, const char *name, int id,
    const char *when)
{
	irmin_ref_value value;
	irmin_error err;
	irmin_oid wanted;

	memset(&value, 0, sizeof value);
	is_rc(suite_find_ref(backend, name, &value, &err),
	    id ? IRMIN_OK : IRMIN_ABSENT, "%s: %s is%s there", when, name,
	    id ? "" : " not");
	memset(&wanted, 0, sizeof wanted);
	if (id)
		wanted = suite_id(backend, (unsigned)id);
	ok(!irmin_oid_compare(&value.id, &wanted) && !value.target.len,
	    "%s: %s has its value", when, name);
	irmin_buf_clear(&value.target);
}

static void check_link(irmin_backend *backend, const char *name,
    const char *target, const char *when)
{
	irmin_ref_value value;
	irmin_error err;

	memset(&value, 0, sizeof value);
	value.id = suite_id(backend, 9);
	is_rc(suite_find_ref(backend, name, &value, &err), IRMIN_OK,
	    "%s: %s is there", when, name);
	ok(irmin_oid_is_none(&value.id), "%s: %s has no id", when, name);
	is_str((const char *)value.target.data, target, "%s: %s is symbolic",
	    when, name);
	irmin_buf_clear(&value.target);
}

/* ---- one ref ---- */

static void check_one(irmin_backend *backend, const char *name)
{
	static const struct {
		int expected, id;
		irmin_rc rc;
		int after;
		const char *what;
	} steps[] = {
		{ 1, 2, IRMIN_ESTALE, NONE, "expected, but absent" },
		{ NONE, NONE, IRMIN_OK, NONE, "removed while absent" },
		{ ANY, NONE, IRMIN_OK, NONE, "removed, whatever it is" },
		{ NONE, 1, IRMIN_OK, 1, "made" },
		{ NONE, 2, IRMIN_ESTALE, 1, "made again" },
		{ 2, 3, IRMIN_ESTALE, 1, "moved from elsewhere" },
		{ 1, 2, IRMIN_OK, 2, "moved" },
		{ 2, 2, IRMIN_OK, 2, "moved to where it is" },
		{ ANY, 3, IRMIN_OK, 3, "set, whatever it is" },
		{ 2, NONE, IRMIN_ESTALE, 3, "removed, but elsewhere" },
		{ NONE, NONE, IRMIN_ESTALE, 3, "removed, but there" },
		{ 3, NONE, IRMIN_OK, NONE, "removed" },
		{ ANY, 4, IRMIN_OK, 4, "made, whatever it is" },
		{ ANY, NONE, IRMIN_OK, NONE, "removed again" },
	};
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof steps / sizeof *steps; i++) {
		irmin_rc rc = cas_one(backend, "refs/heads/one",
		    steps[i].expected, steps[i].id, &err);
		const char *what = tap_format("%s: %s", name, steps[i].what);

		is_rc(rc, steps[i].rc, "%s", what);
		if (rc < 0)
			is_str(err.where, "refs/heads/one",
			    "%s: the error names it", what);
		check_ref(backend, "refs/heads/one", steps[i].after, what);
	}
}

/* ---- several at once ---- */

static void check_several(irmin_backend *backend, const char *name)
{
	irmin_ref_change changes[4];
	size_t differing = 99;
	irmin_error err;

	changes[0] = change(backend, "refs/heads/z", NONE, 1);
	changes[1] = change(backend, "refs/heads/a", NONE, 2);
	changes[2] = change(backend, "refs/tags/m", NONE, 3);
	is_rc(suite_cas(backend, changes, 3, &differing, &err), IRMIN_OK,
	    "%s: three made at once, in no order", name);
	check_ref(backend, "refs/heads/z", 1, name);
	check_ref(backend, "refs/heads/a", 2, name);
	check_ref(backend, "refs/tags/m", 3, name);

	changes[0] = change(backend, "refs/tags/m", 3, NONE);
	changes[1] = change(backend, "refs/heads/z", 7, 8);
	changes[2] = change(backend, "refs/heads/new", NONE, 8);
	changes[3] = change(backend, "refs/heads/a", 7, 8);
	fails(suite_cas(backend, changes, 4, &differing, &err), IRMIN_ESTALE,
	    &err, "%s: two of four differ", name);
	is_int(differing, 1, "%s: the first of them is told", name);
	check_ref(backend, "refs/heads/z", 1, name);
	check_ref(backend, "refs/heads/a", 2, name);
	check_ref(backend, "refs/tags/m", 3, name);
	check_ref(backend, "refs/heads/new", NONE, name);

	changes[1] = change(backend, "refs/heads/z", 1, 8);
	changes[3] = change(backend, "refs/heads/a", ANY, NONE);
	is_rc(suite_cas(backend, changes, 4, &differing, &err), IRMIN_OK,
	    "%s: one removed, one moved, one made, one removed", name);
	check_ref(backend, "refs/heads/z", 8, name);
	check_ref(backend, "refs/heads/a", NONE, name);
	check_ref(backend, "refs/tags/m", NONE, name);
	check_ref(backend, "refs/heads/new", 8, name);

	changes[0] = change(backend, "refs/heads/z", 8, 1);
	changes[1] = change(backend, "refs/heads/q", NONE, 1);
	changes[2] = change(backend, "refs/heads/z", 8, 2);
	fails(suite_cas(backend, changes, 3, &differing, &err), IRMIN_EINVAL,
	    &err, "%s: one ref twice", name);
	check_ref(backend, "refs/heads/q", NONE, name);
	is_rc(suite_cas(backend, NULL, 0, &differing, &err), IRMIN_OK,
	    "%s: no change", name);

	changes[0] = change(backend, "refs/heads/z", ANY, NONE);
	changes[1] = change(backend, "refs/heads/new", ANY, NONE);
	is_rc(suite_cas(backend, changes, 2, &differing, &err), IRMIN_OK,
	    "%s: two removed", name);
}

/* ---- directories ---- */

static void check_directories(irmin_backend *backend, const char *name)
{
	irmin_ref_change changes[2];
	irmin_error err;

	is_rc(cas_one(backend, "refs/heads/d/e/f", NONE, 1, &err), IRMIN_OK,
	    "%s: a ref deep down", name);
	fails(cas_one(backend, "refs/heads/d", NONE, 2, &err), IRMIN_EEXIST,
	    &err, "%s: a ref where a directory is", name);
	fails(cas_one(backend, "refs/heads/d/e", ANY, 2, &err), IRMIN_EEXIST,
	    &err, "%s: and one step deeper", name);
	fails(cas_one(backend, "refs/heads/d/e/f/g", NONE, 2, &err),
	    IRMIN_EEXIST, &err, "%s: a directory where a ref is", name);
	is_rc(cas_one(backend, "refs/heads/d/e/f/g", 5, 2, &err), IRMIN_ESTALE,
	    "%s: what cannot be there is not what was expected", name);
	is_rc(cas_one(backend, "refs/heads/d/e/f/g", ANY, NONE, &err), IRMIN_OK,
	    "%s: but it can be removed", name);
	check_ref(backend, "refs/heads/d", NONE, name);
	check_ref(backend, "refs/heads/d/e/f/g", NONE, name);
	is_rc(cas_one(backend, "refs/heads/d-", NONE, 2, &err), IRMIN_OK,
	    "%s: a name that only looks like the directory's", name);
	is_rc(cas_one(backend, "refs/heads/d/e/f0", NONE, 2, &err), IRMIN_OK,
	    "%s: and one that looks like the ref's", name);

	changes[0] = change(backend, "refs/heads/d/e/f", 1, NONE);
	changes[1] = change(backend, "refs/heads/d/e/f/g", NONE, 2);
	fails(suite_cas(backend, changes, 2, NULL, &err), IRMIN_EEXIST, &err,
	    "%s: a directory where a ref just goes", name);
	check_ref(backend, "refs/heads/d/e/f", 1, name);
	changes[0] = change(backend, "refs/heads/x", NONE, 1);
	changes[1] = change(backend, "refs/heads/x/y", NONE, 2);
	fails(suite_cas(backend, changes, 2, NULL, &err), IRMIN_EEXIST, &err,
	    "%s: both at once", name);
	check_ref(backend, "refs/heads/x", NONE, name);

	changes[0] = change(backend, "refs/heads/d/e/f", 1, NONE);
	changes[1] = change(backend, "refs/heads/d/e/f0", 2, NONE);
	is_rc(suite_cas(backend, changes, 2, NULL, &err), IRMIN_OK,
	    "%s: all of the directory goes", name);
	is_rc(cas_one(backend, "refs/heads/d", NONE, 3, &err), IRMIN_OK,
	    "%s: then its name is free", name);
	is_rc(cas_one(backend, "refs/heads/d", 3, NONE, &err), IRMIN_OK,
	    "%s: and free again", name);
	is_rc(cas_one(backend, "refs/heads/d-", ANY, NONE, &err), IRMIN_OK,
	    "%s: the rest goes", name);
}

/* ---- names ---- */

static void check_names(irmin_backend *backend, const char *name)
{
	static const char *const bad[] = { "", "main", "refs", "refs/",
		"refs/heads/", "refs//a", "refs/heads/a..b", "refs/heads/.a",
		"refs/heads/a.lock", "refs/heads/../../x", "../HEAD",
		"/etc/passwd", "refs/heads/a\nb", "refs/heads/a b",
		"refs/heads/a.lock/b", "refs/heads/a~1", "refs/heads/a^",
		"refs/heads/a:", "refs/heads/a?", "refs/heads/a*",
		"refs/heads/a[", "refs/heads/a\\b", "refs/heads/@{x",
		"refs/heads/a.", "head", "HEAD/x" };
	static const char *const good[] = { "refs/heads/a-b", "refs/heads/ä",
		"refs/x", "refs/heads/-", "refs/heads/@", "FETCH_HEAD",
		"refs/notes/commits", "refs/heads/a@b", "refs/worktree/x" };
	irmin_ref_value value;
	irmin_error err;
	size_t i;

	memset(&value, 0, sizeof value);
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *what = tap_format("%s: bad name %zu", name, i);

		fails(suite_find_ref(backend, bad[i], &value, &err),
		    IRMIN_EINVAL, &err, "%s, find", what);
		fails(cas_one(backend, bad[i], ANY, 1, &err), IRMIN_EINVAL,
		    &err, "%s, cas", what);
		fails(backend->refs->cls->set_link(backend->refs, NULL, bad[i],
			  "refs/heads/main", &err),
		    IRMIN_EINVAL, &err, "%s, set_link", what);
		fails(backend->refs->cls->set_link(backend->refs, NULL,
			  "refs/heads/link", bad[i], &err),
		    IRMIN_EINVAL, &err, "%s, target", what);
	}
	for (i = 0; i < sizeof good / sizeof *good; i++) {
		is_rc(cas_one(backend, good[i], NONE, 1, &err), IRMIN_OK,
		    "%s: %s can be made", name, good[i]);
		check_ref(backend, good[i], 1, name);
		is_rc(cas_one(backend, good[i], 1, NONE, &err), IRMIN_OK,
		    "%s: %s can be removed", name, good[i]);
	}
	irmin_buf_clear(&value.target);
}

/* ---- listing ---- */

struct told {
	char names[512]; /* each with a blank behind it */
	const char *stop_at;
	int sorted;
	char last[64];
};

static int tell(void *arg, const char *name, const irmin_ref_value *value)
{
	struct told *told = arg;
	size_t len = strlen(told->names);

	told->sorted &= strcmp(told->last, name) < 0;
	strncpy(told->last, name, sizeof told->last - 1);
	snprintf(told->names + len, sizeof told->names - len, "%s%s ", name,
	    value->target.len ? "@" : "");
	return told->stop_at && !strcmp(name, told->stop_at) ? 1001 : 0;
}

static void check_told(irmin_backend *backend, const char *prefix,
    const char *wanted, const char *name)
{
	struct told told = { "", NULL, 1, "" };
	irmin_error err;

	is_rc(backend->refs->cls->each(backend->refs, NULL, prefix, tell, &told,
		  &err),
	    IRMIN_OK, "%s: each \"%s\"", name, prefix);
	is_str(told.names, wanted, "%s: tells those with \"%s\"", name, prefix);
	ok(told.sorted, "%s: in order", name);
}

static void check_each(irmin_backend *backend, const char *name)
{
	static const char *const names[] = { "refs/heads/b", "refs/tags/v1",
		"refs/heads/a-b", "refs/heads/a/x", "refs/heads/a0",
		"refs/heads/a/w/v" };
	struct told told = { "", "refs/heads/a/w/v", 1, "" };
	irmin_error err;
	size_t i;

	check_told(backend, "", "", name);
	for (i = 0; i < sizeof names / sizeof *names; i++)
		succeeds(cas_one(backend, names[i], NONE, (int)i + 1, &err),
		    &err, "%s: make %s", name, names[i]);
	succeeds(backend->refs->cls->set_link(backend->refs, NULL,
		     "refs/remotes/o/HEAD", "refs/heads/b", &err),
	    &err, "%s: make a symbolic one", name);
	check_told(backend, "",
	    "refs/heads/a-b refs/heads/a/w/v refs/heads/a/x refs/heads/a0 "
	    "refs/heads/b refs/remotes/o/HEAD@ refs/tags/v1 ",
	    name);
	check_told(backend, "refs/heads/a",
	    "refs/heads/a-b refs/heads/a/w/v refs/heads/a/x refs/heads/a0 ",
	    name);
	check_told(backend, "refs/heads/a/", "refs/heads/a/w/v refs/heads/a/x ",
	    name);
	check_told(backend, "refs/heads/a/x", "refs/heads/a/x ", name);
	check_told(backend, "refs/heads/a/x/", "", name);
	check_told(backend, "refs/t", "refs/tags/v1 ", name);
	check_told(backend, "HEAD", "", name);
	check_told(backend, "refs/nothing/", "", name);
	is_rc(backend->refs->cls->each(backend->refs, NULL, "refs/", tell,
		  &told, &err),
	    1001, "%s: a callback's answer is passed through", name);
	is_str(told.names, "refs/heads/a-b refs/heads/a/w/v ",
	    "%s: and ends the walk", name);
	for (i = 0; i < sizeof names / sizeof *names; i++)
		succeeds(cas_one(backend, names[i], ANY, NONE, &err), &err,
		    "%s: remove %s", name, names[i]);
	is_rc(cas_one(backend, "refs/remotes/o/HEAD", ANY, NONE, &err),
	    IRMIN_OK, "%s: a symbolic ref is removed", name);
	check_told(backend, "", "", name);
}

/* ---- symbolic refs ---- */

static irmin_rc set_link(irmin_backend *backend, const char *name,
    const char *target, irmin_error *err)
{
	irmin_context context = suite_context();

	return backend->refs->cls->set_link(backend->refs, &context, name,
	    target, err);
}

static void check_links(irmin_backend *backend, const char *name)
{
	irmin_error err;

	check_link(backend, "HEAD", "refs/heads/main", name);
	succeeds(set_link(backend, "HEAD", "refs/heads/other", &err), &err,
	    "%s: HEAD names another branch", name);
	check_link(backend, "HEAD", "refs/heads/other", name);
	check_ref(backend, "refs/heads/other", NONE, name);
	fails(cas_one(backend, "HEAD", NONE, 1, &err), IRMIN_ESTALE, &err,
	    "%s: a symbolic ref is not absent", name);
	fails(cas_one(backend, "HEAD", 1, 2, &err), IRMIN_ESTALE, &err,
	    "%s: and is no id", name);
	check_link(backend, "HEAD", "refs/heads/other", name);
	is_rc(cas_one(backend, "HEAD", ANY, 5, &err), IRMIN_OK,
	    "%s: HEAD is detached", name);
	check_ref(backend, "HEAD", 5, name);
	check_ref(backend, "refs/heads/other", NONE, name);
	is_rc(cas_one(backend, "HEAD", 5, 6, &err), IRMIN_OK, "%s: and moved",
	    name);
	succeeds(set_link(backend, "HEAD", "refs/heads/main", &err), &err,
	    "%s: and attached again", name);
	check_link(backend, "HEAD", "refs/heads/main", name);

	succeeds(set_link(backend, "refs/remotes/o/HEAD", "refs/remotes/o/main",
		     &err),
	    &err, "%s: a symbolic ref deep down", name);
	fails(set_link(backend, "refs/remotes/o", "refs/heads/main", &err),
	    IRMIN_EEXIST, &err, "%s: a symbolic ref where a directory is",
	    name);
	fails(set_link(backend, "refs/remotes/o/HEAD/x", "refs/heads/main",
		  &err),
	    IRMIN_EEXIST, &err, "%s: and below a ref", name);
	is_rc(cas_one(backend, "refs/remotes/o/HEAD", ANY, NONE, &err),
	    IRMIN_OK, "%s: and away", name);
}

/* ---- the rest ---- */

static void check_rest(irmin_backend *backend, const char *name)
{
	irmin_reflog reflog = { { { "N", 1 }, { "e@x", 3 }, 1700000000, -130 },
		{ "why\nnot", 7 } };
	irmin_ref_change one = change(backend, "refs/heads/r", NONE, 1);
	irmin_buf where = IRMIN_BUF_INIT;
	irmin_context context = suite_context();
	irmin_error err;

	is_rc(backend->refs->cls->cas(backend->refs, &context, &one, 1, &reflog,
		  NULL, &err),
	    IRMIN_OK, "%s: a change with a text", name);
	check_ref(backend, "refs/heads/r", 1, name);
	one.any = 1;
	one.id.algo = backend->hash == IRMIN_HASH_SHA1 ? IRMIN_HASH_SHA256
						       : IRMIN_HASH_SHA1;
	fails(suite_cas(backend, &one, 1, NULL, &err), IRMIN_EINVAL, &err,
	    "%s: an id of another hash", name);
	if (backend->refs->cls->checked_out)
		is_rc(backend->refs->cls->checked_out(backend->refs, NULL,
			  "refs/heads/r", &where, &err),
		    IRMIN_ABSENT, "%s: not checked out", name);
	if (backend->refs->cls->flush)
		succeeds(backend->refs->cls->flush(backend->refs, NULL,
			     IRMIN_POWER, &err),
		    &err, "%s: flush", name);
	irmin_buf_clear(&where);
}

void suite_backend_refs(const struct suite_backend *suite)
{
	irmin_backend *backend = suite_open(suite, IRMIN_HASH_SHA1);
	const char *name = suite->name;
	irmin_error err;

	check_links(backend, name);
	check_one(backend, name);
	check_several(backend, name);
	check_directories(backend, name);
	check_names(backend, name);
	check_each(backend, name);
	check_rest(backend, name);
	suite_close(backend);
	if (suite->open_again) {
		backend = suite_open_again(suite);
		check_ref(backend, "refs/heads/r", 1, "opened again");
		check_link(backend, "HEAD", "refs/heads/main", "opened again");
		suite_close(backend);
	}
	backend = suite_open(suite, IRMIN_HASH_SHA256);
	is_rc(cas_one(backend, "refs/heads/main", NONE, 1, &err), IRMIN_OK,
	    "%s: a long id", name);
	check_ref(backend, "refs/heads/main", 1, name);
	suite_close(backend);
}
