#include <string.h>

#include <irmin/irmin.h>

#include "lib/core/store/revision-date.h"
#include "tests/fuzz/fuzz.h"

/* A branch with a few commits, an hour apart, made once. */
static irmin_repo *repository(void)
{
	static irmin_repo *repo;
	irmin_info info = irmin_info_of("A <a@b>", "x");
	irmin_store *store;
	int i;

	if (repo)
		return repo;
	REQUIRE(irmin_repo_open("mem:", NULL, &repo, NULL) == IRMIN_OK);
	REQUIRE(irmin_store_open(repo, "main", &store, NULL) == IRMIN_OK);
	info.flags = IRMIN_INFO_DATE;
	for (i = 0; i < 5; i++) {
		char value[2] = { (char)('0' + i), '\0' };

		info.author_time = info.committer_time = 1700000000 + i * 3600;
		REQUIRE(irmin_store_set(store, "a", irmin_text(value), &info,
			    NULL) == IRMIN_OK);
	}
	irmin_store_close(store);
	return repo;
}

static int is_answer(irmin_rc rc)
{
	return rc == IRMIN_OK || rc == IRMIN_EINVAL || rc == IRMIN_EMISSING;
}

/* What a revision is, is also its zeroth parent. */
static void ask_again(irmin_repo *repo, const char *text, irmin_commit *commit)
{
	size_t len = strlen(text);
	char *longer = malloc(len + 3);
	irmin_commit *again;
	irmin_oid a, b;

	REQUIRE(longer != NULL);
	memcpy(longer, text, len);
	memcpy(longer + len, "^0", 3);
	REQUIRE(
	    irmin_commit_of_revision(repo, longer, &again, NULL) == IRMIN_OK);
	REQUIRE(irmin_commit_id(commit, &a, NULL) == IRMIN_OK);
	REQUIRE(irmin_commit_id(again, &b, NULL) == IRMIN_OK);
	REQUIRE(irmin_oid_compare(&a, &b) == 0);
	irmin_commit_unref(again);
	free(longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	irmin_repo *repo = repository();
	char *text = malloc(len + 1);
	irmin_commit *commit;
	int64_t seconds;
	irmin_rc rc;

	REQUIRE(text != NULL);
	if (len)
		memcpy(text, bytes, len);
	text[len] = '\0';
	rc = irmin_commit_of_revision(repo, text, &commit, NULL);
	REQUIRE(is_answer(rc) && (rc == IRMIN_OK) == (commit != NULL));
	if (commit && strlen(text) < 8000)
		ask_again(repo, text, commit);
	irmin_commit_unref(commit);
	rc = irmin__date_parse(irmin__os_posix(), irmin_bytes(bytes, len),
	    &seconds, NULL);
	REQUIRE(rc == IRMIN_OK || rc == IRMIN_EINVAL);
	free(text);
	return 0;
}
