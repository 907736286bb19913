/* Packs as git makes them, fed in parts of every size, whole and thin; the index
 * must be that of git, byte by byte. */
#include "tests/unit/pack/taking.h"

#include <irmin/alloc.h>

#include <stdlib.h>
#include <string.h>

/* ---- what git makes ---- */

/* A repository with a history whose packs have chains of deltas: "src-<algo>",
 * and packs of it: near.pack, far.pack (deltas by id), thin.pack. */
static const char *make_source(irmin_hash_algo algo)
{
	const char *name = irmin_hash_name(algo);
	const char *dir = tap_format("src-%s", name);

	kit_says("", "git init -q -b main --object-format=%s %s", name, dir);
	kit_says(dir,
	    "git config user.name N && git config user.email e && "
	    "seq 1 400 > a && head -c 200000 /dev/zero > zero && mkdir d && "
	    "for i in $(seq 1 12); do "
	    "sed -i \"s/^$i$/changed $i/\" a && seq $i 30 > d/$i && "
	    "git add . && git commit -q -m \"number $i\" && "
	    "git tag -a -m \"tag $i\" t$i; done");
	kit_says(dir,
	    "git pack-objects -q --all --revs --delta-base-offset --stdout "
	    "</dev/null > ../near-%s.pack && "
	    "git pack-objects -q --all --revs --stdout </dev/null "
	    "> ../far-%s.pack && "
	    "printf 't12\\n^t6\\n' | git pack-objects -q --revs --thin "
	    "--delta-base-offset --stdout > ../thin-%s.pack",
	    name, name, name);
	return dir;
}

static void check_whole(irmin_hash_algo algo, const char *kind)
{
	static const size_t parts[] = { 0, 1, 7, 1000, 65536 };
	const char *name = tap_format("%s-%s.pack", kind,
	    irmin_hash_name(algo));
	struct taking taking = taking_of(algo, name);
	size_t pack_len = taking.pack.len;
	irmin_buf index, out;
	irmin_error err;
	size_t i;

	kit_says("", "git index-pack --object-format=%s -o git.idx %s",
	    irmin_hash_name(algo), name);
	index = kit_read(kit_path("git.idx"));
	if (irmin_buf_append(&taking.pack, irmin_text("PACK behind it"), &err) <
	    0)
		bail("%s", err.text);
	for (i = 0; i < sizeof parts / sizeof *parts; i++) {
		const char *what = tap_format("%s, %zu bytes at a time", name,
		    parts[i]);

		taking.part = parts[i];
		if (!succeeds(take(&taking, &err), &err, "%s", what))
			continue;
		is_int(taking.used, pack_len, "%s: it ends where it ends",
		    what);
		is_mem(taking.index.data, taking.index.len, index.data,
		    index.len, "%s: the index is that of git", what);
		out = kit_read(kit_path(TAKING_OUT));
		is_mem(out.data, out.len, taking.pack.data, pack_len,
		    "%s: the file is the pack", what);
		irmin_buf_clear(&out);
	}
	irmin_buf_clear(&index);
	taking_clear(&taking);
}

/* ---- thin packs ---- */

struct source {
	const char *dir;
	unsigned asked;
	int fault; /* 1: nothing is there; 2: something else is */
};

static irmin_rc find_base(void *arg, const irmin_oid *id, irmin_object *object,
    irmin_error *err)
{
	struct source *source = arg;
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_buf bytes;

	(void)err;
	memset(object, 0, sizeof *object);
	source->asked++;
	if (source->fault == 1)
		return IRMIN_ABSENT;
	irmin_oid_hex(id, hex);
	kit_says(source->dir, "git cat-file $(git cat-file -t %s) %s > ../base",
	    hex, hex);
	bytes = kit_read(kit_path("base"));
	object->type = IRMIN_OBJECT_BLOB;
	if (!strcmp(kit_says(source->dir, "git cat-file -t %s", hex), "tree"))
		object->type = IRMIN_OBJECT_TREE;
	if (source->fault == 2)
		bytes.data[0] ^= 1;
	object->data.data = object->data.owner = bytes.data;
	object->data.len = bytes.len;
	object->data.release = irmin_free;
	return IRMIN_OK;
}

static void check_thin(irmin_hash_algo algo, const char *dir)
{
	const char *hash = irmin_hash_name(algo);
	struct taking taking = taking_of(algo,
	    tap_format("thin-%s.pack", hash));
	struct source source = { dir, 0, 0 };
	irmin_buf index;
	irmin_error err;

	taking.part = 100;
	fails(take(&taking, &err), IRMIN_ECORRUPT, &err,
	    "%s: a thin pack where none is wanted", hash);
	taking.options.base = find_base;
	taking.options.base_arg = &source;
	source.fault = 1;
	fails(take(&taking, &err), IRMIN_ECORRUPT, &err,
	    "%s: a base is nowhere", hash);
	source.fault = 2;
	fails(take(&taking, &err), IRMIN_ECORRUPT, &err,
	    "%s: a base is another", hash);
	source.fault = 0;
	source.asked = 0;
	succeeds(take(&taking, &err), &err, "%s: thin", hash);
	ok(source.asked > 0, "%s: it was thin", hash);
	is_int(taking.count,
	    taking.pack.data[11] + 256 * taking.pack.data[10] + source.asked,
	    "%s: the bases were counted", hash);
	kit_says(dir,
	    "git index-pack --strict --object-format=%s -o ../git.idx "
	    "../" TAKING_OUT,
	    hash);
	index = kit_read(kit_path("git.idx"));
	is_mem(taking.index.data, taking.index.len, index.data, index.len,
	    "%s: thin: the index is that of git", hash);
	irmin_buf_clear(&index);
	taking_clear(&taking);
}

