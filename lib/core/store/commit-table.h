/* lib/core/store/commit-table.h: commits in memory, each once.
 *
 * Two that are the same are one, made by whomever and wherever; that is found out
 * without their ids, mostly. For commits whose generation is known. They have
 * numbers, in the order in which they came, and are counted.
 */
#ifndef IRMIN_STORE_COMMIT_TABLE_H
#define IRMIN_STORE_COMMIT_TABLE_H

#include "lib/core/base/vec.h"
#include "lib/core/store/commit.h"

typedef struct irmin__commit_entry {
	irmin_commit *commit;
	uint64_t hash;
} irmin__commit_entry;

typedef struct irmin__commit_table {
	IRMIN__VEC(irmin__commit_entry) entries;
	uint32_t *slots; /* the number of an entry and 1, or 0 */
	unsigned bits;   /* there are 2^bits slots, if any */
	uint64_t seed[2];
} irmin__commit_table;

/* An empty table; allocates nothing. `seed` may be any number. */
void irmin__commit_table_init(irmin__commit_table *table, uint64_t seed);

void irmin__commit_table_clear(irmin__commit_table *table);

/* The number of this commit, which is added if it is not there. Answers: OK (it
 * is new); UNCHANGED. Fails: ENOMEM, and as irmin__commit_same. */
irmin_rc irmin__commit_table_add(irmin__commit_table *table,
    irmin_commit *commit, uint32_t *number, irmin_error *err);

#endif
