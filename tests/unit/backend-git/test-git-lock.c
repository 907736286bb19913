/* Locks that somebody holds: how long we wait, and what we then say. */
#include "tests/unit/backend-git/git-place.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_us(void)
{
	return irmin__os_monotonic_us(irmin__os_posix());
}

/* Another process that holds a lock file open until it is killed. */
static pid_t hold(const char *lock)
{
	int ready[2];
	char byte;
	pid_t child;

	if (pipe(ready) < 0 || (child = fork()) < 0)
		bail("cannot fork");
	if (child == 0) {
		int fd = open(lock, O_CREAT | O_EXCL | O_WRONLY, 0644);

		if (write(ready[1], fd < 0 ? "n" : "y", 1) == 1)
			pause();
		_exit(0);
	}
	if (read(ready[0], &byte, 1) != 1 || byte != 'y')
		bail("cannot hold %s", lock);
	close(ready[0]);
	close(ready[1]);
	return child;
}

static void let_go(pid_t child, const char *lock)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	unlink(lock);
}

static irmin_rc set_until(irmin_backend *backend, const char *name,
    const irmin_oid *id, int64_t wait_us, const volatile int *cancel,
    irmin_error *err)
{
	irmin_ref_change change;
	irmin_context context;

	memset(&context, 0, sizeof context);
	context.size = sizeof context;
	context.cancel = cancel;
	if (wait_us)
		context.deadline_us = now_us() + wait_us;
	memset(&change, 0, sizeof change);
	change.name = name;
	change.any = 1;
	if (id)
		change.id = *id;
	return backend->refs->cls->cas(backend->refs, &context, &change, 1,
	    NULL, NULL, err);
}

static void check_held(irmin_backend *backend, const irmin_oid *id)
{
	const char *lock = place_path("r/refs/heads/main.lock");
	pid_t child = hold(lock);
	int64_t start, took;
	irmin_error err;

	place_says("r", "touch -d '90 seconds ago' refs/heads/main.lock");
	start = now_us();
	fails(set_until(backend, "refs/heads/main", id, 200000, NULL, &err),
	    IRMIN_ELOCKED, &err, "a lock that is held");
	took = now_us() - start;
	ok(took >= 200000 && took < 5000000, "waited %jd us", (intmax_t)took);
	ok(strstr(err.where, "/r/refs/heads/main.lock") != NULL,
	    "the file is told");
	ok(strstr(err.text, "refs/heads/main:") != NULL, "the ref: %s",
	    err.text);
	ok(strstr(err.text, tap_format("pid %d (", (int)child)) != NULL,
	    "who holds it");
	ok(strstr(err.text, " 9") && strstr(err.text, "seconds"), "its age");
	ok(*irmin_error_hint(&err), "what to do: %s", irmin_error_hint(&err));
	is_int(access(lock, F_OK), 0, "it is still there");

	start = now_us();
	fails(set_until(backend, "refs/heads/main", id, 0, NULL, &err),
	    IRMIN_ELOCKED, &err, "without a deadline");
	took = now_us() - start;
	ok(took >= 900000 && took < 9000000, "it is a second: %jd us",
	    (intmax_t)took);
	let_go(child, lock);
	succeeds(set_until(backend, "refs/heads/main", id, 1000, NULL, &err),
	    &err, "let go");
}

/* Nobody has the file open, as git does not while its lock waits for renaming. */
static void check_nobody(irmin_backend *backend, const irmin_oid *id)
{
	irmin_error err;

	place_says("r", ": > refs/heads/main.lock");
	fails(set_until(backend, "refs/heads/main", id, 20000, NULL, &err),
	    IRMIN_ELOCKED, &err, "a lock that nobody has open");
	ok(strstr(err.text, "pid") == NULL, "names nobody: %s", err.text);
	place_says("r", "rm refs/heads/main.lock && : > packed-refs.lock");
	fails(set_until(backend, "refs/heads/main", NULL, 20000, NULL, &err),
	    IRMIN_ELOCKED, &err, "a removal needs packed-refs too");
	ok(strstr(err.where, "packed-refs.lock") != NULL, "which is told");
	place_check_ref(backend, "refs/heads/main", place_hex(id),
	    "the ref stays");
	is_int(access(place_path("r/refs/heads/main.lock"), F_OK), -1,
	    "its own lock does not");
	place_says("r", "rm packed-refs.lock");
}

struct later {
	const char *lock;
	volatile int *cancel;
};

static void *later(void *arg)
{
	struct later *what = arg;

	usleep(50000);
	if (what->cancel)
		__atomic_store_n(what->cancel, 1, __ATOMIC_RELAXED);
	else
		unlink(what->lock);
	return NULL;
}

static void check_wait(irmin_backend *backend, const irmin_oid *id)
{
	struct later what = { place_path("r/refs/heads/main.lock"), NULL };
	volatile int cancel = 0;
	pthread_t thread;
	irmin_error err;

	place_says("r", ": > refs/heads/main.lock");
	pthread_create(&thread, NULL, later, &what);
	succeeds(set_until(backend, "refs/heads/main", id, 20000000, NULL,
		     &err),
	    &err, "a lock that goes while we wait");
	pthread_join(thread, NULL);

	place_says("r", ": > refs/heads/main.lock");
	what.cancel = &cancel;
	pthread_create(&thread, NULL, later, &what);
	fails(set_until(backend, "refs/heads/main", id, 20000000, &cancel,
		  &err),
	    IRMIN_ECANCELED, &err, "a wait that is canceled");
	pthread_join(thread, NULL);
	place_says("r", "rm refs/heads/main.lock");
}

/* All or none, when the lock of one of them is held. */
static void check_all_or_none(irmin_backend *backend, const irmin_oid *id)
{
	irmin_ref_change changes[2];
	irmin_context context;
	irmin_error err;

	memset(&context, 0, sizeof context);
	context.deadline_us = now_us() + 20000;
	memset(changes, 0, sizeof changes);
	changes[0].name = "refs/heads/deep/a";
	changes[1].name = "refs/heads/z";
	changes[0].id = changes[1].id = *id;
	place_says("r", ": > refs/heads/z.lock");
	fails(backend->refs->cls->cas(backend->refs, &context, changes, 2, NULL,
		  NULL, &err),
	    IRMIN_ELOCKED, &err, "one of two is locked");
	place_check_ref(backend, "refs/heads/deep/a", NULL, "nothing is done");
	is_str(place_says("r",
		   "rm refs/heads/z.lock && find refs -name '*.lock'"
		   " -o -name deep"),
	    "", "and nothing left behind");
}

int main(void)
{
	irmin_backend *backend;
	irmin_oid id;

	place_begin();
	backend = place_open_bare("r");
	id = place_commit(backend, 1);
	check_held(backend, &id);
	check_nobody(backend, &id);
	check_wait(backend, &id);
	check_all_or_none(backend, &id);
	place_close(backend);
	return done_testing();
}
