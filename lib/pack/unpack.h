/* lib/pack/unpack.h: the streaming indexer: a pack that arrives in parts, from
 * somebody who is not trusted, written to a file, checked, completed and indexed
 * (git index-pack --stdin --fix-thin --strict). Memory is O(number of objects)
 * and the bases of one chain within a bound, never the pack.
 */
#ifndef IRMIN_PACK_UNPACK_H
#define IRMIN_PACK_UNPACK_H

#include "lib/core/base/windows.h"
#include <irmin/backend.h>

typedef struct irmin__unpack irmin__unpack;

/* What is allowed; 0: no limit of this kind. */
typedef struct irmin__unpack_limits {
	uint64_t objects;
	uint64_t pack_bytes;
	uint64_t object_bytes; /* of one object */
	uint64_t total_bytes;  /* of all objects, uncompressed */
	uint32_t depth;        /* of a chain of deltas */
	size_t base_bytes;     /* memory for bases; 0: 64 MiB */
} irmin__unpack_limits;

/* Finds the base of a thin pack's delta. Answers: OK; ABSENT. */
typedef irmin_rc (*irmin__unpack_base_fn)(void *arg, const irmin_oid *id,
    irmin_object *object, irmin_error *err);

typedef struct irmin__unpack_options {
	const irmin_context *context; /* may be NULL */
	irmin__unpack_limits limits;
	irmin__windows_io io; /* how the file is read again */
	irmin__unpack_base_fn base;   /* NULL: a thin pack is ECORRUPT */
	void *base_arg;
	/* Told every object that was sent, once, a base before its deltas: some
	 * while they come, before it is known that the pack is whole. One that
	 * is larger than the context's limit, or than base_bytes, is told with
	 * the fault ELIMIT in place of its bytes. May be NULL. */
	irmin_scan_fn object;
	void *object_arg;
	irmin_progress_fn progress;   /* may be NULL */
	void *progress_arg;
} irmin__unpack_options;

/* Begins: `file` is new and empty, opened for writing; `path` is its name, for
 * reading it again. Both stay the caller's. Fails: ENOMEM. */
irmin_rc irmin__unpack_new(irmin__os *os, irmin_hash_algo algo,
    irmin__file *file, const char *path, const irmin__unpack_options *options,
    irmin__unpack **unpack, irmin_error *err);
void irmin__unpack_free(irmin__unpack *unpack);

/* Takes the next bytes. Answers: OK (more is wanted); END (the pack is whole;
 * `used` says how many of the bytes belong to it); what a callback answered.
 * Fails: ECORRUPT with the offset in the pack, ELIMIT naming the limit, ENOSPC,
 * EIO, ENOMEM, ECANCELED. After any other answer than OK and END, the unpack can
 * only be freed. */
irmin_rc irmin__unpack_feed(irmin__unpack *unpack, irmin_slice bytes,
    size_t *used, irmin_error *err);

/* After END: resolves the deltas, appends the bases of a thin pack, ends the file
 * with its checksum and makes the index. Answers: OK; what a callback answered.
 * Fails: as feed; ECORRUPT (a base that is nowhere, an object that is there
 * twice: no index may have that). */
irmin_rc irmin__unpack_finish(irmin__unpack *unpack,
    unsigned char checksum[IRMIN_OID_MAX_BYTES], irmin_buf *index,
    irmin_error *err);

/* The number of objects in the finished pack. */
uint64_t irmin__unpack_count(const irmin__unpack *unpack);

#endif
