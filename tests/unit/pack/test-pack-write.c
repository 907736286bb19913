/* Packs that we write, and what the real git thinks of them. */
#include "lib/pack/pack-write.h"
#include "tests/support/alloc-fault.h"
#include "tests/unit/pack/pack-kit.h"

#include <stdlib.h>
#include <string.h>

/* More than the writer gathers before it writes. */
#define NOISE ((size_t)300000)
#define BASE  "0123456789"

static const irmin_hash_algo algos[] = { IRMIN_HASH_SHA1, IRMIN_HASH_SHA256 };
static unsigned char noise[NOISE];

/* What is written: how large the last blob is decides how the pack ends. */
struct plan {
	irmin_hash_algo algo;
	size_t noise_len;
	int counted;
	const char *path;
	irmin_buf index;
};

#define ENTRIES 9

static irmin_rc add(irmin__pack_writer *writer, const struct plan *plan,
    irmin_object_type type, irmin_slice data, int level, irmin_error *err)
{
	irmin__entry entry = { 0 };
	irmin_oid id;
	irmin_rc rc;

	entry.type = type;
	entry.size = data.len;
	rc = irmin_hash_object(plan->algo, type, data, &id, err);
	return rc < 0
	    ? rc
	    : irmin__pack_writer_add(writer, &id, &entry, data, level, err);
}

/* The base, and one more character: copy ten bytes, insert one. */
static irmin_rc add_delta(irmin__pack_writer *writer, const struct plan *plan,
    unsigned type, uint64_t base_offset, char last, irmin_error *err)
{
	unsigned char delta[] = { 10, 11, 0x90, 10, 1, (unsigned char)last };
	char result[] = BASE "?";
	irmin__entry entry = { 0 };
	irmin_oid id;
	irmin_rc rc;

	result[10] = last;
	entry.type = type;
	entry.size = sizeof delta;
	entry.base_offset = base_offset;
	rc = irmin_hash_object(plan->algo, IRMIN_OBJECT_BLOB,
	    irmin_text(result), &id, err);
	if (rc >= 0)
		rc = irmin_hash_object(plan->algo, IRMIN_OBJECT_BLOB,
		    irmin_text(BASE), &entry.base, err);
	if (rc < 0)
		return rc;
	return irmin__pack_writer_add(writer, &id, &entry,
	    irmin_bytes(delta, sizeof delta), 1, err);
}

/* A blob whose stream is there already, in two parts. */
static irmin_rc add_stored(irmin__pack_writer *writer, const struct plan *plan,
    irmin_error *err)
{
	irmin_slice data = irmin_text("compressed already");
	irmin__entry entry = { 0 };
	unsigned char stream[64];
	size_t len = irmin__stored_bytes(data.len);
	irmin_oid id;
	irmin_rc rc;

	entry.type = IRMIN_OBJECT_BLOB;
	entry.size = data.len;
	irmin__store(irmin_bytes(NULL, 0), data, stream);
	rc = irmin_hash_object(plan->algo, IRMIN_OBJECT_BLOB, data, &id, err);
	if (rc >= 0)
		rc = irmin__pack_writer_begin(writer, &id, &entry, err);
	if (rc >= 0)
		rc = irmin__pack_writer_bytes(writer, irmin_bytes(stream, 5),
		    err);
	if (rc >= 0)
		rc = irmin__pack_writer_bytes(writer,
		    irmin_bytes(stream + 5, len - 5), err);
	return rc;
}

static irmin_rc add_all(irmin__pack_writer *writer, const struct plan *plan,
    irmin_error *err)
{
	uint64_t base = irmin__pack_writer_offset(writer);
	char text[5000];
	irmin_rc rc;

	memset(text, 'x', sizeof text);
	rc = add(writer, plan, IRMIN_OBJECT_BLOB, irmin_text(BASE), 0, err);
	if (rc >= 0)
		rc = add_delta(writer, plan, 6, base, '!', err);
	if (rc >= 0)
		rc = add(writer, plan, IRMIN_OBJECT_BLOB, irmin_text(""), 1,
		    err);
	if (rc >= 0)
		rc = add_stored(writer, plan, err);
	if (rc >= 0)
		rc = add(writer, plan, IRMIN_OBJECT_BLOB,
		    irmin_bytes(text, 5000), 9, err);
	if (rc >= 0)
		rc = add(writer, plan, IRMIN_OBJECT_BLOB,
		    irmin_bytes(text, 4999), -1, err);
	if (rc >= 0)
		rc = add(writer, plan, IRMIN_OBJECT_BLOB,
		    irmin_bytes(noise, plan->noise_len), 6, err);
	if (rc >= 0)
		rc = add_delta(writer, plan, 7, 0, '?', err);
	if (rc >= 0)
		rc = add(writer, plan, IRMIN_OBJECT_TREE, irmin_bytes("", 0), 1,
		    err);
	return rc;
}

