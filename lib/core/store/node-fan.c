/* Directories in memory: changed fans. */
#include "lib/core/base/error.h"
#include "lib/core/store/node-parts.h"
#include <irmin/alloc.h>

irmin_rc irmin__fan_new(irmin_hash_algo algo, uint64_t owner, uint8_t level,
    size_t cap, irmin__node **fan, irmin_error *err)
{
	irmin__node *made;
	irmin_rc rc;

	*fan = NULL;
	rc = irmin__node_new(algo, owner, 0, cap * sizeof *made->slots, &made,
	    err);
	if (rc < 0)
		return rc;
	made->level = level;
	made->slots = (irmin__node_slot *)(void *)(made + 1);
	made->cap = (uint32_t)cap;
	made->entries = NULL;
	made->bytes = NULL;
	made->bytes_cap = 0;
	*fan = made;
	return IRMIN_OK;
}

/* ---- sums ---- */

/* What does not have to be looked at again is not counted: a piece of which the
 * backend has everything has nothing fresh, and one that is known has all ids. */
static void fill_slot(irmin__node_slot *slot, irmin__node *piece)
{
	slot->piece = piece;
	slot->length = (uint32_t)irmin__node_length(piece);
	slot->bytes = (uint32_t)piece->len;
	slot->fresh = piece->fresh;
	slot->no_id = piece->no_id;
	if (slot->fresh &&
	    atomic_load_explicit(&piece->stored, memory_order_acquire))
		slot->fresh = 0;
	if (slot->no_id && irmin__late_is_known(&piece->late))
		slot->no_id = 0;
}

static void count_in(irmin__node *fan, const irmin__node_slot *slot)
{
	fan->length += slot->length;
	fan->len += slot->bytes;
	fan->fresh += slot->fresh;
	fan->no_id += slot->no_id;
}

static void count_out(irmin__node *fan, const irmin__node_slot *slot)
{
	fan->length -= slot->length;
	fan->len -= slot->bytes;
	fan->fresh -= slot->fresh;
	fan->no_id -= slot->no_id;
}

void irmin__fan_recount(irmin__node *fan, size_t at)
{
	irmin__node_slot *slot = &fan->slots[at];

	count_out(fan, slot);
	fill_slot(slot, slot->piece);
	count_in(fan, slot);
}

/* ---- slots ---- */

void irmin__fan_append(irmin__node *fan, irmin__node *piece, uint64_t key)
{
	irmin__node_slot *slot = &fan->slots[fan->count++];

	slot->key = key;
	fill_slot(slot, piece);
	count_in(fan, slot);
}

void irmin__fan_insert(irmin__node *fan, size_t at, irmin__node *piece)
{
	irmin__node_slot *slot = &fan->slots[at];

	memmove(slot + 1, slot, (fan->count - at) * sizeof *slot);
	fan->count++;
	slot->key = irmin__piece_key(piece);
	fill_slot(slot, piece);
	count_in(fan, slot);
}

void irmin__fan_set(irmin__node *fan, size_t at, irmin__node *piece)
{
	irmin__node_slot *slot = &fan->slots[at];
	irmin__node *old = slot->piece;

	slot->piece = piece;
	irmin__fan_recount(fan, at);
	irmin__node_unref(old);
}

void irmin__fan_remove(irmin__node *fan, size_t at)
{
	irmin__node_slot *slot = &fan->slots[at];
	irmin__node *old = slot->piece;

	count_out(fan, slot);
	fan->count--;
	memmove(slot, slot + 1, (fan->count - at) * sizeof *slot);
	irmin__node_unref(old);
}

irmin_rc irmin__fan_reserve(irmin__node *fan, irmin_error *err)
{
	size_t cap = (size_t)fan->cap * 2 + 4;
	irmin__node_slot *slots;

	if (fan->count < fan->cap)
		return IRMIN_OK;
	slots = irmin_calloc(cap, sizeof *slots);
	if (!slots)
		return irmin__enomem(err);
	memcpy(slots, fan->slots, fan->count * sizeof *slots);
	irmin_free(fan->room);
	fan->room = fan->slots = slots;
	fan->cap = (uint32_t)cap;
	return IRMIN_OK;
}

/* ---- copies ---- */

static void append_range(irmin__node *copy, irmin__node *fan, size_t from,
    size_t to)
{
	size_t i;

	for (i = from; i < to; i++)
		irmin__fan_append(copy, irmin__node_ref(fan->slots[i].piece),
		    fan->slots[i].key);
}

irmin_rc irmin__fan_copy(irmin__node *fan, uint64_t owner, irmin__node **copy,
    irmin_error *err)
{
	irmin_rc rc = irmin__fan_new((irmin_hash_algo)fan->algo, owner,
	    fan->level, fan->count, copy, err);

	if (rc >= 0)
		append_range(*copy, fan, 0, fan->count);
	return rc;
}

/* The first key of a fan was not looked at, and may be too high; the first of
 * the second fan may come behind others now. */
irmin_rc irmin__fan_gather(irmin__node *const fans[2], uint64_t owner,
    size_t from, size_t to, irmin__node **made, irmin_error *err)
{
	size_t left = fans[0]->count;
	irmin__node *first = fans[1]->slots[0].piece;
	irmin_rc rc;

	rc = irmin__fan_new((irmin_hash_algo)fans[0]->algo, owner,
	    fans[0]->level, to - from, made, err);
	if (rc < 0)
		return rc;
	if (from < left)
		append_range(*made, fans[0], from, left < to ? left : to);
	if (from <= left && to > left)
		irmin__fan_append(*made, irmin__node_ref(first),
		    irmin__piece_key(first));
	if (to > left + 1)
		append_range(*made, fans[1], from > left + 1 ? from - left : 1,
		    to - left);
	return IRMIN_OK;
}

irmin_rc irmin__fan_split(irmin__node *fan, size_t at, irmin__node **right,
    irmin_error *err)
{
	size_t i;
	irmin_rc rc;

	rc = irmin__fan_new((irmin_hash_algo)fan->algo, fan->owner, fan->level,
	    (fan->count - at) * 2, right, err);
	if (rc < 0)
		return rc;
	for (i = at; i < fan->count; i++) {
		count_out(fan, &fan->slots[i]);
		irmin__fan_append(*right, fan->slots[i].piece,
		    fan->slots[i].key);
	}
	fan->count = (uint32_t)at;
	return IRMIN_OK;
}
