/* Reads of a store.
 *
 * A store is live: each read asks where its branch is. Most find it where it
 * was, and the tree loaded. Then two threads must not write the same memory, or
 * each would wait for the other's processor: so a thread takes the reader out of
 * the slot of its stripe, which is a handle of its own on the tree of the head,
 * reads through it, and puts it back. Who finds the slot empty (it is the first,
 * or another thread of the stripe is reading) makes a reader; who puts one where
 * there is one frees that.
 *
 * A reader is good as long as its stamp is right: the id that the ref had, or the
 * number of moves of the repository's refs; and as long as the store has not
 * counted up its generation. The count goes up first, then the slots are emptied;
 * who puts a reader back looks at the count afterwards: so none is left behind.
 */
#include "lib/core/store/store.h"

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"
#include "lib/core/store/graph.h"
#include "lib/core/store/ledger.h"
#include "lib/core/store/tree-walk.h"
#include <irmin/alloc.h>

/* What tells whether the head is still the same one; all zero: it is detached. */
struct stamp {
	irmin_oid head; /* of a branch: its id; no id: none */
	uint64_t
	    moves; /* or, where the heads are in memory: irmin__graph_moves */
};

struct irmin__reader {
	irmin_tree *tree;
	int shared; /* the handle is the commit's, its root not loaded */
	struct stamp stamp;
	uint64_t generation; /* of the store */
};

/* ---- the life of a reader ---- */

static void free_reader(irmin__reader *reader)
{
	if (!reader)
		return;
	irmin_tree_unref(reader->tree);
	irmin_free(reader);
}

static void empty_slot(irmin__reader_slot *slot)
{
	free_reader(atomic_exchange(&slot->reader, NULL));
}

void irmin__store_drop_readers(irmin_store *store)
{
	unsigned filled;
	size_t i;

	atomic_fetch_add(&store->generation, 1);
	filled = atomic_load(&store->filled);
	if (filled)
		filled = atomic_exchange(&store->filled, 0);
	for (i = 0; filled; i++, filled >>= 1)
		if (filled & 1)
			empty_slot(&store->slots[i]);
}

static void put_back(irmin_store *store, irmin__reader *reader)
{
	size_t stripe = irmin__thread_stripe();
	uint64_t generation = reader->generation;
	unsigned bit = 1u << stripe;

	if (reader->shared) {
		free_reader(reader);
		return;
	}
	free_reader(atomic_exchange(&store->slots[stripe].reader, reader));
	if (!(atomic_load(&store->filled) & bit))
		atomic_fetch_or(&store->filled, bit);
	if (atomic_load(&store->generation) != generation)
		empty_slot(&store->slots[stripe]);
}

/* ---- finding one ---- */

/* Answers: OK; ABSENT. */
static irmin_rc find_stamp(irmin_store *store, struct stamp *stamp,
    irmin_error *err)
{
	irmin_context context;

	memset(stamp, 0, sizeof *stamp);
	if (!store->ref)
		return irmin__store_check_open(store, err);
	if (store->repo->graph) {
		stamp->moves = irmin__graph_moves(store->repo->graph);
		return irmin__store_check_open(store, err);
	}
	context = irmin__store_context(store);
	return irmin__repo_ref_resolve(store->repo, &context, store->ref, NULL,
	    &stamp->head, err);
}

/* The reader of this thread's stripe, if it is good. */
static irmin__reader *take(irmin_store *store, const struct stamp *stamp)
{
	irmin__reader_slot *slot = &store->slots[irmin__thread_stripe()];
	irmin__reader *reader = atomic_exchange(&slot->reader, NULL);

	if (!reader ||
	    (reader->generation == atomic_load(&store->generation) &&
		reader->stamp.moves == stamp->moves &&
		irmin_oid_compare(&reader->stamp.head, &stamp->head) == 0))
		return reader;
	free_reader(reader);
	return NULL;
}

/* Gives a reader a handle that no other thread counts, if the root is loaded. */
static irmin_rc own_handle(irmin__reader *reader, irmin_error *err)
{
	irmin_tree *shared = reader->tree;
	irmin__node *root = irmin__tree_loaded_root(shared);
	irmin_rc rc;

	if (!root)
		return IRMIN_OK;
	rc = irmin__tree_of_node(shared->repo, root, &reader->tree, err);
	if (rc < 0) {
		reader->tree = shared;
		return rc;
	}
	irmin__node_ref(root);
	irmin_tree_unref(shared);
	reader->shared = 0;
	return IRMIN_OK;
}

