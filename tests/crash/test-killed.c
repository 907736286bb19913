/*
 * The same on the real disk: a process that packs a grown repository is killed
 * before an operation that changes something. git finds no fault, all is there,
 * and the next packing does the rest.
 */
#include "tests/crash/grown.h"

#include "lib/core/base/os-class.h"
#include "lib/open/open.h"
#include "tests/support/tap.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define EVERY 2

/* ---- a machine on which the process dies ---- */

static irmin__os_class dying;
static uint64_t left; /* changes until then */

static const irmin__os_class *real(void)
{
	return irmin__os_posix()->cls;
}

static void change(void)
{
	if (!--left)
		raise(SIGKILL);
}

static irmin_rc dying_open(irmin__os *os, const char *path, uint32_t flags,
    uint32_t mode, irmin__file **file, irmin_error *err)
{
	irmin_rc rc;

	if (flags & IRMIN__OS_CREATE)
		change();
	rc = real()->open(os, path, flags, mode, file, err);
	if (rc == IRMIN_OK)
		(*file)->cls = &dying;
	return rc;
}

static irmin_rc dying_write(irmin__file *file, irmin_slice bytes,
    irmin_error *err)
{
	change();
	return real()->write(file, bytes, err);
}

static irmin_rc dying_rename(irmin__os *os, const char *from, const char *to,
    irmin_error *err)
{
	change();
	return real()->rename(os, from, to, err);
}

static irmin_rc dying_unlink(irmin__os *os, const char *path, irmin_error *err)
{
	change();
	return real()->unlink(os, path, err);
}

static irmin_rc dying_chmod(irmin__file *file, uint32_t mode, irmin_error *err)
{
	change();
	return real()->chmod(file, mode, err);
}

/* ---- one death ---- */

/* In a process of its own. */
_Noreturn static void pack_and_die(const char *uri)
{
	irmin__os os = { &dying };
	irmin_repo *repo;
	irmin_error err;

	if (irmin__repo_open_on(&os, uri, NULL, &repo, &err) < 0 ||
	    irmin_repo_pack(repo, NULL, NULL, &err) < 0)
		_exit(1);
	_exit(0);
}

static irmin_repo *open_real(const char *uri)
{
	irmin_repo *repo;
	irmin_error err;

	if (irmin_repo_open(uri, NULL, &repo, &err) < 0)
		bail("%s", err.text);
	return repo;
}

static bool git_is_content(const char *dir)
{
	struct tap_output said;
	bool held;

	tap_run(&said,
	    "cd %s && git fsck --strict --full 2>&1 | grep -v ^dangling;"
	    "for r in $(git for-each-ref --format='%%(refname)'); do "
	    "git rev-parse -q --verify $r^{tree} >/dev/null || echo $r; done",
	    dir);
	held = !said.out[0];
	if (!held)
		diag("%s", said.out);
	tap_output_clear(&said);
	return held;
}

/* A lock of the dead one's on a ref stays until somebody moves that. */
static bool move_refs(irmin_repo *repo)
{
	static const char *const branches[] = { "main", "deep/one", "stage/0",
		"stage/1", "stage/2" };
	irmin_info info = irmin_info_of("Moved <moved@example.org>", "moved");
	irmin_store *store;
	irmin_error err;
	bool held = true;
	size_t i;

	for (i = 0; i < sizeof(branches) / sizeof(branches[0]); i++) {
		if (irmin_store_open(repo, branches[i], &store, &err) < 0)
			bail("%s", err.text);
		if (irmin_store_set(store, "new", irmin_text("moved"), &info,
			&err) < 0) {
			diag("%s", err.text);
			held = false;
		}
		irmin_store_close(store);
	}
	return held;
}

static bool pack_the_rest(const char *dir, const struct grown_whole *want)
{
	irmin_repo *repo = open_real(tap_format("git:%s", dir));
	struct tap_output said;
	irmin_error err;
	bool held = grown_is(repo, want);

	held = succeeds(irmin_repo_pack(repo, NULL, NULL, &err), &err,
		   "the next packing") &&
	    grown_is(repo, want) && move_refs(repo) && held;
	irmin_repo_close(repo);
	tap_run(&said,
	    "cd %s && find . -name '*.lock' && ls objects/pack/*.idx", dir);
	if (strstr(said.out, ".lock") ||
	    strchr(said.out, '\n') != strrchr(said.out, '\n')) {
		diag("%s", said.out);
		held = false;
	}
	tap_output_clear(&said);
	return held;
}

/* False when it was done before it could be killed. */
static bool kill_at(uint64_t n, const char *grown,
    const struct grown_whole *want)
{
	const char *dir = tap_format("%s/killed", tap_tmpdir());
	int status;
	pid_t child;

	tap_run(NULL, "rm -rf %s && cp -r %s %s", dir, grown, dir);
	left = n;
	child = fork();
	if (child == 0)
		pack_and_die(tap_format("git:%s", dir));
	if (child < 0 || waitpid(child, &status, 0) != child)
		bail("no child");
	ok(git_is_content(dir) && pack_the_rest(dir, want),
	    "killed before change %ju: all is there", (uintmax_t)n);
	if (!WIFSIGNALED(status))
		is_int(status, 0, "in the end it is done");
	return WIFSIGNALED(status);
}

int main(void)
{
	const char *grown = tap_format("%s/grown", tap_tmpdir());
	struct grown_whole want;
	irmin__os *os;
	irmin_repo *repo;
	irmin_error err;
	uint64_t n = 1;

	dying = *real();
	dying.open = dying_open;
	dying.write = dying_write;
	dying.rename = dying_rename;
	dying.unlink = dying_unlink;
	dying.chmod = dying_chmod;
	if (irmin__os_sim_new(1, &os, &err) < 0)
		bail("%s", err.text);
	grown_make(os, IRMIN_HASH_SHA1, false);
	if (irmin__os_sim_export(os, LIFE_DIRECTORY, grown, &err) < 0)
		bail("%s", err.text);
	repo = open_real(tap_format("git:%s", grown));
	if (grown_read(repo, &want, &err) < 0)
		bail("%s", err.text);
	irmin_repo_close(repo);
	while (kill_at(n, grown, &want))
		n += EVERY;
	ok(n > 50, "one in %d of %ju changes", EVERY, (uintmax_t)n);
	grown_clear(&want);
	grown_forget_sources();
	irmin__os_sim_free(os);
	return done_testing();
}
