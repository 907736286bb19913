#include "lib/pack/midx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/object/hash.h"
#include "lib/pack/index.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#define BLOBS 300
#define PACKS 4

/* ---- packs that git made, some objects in several of them ---- */

typedef struct packed {
	irmin_hash_algo algo;
	const char *repo;
	const char *dir; /* where the packs are */
	char *list;      /* of the names of their indexes, in order */
	const char *names[PACKS];
	irmin__midx_item items[PACKS * BLOBS];
	size_t count;
} packed;

static void must(const char *dir, const char *command)
{
	if (tap_run(NULL, "cd %s && %s", dir, command) != 0)
		bail("fails: %s", command);
}

static irmin_slice read_file(const char *dir, const char *name)
{
	size_t len;
	char *bytes = tap_read_file(tap_format("%s/%s", dir, name), &len);

	if (!bytes)
		bail("there is no %s", name);
	return irmin_bytes(bytes, len);
}

/* git prefers the youngest pack: that is the first. */
static void make_packs(const packed *made)
{
	char stream[BLOBS * 40];
	size_t len = 0;
	int i;

	for (i = 0; i < BLOBS; i++)
		len += (size_t)snprintf(stream + len, sizeof stream - len,
		    "blob\ndata <<E\nblob %d\nE\n", i * i);
	tap_write_file(tap_format("%s/in", made->repo), stream, len);
	must(made->repo,
	    "git -c fastimport.unpackLimit=0 fast-import --quiet <in && "
	    "git cat-file --batch-all-objects --batch-check='%(objectname)' "
	    ">ids");
	must(made->dir,
	    "for l in 1,150p 100,250p 120,300p; do "
	    "sed -n $l ../../../ids | git pack-objects -q pack || exit 1; "
	    "done; n=1600000000; for p in *.pack; do "
	    "touch -d @$n $p; n=$((n-10)); done; ls *.idx >../../../names");
}

static void read_items(packed *made, uint32_t pack)
{
	irmin_slice bytes = read_file(made->dir, made->names[pack]);
	irmin__index index;
	irmin_error err;
	uint32_t i;

	if (irmin__index_open(made->algo, bytes, &index, &err) < 0)
		bail("%s", err.text);
	for (i = 0; i < index.count; i++) {
		irmin__midx_item *item = &made->items[made->count++];

		item->id = irmin__index_id(&index, i);
		item->pack = pack;
		if (irmin__index_offset(&index, i, &item->offset, &err) < 0)
			bail("%s", err.text);
	}
	free((void *)bytes.data);
}

static packed *make_fixture(irmin_hash_algo algo)
{
	packed *made = calloc(1, sizeof *made);
	const char *name = irmin_hash_name(algo);
	char *line;
	uint32_t i;

	made->algo = algo;
	made->repo = tap_format("%s/%s", tap_tmpdir(), name);
	made->dir = tap_format("%s/.git/objects/pack", made->repo);
	must(tap_tmpdir(),
	    tap_format("git init -q --object-format=%s %s", name, name));
	make_packs(made);
	made->list = (char *)read_file(made->repo, "names").data;
	line = strtok(made->list, "\n");
	for (i = 0; i < PACKS; i++, line = strtok(NULL, "\n"))
		made->names[i] = line ? line : "";
	/* Backwards: which is lowest is told by the number. */
	for (i = PACKS; i > 0; i--)
		read_items(made, i - 1);
	return made;
}

/* ---- reading what git wrote ---- */

static void check_item(const packed *made, const irmin__midx *midx,
    const irmin__midx_item *item, unsigned *wrong)
{
	uint32_t at, pack;
	uint64_t offset;
	irmin_error err;
	irmin_oid id;
	size_t i;

	if (irmin__midx_find(midx, &item->id, &at) != IRMIN_OK ||
	    irmin__midx_place(midx, at, &pack, &offset, &err) < 0) {
		++*wrong;
		return;
	}
	id = irmin__midx_id(midx, at);
	*wrong += irmin_oid_compare(&id, &item->id) != 0;
	*wrong += irmin__midx_bound(midx, &id) != at;
	for (i = 0; i < made->count; i++)
		if (made->items[i].pack == pack &&
		    !irmin_oid_compare(&made->items[i].id, &id))
			break;
	*wrong += i == made->count || made->items[i].offset != offset;
}

