/* What is durable. A change stands in a list until a sync moves it to the
 * durable side; a restart that loses things throws the lists away, after it has
 * moved a random part of them. */
#include "lib/core/base/os-sim-fs.h"

#include <errno.h>

#include "lib/core/base/error.h"

/* What a disk writes in one piece, more or less. */
#define PAGE_BYTES 4096

/* ---- changes of names ---- */

static char *copy_name(const char *name)
{
	size_t bytes = strlen(name) + 1;
	char *copy = irmin_malloc(bytes);

	if (copy)
		memcpy(copy, name, bytes);
	return copy;
}

static void change_clear(irmin__sim_change *change)
{
	irmin_free(change->effects[0].name);
	irmin_free(change->effects[1].name);
}

void irmin__sim_changes_clear(irmin__sim *sim)
{
	size_t i;

	for (i = 0; i < sim->changes.len; i++)
		change_clear(&sim->changes.items[i]);
	IRMIN__VEC_CLEAR(&sim->changes);
}

/* Takes copies of the name, one for the list and one for the entry, and makes
 * room for the entry. */
static int prepare(const irmin__sim_effect *effect, irmin__sim_effect *listed,
    char **name)
{
	if (!effect)
		return 0;
	*listed = *effect;
	listed->name = copy_name(effect->name);
	*name = copy_name(effect->name);
	if (!listed->name || !*name ||
	    IRMIN__VEC_RESERVE(&effect->dir->entries, 1, NULL) < 0)
		return ENOMEM;
	return 0;
}

static void apply_now(irmin__sim *sim, const irmin__sim_effect *effect,
    char *name)
{
	if (!effect->dir)
		return;
	irmin__sim_entry_put(&effect->dir->entries, name, effect->node);
	effect->dir->modified_us = irmin__sim_now_us(sim);
	if (!effect->node)
		irmin_free(name);
	else if (effect->node->kind == IRMIN__OS_DIRECTORY)
		effect->node->parent = effect->dir;
}

int irmin__sim_change_names(irmin__sim *sim, const irmin__sim_effect *first,
    const irmin__sim_effect *second)
{
	irmin__sim_change change = { 0 };
	char *names[2] = { NULL, NULL };

	if (prepare(first, &change.effects[0], &names[0]) ||
	    prepare(second, &change.effects[1], &names[1]) ||
	    IRMIN__VEC_RESERVE(&sim->changes, 1, NULL) < 0) {
		change_clear(&change);
		irmin_free(names[0]);
		irmin_free(names[1]);
		return ENOMEM;
	}
	apply_now(sim, &change.effects[0], names[0]);
	apply_now(sim, &change.effects[1], names[1]);
	IRMIN__VEC_PUSH(&sim->changes, change);
	return 0;
}

static void apply_durably(irmin__sim_effect *effect)
{
	if (!effect->dir)
		return;
	irmin__sim_entry_put(&effect->dir->durable_entries, effect->name,
	    effect->node);
	if (effect->node)
		effect->name = NULL; /* the entry's now */
}

static int make_durable(irmin__sim_change *change)
{
	int i;

	for (i = 0; i < 2; i++)
		if (change->effects[i].dir &&
		    IRMIN__VEC_RESERVE(&change->effects[i].dir->durable_entries,
			2, NULL) < 0)
			return ENOMEM;
	apply_durably(&change->effects[0]);
	apply_durably(&change->effects[1]);
	change_clear(change);
	return 0;
}

/* Makes the marked changes durable, in their order, and takes them out. */
static int sync_marked(irmin__sim *sim)
{
	size_t i, kept = 0;
	int os_errno = 0;

	for (i = 0; i < sim->changes.len; i++) {
		irmin__sim_change *change = &sim->changes.items[i];

		if (change->marked && !os_errno) {
			os_errno = make_durable(change);
			if (!os_errno)
				continue;
		}
		change->marked = 0;
		sim->changes.items[kept++] = *change;
	}
	sim->changes.len = kept;
	return os_errno;
}

static void unmark_nodes(irmin__sim *sim)
{
	irmin__sim_node *node;

	for (node = sim->nodes; node; node = node->next)
		node->marked = 0;
}

/* A change that also touches another directory takes along what happened there
 * before it: no journal writes the later of two changes of a name first. */
