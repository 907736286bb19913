/* Deltas of what differs little, a lot, and not at all: applied here and by git,
 * and their sizes beside those of git's own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/object/hash.h"
#include "lib/pack/deflate.h"
#include "lib/pack/delta.h"
#include "lib/pack/entry.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

/* ---- bytes to work with ---- */

static unsigned seed = 1;

static size_t below(size_t limit)
{
	seed = seed * 1103515245 + 12345;
	return limit ? (seed >> 8) % limit : 0;
}

static void append(irmin_buf *to, irmin_slice bytes)
{
	if (irmin_buf_append(to, bytes, NULL) < 0)
		bail("no memory");
}

static void add_text(irmin_buf *to, size_t lines)
{
	static const char *const words[] = { "the", "store", "keeps", "a",
		"tree", "of", "what", "it", "was", "given", "and", "merges",
		"branch", "commits", "in", "every", "order", "path", "value" };
	char line[200];
	size_t i;

	for (; lines--;) {
		size_t used = (size_t)snprintf(line, sizeof line,
		    "%zu:", below(1000000));

		for (i = below(12); i--;)
			used += (size_t)snprintf(line + used,
			    sizeof line - used, " %s", words[below(19)]);
		line[used++] = '\n';
		append(to, irmin_bytes(line, used));
	}
}

static void add_tree(irmin_buf *to, size_t entries)
{
	char entry[60];
	size_t i, used;

	for (; entries--;) {
		used = (size_t)snprintf(entry, sizeof entry, "100644 f%07zu",
		    10000000 - entries);
		entry[used++] = '\0';
		for (i = 0; i < 20; i++)
			entry[used++] = (char)below(256);
		append(to, irmin_bytes(entry, used));
	}
}

static void add_noise(irmin_buf *to, size_t len)
{
	if (irmin_buf_reserve(to, len, NULL) < 0)
		bail("no memory");
	for (; len--;)
		to->data[to->len++] = (unsigned char)below(256);
}

/* Replaces, removes, inserts or moves a part. */
static void edit(irmin_buf *it, size_t most)
{
	size_t at = below(it->len + 1), rest = it->len - at;
	size_t cut = below(rest < most ? rest + 1 : most);
	irmin_buf copy = IRMIN_BUF_INIT;

	if (irmin_buf_set(&copy, irmin_bytes(it->data, at), NULL) < 0)
		bail("no memory");
	if (below(3))
		add_noise(&copy, below(most));
	else if (below(2) && it->len)
		append(&copy, irmin_bytes(it->data, cut));
	append(&copy, irmin_bytes(it->data + at + cut, rest - cut));
	irmin_buf_clear(it);
	*it = copy;
}

/* ---- round trips ---- */

/* The length of a delta that gives the target; 0 if it does not. */
static size_t check_delta(irmin_slice base, irmin_slice target,
    irmin_slice delta)
{
	unsigned char *out = malloc(target.len + 1);
	irmin_rc rc;
	int good;

	rc = irmin__delta_apply(base, delta, out, target.len, NULL);
	good = rc == IRMIN_OK && !memcmp(out, target.data, target.len);
	free(out);
	return good ? delta.len : 0;
}

static irmin_rc make(irmin_slice base, irmin_slice target, size_t max_bytes,
    irmin_buf *delta, irmin_error *err)
{
	irmin__delta_index *index = NULL;
	irmin_rc rc = irmin__delta_index_new(base, &index, err);

	if (rc == IRMIN_OK)
		rc = irmin__delta_make(index, target, max_bytes, delta, err);
	irmin__delta_index_free(index);
	return rc;
}

static size_t made(irmin_slice base, irmin_slice target)
{
	irmin_buf delta = IRMIN_BUF_INIT;
	size_t len = 0;

	if (make(base, target, SIZE_MAX, &delta, NULL) == IRMIN_OK)
		len = check_delta(base, target, irmin_buf_slice(&delta));
	irmin_buf_clear(&delta);
	return len;
}

static void check_random(void)
{
	unsigned wrong = 0, i;
	size_t n;

	for (i = 0; i < 600; i++) {
		irmin_buf base = IRMIN_BUF_INIT, target = IRMIN_BUF_INIT;

		if (i % 3 == 0)
			add_text(&base, 1 + below(100));
		else if (i % 3 == 1)
			add_tree(&base, 1 + below(100));
		else
			add_noise(&base, 16 + below(1 + below(300000)));
		if (irmin_buf_set(&target, irmin_buf_slice(&base), NULL) < 0)
			bail("no memory");
		for (n = below(20); n--;)
			edit(&target, i % 7 ? 100 : 5000);
		if (target.len && base.len >= 16)
			wrong += !made(irmin_buf_slice(&base),
			    irmin_buf_slice(&target));
		irmin_buf_clear(&base);
		irmin_buf_clear(&target);
	}
	is_int(wrong, 0, "random edits");
}

