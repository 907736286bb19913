#include "tests/interop/live-workers.h"

#include "tests/interop/with-git.h"
#include "tests/support/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int live_is_over(const char *dir)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s.stop", dir);
	return access(path, F_OK) == 0;
}

/* ---- values ---- */

struct value {
	char key[32];
	char text[96];
};

static unsigned long sum_of(int key, long version)
{
	uint64_t state = (uint64_t)key << 40 ^ (uint64_t)version;

	return (unsigned long)random_next(&state);
}

static void make_value(struct value *value, int key, long version)
{
	snprintf(value->key, sizeof(value->key), "keys/%d/%d", key % 7, key);
	snprintf(value->text, sizeof(value->text), "%d %ld %lu", key, version,
	    sum_of(key, version));
}

/* -> the version, or -1 for what nobody wrote */
static long version_of(int key, irmin_slice value)
{
	struct value expected;
	char text[96];
	long version;
	int told;

	if (value.len >= sizeof(text))
		return -1;
	memcpy(text, value.data, value.len);
	text[value.len] = '\0';
	if (sscanf(text, "%d %ld", &told, &version) != 2)
		return -1;
	make_value(&expected, key, version);
	return strcmp(text, expected.text) == 0 ? version : -1;
}

void live_create(const char *dir, irmin_hash_algo hash)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;

	options.flags = IRMIN_OPEN_CREATE;
	options.hash = hash;
	irmin_repo_close(git_open(dir, &options));
}

static irmin_rc add_first(irmin_txn *txn, void *arg, irmin_error *err)
{
	struct value value;
	irmin_rc rc;
	int key;

	(void)arg;
	rc = irmin_txn_set(txn, "counter", irmin_text("0"), err);
	for (key = 0; rc >= 0 && key < LIVE_KEYS; key++) {
		make_value(&value, key, 0);
		rc = irmin_txn_set(txn, value.key, irmin_text(value.text), err);
	}
	return rc;
}

void live_begin(const char *dir, const char *branch)
{
	irmin_repo *repo = git_open(dir, NULL);
	irmin_store *store;
	irmin_error err;

	if (irmin_store_open(repo, branch, &store, &err) < 0 ||
	    irmin_store_transact(store, IRMIN_TXN_UNMOVED, NULL, add_first,
		NULL, &err) < 0)
		bail("%s: %s", branch, err.text);
	irmin_store_close(store);
	irmin_repo_close(repo);
}

/* ---- writing ---- */

/* Counts up, against all others; every key is set by one writer alone. */
static irmin_rc count_up(struct live_worker *self, irmin_store *store,
    irmin_buf *was)
{
	irmin_slice expected, value;
	char digits[24], next[24];
	irmin_rc rc;

	self->doing = "counting up";
	for (;;) {
		snprintf(digits, sizeof(digits), "%s", (const char *)was->data);
		snprintf(next, sizeof(next), "%ld", atol(digits) + 1);
		expected = irmin_text(digits);
		value = irmin_text(next);
		rc = irmin_store_test_and_set(store, "counter", &expected,
		    &value, NULL, was, &self->err);
		if (rc != IRMIN_ESTALE)
			break;
		rc = irmin_store_find(store, "counter", was, &self->err);
		if (rc < 0)
			return rc;
	}
	if (rc < 0)
		return rc;
	self->increments++;
	self->commits++;
	return irmin_buf_set(was, value, &self->err);
}

/* A key of our own, by a transaction that must see what we set before. */
static irmin_rc set_version(irmin_txn *txn, void *arg, irmin_error *err)
{
	struct live_worker *self = arg;
	int key = self->number;
	struct value value;
	irmin_pin pin;
	long version;
	irmin_rc rc;

	make_value(&value, key, 0);
	rc = irmin_txn_find(txn, value.key, &pin, err);
	if (rc != IRMIN_OK)
		return rc < 0 ? rc : IRMIN_EUSER;
	version = version_of(key, irmin_bytes(pin.data, pin.len));
	irmin_pin_release(&pin);
	if (version != self->rounds) {
		self->doing = "finding what was set before";
		return IRMIN_EUSER;
	}
	make_value(&value, key, version + 1);
	return irmin_txn_set(txn, value.key, irmin_text(value.text), err);
}

/* So that who is slower gets its turn, too. */
static irmin_rc wait_for_others(struct live_worker *self, irmin_store *store)
{
	irmin_buf first = IRMIN_BUF_INIT, now = IRMIN_BUF_INIT;
	irmin_rc rc;
	int ms;

	rc = irmin_store_find(store, "counter", &first, &self->err);
	for (ms = 0; rc >= 0 && ms < self->patience_ms; ms += 20) {
		rc = irmin_store_find(store, "counter", &now, &self->err);
		if (live_is_over(self->dir) ||
		    !irmin_slice_equal(irmin_buf_slice(&now),
			irmin_buf_slice(&first)))
			break;
		usleep(20000);
	}
	irmin_buf_clear(&first);
	irmin_buf_clear(&now);
	return rc;
}

