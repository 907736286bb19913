/* lib/pack/unpack-parts.h: the inside of the streaming indexer.
 *
 *   unpack.c          while the pack comes: entries, ids of whole objects
 *   unpack-resolve.c  afterwards: deltas, bases that were not sent
 */
#ifndef IRMIN_PACK_UNPACK_PARTS_H
#define IRMIN_PACK_UNPACK_PARTS_H

#include "lib/core/base/vec.h"
#include "lib/core/base/windows.h"
#include "lib/pack/entry.h"
#include "lib/pack/forest.h"
#include "lib/pack/index.h"
#include "lib/pack/inflate.h"
#include "lib/pack/pack-out.h"
#include "lib/pack/unpack.h"

/* What is awaited next. */
typedef enum irmin__unpack_state {
	IRMIN__UNPACK_HEADER,
	IRMIN__UNPACK_ENTRY, /* its header */
	IRMIN__UNPACK_BODY,  /* its stream */
	IRMIN__UNPACK_TRAILER,
	IRMIN__UNPACK_DONE
} irmin__unpack_state;

/* A delta whose base is named by its place, or by its id. */
typedef struct irmin__unpack_near {
	uint32_t entry, base;
} irmin__unpack_near;

typedef struct irmin__unpack_far {
	irmin_oid base;
	uint32_t entry;
	int attached; /* its base was found */
} irmin__unpack_far;

struct irmin__unpack {
	irmin__unpack_options options;
	irmin_context context; /* with our limit in place of the caller's */
	irmin_hash_algo algo;
	irmin__pack_out out;
	irmin__hasher hasher; /* of ids */
	irmin__unpack_state state;
	uint32_t count; /* that the header tells */

	/* What has come. The items are those of the index, in the order of the
	 * pack; an id that is not known yet is none. */
	IRMIN__VEC(irmin__index_item) items;
	IRMIN__VEC(irmin__unpack_near) near;
	IRMIN__VEC(irmin__unpack_far) far;
	uint64_t total_bytes;

	/* What is under way. */
	unsigned char small[IRMIN__ENTRY_HEADER_BYTES]; /* a header */
	size_t small_len;
	irmin__entry entry;
	irmin__inflaters resting; /* for streams that are whole */
	irmin__inflater inflater; /* for one in parts */
	int inflating;
	uint64_t got;      /* bytes of the body */
	int keep;          /* the body, for the caller */
	irmin_buf body;
	unsigned char *chunk;

	/* Afterwards. */
	irmin__forest forest;
	irmin__windows *windows;
	uint64_t entries_end;         /* the trailer began here */
	irmin__unpack_far **by_base;  /* sorted by base */
	uint32_t resolved;
	irmin_object thin;            /* the base that was just appended */
};

/* ELIMIT if `value` is above the limit, unless that is 0. */
irmin_rc irmin__unpack_limit(const irmin__unpack *unpack, uint64_t value,
    uint64_t limit, const char *what, irmin_error *err);

/* One more object of this size. Fails: ELIMIT. */
irmin_rc irmin__unpack_count_bytes(irmin__unpack *unpack, uint64_t bytes,
    irmin_error *err);

/* Whether the caller wants the bytes of an object of this size. */
int irmin__unpack_keeps(const irmin__unpack *unpack, uint64_t bytes);

/* Tells an object. `data` is used only if irmin__unpack_keeps it. */
irmin_rc irmin__unpack_tell(irmin__unpack *unpack, const irmin_oid *id,
    irmin_object_type type, irmin_slice data, uint64_t bytes,
    const irmin_oid *base, irmin_error *err);

irmin_rc irmin__unpack_progress(irmin__unpack *unpack, const char *stage,
    uint64_t done, uint64_t total, irmin_error *err);

#endif
