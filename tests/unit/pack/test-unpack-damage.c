/* Packs that nobody should send: broken at every byte, cut short, with objects
 * twice, with deltas in every order; and allocations that fail. */
#include "lib/core/object/hash.h"
#include "lib/pack/pack-write.h"
#include "tests/support/alloc-fault.h"
#include "tests/unit/pack/taking.h"

#include <string.h>

#define BASE "0123456789"

/* ---- packs made by hand ---- */

struct maker {
	irmin__pack_writer *writer;
	irmin__file *file;
	const char *name;
	unsigned n; /* ids that the writer is told need only differ */
};

static struct maker make(const char *name)
{
	struct maker maker = { NULL, kit_create(kit_path(name)), name, 0 };
	irmin_error err;

	if (irmin__pack_writer_new(irmin__os_posix(), IRMIN_HASH_SHA1,
		maker.file, kit_path(name), 0, &maker.writer, &err) < 0)
		bail("%s", err.text);
	return maker;
}

static irmin_oid blob_id(const char *text)
{
	return kit_hash(IRMIN_HASH_SHA1, IRMIN_OBJECT_BLOB, irmin_text(text));
}

static void put(struct maker *maker, irmin__entry *entry, irmin_slice body)
{
	irmin_oid id = { { 0 }, IRMIN_HASH_SHA1 };
	irmin_error err;

	id.bytes[0] = (unsigned char)maker->n++;
	entry->size = body.len;
	if (irmin__pack_writer_add(maker->writer, &id, entry, body, 1, &err) <
	    0)
		bail("%s", err.text);
}

static void put_blob(struct maker *maker, const char *text)
{
	irmin__entry entry = { 0 };

	entry.type = IRMIN_OBJECT_BLOB;
	put(maker, &entry, irmin_text(text));
}

/* A blob of ten characters or more, and one more, as a delta by id. */
static void put_far(struct maker *maker, const char *base, char last)
{
	unsigned char len = (unsigned char)strlen(base);
	unsigned char delta[] = { len, len + 1, 0x90, len, 1,
		(unsigned char)last };
	irmin__entry entry = { 0 };

	entry.type = IRMIN__ENTRY_REF_DELTA;
	entry.base = blob_id(base);
	put(maker, &entry, irmin_bytes(delta, sizeof delta));
}

static struct taking taking_of_made(struct maker *maker)
{
	unsigned char checksum[IRMIN_OID_MAX_BYTES];
	irmin_buf index = IRMIN_BUF_INIT;
	irmin_error err;

	if (irmin__pack_writer_finish(maker->writer, checksum, &index, &err) <
	    0)
		bail("%s", err.text);
	irmin__pack_writer_free(maker->writer);
	irmin__os_close(maker->file);
	irmin_buf_clear(&index);
	return taking_of(IRMIN_HASH_SHA1, maker->name);
}

/* Of BASE, and of that and an "a": what is there though it was not sent. */
static irmin_oid base_id, longer_id;

static irmin_rc lend_base(void *arg, const irmin_oid *id, irmin_object *object,
    irmin_error *err)
{
	unsigned *asked = arg;

	(void)err;
	memset(object, 0, sizeof *object);
	if (irmin_oid_compare(id, &base_id) &&
	    irmin_oid_compare(id, &longer_id))
		return IRMIN_ABSENT;
	++*asked;
	object->type = IRMIN_OBJECT_BLOB;
	object->data.data = BASE "a";
	object->data.len = irmin_oid_compare(id, &base_id) ? 11 : 10;
	return IRMIN_OK;
}

static void check_made(struct maker *maker, irmin_rc wanted, uint64_t count,
    unsigned asked_wanted, const char *what)
{
	struct taking taking = taking_of_made(maker);
	unsigned asked = 0;
	irmin_error err = { 0 };

	taking.options.base = lend_base;
	taking.options.base_arg = &asked;
	is_rc(take(&taking, &err), wanted, "%s (%s)", what, err.text);
	is_int(asked, asked_wanted, "%s: bases that were asked for", what);
	if (wanted == IRMIN_OK) {
		is_int(taking.count, count, "%s: its objects", what);
		kit_says("small", "git index-pack --strict ../" TAKING_OUT);
	}
	taking_clear(&taking);
}

static void check_orders(void)
{
	struct maker maker = make("backwards.pack");

	put_far(&maker, BASE "ab", 'c');
	put_far(&maker, BASE "a", 'b');
	put_far(&maker, BASE, 'a');
	put_blob(&maker, BASE);
	check_made(&maker, IRMIN_OK, 4, 0, "bases behind their deltas");

	maker = make("chain.pack");
	put_far(&maker, BASE, 'a');
	put_far(&maker, BASE "a", 'b');
	put_far(&maker, BASE, 'z');
	check_made(&maker, IRMIN_OK, 4, 1, "a thin chain needs one base");

	maker = make("late.pack");
	put_far(&maker, BASE "zz", '!');
	put_far(&maker, BASE "z", 'z');
	put_far(&maker, BASE, 'z');
	check_made(&maker, IRMIN_OK, 4, 1, "bases that come later");

	maker = make("twice.pack");
	put_blob(&maker, BASE);
	put_blob(&maker, BASE);
	check_made(&maker, IRMIN_ECORRUPT, 0, 0, "an object twice");

	maker = make("delta-twice.pack");
	put_blob(&maker, BASE);
	put_far(&maker, BASE, 'a');
	put_far(&maker, BASE, 'a');
	put_far(&maker, BASE "a", 'b');
	check_made(&maker, IRMIN_ECORRUPT, 0, 0, "a delta twice");

	maker = make("nowhere.pack");
	put_far(&maker, BASE "xyz", 'a');
	check_made(&maker, IRMIN_ECORRUPT, 0, 0, "a base that is nowhere");
}

