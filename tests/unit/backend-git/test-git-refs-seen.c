/* Refs that are read again and again: whoever changes one, and however, the next
 * read sees it; and who finds it unchanged does not read it. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "lib/core/base/os-sim.h"
#include "tests/unit/backend-git/git-place.h"

#define MAIN "refs/heads/main"
#define ONE  "1111111111111111111111111111111111111111"
#define TWO  "2222222222222222222222222222222222222222"

/* The last of several reads in a row, which all must say the same. */
static const char *read_often(irmin_backend *backend, const char *name)
{
	irmin_context context = { sizeof context, INT64_MAX, NULL, 0 };
	irmin_ref_value value = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	const char *said = NULL, *now;
	irmin_error err;
	int i;

	for (i = 0; i < 6; i++) {
		irmin_rc rc = backend->refs->cls->find(backend->refs, &context,
		    name, &value, &err);

		now = rc == IRMIN_OK
		    ? tap_format("%s",
			  value.target.len ? (char *)value.target.data
					   : place_hex(&value.id))
		    : rc == IRMIN_ABSENT ? "absent"
					 : "failed";
		if (said && strcmp(said, now) != 0)
			now = tap_format("%s, then %s", said, now);
		said = now;
	}
	irmin_buf_clear(&value.target);
	return said;
}

/* A ref's file that was not written just now. */
static void write_old(const char *id)
{
	place_says("seen", "echo %s > %s && touch -d '1 hour ago' %s", id, MAIN,
	    MAIN);
}

static void every_change(void)
{
	irmin_backend *backend = place_open_bare("seen");
	char longest[160];

	is_str(read_often(backend, MAIN), "absent", "no ref yet");
	write_old(ONE);
	is_str(read_often(backend, MAIN), ONE, "it comes");
	place_says("seen", "echo %s > %s", TWO, MAIN);
	is_str(read_often(backend, MAIN), TWO, "it is written where it lies");
	place_says("seen", "echo %s > %s", ONE, MAIN);
	is_str(read_often(backend, MAIN), ONE, "and again at once");
	write_old(ONE);
	is_str(read_often(backend, MAIN), ONE, "it grows old");
	place_says("seen", "echo %s > new && touch -r %s new && mv new %s", TWO,
	    MAIN, MAIN);
	is_str(read_often(backend, MAIN), TWO,
	    "another file of the same time and size is put in its place");
	place_says("seen", "rm %s && ln -s ../../other %s && echo %s > other",
	    MAIN, MAIN, ONE);
	is_str(read_often(backend, MAIN), ONE, "a link to a file");
	place_says("seen", "rm %s && echo 'ref: refs/heads/x' > %s", MAIN,
	    MAIN);
	is_str(read_often(backend, MAIN), "refs/heads/x", "a symbolic ref");
	write_old(TWO);
	is_str(read_often(backend, MAIN), TWO, "an id again");
	place_says("seen", "rm %s", MAIN);
	is_str(read_often(backend, MAIN), "absent", "it goes");
	place_says("seen", "mkdir %s", MAIN);
	is_str(read_often(backend, MAIN), "absent", "a directory");
	place_says("seen", "rmdir %s && : > %s", MAIN, MAIN);
	is_str(read_often(backend, MAIN), "failed", "an empty file");
	write_old(ONE);
	place_says("seen", "echo '%s %s' > packed-refs && rm %s", TWO, MAIN,
	    MAIN);
	is_str(read_often(backend, MAIN), TWO, "it is in packed-refs only");
	memset(longest, 'x', sizeof longest);
	memcpy(longest, "refs/heads/", 11);
	longest[sizeof longest - 1] = '\0';
	place_says("seen", "echo %s > %s", ONE, longest);
	is_str(read_often(backend, longest), ONE, "a long name");
	place_close(backend);
}

/* ---- what it costs ---- */

static uint64_t operations(irmin__os *os, irmin_backend *backend)
{
	irmin_context context = { sizeof context, INT64_MAX, NULL, 0 };
	irmin_ref_value value = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	uint64_t before = irmin__os_sim_operations(os);
	irmin_error err;

	succeeds(backend->refs->cls->find(backend->refs, &context, MAIN, &value,
		     &err),
	    &err, "a read");
	irmin_buf_clear(&value.target);
	return irmin__os_sim_operations(os) - before;
}

static void cost(void)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_backend *backend;
	irmin_error err;
	irmin_oid id;
	irmin__os *os;

	options.flags = IRMIN_OPEN_CREATE;
	if (irmin__os_sim_new(1, &os, &err) < 0 ||
	    irmin__git_open(os, "/r", &options, &backend, &err) < 0)
		bail("%s", err.text);
	id = place_commit(backend, 1);
	if (place_set(backend, MAIN, &id, &err) < 0)
		bail("%s", err.text);
	ok(operations(os, backend) > 1, "a ref that was just written is read");
	irmin__os_sleep_us(os, 10000000);
	(void)operations(os, backend);
	(void)operations(os, backend);
	is_int(operations(os, backend), 1, "then one look is enough");
	id = place_commit(backend, 2);
	if (place_set(backend, MAIN, &id, &err) < 0)
		bail("%s", err.text);
	ok(operations(os, backend) > 1, "until it is moved");
	place_check_ref(backend, MAIN, place_hex(&id), "and seen");
	place_close(backend);
	irmin__os_sim_free(os);
}

/* ---- threads ---- */

static void *read_main(void *arg)
{
	int i;

	for (i = 0; i < 40; i++)
		if (strcmp(read_often(arg, MAIN), ONE) != 0)
			return arg;
	return NULL;
}

static void threads(void)
{
	irmin_backend *backend = place_open("seen", 0);
	pthread_t readers[24]; /* more than have entries of their own */
	void *result, *wrong = NULL;
	size_t i;

	write_old(ONE);
	for (i = 0; i < sizeof readers / sizeof *readers; i++)
		if (pthread_create(&readers[i], NULL, read_main, backend) != 0)
			bail("no thread");
	for (i = 0; i < sizeof readers / sizeof *readers; i++) {
		pthread_join(readers[i], &result);
		wrong = result ? result : wrong;
	}
	ok(!wrong, "threads read one ref");
	place_close(backend);
}

int main(void)
{
	place_begin();
	every_change();
	cost();
	threads();
	return done_testing();
}
