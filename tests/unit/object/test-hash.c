#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/base/error.h"
#include "lib/core/object/hash.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#define SIZES   1200 /* well above what is hashed in one step */
#define THREADS 8
#define ROUNDS  2000

static const irmin_hash_algo algos[] = { IRMIN_HASH_SHA1, IRMIN_HASH_SHA256 };

static unsigned char bytes[SIZES];

static void fill_bytes(void)
{
	size_t i;

	for (i = 0; i < SIZES; i++)
		bytes[i] = (unsigned char)(i * i >> 3);
}

static void test_names(void)
{
	is_int(irmin_hash_size(IRMIN_HASH_SHA1), 20, "SHA-1 has 20 bytes");
	is_int(irmin_hash_size(IRMIN_HASH_SHA256), 32, "SHA-256 has 32");
	is_int(irmin_hash_size(IRMIN_HASH_NONE), 0, "no hash has none");
	is_int(irmin_hash_size((irmin_hash_algo)3), 0, "nor has a strange one");
	is_str(irmin_hash_name(IRMIN_HASH_SHA1), "sha1", "git's word for it");
	is_str(irmin_hash_name(IRMIN_HASH_SHA256), "sha256", "and for it");
	is_str(irmin_hash_name(IRMIN_HASH_NONE), "none", "the word for none");
}

/* One git process for a prefix of every length: far fewer than one for each. */
static void test_git(irmin_hash_algo algo)
{
	const char *dir = tap_format("%s/%s", tap_tmpdir(),
	    irmin_hash_name(algo));
	struct tap_output output;
	char hex[IRMIN_OID_HEX_BYTES];
	const char *line;
	irmin_error err;
	irmin_oid id;
	int size, equal = 0;

	is_int(tap_run(NULL, "git init -q --object-format=%s '%s'",
		   irmin_hash_name(algo), dir),
	    0, "a repository");
	for (size = 0; size < SIZES; size++)
		tap_write_file(tap_format("%s/%04d", dir, size), bytes,
		    (size_t)size);
	is_int(tap_run(&output, "cd '%s' && ls | git hash-object --stdin-paths",
		   dir),
	    0, "git hashes");
	for (size = 0, line = output.out; size < SIZES && *line; size++) {
		if (irmin_hash_object(algo, IRMIN_OBJECT_BLOB,
			irmin_bytes(bytes, (size_t)size), &id, &err) == 0)
			equal += !strncmp(line, irmin_oid_hex(&id, hex),
			    2 * irmin_hash_size(algo));
		line += strcspn(line, "\n") + 1;
	}
	is_int(equal, SIZES, "%s: the ids are git's", irmin_hash_name(algo));
	tap_output_clear(&output);
}

static void test_types(void)
{
	/* What git names the empty tree of each hash. */
	static const char *const empty[] = {
		"4b825dc642cb6eb9a060e54bf8d69288fbee4904",
		"6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
	};
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_error err;
	irmin_oid id;
	size_t i;

	for (i = 0; i < 2; i++) {
		is_rc(irmin_hash_object(algos[i], IRMIN_OBJECT_TREE,
			  irmin_text(NULL), &id, &err),
		    IRMIN_OK, "the empty tree");
		is_str(irmin_oid_hex(&id, hex), empty[i], "its id");
	}
	fails(irmin_hash_object(IRMIN_HASH_NONE, IRMIN_OBJECT_BLOB,
		  irmin_text("x"), &id, &err),
	    IRMIN_EINVAL, &err, "no hash function");
	ok(irmin_oid_is_none(&id), "the output is empty");
	fails(irmin_hash_object(IRMIN_HASH_SHA1, IRMIN_OBJECT_ANY,
		  irmin_text("x"), &id, &err),
	    IRMIN_EINVAL, &err, "no type");
	fails(irmin_hash_object(IRMIN_HASH_SHA1, (irmin_object_type)5,
		  irmin_text("x"), &id, &err),
	    IRMIN_EINVAL, &err, "a type that is none");
}

/* A hash function that counts its contexts; the "hash" is of no interest. */
static int opened, closed;

static irmin_rc count_open(void **context, irmin_error *err)
{
	(void)err;
	*context = &opened;
	opened++;
	return IRMIN_OK;
}

static void count_close(void *context)
{
	(void)context;
	closed++;
}

static irmin_rc count_init(void *context, irmin_error *err)
{
	(void)context;
	(void)err;
	return IRMIN_OK;
}

static irmin_rc count_update(void *context, irmin_slice data, irmin_error *err)
{
	(void)data;
	return count_init(context, err);
}

static irmin_rc count_done(void *context, unsigned char *id, irmin_error *err)
{
	id[0] = 1;
	return count_init(context, err);
}

static irmin_rc no_open(void **context, irmin_error *err)
{
	*context = NULL;
	return irmin_error_set(err, IRMIN_ENOTSUP, NULL, "not here");
}

