#include "tests/unit/store/large.h"

#include <stdio.h>

#include "lib/backend-mem/mem.h"
#include "tests/support/tap.h"
#include "tests/unit/store/room.h"

irmin_rc large_try_open(size_t cache_bytes, irmin_repo **repo, irmin_error *err)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_backend *backend;
	irmin_rc rc;

	options.cache_bytes = cache_bytes;
	*repo = NULL;
	rc = irmin__mem_open(irmin__os_posix(), &options, &backend, err);
	if (rc < 0)
		return rc;
	backend->flags &= ~(uint32_t)IRMIN_BACKEND_VOLATILE;
	return irmin__repo_new(irmin__os_posix(), backend, &options, repo, err);
}

irmin_repo *large_open(size_t cache_bytes)
{
	irmin_repo *repo;
	irmin_error err;

	if (large_try_open(cache_bytes, &repo, &err) < 0)
		bail("cannot open: %s", err.text);
	return repo;
}

void large_key(int i, char key[32])
{
	sprintf(key, "d%d/e%d/v%d", i / VALUES / WIDTH, i / VALUES % WIDTH,
	    i % VALUES);
}

irmin_oid large_add(irmin_repo *repo)
{
	irmin_tree *tree = room_build(repo, NULL);
	irmin_edit *edit;
	irmin_error err;
	irmin_oid id;
	char key[32];
	int i;

	if (irmin_edit_new(tree, &edit, &err) < 0)
		bail("%s", err.text);
	irmin_tree_unref(tree);
	for (i = 0; i < KEYS; i++) {
		large_key(i, key);
		if (irmin_edit_set(edit, key, irmin_text(key), &err) < 0)
			bail("%s", err.text);
	}
	if (irmin_edit_tree(edit, &tree, &err) < 0)
		bail("%s", err.text);
	irmin_edit_free(edit);
	id = room_store(tree);
	irmin_tree_unref(tree);
	return id;
}

uint64_t large_reads(irmin_repo *repo)
{
	return irmin_repo_stat(repo, IRMIN_STAT_OBJECT_READS);
}
