/* Opening, closing, flushing, counting; and what a backend may lack. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <irmin/irmin.h>

#include "lib/core/base/os.h"
#include "lib/core/store/repo.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/hooked.h"

static irmin_repo *open_mem(const irmin_open_options *options)
{
	irmin_repo *repo = NULL;
	irmin_error err;

	if (irmin_repo_open("mem:", options, &repo, &err) < 0)
		bail("cannot open mem: %s", err.text);
	return repo;
}

static void what_it_is(void)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_repo *repo;

	options.hash = IRMIN_HASH_SHA256;
	repo = open_mem(&options);
	is_int(irmin_repo_hash(repo), IRMIN_HASH_SHA256, "its hash");
	is_str(irmin_repo_location(repo), "", "memory is nowhere");
	is_str(irmin_repo_scheme(repo), "mem", "its scheme");
	ok(!irmin_repo_is_read_only(repo), "it can be written");
	is_int(irmin_repo_stat(repo, IRMIN_STAT_COMMITS), 0, "no commit yet");
	is_int(irmin_repo_stat(repo, IRMIN_STAT_COUNT), 0, "no such counter");
	irmin_repo_close(repo);
	irmin_repo_close(NULL);
}

static void bad_options(void)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_repo *repo;
	irmin_error err;

	options.author = "no brackets";
	fails(irmin_repo_open("mem:", &options, &repo, &err), IRMIN_EINVAL,
	    &err, "an author that git refuses");
	options.author = NULL;
	options.level = (irmin_level)4;
	fails(irmin_repo_open("mem:", &options, &repo, &err), IRMIN_EINVAL,
	    &err, "no such level");
	options.level = IRMIN_LEVEL_DEFAULT;
	options.flags = 1u << 30;
	fails(irmin_repo_open("mem:", &options, &repo, &err), IRMIN_EINVAL,
	    &err, "no such flag");
	ok(!repo, "nothing is opened");
}

/* ---- backends that lack something ---- */

static void lacking_backends(void)
{
	struct hooks hooks = { 0 };
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_objects_class objects;
	irmin_backend *backend;
	irmin_repo *repo;
	irmin_error err;

	fails(irmin_repo_open_backend(NULL, NULL, &repo, &err), IRMIN_EINVAL,
	    &err, "no backend");
	backend = hooked_backend(&hooks, 0);
	objects = *backend->objects->cls;
	objects.has = NULL;
	backend->objects->cls = &objects;
	fails(irmin_repo_open_backend(backend, NULL, &repo, &err), IRMIN_EINVAL,
	    &err, "a required slot that is missing");
	backend = hooked_backend(&hooks, 0);
	options.hash = IRMIN_HASH_SHA256;
	fails(irmin_repo_open_backend(backend, &options, &repo, &err),
	    IRMIN_EINVAL, &err, "another hash than the options ask for");
}

static int count_figure(void *arg, const char *name, uint64_t value,
    const char *unit)
{
	uint64_t *commits = arg;

	(void)unit;
	if (strcmp(name, "commits") == 0)
		*commits = value;
	return 0;
}

static void optional_slots(void)
{
	struct hooks hooks = { 0 };
	irmin_repo *repo;
	irmin_store *store;
	uint64_t commits = 0;
	irmin_error err;

	hooks.checked_out = "refs/heads/main";
	if (!succeeds(irmin_repo_open_backend(hooked_backend(&hooks, 1), NULL,
			  &repo, &err),
		&err, "a backend with required slots only"))
		return;
	succeeds(irmin_store_open(repo, NULL, &store, &err), &err, "a store");
	succeeds(irmin_store_set(store, "a", irmin_text("1"), NULL, &err), &err,
	    "a write: no slot says that a work tree has the branch");
	succeeds(irmin_repo_flush(repo, IRMIN_POWER, &err), &err, "a flush");
	succeeds(irmin_repo_measure(repo, count_figure, &commits, &err), &err,
	    "sizes without the slot stat");
	is_int(commits, 1, "one commit");
	ok(!strpbrk(hooks.calls, "FR"), "no slot beyond the size is called: %s",
	    hooks.calls);
	irmin_store_close(store);
	irmin_repo_close(repo);
}

/* ---- flushing ---- */

