/* Objects that git packed: found, listed, scanned and streamed, wherever they
 * lie, and found again after git has moved them. */
#include "tests/unit/backend-git/git-place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const formats[] = { "sha1", "sha256" };

/* ---- repositories ---- */

/* A repository with a history, all of it packed: trees, commits, a tag, blobs
 * with deltas, and one blob that is not small. */
static void make_packed(const char *dir, const char *format)
{
	place_says("", "git init -q --bare -b main --object-format=%s %s",
	    format, dir);
	place_says(dir,
	    "git config user.name a && git config user.email b@c && "
	    "for i in 1 2 3 4 5 6 7 8; do "
	    "seq $i 4000 > text; seq $i > small; "
	    "{ printf '100644 blob %%s\\ttext\\n' $(git hash-object -w text); "
	    "printf '100644 blob %%s\\tsmall\\n' $(git hash-object -w small); "
	    "} | git mktree > tree; "
	    "git commit-tree -m $i $(git rev-parse -q --verify main | "
	    "sed 's/^/-p /') $(cat tree) > commit; "
	    "git update-ref refs/heads/main $(cat commit); done; "
	    "git tag -a -m tag tag main && git repack -adq && "
	    "rm -rf text small tree commit");
}

/* All ids of a repository as git tells them, one a line. */
static const char *ids_of(const char *dir)
{
	return place_says(dir,
	    "git cat-file --batch-all-objects --batch-check='%%(objectname)' "
	    "| sort -u");
}

/* ---- against git ---- */

static irmin_rc find(irmin_backend *backend, const irmin_oid *id,
    irmin_object *object, irmin_error *err)
{
	return backend->objects->cls->find(backend->objects, NULL, id, object,
	    err);
}

static irmin_rc has(irmin_backend *backend, const char *hex)
{
	irmin_oid id = place_id(hex);
	irmin_error err;

	return backend->objects->cls->has(backend->objects, NULL, &id, &err);
}

/* Whether the bytes have the id. */
static int is_right(const irmin_oid *id, irmin_object_type type,
    irmin_slice data)
{
	irmin_oid computed;

	return irmin_hash_object((irmin_hash_algo)id->algo, type, data,
		   &computed, NULL) >= 0 &&
	    irmin_oid_compare(&computed, id) == 0;
}

/* Reads in odd steps what a stream gives. */
static int stream_is_right(irmin_backend *backend, const irmin_oid *id)
{
	irmin_object_source *source;
	irmin_object_type type;
	irmin_buf all = IRMIN_BUF_INIT;
	char part[777];
	uint64_t bytes;
	size_t got = sizeof part;
	irmin_error err;
	int right;

	if (backend->objects->cls->open_read(backend->objects, NULL, id, &type,
		&bytes, &source, &err) != IRMIN_OK)
		return 0;
	while (got == sizeof part &&
	    source->cls->read(source, part, sizeof part, &got, &err) >= 0)
		if (irmin_buf_append(&all, irmin_bytes(part, got), &err) < 0)
			break;
	source->cls->close(source);
	right = all.len == bytes && is_right(id, type, irmin_buf_slice(&all));
	irmin_buf_clear(&all);
	return right;
}

/* Every object that git tells is found, and is what it should be. */
static void check_all_found(irmin_backend *backend, const char *ids,
    const char *what)
{
	size_t digits = 2 * irmin_hash_size(backend->hash);
	unsigned count = 0, wrong = 0;
	const char *at;

	for (at = ids; *at; at += digits + (at[digits] == '\n')) {
		irmin_oid id = place_id(tap_format("%.*s", (int)digits, at));
		irmin_object object;
		irmin_object_type type;
		uint64_t bytes;
		irmin_error err;

		count++;
		if (find(backend, &id, &object, &err) != IRMIN_OK) {
			diag("%s", err.text);
			wrong++;
			continue;
		}
		if (!is_right(&id, object.type,
			irmin_bytes(object.data.data, object.data.len)) ||
		    backend->objects->cls->stat(backend->objects, NULL, &id,
			&type, &bytes, &err) != IRMIN_OK ||
		    type != object.type || bytes != object.data.len ||
		    backend->objects->cls->has(backend->objects, NULL, &id,
			&err) != IRMIN_OK ||
		    !stream_is_right(backend, &id))
			wrong++;
		irmin_pin_release(&object.data);
	}
	ok(count > 0 && !wrong, "%s: %u of %u objects are wrong", what, wrong,
	    count);
}

struct ids {
	FILE *file;
	const irmin_oid *not_told;
	unsigned told, faults, wrong;
};

static int note_id(void *arg, const irmin_oid *id)
{
	struct ids *ids = arg;

	fprintf(ids->file, "%s\n", place_hex(id));
	ids->told++;
	return 0;
}

