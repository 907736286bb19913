/* lib/pack/delta.h: an object as what differs from another one, its base.
 * delta-apply.c has the drawing.
 */
#ifndef IRMIN_PACK_DELTA_H
#define IRMIN_PACK_DELTA_H

#include <irmin/backend.h>

/* The sizes at the beginning of a delta: of the base it is for, and of what it
 * gives; `used` is their length (at most IRMIN__DELTA_SIZES_BYTES). Fails:
 * ECORRUPT with the offset. */
#define IRMIN__DELTA_SIZES_BYTES 20
irmin_rc irmin__delta_sizes(irmin_slice delta, uint64_t *base_size,
    uint64_t *size, size_t *used, irmin_error *err);

/* The size of what a delta gives, to be asked before there is memory for it:
 * `max_bytes` (0: any) is the limit of an object. Fails: ECORRUPT with the offset
 * (so few instructions cannot give so much), ELIMIT. */
irmin_rc irmin__delta_result_size(irmin_slice delta, size_t max_bytes,
    size_t *size, irmin_error *err);

/* Applies a delta; `out` has room for the `out_size` bytes that it is to give.
 * Fails: ECORRUPT with the offset in the delta: another base or size, a copy from
 * outside the base, too much, too little. */
irmin_rc irmin__delta_apply(irmin_slice base, irmin_slice delta, void *out,
    size_t out_size, irmin_error *err);

/* What a base is made of, to find it again in others; it borrows the base. */
typedef struct irmin__delta_index irmin__delta_index;

/* Answers: OK; ABSENT (a base that is too small or too large to be one). Fails:
 * ENOMEM. Memory is about that of the base. */
irmin_rc irmin__delta_index_new(irmin_slice base, irmin__delta_index **index,
    irmin_error *err);
void irmin__delta_index_free(irmin__delta_index *index);

/* Makes a delta in `delta`, which is emptied before. Answers: OK; ABSENT (it
 * would take more than `max_bytes`; or the target is empty: git takes no delta
 * that short). Fails: ENOMEM. */
irmin_rc irmin__delta_make(const irmin__delta_index *index, irmin_slice target,
    size_t max_bytes, irmin_buf *delta, irmin_error *err);

/* Makes a delta of what its maker knows. Answers: OK; ABSENT (an empty target, or
 * a base of 4 GiB). Fails: EINVAL (splices out of order or out of bounds),
 * ENOMEM. */
irmin_rc irmin__delta_of_splices(size_t base_size, irmin_slice target,
    const irmin_splice *splices, size_t count, irmin_buf *delta,
    irmin_error *err);

#endif
