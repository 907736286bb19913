/* git-pack.h - packs that git made, with what git says is in them */
#ifndef IRMIN_TESTS_GIT_PACK_H
#define IRMIN_TESTS_GIT_PACK_H

#include "lib/pack/pack.h"

typedef struct git_object {
	irmin_oid id;
	irmin_object_type type;
	irmin_slice data;
} git_object;

typedef struct git_pack {
	irmin_hash_algo algo;
	const char *dir;  /* of the bare repository */
	const char *idx;
	const char *pack;
	git_object *objects;
	size_t count;
	char *said;
} git_pack;

/* Makes a repository with `versions` of a file, an empty blob, one of 300,000
 * bytes (if there are 10 versions), trees, commits and a tag, in one pack;
 * `repack` is what follows "git ... repack -adfq". */
void git_pack_make(git_pack *made, const char *name, irmin_hash_algo algo,
    int versions, const char *configuration, const char *repack);
void git_pack_clear(git_pack *made);

/* The longest chain of the pack. */
int git_pack_depth(const git_pack *made);

/* Opens the pack; `window_bytes` 0: as is usual. */
irmin__pack *git_pack_open(const git_pack *made, irmin__windows_io io,
    size_t window_bytes);

/* Where an object lies in an open pack; bails if it does not. */
uint64_t git_pack_offset(irmin__pack *pack, const irmin_oid *id);

/* What git says of an object; NULL: it has none. */
const git_object *git_pack_find(const git_pack *made, const irmin_oid *id);

#endif
