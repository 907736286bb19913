#include "lib/core/object/write-check.h"

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/object/refname.h"
#include "lib/core/object/tree-codec.h"
#include "lib/core/object/write-check-parts.h"

/* An error shows at most so much of a name. */
#define SHOWN_BYTES 255

static irmin_rc refuse(const char *what, const char *broken, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_EINVAL, NULL, "bad %s: %s", what,
	    broken);
}

static irmin_rc refuse_step(irmin_slice step, const char *broken,
    irmin_error *err)
{
	return irmin_error_set(err, IRMIN_EINVAL, NULL, "bad step \"%.*s\": %s",
	    (int)(step.len < SHOWN_BYTES ? step.len : SHOWN_BYTES),
	    step.len ? (const char *)step.data : "", broken);
}

/* ---- names ---- */

irmin_rc irmin__check_step(irmin_slice step, irmin_error *err)
{
	const char *broken = irmin__rule_of_step(step);

	return broken ? refuse_step(step, broken, err) : IRMIN_OK;
}

/* What git's own files may not be; NULL: fsck does not mind. */
static const struct {
	const char *ours;    /* as anything but a file, where we make it */
	const char *symlink; /* as a symlink, to fsck */
	const char *other;   /* as a directory or gitlink, to fsck */
} special_rules[] = {
	[IRMIN__SPECIAL_MODULES] = {
		".gitmodules must be a file (gitmodulesBlob)",
		".gitmodules is a symlink (gitmodulesSymlink)",
		".gitmodules is no file (gitmodulesBlob)",
	},
	[IRMIN__SPECIAL_ATTRIBUTES] = {
		".gitattributes must be a file (gitattributesBlob)",
		NULL,
		".gitattributes is no file (gitattributesBlob)",
	},
	[IRMIN__SPECIAL_IGNORE] = {
		".gitignore must be a file (gitignoreSymlink)", NULL, NULL,
	},
	[IRMIN__SPECIAL_MAILMAP] = {
		".mailmap must be a file (mailmapSymlink)", NULL, NULL,
	},
};

static int is_file(irmin_mode mode)
{
	return mode == IRMIN_MODE_FILE || mode == IRMIN_MODE_EXECUTABLE;
}

irmin_rc irmin__check_entry(irmin_slice step, irmin_mode mode, irmin_error *err)
{
	irmin_rc rc = irmin__check_step(step, err);
	irmin__special special;

	if (rc < 0)
		return rc;
	if (mode == IRMIN_MODE_NONE || irmin__mode_canonical(mode) != mode)
		return refuse_step(step, "git has no such mode (badFilemode)",
		    err);
	special = irmin__special_of(step);
	if (special != IRMIN__SPECIAL_NONE && !is_file(mode))
		return refuse_step(step, special_rules[special].ours, err);
	return IRMIN_OK;
}

/* ---- commits and tags ---- */

/* The headers that have members of their own. */
static int is_taken(irmin_slice name)
{
	static const char *const taken[] = { "tree", "parent", "author",
		"committer", "object", "type", "tag", "tagger" };
	size_t i;

	for (i = 0; i < sizeof taken / sizeof *taken; i++)
		if (irmin__slice_is(name, taken[i]))
			return 1;
	return 0;
}

/* Lines "name SP value"; those that begin with a blank go on with the last. */
static const char *rule_of_extra(irmin_slice extra)
{
	irmin_slice rest = extra, line;
	size_t blank;

	if (irmin__slice_has(extra, '\0'))
		return "a header has a NUL (nulInHeader)";
	if (extra.len > 0 && !irmin__slice_ends(extra, "\n"))
		return "no newline ends a header (unterminatedHeader)";
	for (; rest.len > 0; rest = irmin__slice_from(rest, line.len + 1)) {
		line = irmin__slice_until(rest, irmin__slice_find(rest, '\n'));
		blank = irmin__slice_find(line, ' ');
		if (blank == line.len)
			return "a header has no value";
		if (blank == 0 && rest.len == extra.len)
			return "the first header goes on with nothing";
		if (is_taken(irmin__slice_until(line, blank)))
			return "a header stands twice";
	}
	return NULL;
}

/* A line of who and when, that must be there. */
static irmin_rc check_ident(const char *what, irmin_slice line,
    irmin_error *err)
{
	const char *broken = line.data ? irmin__rule_of_ident(line)
				       : "it is missing";

	return broken ? refuse(what, broken, err) : IRMIN_OK;
}

/* What fsck wants of a commit that could be parsed. */
static irmin_rc check_commit(const irmin__commit_data *commit, irmin_error *err)
{
	irmin_rc rc = check_ident("author", commit->author, err);

	if (rc >= 0)
		rc = check_ident("committer", commit->committer, err);
	if (rc >= 0 && irmin__slice_has(commit->message, '\0'))
		rc = refuse("message", "it has a NUL (nulInCommit)", err);
	return rc;
}

