/* lib/core/object/tag-codec.h: annotated tags as bytes. */
#ifndef IRMIN_OBJECT_TAG_CODEC_H
#define IRMIN_OBJECT_TAG_CODEC_H

#include "lib/core/object/ident.h"
#include <irmin/hash.h>

/* A decoded tag; the slices point into its bytes. */
typedef struct irmin__tag_data {
	irmin_oid object;
	irmin_object_type type;
	irmin_slice name;
	irmin_slice tagger;  /* the ident, unparsed; NULL: there is no line */
	irmin_slice extra;   /* further headers, each with its newline */
	irmin_slice message; /* a signature included; NULL: there is no empty
	                      * line before it */
} irmin__tag_data;

/* Fails: ECORRUPT with the offset (also for an id in capitals). */
irmin_rc irmin__tag_decode(irmin_hash_algo algo, irmin_slice bytes,
    irmin__tag_data *tag, irmin_error *err);

/* Appends the bytes. Fails: ENOMEM. */
irmin_rc irmin__tag_encode(const irmin__tag_data *tag, irmin_buf *out,
    irmin_error *err);

#endif