int irmin__sim_sync_directory(irmin__sim *sim, irmin__sim_node *dir)
{
	size_t i;

	unmark_nodes(sim);
	dir->marked = 1;
	for (i = sim->changes.len; i-- > 0;) {
		irmin__sim_change *change = &sim->changes.items[i];
		irmin__sim_node *first = change->effects[0].dir;
		irmin__sim_node *second = change->effects[1].dir;

		if (!first->marked && !(second && second->marked))
			continue;
		change->marked = first->marked = 1;
		if (second)
			second->marked = 1;
	}
	return sync_marked(sim);
}

/* ---- changes of bytes ---- */

int irmin__sim_change_bytes(irmin__sim_node *node, uint64_t offset,
    irmin_slice bytes)
{
	irmin__sim_write write = { 0, offset, node->unsynced.len, bytes.len };
	int os_errno;

	if (IRMIN__VEC_RESERVE(&node->writes, 1, NULL) < 0 ||
	    irmin_buf_reserve(&node->unsynced, bytes.len, NULL) < 0)
		return ENOMEM;
	os_errno = irmin__sim_bytes_put(&node->bytes, offset, bytes);
	if (os_errno)
		return os_errno;
	IRMIN__VEC_PUSH(&node->writes, write);
	/* There is room. */
	return irmin_buf_append(&node->unsynced, bytes, NULL) < 0 ? ENOMEM : 0;
}

int irmin__sim_cut(irmin__sim_node *node)
{
	irmin__sim_write cut = { 1, 0, 0, 0 };

	if (IRMIN__VEC_RESERVE(&node->writes, 1, NULL) < 0)
		return ENOMEM;
	IRMIN__VEC_PUSH(&node->writes, cut);
	node->bytes.len = 0;
	return 0;
}

void irmin__sim_forget_writes(irmin__sim_node *node)
{
	node->writes.len = 0;
	node->unsynced.len = 0;
}

/* On ENOMEM all of it is still in the list, and can be done again. */
int irmin__sim_sync_file(irmin__sim_node *node)
{
	size_t i;
	int os_errno;

	for (i = 0; i < node->writes.len; i++) {
		irmin__sim_write *write = &node->writes.items[i];

		if (write->cuts) {
			node->durable_bytes.len = 0;
			continue;
		}
		os_errno = irmin__sim_bytes_put(&node->durable_bytes,
		    write->offset,
		    irmin_bytes(node->unsynced.data + write->start,
			write->len));
		if (os_errno)
			return os_errno;
	}
	irmin__sim_forget_writes(node);
	return 0;
}

int irmin__sim_sync_all(irmin__sim *sim)
{
	irmin__sim_node *node;
	size_t i;
	int os_errno = 0;

	for (node = sim->nodes; node && !os_errno; node = node->next)
		os_errno = irmin__sim_sync_file(node);
	for (i = 0; i < sim->changes.len; i++)
		sim->changes.items[i].marked = 1;
	return os_errno ? os_errno : sync_marked(sim);
}

/* ---- what a crash leaves ---- */

/* Non-zero `chance` times in eight. */
static int survives(irmin__sim *sim, unsigned chance)
{
	return irmin__sim_random(&sim->crash_state) % 8 < chance;
}

/* One piece of a write comes through whole, torn, as length without bytes, or
 * not at all. */
static int keep_piece(irmin__sim *sim, irmin__sim_node *node, uint64_t offset,
    irmin_slice piece, unsigned chance)
{
	uint64_t fate = irmin__sim_random(&sim->crash_state) % 3;

	if (!survives(sim, chance)) {
		if (fate == 0)
			return 0;
		if (fate == 1) {
			offset += piece.len;
			piece.len = 0;
		} else {
			piece.len = irmin__sim_random(&sim->crash_state) %
			    piece.len;
		}
	}
	return irmin__sim_bytes_put(&node->durable_bytes, offset, piece);
}

static int keep_some_of_write(irmin__sim *sim, irmin__sim_node *node,
    const irmin__sim_write *write, unsigned chance)
{
	const unsigned char *bytes = node->unsynced.data + write->start;
	size_t done = 0, length;
	int os_errno = 0;

	while (done < write->len && !os_errno) {
		uint64_t offset = write->offset + done;

		length = PAGE_BYTES - (size_t)(offset % PAGE_BYTES);
		if (length > write->len - done)
			length = write->len - done;
		os_errno = keep_piece(sim, node, offset,
		    irmin_bytes(bytes + done, length), chance);
		done += length;
	}
	return os_errno;
}

