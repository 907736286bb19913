/* lib/core/object/config-codec.h: the text of a git config file, or of a file
 * like it (.gitmodules), as keys and values. config-codec.c has the drawing.
 *
 * Includes are not followed. What git reads in two ways, or not at all, is an
 * error: a NUL in a key or value, a section without a name.
 */
#ifndef IRMIN_OBJECT_CONFIG_CODEC_H
#define IRMIN_OBJECT_CONFIG_CODEC_H

#include <irmin/bytes.h>

typedef struct irmin__config_reader {
	irmin_slice bytes;
	size_t offset;
	size_t line;       /* counted from 1 */
	irmin_buf section; /* "section." or "section.subsection." */
	irmin_buf key;
	irmin_buf value;
} irmin__config_reader;

/* One "name = value"; valid until the next one is read. A NUL follows both. */
typedef struct irmin__config_entry {
	irmin_slice key;   /* "section.name" or "section.subsection.name"; lower
	                    * case but for the subsection, which may have dots */
	irmin_slice value; /* NULL for a name without '=' */
} irmin__config_entry;

/* Reads `bytes`, which must live as long as the reader. Allocates nothing. */
void irmin__config_reader_init(irmin__config_reader *reader, irmin_slice bytes);

void irmin__config_reader_clear(irmin__config_reader *reader);

/* The next entry. Answers: OK; END. Fails: ECORRUPT with the offset, and the
 * line in the text; ENOMEM. */
irmin_rc irmin__config_reader_next(irmin__config_reader *reader,
    irmin__config_entry *entry, irmin_error *err);

/* The subsection of a key; its data is NULL if it has none. */
irmin_slice irmin__config_subsection(irmin_slice key);

#endif