static void check_read(const packed *made, const char *name)
{
	irmin_slice bytes = read_file(made->dir, name);
	unsigned wrong = 0;
	irmin__midx midx;
	irmin_error err;
	irmin_oid id;
	uint32_t i;

	if (!succeeds(irmin__midx_open(made->algo, bytes, &midx, &err), &err,
		"open %s", name))
		return;
	is_int(midx.count, BLOBS, "its objects");
	is_int(midx.pack_count, PACKS, "its packs");
	for (i = 0; i < PACKS; i++)
		is_str(irmin__midx_pack_name(&midx, i), made->names[i],
		    "a pack");
	for (i = 0; i < made->count; i++)
		check_item(made, &midx, &made->items[i], &wrong);
	is_int(wrong, 0, "each object is where its pack has it");
	succeeds(irmin__midx_verify(&midx, &err), &err, "verify");
	id = made->items[0].id;
	memset(id.bytes, 0xff, sizeof id.bytes);
	is_rc(irmin__midx_find(&midx, &id, &i), IRMIN_ABSENT, "no such id");
	is_int(irmin__midx_bound(&midx, &id), BLOBS, "its bound");
	free((void *)bytes.data);
}

/* ---- writing ---- */

static void check_write(const packed *made)
{
	irmin_slice theirs = read_file(made->dir, "multi-pack-index");
	irmin_buf out = IRMIN_BUF_INIT;
	irmin_error err;

	succeeds(irmin__midx_encode(made->algo, made->names, PACKS, made->items,
		     made->count, &out, &err),
	    &err, "encode");
	is_mem(out.data, out.len, theirs.data, theirs.len, "as git wrote it");
	must(made->dir, "rm -f multi-pack-index");
	tap_write_file(tap_format("%s/multi-pack-index", made->dir), out.data,
	    out.len);
	is_int(tap_run(NULL, "git -C %s multi-pack-index verify", made->repo),
	    0, "git multi-pack-index verify takes it");
	irmin_buf_clear(&out);
	free((void *)theirs.data);
}

#define FAR 4

static void make_far(irmin__midx_item items[FAR], irmin_hash_algo algo,
    uint64_t last)
{
	static const uint64_t offsets[FAR - 1] = { 0x7fffffff, 0x80000000, 12 };
	uint32_t i;

	memset(items, 0, FAR * sizeof *items);
	for (i = 0; i < FAR; i++) {
		items[i].id.algo = (unsigned char)algo;
		memset(items[i].id.bytes, (int)(0xc0 - i), 20);
		items[i].pack = i % 2;
		items[i].offset = i < FAR - 1 ? offsets[i] : last;
	}
}

/* Offsets beyond 2 GiB, and with LOFF beyond 4. */
static void check_far(irmin_hash_algo algo, uint64_t last, int large_count)
{
	static const char *const names[] = { "long name.idx", "pack.idx" };
	irmin__midx_item items[FAR];
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__midx midx;
	irmin_error err;
	uint32_t i, at, pack;
	uint64_t offset;

	make_far(items, algo, last);
	succeeds(irmin__midx_encode(algo, names, 2, items, FAR, &out, &err),
	    &err, "encode");
	is_int(out.len % 4, 0, "of words");
	succeeds(irmin__midx_open(algo, irmin_buf_slice(&out), &midx, &err),
	    &err, "open");
	is_int(midx.large_count, large_count, "offsets of 64 bits");
	for (i = 0; i < FAR; i++) {
		is_rc(irmin__midx_find(&midx, &items[i].id, &at), IRMIN_OK,
		    "find");
		is_int(at, FAR - 1 - i, "in order");
		is_rc(irmin__midx_place(&midx, at, &pack, &offset, &err),
		    IRMIN_OK, "place");
		is_int(offset, items[i].offset, "its offset");
		is_int(pack, items[i].pack, "its pack");
	}
	is_str(irmin__midx_pack_name(&midx, 0), names[0], "a name");
	is_str(irmin__midx_pack_name(&midx, 1), names[1], "another");
	succeeds(irmin__midx_verify(&midx, &err), &err, "verify");
	irmin_buf_clear(&out);
}

