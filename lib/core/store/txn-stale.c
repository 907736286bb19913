/* The read that has another answer now, with both answers, for people. */
#include "lib/core/store/txn-parts.h"

#include <stdio.h>

#include "lib/core/base/slice.h"

/* Of a list, as many names are told, from the first that differs on. */
#define TOLD_NAMES 20

static void clear_answer(irmin__answer *answer)
{
	irmin_pin_release(&answer->pin);
	irmin_buf_clear(&answer->text);
	answer->is_there = 0;
}

void irmin__stale_clear(irmin__stale *stale)
{
	clear_answer(&stale->before);
	clear_answer(&stale->now);
	stale->read = NULL;
}

/* ---- answers ---- */

static const char *mode_words(irmin_mode mode)
{
	switch (mode) {
	case IRMIN_MODE_TREE:
		return "directory";
	case IRMIN_MODE_FILE:
		return "file";
	case IRMIN_MODE_EXECUTABLE:
		return "executable";
	case IRMIN_MODE_SYMLINK:
		return "symlink";
	default:
		return "gitlink";
	}
}

static irmin_rc tell_mode(irmin_tree *tree, const char *path,
    irmin__answer *answer, irmin_error *err)
{
	irmin_mode mode;
	irmin_rc rc = irmin_tree_find_mode(tree, path, &mode, NULL, err);

	return rc == IRMIN_OK
	    ? irmin_buf_set(&answer->text, irmin_text(mode_words(mode)), err)
	    : rc;
}

/* What is there, by its id. */
static irmin_rc tell_id(irmin_tree *tree, const char *path, int trees_only,
    irmin__answer *answer, irmin_error *err)
{
	char text[32 + IRMIN_OID_HEX_BYTES], hex[IRMIN_OID_HEX_BYTES];
	irmin_mode mode;
	irmin_oid id;
	irmin_rc rc = irmin_tree_find_mode(tree, path, &mode, &id, err);

	if (rc != IRMIN_OK)
		return rc;
	if (trees_only && mode != IRMIN_MODE_TREE)
		return IRMIN_ABSENT;
	snprintf(text, sizeof text, "%s %s", mode_words(mode),
	    irmin_oid_hex(&id, hex));
	return irmin_buf_set(&answer->text, irmin_text(text), err);
}

static irmin_rc tell_length(irmin_tree *tree, const char *path,
    irmin__answer *answer, irmin_error *err)
{
	char text[32];
	size_t length;
	irmin_rc rc = irmin_tree_length(tree, path, &length, err);

	if (rc != IRMIN_OK)
		return rc;
	snprintf(text, sizeof text, "%zu", length);
	return irmin_buf_set(&answer->text, irmin_text(text), err);
}

static irmin_rc ask(const irmin__read *read, irmin_tree *tree,
    irmin__answer *answer, irmin_error *err)
{
	switch ((irmin__read_kind)read->range.kind) {
	case IRMIN__READ_FIND:
		return irmin_tree_find(tree, read->path, &answer->pin, err);
	case IRMIN__READ_HAS:
		return tell_mode(tree, read->path, answer, err);
	case IRMIN__READ_LENGTH:
		return tell_length(tree, read->path, answer, err);
	default: /* IRMIN__READ_TREE, IRMIN__READ_MOVE */
		return tell_id(tree, read->path,
		    read->range.kind == IRMIN__READ_TREE, answer, err);
	}
}

/* ---- lists ---- */

static size_t first_difference(const irmin_list *a, const irmin_list *b)
{
	size_t i = 0, length = irmin_list_length(a);

	while (i < length &&
	    irmin_list_entry(a, i).mode == irmin_list_entry(b, i).mode &&
	    irmin_slice_equal(irmin_list_entry(a, i).name,
		irmin_list_entry(b, i).name))
		i++;
	return i;
}

/* A line each; a directory with a slash, as in ls. */
static irmin_rc tell_names(const irmin_list *list, size_t from,
    irmin__answer *answer, irmin_error *err)
{
	size_t i, end = from + TOLD_NAMES;
	irmin_rc rc = irmin_buf_set(&answer->text, irmin_text(""), err);

	if (end > irmin_list_length(list))
		end = irmin_list_length(list);
	for (i = from; i < end && rc >= 0; i++) {
		irmin_entry entry = irmin_list_entry(list, i);

		rc = irmin_buf_append(&answer->text, entry.name, err);
		if (rc >= 0)
			rc = irmin_buf_append(&answer->text,
			    irmin_text(
				entry.mode == IRMIN_MODE_TREE ? "/\n" : "\n"),
			    err);
	}
	if (rc >= 0 && end < irmin_list_length(list))
		rc = irmin_buf_append(&answer->text, irmin_text("...\n"), err);
	return rc;
}