void live_write(struct live_worker *self, irmin_repo *repo)
{
	irmin_info info = irmin_info_of(NULL, NULL);
	irmin_buf was = IRMIN_BUF_INIT;
	irmin_store *store = NULL;
	irmin_rc rc;

	info.retries = 1000;
	self->doing = "opening";
	rc = irmin_store_open(repo, self->branch, &store, &self->err);
	if (rc >= 0)
		rc = irmin_store_find(store, "counter", &was, &self->err);
	while (rc >= 0 && !live_is_over(self->dir)) {
		rc = count_up(self, store, &was);
		if (rc < 0)
			break;
		self->doing = "setting a key";
		rc = irmin_store_transact(store, IRMIN_TXN_UNMOVED, &info,
		    set_version, self, &self->err);
		if (rc >= 0) {
			self->commits++;
			self->rounds++;
			rc = wait_for_others(self, store);
		}
		usleep((useconds_t)self->pause_us);
	}
	self->rc = rc;
	irmin_buf_clear(&was);
	irmin_store_close(store);
}

/* ---- reading ---- */

struct reading {
	struct live_worker *worker;
	long seen[LIVE_KEYS];
};

static irmin_rc read_keys(struct reading *self, irmin_store *store)
{
	struct live_worker *worker = self->worker;
	irmin_buf bytes = IRMIN_BUF_INIT;
	struct value value;
	irmin_rc rc = IRMIN_OK;
	long version;
	int key;

	worker->doing = "reading the keys";
	for (key = 0; rc >= 0 && key < LIVE_KEYS; key++) {
		make_value(&value, key, 0);
		rc = irmin_store_find(store, value.key, &bytes, &worker->err);
		if (rc < 0)
			break;
		version = version_of(key, irmin_buf_slice(&bytes));
		if (rc != IRMIN_OK || version < self->seen[key]) {
			worker->doing = "a value that is absent, older than "
					"one read before, or nobody's";
			rc = IRMIN_EUSER;
		}
		self->seen[key] = version;
	}
	irmin_buf_clear(&bytes);
	return rc;
}

static int check_visit(void *arg, const irmin_visit *visit)
{
	struct live_worker *worker = arg;
	const char *name = memchr(visit->path.data, '/', visit->path.len);
	char text[32];

	if (!name || visit->path.len >= sizeof(text))
		return 0;
	snprintf(text, sizeof(text), "%.*s", (int)visit->path.len,
	    (const char *)visit->path.data);
	if (version_of(atoi(strrchr(text, '/') + 1), visit->value) >= 0)
		return 0;
	worker->doing = "a value in a tree that nobody wrote";
	return IRMIN_EUSER;
}

/* Fifty commits back, with the whole tree of the last. */
static irmin_rc read_history(struct live_worker *worker, irmin_store *store)
{
	irmin_log_options options = IRMIN_LOG_OPTIONS_INIT;
	irmin_commit *commit = NULL, *next;
	irmin_tree *tree = NULL;
	irmin_log *log = NULL;
	irmin_rc rc;

	worker->doing = "reading the history";
	options.limit = 50;
	rc = irmin_store_head(store, &commit, &worker->err);
	if (rc >= 0)
		rc = irmin_log_open(commit, &options, &log, &worker->err);
	while (rc >= 0 &&
	    (rc = irmin_log_next(log, &next, &worker->err)) == IRMIN_OK) {
		irmin_commit_unref(commit);
		commit = next;
	}
	if (rc >= 0)
		rc = irmin_commit_tree(commit, &tree, &worker->err);
	if (rc >= 0)
		rc = irmin_tree_each(tree, "", IRMIN_EACH_VALUES, check_visit,
		    worker, &worker->err);
	irmin_tree_unref(tree);
	irmin_log_free(log);
	irmin_commit_unref(commit);
	return rc;
}

void live_read(struct live_worker *self, irmin_repo *repo)
{
	struct reading reading = { self, { 0 } };
	irmin_store *store = NULL;
	irmin_rc rc;

	self->doing = "opening";
	rc = irmin_store_open(repo, self->branch, &store, &self->err);
	while (rc >= 0 && !live_is_over(self->dir)) {
		rc = read_keys(&reading, store);
		if (rc >= 0)
			rc = read_history(self, store);
		self->rounds++;
		usleep((useconds_t)self->pause_us);
	}
	self->rc = rc;
	irmin_store_close(store);
}

/* ---- packing ---- */

/* Another one may be packing: that is no failure. */
void live_pack(struct live_worker *self, irmin_repo *repo)
{
	irmin_rc rc = IRMIN_OK;

	self->doing = "packing";
	while (rc >= 0 && !live_is_over(self->dir)) {
		rc = irmin_repo_pack(repo, NULL, NULL, &self->err);
		if (rc >= 0)
			self->rounds++;
		else if (rc == IRMIN_ELOCKED)
			rc = IRMIN_OK;
		usleep((useconds_t)self->pause_us);
	}
	self->rc = rc;
}