static irmin_rc encode_far(void *arg, irmin_error *err)
{
	static const char *const names[] = { "a.idx", "b.idx" };
	irmin_buf out = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin__midx_encode(IRMIN_HASH_SHA1, names, 2, arg, FAR, &out, err);
	if (rc < 0)
		is_int(out.len, 0, "nothing is written");
	irmin_buf_clear(&out);
	return rc;
}

static void check_refused(irmin_hash_algo algo)
{
	static const char *const names[] = { "a.idx", "b.idx" };
	static const char *const wrong[] = { "b.idx", "b.idx" };
	irmin__midx_item items[FAR];
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__midx midx;
	irmin_error err;

	make_far(items, algo, 12);
	fails(irmin__midx_encode(algo, wrong, 2, items, FAR, &out, &err),
	    IRMIN_EINVAL, &err, "a name twice");
	fails(irmin__midx_encode(algo, names, 1, items, FAR, &out, &err),
	    IRMIN_EINVAL, &err, "a pack without a name");
	succeeds(irmin__midx_encode(algo, NULL, 0, NULL, 0, &out, &err), &err,
	    "nothing");
	succeeds(irmin__midx_open(algo, irmin_buf_slice(&out), &midx, &err),
	    &err, "nothing is read");
	succeeds(irmin__midx_verify(&midx, &err), &err, "and verified");
	irmin_buf_clear(&out);
}

/* ---- broken ones ---- */

/* Where a chunk begins. */
static size_t chunk_at(irmin_slice bytes, const char *name)
{
	const unsigned char *at = (const unsigned char *)bytes.data + 12;

	while (memcmp(at, name, 4) != 0)
		at += 12;
	return (size_t)at[10] << 8 | at[11];
}

/* Changes bytes, and reads them again. */
static irmin_rc read_changed(const packed *made, irmin_slice bytes, size_t at,
    const char *to, size_t len, irmin_error *err)
{
	char *changed = malloc(bytes.len);
	irmin__midx midx;
	irmin_rc rc;

	memcpy(changed, bytes.data, bytes.len);
	memcpy(changed + at, to, len);
	rc = irmin__midx_open(made->algo, irmin_bytes(changed, bytes.len),
	    &midx, err);
	if (rc >= 0)
		rc = irmin__midx_verify(&midx, err);
	free(changed);
	return rc;
}

