/* A table of ids beside a plain array. */
#include <string.h>

#include "lib/core/object/oid-table.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#define MANY 5000

static irmin_oid id_of(irmin_hash_algo algo, unsigned n)
{
	irmin_oid id;
	irmin_error err;

	if (irmin_hash_object(algo, IRMIN_OBJECT_BLOB,
		irmin_bytes(&n, sizeof n), &id, &err) < 0)
		bail("%s", err.text);
	return id;
}

static void check(irmin_hash_algo algo, size_t align)
{
	irmin__oid_table table;
	unsigned wrong = 0, i, round;
	irmin_oid id;
	size_t number;

	irmin__oid_table_init(&table, algo, sizeof i, align, 7);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < MANY; i++) {
			id = id_of(algo, i);
			wrong += irmin__oid_table_find(&table, &id) !=
			    IRMIN__OID_TABLE_NONE;
			wrong += irmin__oid_table_add(&table, &id, &number,
				     NULL) != IRMIN_OK ||
			    number != i;
			memcpy(irmin__oid_table_extra(&table, number), &i,
			    sizeof i);
			wrong += irmin__oid_table_add(&table, &id, &number,
				     NULL) != IRMIN_UNCHANGED ||
			    number != i;
		}
		for (i = 0; i < MANY; i++) {
			id = id_of(algo, i);
			number = irmin__oid_table_find(&table, &id);
			wrong += number != i ||
			    memcmp(irmin__oid_table_extra(&table, i), &i,
				sizeof i) != 0;
			number = 0;
			id = irmin__oid_table_id(&table, i);
			wrong += irmin__oid_table_find(&table, &id) != i;
		}
		ok(!wrong, "%s, aligned to %zu, round %u: %u are wrong",
		    irmin_hash_name(algo), align, round, wrong);
		irmin__oid_table_reset(&table);
	}
	id = id_of(algo == IRMIN_HASH_SHA1 ? IRMIN_HASH_SHA256
					   : IRMIN_HASH_SHA1,
	    1);
	ok(irmin__oid_table_find(&table, &id) == IRMIN__OID_TABLE_NONE,
	    "an id of another hash is not there");
	irmin__oid_table_clear(&table);
}

static irmin_rc fill(void *arg, irmin_error *err)
{
	irmin__oid_table table;
	irmin_rc rc = IRMIN_OK;
	irmin_oid id;
	size_t number;
	unsigned i;

	(void)arg;
	irmin__oid_table_init(&table, IRMIN_HASH_SHA1, 1, 1, 3);
	memset(&id, 0, sizeof id);
	id.algo = IRMIN_HASH_SHA1;
	for (i = 0; i < 200 && rc >= 0; i++) {
		memcpy(id.bytes, &i, sizeof i);
		rc = irmin__oid_table_add(&table, &id, &number, err);
	}
	irmin__oid_table_clear(&table);
	return rc;
}

int main(void)
{
	check(IRMIN_HASH_SHA1, 1);
	check(IRMIN_HASH_SHA1, 8);
	check(IRMIN_HASH_SHA256, 1);
	check(IRMIN_HASH_SHA256, 8);
	alloc_fault_sweep("a table fills", fill, NULL);
	return done_testing();
}
