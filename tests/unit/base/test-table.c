#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/base/table.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#define ENTRIES 2000

struct entry {
	char key[24];
	int in; /* the model: whether the table should hold it */
	int seen;
};

static struct entry entries[ENTRIES];

static irmin_slice key_of(const void *entry)
{
	return irmin_text(((const struct entry *)entry)->key);
}

/* Keys of every length from 1 to 21, so that each tail of the hash is used. */
static void make_entries(void)
{
	int i;

	for (i = 0; i < ENTRIES; i++)
		snprintf(entries[i].key, sizeof entries[i].key, "%0*d",
		    1 + i % 21, i);
}

static int add(irmin__table *table, struct entry *entry)
{
	irmin_error err;

	if (irmin__table_find(table, key_of(entry)))
		return 0; /* "7" and "07" differ, "1000" comes twice */
	if (irmin__table_add(table, entry, &err) < 0)
		bail("add: %s", err.text);
	return entry->in = 1;
}

static int count_wrong(const irmin__table *table)
{
	int i, wrong = 0;

	for (i = 0; i < ENTRIES; i++) {
		struct entry *found = irmin__table_find(table,
		    key_of(&entries[i]));

		wrong += entries[i].in && found != &entries[i];
		wrong += found && strcmp(found->key, entries[i].key) != 0;
		wrong += found && !found->in;
	}
	return wrong;
}

static void test_empty(void)
{
	irmin__table table;
	size_t cursor = 0;

	irmin__table_init(&table, key_of, 0);
	ok(!irmin__table_find(&table, irmin_text("a")), "nothing is found");
	ok(!irmin__table_remove(&table, irmin_text("a")), "nor removed");
	ok(!irmin__table_next(&table, &cursor), "nor listed");
	irmin__table_clear(&table);
}

static void test_each(const irmin__table *table)
{
	size_t cursor = 0, listed = 0, wrong = 0;
	struct entry *entry;
	int i;

	for (i = 0; i < ENTRIES; i++)
		entries[i].seen = 0;
	for (; (entry = irmin__table_next(table, &cursor)); listed++) {
		wrong += entry->seen || !entry->in;
		entry->seen = 1;
	}
	is_int(wrong, 0, "what is listed is in, and listed once");
	is_int(listed, table->used, "all is listed");
}

static void test_model(uint64_t seed)
{
	irmin__table table;
	int i, wrong = 0;

	irmin__table_init(&table, key_of, seed);
	memset(entries, 0, sizeof entries);
	make_entries();
	for (i = 0; i < ENTRIES; i++)
		add(&table, &entries[i]);
	is_int(count_wrong(&table), 0, "all that was added is found");
	srand(7);
	for (i = 0; i < 20000; i++) {
		struct entry *entry = &entries[rand() % ENTRIES];

		if (entry->in) {
			wrong += irmin__table_remove(&table, key_of(entry)) !=
			    entry;
			entry->in = 0;
		} else {
			add(&table, entry);
		}
	}
	is_int(wrong, 0, "what is removed is what was asked for");
	is_int(count_wrong(&table), 0, "the table is as the model");
	ok(table.cap <= 8192, "tombstones do not make it grow");
	test_each(&table);
	irmin__table_clear(&table);
}

static void test_seeds(void)
{
	irmin__table a, b;
	size_t at_a = 0, at_b = 0, same = 0, i;
	struct entry *entry;

	irmin__table_init(&a, key_of, 1);
	irmin__table_init(&b, key_of, 2);
	memset(entries, 0, sizeof entries);
	make_entries();
	for (i = 0; i < 100; i++) {
		add(&a, &entries[i]);
		add(&b, &entries[i]);
	}
	while ((entry = irmin__table_next(&a, &at_a)))
		same += entry == irmin__table_next(&b, &at_b);
	ok(same < 50, "another seed gives another order");
	irmin__table_clear(&a);
	irmin__table_clear(&b);
}

static void test_binary_keys(void)
{
	struct entry empty = { "", 0, 0 };
	irmin__table table;
	irmin_error err;

	irmin__table_init(&table, key_of, 5);
	is_rc(irmin__table_add(&table, &empty, &err), IRMIN_OK, "empty key");
	ok(irmin__table_find(&table, irmin_bytes(NULL, 0)) == &empty,
	    "it is found");
	ok(!irmin__table_find(&table, irmin_bytes("\0", 1)),
	    "and is not one NUL");
	irmin__table_clear(&table);
}

static irmin_rc fill(void *arg, irmin_error *err)
{
	irmin__table table;
	irmin_rc rc = IRMIN_OK;
	size_t i;

	(void)arg;
	irmin__table_init(&table, key_of, 3);
	for (i = 0; rc >= 0 && i < 9; i++)
		rc = irmin__table_add(&table, &entries[i], err);
	for (; rc >= 0 && i < 100; i++)
		if (!irmin__table_find(&table, key_of(&entries[i])))
			rc = irmin__table_add(&table, &entries[i], err);
	if (i > 9 && irmin__table_find(&table, key_of(entries)) != entries)
		rc = IRMIN_ECORRUPT; /* a failed growth must lose nothing */
	irmin__table_clear(&table);
	return rc;
}

int main(void)
{
	test_empty();
	test_model(0);
	test_model(0x123456789abcdef);
	test_seeds();
	test_binary_keys();
	alloc_fault_sweep("add", fill, NULL);
	return done_testing();
}