static void test_reuse(void)
{
	irmin__hash_class cls = { sizeof cls, "count", IRMIN_HASH_SHA1, 20,
		count_open, count_close, count_init, count_update, count_done };
	irmin__hash_pool *pool;
	irmin_error err;
	irmin_oid id;
	int i, good = 0;

	is_rc(irmin__hash_pool_new(&cls, &pool, &err), IRMIN_OK, "a pool");
	for (i = 0; i < 100; i++)
		good += irmin__hash_pool_object(pool, IRMIN_OBJECT_BLOB,
			    irmin_text("x"), &id, &err) == IRMIN_OK;
	is_int(good, 100, "a hundred objects");
	is_int(opened, 1, "one thread needs one context");
	irmin__hash_pool_free(pool);
	is_int(closed, opened, "it is closed with the pool");

	cls.open = no_open;
	fails(irmin__hash_pool_new(&cls, &pool, &err), IRMIN_ENOTSUP, &err,
	    "a hash function that is not there");
	ok(!pool, "gives no pool");
	irmin__hash_pool_free(NULL);
}

static void test_parts(irmin_hash_algo algo)
{
	irmin_slice parts[4] = { irmin_bytes(bytes, 0), irmin_bytes(bytes, 7),
		irmin_bytes(bytes + 7, 0), irmin_bytes(bytes + 7, SIZES - 7) };
	irmin__hash_pool *pool;
	irmin_oid whole, id, none;
	irmin_error err;

	is_rc(irmin__hash_pool_new(irmin__hash_class_of(algo), &pool, &err),
	    IRMIN_OK, "a pool");
	is_rc(irmin_hash_object(algo, IRMIN_OBJECT_TREE,
		  irmin_bytes(bytes, SIZES), &whole, &err),
	    IRMIN_OK, "an object");
	is_rc(irmin__hash_pool_parts(pool, IRMIN_OBJECT_TREE, parts, 4, &id,
		  &err),
	    IRMIN_OK, "in parts");
	ok(irmin_oid_compare(&id, &whole) == 0, "has the same id");
	parts[3].len--;
	is_rc(irmin__hash_pool_parts(pool, IRMIN_OBJECT_TREE, parts, 4, &id,
		  &err),
	    IRMIN_OK, "one byte less");
	ok(irmin_oid_compare(&id, &whole) != 0, "has another");
	parts[0].len = SIZES;
	is_rc(irmin__hash_pool_parts(pool, IRMIN_OBJECT_TREE, parts, 1, &id,
		  &err),
	    IRMIN_OK, "one part");
	ok(irmin_oid_compare(&id, &whole) == 0, "is the object");
	is_rc(irmin__hash_pool_parts(pool, IRMIN_OBJECT_TREE, NULL, 0, &id,
		  &err),
	    IRMIN_OK, "no part");
	is_rc(irmin_hash_object(algo, IRMIN_OBJECT_TREE, irmin_bytes(NULL, 0),
		  &none, &err),
	    IRMIN_OK, "is the empty object");
	ok(irmin_oid_compare(&id, &none) == 0, "with its id");
	irmin__hash_pool_free(pool);
}

struct worker {
	pthread_t thread;
	irmin__hash_pool *pool;
	const irmin_oid *wanted;
	int equal;
};

static void *work(void *arg)
{
	struct worker *worker = arg;
	irmin_oid id;
	size_t i;

	for (i = 0; i < ROUNDS; i++)
		if (irmin__hash_pool_object(worker->pool, IRMIN_OBJECT_BLOB,
			irmin_bytes(bytes, i % SIZES), &id, NULL) == 0)
			worker->equal += !irmin_oid_compare(&id,
			    &worker->wanted[i % SIZES]);
	return NULL;
}

static void test_threads(irmin_hash_algo algo)
{
	static irmin_oid wanted[SIZES];
	struct worker workers[THREADS];
	irmin__hash_pool *pool;
	irmin_error err;
	size_t i;
	int equal = 0;

	is_rc(irmin__hash_pool_new(irmin__hash_class_of(algo), &pool, &err),
	    IRMIN_OK, "a pool");
	for (i = 0; i < SIZES; i++)
		if (irmin__hash_pool_object(pool, IRMIN_OBJECT_BLOB,
			irmin_bytes(bytes, i), &wanted[i], &err) < 0)
			bail("cannot hash: %s", err.text);
	for (i = 0; i < THREADS; i++) {
		workers[i].pool = pool;
		workers[i].wanted = wanted;
		workers[i].equal = 0;
		pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		equal += workers[i].equal;
	}
	is_int(equal, THREADS * ROUNDS, "threads do not disturb each other");
	irmin__hash_pool_free(pool);
}

static irmin_rc hash_something(void *arg, irmin_error *err)
{
	irmin__hash_pool *pool;
	irmin_oid id;
	irmin_rc rc;

	(void)arg;
	rc = irmin__hash_pool_new(irmin__hash_class_of(IRMIN_HASH_SHA1), &pool,
	    err);
	if (rc >= 0)
		rc = irmin__hash_pool_object(pool, IRMIN_OBJECT_BLOB,
		    irmin_text("something"), &id, err);
	irmin__hash_pool_free(pool);
	return rc;
}

int main(void)
{
	size_t i;

	fill_bytes();
	test_names();
	for (i = 0; i < 2; i++) {
		test_git(algos[i]);
		test_parts(algos[i]);
		test_threads(algos[i]);
	}
	test_types();
	test_reuse();
	alloc_fault_sweep("hash", hash_something, NULL);
	return done_testing();
}
