/* packed-refs as bytes, good and bad. */
#include "tests/unit/backend-git/git-place.h"
#include "tests/support/alloc-fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C      "cccccccccccccccccccccccccccccccccccccccc"
#define HEADER "# pack-refs with: peeled fully-peeled sorted \n"

static irmin_rc parse(irmin_slice text, irmin__git_packed **packed,
    irmin_error *err)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_rc rc = irmin_buf_set(&bytes, text, err);

	*packed = NULL;
	if (rc >= 0)
		rc = irmin__git_packed_parse(IRMIN_HASH_SHA1, &bytes, "/a/b",
		    packed, err);
	irmin_buf_clear(&bytes);
	return rc;
}

static irmin__git_packed *parse_good(const char *text)
{
	irmin__git_packed *packed;
	irmin_error err;

	if (parse(irmin_text(text), &packed, &err) < 0)
		bail("cannot parse: %s", err.text);
	return packed;
}

static const char *found(const irmin__git_packed *packed, const char *name)
{
	irmin_oid id;

	return irmin__git_packed_find(packed, irmin_text(name), &id) == IRMIN_OK
	    ? place_hex(&id)
	    : NULL;
}

static const char *without(const irmin__git_packed *packed, const char *one,
    const char *other)
{
	irmin_slice names[2] = { irmin_text(one), irmin_text(other) };
	irmin_buf out = IRMIN_BUF_INIT;
	const char *text;
	irmin_error err;

	if (irmin__git_packed_without(packed, names, 2, &out, &err) < 0)
		bail("cannot take out: %s", err.text);
	text = tap_format("%.*s", (int)out.len, out.data);
	irmin_buf_clear(&out);
	return text;
}

static void check_good(void)
{
	irmin__git_packed *packed = parse_good(HEADER A
	    " refs/heads/a\n" B " refs/heads/a/b\n" C " refs/tags/v\n^" A "\n");

	is_int(irmin__git_packed_count(packed), 3, "three refs");
	is_str(found(packed, "refs/heads/a"), A, "the first");
	is_str(found(packed, "refs/heads/a/b"), B, "the second");
	is_str(found(packed, "refs/tags/v"), C, "the last, a tag");
	is_str(found(packed, "refs/heads"), NULL, "a prefix is none");
	is_str(found(packed, "refs/heads/a/"), NULL, "nor is more");
	is_str(found(packed, ""), NULL, "nor is nothing");
	is_str(found(packed, "refs/z"), NULL, "nor what is behind all");
	ok(irmin__git_packed_collides(packed, "refs/heads/a/b/c"),
	    "a ref below one");
	ok(irmin__git_packed_collides(packed, "refs/tags"), "a ref above one");
	ok(!irmin__git_packed_collides(packed, "refs/tags/v1"),
	    "a ref beside one");
	ok(!irmin__git_packed_collides(packed, "refs/tag"), "half a directory");
	is_str(without(packed, "refs/heads/a", "refs/tags/v"),
	    HEADER B " refs/heads/a/b\n", "a tag goes with what it peels to");
	is_str(without(packed, "refs/x", "refs/heads/a/b"),
	    HEADER A " refs/heads/a\n" C " refs/tags/v\n^" A "\n",
	    "what is not there need not go");
	irmin__git_packed_unref(packed);
}

static void check_unsorted(void)
{
	irmin__git_packed *packed = parse_good(
	    C " refs/tags/v\n^" A "\n" B " refs/heads/b\n" A " refs/heads/a\n");

	is_str(found(packed, "refs/heads/a"), A, "unsorted, the last");
	is_str(found(packed, "refs/tags/v"), C, "unsorted, the first");
	is_int(irmin__git_packed_bound(packed, irmin_text("refs/heads/b")), 1,
	    "they are told in order");
	is_str(without(packed, "refs/heads/b", "refs/none"),
	    C " refs/tags/v\n^" A "\n" A " refs/heads/a\n",
	    "but stay in their own");
	is_str(without(packed, "refs/heads/a", "refs/tags/v"),
	    B " refs/heads/b\n", "the first and the last go");
	irmin__git_packed_unref(packed);

	packed = parse_good("");
	is_int(irmin__git_packed_count(packed), 0, "an empty file");
	is_str(without(packed, "a", "b"), "", "stays empty");
	irmin__git_packed_unref(packed);
	packed = parse_good(HEADER);
	is_int(irmin__git_packed_count(packed), 0, "a header only");
	irmin__git_packed_unref(packed);
}