static int keep_some_bytes(irmin__sim *sim, irmin__sim_node *node,
    unsigned chance)
{
	size_t i;
	int os_errno = 0;

	for (i = 0; i < node->writes.len && !os_errno; i++) {
		irmin__sim_write *write = &node->writes.items[i];

		if (!write->cuts)
			os_errno = keep_some_of_write(sim, node, write, chance);
		else if (survives(sim, chance))
			node->durable_bytes.len = 0;
	}
	return os_errno;
}

/* How much survives is drawn for each crash, so that nearly all and nearly
 * nothing come up too. */
static int keep_some(irmin__sim *sim)
{
	unsigned chance = irmin__sim_random(&sim->crash_state) % 8;
	irmin__sim_node *node;
	size_t i;
	int os_errno = 0;

	for (node = sim->nodes; node && !os_errno; node = node->next)
		os_errno = keep_some_bytes(sim, node, chance);
	for (i = 0; i < sim->changes.len; i++)
		sim->changes.items[i].marked = survives(sim, chance);
	return os_errno ? os_errno : sync_marked(sim);
}

/* Marks what names lead to. Of two names of one directory, which is what is
 * left of two moves when only one survived, the second is dropped. */
static void reach(irmin__sim_node *dir, irmin__sim_node *parent)
{
	irmin__sim_entries *entries = &dir->durable_entries;
	size_t i = 0;

	dir->marked = 1;
	dir->parent = parent;
	while (i < entries->len) {
		irmin__sim_node *node = entries->items[i].node;

		if (node->kind == IRMIN__OS_DIRECTORY && node->marked) {
			irmin__sim_entry_put(entries, entries->items[i].name,
			    NULL);
			continue;
		}
		if (node->kind == IRMIN__OS_DIRECTORY)
			reach(node, dir);
		node->marked = 1;
		i++;
	}
}

/* What is on the disk is what processes see again. */
static int show_durable(irmin__sim_node *node)
{
	irmin__sim_entries *from = &node->durable_entries;
	size_t i;

	irmin__sim_forget_writes(node);
	if (irmin_buf_set(&node->bytes, irmin_buf_slice(&node->durable_bytes),
		NULL) < 0)
		return ENOMEM;
	irmin__sim_entries_clear(&node->entries);
	if (IRMIN__VEC_RESERVE(&node->entries, from->len, NULL) < 0)
		return ENOMEM;
	for (i = 0; i < from->len; i++) {
		irmin__sim_entry entry = from->items[i];

		entry.name = copy_name(entry.name);
		if (!entry.name)
			return ENOMEM;
		IRMIN__VEC_PUSH(&node->entries, entry);
	}
	return 0;
}

static int fall_back(irmin__sim *sim)
{
	irmin__sim_node **at = &sim->nodes, *node;
	int os_errno = 0;

	irmin__sim_changes_clear(sim);
	unmark_nodes(sim);
	reach(sim->root, sim->root);
	while ((node = *at) && !os_errno) {
		if (node->marked) {
			os_errno = show_durable(node);
			at = &node->next;
		} else {
			*at = node->next;
			irmin__sim_node_free(node);
		}
	}
	return os_errno;
}

irmin_rc irmin__os_sim_restart(irmin__os *os, irmin__os_loss loss,
    irmin_error *err)
{
	irmin__sim *sim = irmin__sim_lock(os);
	irmin__sim_node *node;
	int os_errno = 0;

	irmin_error_clear(err);
	sim->crashed = 0;
	sim->crash_at = 0;
	sim->boots++;
	if (loss == IRMIN__OS_LOSE_SOME)
		os_errno = keep_some(sim);
	if (!os_errno && loss != IRMIN__OS_LOSE_NOTHING)
		os_errno = fall_back(sim);
	for (node = sim->nodes; node; node = node->next) {
		node->opens = 0;
		node->locker = NULL;
	}
	irmin__sim_unlock(sim);
	return irmin__sim_answer(err, os_errno, "cannot restart", NULL);
}
