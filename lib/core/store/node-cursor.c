/* Directories in memory: order and ranks. A cursor knows where its leaf begins,
 * and finds the next one from the root: a leaf has no way up, as many directories
 * share it. */
#include "lib/core/store/node-parts.h"

void irmin__node_copy_bytes(irmin__node *dir, unsigned char *out)
{
	irmin__cursor cursor;

	irmin__cursor_init(&cursor, dir, 0);
	while (!irmin__cursor_is_end(&cursor)) {
		memcpy(out + cursor.offset, cursor.place.leaf->bytes,
		    cursor.place.leaf->len);
		cursor.place.at = cursor.place.leaf->count;
		irmin__cursor_next_leaf(&cursor);
	}
}

void irmin__cursor_init(irmin__cursor *cursor, irmin__node *dir, size_t rank)
{
	const irmin__node_slot *slot;
	irmin__node *piece = dir;

	cursor->dir = dir;
	cursor->begin = cursor->offset = 0;
	while (irmin__node_is_fan(piece)) {
		const irmin__node_slot *last = &piece->slots[piece->count - 1];

		for (slot = piece->slots;
		     slot < last && rank - cursor->begin >= slot->length;
		     slot++) {
			cursor->begin += slot->length;
			cursor->offset += slot->bytes;
		}
		piece = slot->piece;
	}
	cursor->place.leaf = piece;
	cursor->place.at = rank - cursor->begin;
}

irmin__place irmin__node_nth(irmin__node *dir, size_t rank)
{
	irmin__cursor cursor;

	irmin__cursor_init(&cursor, dir, rank);
	return cursor.place;
}

void irmin__cursor_next_leaf(irmin__cursor *cursor)
{
	size_t next = cursor->begin + cursor->place.leaf->count;

	if (next < irmin__node_length(cursor->dir))
		irmin__cursor_init(cursor, cursor->dir, next);
}

/* ---- what two directories share ---- */

/* The largest piece that begins where a cursor is. */
static const irmin__node *piece_at(const irmin__cursor *cursor)
{
	const irmin__node *piece = cursor->dir;
	size_t begin = 0, i;

	while (begin != cursor->begin) {
		for (i = 0; cursor->begin - begin >= piece->slots[i].length;
		     i++)
			begin += piece->slots[i].length;
		piece = piece->slots[i].piece;
	}
	return piece;
}

/* The largest piece that begins where both cursors are, or NULL. */
static const irmin__node *shared_piece(const irmin__cursor *a,
    const irmin__cursor *b)
{
	const irmin__node *of_a = piece_at(a), *of_b = piece_at(b);

	while (of_a != of_b) {
		const irmin__node **higher = of_a->level > of_b->level ? &of_a
								       : &of_b;

		if (!irmin__node_is_fan(*higher))
			return NULL;
		*higher = (*higher)->slots[0].piece;
	}
	return of_a;
}

static int begins_leaf(const irmin__cursor *cursor)
{
	return cursor->place.at == 0 && !irmin__cursor_is_end(cursor);
}

void irmin__cursor_skip_shared(irmin__cursor *a, irmin__cursor *b)
{
	const irmin__node *shared;
	size_t length;

	while (begins_leaf(a) && begins_leaf(b)) {
		shared = shared_piece(a, b);
		if (!shared)
			return;
		length = irmin__node_length(shared);
		irmin__cursor_init(a, a->dir, a->begin + length);
		irmin__cursor_init(b, b->dir, b->begin + length);
	}
}
