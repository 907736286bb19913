/* Commit-graphs that git wrote: what they tell of a commit is what the commit
 * says; and where git does not use them, neither do we. */
#include "tests/unit/backend-git/git-place.h"

#include "tests/support/alloc-fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AS_SOMEBODY "git -c user.name=a -c user.email=b"
#define COMMITS     40

/* A history with merges of two and of three. */
static void make(const char *dir, const char *format)
{
	place_says("", "git init -q --bare -b main --object-format=%s %s",
	    format, dir);
	place_says(dir,
	    "for i in $(seq %d); do "
	    "export GIT_COMMITTER_DATE=\"$((1500000000 + i * 100)) +0000\"; "
	    "p=; for d in 1 2 7; do test $((i %% d)) = 0 && "
	    "c=$(git rev-parse -q --verify refs/c/$((i - d))) && "
	    "p=\"$p -p $c\"; done; "
	    "git update-ref refs/c/$i "
	    "$(" AS_SOMEBODY " commit-tree -m $i $p $(git mktree < /dev/null))"
	    "; done",
	    COMMITS);
}

static irmin_rc find(irmin_backend *backend, const irmin_oid *id,
    irmin_graph_commit *commit, irmin_error *err)
{
	memset(commit, 0, sizeof *commit);
	return backend->objects->cls->find_graph(backend->objects, NULL, id,
	    commit, err);
}

static irmin_oid commit_of(const char *dir, unsigned i)
{
	return place_id(place_says(dir, "git rev-parse refs/c/%u", i));
}

/* "tree time parent parent ..." as git's log would print it. */
static const char *told(const irmin_graph_commit *commit)
{
	const irmin_oid *parents =
	    (const irmin_oid *)(void *)commit->parents.data;
	const char *text = tap_format("%s %lld", place_hex(&commit->tree),
	    (long long)commit->time);
	size_t i;

	for (i = 0; i < commit->parent_count; i++)
		text = tap_format("%s %s", text, place_hex(&parents[i]));
	return text;
}

static void check_all(const char *dir, const char *what)
{
	irmin_backend *backend = place_open(dir, 0);
	uint64_t last = 0;
	unsigned i;

	for (i = 1; i <= COMMITS; i++) {
		irmin_oid id = commit_of(dir, i);
		irmin_graph_commit commit;
		irmin_error err;

		if (!is_rc(find(backend, &id, &commit, &err), IRMIN_OK,
			"%s: commit %u", what, i))
			continue;
		is_str(told(&commit),
		    place_says(dir,
			"git -c core.commitGraph=false log -1 "
			"--format='%%T %%ct %%P' %s | sed 's/ *$//'",
			place_hex(&id)),
		    "%s: what it says", what);
		ok(commit.generation > 0 && commit.generation >= last,
		    "%s: above its parents", what);
		last = commit.generation;
		irmin_buf_clear(&commit.parents);
	}
	place_close(backend);
}

static void check_one(const char *dir, irmin_rc wanted, const char *what)
{
	irmin_backend *backend = place_open(dir, 0);
	irmin_oid id = commit_of(dir, 3);
	irmin_graph_commit commit;
	irmin_error err;

	is_rc(find(backend, &id, &commit, &err), wanted, "%s", what);
	irmin_buf_clear(&commit.parents);
	place_close(backend);
}

static void check_format(const char *format)
{
	const char *dir = tap_format("graph-%s", format);
	const char *borrower = tap_format("borrower-%s", format);
	irmin_backend *backend;
	irmin_graph_commit commit;
	irmin_error err;
	irmin_oid id;

	make(dir, format);
	check_one(dir, IRMIN_ABSENT, "without a graph");
	backend = place_open(dir, 0);
	id = commit_of(dir, 3);
	is_rc(find(backend, &id, &commit, &err), IRMIN_ABSENT, "not yet");
	place_says(dir,
	    "git repack -adq && "
	    "git commit-graph write --reachable");
	succeeds(backend->objects->cls->refresh(backend->objects, NULL, &err),
	    &err, "refresh");
	is_rc(find(backend, &id, &commit, &err), IRMIN_OK, "seen while open");
	irmin_buf_clear(&commit.parents);
	place_close(backend);
	check_all(dir, tap_format("%s, one file", format));
	place_says("", "git init -q --bare --object-format=%s %s", format,
	    borrower);
	place_says(borrower,
	    "echo ../../%s/objects > objects/info/alternates && "
	    "cp -r ../%s/refs/c refs/",
	    dir, dir);
	check_all(borrower, tap_format("%s, borrowed", format));

	place_says(dir,
	    "rm -f objects/info/commit-graph && for i in 10 25 %d; do "
	    "git rev-parse refs/c/$i | git commit-graph write --stdin-commits "
	    "--split=no-merge; done && "
	    "test $(wc -l < objects/info/commit-graphs/commit-graph-chain) = 3",
	    COMMITS);
	check_all(dir, tap_format("%s, a chain", format));
	place_says(dir,
	    "f=objects/info/commit-graphs/graph-"
	    "$(tail -1 objects/info/commit-graphs/commit-graph-chain).graph && "
	    "chmod u+w $f && : > $f");
	check_one(dir, IRMIN_OK, "below a broken file of a chain");
	place_says(dir,
	    "rm -r objects/info/commit-graphs && "
	    "git commit-graph write --reachable");
}

