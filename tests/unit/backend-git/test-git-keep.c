/* What keeps a new pack from being collected: it stands before the pack does, and
 * goes when refs lead there and nobody is at work, or when its maker is dead. */
#include "lib/backend-git/git-keep.h"
#include "tests/unit/backend-git/git-place.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* So many that they become a pack. */
#define MANY 120

static irmin_new_object object_of(irmin_backend *backend,
    irmin_object_type type, irmin_slice data)
{
	irmin_new_object added;
	irmin_error err;

	memset(&added, 0, sizeof added);
	added.type = type;
	added.data = data;
	if (irmin_hash_object(backend->hash, type, data, &added.id, &err) < 0)
		bail("%s", err.text);
	return added;
}

static void add(irmin_backend *backend, irmin_batch *batch,
    const irmin_new_object *added)
{
	irmin_error err;

	(void)backend;
	if (batch->cls->add(batch, NULL, added, 1, &err) < 0)
		bail("%s", err.text);
}

/* Blobs, a tree of them and a commit of that, all in one pack. */
static irmin_oid add_pack(irmin_backend *backend, const char *what)
{
	irmin_buf tree = IRMIN_BUF_INIT;
	irmin_new_object added;
	irmin_batch *batch;
	irmin_error err;
	const char *name, *text;
	int i;

	if (backend->objects->cls->batch_begin(backend->objects, NULL, &batch,
		&err) < 0)
		bail("%s", err.text);
	for (i = 0; i < MANY; i++) {
		added = object_of(backend, IRMIN_OBJECT_BLOB,
		    irmin_text(tap_format("%s %d\n", what, i)));
		add(backend, batch, &added);
		name = tap_format("100644 f%05d", i);
		if (irmin_buf_append(&tree, irmin_bytes(name, strlen(name) + 1),
			&err) < 0 ||
		    irmin_buf_append(&tree,
			irmin_bytes(added.id.bytes,
			    irmin_hash_size(backend->hash)),
			&err) < 0)
			bail("%s", err.text);
	}
	added = object_of(backend, IRMIN_OBJECT_TREE, irmin_buf_slice(&tree));
	add(backend, batch, &added);
	text = tap_format("tree %s\nauthor A <a@b> 1 +0000\n"
			  "committer A <a@b> 1 +0000\n\n%s\n",
	    place_hex(&added.id), what);
	added = object_of(backend, IRMIN_OBJECT_COMMIT, irmin_text(text));
	add(backend, batch, &added);
	irmin_buf_clear(&tree);
	if (batch->cls->finish(batch, NULL, &err) < 0)
		bail("%s", err.text);
	return added.id;
}

/* How many files with this end there are. */
static long count_of(const char *dir, const char *end)
{
	return strtol(place_says(dir,
			  "find objects/pack -name 'pack-*.%s' | wc -l", end),
	    NULL, 10);
}

static void set(irmin_backend *backend, const char *name, const irmin_oid *id)
{
	irmin_error err;

	if (place_set(backend, name, id, &err) < 0)
		bail("%s", err.text);
}

/* ---- beside git ---- */

static void check_repack(void)
{
	irmin_backend *backend = place_open_bare("repack");
	irmin_oid first = place_commit(backend, 1), made;

	set(backend, "refs/heads/main", &first);
	made = add_pack(backend, "kept");
	is_int(count_of("repack", "keep"), 1, "kept");
	place_says("repack", "git repack -adq && git gc -q --prune=now");
	place_says("repack", "git cat-file -e %s", place_hex(&made));
	ok(1, "no ref leads there, and git collects nothing of it");
	set(backend, "refs/heads/main", &made);
	is_int(count_of("repack", "keep"), 0, "a ref leads there");
	place_says("repack", "git repack -adq");
	is_int(count_of("repack", "pack"), 1, "git may pack it");
	place_says("repack", "git -c core.commitGraph=false fsck --strict");
	place_close(backend);
}

