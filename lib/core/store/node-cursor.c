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

/* A piece, and where in which fan it is; the root is in none. */
struct spot {
	const irmin__node *piece, *fan;
	size_t at;
};

static void go_down(struct spot *spot, size_t at)
{
	spot->fan = spot->piece;
	spot->at = at;
	spot->piece = spot->fan->slots[at].piece;
}

/* The largest piece that begins where a cursor is. */
static struct spot spot_of(const irmin__cursor *cursor)
{
	struct spot spot = { cursor->dir, NULL, 0 };
	size_t begin = 0, i;

	while (begin != cursor->begin) {
		const irmin__node_slot *slots = spot.piece->slots;

		for (i = 0; cursor->begin - begin >= slots[i].length; i++)
			begin += slots[i].length;
		go_down(&spot, i);
	}
	return spot;
}

/* The number of entries, from where both cursors are on, that they have in common
 * by the largest shared piece there and those behind it in its fan; 0 if there is
 * none. */
static size_t shared_length(const irmin__cursor *a, const irmin__cursor *b)
{
	struct spot of_a = spot_of(a), of_b = spot_of(b);
	size_t length, i, j;

	while (of_a.piece != of_b.piece) {
		struct spot *higher = of_a.piece->level > of_b.piece->level
		    ? &of_a
		    : &of_b;

		if (!irmin__node_is_fan(higher->piece))
			return 0;
		go_down(higher, 0);
	}
	length = irmin__node_length(of_a.piece);
	if (!of_a.fan || !of_b.fan)
		return length;
	for (i = of_a.at + 1, j = of_b.at + 1;
	     i < of_a.fan->count && j < of_b.fan->count &&
	     of_a.fan->slots[i].piece == of_b.fan->slots[j].piece;
	     i++, j++)
		length += of_a.fan->slots[i].length;
	return length;
}

static int begins_leaf(const irmin__cursor *cursor)
{
	return cursor->place.at == 0 && !irmin__cursor_is_end(cursor);
}

void irmin__cursor_skip_shared(irmin__cursor *a, irmin__cursor *b)
{
	size_t length;

	while (begins_leaf(a) && begins_leaf(b)) {
		length = shared_length(a, b);
		if (!length)
			return;
		irmin__cursor_init(a, a->dir, a->begin + length);
		irmin__cursor_init(b, b->dir, b->begin + length);
	}
}