static void flushing(void)
{
	struct hooks hooks = { 0 };
	irmin_repo *repo = hooked_open(&hooks, NULL);
	irmin_store *store;
	irmin_error err;

	if (irmin_store_open(repo, NULL, &store, &err) < 0)
		bail("%s", err.text);
	succeeds(irmin_repo_flush(repo, IRMIN_POWER, &err), &err,
	    "a flush of nothing");
	is_str(hooks.calls, "", "asks the backend nothing");
	succeeds(irmin_store_set(store, "a", irmin_text("1"), NULL, &err), &err,
	    "a write");
	is_str(hooks.calls, "ac", "is one add and one move of the ref");
	succeeds(irmin_store_flush(store, IRMIN_POWER, &err), &err, "a flush");
	is_str(hooks.calls, "acFR", "brings objects, then refs, to the disk");
	succeeds(irmin_repo_flush(repo, IRMIN_POWER, &err), &err, "another");
	succeeds(irmin_repo_flush(repo, IRMIN_PROCESS, &err), &err,
	    "and one to less");
	is_str(hooks.calls, "acFR", "have nothing to do");
	is_int(irmin_repo_stat(repo, IRMIN_STAT_FLUSHES), 1, "one was made");
	fails(irmin_repo_flush(repo, (irmin_level)9, &err), IRMIN_EINVAL, &err,
	    "a flush to no level");
	irmin_store_close(store);
	irmin_repo_close(repo);
}

static void level_power(void)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	struct hooks hooks = { 0 };
	irmin_repo *repo;
	irmin_store *store;
	irmin_error err;

	options.level = IRMIN_POWER;
	repo = hooked_open(&hooks, &options);
	if (irmin_store_open(repo, NULL, &store, &err) < 0)
		bail("%s", err.text);
	succeeds(irmin_store_set(store, "a", irmin_text("1"), NULL, &err), &err,
	    "a write at level POWER");
	is_str(hooks.calls, "aFcR",
	    "objects are safe before the ref is moved, then the ref");
	irmin_store_close(store);
	irmin_repo_close(repo);
}

/* ---- counting ---- */

#define COUNTERS 8
#define COUNTED  5000

static void *read_head(void *arg)
{
	irmin_context context = irmin__repo_context(arg, NULL);
	irmin_ref_value value = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	int i, wrong = 0;

	for (i = 0; i < COUNTED; i++)
		wrong += irmin__repo_ref_find(arg, &context, "HEAD", &value,
			     NULL) != IRMIN_OK;
	irmin_buf_clear(&value.target);
	return wrong ? arg : NULL;
}

/* Threads count in different places, which lose nothing between them. */
static void counting(void)
{
	irmin_repo *repo = open_mem(NULL);
	uint64_t before = irmin_repo_stat(repo, IRMIN_STAT_REF_READS);
	pthread_t threads[COUNTERS];
	void *wrong = NULL;
	int i;

	for (i = 0; i < COUNTERS; i++)
		if (pthread_create(&threads[i], NULL, read_head, repo) != 0)
			bail("no thread");
	for (i = 0; i < COUNTERS; i++) {
		void *result;

		pthread_join(threads[i], &result);
		wrong = result ? result : wrong;
	}
	ok(!wrong, "threads read a ref");
	is_int(irmin_repo_stat(repo, IRMIN_STAT_REF_READS) - before,
	    COUNTERS * COUNTED, "every read is counted");
	ok(!irmin__backend_is_entered(repo), "and all are out again");
	irmin_repo_close(repo);
}

/* ---- closing ---- */

static void closed(void)
{
	irmin_repo *repo = open_mem(NULL);
	irmin_store *store;
	irmin_tree *tree;
	irmin_commit *head;
	irmin_buf value = IRMIN_BUF_INIT;
	irmin_error err;

	if (irmin_store_open(repo, NULL, &store, &err) < 0 ||
	    irmin_store_set(store, "a", irmin_text("1"), NULL, &err) < 0 ||
	    irmin_store_tree(store, &tree, &err) < 0 ||
	    irmin_store_head(store, &head, &err) < 0)
		bail("%s", err.text);
	irmin_repo_close(repo);
	fails(irmin_store_find(store, "a", &value, &err), IRMIN_EINVAL, &err,
	    "a read through a store of a closed repository");
	ok(strstr(err.text, "closed"), "says so: %s", err.text);
	fails(irmin_store_set(store, "a", irmin_text("2"), NULL, &err),
	    IRMIN_EINVAL, &err, "a write");
	is_str(irmin_store_branch(store), "main",
	    "what needs no backend works");
	is_str(irmin_repo_scheme(irmin_store_repo(store)), "mem",
	    "also through the repository");
	is_int(irmin_commit_message(head).len, strlen("set a\n"),
	    "and a commit that was read");
	irmin_tree_unref(tree);
	irmin_commit_unref(head);
	irmin_store_close(store);
	irmin_buf_clear(&value);
}

/* A call that is in the backend while the repository is closed. */
struct slow {
	irmin_store *store;
	atomic_int inside, finished;
	irmin_rc rc;
};

