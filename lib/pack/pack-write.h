/* lib/pack/pack-write.h: a pack being written, entry by entry, to a file that the
 * caller names, syncs and moves to its place.
 */
#ifndef IRMIN_PACK_PACK_WRITE_H
#define IRMIN_PACK_PACK_WRITE_H

#include "lib/core/base/os.h"
#include "lib/pack/deflate.h"
#include "lib/pack/entry.h"
#include "lib/pack/index.h"

typedef struct irmin__pack_writer irmin__pack_writer;

/* Begins in an empty file, open for writing; `path` is its name, for reading it
 * again. Both stay the caller's. `count` is the number of entries; 0: not known
 * yet, the header is put right in the end (and the file read and hashed once
 * more, unless it is small). Fails: ENOMEM, EINVAL (no such hash). */
irmin_rc irmin__pack_writer_new(irmin__os *os, irmin_hash_algo algo,
    irmin__file *file, const char *path, uint32_t count,
    irmin__pack_writer **writer, irmin_error *err);
void irmin__pack_writer_free(irmin__pack_writer *writer);

/* Where the next entry will begin. */
uint64_t irmin__pack_writer_offset(const irmin__pack_writer *writer);

/* Writes an entry: `body` is the object, or its delta, uncompressed, of the size
 * that `entry` tells; header and stream are made here (`level` 0: stored).
 * Answers: OK. Fails: ENOSPC, EIO, ENOMEM, ELIMIT (more than 2^32 - 1 entries).
 * After a failure the writer can only be freed. */
irmin_rc irmin__pack_writer_add(irmin__pack_writer *writer,
    const irmin_oid *id, const irmin__entry *entry, irmin_slice body,
    int level, irmin_error *err);

/* The same for a stream that is compressed already: begin with the header, then
 * its bytes as they come, until the next entry begins. */
irmin_rc irmin__pack_writer_begin(irmin__pack_writer *writer,
    const irmin_oid *id, const irmin__entry *entry, irmin_error *err);
irmin_rc irmin__pack_writer_bytes(irmin__pack_writer *writer,
    irmin_slice stream, irmin_error *err);

/* Ends the pack with its checksum and makes its index. `checksum` gets
 * irmin_hash_size bytes. Nothing is synced. Fails: EINVAL (an id twice), ENOSPC,
 * EIO, ENOMEM. */
irmin_rc irmin__pack_writer_finish(irmin__pack_writer *writer,
    unsigned char checksum[IRMIN_OID_MAX_BYTES], irmin_buf *index,
    irmin_error *err);

#endif
