/* lib/core/object/commit-codec.h: git commits as bytes. commit-codec.c has the
 * drawing.
 *
 * A decoded commit points into the bytes it was read from and keeps every byte:
 * what is not understood is in `extra`. Encoding what was decoded gives the same
 * bytes.
 */
#ifndef IRMIN_OBJECT_COMMIT_CODEC_H
#define IRMIN_OBJECT_COMMIT_CODEC_H

#include "lib/core/base/vec.h"
#include "lib/core/object/ident.h"
#include <irmin/hash.h>

typedef struct irmin__commit_data {
	irmin_oid tree;
	IRMIN__VEC(irmin_oid) parents;
	irmin_slice author;    /* the ident, unparsed; NULL: there is no line */
	irmin_slice committer;
	irmin_slice extra;     /* all further headers as they stand, each with
	                        * its newline: encoding, gpgsig, mergetag, ... */
	irmin_slice message;   /* what follows the empty line */
	int decoded;           /* it was read: a message without a final newline
	                        * stays so, and one that is NULL has no empty
	                        * line before it */
} irmin__commit_data;

#define IRMIN__COMMIT_DATA_INIT                                                \
	{ { { 0 }, 0 }, { NULL, 0, 0 }, { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, \
	    { NULL, 0 }, 0 }

/* `commit` need not be initialised. Fails: ECORRUPT with the offset (also for an
 * id in capitals, which git would read but never writes), ENOMEM. */
irmin_rc irmin__commit_decode(irmin_hash_algo algo, irmin_slice bytes,
    irmin__commit_data *commit, irmin_error *err);

/* Frees the parents and empties. */
void irmin__commit_data_clear(irmin__commit_data *commit);

/* Appends the bytes. A final newline is added to a message of ours without one.
 * Fails: ENOMEM. Rules are checked by write-check.h. */
irmin_rc irmin__commit_encode(const irmin__commit_data *commit, irmin_buf *out,
    irmin_error *err);

/* The value of the first header of this name in `extra`, continuation lines
 * included as they stand, without the last newline; empty if there is none. */
irmin_slice irmin__commit_header(const irmin__commit_data *commit,
    irmin_slice name);

#endif
