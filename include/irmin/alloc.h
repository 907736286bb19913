/* irmin/alloc.h: the one pair of allocation functions.
 *
 * Audience: who frees what the library handed out, backend and binding authors.
 * Shape: everything the caller comes to own is allocated here. The four
 *   functions are one object file: a program that links the static library may
 *   define all four itself and so replace them. Since 0.1.
 * Threads: any.
 */
#ifndef IRMIN_ALLOC_H
#define IRMIN_ALLOC_H

#include <stddef.h>

#include <irmin/export.h>

IRMIN_C_BEGIN

/* As malloc, but a size of 0 gives a pointer that can be freed; NULL when out
 * of memory. Since 0.1. */
IRMIN_CALL void *irmin_malloc(size_t size);

/* As calloc: zeroed, and NULL when count * size overflows. Since 0.1. */
IRMIN_CALL void *irmin_calloc(size_t count, size_t size);

/* As realloc for size > 0; on NULL the old block is kept. Since 0.1. */
IRMIN_CALL void *irmin_realloc(void *block, size_t size);

/* As free; NULL is accepted. Since 0.1. */
IRMIN_API void irmin_free(void *block);

IRMIN_C_END

#endif
