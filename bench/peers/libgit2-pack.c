#include "bench/peers/libgit2-pack.h"

#include "bench/bench.h"

#include <git2/sys/mempack.h>
#include <git2/sys/odb_backend.h>
#include <stdlib.h>

/* Before all backends of the repository. */
#define PRIORITY 999

struct libgit2_pack {
	git_repository *repo;
	git_odb *odb;
	git_odb_backend *memory; /* of the odb */
	git_oid *ids;
	size_t count, capacity;
};

void libgit2_check(int code, const char *doing)
{
	const git_error *error = git_error_last();

	if (code < 0)
		bench_fail(doing, error ? error->message : "?");
}

struct libgit2_pack *libgit2_pack_new(git_repository *repo)
{
	struct libgit2_pack *pack = calloc(1, sizeof(*pack));

	if (!pack)
		bench_fail("mempack", "out of memory");
	pack->repo = repo;
	libgit2_check(git_repository_odb(&pack->odb, repo), "odb");
	libgit2_check(git_mempack_new(&pack->memory), "mempack");
	libgit2_check(git_odb_add_backend(pack->odb, pack->memory, PRIORITY),
	    "add mempack");
	return pack;
}

void libgit2_pack_free(struct libgit2_pack *pack)
{
	if (!pack)
		return;
	git_odb_free(pack->odb);
	free(pack->ids);
	free(pack);
}

void libgit2_pack_note(struct libgit2_pack *pack, const git_oid *id)
{
	if (!pack)
		return;
	if (pack->count == pack->capacity) {
		pack->capacity = pack->capacity ? 2 * pack->capacity : 1024;
		pack->ids = realloc(pack->ids,
		    pack->capacity * sizeof(*pack->ids));
	}
	if (!pack->ids)
		bench_fail("mempack", "out of memory");
	pack->ids[pack->count++] = *id;
}

void libgit2_pack_write(struct libgit2_pack *pack)
{
	git_packbuilder *builder;
	size_t i;

	if (!pack->count)
		return;
	libgit2_check(git_packbuilder_new(&builder, pack->repo), "pack");
	git_packbuilder_set_threads(builder, 1);
	for (i = 0; i < pack->count; i++)
		libgit2_check(git_packbuilder_insert(builder, &pack->ids[i],
				  NULL),
		    "pack");
	libgit2_check(git_packbuilder_write(builder, NULL, 0, NULL, NULL),
	    "write a pack");
	git_packbuilder_free(builder);
	libgit2_check(git_mempack_reset(pack->memory), "mempack");
	libgit2_check(git_odb_refresh(pack->odb), "odb");
	pack->count = 0;
}