static irmin_rc take_time(void *arg, irmin_error *err)
{
	struct slow *slow = arg;

	(void)err;
	atomic_store(&slow->inside, 1);
	irmin__os_sleep_us(irmin__os_posix(), 20000);
	atomic_store(&slow->finished, 1);
	return IRMIN_OK;
}

static void *write_slowly(void *arg)
{
	struct slow *slow = arg;

	slow->rc = irmin_store_set(slow->store, "a", irmin_text("1"), NULL,
	    NULL);
	return NULL;
}

static void closing_waits(void)
{
	struct hooks hooks = { 0 };
	struct slow slow;
	irmin_repo *repo;
	pthread_t thread;
	irmin_error err;

	memset(&slow, 0, sizeof slow);
	hooks.before_cas = take_time;
	hooks.arg = &slow;
	repo = hooked_open(&hooks, NULL);
	if (irmin_store_open(repo, NULL, &slow.store, &err) < 0)
		bail("%s", err.text);
	if (pthread_create(&thread, NULL, write_slowly, &slow) != 0)
		bail("no thread");
	while (!atomic_load(&slow.inside))
		irmin__os_sleep_us(irmin__os_posix(), 100);
	irmin_repo_close(repo);
	ok(atomic_load(&slow.finished),
	    "closing waits for a call that is in the backend");
	pthread_join(thread, NULL);
	is_rc(slow.rc, IRMIN_OK, "which succeeds");
	irmin_store_close(slow.store);
}

/* ---- writing refused, events, sizes ---- */

static void read_only(void)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_store *store;
	irmin_error err;

	options.flags = IRMIN_OPEN_READ_ONLY;
	if (irmin_open("mem:", &options, &store, &err) < 0)
		bail("%s", err.text);
	ok(irmin_repo_is_read_only(irmin_store_repo(store)), "it says so");
	fails(irmin_store_set(store, "a", irmin_text("1"), NULL, &err),
	    IRMIN_EREADONLY, &err, "a write");
	fails(irmin_repo_set_head(irmin_store_repo(store), "x", &err),
	    IRMIN_EREADONLY, &err, "a move of HEAD");
	irmin_store_close(store);
}

static void keep_event(void *arg, const irmin_event *event)
{
	char *names = arg;

	if (event->level > IRMIN_TRACE_DEBUG && strlen(names) < 200) {
		strcat(names, event->name);
		strcat(names, " ");
	}
}

static void events(void)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	char names[256] = "";
	irmin_store *store;
	irmin_error err;

	options.trace = keep_event;
	options.trace_arg = names;
	if (irmin_open("mem:", &options, &store, &err) < 0 ||
	    irmin_store_set(store, "a", irmin_text("1"), NULL, &err) < 0)
		bail("%s", err.text);
	is_str(names, "open head ", "opening and a moved head are told");
	irmin_store_close(store);
}

static int add_figure(void *arg, const char *name, uint64_t value,
    const char *unit)
{
	char *text = arg;

	if (strcmp(unit, "bytes") != 0 && value)
		sprintf(text + strlen(text), "%s %d; ", name, (int)value);
	return strcmp(name, "other_refs") == 0 ? 1234 : 0;
}

static void sizes(void)
{
	char text[256] = "";
	irmin_store *store;
	irmin_error err;

	if (irmin_open("mem:", NULL, &store, &err) < 0 ||
	    irmin_store_set(store, "a/b", irmin_text("1"), NULL, &err) < 0 ||
	    irmin_store_set(store, "a/c", irmin_text("1"), NULL, &err) < 0)
		bail("%s", err.text);
	is_rc(irmin_repo_measure(irmin_store_repo(store), add_figure, text,
		  &err),
	    1234, "what the callback answers is passed on");
	is_str(text, "commits 2; trees 4; values 1; branches 1; ",
	    "objects and refs by kind");
	irmin_store_close(store);
}

/* ---- out of memory ---- */

static irmin_rc open_and_set(void *arg, irmin_error *err)
{
	irmin_store *store;
	irmin_rc rc = irmin_open("mem:", NULL, &store, err);

	(void)arg;
	if (rc < 0)
		return rc;
	rc = irmin_store_set(store, "a/b", irmin_text("1"), NULL, err);
	if (rc >= 0)
		rc = irmin_store_remove(store, "a/b", NULL, err);
	irmin_store_close(store);
	return rc;
}

int main(void)
{
	what_it_is();
	bad_options();
	lacking_backends();
	optional_slots();
	flushing();
	level_power();
	counting();
	closed();
	closing_waits();
	read_only();
	events();
	sizes();
	alloc_fault_sweep("open, set, remove, close", open_and_set, NULL);
	return done_testing();
}