static void check_broken(const packed *made)
{
	irmin_slice bytes = read_file(made->dir, "multi-pack-index");
	struct {
		const char *what, *to;
		size_t at, len;
		irmin_rc rc;
	} broken[] = {
		{ "the beginning", "M1DX", 0, 4, IRMIN_ECORRUPT },
		{ "the version", "\2", 4, 1, IRMIN_ENOTSUP },
		{ "the hash", "\7", 5, 1, IRMIN_ENOTSUP },
		{ "base files", "\1", 7, 1, IRMIN_ENOTSUP },
		{ "too few packs", "\0\0\0\3", 8, 4, IRMIN_ECORRUPT },
		{ "too many packs", "\1\0\0\3", 8, 4, IRMIN_ECORRUPT },
		{ "too few chunks", "\3", 6, 1, IRMIN_ECORRUPT },
		{ "a chunk twice", "OIDF", 12 + 24, 4, IRMIN_ECORRUPT },
		{ "no OIDL", "XXXX", 12 + 24, 4, IRMIN_ECORRUPT },
		{ "no PNAM", "XXXX", 12, 4, IRMIN_ECORRUPT },
		{ "a chunk in the table", "\0\0", 12 + 10, 2, IRMIN_ECORRUPT },
		{ "a chunk beyond the file", "\1", 12 + 12 + 5, 1,
		    IRMIN_ECORRUPT },
		{ "a name with a slash", "../", chunk_at(bytes, "PNAM"), 3,
		    IRMIN_ECORRUPT },
		{ "names out of order", "z", chunk_at(bytes, "PNAM"), 1,
		    IRMIN_ECORRUPT },
		{ "no name", "\0", chunk_at(bytes, "PNAM"), 1, IRMIN_ECORRUPT },
		{ "the fan-out", "\2", chunk_at(bytes, "OIDF") + 4, 1,
		    IRMIN_ECORRUPT },
		{ "the order", "\377", chunk_at(bytes, "OIDL"), 1,
		    IRMIN_ECORRUPT },
		{ "a pack that is none", "\4", chunk_at(bytes, "OOFF") + 3, 1,
		    IRMIN_ECORRUPT },
		{ "the checksum", "\0\0\0\0", bytes.len - 4, 4,
		    IRMIN_ECORRUPT },
	};
	irmin__midx midx;
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof broken / sizeof *broken; i++)
		fails(read_changed(made, bytes, broken[i].at, broken[i].to,
			  broken[i].len, &err),
		    broken[i].rc, &err, "%s", broken[i].what);
	is_int(err.offset, bytes.len - irmin_hash_size(made->algo), "where");
	fails(irmin__midx_open(made->algo, irmin_bytes(bytes.data, 40), &midx,
		  &err),
	    IRMIN_ECORRUPT, &err, "cut");
	fails(irmin__midx_open(made->algo, irmin_bytes(NULL, 0), &midx, &err),
	    IRMIN_ECORRUPT, &err, "empty");
	free((void *)bytes.data);
}

/* With chunks for bitmaps, which are not ours to know. */
static void check_bitmaps(const packed *made)
{
	irmin_slice bytes, chunk;
	irmin__midx midx;
	irmin_error err;

	must(made->repo,
	    "git -c user.name=n -c user.email=e commit -q --allow-empty -m m "
	    "&& git repack -adq && git multi-pack-index write --bitmap");
	bytes = read_file(made->dir, "multi-pack-index");
	succeeds(irmin__midx_open(made->algo, bytes, &midx, &err), &err,
	    "one with chunks for bitmaps");
	is_rc(irmin__chunks_find(&midx.chunks, IRMIN__CHUNK('R', 'I', 'D', 'X'),
		  &chunk),
	    IRMIN_OK, "it has them");
	succeeds(irmin__midx_verify(&midx, &err), &err, "verify");
	is_int(midx.count, 2, "a commit and a tree");
	free((void *)bytes.data);
}

int main(void)
{
	static const irmin_hash_algo algos[] = { IRMIN_HASH_SHA1,
		IRMIN_HASH_SHA256 };
	irmin__midx_item far[FAR];
	size_t i;

	for (i = 0; i < sizeof algos / sizeof *algos; i++) {
		packed *made = make_fixture(algos[i]);

		must(made->repo, "git multi-pack-index write");
		check_read(made, "multi-pack-index");
		check_write(made);
		check_read(made, "multi-pack-index");
		check_broken(made);
		check_bitmaps(made);
		check_far(algos[i], 4711, 0);
		check_far(algos[i], UINT32_MAX, 0);
		check_far(algos[i], (uint64_t)UINT32_MAX + 1, 2);
		check_far(algos[i], INT64_MAX, 2);
		check_refused(algos[i]);
		free(made->list);
		free(made);
	}
	make_far(far, IRMIN_HASH_SHA1, INT64_MAX);
	ok(alloc_fault_sweep("encode", encode_far, far) > 4, "allocations");
	return done_testing();
}
