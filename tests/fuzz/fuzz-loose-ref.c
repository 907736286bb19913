#include "lib/backend-git/git-parts.h"
#include "lib/core/base/os-sim.h"
#include "lib/core/object/refname.h"
#include "tests/fuzz/fuzz.h"

static void write_file(irmin__os *os, irmin_slice bytes)
{
	irmin__file *file;

	REQUIRE(irmin__os_open(os, "/HEAD", IRMIN__OS_WRITE | IRMIN__OS_CREATE,
		    0644, &file, NULL) == IRMIN_OK);
	REQUIRE(irmin__os_write(file, bytes, NULL) == IRMIN_OK);
	irmin__os_close(file);
}

/* A ref is an id of the repository's hash, or names a ref that can be. */
static void read_ref(irmin__os *os, irmin_hash_algo hash)
{
	irmin_ref_value value = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	char root[] = "";
	irmin__git git;
	irmin_error err;
	irmin_rc rc;

	memset(&git, 0, sizeof git);
	git.os = os;
	git.head.hash = hash;
	git.layout.git_dir = git.layout.common_dir = root;
	rc = irmin__git_loose_ref_find(&git, "HEAD", &value, &err);
	if (rc < 0)
		REQUIRE(rc == IRMIN_ECORRUPT && err.where[0]);
	else if (value.target.len)
		REQUIRE(irmin__refname_check(irmin_buf_slice(&value.target),
			    &err) == IRMIN_OK);
	else
		REQUIRE(value.id.algo == hash);
	irmin_buf_clear(&value.target);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	irmin__os *os;

	REQUIRE(irmin__os_sim_new(1, &os, NULL) == IRMIN_OK);
	write_file(os, irmin_bytes(bytes, len));
	read_ref(os, IRMIN_HASH_SHA1);
	read_ref(os, IRMIN_HASH_SHA256);
	irmin__os_sim_free(os);
	return 0;
}
