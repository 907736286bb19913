/*
 * txn-kit.h - a store in memory for tests of transactions, which others write to
 *
 * What fails here ends the program, but for the reads.
 */
#ifndef IRMIN_TESTS_TXN_KIT_H
#define IRMIN_TESTS_TXN_KIT_H

#include <irmin/irmin.h>

irmin_store *kit_open(void);

/* d/a=1 d/b=2 d/sub/x=3 f=4 */
void kit_set_up(irmin_store *store);

/* Commits a value; NULL removes. */
void kit_set(irmin_store *store, const char *path, const char *value);

/* All that is in a store, as room_text has it. */
const char *kit_all(irmin_store *store);

/* A serializable transaction, or one of another isolation with flags. */
irmin_txn *kit_begin(irmin_store *store);
irmin_txn *kit_begin_as(irmin_store *store, unsigned isolation);

void kit_write(irmin_txn *txn, const char *path, const char *value);

/* Reads, of which only that they were made is of interest. */
irmin_rc kit_find(irmin_txn *txn, const char *path, irmin_error *err);
irmin_rc kit_has(irmin_txn *txn, const char *path, irmin_error *err);
irmin_rc kit_tree(irmin_txn *txn, const char *path, irmin_error *err);
irmin_rc kit_length(irmin_txn *txn, const char *path, irmin_error *err);

#endif
