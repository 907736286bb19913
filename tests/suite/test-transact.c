/*
 * Threads that move money between accounts, each move one transaction that is
 * run again when another was faster: none is lost, none is made half, and
 * whoever looks meanwhile sees the same sum.
 */
#include <irmin/irmin.h>

#include "tests/support/tap.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ACCOUNTS 5
#define THREADS  4
#define MOVES    60
#define START    100

struct mover {
	pthread_t thread;
	irmin_store *store;
	irmin_isolation isolation;
	unsigned seed;
	unsigned moved, refused;
	irmin_rc rc;
	irmin_error err;
};

struct move {
	const char *from, *to;
	int64_t amount;
};

static const char *const accounts[ACCOUNTS] = { "accounts/a", "accounts/b",
	"accounts/c", "accounts/deep/er/d", "e" };

static irmin_rc move_money(irmin_txn *txn, void *arg, irmin_error *err)
{
	const struct move *move = arg;
	int64_t from = 0, to = 0;
	irmin_rc rc;

	if ((rc = irmin_txn_find_int(txn, move->from, &from, err)) < 0)
		return rc;
	if ((rc = irmin_txn_find_int(txn, move->to, &to, err)) < 0)
		return rc;
	if (from < move->amount)
		return irmin_error_set(err, IRMIN_EABORTED, move->from,
		    "too little on %s", move->from);
	if ((rc = irmin_txn_set_int(txn, move->from, from - move->amount,
		 err)) < 0)
		return rc;
	return irmin_txn_set_int(txn, move->to, to + move->amount, err);
}

static irmin_rc move_once(struct mover *self)
{
	unsigned from = (unsigned)rand_r(&self->seed) % ACCOUNTS;
	unsigned step = 1 + (unsigned)rand_r(&self->seed) % (ACCOUNTS - 1);
	struct move move = { accounts[from], accounts[(from + step) % ACCOUNTS],
		1 + rand_r(&self->seed) % 90 };
	irmin_info info = irmin_info_of("Bank <bank@example.org>", "a move");

	info.retries = 100000;
	info.wait.timeout_ms = UINT32_MAX;
	return irmin_store_transact(self->store, self->isolation, &info,
	    move_money, &move, &self->err);
}

static void *move_often(void *arg)
{
	struct mover *self = arg;
	int i;

	for (i = 0; i < MOVES && self->rc >= 0; i++) {
		self->rc = move_once(self);
		if (self->rc == IRMIN_OK)
			self->moved++;
		if (self->rc == IRMIN_EABORTED) {
			self->refused++;
			self->rc = IRMIN_OK;
		}
	}
	return NULL;
}

static irmin_rc open_accounts(irmin_txn *txn, void *arg, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	int i;

	(void)arg;
	for (i = 0; rc >= 0 && i < ACCOUNTS; i++)
		rc = irmin_txn_set_int(txn, accounts[i], START, err);
	return rc;
}

/* -1: an account is missing. */
static long sum(irmin_store *store)
{
	irmin_tree *tree = NULL;
	irmin_pin pin;
	irmin_error err;
	long total = 0;
	int i;

	if (irmin_store_tree(store, &tree, &err) < 0)
		return -1;
	for (i = 0; total >= 0 && i < ACCOUNTS; i++) {
		if (irmin_tree_find(tree, accounts[i], &pin, &err) == IRMIN_OK)
			total += atol(tap_format("%.*s", (int)pin.len,
			    (const char *)pin.data));
		else
			total = -1;
		irmin_pin_release(&pin);
	}
	irmin_tree_unref(tree);
	return total;
}

static unsigned count_commits(irmin_store *store)
{
	irmin_commit *head = NULL, *commit;
	irmin_log *log = NULL;
	irmin_error err;
	unsigned count = 0;

	if (irmin_store_head(store, &head, &err) == IRMIN_OK &&
	    irmin_log_open(head, NULL, &log, &err) >= 0)
		while (irmin_log_next(log, &commit, &err) == IRMIN_OK) {
			irmin_commit_unref(commit);
			count++;
		}
	irmin_log_free(log);
	irmin_commit_unref(head);
	return count;
}

static void run_movers(struct mover *movers, irmin_store *store,
    irmin_isolation isolation)
{
	int i, looks, wrong = 0;

	memset(movers, 0, THREADS * sizeof(*movers));
	for (i = 0; i < THREADS; i++) {
		movers[i].store = store;
		movers[i].isolation = isolation;
		movers[i].seed = (unsigned)i + 1;
		if (pthread_create(&movers[i].thread, NULL, move_often,
			&movers[i]) != 0)
			bail("no thread");
	}
	for (looks = 0; looks < 100; looks++)
		wrong += sum(store) != ACCOUNTS * START;
	is_int(wrong, 0, "who looks meanwhile sees the same sum");
	for (i = 0; i < THREADS; i++) {
		pthread_join(movers[i].thread, NULL);
		succeeds(movers[i].rc, &movers[i].err, "thread %d", i);
	}
}

static void check_backend(const char *uri, irmin_isolation isolation)
{
	struct mover movers[THREADS];
	irmin_store *store;
	irmin_error err;
	unsigned moved = 0, refused = 0;
	int i;

	diag("%s, isolation %d", uri, (int)isolation);
	if (irmin_open(uri, NULL, &store, &err) < 0)
		bail("%s: %s", uri, err.text);
	succeeds(irmin_store_transact(store, IRMIN_TXN_UNMOVED, NULL,
		     open_accounts, NULL, &err),
	    &err, "%d accounts", ACCOUNTS);
	run_movers(movers, store, isolation);
	for (i = 0; i < THREADS; i++) {
		moved += movers[i].moved;
		refused += movers[i].refused;
	}
	is_int(moved + refused, THREADS * MOVES, "each move was tried");
	ok(moved > THREADS, "%u were made, %u refused", moved, refused);
	is_int(sum(store), ACCOUNTS * START, "in the end the sum is the same");
	is_int(count_commits(store), moved + 1, "one commit for each");
	irmin_store_close(store);
}

int main(void)
{
	check_backend("mem:", IRMIN_TXN_UNMOVED);
	check_backend("mem:", IRMIN_TXN_SERIALIZABLE);
	check_backend(tap_format("git:%s/a.git?create=1", tap_tmpdir()),
	    IRMIN_TXN_UNMOVED);
	check_backend(tap_format("git:%s/b.git?create=1", tap_tmpdir()),
	    IRMIN_TXN_SERIALIZABLE);
	return done_testing();
}
