/*
 * Writes state after state, for scripts/demo.
 *
 *     demo-writer URI BRANCH COUNT      (COUNT 0: until it is killed)
 *
 * Goes on where the branch stands. Prints the number of each state once its
 * commit has returned: what was printed is promised to survive a kill -9.
 */
#include "examples/demo/demo-numbers.h"

#include <irmin/irmin.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* -1 on a branch that has no commit yet. */
static irmin_rc find_latest(irmin_store *store, long *latest, irmin_error *err)
{
	irmin_buf value = IRMIN_BUF_INIT;
	irmin_rc rc = irmin_store_find(store, "latest", &value, err);

	*latest = demo_number(irmin_buf_slice(&value));
	if (rc == IRMIN_OK && *latest < 0)
		rc = irmin_error_set(err, IRMIN_EINVAL, "latest",
		    "this branch was not written by the demo");
	irmin_buf_clear(&value);
	return rc;
}

static irmin_rc write_state(irmin_txn *txn, void *arg, irmin_error *err)
{
	long n = *(const long *)arg;
	struct demo_text path = demo_path(n), value = demo_value(n);
	irmin_rc rc;

	rc = irmin_txn_set(txn, path.text, irmin_text(value.text), err);
	if (rc < 0)
		return rc;
	return irmin_txn_set(txn, "latest", irmin_text(value.text), err);
}

static irmin_rc commit_state(irmin_store *store, long n, irmin_error *err)
{
	char message[40];
	irmin_info info = irmin_info_of(NULL, message);

	snprintf(message, sizeof(message), "state %ld", n);
	return irmin_store_transact(store, IRMIN_TXN_UNMOVED, &info,
	    write_state, &n, err);
}

/* One write(2) a line: nothing of it can be held back in a buffer of ours. */
static void acknowledge(long n)
{
	char line[24];
	int len = snprintf(line, sizeof(line), "%ld\n", n);

	if (write(STDOUT_FILENO, line, (size_t)len) != len)
		_exit(1);
}

static irmin_rc write_states(irmin_store *store, long count, irmin_error *err)
{
	long n, first;
	irmin_rc rc = find_latest(store, &first, err);

	if (rc < 0)
		return rc;
	first++;
	for (n = first; count == 0 || n < first + count; n++) {
		rc = commit_state(store, n, err);
		if (rc < 0)
			return rc;
		acknowledge(n);
	}
	return IRMIN_OK;
}

int main(int argc, char **argv)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_store *store = NULL;
	irmin_error err;
	irmin_rc rc;

	if (argc != 4) {
		fprintf(stderr, "usage: demo-writer URI BRANCH COUNT\n");
		return 2;
	}
	options.branch = argv[2];
	options.author = "Demo Writer <writer@example.org>";
	rc = irmin_open(argv[1], &options, &store, &err);
	if (rc >= 0)
		rc = write_states(store, atol(argv[3]), &err);
	if (rc < 0)
		fprintf(stderr, "demo-writer: %s\n", err.text);
	irmin_store_close(store);
	return rc < 0 ? 3 : 0;
}
