/* Loose objects: what git wrote is read, what we wrote git reads, and damage of
 * every kind is told with file and offset. */
#include "tests/unit/backend-git/git-place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *file_of(const char *dir, const irmin_oid *id)
{
	const char *hex = place_hex(id);

	return place_path(tap_format("%s/objects/%.2s/%s", dir, hex, hex + 2));
}

static irmin_rc find(irmin_backend *backend, const irmin_oid *id,
    irmin_object *object, irmin_error *err)
{
	return backend->objects->cls->find(backend->objects, NULL, id, object,
	    err);
}

/* ---- what git wrote ---- */

static void check_from_git(const char *format)
{
	static const char *const levels[] = { "0", "1", "6", "9", "-1" };
	static const unsigned sizes[] = { 0, 1, 30, 4000, 70000, 400000 };
	const char *dir = tap_format("from-%s", format);
	irmin_backend *backend;
	irmin_object object;
	irmin_error err;
	size_t i, j;

	place_says("", "git init -q --bare --object-format=%s %s", format, dir);
	backend = place_open(dir, 0);
	for (i = 0; i < sizeof levels / sizeof *levels; i++)
		for (j = 0; j < sizeof sizes / sizeof *sizes; j++) {
			const char *what = tap_format("%s, level %s, %u bytes",
			    format, levels[i], sizes[j]);
			const char *hex = place_says(dir,
			    "seq 1 100000 | head -c %u > in && echo %s >> in && "
			    "git -c core.compression=%s hash-object -w in",
			    sizes[j], levels[i], levels[i]);
			irmin_oid id = place_id(hex);
			size_t len;
			char *bytes =
			    tap_read_file(place_path(tap_format("%s/in", dir)),
				&len);

			is_rc(find(backend, &id, &object, &err), IRMIN_OK,
			    "%s: found", what);
			is_int(object.type, IRMIN_OBJECT_BLOB, "%s: a blob",
			    what);
			is_mem(object.data.data, object.data.len, bytes, len,
			    "%s: its bytes", what);
			irmin_pin_release(&object.data);
			free(bytes);
		}
	place_close(backend);
}

/* ---- what we wrote ---- */

static void check_to_git(const char *level)
{
	static const size_t sizes[] = { 0, 1, 1000, 4060, 4080, 4096, 5000,
		65528, 70000, 1000000 };
	const char *dir = tap_format("to-%s", level);
	irmin_backend *backend;
	unsigned char *bytes = malloc(1000000);
	size_t i, j;

	place_says("", "git init -q --bare %s", dir);
	place_says(dir, "git config core.loosecompression %s", level);
	backend = place_open(dir, 0);
	for (i = 0; i < 1000000; i++)
		bytes[i] = (unsigned char)(i % 2000 < 1000 ? i * i >> 7 : 'x');
	for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		irmin_oid id = place_add(backend, IRMIN_OBJECT_BLOB,
		    irmin_bytes(bytes, sizes[i]));
		struct stat st;
		size_t len;
		char *got;

		place_says(dir, "git cat-file blob %s > out", place_hex(&id));
		got = tap_read_file(place_path(tap_format("%s/out", dir)),
		    &len);
		is_mem(got, len, bytes, sizes[i],
		    "level %s: git reads %zu bytes", level, sizes[i]);
		free(got);
		stat(file_of(dir, &id), &st);
		is_int(st.st_mode & 0777, 0444, "its mode");
		j = irmin__stored_bytes(sizes[i] + 12);
		ok(strcmp(level, "0") == 0 || sizes[i] < 5000 ||
			(size_t)st.st_size < j * 9 / 10,
		    "level %s: large ones are smaller: %jd of %zu", level,
		    (intmax_t)st.st_size, sizes[i]);
	}
	is_str(place_says(dir,
		   "git fsck --strict 2>&1 | grep -v ^dangling "
		   "| grep -v ^notice || true"),
	    "", "level %s: git fsck", level);
	is_str(place_says(dir, "find . -name 'tmp_*'"), "",
	    "level %s: no litter", level);
	place_close(backend);
	free(bytes);
}

/* By default trees are stored; who asks for a level has them compressed. */
static void check_trees(void)
{
	static const char *const set[] = { "true",
		"git config core.compression 1",
		"git config core.compression 0" };
	char *tree = malloc(30000);
	size_t i, len = 0;

	for (i = 0; i < 600; i++) {
		len += (size_t)sprintf(tree + len, "100644 name%04zu", i) + 1;
		memset(tree + len, (int)(i % 251 + 1), 20);
		len += 20;
	}
	for (i = 0; i < 3; i++) {
		const char *dir = tap_format("trees-%zu", i);
		irmin_backend *backend;
		irmin_oid id;
		struct stat st;

		place_says("", "git init -q --bare %s", dir);
		place_says(dir, "%s", set[i]);
		backend = place_open(dir, 0);
		id = place_add(backend, IRMIN_OBJECT_TREE,
		    irmin_bytes(tree, len));
		stat(file_of(dir, &id), &st);
		is_int((size_t)st.st_size < len, i == 1, "after '%s'", set[i]);
		is_str(place_says(dir, "git cat-file -s %s", place_hex(&id)),
		    tap_format("%zu", len), "git reads it");
		place_close(backend);
	}
	free(tree);
}

