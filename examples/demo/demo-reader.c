/*
 * Reads a branch while others write it, for scripts/demo.
 *
 *     demo-reader URI BRANCH
 *
 * Looks again and again, until its standard input ends, and at least once. Each
 * look takes the tree of that moment and asks it in several ways for the state
 * that it is (see demo-numbers.h); answers that do not fit together, or a head
 * that went back, are an inconsistency. Prints "READS STATES INCONSISTENT".
 */
#include "examples/demo/demo-numbers.h"

#include <irmin/irmin.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct watcher {
	irmin_store *store;
	long reads, states, inconsistent;
	long latest;
};

/* -1: absent; -2: something else than a number of ours. */
static irmin_rc read_number(irmin_tree *tree, const char *path, long *n,
    irmin_error *err)
{
	irmin_pin pin = IRMIN_PIN_INIT;
	irmin_rc rc = irmin_tree_find(tree, path, &pin, err);

	*n = -1;
	if (rc == IRMIN_OK) {
		*n = demo_number(irmin_bytes(pin.data, pin.len));
		if (*n < 0)
			*n = -2;
	}
	irmin_pin_release(&pin);
	return rc < 0 ? rc : IRMIN_OK;
}

static void expect(struct watcher *self, const char *what, long got, long want)
{
	if (got == want)
		return;
	self->inconsistent++;
	fprintf(stderr, "demo-reader: inconsistent: %s is %ld, not %ld\n", what,
	    got, want);
}

static irmin_rc check_path(struct watcher *self, irmin_tree *tree, long n,
    long want, irmin_error *err)
{
	struct demo_text path = demo_path(n);
	long got;
	irmin_rc rc = read_number(tree, path.text, &got, err);

	if (rc >= 0)
		expect(self, path.text, got, want);
	return rc;
}

static irmin_rc check_length(struct watcher *self, irmin_tree *tree, long n,
    irmin_error *err)
{
	char path[40];
	size_t length;
	irmin_rc rc;

	snprintf(path, sizeof(path), "d/%ld", n / DEMO_PER_DIRECTORY);
	rc = irmin_tree_length(tree, path, &length, err);
	if (rc >= 0)
		expect(self, path, (long)length, n % DEMO_PER_DIRECTORY + 1);
	return rc;
}

/* The newest path, the one after it, and one of the old ones. */
static irmin_rc check_state(struct watcher *self, irmin_tree *tree, long n,
    irmin_error *err)
{
	long old = random() % (n + 1);
	irmin_rc rc;

	rc = check_path(self, tree, n, n, err);
	if (rc >= 0)
		rc = check_path(self, tree, old, old, err);
	if (rc >= 0)
		rc = check_path(self, tree, n + 1, -1, err);
	if (rc >= 0)
		rc = check_length(self, tree, n, err);
	return rc;
}

static irmin_rc look(struct watcher *self, irmin_error *err)
{
	irmin_tree *tree = NULL;
	long n = -1;
	irmin_rc rc;

	rc = irmin_store_tree(self->store, &tree, err);
	if (rc >= 0)
		rc = read_number(tree, "latest", &n, err);
	if (rc >= 0 && n >= 0)
		rc = check_state(self, tree, n, err);
	else if (rc >= 0)
		rc = check_path(self, tree, 0, n, err);
	irmin_tree_unref(tree);
	if (rc < 0)
		return rc;
	self->reads++;
	if (n < self->latest)
		expect(self, "the head", n, self->latest);
	if (n != self->latest)
		self->states++;
	self->latest = n;
	return IRMIN_OK;
}

/* Waits a millisecond; non-zero when standard input has ended. */
static int input_ended(void)
{
	struct pollfd input = { STDIN_FILENO, POLLIN, 0 };
	char byte;

	return poll(&input, 1, 1) > 0 && read(STDIN_FILENO, &byte, 1) <= 0;
}

int main(int argc, char **argv)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	struct watcher self = { NULL, 0, 0, 0, -1 };
	irmin_error err;
	irmin_rc rc;

	if (argc != 3) {
		fprintf(stderr, "usage: demo-reader URI BRANCH\n");
		return 2;
	}
	options.branch = argv[2];
	options.flags = IRMIN_OPEN_READ_ONLY;
	rc = irmin_open(argv[1], &options, &self.store, &err);
	do {
		if (rc >= 0)
			rc = look(&self, &err);
	} while (rc >= 0 && !input_ended());
	if (rc < 0)
		fprintf(stderr, "demo-reader: %s\n", err.text);
	irmin_store_close(self.store);
	printf("%ld %ld %ld\n", self.reads, self.states, self.inconsistent);
	return rc < 0 ? 3 : self.inconsistent ? 1 : 0;
}
