/* Threads that read while git repacks, ten times over: everything stays there. */
#include "tests/unit/backend-git/git-place.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OBJECTS 300
#define ROUNDS  10

struct reading {
	irmin_backend *backend;
	irmin_oid ids[OBJECTS];
	atomic_int stop;
	atomic_uint reads, wrong;
	char first[400]; /* what was wrong first */
};

static void note(struct reading *r, const irmin_oid *id, irmin_rc rc,
    const irmin_error *err)
{
	if (atomic_fetch_add(&r->wrong, 1) == 0)
		snprintf(r->first, sizeof r->first, "%.8s: %s %s",
		    place_hex(id), irmin_rc_name(rc), rc < 0 ? err->text : "");
}

static void read_one(struct reading *r, const irmin_oid *id, unsigned turn)
{
	const irmin_objects_class *cls = r->backend->objects->cls;
	irmin_object_type type;
	irmin_object object = { IRMIN_OBJECT_ANY, IRMIN_PIN_INIT };
	irmin_oid computed = { { 0 }, 0 };
	irmin_error err;
	uint64_t bytes;
	irmin_rc rc;

	switch (turn % 3) {
	case 0:
		rc = cls->has(r->backend->objects, NULL, id, &err);
		break;
	case 1:
		rc = cls->stat(r->backend->objects, NULL, id, &type, &bytes,
		    &err);
		break;
	default:
		rc = cls->find(r->backend->objects, NULL, id, &object, &err);
		if (rc == IRMIN_OK &&
		    (irmin_hash_object(r->backend->hash, object.type,
			 irmin_bytes(object.data.data, object.data.len),
			 &computed, NULL) < 0 ||
			irmin_oid_compare(&computed, id) != 0))
			rc = IRMIN_ECORRUPT;
		irmin_pin_release(&object.data);
	}
	if (rc != IRMIN_OK)
		note(r, id, rc, &err);
}

static void *read_on(void *arg)
{
	struct reading *r = arg;
	unsigned turn;

	for (turn = 0; !atomic_load(&r->stop); turn++) {
		read_one(r, &r->ids[turn * 7 % OBJECTS], turn);
		atomic_fetch_add(&r->reads, 1);
	}
	return NULL;
}

static int count_id(void *arg, const irmin_oid *id)
{
	unsigned *count = arg;

	(void)id;
	(*count)++;
	return 0;
}

static int count_scanned(void *arg, const irmin_scanned *scanned)
{
	unsigned *count = arg;

	if (!scanned->fault)
		(*count)++;
	return 0;
}

static void *list_on(void *arg)
{
	struct reading *r = arg;
	const irmin_objects_class *cls = r->backend->objects->cls;

	while (!atomic_load(&r->stop)) {
		unsigned listed = 0, scanned = 0;
		irmin_error err;
		irmin_rc rc;

		rc = cls->each(r->backend->objects, NULL, "", count_id, &listed,
		    &err);
		if (rc != IRMIN_OK || listed < OBJECTS)
			note(r, &r->ids[0], rc, &err);
		rc = cls->scan(r->backend->objects, NULL, count_scanned,
		    &scanned, &err);
		if (rc != IRMIN_OK || scanned < OBJECTS)
			note(r, &r->ids[0], rc, &err);
		atomic_fetch_add(&r->reads, 1);
	}
	return NULL;
}

/* One round of what git does; all of it leaves every object there. */
static void repack(const char *dir, unsigned round)
{
	static const char *const ways[] = {
		"git repack -adq",
		"git multi-pack-index write",
		"git repack -dq && git prune-packed",
		"git repack -adq --max-pack-size=1m && git gc -q",
		"git repack -Adq && git pack-refs --all",
	};

	place_says(dir, "echo %u | git hash-object -w --stdin", round);
	place_says(dir, "%s", ways[round % (sizeof ways / sizeof *ways)]);
}

static void check_format(const char *format, irmin_io io)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	const char *dir = tap_format("%s-%d", format, (int)io);
	struct reading *r = calloc(1, sizeof *r);
	pthread_t threads[3];
	const char *text;
	irmin_error err;
	unsigned i;

	place_says("", "git init -q --bare -b main --object-format=%s %s",
	    format, dir);
	place_says(dir,
	    "for i in $(seq %d); do seq $i 300 > text$i; done && "
	    "ls text* | git hash-object -w --stdin-paths > ids && rm text* && "
	    "awk '{print \"100644 blob \" $1 \"\\tf\" NR}' ids | git mktree > t "
	    "&& git update-ref refs/heads/main $(git -c user.name=a "
	    "-c user.email=b commit-tree -m m $(cat t)) && git repack -adq",
	    OBJECTS);
	text = place_says(dir, "cat ids");
	for (i = 0; i < OBJECTS; i++) {
		r->ids[i] = place_id(
		    tap_format("%.*s", (int)strcspn(text, "\n"), text));
		text += strcspn(text, "\n") + 1;
	}
	options.io = io;
	if (place_try(dir, &options, &r->backend, &err) < 0)
		bail("%s", err.text);
	for (i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, read_on, r);
	pthread_create(&threads[2], NULL, list_on, r);
	for (i = 0; i < ROUNDS; i++)
		repack(dir, i);
	atomic_store(&r->stop, 1);
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	ok(atomic_load(&r->reads) > 100, "%s: %u reads", dir,
	    atomic_load(&r->reads));
	is_int(atomic_load(&r->wrong), 0, "%s: none is wrong: %s", dir,
	    r->first);
	place_close(r->backend);
	free(r);
}

int main(void)
{
	place_begin();
	check_format("sha1", IRMIN_IO_MAP);
	check_format("sha256", IRMIN_IO_READ);
	return done_testing();
}
