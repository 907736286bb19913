/* A file system that cannot be written to: everything there is read, nothing is
 * written, and what lies there is not relied on by who writes elsewhere. */
#include "tests/unit/backend-git/git-place.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* In a name space of our own: nobody else sees the mount, and it ends with
 * this process. Without root it needs a name space of users too. */
static void enter_name_space(void)
{
	uid_t uid = getuid();
	gid_t gid = getgid();
	int flags = uid == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;

	if (unshare(flags) < 0)
		skip_all("cannot mount: %s", strerror(errno));
	if (uid != 0) {
		const char *map = tap_format("%u %u 1\n", uid, uid);

		tap_write_file("/proc/self/uid_map", map, strlen(map));
		tap_write_file("/proc/self/setgroups", "deny", 4);
		map = tap_format("%u %u 1\n", gid, gid);
		tap_write_file("/proc/self/gid_map", map, strlen(map));
	}
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		skip_all("cannot mount: %s", strerror(errno));
}

static void make_read_only(const char *dir)
{
	const char *path = place_path(dir);

	if (mount(path, path, NULL, MS_BIND, NULL) < 0 ||
	    mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) < 0)
		skip_all("cannot mount: %s", strerror(errno));
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

	*count += !scanned->fault;
	return 0;
}

static int count_ref(void *arg, const char *name, const irmin_ref_value *value)
{
	unsigned *count = arg;

	(void)name;
	(void)value;
	(*count)++;
	return 0;
}

static int note_fault(void *arg, const irmin_fault *fault)
{
	diag("%s: %s", fault->where, fault->text);
	return count_id(arg, &fault->id);
}

static void check_reading(uint32_t flags, unsigned objects, const char *what)
{
	irmin_backend *backend = place_open("ro", flags);
	const irmin_objects_class *cls = backend->objects->cls;
	unsigned listed = 0, scanned = 0, refs = 0, faults = 0;
	irmin_error err;

	succeeds(cls->each(backend->objects, NULL, "", count_id, &listed, &err),
	    &err, "%s: each", what);
	succeeds(cls->scan(backend->objects, NULL, count_scanned, &scanned,
		     &err),
	    &err, "%s: scan", what);
	ok(listed == objects && scanned == objects,
	    "%s: %u and %u of %u objects", what, listed, scanned, objects);
	succeeds(cls->verify(backend->objects, NULL, note_fault, &faults, &err),
	    &err, "%s: verify", what);
	is_int(faults, 0, "%s: nothing is wrong", what);
	succeeds(backend->refs->cls->each(backend->refs, NULL, "refs/",
		     count_ref, &refs, &err),
	    &err, "%s: refs", what);
	is_int(refs, 2, "%s: all refs", what);
	succeeds(cls->flush(backend->objects, NULL, IRMIN_POWER, &err), &err,
	    "%s: flush", what);
	place_close(backend);
}

static void check_writing(uint32_t flags, const char *what)
{
	irmin_backend *backend = place_open("ro", flags);
	irmin_new_object added = { .type = IRMIN_OBJECT_BLOB };
	irmin_error err;

	added.data = irmin_text("new");
	if (irmin_hash_object(backend->hash, added.type, added.data, &added.id,
		&err) < 0)
		bail("%s", err.text);
	fails(backend->objects->cls->add(backend->objects, NULL, &added, 1,
		  &err),
	    IRMIN_EREADONLY, &err, "%s: add", what);
	fails(place_set(backend, "refs/heads/new", &added.id, &err),
	    IRMIN_EREADONLY, &err, "%s: a ref", what);
	place_close(backend);
}

/* What cannot be freshened there is written here. */
static void check_borrowing(void)
{
	irmin_backend *backend;

	place_says("", "git init -q --bare rw");
	place_says("rw", "echo ../../ro/objects > objects/info/alternates");
	backend = place_open("rw", 0);
	place_add(backend, IRMIN_OBJECT_BLOB, irmin_text("packed\n"));
	place_add(backend, IRMIN_OBJECT_BLOB, irmin_text("loose\n"));
	is_str(place_says("rw",
		   "find objects -type f | grep -v alternates | "
		   "wc -l | tr -d ' '"),
	    "2", "what cannot be kept is written");
	place_close(backend);
}

int main(void)
{
	unsigned objects;

	place_begin();
	(void)tap_tmpdir();
	enter_name_space();
	place_says("", "git init -q --bare ro");
	place_says("ro",
	    "c=$(git -c user.name=a -c user.email=b commit-tree -m x "
	    "$(git mktree < /dev/null)) && git update-ref refs/heads/a $c && "
	    "git update-ref refs/heads/b $c && "
	    "echo packed | git hash-object -w --stdin | "
	    "git pack-objects -q objects/pack/pack && git prune-packed && "
	    "git pack-refs --all && git update-ref refs/heads/b $c && "
	    "echo loose | git hash-object -w --stdin && "
	    "git multi-pack-index write");
	objects = (unsigned)atoi(place_says("ro",
	    "git cat-file --batch-all-objects --batch-check | wc -l"));
	make_read_only("ro");
	check_reading(IRMIN_OPEN_READ_ONLY, objects, "opened read-only");
	check_reading(0, objects, "opened as usual");
	check_writing(IRMIN_OPEN_READ_ONLY, "opened read-only");
	check_writing(0, "opened as usual");
	check_borrowing();
	return done_testing();
}
