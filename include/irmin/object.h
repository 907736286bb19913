/* irmin/object.h: objects as they are, by id: whole or in streams.
 *
 * Audience: tools that copy, check or convert repositories, and programs whose
 *   values are too large for memory.
 * Shape: an object is a type and bytes; its id is made of both. A reader gives
 *   the bytes of one object, or of a value, from the beginning to the end.
 * Owner: readers are closed by irmin_reader_close, pins are released.
 * Threads: any number at once; one at a time for each reader.
 * Source: gitformat-object, git-cat-file, git-hash-object. Since 0.1.
 */
#ifndef IRMIN_OBJECT_H
#define IRMIN_OBJECT_H

#include <irmin/repo.h>

IRMIN_C_BEGIN

/* An object. */
typedef struct irmin_object {
	irmin_object_type type;
	irmin_pin data; /* without git's "type size" header; released by the
	                 * caller, valid also after the repository is closed */
} irmin_object;

/* ---- by id ---- */

/* Reads an object of any type. Answers: OK; ABSENT. Fails: ECORRUPT (file and
 * offset, or the bytes do not have this id), ELIMIT (more than the options
 * max_value_bytes and max_tree_bytes allow: read it with irmin_object_open),
 * EMISSING (left out of a partial clone), EINVAL (an id of another hash, closed),
 * EIO, ENOMEM. Cost: one object read, and a hash of it. Since 0.1. */
IRMIN_CALL irmin_rc irmin_object_find(irmin_repo *repo, const irmin_oid *id,
    irmin_object *object, irmin_error *err);

/* Type and size of an object. Answers: OK; ABSENT. Fails: as
 * irmin_object_find, but ELIMIT. Cost: no bytes of it are read where the
 * backend can. Since 0.1. */
IRMIN_CALL irmin_rc irmin_object_stat(irmin_repo *repo, const irmin_oid *id,
    irmin_object_type *type, uint64_t *bytes, irmin_error *err);

/* A non-zero answer stops and is passed through. */
typedef int (*irmin_object_fn)(void *arg, const irmin_oid *id);

/* Tells every object whose id begins with the hexadecimal digits `prefix` (NULL
 * or "": all), reachable or not, each at least once, in no order. Fails: EINVAL
 * (not digits), EIO, ENOMEM, what `fn` answered. Since 0.1. */
IRMIN_CALL irmin_rc irmin_object_each(irmin_repo *repo, const char *prefix,
    irmin_object_fn fn, void *arg, irmin_error *err);

/* One object with its bytes; borrowed for the call. A non-zero answer stops and is
 * passed through. */
typedef int (*irmin_scan_object_fn)(void *arg, const irmin_oid *id,
    irmin_object_type type, irmin_slice data);

/* Tells every object with its bytes, each at least once, in the order in which
 * reading them all costs least: where objects are stored as what differs from
 * others, each is made once. Ids are not computed again (irmin_repo_verify does
 * that). Fails: ECORRUPT (an object that cannot be read), ELIMIT (one that
 * irmin_object_find would refuse so), EIO, ENOMEM, what `fn` answered. Since 0.1. */
IRMIN_CALL irmin_rc irmin_object_scan(irmin_repo *repo,
    irmin_scan_object_fn fn, void *arg, irmin_error *err);

/* The object that a revision names, of any type: what irmin_commit_of_revision
 * takes, without going on from a tag to its commit; REV:PATH for what is at a
 * path of REV's tree (an empty PATH: the tree itself); and REV^{TYPE} with
 * commit, tree, blob, tag or nothing (any but a tag) for what a tag or commit
 * leads to. Fails: EMISSING, EINVAL (not a revision, an ambiguous one, or it does
 * not lead to such an object), and as reading does. Since 0.1. */
IRMIN_CALL irmin_rc irmin_object_of_revision(irmin_repo *repo,
    const char *revision, irmin_oid *id, irmin_object_type *type,
    irmin_error *err);

/* Writes an object as it is. Answers: OK. Fails: EINVAL (bytes that are no
 * object of this type, or that git's fsck would refuse: the text says why),
 * EREADONLY, ENOSPC, EIO, ENOMEM. What no ref comes to name is garbage in the
 * end. Since 0.1. */
IRMIN_CALL irmin_rc irmin_object_add(irmin_repo *repo, irmin_object_type type,
    irmin_slice data, irmin_oid *id, irmin_error *err);

/* ---- in streams: O(64 KiB) of memory ---- */

typedef struct irmin_reader irmin_reader;

/* Opens an object for reading from its beginning. Answers: OK; ABSENT. Fails: as
 * irmin_object_find; a packed delta is made whole first, so ELIMIT can occur for
 * one above the limit. Since 0.1. */
IRMIN_CALL irmin_rc irmin_object_open(irmin_repo *repo, const irmin_oid *id,
    irmin_reader **reader, irmin_error *err);

/* The type and the size of what is read. Since 0.1. */
IRMIN_API irmin_object_type irmin_reader_type(const irmin_reader *reader);
IRMIN_API uint64_t irmin_reader_bytes(const irmin_reader *reader);

/* The next bytes, up to `len`; `got` is less only at the end. Fails: ECORRUPT
 * (at the end: the bytes do not have the id), EIO. Since 0.1. */
IRMIN_CALL irmin_rc irmin_reader_read(irmin_reader *reader, void *bytes,
    size_t len, size_t *got, irmin_error *err);

/* Closes; NULL is accepted. Since 0.1. */
IRMIN_API void irmin_reader_close(irmin_reader *reader);

/* Where bytes come from: fills up to `len` and says how many in `got`; fewer
 * only at the end. A negative answer stops and is passed through. */
typedef int (*irmin_read_fn)(void *arg, void *bytes, size_t len, size_t *got);

/* Writes a blob of `bytes` bytes that `read` gives. Fails: EINVAL (there are
 * fewer, or more), what `read` answered, and as irmin_object_add. Since 0.1. */
IRMIN_CALL irmin_rc irmin_object_add_stream(irmin_repo *repo,
    irmin_read_fn read, void *arg, uint64_t bytes, irmin_oid *id,
    irmin_error *err);

IRMIN_C_END

#endif