/* ---- who is at work ---- */

static void check_work(void)
{
	irmin_backend *backend = place_open_bare("work");
	irmin_objects *objects = backend->objects;
	irmin_oid one = place_commit(backend, 1), made;

	objects->cls->work_begin(objects); /* of two threads */
	objects->cls->work_begin(objects);
	made = add_pack(backend, "first");
	set(backend, "refs/heads/other", &one);
	is_int(count_of("work", "keep"), 1, "a ref has moved: another");
	objects->cls->work_end(objects);
	is_int(count_of("work", "keep"), 1, "somebody is still at work");
	add_pack(backend, "second");
	is_int(count_of("work", "keep"), 2, "two");
	place_says("work", "git repack -adq");
	is_int(count_of("work", "pack"), 3, "all of it stays");
	objects->cls->work_end(objects);
	is_int(count_of("work", "keep"), 1,
	    "no ref has moved since the second was made");
	objects->cls->work_begin(objects);
	set(backend, "refs/heads/main", &made);
	objects->cls->work_end(objects);
	is_int(count_of("work", "keep"), 0, "one has");
	add_pack(backend, "third");
	is_int(count_of("work", "keep"), 1, "in the end");
	place_close(backend);
	is_int(count_of("work", "keep"), 0, "nothing is left");
}

/* ---- who is dead ---- */

/* Makes a pack in another process, and waits there. */
static pid_t make_elsewhere(const char *dir)
{
	int ready[2];
	char byte;
	pid_t child;

	if (pipe(ready) < 0 || (child = fork()) < 0)
		bail("cannot fork");
	if (child == 0) {
		irmin_backend *backend = place_open(dir, 0);

		add_pack(backend, "elsewhere");
		add_pack(backend, "there too");
		if (write(ready[1], "y", 1) == 1)
			pause();
		_exit(0);
	}
	if (read(ready[0], &byte, 1) != 1)
		bail("no child");
	close(ready[0]);
	close(ready[1]);
	return child;
}

static void check_dead(void)
{
	irmin_backend *backend = place_open_bare("dead");
	irmin_oid id = place_commit(backend, 1);
	pid_t child = make_elsewhere("dead");

	place_says("dead", "touch objects/pack/pack-mine.keep");
	set(backend, "refs/heads/main", &id);
	add_pack(backend, "mine");
	is_int(count_of("dead", "keep"), 4, "what somebody holds stays");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	place_says("dead", "f=$(ls -t objects/pack/*.idx | tail -1) && rm $f");
	add_pack(backend, "mine");
	is_int(count_of("dead", "keep"), 3, "what nobody holds goes");
	is_int(count_of("dead", "pack"), 3,
	    "with it the pack that nobody could see");
	set(backend, "refs/heads/main", &id);
	is_str(place_says("dead", "ls objects/pack/*.keep"),
	    "objects/pack/pack-mine.keep", "a person's stays");
	place_close(backend);

	backend = place_open("dead", 0);
	child = make_elsewhere("dead");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	is_int(count_of("dead", "keep"), 3, "left behind");
	set(backend, "refs/heads/main", NULL);
	is_int(count_of("dead", "keep"), 1,
	    "gone when the next process moves a ref");
	place_close(backend);
}

/* ---- what is added again ---- */

/* A pack that will not be kept for ever is not relied on. */
static void check_added(void)
{
	irmin_backend *backend = place_open_bare("added"), *other;
	irmin_oid id;

	add_pack(backend, "again");
	other = place_open("added", 0);
	id = place_add(other, IRMIN_OBJECT_BLOB, irmin_text("again 7\n"));
	place_close(backend);
	place_says("added", "git repack -adq");
	place_says("added", "git cat-file -e %s", place_hex(&id));
	is_int(count_of("added", "pack"), 0, "what was kept has gone");
	place_close(other);
}

int main(void)
{
	place_begin();
	check_repack();
	check_work();
	check_dead();
	check_added();
	return done_testing();
}
