/*
 * Beside a git that works in the same repository: it collects garbage, repacks,
 * packs refs, and takes pushes, forced ones too, while processes and threads read
 * and write through the library. No value is read that nobody wrote, no key goes
 * back, no increment is lost, neither ours nor a pushed one; and a copy that is
 * frozen at any moment is whole to `git fsck --strict`. Beside readers alone, git
 * prunes without any grace.
 *
 * IRMIN_LIVE_SECONDS: how long each of the two lasts at least (8); on a busy
 * machine until everybody has done a little, but not much longer.
 */
#include "tests/interop/live-workers.h"
#include "tests/interop/with-git.h"

#include "tests/support/tap.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COPIES       3
#define MOST_SECONDS 60

/* Git's loops, in the shell: $1 is the repository, $2 a scratch folder. Each
 * counts in a file of its name what it did, and in `failed` what it could not. */
#define LOOP(body) "while ! [ -e $1.stop ]; do " body "; done"
#define COUNT      "n=$((n + 1)); echo $n >$2/"

static const char collect[] = LOOP(
    "for c in 'gc -q' 'pack-refs --all' 'repack -adq' "
    "'multi-pack-index write' 'pack-refs --all'; do "
    "git --git-dir $1 $c 2>>$2/collect.err && { " COUNT "collect; } || "
    "echo $c >>$2/collect-failed; done");
static const char collect_now[] = LOOP(
    "git --git-dir $1 gc -q --prune=now && { " COUNT "collect; } || "
    "echo gc >>$2/failed; "
    "git -C $2/clone commit -q --allow-empty -m x; "
    "git -C $2/clone push -q origin HEAD:shared HEAD:new-$n "
    "2>>$2/push.err || echo push >>$2/failed");
/* A git that reads looks again for packs once; where two packings replace them
 * one right after the other, it can lose both times, and is run again. */
static const char push[] = LOOP(
    "git fetch -q origin 2>fetch.err || git fetch -q origin 2>fetch.err || "
    "{ echo fetch; cat fetch.err; } >>$2/failed; "
    "git reset -q --hard origin/shared || echo reset >>$2/failed; "
    "v=$(($(cat counter) + 1)); printf %d $v >counter; "
    "git commit -qam $v || echo commit >>$2/failed; "
    "git push -q origin HEAD:shared 2>>$2/push.err && { " COUNT
    "pushed; }; sleep 0.03");
static const char force[] = LOOP(
    "git commit -q --amend --allow-empty -m $n && "
    "git push -q -f origin HEAD:forced 2>>$2/push.err && { " COUNT
    "forced; }; sleep 0.05");

struct scene {
	const char *dir, *scratch;
	pid_t group;
	pid_t children[8];
	int count;
	const char *counts[4]; /* files that say how often something was done */
};

/* ---- processes ---- */

/* All in one group, so that all can be stopped at once. */
static pid_t start(struct scene *scene)
{
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		setpgid(0, scene->group);
		return 0;
	}
	if (!scene->group)
		scene->group = child;
	setpgid(child, scene->group);
	scene->children[scene->count++] = child;
	return child;
}

static void start_git(struct scene *scene, const char *folder,
    const char *script)
{
	if (start(scene) == 0)
		_exit(tap_run(NULL, "set -- x %s %s; shift; cd $2/%s; n=0; %s",
		    scene->dir, scene->scratch, folder, script));
}

typedef void (*work_fn)(struct live_worker *worker, irmin_repo *repo);

struct thread {
	struct live_worker worker;
	pthread_t thread;
	work_fn work;
	irmin_repo *repo;
};

static void *run_thread(void *arg)
{
	struct thread *self = arg;

	self->work(&self->worker, self->repo);
	return NULL;
}

static int tell(const struct scene *scene, const struct thread *thread)
{
	const struct live_worker *worker = &thread->worker;
	char file[4096];
	FILE *out;

	snprintf(file, sizeof(file), "%s/worker-%d", scene->scratch,
	    worker->number);
	out = fopen(file, "w");
	if (!out)
		return 1;
	fprintf(out, "%s %ld %ld %ld\n", worker->branch, worker->rounds,
	    worker->increments, worker->commits);
	fclose(out);
	if (worker->rc < 0)
		fprintf(stderr, "# worker %d on %s: %s: %s: %s\n",
		    worker->number, worker->branch, worker->doing,
		    irmin_rc_name(worker->rc), worker->err.text);
	return worker->rc < 0;
}

