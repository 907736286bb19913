/* lib/pack/pack-out.h: the bytes of a pack on their way to its file: gathered,
 * counted and hashed. For pack-write.c, which makes them, and unpack.c, which is
 * sent them.
 */
#ifndef IRMIN_PACK_PACK_OUT_H
#define IRMIN_PACK_PACK_OUT_H

#include "lib/core/base/os.h"
#include "lib/core/object/hash.h"
#include "lib/pack/deflate.h"
#include "lib/pack/entry.h"

typedef struct irmin__pack_out {
	irmin__os *os;
	irmin__file *file;
	const char *path;
	irmin__hasher hasher;
	unsigned char *buffer; /* the last bytes, not yet in the file */
	size_t used;
	uint64_t offset; /* of the next byte */
	uint32_t crc;    /* of what was written since the caller made it 0 */
	uint32_t count;  /* of entries, as the header tells */
	int stale;       /* the hash is not that of the bytes before */
	int summed;      /* `sum` is their checksum */
	unsigned char sum[IRMIN_OID_MAX_BYTES];
	irmin__deflaters resting;
	irmin_buf stream; /* of an entry */
} irmin__pack_out;

/* Begins with the first byte of an empty file; `file` and `path` stay the
 * caller's. Fails: EINVAL (no such hash), ENOMEM. */
irmin_rc irmin__pack_out_init(irmin__pack_out *out, irmin__os *os,
    irmin_hash_algo algo, irmin__file *file, const char *path,
    irmin_error *err);
void irmin__pack_out_clear(irmin__pack_out *out);

/* The pack's header. `final` is 0 if the count will be another: then nothing is
 * hashed before the end. */
irmin_rc irmin__pack_out_header(irmin__pack_out *out, uint32_t count, int final,
    irmin_error *err);

irmin_rc irmin__pack_out_write(irmin__pack_out *out, irmin_slice bytes,
    irmin_error *err);

/* An entry, its body compressed here (`level` 0: stored); `crc` is made anew.
 * Fails: as writing, ENOMEM. */
irmin_rc irmin__pack_out_entry(irmin__pack_out *out, const irmin__entry *entry,
    irmin_slice body, int level, irmin_error *err);

/* Its header only; the stream is written by the caller. */
irmin_rc irmin__pack_out_entry_header(irmin__pack_out *out,
    const irmin__entry *entry, irmin_error *err);

/* Brings all that was written into the file, so that it can be read there. */
irmin_rc irmin__pack_out_flush(irmin__pack_out *out, irmin_error *err);

/* The checksum of all that was written. If more is written after it, all has to
 * be hashed once more for the next one. */
irmin_rc irmin__pack_out_sum(irmin__pack_out *out,
    unsigned char checksum[IRMIN_OID_MAX_BYTES], irmin_error *err);

/* Puts the count in the header right and ends the pack with its checksum. */
irmin_rc irmin__pack_out_seal(irmin__pack_out *out, uint32_t count,
    unsigned char checksum[IRMIN_OID_MAX_BYTES], irmin_error *err);

#endif
