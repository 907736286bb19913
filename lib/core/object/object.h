/* lib/core/object/object.h: the header in front of every loose or hashed object:
 *
 *   | type | SP | length in decimal | NUL |
 */
#ifndef IRMIN_OBJECT_OBJECT_H
#define IRMIN_OBJECT_OBJECT_H

#include <irmin/hash.h>

/* The longest header with its NUL: "commit 18446744073709551615". */
#define IRMIN__OBJECT_HEADER_BYTES 32

/* Writes the header with its NUL and returns its length, NUL included. */
size_t irmin__object_header(irmin_object_type type, uint64_t bytes,
    char header[IRMIN__OBJECT_HEADER_BYTES]);

/* Reads a header from the beginning of `bytes`. `used` is its length, NUL
 * included. Fails: ECORRUPT with the offset. */
irmin_rc irmin__object_header_parse(irmin_slice bytes, irmin_object_type *type,
    uint64_t *size, size_t *used, irmin_error *err);

/* The type of this name; IRMIN_OBJECT_ANY if there is none. */
irmin_object_type irmin__object_type_of(irmin_slice name);

#endif
