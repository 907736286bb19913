/* lib/pack/repack-singles.h: the single objects of a repack: those in no pack. */
#ifndef IRMIN_PACK_REPACK_SINGLES_H
#define IRMIN_PACK_REPACK_SINGLES_H

#include "lib/pack/repack.h"

typedef struct irmin__repack_singles irmin__repack_singles;

irmin_rc irmin__repack_singles_new(irmin_hash_algo algo,
    const irmin__repack_options *options, irmin__repack_singles **singles,
    irmin_error *err);
void irmin__repack_singles_free(irmin__repack_singles *singles);

irmin_rc irmin__repack_singles_add(irmin__repack_singles *singles,
    const irmin_oid *id, irmin_error *err);

/* Writes all of them behind what was written before; `total` is what the
 * progress tells, of which they are the last. */
irmin_rc irmin__repack_singles_write(irmin__repack_singles *singles,
    irmin__pack_writer *writer, uint64_t total, irmin_error *err);

#endif
