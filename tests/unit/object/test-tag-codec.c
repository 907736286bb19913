#include <string.h>

#include "lib/core/object/tag-codec.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#define ID     "0123456789abcdef0123456789abcdef01234567"
#define OBJECT "object " ID "\n"
#define HEAD   OBJECT "type commit\ntag v1\n"
#define TAGGER "tagger A <a@b> 17 +0100\n"

/* What git reads, however odd. */
static const char *const tags[] = {
	HEAD TAGGER "\nmessage\n",
	HEAD TAGGER "\nmessage\n-----BEGIN\nsigned\n",
	HEAD TAGGER "\nno final newline",
	HEAD TAGGER "\n",
	HEAD TAGGER,
	HEAD "\nno tagger\n",
	HEAD,
	HEAD "tagger \n\nan empty one\n",
	HEAD "tagger no newline",
	HEAD TAGGER "gpgsig-sha256 -----BEGIN\n \n -----END\n\nm\n",
	HEAD TAGGER "garbage\n\nm\n",
	OBJECT "type blob\ntag \n" TAGGER "\nno name\n",
	OBJECT "type tag\ntag a b\n" TAGGER "\na tag of a tag\n",
};

static void test_round_trip(void)
{
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__tag_data tag;
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof tags / sizeof *tags; i++) {
		if (!succeeds(irmin__tag_decode(IRMIN_HASH_SHA1,
				  irmin_text(tags[i]), &tag, &err),
			&err, "decoded: tag %zu", i))
			continue;
		out.len = 0;
		succeeds(irmin__tag_encode(&tag, &out, &err), &err, "encoded");
		is_mem(out.data, out.len, tags[i], strlen(tags[i]),
		    "to the same");
	}
	irmin_buf_clear(&out);
}

static void test_fields(void)
{
	irmin__tag_data tag;
	irmin_error err;

	succeeds(irmin__tag_decode(IRMIN_HASH_SHA1, irmin_text(tags[9]), &tag,
		     &err),
	    &err, "decoded");
	is_int(tag.object.bytes[1], 0x23, "the object");
	is_int(tag.type, IRMIN_OBJECT_COMMIT, "its type");
	is_mem(tag.name.data, tag.name.len, "v1", 2, "the name");
	is_mem(tag.tagger.data, tag.tagger.len, &TAGGER[7], strlen(TAGGER) - 8,
	    "the tagger");
	ok(tag.extra.len && !memcmp(tag.extra.data, "gpgsig-sha256 ", 14),
	    "a further header");
	is_mem(tag.message.data, tag.message.len, "m\n", 2, "the message");
}

static void test_bad(void)
{
	static const struct {
		const char *bytes;
		uint64_t offset;
		const char *why;
	} rows[] = {
		{ "", 0, "nothing" },
		{ "object 0123\n", 0, "a short id" },
		{ "type commit\n", 0, "no object" },
		{ OBJECT, strlen(OBJECT), "no type" },
		{ OBJECT "type commit", strlen(OBJECT), "no newline" },
		{ OBJECT "type commits\n", strlen(OBJECT) + 13, "a bad type" },
		{ OBJECT "type commit\n", strlen(OBJECT) + 12, "no name" },
		{ OBJECT "type commit\ntag v1", strlen(OBJECT) + 12,
		    "no newline behind it" },
	};
	irmin__tag_data tag;
	irmin_error err;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		fails(irmin__tag_decode(IRMIN_HASH_SHA1,
			  irmin_text(rows[i].bytes), &tag, &err),
		    IRMIN_ECORRUPT, &err, "bad: %s", rows[i].why);
		is_int(err.offset, rows[i].offset, "its offset");
		ok(irmin_oid_is_none(&tag.object), "the output is empty");
	}
}

/* git mktag checks what it is given, and answers the id. */
static void test_git(void)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	char hex[IRMIN_OID_HEX_BYTES];
	struct tap_output output;
	irmin__tag_data tag;
	irmin_error err;
	irmin_oid id;
	const char *dir = tap_tmpdir();
	const char *const mktag[] = { "git", "mktag", NULL };

	memset(&tag, 0, sizeof tag);
	tag.type = IRMIN_OBJECT_TREE;
	tag.name = irmin_text("v1.0");
	tag.tagger = irmin_text("A <a@b> 17 +0100");
	tag.message = irmin_text("a tree\n");
	if (irmin_hash_object(IRMIN_HASH_SHA1, IRMIN_OBJECT_TREE,
		irmin_text(""), &tag.object, &err) < 0)
		bail("%s", err.text);
	is_int(tap_run(NULL,
		   "cd '%s' && git init -q . && git mktree "
		   "</dev/null",
		   dir),
	    0, "a repository");
	succeeds(irmin__tag_encode(&tag, &bytes, &err), &err, "encoded");
	succeeds(irmin_hash_object(IRMIN_HASH_SHA1, IRMIN_OBJECT_TAG,
		     irmin_buf_slice(&bytes), &id, &err),
	    &err, "hashed");
	is_int(tap_run_argv(&output, dir, mktag, bytes.data, bytes.len), 0,
	    "git mktag takes it");
	is_str(output.out, tap_format("%s\n", irmin_oid_hex(&id, hex)),
	    "with the same id");
	tap_output_clear(&output);
	irmin_buf_clear(&bytes);
}

static irmin_rc there_and_back(void *arg, irmin_error *err)
{
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__tag_data tag;
	irmin_rc rc;

	(void)arg;
	rc = irmin__tag_decode(IRMIN_HASH_SHA1, irmin_text(tags[0]), &tag, err);
	if (rc >= 0)
		rc = irmin__tag_encode(&tag, &out, err);
	irmin_buf_clear(&out);
	return rc;
}

int main(void)
{
	test_round_trip();
	test_fields();
	test_bad();
	test_git();
	alloc_fault_sweep("there and back", there_and_back, NULL);
	return done_testing();
}