/* Rows of equal bytes and short periods, where everything is found everywhere. */
static void check_periods(void)
{
	unsigned char base[20000], target[30000];
	unsigned period, wrong = 0, i;

	for (period = 1; period < 70; period++) {
		for (i = 0; i < sizeof base; i++)
			base[i] = (unsigned char)(i % period);
		for (i = 0; i < sizeof target; i++)
			target[i] = (unsigned char)((i + 3) % period);
		target[10000] = 77;
		i = (unsigned)made(irmin_bytes(base, sizeof base),
		    irmin_bytes(target, sizeof target));
		wrong += i == 0 || i > 200;
	}
	is_int(wrong, 0, "periods");
}

static void check_limits(void)
{
	irmin_buf base = IRMIN_BUF_INIT, target = IRMIN_BUF_INIT;
	irmin_buf delta = IRMIN_BUF_INIT;
	irmin__delta_index *index;
	irmin_error err;
	unsigned wrong = 0;
	size_t len, i;

	add_text(&base, 100);
	add_text(&target, 5);
	append(&target, irmin_buf_slice(&base));
	add_text(&target, 5);
	len = made(irmin_buf_slice(&base), irmin_buf_slice(&target));
	ok(len > 100, "a delta of %zu bytes", len);
	for (i = 0; i < len + 10; i++) {
		irmin_rc rc = make(irmin_buf_slice(&base),
		    irmin_buf_slice(&target), i, &delta, &err);

		wrong += rc != (i < len ? IRMIN_ABSENT : IRMIN_OK) ||
		    delta.len != (i < len ? 0 : len);
	}
	is_int(wrong, 0, "it takes as much as it takes");
	is_rc(irmin__delta_index_new(irmin_bytes(base.data, 15), &index, &err),
	    IRMIN_ABSENT, "a base too small");
	ok(!index, "no index");
	is_rc(make(irmin_buf_slice(&base), irmin_bytes(NULL, 0), 100, &delta,
		  &err),
	    IRMIN_ABSENT, "a target of nothing");
	is_int(made(irmin_buf_slice(&base), irmin_text("x")),
	    base.len < 16384 ? 5 : 6, "a target of one byte");
	irmin_buf_clear(&base);
	irmin_buf_clear(&target);
	irmin_buf_clear(&delta);
}

/* ---- splices ---- */

static irmin_rc spliced(size_t base_size, const char *target,
    const irmin_splice *splices, size_t count, irmin_buf *delta,
    irmin_error *err)
{
	return irmin__delta_of_splices(base_size, irmin_text(target), splices,
	    count, delta, err);
}

static void check_splices(void)
{
	static const irmin_splice two[] = { { 2, 3, 2, 1 }, { 20, 0, 18, 4 } };
	static const irmin_splice around[] = { { 0, 1, 0, 2 },
		{ 25, 1, 26, 0 } };
	static const irmin_splice all[] = { { 0, 26, 0, 3 } };
	irmin_slice base = irmin_text("abcdefghijklmnopqrstuvwxyz");
	irmin_buf delta = IRMIN_BUF_INIT;
	irmin_error err;

	succeeds(spliced(26, "abXfghijklmnopqrst1234uvwxyz", two, 2, &delta,
		     &err),
	    &err, "two splices");
	ok(check_delta(base, irmin_text("abXfghijklmnopqrst1234uvwxyz"),
	       irmin_buf_slice(&delta)),
	    "are what was changed");
	is_int(delta.len, 2 + 4 + 3 + 5 + 3, "a short beginning is inserted");
	succeeds(spliced(26, "12bcdefghijklmnopqrstuvwxy", around, 2, &delta,
		     &err),
	    &err, "both ends");
	ok(check_delta(base, irmin_text("12bcdefghijklmnopqrstuvwxy"),
	       irmin_buf_slice(&delta)),
	    "are what was changed");
	succeeds(spliced(26, "new", all, 1, &delta, &err), &err, "everything");
	ok(check_delta(base, irmin_text("new"), irmin_buf_slice(&delta)),
	    "is new");
	succeeds(spliced(26, "abcdefghijklmnopqrstuvwxyz", NULL, 0, &delta,
		     &err),
	    &err, "nothing");
	ok(check_delta(base, base, irmin_buf_slice(&delta)), "is the same");
	is_rc(spliced(0, "", NULL, 0, &delta, &err), IRMIN_ABSENT,
	    "too short for git");
	irmin_buf_clear(&delta);
}

