/* A commit:
 *
 *   tree <id> LF
 *   parent <id> LF               any number of them
 *   author <ident> LF            missing in some old ones
 *   committer <ident> LF
 *   <name> SP <value> LF         encoding, gpgsig, mergetag, whatever; a line
 *    SP <more of the value> LF   that begins with a blank goes on with the last
 *   LF                           missing where there is no message
 *   <message>
 */
#include "lib/core/object/commit-codec.h"

#include "lib/core/base/slice.h"
#include "lib/core/object/header-lines.h"

static irmin_rc decode_parents(irmin__header_reader *reader,
    irmin_hash_algo algo, irmin__commit_data *commit, irmin_error *err)
{
	irmin_oid parent;
	irmin_rc rc;

	for (;;) {
		rc = irmin__header_take_id(reader, "parent", algo, &parent,
		    err);
		if (rc != IRMIN_OK)
			return rc;
		rc = IRMIN__VEC_RESERVE(&commit->parents, 1, err);
		if (rc < 0)
			return rc;
		IRMIN__VEC_PUSH(&commit->parents, parent);
	}
}

irmin_rc irmin__commit_decode(irmin_hash_algo algo, irmin_slice bytes,
    irmin__commit_data *commit, irmin_error *err)
{
	irmin__commit_data made = IRMIN__COMMIT_DATA_INIT;
	irmin__header_reader reader = { bytes, 0, "commit" };
	irmin_rc rc;

	*commit = made;
	rc = irmin__header_take_id(&reader, "tree", algo, &made.tree, err);
	if (rc == IRMIN_ABSENT)
		rc = irmin__header_corrupt(&reader,
		    "it does not begin with a tree", err);
	if (rc >= 0)
		rc = decode_parents(&reader, algo, &made, err);
	if (rc < 0) {
		irmin__commit_data_clear(&made);
		return rc;
	}
	irmin__header_take(&reader, "author", &made.author);
	irmin__header_take(&reader, "committer", &made.committer);
	irmin__header_rest(&reader, &made.extra, &made.message);
	made.decoded = 1;
	*commit = made;
	return IRMIN_OK;
}

void irmin__commit_data_clear(irmin__commit_data *commit)
{
	irmin__commit_data empty = IRMIN__COMMIT_DATA_INIT;

	IRMIN__VEC_CLEAR(&commit->parents);
	*commit = empty;
}

static irmin_rc encode_ids(const irmin__commit_data *commit, irmin_buf *out,
    irmin_error *err)
{
	irmin_rc rc = irmin__header_put_id(out, "tree", &commit->tree, err);
	size_t i;

	for (i = 0; rc >= 0 && i < commit->parents.len; i++)
		rc = irmin__header_put_id(out, "parent",
		    &commit->parents.items[i], err);
	return rc;
}

static irmin_rc encode_message(const irmin__commit_data *commit, irmin_buf *out,
    irmin_error *err)
{
	irmin_slice message = commit->message;
	irmin_rc rc;

	if (commit->decoded && !message.data)
		return IRMIN_OK;
	rc = irmin_buf_append(out, irmin_text("\n"), err);
	if (rc >= 0)
		rc = irmin_buf_append(out, message, err);
	if (rc >= 0 && !commit->decoded && message.len > 0 &&
	    ((const char *)message.data)[message.len - 1] != '\n')
		rc = irmin_buf_append(out, irmin_text("\n"), err);
	return rc;
}

/* Room for all of it, so that appending need not move what is there. */
static irmin_rc reserve(const irmin__commit_data *commit, irmin_buf *out,
    irmin_error *err)
{
	static const char words[] = "author \ncommitter \n\n\n";
	size_t id_line = strlen("parent \n") + IRMIN_OID_HEX_BYTES;

	return irmin_buf_reserve(out,
	    (commit->parents.len + 1) * id_line + sizeof words +
		commit->author.len + commit->committer.len + commit->extra.len +
		commit->message.len,
	    err);
}

irmin_rc irmin__commit_encode(const irmin__commit_data *commit, irmin_buf *out,
    irmin_error *err)
{
	irmin_rc rc = reserve(commit, out, err);

	if (rc >= 0)
		rc = encode_ids(commit, out, err);
	if (rc >= 0)
		rc = irmin__header_put(out, "author", commit->author, err);
	if (rc >= 0)
		rc = irmin__header_put(out, "committer", commit->committer,
		    err);
	if (rc >= 0)
		rc = irmin_buf_append(out, commit->extra, err);
	if (rc >= 0)
		rc = encode_message(commit, out, err);
	return rc;
}

/* The length of the first header: its line and those that go on with it. */
static size_t header_length(irmin_slice rest)
{
	size_t at = 0;

	do {
		at += irmin__slice_find(irmin__slice_from(rest, at), '\n');
		at += at < rest.len;
	} while (irmin__slice_begins(irmin__slice_from(rest, at), " "));
	return at;
}

irmin_slice irmin__commit_header(const irmin__commit_data *commit,
    irmin_slice name)
{
	irmin_slice rest = commit->extra, header;
	size_t length, blank;

	for (; rest.len > 0; rest = irmin__slice_from(rest, length)) {
		length = header_length(rest);
		header = irmin__slice_until(rest, length);
		blank = irmin__slice_find(header, ' ');
		if (blank == length ||
		    !irmin_slice_equal(irmin__slice_until(header, blank), name))
			continue;
		header = irmin__slice_from(header, blank + 1);
		header.len -= (size_t)irmin__slice_ends(header, "\n");
		return header;
	}
	return irmin_bytes(NULL, 0);
}