/* ---- damage ---- */

/* Writes a stream where an object should be, and reads it. */
static irmin_rc find_stream(irmin_backend *backend, irmin_slice stream,
    irmin_object *object, irmin_error *err)
{
	irmin_oid id = place_id("1234567890123456789012345678901234567890");
	const char *file = file_of("damage", &id);

	place_says("damage", "mkdir -p objects/12");
	tap_write_file(file, stream.data, stream.len);
	return find(backend, &id, object, err);
}

static void check_damage(irmin_backend *backend, irmin_slice stream,
    irmin_rc wanted, const char *what)
{
	irmin_object_type type;
	irmin_object object;
	irmin_error err;
	uint64_t bytes;
	irmin_oid id = place_id("1234567890123456789012345678901234567890");

	fails(find_stream(backend, stream, &object, &err), wanted, &err, "%s",
	    what);
	ok(!object.data.data && !object.type, "%s: nothing comes out", what);
	ok(strstr(err.where, "4567890123456789012345678901234567890") != NULL,
	    "%s: the file is told", what);
	ok(wanted != IRMIN_ECORRUPT || err.offset != IRMIN_NO_OFFSET,
	    "%s: and the offset", what);
	/* stat may be content with the header, but never with a bad one. */
	if (backend->objects->cls->stat(backend->objects, NULL, &id, &type,
		&bytes, &err) < 0)
		ok(!bytes && err.code == IRMIN_ECORRUPT, "%s: nor by stat",
		    what);
}

/* "<header><body>" as a stream, stored or deflated. */
static irmin_slice make_stream(const char *header, irmin_slice body, int level)
{
	size_t room = irmin__stored_bytes(strlen(header) + 1 + body.len);
	unsigned char *bytes = malloc(room + 100);
	irmin__deflaters resting = NULL;
	irmin_slice head = irmin_bytes(header, strlen(header) + 1);

	if (!level)
		irmin__store(head, body, bytes);
	else if (irmin__deflate(&resting, level, head, body, bytes, room + 100,
		     &room, NULL) != IRMIN_OK)
		bail("cannot deflate");
	irmin__deflaters_clear(&resting);
	return irmin_bytes(bytes, room);
}

static void check_headers(irmin_backend *backend, int level)
{
	static const struct {
		const char *header;
		irmin_rc rc;
	} bad[] = {
		{ "blob 3", IRMIN_ECORRUPT },  /* less than there is */
		{ "blob 5", IRMIN_ECORRUPT },  /* more */
		{ "blob 05", IRMIN_ECORRUPT }, /* not as git writes it */
		{ "blob", IRMIN_ECORRUPT },
		{ "blob ", IRMIN_ECORRUPT },
		{ "blob -4", IRMIN_ECORRUPT },
		{ "blob 4 ", IRMIN_ECORRUPT },
		{ "blub 4", IRMIN_ECORRUPT },
		{ "", IRMIN_ECORRUPT },
		{ "blob 1000000000000", IRMIN_ECORRUPT },
		{ "blob 18446744073709551615", IRMIN_ECORRUPT },
		{ "blob 18446744073709551616", IRMIN_ECORRUPT },
		{ "blob 99999999999999999999999999999", IRMIN_ECORRUPT },
	};
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		irmin_slice stream = make_stream(bad[i].header,
		    irmin_text("text"), level);

		check_damage(backend, stream, bad[i].rc,
		    tap_format("level %d, header \"%s\"", level,
			bad[i].header));
		free((void *)stream.data);
	}
}

/* Flips every bit and cuts at every byte: no wrong bytes ever come out. */
static void check_every_byte(irmin_backend *backend, int level)
{
	irmin_slice body = irmin_text("some text, some text, and some more");
	irmin_slice good = make_stream("blob 35", body, level);
	unsigned char *bad = malloc(good.len + 1);
	unsigned wrong = 0, refused = 0;
	irmin_object object;
	irmin_error err;
	size_t i;

	is_rc(find_stream(backend, good, &object, &err), IRMIN_OK,
	    "level %d: undamaged", level);
	is_mem(object.data.data, object.data.len, body.data, body.len,
	    "level %d: its bytes", level);
	irmin_pin_release(&object.data);
	for (i = 0; i < 9 * good.len; i++) {
		size_t len = i < 8 * good.len ? good.len : i - 8 * good.len;
		irmin_rc rc;

		memcpy(bad, good.data, good.len);
		if (len == good.len)
			bad[i / 8] ^= (unsigned char)(1 << i % 8);
		rc = find_stream(backend, irmin_bytes(bad, len), &object, &err);
		refused += rc == IRMIN_ECORRUPT;
		if (rc == IRMIN_OK &&
		    !irmin_slice_equal(irmin_bytes(object.data.data,
					   object.data.len),
			body))
			wrong++;
		if (rc != IRMIN_OK && rc != IRMIN_ECORRUPT)
			wrong++;
		irmin_pin_release(&object.data);
	}
	is_int(wrong, 0, "level %d: damage never gives other bytes", level);
	ok(refused > 8 * good.len, "level %d: %u of %zu are refused", level,
	    refused, 9 * good.len);
	memcpy(bad, good.data, good.len);
	bad[good.len] = 0;
	check_damage(backend, irmin_bytes(bad, good.len + 1), IRMIN_ECORRUPT,
	    tap_format("level %d: something follows", level));
	free(bad);
	free((void *)good.data);
}

