/* lib/pack/delta-index.h: finding parts of a base again, for delta-make.c. */
#ifndef IRMIN_PACK_DELTA_INDEX_H
#define IRMIN_PACK_DELTA_INDEX_H

#include "lib/pack/delta.h"

/* What is found is at least as long as this. */
#define IRMIN__DELTA_BLOCK 16

/* Finds in the base what `at` begins with; `len` bytes follow there, at least a
 * block. Returns the length of what was found, where it is in `base_at`; 0 if
 * nothing was. */
size_t irmin__delta_index_find(const irmin__delta_index *index,
    const unsigned char *at, size_t len, size_t *base_at);

irmin_slice irmin__delta_index_base(const irmin__delta_index *index);

#endif
