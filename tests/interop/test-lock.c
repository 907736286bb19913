/*
 * A ref that somebody else has locked: a bounded wait, then ELOCKED that names
 * the file, its age and who holds it; and when it is given back in time, the
 * write goes through.
 */
#include "tests/interop/with-git.h"

#include "tests/support/tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec moment;

	clock_gettime(CLOCK_MONOTONIC, &moment);
	return (double)moment.tv_sec + (double)moment.tv_nsec / 1e9;
}

static int take_lock(const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		bail("cannot lock %s", path);
	return fd;
}

static irmin_rc set_with_patience(irmin_store *store, unsigned ms,
    irmin_error *err)
{
	irmin_info info = IRMIN_INFO_INIT;

	info.wait.timeout_ms = ms;
	return irmin_store_set(store, "a", irmin_text("2"), &info, err);
}

static void check_refusal(irmin_store *store, const char *lock)
{
	const char *head = git_says(irmin_repo_location(
					irmin_store_repo(store)),
	    "rev-parse main");
	irmin_error err;
	double start, took;
	int fd = take_lock(lock);
	irmin_rc rc;

	/* So old that its age is worth telling. */
	tap_run(NULL, "touch -d '2 hours ago' %s", lock);
	start = now();
	rc = set_with_patience(store, 300, &err);
	took = now() - start;
	fails(rc, IRMIN_ELOCKED, &err, "a locked ref");
	diag("%s", err.text);
	ok(took >= 0.25 && took < 3, "after a bounded wait: %.2f s", took);
	ok(strstr(err.where, "refs/heads/main.lock") ||
		strstr(err.text, "refs/heads/main.lock"),
	    "the file is named");
	ok(strstr(err.text, "2 h") || strstr(err.text, "7200") ||
		strstr(err.text, "7201") || strstr(err.text, "120 min"),
	    "so is its age");
	ok(strstr(err.text, tap_format("%d", (int)getpid())),
	    "so is the process that holds it");
	is_str(git_says(irmin_repo_location(irmin_store_repo(store)),
		   "rev-parse main"),
	    head, "the branch has not moved");
	close(fd);
	is_int(access(lock, F_OK), 0, "and the lock is left to its owner");
	unlink(lock);
}

static void *give_back(void *lock)
{
	usleep(1300000);
	unlink(lock);
	return NULL;
}

static void check_patience(irmin_store *store, const char *lock)
{
	pthread_t thread;
	irmin_error err;
	int fd = take_lock(lock);

	if (pthread_create(&thread, NULL, give_back, (void *)lock) != 0)
		bail("no thread");
	/* Longer than the second that is the default. */
	succeeds(set_with_patience(store, UINT32_MAX, &err), &err,
	    "a lock that is given back in the end");
	pthread_join(thread, NULL);
	close(fd);
	is_str(git_says(irmin_repo_location(irmin_store_repo(store)),
		   "show main:a"),
	    "2", "the value is there");
	if (irmin_store_set(store, "a", irmin_text("1"), NULL, &err) < 0)
		bail("%s", err.text);
}

/* What kill -9 leaves of a lock of ours: the sticky bit, and nobody who holds
 * it. The next writer removes it without a wait; one of git's it must not. */
static void check_left_behind(irmin_store *store, const char *lock)
{
	irmin_error err;
	int fd = take_lock(lock);

	fchmod(fd, 01600);
	close(fd);
	succeeds(set_with_patience(store, 300, &err), &err,
	    "a lock that a killed process of ours has left");
	is_str(git_says(irmin_repo_location(irmin_store_repo(store)),
		   "show main:a"),
	    "2", "the value is there");
	ok(access(lock, F_OK) != 0, "the lock is gone");
	is_int(tap_run(NULL, "test ! -k %s",
		   tap_format("%.*s", (int)(strlen(lock) - 5), lock)),
	    0, "and the ref is a plain file");
}

/* The same while its owner lives. */
static void check_ours(irmin_store *store, const char *lock)
{
	irmin_error err;
	int fd = take_lock(lock);

	fchmod(fd, 01600);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		bail("cannot flock %s", lock);
	fails(set_with_patience(store, 100, &err), IRMIN_ELOCKED, &err,
	    "a lock of ours whose owner lives");
	is_int(access(lock, F_OK), 0, "it is left to its owner");
	close(fd);
	unlink(lock);
}

static void check_cancel(irmin_store *store, const char *lock)
{
	static const volatile int canceled = 1;
	irmin_info info = IRMIN_INFO_INIT;
	irmin_error err;
	int fd = take_lock(lock);

	info.wait.timeout_ms = UINT32_MAX;
	info.wait.cancel = &canceled;
	fails(irmin_store_set(store, "a", irmin_text("3"), &info, &err),
	    IRMIN_ECANCELED, &err, "a wait for ever that is canceled");
	close(fd);
	unlink(lock);
}

int main(void)
{
	const char *dir = git_path("locked.git");
	const char *lock = tap_format("%s/refs/heads/main.lock", dir);
	irmin_store *store;
	irmin_error err;

	if (irmin_open(tap_format("git:%s?create=1", dir), NULL, &store, &err) <
		0 ||
	    irmin_store_set(store, "a", irmin_text("1"), NULL, &err) < 0)
		bail("%s", err.text);
	check_refusal(store, lock);
	check_patience(store, lock);
	check_ours(store, lock);
	check_left_behind(store, lock);
	check_cancel(store, lock);
	irmin_store_close(store);
	git_fsck_is_clean(dir);
	return done_testing();
}
