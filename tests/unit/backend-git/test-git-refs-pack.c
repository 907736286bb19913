/* Bringing all refs into packed-refs: the same bytes and the same files as git's
 * own pack-refs --all leaves. */
#include "tests/unit/backend-git/git-place.h"

#include <pthread.h>
#include <string.h>

#include "tests/support/alloc-fault.h"

static irmin_rc pack(irmin_backend *backend, irmin_error *err)
{
	return backend->refs->cls->pack(backend->refs, NULL, err);
}

/* All kinds of refs, some of them packed already, by git. */
static void make(const char *name, const char *format)
{
	place_says("",
	    "git init -q --bare --object-format=%s -b main %s && cd %s &&"
	    "git config user.name n && git config user.email e@x &&"
	    "tree=$(git mktree </dev/null) && c=$(git commit-tree -m 1 $tree) &&"
	    "d=$(git commit-tree -m 2 -p $c $tree) &&"
	    "git update-ref refs/heads/old $c && git tag -m t annotated $c &&"
	    "git update-ref refs/heads/moved $c && git pack-refs --all &&"
	    "git update-ref refs/heads/moved $d && git update-ref refs/heads/main $d &&"
	    "git update-ref refs/heads/a/b/c $c && git tag -m n nested annotated &&"
	    "git tag -m b blob $(echo x | git hash-object -w --stdin) &&"
	    "git update-ref refs/bisect/bad $c && git update-ref refs/notes/n $c &&"
	    "git symbolic-ref refs/remotes/o/HEAD refs/heads/main &&"
	    "echo %064d | cut -c 1-$((${#c})) >refs/heads/broken",
	    format, name, name, 7);
}

static const char *files(const char *name)
{
	return place_says(name, "find refs -type f | sort && cat packed-refs");
}

static void check_same_as_git(const char *format)
{
	const char *ours = tap_format("ours-%s", format);
	const char *theirs = tap_format("theirs-%s", format);
	irmin_backend *backend;
	irmin_error err;

	make(ours, format);
	place_says("", "cp -a %s %s", ours, theirs);
	place_says(theirs, "git pack-refs --all 2>/dev/null");
	backend = place_open(ours, 0);
	is_rc(pack(backend, &err), IRMIN_OK, "%s: packed", format);
	is_str(files(ours), files(theirs), "%s: as git packs them", format);
	is_rc(pack(backend, &err), IRMIN_UNCHANGED, "%s: once more", format);
	is_str(files(ours), files(theirs), "%s: nothing changed", format);
	is_str(place_says(ours, "find . -name '*.lock'"), "",
	    "%s: no lock is left", format);
	place_close(backend);
	backend = place_open(ours, IRMIN_OPEN_READ_ONLY);
	fails(pack(backend, &err), IRMIN_EREADONLY, &err, "%s: read-only",
	    format);
	place_close(backend);
}

/* A ref that somebody is changing keeps its file. */
static void check_held(void)
{
	irmin_context context = { sizeof context, 1, NULL, 0 };
	irmin_backend *backend;
	irmin_error err;

	make("held", "sha1");
	place_says("held", "touch refs/heads/main.lock");
	backend = place_open("held", 0);
	succeeds(backend->refs->cls->pack(backend->refs, &context, &err), &err,
	    "beside a lock");
	is_str(place_says("held", "find refs/heads -type f | sort"),
	    "refs/heads/broken\nrefs/heads/main\nrefs/heads/main.lock",
	    "the locked ref has its file");
	is_str(place_says("held", "git rev-parse main old 2>&1 | wc -l"), "2",
	    "all are there");
	place_says("held", "touch packed-refs.lock");
	fails(backend->refs->cls->pack(backend->refs, &context, &err),
	    IRMIN_ELOCKED, &err, "packed-refs is locked");
	place_close(backend);
}

/* Each allocation fails once, in a fresh copy, of which no ref is lost. Where
 * only a note of what is to be synced failed, the call succeeds. */
static void check_allocations(void)
{
	irmin_backend *backend;
	irmin_error err;
	bool happened = true;
	int n, odd = 0;

	make("memory", "sha1");
	for (n = 1; happened; n++) {
		irmin_rc rc;
		size_t live;

		place_says("", "rm -rf m && cp -a memory m");
		backend = place_open("m", 0);
		live = alloc_fault_live();
		alloc_fault_at((uint64_t)n);
		rc = pack(backend, &err);
		happened = alloc_fault_happened();
		alloc_fault_at(0);
		odd += rc != IRMIN_OK && rc != IRMIN_ENOMEM;
		place_close(backend);
		odd += alloc_fault_live() > live;
		place_says("m", "git rev-parse main moved old nested");
	}
	ok(n > 50, "%d allocations", n);
	is_int(odd, 0, "each is ENOMEM or does not matter, and leaks nothing");
}

/* ---- beside writers ---- */

struct writer {
	irmin_backend *backend;
	irmin_oid ids[2];
	int moves;
};

static void *write_refs(void *arg)
{
	struct writer *writer = arg;
	irmin_error err;
	int i;

	for (i = 0; i < 300; i++)
		writer->moves += place_set(writer->backend,
				     i % 3 ? "refs/heads/w" : "refs/heads/x/y",
				     i % 7 ? &writer->ids[i % 2] : NULL,
				     &err) >= 0;
	(void)place_set(writer->backend, "refs/heads/w", &writer->ids[0], &err);
	(void)place_set(writer->backend, "refs/heads/x/y", NULL, &err);
	return NULL;
}

static void check_beside_writers(void)
{
	irmin_backend *backend = place_open_bare("beside");
	struct writer writer = { backend, { { { 0 }, 0 }, { { 0 }, 0 } }, 0 };
	irmin_error err;
	pthread_t thread;
	int i, failed = 0;

	writer.ids[0] = place_commit(backend, 0);
	writer.ids[1] = place_commit(backend, 1);
	if (pthread_create(&thread, NULL, write_refs, &writer))
		bail("no thread");
	for (i = 0; i < 100; i++)
		failed += pack(backend, &err) < 0;
	pthread_join(thread, NULL);
	is_int(failed, 0, "packed 100 times beside a writer");
	is_int(writer.moves, 300, "who was not refused once");
	succeeds(pack(backend, &err), &err, "once more");
	place_check_ref(backend, "refs/heads/w", place_hex(&writer.ids[0]),
	    "the last move counts");
	place_check_ref(backend, "refs/heads/x/y", NULL, "and the removal");
	place_says("beside", "git fsck --strict");
	place_close(backend);
}

int main(void)
{
	place_begin();
	check_same_as_git("sha1");
	check_same_as_git("sha256");
	check_held();
	check_allocations();
	check_beside_writers();
	return done_testing();
}