irmin_rc irmin__check_commit(const irmin__commit_data *commit, irmin_error *err)
{
	const char *broken = rule_of_extra(commit->extra);
	size_t i;

	if (irmin_oid_is_none(&commit->tree))
		return refuse("commit", "it has no tree", err);
	for (i = 0; i < commit->parents.len; i++)
		if (commit->parents.items[i].algo != commit->tree.algo)
			return refuse("commit",
			    "a parent's id is of another hash", err);
	if (broken)
		return refuse("commit", broken, err);
	return check_commit(commit, err);
}

irmin_rc irmin__check_tag(const irmin__tag_data *tag, irmin_error *err)
{
	const char *broken = rule_of_extra(tag->extra);
	irmin_rc rc;

	if (irmin_oid_is_none(&tag->object))
		return refuse("tag", "it has no object", err);
	if (tag->type < IRMIN_OBJECT_COMMIT || tag->type > IRMIN_OBJECT_TAG)
		return refuse("tag", "its object has no type (badType)", err);
	if (broken)
		return refuse("tag", broken, err);
	if (irmin__slice_has(tag->message, '\0'))
		return refuse("tag", "its message has a NUL", err);
	rc = irmin__refname_check_tag(tag->name, err);
	return rc < 0 ? rc : check_ident("tagger", tag->tagger, err);
}

/* ---- objects as they come ---- */

static const char *rule_of_foreign_entry(const irmin__tree_entry *entry)
{
	static const unsigned char zero[IRMIN_OID_MAX_BYTES];
	irmin__special special = irmin__special_of(entry->name);
	const char *broken = irmin__rule_of_step(entry->name);

	if (!broken && !memcmp(entry->id.bytes, zero, sizeof zero))
		broken = "its id is zero (nullSha1)";
	if (broken || special == IRMIN__SPECIAL_NONE || is_file(entry->mode))
		return broken;
	return entry->mode == IRMIN_MODE_SYMLINK
	    ? special_rules[special].symlink
	    : special_rules[special].other;
}

static irmin_rc check_tree_bytes(irmin_hash_algo algo, irmin_slice bytes,
    irmin_error *err)
{
	irmin__tree_reader reader;
	irmin__tree_entry entry;
	const char *broken;
	irmin_rc rc;

	irmin__tree_reader_init(&reader, algo, bytes);
	for (;;) {
		size_t begin = reader.offset;

		rc = irmin__tree_reader_next(&reader, &entry, err);
		if (rc != IRMIN_OK)
			break;
		broken = rule_of_foreign_entry(&entry);
		if (!broken && ((const char *)bytes.data)[begin] == '0')
			broken = "its mode begins with a 0 "
				 "(zeroPaddedFilemode)";
		if (broken)
			return refuse_step(entry.name, broken, err);
	}
	if (rc >= 0 && reader.flags & IRMIN__TREE_DUPLICATE)
		return refuse("tree", "a name stands twice (duplicateEntries)",
		    err);
	if (rc >= 0 && reader.flags & IRMIN__TREE_UNSORTED)
		return refuse("tree", "it is out of order (treeNotSorted)",
		    err);
	return rc < 0 ? rc : IRMIN_OK;
}

/* The headers of a commit or tag as fsck reads them, whatever they say. */
static irmin_rc check_header_bytes(const char *what, irmin_slice bytes,
    irmin_slice extra, irmin_slice message, irmin_error *err)
{
	irmin_slice headers = irmin__slice_until(bytes,
	    bytes.len - message.len);

	if (irmin__slice_has(headers, '\0'))
		return refuse(what, "a header has a NUL (nulInHeader)", err);
	if (extra.len > 0 && !irmin__slice_ends(extra, "\n"))
		return refuse(what,
		    "no newline ends a header (unterminatedHeader)", err);
	return IRMIN_OK;
}

static irmin_rc check_commit_bytes(irmin_hash_algo algo, irmin_slice bytes,
    irmin_error *err)
{
	irmin__commit_data commit;
	irmin_rc rc = irmin__commit_decode(algo, bytes, &commit, err);

	if (rc >= 0)
		rc = check_header_bytes("commit", bytes, commit.extra,
		    commit.message, err);
	if (rc >= 0)
		rc = check_commit(&commit, err);
	irmin__commit_data_clear(&commit);
	return rc;
}

static irmin_rc check_tag_bytes(irmin_hash_algo algo, irmin_slice bytes,
    irmin_error *err)
{
	irmin__tag_data tag;
	irmin_rc rc = irmin__tag_decode(algo, bytes, &tag, err);

	if (rc >= 0)
		rc = check_header_bytes("tag", bytes, tag.extra, tag.message,
		    err);
	if (rc >= 0 && tag.tagger.data)
		rc = check_ident("tagger", tag.tagger, err);
	return rc;
}

irmin_rc irmin__check_object(irmin_hash_algo algo, irmin_object_type type,
    irmin_slice bytes, irmin_error *err)
{
	switch (type) {
	case IRMIN_OBJECT_COMMIT:
		return check_commit_bytes(algo, bytes, err);
	case IRMIN_OBJECT_TREE:
		return check_tree_bytes(algo, bytes, err);
	case IRMIN_OBJECT_TAG:
		return check_tag_bytes(algo, bytes, err);
	default:
		return IRMIN_OK;
	}
}