static void check_conditions(void)
{
	static const struct {
		const char *make, *undo;
	} others[] = {
		{ "git config core.commitGraph false",
		    "git config --unset core.commitGraph" },
		{ "git rev-parse refs/c/2 > shallow", "rm shallow" },
		{ "git rev-parse refs/c/2 > info/grafts", "rm info/grafts" },
		{ "git replace refs/c/2 refs/c/3", "git replace -d refs/c/2" },
		{ "mv objects/info/commit-graph g && "
		  "head -c 900 g > objects/info/commit-graph",
		    "mv g objects/info/commit-graph" },
	};
	size_t i;

	for (i = 0; i < sizeof others / sizeof *others; i++) {
		place_says("graph-sha1", "mkdir -p info && %s", others[i].make);
		check_one("graph-sha1", IRMIN_ABSENT,
		    tap_format("not used after '%s'", others[i].make));
		place_says("graph-sha1", "%s", others[i].undo);
		check_one("graph-sha1", IRMIN_OK, "used again");
	}
}

/* Whoever writes one uses it from then on, and so does git. */
static void check_written(const char *dir)
{
	irmin_backend *backend = place_open(dir, 0);
	irmin_oid id = commit_of(dir, COMMITS);
	irmin_graph_commit commit;
	irmin_error err;

	place_says(dir, "rm -rf objects/info/commit-graph*");
	place_says(dir, "rm -rf objects/info/commit-graphs");
	is_rc(find(backend, &id, &commit, &err), IRMIN_ABSENT, "none is left");
	succeeds(backend->objects->cls->write_graph(backend->objects, NULL,
		     &err),
	    &err, "writing one");
	is_rc(find(backend, &id, &commit, &err), IRMIN_OK, "it is used");
	irmin_buf_clear(&commit.parents);
	place_close(backend);
	place_says(dir, "git commit-graph verify");
	check_all(dir, "our own");
}

static void check_unwritten(void)
{
	irmin_backend *backend;
	irmin_error err;

	place_says("", "git init -q --bare nothing");
	backend = place_open("nothing", 0);
	is_rc(backend->objects->cls->write_graph(backend->objects, NULL, &err),
	    IRMIN_UNCHANGED, "there is nothing to be written");
	place_close(backend);
	place_says("",
	    "cp -r graph-sha1 shallow && cd shallow && "
	    "git rev-parse refs/c/20 > shallow");
	backend = place_open("shallow", 0);
	is_rc(backend->objects->cls->write_graph(backend->objects, NULL, &err),
	    IRMIN_UNCHANGED, "where history is cut, none is written");
	place_close(backend);
}

/* Not to know what is unsynced is no failure: then all is. */
static void check_write_sweep(void)
{
	size_t live = alloc_fault_live(), leaks = 0;
	int wrong = 0, failures = 0, happened = 1;
	uint64_t n;

	for (n = 1; happened; n++) {
		irmin_backend *backend = place_open("graph-sha1", 0);
		irmin_error err;
		irmin_rc rc;

		alloc_fault_at(n);
		rc = backend->objects->cls->write_graph(backend->objects, NULL,
		    &err);
		happened = alloc_fault_happened();
		alloc_fault_at(0);
		wrong += rc != IRMIN_OK && rc != IRMIN_ENOMEM;
		failures += rc == IRMIN_ENOMEM;
		place_close(backend);
		leaks += alloc_fault_live() != live;
	}
	is_int(wrong, 0, "writing a graph without memory");
	ok(failures > 100, "... fails, %d times", failures);
	is_int(leaks, 0, "... and keeps nothing");
	place_says("graph-sha1", "git commit-graph verify");
}

static irmin_oid third;

static irmin_rc use(void *arg, irmin_error *err)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_graph_commit commit;
	irmin_backend *backend;
	irmin_rc rc;

	rc = place_try(arg, &options, &backend, err);
	if (rc < 0)
		return rc;
	rc = find(backend, &third, &commit, err);
	irmin_buf_clear(&commit.parents);
	place_close(backend);
	return rc;
}

int main(void)
{
	place_begin();
	check_format("sha1");
	check_format("sha256");
	check_conditions();
	third = commit_of("graph-sha1", 3);
	alloc_fault_sweep("asking the graph", use, (void *)"graph-sha1");
	check_written("graph-sha1");
	check_written("graph-sha256");
	check_unwritten();
	check_write_sweep();
	return done_testing();
}
