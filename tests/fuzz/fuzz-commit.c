#include "lib/core/object/commit-codec.h"
#include "lib/core/object/write-check.h"
#include "tests/fuzz/fuzz.h"

/* What can be read of an ident and written again is read as the same. */
static void try_ident(irmin_slice line)
{
	irmin_ident ident = irmin__ident_parse(line), again;
	irmin_buf out = IRMIN_BUF_INIT;
	irmin_slice name, email;

	if (irmin__ident_append(&out, &ident, NULL) >= 0) {
		again = irmin__ident_parse(irmin_buf_slice(&out));
		REQUIRE(irmin_slice_equal(ident.name, again.name));
		REQUIRE(irmin_slice_equal(ident.email, again.email));
		REQUIRE(ident.time == again.time && ident.zone == again.zone);
	}
	irmin_buf_clear(&out);
	if (irmin__ident_split(line, &name, &email, NULL) < 0)
		REQUIRE(!name.len && !email.len);
}

/* One that we write, of such parts, is what a reader finds. */
static void write_anew(irmin_hash_algo algo, irmin__commit_data *commit)
{
	irmin_buf out = IRMIN_BUF_INIT;
	irmin__commit_data again;

	commit->decoded = 0;
	REQUIRE(irmin__commit_encode(commit, &out, NULL) >= 0);
	REQUIRE(irmin__commit_decode(algo, irmin_buf_slice(&out), &again,
		    NULL) >= 0);
	REQUIRE(irmin_slice_equal(commit->author, again.author));
	REQUIRE(irmin_slice_equal(commit->committer, again.committer));
	REQUIRE(again.message.len - commit->message.len <= 1);
	again.message.len = commit->message.len; /* without a new newline */
	REQUIRE(irmin_slice_equal(commit->message, again.message));
	REQUIRE(irmin_slice_equal(commit->extra, again.extra));
	irmin__commit_data_clear(&again);
	irmin_buf_clear(&out);
}

/* A commit that is read keeps its bytes. */
static void there_and_back(irmin_hash_algo algo, irmin_slice bytes)
{
	irmin__commit_data commit;
	irmin_buf out = IRMIN_BUF_INIT;
	irmin_error err;

	if (irmin__commit_decode(algo, bytes, &commit, &err) < 0) {
		REQUIRE(err.code == IRMIN_ECORRUPT && err.offset <= bytes.len);
		return;
	}
	REQUIRE(irmin__commit_encode(&commit, &out, &err) >= 0);
	REQUIRE(irmin_slice_equal(irmin_buf_slice(&out), bytes));
	irmin__commit_header(&commit, irmin_text("gpgsig"));
	try_ident(commit.author);
	try_ident(commit.committer);
	if (irmin__check_commit(&commit, NULL) >= 0) {
		REQUIRE(irmin__check_object(algo, IRMIN_OBJECT_COMMIT, bytes,
			    &err) >= 0);
		write_anew(algo, &commit);
	}
	irmin__commit_data_clear(&commit);
	irmin_buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	there_and_back(IRMIN_HASH_SHA1, irmin_bytes(bytes, len));
	there_and_back(IRMIN_HASH_SHA256, irmin_bytes(bytes, len));
	return 0;
}
