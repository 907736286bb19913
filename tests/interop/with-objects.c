#include "tests/interop/with-objects.h"

#include "tests/interop/with-git.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what git says ---- */

static irmin_object_type type_of(const char *name)
{
	int type;

	for (type = IRMIN_OBJECT_COMMIT; type <= IRMIN_OBJECT_TAG; type++)
		if (strcmp(name,
			irmin_object_type_name((irmin_object_type)type)) == 0)
			return (irmin_object_type)type;
	bail("git has a type of object named %s", name);
}

static void add_object(struct git_objects *objects,
    const struct git_object *object)
{
	size_t count = objects->count;

	/* Room is doubled whenever the count is a power of two. */
	if ((count & (count - 1)) == 0) {
		objects->all = realloc(objects->all,
		    (count ? 2 * count : 1) * sizeof(*objects->all));
		if (!objects->all)
			bail("out of memory");
	}
	objects->all[objects->count++] = *object;
}

void git_objects_read(const char *dir, struct git_objects *objects)
{
	struct tap_output *said = &objects->said;
	char hex[IRMIN_OID_HEX_BYTES], type[16];
	struct git_object object;
	size_t at = 0, len;
	int head;

	memset(objects, 0, sizeof(*objects));
	if (tap_run(said,
		"GIT_NO_REPLACE_OBJECTS=1 git --git-dir %s cat-file "
		"--batch-all-objects --batch --buffer",
		dir) != 0)
		bail("git cat-file: %s", said->err);
	while (at < said->out_len) {
		if (sscanf(said->out + at, "%64[0-9a-f] %15[a-z] %zu%n", hex,
			type, &len, &head) != 3 ||
		    irmin_oid_parse(irmin_text(hex), &object.id, NULL) < 0)
			bail("git cat-file: %.100s", said->out + at);
		at += (size_t)head + 1;
		object.type = type_of(type);
		object.data = irmin_bytes(said->out + at, len);
		add_object(objects, &object);
		at += len + 1;
	}
}

void git_objects_clear(struct git_objects *objects)
{
	tap_output_clear(&objects->said);
	free(objects->all);
	memset(objects, 0, sizeof(*objects));
}

irmin_repo *git_open_keys(const char *dir, const char *keys)
{
	irmin_repo *repo;
	irmin_error err;

	if (irmin_repo_open(tap_format("git:%s%s%s", dir, *keys ? "?" : "",
				keys),
		NULL, &repo, &err) < 0)
		bail("%s: %s", dir, err.text);
	return repo;
}

/* ---- what we read ---- */

/* Counts what is wrong, and tells the first few. */
static void wrong(size_t *count, const struct git_object *object,
    const char *what, const irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];

	if ((*count)++ < 3)
		diag("%s %s, %zu bytes: %s: %s",
		    irmin_object_type_name(object->type),
		    irmin_oid_hex(&object->id, hex), object->data.len, what,
		    err->text);
}

static void check_whole(irmin_repo *repo, const struct git_object *object,
    size_t *count)
{
	irmin_object found;
	irmin_object_type type;
	irmin_error err;
	uint64_t bytes;

	if (irmin_object_find(repo, &object->id, &found, &err) != IRMIN_OK)
		wrong(count, object, "is not found", &err);
	else if (found.type != object->type)
		wrong(count, object, "has another type", &err);
	else if (found.data.len != object->data.len ||
	    memcmp(found.data.data, object->data.data, found.data.len) != 0)
		wrong(count, object, "has other bytes", &err);
	irmin_pin_release(&found.data);
	if (irmin_object_stat(repo, &object->id, &type, &bytes, &err) !=
		IRMIN_OK ||
	    type != object->type || bytes != object->data.len)
		wrong(count, object, "its type and size are others", &err);
}

/* In parts of an odd length, so that they end anywhere. */
static void check_parts(irmin_repo *repo, const struct git_object *object,
    size_t *count)
{
	const char *bytes = object->data.data;
	size_t at = 0, got = 1;
	irmin_reader *reader;
	irmin_error err;
	char part[4099];
	irmin_rc rc;

	rc = irmin_object_open(repo, &object->id, &reader, &err);
	if (rc != IRMIN_OK) {
		wrong(count, object, "is not opened", &err);
		return;
	}
	if (irmin_reader_type(reader) != object->type ||
	    irmin_reader_bytes(reader) != object->data.len)
		wrong(count, object, "is opened as another", &err);
	while (rc >= 0 && got > 0) {
		rc = irmin_reader_read(reader, part, sizeof(part), &got, &err);
		if (rc >= 0 &&
		    (got > object->data.len - at ||
			memcmp(part, bytes + at, got) != 0))
			break;
		at += got;
	}
	if (rc < 0 || got > 0 || at != object->data.len)
		wrong(count, object, "is read otherwise in parts", &err);
	irmin_reader_close(reader);
}

struct told {
	const struct git_objects *objects;
	unsigned char *seen;
	size_t others;
};

