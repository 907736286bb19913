/* Objects as they come from others: what fsck --strict refuses, and no more. */
#include <string.h>

#include "lib/core/base/slice.h"
#include "lib/core/object/hash.h"
#include "lib/core/object/tree-codec.h"
#include "lib/core/object/write-check-parts.h"
#include "lib/core/object/write-check.h"

static int is_zero(const irmin_oid *id)
{
	static const unsigned char zero[IRMIN_OID_MAX_BYTES];

	return memcmp(id->bytes, zero, sizeof zero) == 0;
}

/* `begin` is where the entry begins. */
static const char *rule_of_tree_entry(irmin_hash_algo algo,
    const irmin__tree_entry *entry, const unsigned char *begin)
{
	irmin_oid id = irmin__oid_of_bytes(algo, entry->id);

	if (is_zero(&id))
		return "its id is zero (nullSha1)";
	if (*begin == '0')
		return "its mode begins with a 0 (zeroPaddedFilemode)";
	return irmin__rule_of_foreign_entry(entry->name, entry->mode);
}

static const char *rule_of_order(uint32_t flags)
{
	if (flags & IRMIN__TREE_DUPLICATE)
		return "a name stands twice (duplicateEntries)";
	if (flags & IRMIN__TREE_UNSORTED)
		return "it is out of order (treeNotSorted)";
	return NULL;
}

static irmin_rc check_tree(irmin_hash_algo algo, irmin_slice bytes,
    irmin_error *err)
{
	const unsigned char *begin = bytes.data;
	irmin__tree_reader reader;
	irmin__tree_entry entry;
	irmin_rc rc;

	irmin__tree_reader_init(&reader, algo, bytes);
	while ((rc = irmin__tree_reader_next(&reader, &entry, err)) == 0) {
		rc = irmin__refuse_step(entry.name,
		    rule_of_tree_entry(algo, &entry, begin), err);
		if (rc < 0)
			return rc;
		begin = (const unsigned char *)bytes.data + reader.offset;
	}
	return rc < 0 ? rc
		      : irmin__refuse("tree", rule_of_order(reader.flags), err);
}

/* The headers of a commit or tag, whatever they say: all that stands before its
 * message. */
static const char *rule_of_headers(irmin_slice bytes, irmin_slice extra,
    irmin_slice message)
{
	if (irmin__slice_has(irmin__slice_until(bytes, bytes.len - message.len),
		'\0'))
		return "a header has a NUL (nulInHeader)";
	if (extra.len > 0 && !irmin__slice_ends(extra, "\n"))
		return "no newline ends a header (unterminatedHeader)";
	return NULL;
}

static irmin_rc check_commit(irmin_hash_algo algo, irmin_slice bytes,
    irmin_error *err)
{
	irmin__commit_data commit;
	irmin_rc rc = irmin__commit_decode(algo, bytes, &commit, err);

	if (rc >= 0)
		rc = irmin__refuse("commit",
		    rule_of_headers(bytes, commit.extra, commit.message), err);
	if (rc >= 0)
		rc = irmin__check_any_commit(&commit, err);
	irmin__commit_data_clear(&commit);
	return rc;
}

static irmin_rc check_tag(irmin_hash_algo algo, irmin_slice bytes,
    irmin_error *err)
{
	irmin__tag_data tag;
	irmin_rc rc = irmin__tag_decode(algo, bytes, &tag, err);

	if (rc >= 0)
		rc = irmin__refuse("tag",
		    rule_of_headers(bytes, tag.extra, tag.message), err);
	if (rc >= 0 && tag.tagger.data)
		rc = irmin__refuse("tagger", irmin__rule_of_ident(tag.tagger),
		    err);
	return rc;
}

irmin_rc irmin__check_object(irmin_hash_algo algo, irmin_object_type type,
    irmin_slice bytes, irmin_error *err)
{
	switch (type) {
	case IRMIN_OBJECT_COMMIT:
		return check_commit(algo, bytes, err);
	case IRMIN_OBJECT_TREE:
		return check_tree(algo, bytes, err);
	case IRMIN_OBJECT_TAG:
		return check_tag(algo, bytes, err);
	default:
		return IRMIN_OK;
	}
}