static void check_bad_splices(void)
{
	static const irmin_splice bad[][2] = {
		{ { 5, 1, 5, 1 }, { 5, 0, 5, 0 } },
		{ { 5, 1, 4, 1 }, { 9, 0, 9, 0 } },
		{ { 5, 6, 5, 6 }, { 10, 0, 10, 0 } },
		{ { 5, SIZE_MAX, 5, 1 }, { 10, 0, 10, 0 } },
		{ { 5, 1, 5, SIZE_MAX - 3 }, { 10, 0, 10, 0 } },
		{ { 5, 1, 5, 1 }, { 11, 0, 11, 0 } },
		{ { 5, 1, 5, 1 }, { 8, 1, 8, 0 } },
	};
	irmin_buf delta = IRMIN_BUF_INIT;
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		fails(spliced(10, "0123456789", bad[i], 2, &delta, &err),
		    IRMIN_EINVAL, &err, "bad splices %zu", i);
		is_int(delta.len, 0, "no delta");
	}
	irmin_buf_clear(&delta);
}

/* ---- git ---- */

static void add_entry(irmin_buf *pack, irmin__entry *entry, irmin_slice body)
{
	unsigned char header[IRMIN__ENTRY_HEADER_BYTES];
	size_t len = irmin__stored_bytes(body.len);

	entry->size = body.len;
	append(pack,
	    irmin_bytes(header, irmin__entry_encode(entry, pack->len, header)));
	if (irmin_buf_reserve(pack, len, NULL) < 0)
		bail("no memory");
	irmin__store(irmin_bytes(NULL, 0), body, pack->data + pack->len);
	pack->len += len;
}

static void add_pair(irmin_buf *pack, irmin_slice base, irmin_slice target)
{
	irmin__entry entry = { .type = IRMIN_OBJECT_BLOB };
	irmin_buf delta = IRMIN_BUF_INIT;
	size_t offset = pack->len;

	add_entry(pack, &entry, base);
	if (make(base, target, SIZE_MAX, &delta, NULL) != IRMIN_OK)
		bail("no delta");
	entry.type = IRMIN__ENTRY_OFS_DELTA;
	entry.base_offset = offset;
	add_entry(pack, &entry, irmin_buf_slice(&delta));
	irmin_buf_clear(&delta);
}

/* The size of the delta that git makes of two files; 0 if it makes none. */
static size_t delta_of_git(const char *repo, irmin_slice base,
    irmin_slice target)
{
	struct tap_output output;
	unsigned long size = 0;

	tap_write_file(tap_format("%s/base", repo), base.data, base.len);
	tap_write_file(tap_format("%s/target", repo), target.data, target.len);
	if (tap_run(&output,
		"cd %s && (git hash-object -w base; git hash-object -w target) "
		"| git pack-objects -q one >name && "
		"git verify-pack -v one-$(cat name).pack | "
		"awk 'NF == 7 { print $3 }'",
		repo) != 0)
		bail("git makes no pack: %s", output.err);
	sscanf(output.out, "%lu", &size);
	tap_output_clear(&output);
	return size;
}

/* A base and an edition of it, of kind `kind`. */
static void make_pair(unsigned kind, irmin_buf *base, irmin_buf *target)
{
	size_t i;

	if (kind % 4 == 0)
		add_tree(base, 1000);
	else if (kind % 4 == 1)
		add_noise(base, 100000);
	else
		add_text(base, 500);
	if (irmin_buf_set(target, irmin_buf_slice(base), NULL) < 0)
		bail("no memory");
	for (i = 0; kind % 4 == 0 && i < 30; i++)
		target->data[36 * below(1000) + 16 + below(20)] ^= 0x55;
	for (i = 0; kind % 4 && i < 10; i++)
		edit(target, 200);
}

/* Its checksum behind the bytes of a pack. */
static void seal(irmin_buf *pack, irmin_hash_algo algo)
{
	const irmin__hash_class *hash = irmin__hash_class_of(algo);
	unsigned char sum[IRMIN_OID_MAX_BYTES];
	void *context;

	if (hash->open(&context, NULL) < 0 || hash->init(context, NULL) < 0 ||
	    hash->update(context, irmin_buf_slice(pack), NULL) < 0 ||
	    hash->done(context, sum, NULL) < 0)
		bail("no hash");
	hash->close(context);
	append(pack, irmin_bytes(sum, hash->id_bytes));
}