static int compare(const void *key, const void *member)
{
	const struct git_object *object = member;

	return irmin_oid_compare(key, &object->id);
}

static int mark(void *arg, const irmin_oid *id)
{
	struct told *told = arg;
	const struct git_object *found = bsearch(id, told->objects->all,
	    told->objects->count, sizeof(*found), compare);

	if (found)
		told->seen[found - told->objects->all] = 1;
	else
		told->others++;
	return 0;
}

/* Of those with a prefix of up to four digits; NULL: of all. */
static void check_each(irmin_repo *repo, const struct git_objects *objects,
    const char *prefix, const char *what)
{
	struct told told = { objects, calloc(objects->count + 1, 1), 0 };
	size_t i, lost = 0, beyond = 0, len = prefix ? strlen(prefix) : 0;
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_error err;

	if (!told.seen)
		bail("out of memory");
	succeeds(irmin_object_each(repo, prefix, mark, &told, &err), &err,
	    "%s: those with the prefix \"%s\" are told", what,
	    prefix ? prefix : "");
	for (i = 0; i < objects->count; i++) {
		irmin_oid_hex(&objects->all[i].id, hex);
		if (len > 0 && strncmp(hex, prefix, len) != 0)
			beyond += told.seen[i];
		else
			lost += !told.seen[i];
	}
	ok(lost == 0 && beyond == 0 && told.others == 0,
	    "%s: %zu not told; told without need: %zu of another prefix, "
	    "%zu that git does not have",
	    what, lost, beyond, told.others);
	free(told.seen);
}

void check_objects(irmin_repo *repo, const struct git_objects *objects,
    const char *what)
{
	irmin_oid absent = { { 0x42 }, (unsigned char)irmin_repo_hash(repo) };
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_object none;
	irmin_error err;
	size_t i, count = 0;

	for (i = 0; i < objects->count; i++) {
		check_whole(repo, &objects->all[i], &count);
		check_parts(repo, &objects->all[i], &count);
	}
	ok(objects->count > 0 && count == 0, "%s: %zu objects are git's", what,
	    objects->count);
	check_each(repo, objects, NULL, what);
	irmin_oid_hex(&objects->all[objects->count / 2].id, hex);
	hex[3] = '\0';
	check_each(repo, objects, hex, what);
	is_rc(irmin_object_find(repo, &absent, &none, &err), IRMIN_ABSENT,
	    "%s: no other is found", what);
}

/* ---- what we write ---- */

/* The bytes that git says of two repositories are the same. */
static void check_same(const struct git_objects *a, const struct git_objects *b,
    const char *what)
{
	ok(a->said.out_len == b->said.out_len &&
		memcmp(a->said.out, b->said.out, a->said.out_len) == 0,
	    "%s: git reads the same %zu objects in the copy", what, a->count);
}

void check_written(const char *copy, const struct git_objects *objects,
    irmin_hash_algo hash, const char *what)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	struct git_objects written;
	size_t i, count = 0;
	irmin_repo *repo;
	irmin_error err;
	irmin_oid id;

	options.flags = IRMIN_OPEN_CREATE;
	options.hash = hash;
	repo = git_open(copy, &options);
	for (i = 0; i < objects->count; i++) {
		const struct git_object *object = &objects->all[i];

		if (irmin_object_add(repo, object->type, object->data, &id,
			&err) < 0)
			wrong(&count, object, "is not written", &err);
		else if (irmin_oid_compare(&id, &object->id) != 0)
			wrong(&count, object, "gets another id", &err);
	}
	is_int(count, 0, "%s: %zu objects get the same ids", what,
	    objects->count);
	irmin_repo_close(repo);
	git_objects_read(copy, &written);
	check_same(objects, &written, what);
	git_objects_clear(&written);
}

/* ---- history ---- */

void check_log(irmin_repo *repo, const char *dir, const char *revision,
    const char *what)
{
	const char *want = git_says(dir, "log --format=%%H %s --", revision);
	irmin_commit *commit = NULL;
	irmin_log *log = NULL;
	irmin_buf text = IRMIN_BUF_INIT;
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_error err;
	irmin_oid id;
	irmin_rc rc;

	rc = irmin_commit_of_revision(repo, revision, &commit, &err);
	if (rc >= 0)
		rc = irmin_log_open(commit, NULL, &log, &err);
	irmin_commit_unref(commit);
	while (
	    rc >= 0 && (rc = irmin_log_next(log, &commit, &err)) == IRMIN_OK) {
		rc = irmin_commit_id(commit, &id, &err);
		irmin_commit_unref(commit);
		buf_print(&text, "%s%s", text.len ? "\n" : "",
		    irmin_oid_hex(&id, hex));
	}
	succeeds(rc, &err, "%s: the history of %s is walked", what, revision);
	ok(text.len == strlen(want) && memcmp(text.data, want, text.len) == 0,
	    "%s: in the order of git log", what);
	irmin_buf_clear(&text);
	irmin_log_free(log);
}
