/* A tree is its entries, one behind the other, with nothing between them:
 *
 *   | mode in octal | SP | name | NUL | id: 20 or 32 raw bytes |
 *
 * sorted by name, where a directory's name counts as if it ended in '/'.
 */
#include "lib/core/object/tree-codec.h"

#include <string.h>

#include "lib/core/base/error.h"
#include "lib/core/object/hash.h"

#define KIND_BITS 0170000
#define MODE_MAX  0177777

irmin_mode irmin__mode_canonical(uint32_t raw)
{
	switch (raw & KIND_BITS) {
	case 0100000:
		return raw & 0100 ? IRMIN_MODE_EXECUTABLE : IRMIN_MODE_FILE;
	case IRMIN_MODE_TREE:
	case IRMIN_MODE_SYMLINK:
	case IRMIN_MODE_GITLINK:
		return (irmin_mode)(raw & KIND_BITS);
	default:
		return IRMIN_MODE_NONE;
	}
}

/* ---- order ---- */

static size_t common_prefix(irmin_slice a, irmin_slice b)
{
	const unsigned char *x = a.data, *y = b.data;
	size_t shorter = a.len < b.len ? a.len : b.len, i;

	for (i = 0; i < shorter && x[i] == y[i]; i++)
		;
	return i;
}

/* The byte of a name that decides the order; what ends it, behind its end. */
static int deciding_byte(irmin_slice name, int is_tree, size_t at)
{
	if (at < name.len)
		return ((const unsigned char *)name.data)[at];
	return is_tree ? '/' : 0;
}

int irmin__tree_entry_compare(irmin_slice a, int a_is_tree, irmin_slice b,
    int b_is_tree)
{
	size_t shorter = a.len < b.len ? a.len : b.len;
	int order = shorter ? memcmp(a.data, b.data, shorter) : 0;

	if (order)
		return order;
	return deciding_byte(a, a_is_tree, shorter) -
	    deciding_byte(b, b_is_tree, shorter);
}

/* A file and a directory of one name need not stand side by side:
 *
 *   foo  foo.bar  foo.bar.baz  foo.bar/  foo/
 *
 * But in a sorted tree all that stands between them begins with their name. So
 * it is enough to know which prefixes of the last name were names of files. */

static int is_met(const irmin__tree_reader *reader, size_t length)
{
	return length < reader->met_bytes &&
	    (reader->met[length / 64] >> length % 64 & 1);
}

static void forget_from(irmin__tree_reader *reader, size_t length)
{
	size_t word = length / 64;

	if (length >= reader->met_bytes)
		return;
	reader->met[word] &= (UINT64_C(1) << length % 64) - 1;
	while (++word * 64 < reader->met_bytes)
		reader->met[word] = 0;
	reader->met_bytes = length;
}

static void meet(irmin__tree_reader *reader, size_t length)
{
	if (length >= IRMIN__TREE_PREFIX_BYTES)
		return;
	reader->met[length / 64] |= UINT64_C(1) << length % 64;
	reader->met_bytes = length + 1;
}

static void note_order(irmin__tree_reader *reader,
    const irmin__tree_entry *entry)
{
	irmin_slice last = reader->last, name = entry->name;
	int is_tree = entry->mode == IRMIN_MODE_TREE;
	size_t common = common_prefix(last, name);

	forget_from(reader, common + 1);
	if (common == name.len && common == last.len)
		reader->flags |= IRMIN__TREE_DUPLICATE;
	else if (deciding_byte(last, reader->was_tree, common) >
	    deciding_byte(name, is_tree, common))
		reader->flags |= IRMIN__TREE_UNSORTED;
	/* Beyond what is kept, a name that could have been met counts as met:
	 * no file system has names of that length. */
	if (is_tree &&
	    (is_met(reader, name.len) ||
		(common == name.len && common >= IRMIN__TREE_PREFIX_BYTES)))
		reader->flags |= IRMIN__TREE_DUPLICATE;
	if (!is_tree)
		meet(reader, name.len);
	reader->last = name;
	reader->was_tree = is_tree;
}

/* ---- reading ---- */

static irmin_rc corrupt(irmin_error *err, size_t offset, const char *why)
{
	return irmin__error_at(err, IRMIN_ECORRUPT, NULL, offset,
	    "bad tree: %s", why);
}

/* Files and directories, as git writes them, are known at one look. Answers the
 * length of the mode with its blank, or 0. */