static irmin_rc make_reader(irmin_store *store, irmin__reader **reader,
    irmin_error *err)
{
	irmin__reader *made = irmin_calloc(1, sizeof *made);
	irmin_commit *head = NULL;
	const irmin_oid *id;
	irmin_rc rc;

	if (!made)
		return irmin__enomem(err);
	made->shared = 1;
	if (store->ref && store->repo->graph) /* before the head is looked at */
		made->stamp.moves = irmin__graph_moves(store->repo->graph);
	made->generation = atomic_load(&store->generation);
	rc = irmin_store_head(store, &head, err);
	if (rc >= 0)
		rc = irmin__store_tree_of(store, head, &made->tree, err);
	if (rc >= 0 && head)
		rc = own_handle(made, err);
	id = head && store->ref && !store->repo->graph
	    ? irmin__commit_known_id(head)
	    : NULL;
	if (id)
		made->stamp.head = *id;
	irmin_commit_unref(head);
	if (rc < 0)
		free_reader(made);
	else
		*reader = made;
	return rc;
}

void irmin__store_renew_if_due(irmin_store *store)
{
	irmin__ledger *ledger = store->repo->ledger;
	uint64_t now = ledger ? irmin__ledger_renewals(ledger) : 0;
	uint64_t seen = atomic_load_explicit(&store->renewals,
	    memory_order_relaxed);

	if (seen != now &&
	    atomic_compare_exchange_strong(&store->renewals, &seen, now))
		irmin__store_renew(store);
}

/* Begins a read; the reader is this thread's until put_back. */
static irmin_rc begin(irmin_store *store, irmin__reader **reader,
    irmin_error *err)
{
	struct stamp stamp;
	irmin_rc rc;

	irmin_error_clear(err);
	*reader = NULL;
	irmin__store_renew_if_due(store);
	rc = find_stamp(store, &stamp, err);
	if (rc < 0)
		return rc;
	if (rc == IRMIN_OK)
		*reader = take(store, &stamp);
	return *reader ? IRMIN_OK : make_reader(store, reader, err);
}

/* ---- reads ---- */

irmin_rc irmin__store_tree_of(irmin_store *store, irmin_commit *head,
    irmin_tree **tree, irmin_error *err)
{
	return head ? irmin_commit_tree(head, tree, err)
		    : irmin_tree_empty(store->repo, tree, err);
}

irmin_rc irmin_store_tree(irmin_store *store, irmin_tree **tree,
    irmin_error *err)
{
	irmin__reader *reader;
	irmin_rc rc = begin(store, &reader, err);

	*tree = NULL;
	if (rc < 0)
		return rc;
	*tree = irmin_tree_ref(reader->tree);
	put_back(store, reader);
	return IRMIN_OK;
}

irmin_rc irmin_store_find(irmin_store *store, const char *path,
    irmin_buf *value, irmin_error *err)
{
	irmin_pin pin = IRMIN_PIN_INIT;
	irmin__reader *reader;
	irmin_rc rc = begin(store, &reader, err);

	irmin__buf_empty(value);
	if (rc < 0)
		return rc;
	rc = irmin_tree_find(reader->tree, path, &pin, err);
	put_back(store, reader);
	if (rc == IRMIN_OK)
		rc = irmin_buf_set(value, irmin_bytes(pin.data, pin.len), err);
	irmin_pin_release(&pin);
	return rc;
}

irmin_rc irmin_store_find_mode(irmin_store *store, const char *path,
    irmin_mode *mode, irmin_error *err)
{
	irmin__reader *reader;
	irmin_rc rc = begin(store, &reader, err);

	*mode = IRMIN_MODE_NONE;
	if (rc < 0)
		return rc;
	rc = irmin_tree_find_mode(reader->tree, path, mode, NULL, err);
	put_back(store, reader);
	return rc;
}

irmin_rc irmin_store_list(irmin_store *store, const char *path, size_t offset,
    size_t limit, irmin_list **list, irmin_error *err)
{
	irmin__reader *reader;
	irmin_rc rc = begin(store, &reader, err);

	*list = NULL;
	if (rc < 0)
		return rc;
	rc = irmin_tree_list(reader->tree, path, offset, limit, list, err);
	put_back(store, reader);
	return rc;
}