/* ---- damage ---- */

/* Makes the trailing checksum right again. */
static void fix_checksum(struct taking *taking)
{
	const irmin__hash_class *cls = irmin__hash_class_of(IRMIN_HASH_SHA1);
	size_t len = taking->pack.len - cls->id_bytes;
	irmin__hasher hasher;

	if (irmin__hasher_init(&hasher, cls, NULL) < 0 ||
	    cls->init(hasher.context, NULL) < 0 ||
	    cls->update(hasher.context, irmin_bytes(taking->pack.data, len),
		NULL) < 0 ||
	    cls->done(hasher.context, taking->pack.data + len, NULL) < 0)
		bail("cannot hash");
	irmin__hasher_clear(&hasher);
}

/* Objects of every type, one of them a delta. */
static void make_small(void)
{
	kit_says("",
	    "git init -q -b main small && cd small && "
	    "git config user.name N && git config user.email e && "
	    "seq 1 150 > a && git add a && git commit -q -m one && "
	    "seq 1 151 > a && git add a && git commit -q -m two && "
	    "git tag -a -m t t && git pack-objects -q --all --revs "
	    "--delta-base-offset --stdout </dev/null > ../small.pack");
}

static void check_flips(void)
{
	struct taking taking = taking_of(IRMIN_HASH_SHA1, "small.pack");
	irmin_error err;
	unsigned wrong = 0, cut;
	size_t i;

	for (i = 0; i < taking.pack.len; i++) {
		irmin_rc rc;

		taking.pack.data[i] ^= (unsigned char)(1 << i % 8);
		taking.part = i % 3 ? 0 : 11;
		rc = take(&taking, &err);
		taking.pack.data[i] ^= (unsigned char)(1 << i % 8);
		/* More objects than there are: it is not whole. */
		if (rc != IRMIN_ECORRUPT && rc != IRMIN_ENOTSUP &&
		    (rc != IRMIN_EINVAL || i < 8 || i > 11))
			wrong++, diag("byte %zu: %s", i, irmin_rc_name(rc));
	}
	is_int(wrong, 0, "every byte flipped is found");
	wrong = 0;
	for (cut = 0; cut < taking.pack.len; cut++) {
		size_t len = taking.pack.len;

		taking.pack.len = cut;
		wrong += take(&taking, &err) != IRMIN_EINVAL;
		taking.pack.len = len;
	}
	is_int(wrong, 0, "cut anywhere, it is not whole");
	taking_clear(&taking);
}

/* Whoever breaks a pack can make its checksum right. What is taken all the same
 * must be what git takes, too. */
static void check_hostile_flips(void)
{
	struct taking taking = taking_of(IRMIN_HASH_SHA1, "small.pack");
	size_t i, taken = 0, refused = 0, bad = 0;
	irmin_error err;

	for (i = 0; i < taking.pack.len - 20; i++) {
		unsigned char bit = (unsigned char)(1 << i % 8);
		irmin_rc rc;

		taking.pack.data[i] ^= bit;
		fix_checksum(&taking);
		rc = take(&taking, &err);
		if (rc == IRMIN_OK && taken++ < 40)
			bad += tap_run(NULL, "git index-pack %s 2>/dev/null",
				   kit_path(TAKING_OUT)) != 0;
		refused += rc < 0;
		bad += rc < 0 && (err.code != rc || !err.text[0]);
		taking.pack.data[i] ^= bit;
	}
	ok(refused > taken, "%zu of %zu flips are refused", refused, i);
	is_int(bad, 0, "what is taken (%zu times), git takes", taken);
	taking_clear(&taking);
}

static void check_sweep(void)
{
	struct maker maker = make("sweep.pack");
	unsigned asked = 0;
	struct taking taking;

	put_far(&maker, BASE, 'a');
	put_far(&maker, BASE "a", 'b');
	put_blob(&maker, "something else");
	taking = taking_of_made(&maker);
	taking.options.base = lend_base;
	taking.options.base_arg = &asked;
	alloc_fault_sweep("taking a pack", take_and_forget, &taking);
	taking.part = 5;
	alloc_fault_sweep("taking it in parts", take_and_forget, &taking);
	taking_clear(&taking);
}

int main(void)
{
	base_id = blob_id(BASE);
	longer_id = blob_id(BASE "a");
	make_small();
	check_orders();
	check_flips();
	check_hostile_flips();
	check_sweep();
	return done_testing();
}