static irmin_rc write_pack(void *arg, irmin_error *err)
{
	struct plan *plan = arg;
	unsigned char checksum[IRMIN_OID_MAX_BYTES];
	irmin__pack_writer *writer = NULL;
	irmin__file *file;
	irmin_rc rc;

	rc = irmin__os_open(irmin__os_posix(), plan->path,
	    IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_TRUNCATE, 0644,
	    &file, err);
	if (rc >= 0)
		rc = irmin__pack_writer_new(irmin__os_posix(), plan->algo, file,
		    plan->path, plan->counted ? ENTRIES : 0, &writer, err);
	if (rc >= 0)
		rc = add_all(writer, plan, err);
	if (rc >= 0)
		rc = irmin__pack_writer_finish(writer, checksum, &plan->index,
		    err);
	irmin__pack_writer_free(writer);
	irmin__os_close(file);
	return rc;
}

/* Once more, with nothing kept: for the sweep. */
static irmin_rc write_and_forget(void *arg, irmin_error *err)
{
	struct plan *plan = arg;
	irmin_rc rc = write_pack(plan, err);

	irmin_buf_clear(&plan->index);
	return rc;
}

static void check_pack(irmin_hash_algo algo, size_t noise_len, int counted)
{
	const char *name = irmin_hash_name(algo);
	const char *what = tap_format("%s, %zu bytes, count %s", name,
	    noise_len, counted ? "known" : "not known");
	struct plan plan = { algo, noise_len, counted, kit_path("p.pack"),
		IRMIN_BUF_INIT };
	irmin_buf index;
	irmin_error err;

	if (!succeeds(write_pack(&plan, &err), &err, "%s: written", what))
		return;
	kit_says("",
	    "rm -rf r && git init -q --bare --object-format=%s r && "
	    "git -C r index-pack --strict --object-format=%s -o ../git.idx "
	    "../p.pack",
	    name, name);
	index = kit_read(kit_path("git.idx"));
	is_mem(plan.index.data, plan.index.len, index.data, index.len,
	    "%s: the index is that of git", what);
	kit_says("",
	    "h=$(tail -c %zu p.pack | od -An -tx1 | tr -d ' \\n') && "
	    "cp p.pack r/objects/pack/pack-$h.pack && "
	    "cp git.idx r/objects/pack/pack-$h.idx && "
	    "git -C r verify-pack $PWD/r/objects/pack/pack-$h.idx",
	    irmin_hash_size(algo));
	is_str(kit_says("r",
		   "git fsck --strict --no-dangling 2>&1 | grep -v notice; "
		   "true"),
	    "", "%s: fsck is content", what);
	is_str(kit_says("r",
		   "git cat-file blob $(printf '" BASE "?' | git hash-object "
		   "--stdin)"),
	    BASE "?", "%s: a delta by id", what);
	irmin_buf_clear(&index);
	irmin_buf_clear(&plan.index);
}

static void check_empty(irmin_hash_algo algo)
{
	unsigned char checksum[IRMIN_OID_MAX_BYTES];
	const char *path = kit_path("empty.pack");
	irmin__file *file = kit_create(path);
	irmin_buf index = IRMIN_BUF_INIT;
	irmin__pack_writer *writer;
	irmin_error err;

	if (irmin__pack_writer_new(irmin__os_posix(), algo, file, path, 0,
		&writer, &err) < 0)
		bail("%s", err.text);
	succeeds(irmin__pack_writer_finish(writer, checksum, &index, &err),
	    &err, "%s: a pack of nothing", irmin_hash_name(algo));
	irmin__pack_writer_free(writer);
	irmin__os_close(file);
	kit_says("", "git index-pack --object-format=%s -o e.idx empty.pack",
	    irmin_hash_name(algo));
	irmin_buf_clear(&index);
}

static void check_twice(void)
{
	struct plan plan = { IRMIN_HASH_SHA1, 0, 0, NULL, IRMIN_BUF_INIT };
	unsigned char checksum[IRMIN_OID_MAX_BYTES];
	const char *path = kit_path("twice.pack");
	irmin__file *file = kit_create(path);
	irmin__pack_writer *writer;
	irmin_error err;
	int i;

	if (irmin__pack_writer_new(irmin__os_posix(), IRMIN_HASH_SHA1, file,
		path, 0, &writer, &err) < 0)
		bail("%s", err.text);
	for (i = 0; i < 2; i++)
		if (add(writer, &plan, IRMIN_OBJECT_BLOB, irmin_text("x"), 1,
			&err) < 0)
			bail("%s", err.text);
	fails(irmin__pack_writer_finish(writer, checksum, &plan.index, &err),
	    IRMIN_EINVAL, &err, "an object twice");
	irmin__pack_writer_free(writer);
	irmin__os_close(file);
	irmin_buf_clear(&plan.index);
}

static void check_sweep(size_t noise_len)
{
	struct plan plan = { IRMIN_HASH_SHA1, noise_len, 0,
		kit_path("sweep.pack"), IRMIN_BUF_INIT };

	alloc_fault_sweep("writing a pack", write_and_forget, &plan);
}

int main(void)
{
	size_t i;

	kit_noise(noise, sizeof noise, 1);
	for (i = 0; i < 2; i++) {
		check_pack(algos[i], 100, 1);
		check_pack(algos[i], 100, 0);
		check_pack(algos[i], NOISE, 1);
		check_pack(algos[i], NOISE, 0);
		check_empty(algos[i]);
	}
	check_twice();
	check_sweep(100);
	check_sweep(NOISE);
	return done_testing();
}
