/* lib/core/object/tree-codec.h: git trees as bytes. tree-codec.c has the drawing.
 *
 * Decoding accepts what real repositories hold (modes with leading zeros or odd
 * permission bits, entries out of order or twice) and says so in `flags`;
 * encoding writes canonical modes only.
 */
#ifndef IRMIN_OBJECT_TREE_CODEC_H
#define IRMIN_OBJECT_TREE_CODEC_H

#include <irmin/hash.h>
#include <irmin/tree.h>

enum irmin__tree_flag {
	IRMIN__TREE_UNSORTED = 1,  /* an entry is out of git's order */
	IRMIN__TREE_DUPLICATE = 2, /* two entries of one name, also a file and a
	                            * directory with others between them */
	IRMIN__TREE_ODD_MODE = 4   /* a mode that git would write otherwise */
};

/* One entry; `name` and `id` point into the tree's bytes. */
typedef struct irmin__tree_entry {
	irmin_slice name;
	irmin_mode mode;         /* canonical */
	uint32_t raw_mode;       /* as it stands there */
	const unsigned char *id; /* as many bytes as the reader's hash has */
} irmin__tree_entry;

/* Up to this length the reader knows which prefixes of a name it has met. */
#define IRMIN__TREE_PREFIX_BYTES 1024

typedef struct irmin__tree_reader {
	irmin_slice bytes;
	irmin_hash_algo algo;
	size_t id_bytes;
	size_t offset;
	uint32_t flags; /* of the entries read so far */
	irmin_slice last; /* the last name, */
	int was_tree;     /* and whether it was a directory's */
	/* Bit n: the first n bytes of the last name were an entry's name. */
	uint64_t met[IRMIN__TREE_PREFIX_BYTES / 64];
	size_t met_bytes; /* no bit from here on is set */
} irmin__tree_reader;

void irmin__tree_reader_init(irmin__tree_reader *reader,
    irmin_hash_algo algo, irmin_slice bytes);

/* The next entry. Answers: OK; END. Fails: ECORRUPT with the offset. */
irmin_rc irmin__tree_reader_next(irmin__tree_reader *reader,
    irmin__tree_entry *entry, irmin_error *err);

/* The number of bytes an entry takes. */
size_t irmin__tree_entry_bytes(irmin_slice name, irmin_mode mode,
    irmin_hash_algo algo);

/* Writes an entry at `out`, which has room, and returns its length. */
size_t irmin__tree_entry_encode(irmin_slice name, irmin_mode mode,
    const irmin_oid *id, unsigned char *out);

/* Git's order of entries: by bytes, a directory as if its name ended in '/'. */
int irmin__tree_entry_compare(irmin_slice a, int a_is_tree, irmin_slice b,
    int b_is_tree);

/* The canonical mode for one found in a tree; NONE if git has no such mode. */
irmin_mode irmin__mode_canonical(uint32_t raw);

#endif