/* Threads that share one repository handle. */
static void start_workers(struct scene *scene, const struct thread *threads,
    size_t count)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	struct thread running[4];
	irmin_repo *repo;
	int code = 0;
	size_t i;

	if (start(scene) != 0)
		return;
	options.wait.timeout_ms = 20000;
	repo = git_open(scene->dir, &options);
	memcpy(running, threads, count * sizeof(*threads));
	for (i = 0; i < count; i++) {
		running[i].repo = repo;
		running[i].worker.dir = scene->dir;
		if (pthread_create(&running[i].thread, NULL, run_thread,
			&running[i]) != 0)
			_exit(2);
	}
	for (i = 0; i < count; i++) {
		pthread_join(running[i].thread, NULL);
		code |= tell(scene, &running[i]);
	}
	irmin_repo_close(repo);
	_exit(code);
}

/* ---- frozen copies ---- */

/* The state of a process of the group; '-' for all others. */
static char state_of(const char *pid, pid_t group)
{
	char *text = tap_read_file(tap_format("/proc/%s/stat", pid), NULL);
	char *end = text ? strrchr(text, ')') : NULL, state = '-';
	int told;

	if (!end || sscanf(end, ") %c %*d %d", &state, &told) != 2 ||
	    told != group)
		state = '-';
	free(text);
	return state;
}

static int all_stopped(pid_t group)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int running = 0;

	while (proc && (entry = readdir(proc)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    !strchr("-TtZX", state_of(entry->d_name, group)))
			running++;
	if (proc)
		closedir(proc);
	return running == 0;
}