static void check_limits(irmin_backend *backend)
{
	irmin_context context;
	irmin_object object;
	irmin_error err;
	char *body = calloc(1, 500000);
	irmin_slice stream = make_stream("blob 500000",
	    irmin_bytes(body, 500000), 9);
	irmin_oid id = place_id("1234567890123456789012345678901234567890");

	ok(stream.len < 1000, "half a megabyte in %zu bytes", stream.len);
	is_rc(find_stream(backend, stream, &object, &err), IRMIN_OK,
	    "is found");
	irmin_pin_release(&object.data);
	memset(&context, 0, sizeof context);
	context.max_object_bytes = 499999;
	fails(backend->objects->cls->find(backend->objects, &context, &id,
		  &object, &err),
	    IRMIN_ELIMIT, &err, "unless there is a limit");
	ok(strstr(err.text, "499999") != NULL, "which is told: %s", err.text);
	free(body);
	free((void *)stream.data);
}

/* An object's file that is damaged is written again by who adds the object. */
static void check_repair(irmin_backend *backend)
{
	irmin_oid id = place_add(backend, IRMIN_OBJECT_BLOB,
	    irmin_text("precious"));
	const char *file = file_of("damage", &id);
	struct stat before, after;

	place_says("damage", "touch -d '3 weeks ago' %s", file);
	stat(file, &before);
	place_add(backend, IRMIN_OBJECT_BLOB, irmin_text("precious"));
	stat(file, &after);
	ok(before.st_ino == after.st_ino, "a good file stays");
	ok(after.st_mtime > before.st_mtime, "and is freshened");

	place_says("damage", "chmod u+w %s && : > %s", file, file);
	place_add(backend, IRMIN_OBJECT_BLOB, irmin_text("precious"));
	is_str(place_says("damage", "git cat-file blob %s", place_hex(&id)),
	    "precious", "an empty one is written again");
	place_says("damage",
	    "rm -f objects/12/* && "
	    "echo bad | git hash-object -w --stdin > other && "
	    "x=$(cat other) && cp objects/$(echo $x | cut -c1-2)/"
	    "$(echo $x | cut -c3-) %s -f",
	    file);
	place_add(backend, IRMIN_OBJECT_BLOB, irmin_text("precious"));
	is_str(place_says("damage", "git cat-file blob %s", place_hex(&id)),
	    "precious", "and one that holds another object");
}

/* ---- beside gc ---- */

static void check_empty_directories(void)
{
	irmin_backend *backend = place_open_bare("gc");
	irmin_oid id = place_add(backend, IRMIN_OBJECT_BLOB, irmin_text("1"));

	place_says("gc", "git prune --expire=now && rmdir objects/?? || true");
	id = place_add(backend, IRMIN_OBJECT_BLOB, irmin_text("1"));
	is_int(access(file_of("gc", &id), R_OK), 0,
	    "a directory that gc took is made again");
	place_close(backend);
}

int main(void)
{
	irmin_backend *backend;
	irmin_object object;
	irmin_error err;

	place_begin();
	check_from_git("sha1");
	check_from_git("sha256");
	check_to_git("0");
	check_to_git("1");
	check_to_git("9");
	check_trees();
	backend = place_open_bare("damage");
	check_headers(backend, 0);
	check_headers(backend, 6);
	check_every_byte(backend, 0);
	check_every_byte(backend, 6);
	check_damage(backend, irmin_text(""), IRMIN_ECORRUPT, "an empty file");
	check_damage(backend, irmin_text("text"), IRMIN_ECORRUPT, "no stream");
	check_limits(backend);
	check_repair(backend);
	place_says("damage",
	    "rm -rf objects/12 && mkdir -p "
	    "objects/12/34567890123456789012345678901234567890");
	ok(find(backend,
	       &(irmin_oid){ { 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34, 0x56,
				 0x78, 0x90, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12,
				 0x34, 0x56, 0x78, 0x90 },
		   IRMIN_HASH_SHA1 },
	       &object, &err) < 0,
	    "a directory in the place of an object");
	place_close(backend);
	check_empty_directories();
	return done_testing();
}
