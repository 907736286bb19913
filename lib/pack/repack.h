/* lib/pack/repack.h: one pack out of many, and out of single objects.
 *
 * Entries of packs are copied as they lie there, deltas included, each once and
 * behind its base; single objects are compared among each other for new deltas.
 * Memory is some 80 bytes an object, and the window of objects compared.
 */
#ifndef IRMIN_PACK_REPACK_H
#define IRMIN_PACK_REPACK_H

#include "lib/pack/pack-write.h"
#include "lib/pack/pack.h"

typedef struct irmin__repack irmin__repack;

/* Reads one of the single objects. Answers: OK; ABSENT (it went away, and is in
 * none of the packs: the repack fails with EMISSING). */
typedef irmin_rc (*irmin__repack_read_fn)(void *arg, const irmin_oid *id,
    irmin_object *object, irmin_error *err);

typedef struct irmin__repack_options {
	const irmin_context *context; /* may be NULL */
	int level;                    /* of compression, 0 to 9 or -1 */
	irmin__repack_read_fn read;
	void *read_arg;
	irmin_progress_fn progress;   /* may be NULL */
	void *progress_arg;
} irmin__repack_options;

irmin_rc irmin__repack_new(irmin_hash_algo algo,
    const irmin__repack_options *options, irmin__repack **repack,
    irmin_error *err);
void irmin__repack_free(irmin__repack *repack);

/* Takes what is in a pack and in none that was added before, in the order in
 * which it lies there; keeps a reference. Fails: ECORRUPT, ENOMEM. */
irmin_rc irmin__repack_add_pack(irmin__repack *repack, irmin__pack *pack,
    irmin_error *err);

/* Takes a single object, unless a pack that was added has it; after all packs,
 * each once. Answers: OK; ALREADY (a pack has it). Fails: ENOMEM. */
irmin_rc irmin__repack_add_object(irmin__repack *repack, const irmin_oid *id,
    irmin_error *err);

/* The number of objects taken so far. */
uint64_t irmin__repack_count(const irmin__repack *repack);

/* Writes all of them to a writer that was begun for that many. Fails: ECORRUPT
 * (file and offset: an entry that is not what its index says), EMISSING, ELIMIT
 * (a single object that may not be read whole), and as the writer does. */
irmin_rc irmin__repack_write(irmin__repack *repack, irmin__pack_writer *writer,
    irmin_error *err);

#endif