static void freeze(const struct scene *scene, int copy)
{
	int tries = 0;

	kill(-scene->group, SIGSTOP);
	while (!all_stopped(scene->group) && tries++ < 1000) {
		usleep(1000);
		kill(-scene->group, SIGSTOP);
	}
	ok(tap_run(NULL, "cp -a %s %s/frozen-%d", scene->dir, scene->scratch,
	       copy) == 0,
	    "copy %d is made while everything stands still", copy);
	kill(-scene->group, SIGCONT);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static long number_in(const struct scene *scene, const char *name)
{
	char *text = tap_read_file(tap_format("%s/%s", scene->scratch, name),
	    NULL);
	long number = text ? atol(text) : 0;

	free(text);
	return number;
}

/* Whether everything was done three times. */
static int has_done_a_little(const struct scene *scene)
{
	int i;

	for (i = 0; i < 4 && scene->counts[i]; i++)
		if (number_in(scene, scene->counts[i]) < 3)
			return 0;
	return 1;
}

/* Lets them work, and makes copies on the way; then ends all of them. */
static void watch(struct scene *scene)
{
	const char *text = getenv("IRMIN_LIVE_SECONDS");
	double all = text ? atof(text) : 8, begun = seconds();
	uint64_t chance = (uint64_t)time(NULL);
	int i, status;

	for (i = 0; i < COPIES; i++) {
		while (seconds() < begun + all * (i + 1) / (COPIES + 1))
			usleep(1000 + random_below(&chance, 20000));
		freeze(scene, i);
	}
	while (seconds() < begun + all ||
	    (!has_done_a_little(scene) && seconds() < begun + MOST_SECONDS))
		usleep(10000);
	tap_write_file(tap_format("%s.stop", scene->dir), "", 0);
	for (i = 0; i < scene->count; i++) {
		waitpid(scene->children[i], &status, 0);
		is_int(status, 0, "process %d did all it should", i);
	}
}

/* ---- what came of it ---- */

struct sums {
	long rounds, increments, commits;
};

/* Of the workers on a branch. */
static struct sums sums_of(const struct scene *scene, const char *branch,
    int workers)
{
	struct sums sums = { 0, 0, 0 };
	long rounds, increments, commits;
	char name[32], *text;
	int i;

	for (i = 0; i < workers; i++) {
		text = tap_read_file(tap_format("%s/worker-%d", scene->scratch,
					 i),
		    NULL);
		if (text &&
		    sscanf(text, "%31s %ld %ld %ld", name, &rounds, &increments,
			&commits) == 4 &&
		    strcmp(name, branch) == 0) {
			sums.rounds += rounds;
			sums.increments += increments;
			sums.commits += commits;
		}
		free(text);
	}
	return sums;
}

static void show(const struct scene *scene, const char *name)
{
	char *text = tap_read_file(tap_format("%s/%s", scene->scratch, name),
	    NULL);

	diag("%s: %.1000s", name, text ? text : "not there");
	free(text);
}

/* git fsck holds against a commit-graph that `git repack -ad` drops commits which
 * it knows and no ref reaches any more, as after a forced push; git's own does. */
static void check_is_whole(const char *dir)
{
	git_says(dir, "config core.commitGraph false");
	git_fsck_is_clean(dir);
}

static void check_copies(const struct scene *scene)
{
	const char *copy;
	int i;

	for (i = 0; i < COPIES; i++) {
		copy = tap_format("%s/frozen-%d", scene->scratch, i);
		check_is_whole(copy);
		git_says(copy, "for-each-ref --format='%%(objecttype)'");
	}
	check_is_whole(scene->dir);
	if (!ok(access(tap_format("%s/failed", scene->scratch), F_OK) != 0,
		"git could fetch at any moment"))
		show(scene, "failed");
}

static void check_branch(const struct scene *scene, const char *branch,
    long pushed)
{
	struct sums sums = sums_of(scene, branch, 8);

	diag("%s: %ld increments and %ld pushed ones, %ld rounds", branch,
	    sums.increments, pushed, sums.rounds);
	ok(sums.increments > 2, "%s was counted up by us", branch);
	is_str(git_says(scene->dir, "show %s:counter", branch),
	    tap_format("%ld", sums.increments + pushed),
	    "%s: no increment is lost", branch);
	is_str(git_says(scene->dir, "rev-list --count --first-parent %s",
		   branch),
	    tap_format("%ld", sums.commits + pushed + 1),
	    "%s: one commit for each change", branch);
}

static void set_scene(struct scene *scene, const char *name,
    irmin_hash_algo hash)
{
	memset(scene, 0, sizeof(*scene));
	scene->dir = git_path(tap_format("%s.git", name));
	scene->scratch = git_path(name);
	live_create(scene->dir, hash);
	live_begin(scene->dir, "main");
	live_begin(scene->dir, "shared");
	live_begin(scene->dir, "forced");
	if (tap_run(NULL,
		"mkdir %s && cd %s && git clone -q -b shared ../%s.git clone &&"
		"git clone -q -b forced ../%s.git clone-2",
		scene->scratch, scene->scratch, name, name) != 0)
		bail("cannot clone");
}

static void check_beside_all(irmin_hash_algo hash)
{
	const struct thread one[] = {
		{ .work = live_write, .worker = { .branch = "main" } },
		{ .work = live_write,
		    .worker = { .branch = "main", .number = 1 } },
		{ .work = live_read,
		    .worker = { .branch = "shared", .number = 2 } },
	};
	const struct thread two[] = {
		{ .work = live_write,
		    .worker = { .branch = "main",
			.number = 3,
			.pause_us = 5000 } },
		{ .work = live_write,
		    .worker = { .branch = "shared",
			.number = 4,
			.patience_ms = 4000 } },
		{ .work = live_read,
		    .worker = { .branch = "main", .number = 5 } },
		{ .work = live_pack,
		    .worker = { .branch = "",
			.number = 6,
			.pause_us = 700000 } },
	};
	struct scene scene;

	set_scene(&scene, "beside-all", hash);
	scene.counts[0] = "collect";
	scene.counts[1] = "pushed";
	scene.counts[2] = "forced";
	start_git(&scene, "", collect);
	start_git(&scene, "clone", push);
	start_git(&scene, "clone-2", force);
	start_workers(&scene, one, 3);
	start_workers(&scene, two, 4);
	watch(&scene);
	check_copies(&scene);
	check_branch(&scene, "main", 0);
	check_branch(&scene, "shared", number_in(&scene, "pushed"));
	diag("git: %ld collections, %ld pushes, %ld forced",
	    number_in(&scene, "collect"), number_in(&scene, "pushed"),
	    number_in(&scene, "forced"));
	ok(number_in(&scene, "collect") > 2, "git collected garbage");
	if (!ok(number_in(&scene, "pushed") > 2, "and took pushes"))
		show(&scene, "push.err");
	ok(number_in(&scene, "forced") > 2, "and forced ones");
}

/* Nobody writes but git's own pushes, one after the other with gc. */
static void check_beside_readers(irmin_hash_algo hash)
{
	const struct thread readers[] = {
		{ .work = live_read, .worker = { .branch = "main" } },
		{ .work = live_read,
		    .worker = { .branch = "shared", .number = 1 } },
	};
	struct scene scene;

	set_scene(&scene, "beside-readers", hash);
	scene.counts[0] = "collect";
	start_git(&scene, "", collect_now);
	start_workers(&scene, readers, 2);
	start_workers(&scene, readers, 2);
	watch(&scene);
	check_copies(&scene);
	ok(sums_of(&scene, "main", 8).rounds > 2, "values were read");
	ok(number_in(&scene, "collect") > 2, "git pruned without grace");
}

int main(void)
{
	check_beside_all(IRMIN_HASH_SHA1);
	check_beside_readers(IRMIN_HASH_SHA256);
	return done_testing();
}
