/* lib/pack/entry.h: the header of an object in a pack. entry.c has the drawing. */
#ifndef IRMIN_PACK_ENTRY_H
#define IRMIN_PACK_ENTRY_H

#include <irmin/hash.h>

/* What an entry is: an irmin_object_type, or one of these. */
enum irmin__entry_type {
	IRMIN__ENTRY_OFS_DELTA = 6,
	IRMIN__ENTRY_REF_DELTA = 7
};

/* More than any header takes. */
#define IRMIN__ENTRY_HEADER_BYTES (10 + IRMIN_OID_MAX_BYTES)

typedef struct irmin__entry {
	unsigned type;        /* irmin_object_type or irmin__entry_type */
	uint64_t size;        /* of what the stream behind the header gives */
	uint64_t base_offset; /* of the base of an OFS_DELTA, in the pack */
	irmin_oid base;       /* of a REF_DELTA */
	size_t header_bytes;
} irmin__entry;

/* Reads the header of the entry at `offset` of a pack, of which `bytes` are at
 * least IRMIN__ENTRY_HEADER_BYTES or all there are. Fails: ECORRUPT (with
 * `offset`): cut short, a type that git does not have, a size beyond 64 bits, a
 * base not before the entry and behind the pack's header. */
irmin_rc irmin__entry_parse(irmin_hash_algo algo, irmin_slice bytes,
    uint64_t offset, irmin__entry *entry, irmin_error *err);

/* Writes the header that stands at `offset` and returns its length. */
size_t irmin__entry_encode(const irmin__entry *entry, uint64_t offset,
    unsigned char header[IRMIN__ENTRY_HEADER_BYTES]);

/* ---- the header and the trailer of the pack itself ---- */

#define IRMIN__PACK_HEADER_BYTES 12

/* Reads "PACK", a version, and the number of entries. Fails: ECORRUPT, ENOTSUP
 * (a version other than 2 and 3). */
irmin_rc irmin__pack_header_parse(irmin_slice bytes, uint32_t *count,
    irmin_error *err);
void irmin__pack_header_encode(uint32_t count,
    unsigned char header[IRMIN__PACK_HEADER_BYTES]);

#endif
