/* lib/core/object/codec.h: what commits and tags have in common: lines of
 * "name SP value LF" in front of an empty line.
 */
#ifndef IRMIN_OBJECT_CODEC_H
#define IRMIN_OBJECT_CODEC_H

#include <irmin/hash.h>

/* Reads an object from its beginning on. */
typedef struct irmin__header_reader {
	irmin_slice bytes;
	size_t offset;
	const char *what; /* "commit", for errors */
} irmin__header_reader;

/* The value of the next line if it has this name and ends in a newline; the
 * reader moves behind it. 0 if it has not. */
int irmin__header_take(irmin__header_reader *reader, const char *name,
    irmin_slice *value);

/* The same for a value that is an id. Answers: OK; ABSENT (another line). Fails:
 * ECORRUPT. */
irmin_rc irmin__header_take_id(irmin__header_reader *reader, const char *name,
    irmin_hash_algo algo, irmin_oid *id, irmin_error *err);

/* ECORRUPT at the reader's place. */
irmin_rc irmin__header_corrupt(const irmin__header_reader *reader,
    const char *why, irmin_error *err);

/* All further lines as they stand, and what follows the empty line: NULL if
 * there is none. */
void irmin__header_rest(irmin__header_reader *reader, irmin_slice *extra,
    irmin_slice *message);

/* Append a line; nothing at all if the value's data is NULL. Fail: ENOMEM. */
irmin_rc irmin__header_put(irmin_buf *out, const char *name, irmin_slice value,
    irmin_error *err);
irmin_rc irmin__header_put_id(irmin_buf *out, const char *name,
    const irmin_oid *id, irmin_error *err);

#endif
