/* lib/pack/pack.h: an open pack: its bytes and its index, for reading.
 *
 *   | "PACK" | version | count | entry | entry | ... | checksum |
 *
 * Counted, so that one that was replaced stays readable for who has it. Any
 * number of threads at once.
 */
#ifndef IRMIN_PACK_PACK_H
#define IRMIN_PACK_PACK_H

#include "lib/core/base/windows.h"
#include "lib/pack/delta-cache.h"
#include "lib/pack/index.h"
#include <irmin/backend.h>

typedef struct irmin__pack irmin__pack;

/* Opens the index `idx_path` ("....idx"). The pack beside it, named alike, is
 * opened when something is first read from it. Answers: OK; ABSENT (there is no
 * such index). Fails: ECORRUPT, EIO, ENOMEM. */
irmin_rc irmin__pack_open(irmin__os *os, irmin_hash_algo algo,
    irmin__windows_io io, const char *idx_path, irmin__pack **pack,
    irmin_error *err);
irmin__pack *irmin__pack_ref(irmin__pack *pack);
void irmin__pack_unref(irmin__pack *pack);

/* A number that no other pack of the process has or had. */
uint64_t irmin__pack_serial(const irmin__pack *pack);
const irmin__index *irmin__pack_index(const irmin__pack *pack);
const char *irmin__pack_path(const irmin__pack *pack); /* "....pack" */

/* How a pack is read. `cache` may be NULL. */
typedef struct irmin__pack_reading {
	const irmin_context *context; /* limits, cancel; may be NULL */
	irmin__delta_cache *cache;
} irmin__pack_reading;

/* The object whose entry begins at `offset`: chains of any length are followed
 * without recursion. Answers: OK; ABSENT (the pack was removed before it was ever
 * opened). Fails: ECORRUPT (file and offset), ELIMIT, EIO, ENOMEM. */
irmin_rc irmin__pack_find(irmin__pack *pack, uint64_t offset,
    const irmin__pack_reading *reading, irmin_object *object,
    irmin_error *err);

/* Its type and size: only headers are read. */
irmin_rc irmin__pack_stat(irmin__pack *pack, uint64_t offset,
    const irmin__pack_reading *reading, irmin_object_type *type,
    uint64_t *bytes, irmin_error *err);

/* A stream of its bytes; a delta is made whole first, within the limit. The
 * source holds a reference to the pack. */
irmin_rc irmin__pack_open_read(irmin__pack *pack, uint64_t offset,
    const irmin__pack_reading *reading, irmin_object_type *type,
    uint64_t *bytes, irmin_object_source **source, irmin_error *err);

/* The entry at `offset` as it lies there, from its header to its end, for
 * copying: `end` is where it ends (irmin__index_order). The view is released by
 * the caller, and may be a part: ask again for the rest. */
irmin_rc irmin__pack_entry_view(irmin__pack *pack, uint64_t offset,
    size_t want, irmin__view *view, irmin_error *err);

/* The slot irmin_objects_class.scan for one pack: every entry is inflated once,
 * each delta right after its base, in bounded memory. `skip` (may be NULL)
 * answers non-zero for places in the index that are not wanted; they are not
 * told. */
typedef struct irmin__pack_scan {
	const irmin__pack_reading *reading;
	int (*skip)(void *arg, uint32_t at);
	void *skip_arg;
	size_t max_bytes; /* of bases kept at a time; 0: 64 MiB */
	irmin_scan_fn fn;
	void *arg;
} irmin__pack_scan;
irmin_rc irmin__pack_each(irmin__pack *pack, const irmin__pack_scan *scan,
    irmin_error *err);

/* Checks index and pack against each other and their checksums, without the
 * objects. Fails: ECORRUPT (file and offset). */
irmin_rc irmin__pack_verify(irmin__pack *pack, const irmin_context *context,
    irmin_error *err);

#endif
