/*
 * libgit2-pack.h - objects kept in memory (mempack), then written as one pack
 *
 * mempack cannot tell what it holds, and its own dump walks all commits again:
 * whoever writes an object notes its id here.
 */
#ifndef BENCH_LIBGIT2_PACK_H
#define BENCH_LIBGIT2_PACK_H

#include <git2.h>

struct libgit2_pack;

/* From now on the repository's new objects stay in memory. */
struct libgit2_pack *libgit2_pack_new(git_repository *repo);
void libgit2_pack_free(struct libgit2_pack *pack);

/* An object was written; NULL is accepted. */
void libgit2_pack_note(struct libgit2_pack *pack, const git_oid *id);

/* Writes what was noted as one pack. */
void libgit2_pack_write(struct libgit2_pack *pack);

/* Ends the program if a call of libgit2 failed. */
void libgit2_check(int code, const char *doing);

#endif
