/* irmin/hash.h: object ids and the hash functions that make them.
 *
 * Audience: everybody.
 * Shape: an id is the SHA-1 (20 bytes) or SHA-256 (32 bytes) of a git object:
 *   its type, a space, its length in decimal, a NUL, its bytes. Which of the
 *   two is a property of the repository, chosen when it is made.
 * Source: gitformat-object and hash-function-transition of git. Since 0.1.
 * Threads: values; any.
 */
#ifndef IRMIN_HASH_H
#define IRMIN_HASH_H

#include <irmin/bytes.h>

IRMIN_C_BEGIN

/* Hash functions. IRMIN_HASH_NONE is "unset" in options and in an absent id. */
typedef enum irmin_hash_algo {
	IRMIN_HASH_NONE = 0,
	IRMIN_HASH_SHA1 = 1,
	IRMIN_HASH_SHA256 = 2
} irmin_hash_algo;

/* Object types, with git's numbers. */
typedef enum irmin_object_type {
	IRMIN_OBJECT_ANY = 0,
	IRMIN_OBJECT_COMMIT = 1,
	IRMIN_OBJECT_TREE = 2,
	IRMIN_OBJECT_BLOB = 3,
	IRMIN_OBJECT_TAG = 4
} irmin_object_type;

#define IRMIN_OID_MAX_BYTES 32
#define IRMIN_OID_HEX_BYTES 65 /* hexadecimal digits and a NUL */

/* An object id; all zero is "no id". The bytes behind the hash's own length
 * are zero. Frozen. */
typedef struct irmin_oid {
	unsigned char bytes[IRMIN_OID_MAX_BYTES];
	unsigned char algo; /* an irmin_hash_algo */
} irmin_oid;

/* The length of an id in bytes: 20, 32; 0 for IRMIN_HASH_NONE. Since 0.1. */
IRMIN_API size_t irmin_hash_size(irmin_hash_algo algo);

/* "sha1", "sha256", "none": the words git uses. Since 0.1. */
IRMIN_API const char *irmin_hash_name(irmin_hash_algo algo);

/* The id that git gives to these bytes as an object of this type. Fails:
 * EINVAL (no such hash or type), ENOTSUP (libcrypto does not offer it), ENOMEM.
 * Cost: one hash of `data`, and the set-up of a hash context (a repository
 * keeps one; this call does not). Since 0.1. */
IRMIN_CALL irmin_rc irmin_hash_object(irmin_hash_algo algo,
    irmin_object_type type, irmin_slice data, irmin_oid *id, irmin_error *err);

/* "commit", "tree", "blob", "tag"; "any" for 0, "?" otherwise. Since 0.1. */
IRMIN_API const char *irmin_object_type_name(irmin_object_type type);

/* Non-zero if `id` is no id. Since 0.1. */
IRMIN_API int irmin_oid_is_none(const irmin_oid *id);

/* Order by algorithm, then bytes: <0, 0, >0. Since 0.1. */
IRMIN_API int irmin_oid_compare(const irmin_oid *a, const irmin_oid *b);

/* Writes the id in lower-case hexadecimal with a NUL; "" for no id; returns
 * `hex`. Since 0.1. */
IRMIN_API char *irmin_oid_hex(const irmin_oid *id,
    char hex[IRMIN_OID_HEX_BYTES]);

/* Reads 40 or 64 hexadecimal digits of either case. Fails: EINVAL. Since
 * 0.1. */
IRMIN_CALL irmin_rc irmin_oid_parse(irmin_slice hex, irmin_oid *id,
    irmin_error *err);

IRMIN_C_END

#endif