static int note_scanned(void *arg, const irmin_scanned *scanned)
{
	struct ids *ids = arg;

	if (scanned->fault)
		ids->faults++;
	else if (!is_right(&scanned->id, scanned->type, scanned->data))
		ids->wrong++;
	return note_id(arg, &scanned->id);
}

static void begin_ids(struct ids *ids)
{
	memset(ids, 0, sizeof *ids);
	ids->file = fopen(place_path("ids"), "w");
	if (!ids->file)
		bail("cannot write");
}

static const char *end_ids(struct ids *ids)
{
	fclose(ids->file);
	return place_says("", "sort -u ids");
}

static void check_lists(irmin_backend *backend, const char *all,
    const char *what)
{
	struct ids ids;
	irmin_error err;
	unsigned digit;

	begin_ids(&ids);
	succeeds(backend->objects->cls->each(backend->objects, NULL, "",
		     note_id, &ids, &err),
	    &err, "%s: each", what);
	is_str(end_ids(&ids), all, "%s: each as git", what);
	begin_ids(&ids);
	for (digit = 0; digit < 16; digit++)
		succeeds(backend->objects->cls->each(backend->objects, NULL,
			     tap_format("%x", digit), note_id, &ids, &err),
		    &err, "%s: of prefix %x", what, digit);
	is_str(end_ids(&ids), all, "%s: digit by digit", what);
	begin_ids(&ids);
	succeeds(backend->objects->cls->each(backend->objects, NULL,
		     tap_format("%.7s", all), note_id, &ids, &err),
	    &err, "%s: seven digits", what);
	ok(ids.told >= 1 && strncmp(end_ids(&ids), all, 7) == 0,
	    "%s: tell the one", what);
	begin_ids(&ids);
	succeeds(backend->objects->cls->scan(backend->objects, NULL,
		     note_scanned, &ids, &err),
	    &err, "%s: scan", what);
	is_str(end_ids(&ids), all, "%s: scan as git", what);
	ok(!ids.faults && !ids.wrong, "%s: %u faults, %u wrong", what,
	    ids.faults, ids.wrong);
}

static void check_whole(const char *dir, const irmin_open_options *options,
    const char *what)
{
	const char *ids = ids_of(dir);
	irmin_backend *backend;
	irmin_error err;

	if (!succeeds(place_try(dir, options, &backend, &err), &err,
		"%s: opens", what))
		return;
	check_all_found(backend, ids, what);
	check_lists(backend, ids, what);
	place_close(backend);
}

/* ---- shapes ---- */

static void check_shapes(const char *format)
{
	const char *dir = tap_format("shapes-%s", format);
	irmin_open_options by_reading = IRMIN_OPEN_OPTIONS_INIT;
	const char *what;

	by_reading.io = IRMIN_IO_READ;
	make_packed(dir, format);
	check_whole(dir, NULL, tap_format("%s, one pack", format));
	check_whole(dir, &by_reading, tap_format("%s, by reading", format));
	place_says(dir,
	    "for i in 1 2 3; do seq $i 500 | git hash-object -w --stdin | "
	    "git pack-objects -q objects/pack/pack; "
	    "seq $i 600 | git hash-object -w --stdin; done");
	what = tap_format("%s, several packs, some loose", format);
	check_whole(dir, NULL, what);
	place_says(dir, "git multi-pack-index write");
	what = tap_format("%s, a multi-pack index", format);
	check_whole(dir, NULL, what);
	check_whole(dir, &by_reading, tap_format("%s by reading", what));
	place_says(dir,
	    "echo more | git hash-object -w --stdin | "
	    "git pack-objects -q objects/pack/pack");
	check_whole(dir, NULL, tap_format("%s and a pack beside it", format));
	place_says(dir,
	    "rm -f objects/pack/multi-pack-index && "
	    "echo bad > objects/pack/multi-pack-index");
	check_whole(dir, NULL, tap_format("%s, that one broken", format));
	place_says(dir,
	    "rm objects/pack/multi-pack-index && git gc -q && "
	    "git commit-graph write --reachable");
	check_whole(dir, NULL, tap_format("%s, after gc", format));
}

static void check_alternates(const char *format)
{
	const char *a = tap_format("alternate-a-%s", format);
	const char *b = tap_format("alternate-b-%s", format);
	const char *c = tap_format("alternate-c-%s", format);
	irmin_backend *backend;
	const char *ids;

	make_packed(a, format);
	place_says("",
	    "git clone -q --bare --shared %s %s && "
	    "git clone -q --bare --shared %s %s",
	    a, b, b, c);
	place_says(b, "seq 10000 | git hash-object -w --stdin");
	place_says(c, "seq 9000 | git hash-object -w --stdin");
	check_whole(c, NULL, tap_format("%s, alternates", format));
	backend = place_open(c, 0);
	ids = ids_of(c);
	check_all_found(backend, ids, "alternates");
	place_says(c, "git repack -adq && rm objects/info/alternates");
	place_says("", "mv %s away-%s && mv %s gone-%s", a, format, b, format);
	check_all_found(backend, ids_of(c), "not borrowed any more");
	place_close(backend);
}