static void check_bad(void)
{
	static const struct {
		const char *text;
		size_t offset;
		const char *what;
	} bad[] = {
		{ A " refs/heads/a", 0, "a last line without an end" },
		{ A " refs/heads/a\n" B " refs/h", 54, "another such" },
		{ "\n", 0, "an empty line" },
		{ A "\n", 0, "no name" },
		{ A " \n", 0, "an empty name" },
		{ A "\trefs/heads/a\n", 0, "no blank" },
		{ "aaa refs/heads/a\n", 0, "a short id" },
		{ "g" B " refs/heads/a\n", 0, "no id" },
		{ A B " refs/heads/a\n", 0, "a long id" },
		{ HEADER "# again\n", 46,
		    "a header that is not the first line" },
		{ "^" A "\n", 0, "a peeled id first" },
		{ HEADER "^" A "\n", 46, "a peeled id behind the header" },
		{ A " refs/tags/v\n^" A "\n^" A "\n", 95, "two peeled ids" },
		{ A " refs/tags/v\n^" A "a\n", 53, "a peeled id too long" },
		{ A " refs/tags/v\n^\n", 53, "a peeled id too short" },
		{ A " refs/b\n" B " refs/c\n" C " refs/b\n", 96,
		    "a ref twice, not in order" },
		{ A " refs/b\n" B " refs/b\n", 48, "a ref twice" },
	};
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		irmin__git_packed *packed;
		irmin_error err;

		fails(parse(irmin_text(bad[i].text), &packed, &err),
		    IRMIN_ECORRUPT, &err, "%s", bad[i].what);
		is_str(err.where, "/a/b", "%s: the file", bad[i].what);
		is_int(err.offset, bad[i].offset, "%s: the offset",
		    bad[i].what);
		ok(!packed, "%s: nothing comes out", bad[i].what);
	}
}

/* Whatever a flipped byte does, nothing is read outside; the sanitizers see. */
static void check_flips(void)
{
	static const char good[] = HEADER A " refs/heads/a\n" B
					    " refs/heads/b\n^" C "\n";
	char text[sizeof good];
	unsigned refused = 0, taken = 0;
	size_t i, bit;

	for (i = 0; i < sizeof good - 1; i++)
		for (bit = 0; bit < 8; bit++) {
			irmin__git_packed *packed;

			memcpy(text, good, sizeof good);
			text[i] = (char)(text[i] ^ (1 << bit));
			if (parse(irmin_bytes(text, sizeof good - 1), &packed,
				NULL) < 0)
				refused++;
			else
				taken++;
			irmin__git_packed_unref(packed);
		}
	ok(refused && taken, "%u flipped bits were refused, %u taken", refused,
	    taken);
}

static void check_many(void)
{
	irmin_buf text = IRMIN_BUF_INIT;
	irmin__git_packed *packed;
	unsigned i, right = 0;

	for (i = 0; i < 5000; i++) {
		const char *line = tap_format("%040x refs/heads/%u\n", i + 1,
		    (i * 2753) % 5000);

		if (irmin_buf_append(&text, irmin_text(line), NULL) < 0)
			bail("out of memory");
	}
	packed = parse_good((const char *)text.data);
	for (i = 0; i < 5000; i++) {
		char name[40];
		irmin_oid id;

		snprintf(name, sizeof name, "refs/heads/%u", (i * 2753) % 5000);
		right += irmin__git_packed_find(packed, irmin_text(name),
			     &id) == IRMIN_OK &&
		    id.bytes[19] == ((i + 1) & 0xff);
	}
	is_int(right, 5000, "5,000 refs in no order are found");
	irmin__git_packed_unref(packed);
	irmin_buf_clear(&text);
}

static irmin_rc parse_and_cut(void *arg, irmin_error *err)
{
	irmin_slice name = irmin_text("refs/b");
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__git_packed *packed;
	irmin_rc rc;

	(void)arg;
	rc = parse(irmin_text(A " refs/b\n" A " refs/a\n"), &packed, err);
	if (rc >= 0)
		rc = irmin__git_packed_without(packed, &name, 1, &out, err);
	irmin_buf_clear(&out);
	irmin__git_packed_unref(packed);
	return rc;
}

int main(void)
{
	check_good();
	check_unsorted();
	check_bad();
	check_flips();
	check_many();
	alloc_fault_sweep("packed-refs", parse_and_cut, NULL);
	return done_testing();
}