/* Adds an edition to the pack, and its id to the list; compares the size of the
 * delta from the larger to the smaller, which is what git makes. */
static void try_pair(unsigned kind, irmin_hash_algo algo, const char *repo,
    irmin_buf *pack, irmin_buf *ids, size_t *ours, size_t *gits)
{
	irmin_buf base = IRMIN_BUF_INIT, target = IRMIN_BUF_INIT;
	irmin_slice large, small;
	char hex[IRMIN_OID_HEX_BYTES];
	size_t our, git;
	irmin_oid id;

	make_pair(kind, &base, &target);
	add_pair(pack, irmin_buf_slice(&base), irmin_buf_slice(&target));
	if (irmin_hash_object(algo, IRMIN_OBJECT_BLOB, irmin_buf_slice(&target),
		&id, NULL) < 0)
		bail("no hash");
	append(ids, irmin_text(irmin_oid_hex(&id, hex)));
	append(ids, irmin_text("\n"));
	large = irmin_buf_slice(base.len < target.len ? &target : &base);
	small = irmin_buf_slice(base.len < target.len ? &base : &target);
	our = made(large, small);
	git = delta_of_git(repo, large, small);
	diag("from %zu to %zu bytes: %zu, git %zu", large.len, small.len, our,
	    git);
	*ours += our;
	*gits += git;
	irmin_buf_clear(&base);
	irmin_buf_clear(&target);
}

static void check_git(const char *format, irmin_hash_algo algo)
{
	enum { PAIRS = 8 };
	const char *repo = tap_format("%s/%s", tap_tmpdir(), format);
	const char *index_pack[] = { "git", "index-pack", "--strict", "--stdin",
		NULL };
	const char *look[] = { "git", "cat-file", "--batch-check=%(objecttype)",
		NULL };
	irmin_buf pack = IRMIN_BUF_INIT, ids = IRMIN_BUF_INIT;
	unsigned char header[IRMIN__PACK_HEADER_BYTES];
	size_t ours = 0, gits = 0;
	struct tap_output output;
	unsigned i;
	int code;

	if (tap_run(NULL,
		"git init -q --object-format=%s %s && "
		"git init -q --bare --object-format=%s %s/bare",
		format, repo, format, repo) != 0)
		bail("git init");
	irmin__pack_header_encode(2 * PAIRS, header);
	append(&pack, irmin_bytes(header, sizeof header));
	for (i = 0; i < PAIRS; i++)
		try_pair(i, algo, repo, &pack, &ids, &ours, &gits);
	ok(ours <= gits + gits / 20, "%s: %zu bytes, git %zu", format, ours,
	    gits);
	seal(&pack, algo);
	repo = tap_format("%s/bare", repo);
	code = tap_run_argv(&output, repo, index_pack, pack.data, pack.len);
	is_int(code, 0, "git takes the pack: %s", output.err);
	tap_output_clear(&output);
	tap_run_argv(&output, repo, look, ids.data, ids.len);
	is_str(output.out, "blob\nblob\nblob\nblob\nblob\nblob\nblob\nblob\n",
	    "and has every target");
	tap_output_clear(&output);
	irmin_buf_clear(&pack);
	irmin_buf_clear(&ids);
}

/* ---- no memory ---- */

static irmin_rc make_one(void *arg, irmin_error *err)
{
	const irmin_buf *both = arg;
	irmin_buf delta = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = make(irmin_buf_slice(&both[0]), irmin_buf_slice(&both[1]),
	    SIZE_MAX, &delta, err);
	irmin_buf_clear(&delta);
	if (rc >= 0)
		rc = irmin__delta_of_splices(100, irmin_buf_slice(&both[1]),
		    &(irmin_splice){ 0, 100, 0, both[1].len }, 1, &delta, err);
	irmin_buf_clear(&delta);
	return rc;
}

int main(void)
{
	irmin_buf both[2] = { IRMIN_BUF_INIT, IRMIN_BUF_INIT };

	check_random();
	check_periods();
	check_limits();
	check_splices();
	check_bad_splices();
	check_git("sha1", IRMIN_HASH_SHA1);
	check_git("sha256", IRMIN_HASH_SHA256);
	make_pair(1, &both[0], &both[1]);
	alloc_fault_sweep("delta", make_one, both);
	irmin_buf_clear(&both[0]);
	irmin_buf_clear(&both[1]);
	return done_testing();
}