/* ---- who listens ---- */

struct listener {
	irmin_hash_algo algo;
	irmin_oid seen[500];
	size_t count, bases, faults;
	size_t stop_at;
	int answer;
	int bad;
};

static int has_seen(const struct listener *listener, const irmin_oid *id)
{
	size_t i;

	for (i = 0; i < listener->count; i++)
		if (!irmin_oid_compare(&listener->seen[i], id))
			return 1;
	return 0;
}

static int listen(void *arg, const irmin_scanned *object)
{
	struct listener *listener = arg;
	irmin_oid id;

	if (object->fault) {
		listener->faults++;
	} else {
		id = kit_hash(listener->algo, object->type, object->data);
		listener->bad |= irmin_oid_compare(&id, &object->id) != 0;
	}
	if (!irmin_oid_is_none(&object->base)) {
		listener->bases++;
		listener->bad |= !has_seen(listener, &object->base);
	}
	listener->bad |= has_seen(listener, &object->id);
	listener->seen[listener->count++] = object->id;
	return listener->count == listener->stop_at ? listener->answer : 0;
}

static void check_listener(irmin_hash_algo algo)
{
	struct taking taking = taking_of(algo,
	    tap_format("near-%s.pack", irmin_hash_name(algo)));
	irmin_context context = { sizeof context, 0, NULL, 1000 };
	struct listener listener;
	irmin_error err;
	size_t all;

	memset(&listener, 0, sizeof listener);
	listener.algo = algo;
	taking.options.object = listen;
	taking.options.object_arg = &listener;
	succeeds(take(&taking, &err), &err, "told of all objects");
	ok(!listener.bad, "each once, with its bytes, behind its base");
	is_int(listener.count, taking.count, "all of them");
	ok(listener.bases > 5, "some were deltas");
	is_int(listener.faults, 0, "none too large");
	all = listener.count;

	memset(&listener, 0, sizeof listener);
	listener.algo = algo;
	taking.options.context = &context;
	taking.part = 13;
	succeeds(take(&taking, &err), &err, "told of large ones too");
	ok(listener.faults > 5 && !listener.bad, "without their bytes");
	is_int(listener.count, all, "all of them");

	memset(&listener, 0, sizeof listener);
	listener.algo = algo;
	listener.stop_at = 3;
	listener.answer = 1;
	taking.part = 0;
	is_rc(take(&taking, &err), 1, "stopped early");
	is_str(taking.stage, "feed", "while it comes");
	memset(&listener, 0, sizeof listener);
	listener.algo = algo;
	listener.stop_at = all;
	listener.answer = 4711;
	is_rc(take(&taking, &err), 4711, "stopped late");
	is_str(taking.stage, "finish", "afterwards");
	taking_clear(&taking);
}

/* ---- limits ---- */

static uint64_t find_limit(struct taking *taking, uint64_t *limit64,
    uint32_t *limit32, const char *word)
{
	uint64_t low = 0, high = 1 << 22;
	irmin_error err;

	while (low + 1 < high) {
		uint64_t middle = low + (high - low) / 2;
		irmin_rc rc;

		if (limit64)
			*limit64 = middle;
		else
			*limit32 = (uint32_t)middle;
		rc = take(taking, &err);
		if (rc == IRMIN_OK) {
			high = middle;
			continue;
		}
		if (rc != IRMIN_ELIMIT || !strstr(err.text, word))
			ok(false, "limit %s: %s", word, err.text);
		low = middle;
	}
	if (limit64)
		*limit64 = 0;
	else
		*limit32 = 0;
	return high;
}

static void check_limits(void)
{
	struct taking taking = taking_of(IRMIN_HASH_SHA1, "near-sha1.pack");
	irmin__unpack_limits *limits = &taking.options.limits;
	uint64_t bytes;

	is_int(find_limit(&taking, &limits->objects, NULL, "objects"),
	    taking.pack.data[11] + 256 * taking.pack.data[10],
	    "the limit on objects");
	is_int(find_limit(&taking, &limits->pack_bytes, NULL,
		   "bytes for the pack"),
	    taking.pack.len - 20, "the limit on the pack's bytes");
	is_int(find_limit(&taking, &limits->object_bytes, NULL,
		   "bytes for an object"),
	    200000, "the limit on the bytes of an object");
	bytes = strtoull(kit_says("src-sha1",
			     "git cat-file --batch-all-objects --batch-check="
			     "'%%(objectsize)' | paste -sd+ | bc"),
	    NULL, 10);
	is_int(find_limit(&taking, &limits->total_bytes, NULL,
		   "bytes for all objects"),
	    bytes, "the limit on all bytes");
	ok(find_limit(&taking, NULL, &limits->depth, "deltas in a chain") > 2,
	    "the limit on the depth");
	taking_clear(&taking);
}

int main(void)
{
	static const irmin_hash_algo algos[] = { IRMIN_HASH_SHA1,
		IRMIN_HASH_SHA256 };
	const char *dir;
	size_t i;

	for (i = 0; i < 2; i++) {
		dir = make_source(algos[i]);
		check_whole(algos[i], "near");
		check_whole(algos[i], "far");
		check_thin(algos[i], dir);
		check_listener(algos[i]);
	}
	check_limits();
	return done_testing();
}