/* ---- while it is open ---- */

/* What git does to a repository under an open handle. */
static void check_moves(const char *format)
{
	static const char *const moves[] = {
		"git unpack-objects -q < $(mkdir x; mv objects/pack/* x; "
		"ls x/*.pack)",
		"git repack -q",
		"git prune-packed",
		"git repack -adq",
		"git multi-pack-index write",
		"seq 77 | git hash-object -w --stdin && git repack -aq",
		"git gc -q",
		"git commit-graph write --reachable --split",
		"git repack -Adq",
		"git multi-pack-index write && git multi-pack-index expire && "
		"git multi-pack-index repack",
		"git config core.multiPackIndex false && git gc -q",
	};
	const char *dir = tap_format("moves-%s", format);
	irmin_backend *early, *late;
	size_t i;

	make_packed(dir, format);
	early = place_open(dir, 0);
	late = place_open(dir, 0);
	check_all_found(early, ids_of(dir), "before anything happens");
	for (i = 0; i < sizeof moves / sizeof *moves; i++) {
		const char *ids = ids_of(dir);
		const char *what = tap_format("%s, after '%s'", format,
		    moves[i]);
		irmin_backend *unused = place_open(dir, 0);

		is_rc(has(unused,
			  tap_format("%.*s", (int)strcspn(ids, "\n"), ids)),
		    IRMIN_OK, "has seen the packs");
		place_says(dir, "%s", moves[i]);
		check_all_found(early, ids, what);
		check_all_found(unused, ids, what);
		check_lists(early, ids_of(dir), what);
		place_close(unused);
	}
	check_all_found(late, ids_of(dir), "one that never looked before");
	place_close(early);
	place_close(late);
}

static void check_absent(void)
{
	irmin_backend *backend = place_open("shapes-sha1", 0);
	irmin_oid id = place_id("1234567890123456789012345678901234567890");
	irmin_object_source *source;
	irmin_object_type type;
	irmin_object object;
	uint64_t bytes;
	irmin_error err;

	is_rc(find(backend, &id, &object, &err), IRMIN_ABSENT, "find: absent");
	is_rc(has(backend, place_hex(&id)), IRMIN_ABSENT, "has: absent");
	is_rc(backend->objects->cls->stat(backend->objects, NULL, &id, &type,
		  &bytes, &err),
	    IRMIN_ABSENT, "stat: absent");
	is_rc(backend->objects->cls->open_read(backend->objects, NULL, &id,
		  &type, &bytes, &source, &err),
	    IRMIN_ABSENT, "open_read: absent");
	is_rc(backend->objects->cls->freshen(backend->objects, NULL, &id, &err),
	    IRMIN_ABSENT, "freshen: absent");
	place_close(backend);
}

/* Packs that somebody takes away: what was open stays readable, the rest is
 * gone, and that is no fault of the disk. */
static void check_removed(void)
{
	const char *hex, *other;
	irmin_backend *backend;
	irmin_object_type type;
	irmin_object object;
	struct ids ids;
	uint64_t bytes;
	irmin_error err;
	irmin_oid id;

	make_packed("removed", "sha1");
	hex = place_says("removed", "git rev-parse main");
	other = place_says("removed",
	    "echo other | git hash-object -w --stdin > id && "
	    "git pack-objects -q objects/pack/pack < id > name && "
	    "git prune-packed && cat id");
	backend = place_open("removed", 0);
	begin_ids(&ids);
	succeeds(backend->objects->cls->each(backend->objects, NULL, "",
		     note_id, &ids, &err),
	    &err, "all indexes are open");
	(void)end_ids(&ids);
	is_rc(has(backend, hex), IRMIN_OK, "and one pack");
	place_says("removed", "mkdir away && mv objects/pack/* away/");
	id = place_id(hex);
	is_rc(find(backend, &id, &object, &err), IRMIN_OK, "it stays readable");
	irmin_pin_release(&object.data);
	id = place_id(other);
	is_rc(has(backend, other), IRMIN_ABSENT, "the other one: has");
	is_rc(find(backend, &id, &object, &err), IRMIN_ABSENT, "find");
	is_rc(backend->objects->cls->stat(backend->objects, NULL, &id, &type,
		  &bytes, &err),
	    IRMIN_ABSENT, "stat");
	place_says("removed", "mv away/* objects/pack/");
	is_rc(find(backend, &id, &object, &err), IRMIN_OK, "and back again");
	irmin_pin_release(&object.data);
	place_close(backend);
}

int main(void)
{
	size_t i;

	place_begin();
	for (i = 0; i < sizeof formats / sizeof *formats; i++) {
		check_shapes(formats[i]);
		check_alternates(formats[i]);
		check_moves(formats[i]);
	}
	check_absent();
	check_removed();
	return done_testing();
}
