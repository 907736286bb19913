/* lib/core/object/hash.h: hash functions, and the contexts that run them.
 *
 * What lives in lib/core/object: everything that knows bytes and ids but does no
 * input or output: hashes, git's object formats, names and paths, and the rules
 * about what may be written. A repository lives in lib/core/store.
 *
 * HASH is a class in the sense of the house style: the implementations are
 * hash-sha1.c and hash-sha256.c (libcrypto); a test may bring its own.
 */
#ifndef IRMIN_OBJECT_HASH_H
#define IRMIN_OBJECT_HASH_H

#include <irmin/hash.h>

/* A hash function. All slots are required. */
typedef struct irmin__hash_class {
	size_t size;
	const char *name;
	irmin_hash_algo algo;
	size_t id_bytes;
	/* Makes and frees a context; one thread at a time uses it. */
	irmin_rc (*open)(void **context, irmin_error *err);
	void (*close)(void *context);
	irmin_rc (*init)(void *context, irmin_error *err);
	irmin_rc (*update)(void *context, irmin_slice bytes, irmin_error *err);
	irmin_rc (*done)(void *context, unsigned char *id, irmin_error *err);
} irmin__hash_class;

extern const irmin__hash_class irmin__hash_sha1;
extern const irmin__hash_class irmin__hash_sha256;

/* The class of an algorithm, or NULL. */
const irmin__hash_class *irmin__hash_class_of(irmin_hash_algo algo);

/* A hash function with a context that is used again and again. */
typedef struct irmin__hasher {
	const irmin__hash_class *cls;
	void *context;
} irmin__hasher;

irmin_rc irmin__hasher_init(irmin__hasher *hasher,
    const irmin__hash_class *cls, irmin_error *err);
void irmin__hasher_clear(irmin__hasher *hasher);

/* The id of an object: one pass over its header and its bytes. */
irmin_rc irmin__hasher_object(irmin__hasher *hasher, irmin_object_type type,
    irmin_slice data, irmin_oid *id, irmin_error *err);

/* The same in parts: of an object of `bytes` bytes, which come in turn. */
irmin_rc irmin__hasher_begin(irmin__hasher *hasher, irmin_object_type type,
    uint64_t bytes, irmin_error *err);
irmin_rc irmin__hasher_update(irmin__hasher *hasher, irmin_slice bytes,
    irmin_error *err);
irmin_rc irmin__hasher_end(irmin__hasher *hasher, irmin_oid *id,
    irmin_error *err);

/* A set of hashers that threads borrow; fetched once for each repository. */
typedef struct irmin__hash_pool irmin__hash_pool;

irmin_rc irmin__hash_pool_new(const irmin__hash_class *cls,
    irmin__hash_pool **pool, irmin_error *err);
void irmin__hash_pool_free(irmin__hash_pool *pool);

/* irmin__hasher_object with a borrowed hasher. Any thread. */
irmin_rc irmin__hash_pool_object(irmin__hash_pool *pool,
    irmin_object_type type, irmin_slice data, irmin_oid *id, irmin_error *err);

/* The same of an object that lies in several parts, one behind the other. */
irmin_rc irmin__hash_pool_parts(irmin__hash_pool *pool, irmin_object_type type,
    const irmin_slice *parts, size_t count, irmin_oid *id, irmin_error *err);

/* The id with these raw bytes (irmin_hash_size of them). */
irmin_oid irmin__oid_of_bytes(irmin_hash_algo algo, const void *bytes);

#endif
