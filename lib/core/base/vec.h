/* lib/core/base/vec.h: growing arrays of any element type.
 *
 * IRMIN__VEC(type) declares { type *items; size_t len, cap; }; all zero is the
 * empty one. Growth is by half, overflow is checked, and a failed growth leaves
 * the vector as it was.
 */
#ifndef IRMIN_BASE_VEC_H
#define IRMIN_BASE_VEC_H

#include <stddef.h>

#include <irmin/alloc.h>
#include <irmin/error.h>

#define IRMIN__VEC(type)                                                       \
	struct {                                                               \
		type *items;                                                   \
		size_t len, cap;                                               \
	}

/* Makes room for `extra` more items: IRMIN_OK or IRMIN_ENOMEM. */
#define IRMIN__VEC_RESERVE(vec, extra, err)                                    \
	irmin__vec_reserve((void **)&(vec)->items, (vec)->len, &(vec)->cap,    \
	    sizeof *(vec)->items, (extra), (err))

/* Appends one item for which there is room. */
#define IRMIN__VEC_PUSH(vec, item) ((vec)->items[(vec)->len++] = (item))

/* Frees the array (not what the items own). */
#define IRMIN__VEC_CLEAR(vec)                                                  \
	(irmin_free((vec)->items), (vec)->items = NULL,                        \
	    (vec)->len = (vec)->cap = 0)

irmin_rc irmin__vec_reserve(void **items, size_t len, size_t *cap,
    size_t item_bytes, size_t extra, irmin_error *err);

#endif
