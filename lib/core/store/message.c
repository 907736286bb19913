#include "lib/core/store/commit.h"

#include <inttypes.h>
#include <stdio.h>

#include <irmin/diff.h>

/* Appends text from outside so that a message stays one line of text. */
static irmin_rc append_escaped(irmin_buf *out, irmin_slice text,
    irmin_error *err)
{
	const unsigned char *bytes = text.data;
	size_t i, done = 0;
	char escape[5];
	irmin_rc rc;

	for (i = 0; i < text.len; i++) {
		if (bytes[i] >= ' ' && bytes[i] != 0x7f)
			continue;
		rc = irmin_buf_append(out, irmin_bytes(bytes + done, i - done),
		    err);
		if (rc < 0)
			return rc;
		snprintf(escape, sizeof escape, "\\x%02x", bytes[i]);
		rc = irmin_buf_append(out, irmin_text(escape), err);
		if (rc < 0)
			return rc;
		done = i + 1;
	}
	return irmin_buf_append(out, irmin_bytes(bytes + done, text.len - done),
	    err);
}

/* Appends a path in its plain form. */
static irmin_rc append_path(irmin_buf *out, irmin_slice path, irmin_error *err)
{
	const char *between = " ";
	irmin_slice step;
	irmin_rc rc = IRMIN_OK;

	while (rc >= 0 && irmin__path_step_next(&path, &step) == IRMIN_OK) {
		rc = irmin_buf_append(out, irmin_text(between), err);
		if (rc >= 0)
			rc = append_escaped(out, step, err);
		between = "/";
	}
	return rc;
}

irmin_rc irmin__message_of_path(const char *verb, irmin_slice path,
    irmin_buf *message, irmin_error *err)
{
	irmin_rc rc = irmin_buf_set(message, irmin_text(verb), err);

	return rc < 0 ? rc : append_path(message, path, err);
}

/* ---- several changes ---- */

/* No more are counted: a directory that is moved or brought back may hold
 * millions of values, and putting it there cost nothing. */
#define COUNTED 1000

struct changes {
	uint64_t count;
	irmin_buf under; /* the directory that holds all of them */
	irmin_buf first; /* the first path */
	irmin_change_kind kind;
};

static size_t directory_length(irmin_slice path)
{
	const char *bytes = path.data;
	size_t len = path.len;

	while (len && bytes[len - 1] != '/')
		len--;
	return len ? len - 1 : 0;
}

/* Shortens `under` until it is a directory that holds `path`. */
static void widen(irmin_buf *under, irmin_slice path)
{
	const char *bytes = path.data;

	while (under->len &&
	    !(under->len < path.len &&
		memcmp(under->data, bytes, under->len) == 0 &&
		bytes[under->len] == '/'))
		under->len = directory_length(irmin_buf_slice(under));
}

static irmin_rc count_changes(irmin_tree *from, irmin_tree *to,
    struct changes *changes, irmin_error *err)
{
	irmin_diff *diff = NULL;
	irmin_change change;
	irmin_rc rc = irmin_tree_diff(from, to, "", &diff, err);

	while (rc >= 0 && changes->count <= COUNTED) {
		rc = irmin_diff_next(diff, &change, err);
		if (rc != IRMIN_OK)
			break;
		if (changes->count++) {
			widen(&changes->under, change.path);
			continue;
		}
		changes->kind = change.kind;
		rc = irmin_buf_set(&changes->first, change.path, err);
		if (rc >= 0)
			rc = irmin_buf_set(&changes->under,
			    irmin_bytes(change.path.data,
				directory_length(change.path)),
			    err);
	}
	irmin_diff_free(diff);
	return rc;
}

static irmin_rc describe(const struct changes *changes, irmin_buf *message,
    irmin_error *err)
{
	char words[48];
	irmin_rc rc;

	if (changes->count > COUNTED) {
		snprintf(words, sizeof words, "more than %d changes", COUNTED);
		return irmin_buf_set(message, irmin_text(words), err);
	}
	if (changes->count == 1)
		return irmin__message_of_path(changes->kind ==
			    IRMIN_CHANGE_REMOVED
			? "rm"
			: "set",
		    irmin_buf_slice(&changes->first), message, err);
	if (changes->count == 0)
		return irmin_buf_set(message, irmin_text("no changes"), err);
	snprintf(words, sizeof words, "%" PRIu64 " changes%s", changes->count,
	    changes->under.len ? " under" : "");
	rc = irmin__message_of_path(words, irmin_buf_slice(&changes->under),
	    message, err);
	if (rc < 0 || !changes->under.len)
		return rc;
	return irmin_buf_append(message, irmin_text("/"), err);
}

irmin_rc irmin__message_of_changes(irmin_tree *from, irmin_tree *to,
    irmin_buf *message, irmin_error *err)
{
	struct changes changes = { 0, IRMIN_BUF_INIT, IRMIN_BUF_INIT,
		IRMIN_CHANGE_CHANGED };
	irmin_rc rc = count_changes(from, to, &changes, err);

	if (rc >= 0)
		rc = describe(&changes, message, err);
	irmin_buf_clear(&changes.under);
	irmin_buf_clear(&changes.first);
	return rc;
}
