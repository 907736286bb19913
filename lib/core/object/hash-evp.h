/* lib/core/object/hash-evp.h: libcrypto behind the slots of irmin__hash_class.
 *
 * hash-sha1.c and hash-sha256.c are classes over these; no other file knows
 * libcrypto.
 */
#ifndef IRMIN_OBJECT_HASH_EVP_H
#define IRMIN_OBJECT_HASH_EVP_H

#include "lib/core/object/hash.h"

/* A context for libcrypto's digest of this name and length. Fails: ENOTSUP
 * (libcrypto is built or configured without it), ENOMEM. */
irmin_rc irmin__hash_evp_open(const char *name, size_t id_bytes, void **context,
    irmin_error *err);

/* The other slots. */
void irmin__hash_evp_close(void *context);
irmin_rc irmin__hash_evp_init(void *context, irmin_error *err);
irmin_rc irmin__hash_evp_update(void *context, irmin_slice bytes,
    irmin_error *err);
irmin_rc irmin__hash_evp_done(void *context, unsigned char *id,
    irmin_error *err);

extern const irmin__hash_class irmin__hash_sha1;
extern const irmin__hash_class irmin__hash_sha256;

#endif