static size_t read_usual_mode(const irmin__tree_reader *reader, size_t at,
    irmin__tree_entry *entry)
{
	static const char file[] = "100644 ", tree[] = "40000 ";
	const char *bytes = (const char *)reader->bytes.data + at;
	size_t left = reader->bytes.len - at, length = 0;

	if (left >= sizeof file && memcmp(bytes, file, sizeof file - 1) == 0) {
		entry->mode = IRMIN_MODE_FILE;
		length = sizeof file - 1;
	} else if (left >= sizeof tree &&
	    memcmp(bytes, tree, sizeof tree - 1) == 0) {
		entry->mode = IRMIN_MODE_TREE;
		length = sizeof tree - 1;
	}
	entry->raw_mode = entry->mode;
	return length;
}

/* Reads any mode at *at, and moves *at behind the blank that ends it. */
static irmin_rc read_mode(const irmin__tree_reader *reader, size_t *at,
    irmin__tree_entry *entry, irmin_error *err)
{
	const unsigned char *bytes = reader->bytes.data;
	size_t begin = *at;
	uint32_t mode = 0;

	for (; *at < reader->bytes.len && bytes[*at] != ' '; (*at)++) {
		if (bytes[*at] < '0' || bytes[*at] > '7')
			return corrupt(err, *at, "a mode is no octal number");
		mode = mode << 3 | (uint32_t)(bytes[*at] - '0');
		if (mode > MODE_MAX)
			return corrupt(err, begin, "a mode is too large");
	}
	if (*at == reader->bytes.len)
		return corrupt(err, begin, "it ends in a mode");
	(*at)++;
	entry->raw_mode = mode;
	entry->mode = irmin__mode_canonical(mode);
	if (entry->mode == IRMIN_MODE_NONE)
		return corrupt(err, begin, "git has no such mode");
	return IRMIN_OK;
}

/* Reads name and id at *at, and moves *at behind them. */
static irmin_rc read_name(const irmin__tree_reader *reader, size_t *at,
    irmin__tree_entry *entry, irmin_error *err)
{
	const unsigned char *bytes = reader->bytes.data;
	const unsigned char *name = bytes + *at;
	const unsigned char *end = memchr(name, '\0', reader->bytes.len - *at);

	if (!end)
		return corrupt(err, *at, "no NUL ends a name");
	entry->name = irmin_bytes(name, (size_t)(end - name));
	if (entry->name.len == 0)
		return corrupt(err, *at, "a name is empty");
	*at += entry->name.len + 1;
	if (reader->bytes.len - *at < reader->id_bytes)
		return corrupt(err, *at, "it ends in an id");
	entry->id = bytes + *at;
	*at += reader->id_bytes;
	return IRMIN_OK;
}

void irmin__tree_reader_init(irmin__tree_reader *reader, irmin_hash_algo algo,
    irmin_slice bytes)
{
	memset(reader, 0, sizeof *reader);
	reader->bytes = bytes;
	reader->algo = algo;
	reader->id_bytes = irmin_hash_size(algo);
}

irmin_rc irmin__tree_reader_next(irmin__tree_reader *reader,
    irmin__tree_entry *entry, irmin_error *err)
{
	const char *bytes = reader->bytes.data;
	size_t at = reader->offset;
	irmin_rc rc = IRMIN_OK;

	memset(entry, 0, sizeof *entry);
	if (at >= reader->bytes.len)
		return IRMIN_END;
	at += read_usual_mode(reader, at, entry);
	if (at == reader->offset)
		rc = read_mode(reader, &at, entry, err);
	if (rc >= 0)
		rc = read_name(reader, &at, entry, err);
	if (rc < 0) {
		memset(entry, 0, sizeof *entry);
		return rc;
	}
	if (bytes[reader->offset] == '0' || entry->raw_mode != entry->mode)
		reader->flags |= IRMIN__TREE_ODD_MODE;
	note_order(reader, entry);
	reader->offset = at;
	return IRMIN_OK;
}

/* ---- writing ---- */

static size_t mode_digits(irmin_mode mode)
{
	return mode == IRMIN_MODE_TREE ? 5 : 6;
}

size_t irmin__tree_entry_bytes(irmin_slice name, irmin_mode mode,
    irmin_hash_algo algo)
{
	return mode_digits(mode) + 1 + name.len + 1 + irmin_hash_size(algo);
}

size_t irmin__tree_entry_encode(irmin_slice name, irmin_mode mode,
    const irmin_oid *id, unsigned char *out)
{
	size_t id_bytes = irmin_hash_size((irmin_hash_algo)id->algo);
	size_t digits = mode_digits(mode), i;
	unsigned char *at = out + digits;
	uint32_t rest = mode;

	for (i = digits; i-- > 0; rest >>= 3)
		out[i] = (unsigned char)('0' + (rest & 7));
	*at++ = ' ';
	memcpy(at, name.data, name.len);
	at += name.len;
	*at++ = '\0';
	memcpy(at, id->bytes, id_bytes);
	return (size_t)(at + id_bytes - out);
}