static irmin_rc tell_lists(irmin__stale *stale, irmin_tree *base,
    irmin_tree *now, irmin_error *err)
{
	const irmin__read *read = stale->read;
	size_t offset = (size_t)read->range.offset, from;
	size_t limit = (size_t)read->range.limit;
	irmin_list *a = NULL, *b = NULL;
	irmin_rc rc;

	rc = irmin_tree_list(base, read->path, offset, limit, &a, err);
	if (rc >= 0)
		rc = irmin_tree_list(now, read->path, offset, limit, &b, err);
	from = first_difference(a, b);
	stale->before.is_there = a != NULL;
	stale->now.is_there = b != NULL;
	if (rc >= 0 && a)
		rc = tell_names(a, from, &stale->before, err);
	if (rc >= 0 && b)
		rc = tell_names(b, from, &stale->now, err);
	irmin_list_free(a);
	irmin_list_free(b);
	return rc;
}

/* ---- both ---- */

static irmin_rc tell_asked(irmin__stale *stale, irmin_tree *now,
    irmin_error *err)
{
	const irmin__read *read = stale->read;
	irmin_rc rc;

	stale->before.is_there = stale->now.is_there = 1;
	rc = irmin_buf_set(&stale->before.text, irmin_buf_slice(&read->answer),
	    err);
	return rc < 0 ? rc
		      : irmin__txn_blame(read->question(read->arg, now,
					     &stale->now.text, err),
			    "a question", err);
}

static irmin_rc tell_both(irmin__stale *stale, irmin_tree *base,
    irmin_tree *now, irmin_error *err)
{
	irmin_rc rc;

	if (stale->read->question)
		return tell_asked(stale, now, err);
	if (stale->read->range.kind == IRMIN__READ_LIST)
		return tell_lists(stale, base, now, err);
	rc = ask(stale->read, base, &stale->before, err);
	stale->before.is_there = rc == IRMIN_OK;
	if (rc >= 0)
		rc = ask(stale->read, now, &stale->now, err);
	stale->now.is_there = rc == IRMIN_OK;
	return rc;
}

static const char *words(const irmin__read *read)
{
	static const char *const kinds[] = { "find", "has", "tree", "list",
		"length", "move", "ask" };

	return kinds[read->range.kind];
}

irmin_rc irmin__stale_tell(irmin__stale *stale, const irmin__read *read,
    irmin_tree *base, irmin_tree *now, const irmin_store *store,
    irmin_error *err)
{
	irmin_rc rc;

	stale->read = read;
	rc = tell_both(stale, base, now, err);
	if (rc < 0) {
		irmin__stale_clear(stale);
		return rc;
	}
	if (read->question)
		return irmin_error_set(err, IRMIN_ESTALE, NULL,
		    "cannot commit to %s: a question has another answer now; "
		    "begin again",
		    store->ref ? store->ref : "the detached head");
	return irmin_error_set(err, IRMIN_ESTALE, read->path,
	    "cannot commit to %s: %s \"%s\" answers otherwise now; begin again",
	    store->ref ? store->ref : "the detached head", words(read),
	    read->path);
}

static irmin_slice slice_of(const irmin__answer *answer)
{
	if (!answer->is_there)
		return irmin_bytes(NULL, 0);
	if (answer->pin.len)
		return irmin_bytes(answer->pin.data, answer->pin.len);
	return answer->text.len ? irmin_buf_slice(&answer->text)
				: irmin_text("");
}

irmin_rc irmin_txn_stale(const irmin_txn *txn, irmin_stale *stale)
{
	const irmin__read *read = txn->stale.read;

	memset(stale, 0, sizeof *stale);
	stale->size = sizeof *stale;
	if (!read)
		return IRMIN_ABSENT;
	stale->what = words(read);
	stale->path = irmin_bytes(read->path, read->path_len);
	stale->before = slice_of(&txn->stale.before);
	stale->now = slice_of(&txn->stale.now);
	return IRMIN_OK;
}
