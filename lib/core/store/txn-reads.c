/* What a serializable transaction asked, once for each question, and whether the
 * answers still hold on another head. Only what differs on the way to a path is
 * looked at: the two trees are gone down side by side. */
#include "lib/core/store/txn-parts.h"

#include "lib/core/base/error.h"
#include "lib/core/store/tree-pair.h"

/* ---- noting ---- */

static irmin_slice key_of(const void *entry)
{
	const irmin__read *read = entry;

	return irmin_bytes(read->key, sizeof read->range + read->path_len);
}

void irmin__reads_init(irmin__reads *reads, uint64_t seed)
{
	memset(reads, 0, sizeof *reads);
	irmin__table_init(&reads->table, key_of, seed);
}

static void free_read(irmin__read *read)
{
	if (read->destroy)
		read->destroy(read->arg);
	irmin_buf_clear(&read->answer);
	irmin_free(read);
}

void irmin__reads_clear(irmin__reads *reads)
{
	while (reads->all.len)
		free_read(reads->all.items[--reads->all.len]);
	IRMIN__VEC_CLEAR(&reads->all);
	irmin__table_clear(&reads->table);
	irmin_buf_clear(&reads->key);
}

/* The range, and the path without slashes that say nothing. */
static irmin_rc make_key(irmin_buf *key, const irmin__read_range *range,
    irmin_slice path, irmin_error *err)
{
	const char *between = "";
	irmin_slice step;
	irmin_rc rc = irmin_buf_set(key, irmin_bytes(range, sizeof *range),
	    err);

	while (rc >= 0 && irmin__path_step_next(&path, &step) == IRMIN_OK) {
		rc = irmin_buf_append(key, irmin_text(between), err);
		if (rc >= 0)
			rc = irmin_buf_append(key, step, err);
		between = "/";
	}
	return rc;
}

/* A read with this key, at the end of all of them. */
static irmin_rc add_read(irmin__reads *reads, irmin_slice key,
    irmin__read **read, irmin_error *err)
{
	irmin__read *made;
	irmin_rc rc = IRMIN__VEC_RESERVE(&reads->all, 1, err);

	if (rc < 0)
		return rc;
	made = irmin_calloc(1, sizeof *made + key.len + 1);
	if (!made)
		return irmin__enomem(err);
	memcpy(made->key, key.data, key.len);
	memcpy(&made->range, key.data, sizeof made->range);
	made->path = (char *)made->key + sizeof made->range;
	made->path_len = key.len - sizeof made->range;
	IRMIN__VEC_PUSH(&reads->all, made);
	*read = made;
	return IRMIN_OK;
}

irmin_rc irmin__reads_note(irmin__reads *reads, irmin__read_range range,
    irmin_slice path, irmin_error *err)
{
	irmin__read *read = NULL;
	irmin_rc rc = make_key(&reads->key, &range, path, err);

	if (rc < 0 ||
	    irmin__table_find(&reads->table, irmin_buf_slice(&reads->key)))
		return rc;
	rc = add_read(reads, irmin_buf_slice(&reads->key), &read, err);
	if (rc >= 0)
		rc = irmin__table_add(&reads->table, read, err);
	if (rc < 0 && read)
		free_read(reads->all.items[--reads->all.len]);
	return rc;
}

irmin_rc irmin__reads_note_ask(irmin__reads *reads, irmin_question_fn question,
    void *arg, void (*destroy)(void *arg), irmin_slice answer, irmin_error *err)
{
	static const irmin__read_range range = { IRMIN__READ_ASK, 0, 0 };
	irmin__read *read = NULL;
	irmin_rc rc = add_read(reads, irmin_bytes(&range, sizeof range), &read,
	    err);

	if (rc >= 0)
		rc = irmin_buf_set(&read->answer, answer, err);
	if (rc >= 0) {
		read->question = question;
		read->arg = arg;
		read->destroy = destroy;
	} else if (read) {
		free_read(reads->all.items[--reads->all.len]);
	}
	return rc;
}

/* ---- asking again: all that follows compares what two trees have at a path ---- */

static int is_value(irmin_mode mode)
{
	return mode == IRMIN_MODE_FILE || mode == IRMIN_MODE_EXECUTABLE ||
	    mode == IRMIN_MODE_SYMLINK;
}

/* A find tells the bytes, and not the mode. */
static irmin_rc same_values(irmin__pair *pair, int *same, irmin_error *err)
{
	int a = is_value(pair->a.mode), b = is_value(pair->b.mode);
	irmin_oid a_id, b_id;
	irmin_rc rc;

	*same = !a && !b;
	if (!a || !b)
		return IRMIN_OK;
	rc = irmin__place_find_id(pair->a.repo, pair->a.place, &a_id, err);
	if (rc >= 0)
		rc = irmin__place_find_id(pair->b.repo, pair->b.place, &b_id,
		    err);
	*same = rc >= 0 && irmin_oid_compare(&a_id, &b_id) == 0;
	return rc;
}

/* A tree that is not there is as absent as a value that is. */
static irmin_rc same_trees(irmin__pair *pair, int *same, irmin_error *err)
{
	int a = pair->a.mode == IRMIN_MODE_TREE;
	int b = pair->b.mode == IRMIN_MODE_TREE;

	*same = !a && !b;
	return a && b ? irmin__pair_same(pair, same, err) : IRMIN_OK;
}

/* Opens both directories. `same` is set where there is no more to compare: one
 * of them is no directory. */
static irmin_rc open_both(irmin__pair *pair, int *opened, int *same,
    irmin_error *err)
{
	int a = pair->a.mode == IRMIN_MODE_TREE;
	int b = pair->b.mode == IRMIN_MODE_TREE;
	irmin_rc rc = IRMIN_OK;

	*same = !a && !b;
	*opened = a && b;
	if (*opened)
		rc = irmin__pair_open(pair, &pair->a, err);
	if (*opened && rc >= 0)
		rc = irmin__pair_open(pair, &pair->b, err);
	return rc;
}

static irmin_rc same_lengths(irmin__pair *pair, int *same, irmin_error *err)
{
	int opened;
	irmin_rc rc = open_both(pair, &opened, same, err);

	if (rc >= 0 && opened)
		*same = irmin__node_length(pair->a.dir) ==
		    irmin__node_length(pair->b.dir);
	return rc;
}

/* How many entries a list has. */
static size_t window(const irmin__node *dir, const irmin__read_range *range)
{
	size_t length = irmin__node_length(dir);

	length = range->offset < length ? length - (size_t)range->offset : 0;
	return range->limit && range->limit < length ? (size_t)range->limit
						     : length;
}

/* The answer of a list is names and modes. */
static int same_windows(irmin__node *a, irmin__node *b,
    const irmin__read_range *range)
{
	size_t count = window(a, range), i;
	irmin__cursor at_a, at_b;

	if (window(b, range) != count)
		return 0;
	if (!count)
		return 1;
	irmin__cursor_init(&at_a, a, (size_t)range->offset);
	irmin__cursor_init(&at_b, b, (size_t)range->offset);
	for (i = 0; i < count; i++) {
		if (irmin__place_mode(at_a.place) !=
			irmin__place_mode(at_b.place) ||
		    !irmin_slice_equal(irmin__place_name(at_a.place),
			irmin__place_name(at_b.place)))
			return 0;
		irmin__cursor_step(&at_a);
		irmin__cursor_step(&at_b);
	}
	return 1;
}

static irmin_rc same_lists(irmin__pair *pair, const irmin__read_range *range,
    int *same, irmin_error *err)
{
	int opened;
	irmin_rc rc = open_both(pair, &opened, same, err);

	if (rc >= 0 && opened)
		*same = same_windows(pair->a.dir, pair->b.dir, range);
	return rc;
}

static irmin_rc compare(irmin__pair *pair, const irmin__read_range *range,
    int *same, irmin_error *err)
{
	switch ((irmin__read_kind)range->kind) {
	case IRMIN__READ_FIND:
		return same_values(pair, same, err);
	case IRMIN__READ_HAS:
		*same = pair->a.mode == pair->b.mode;
		return IRMIN_OK;
	case IRMIN__READ_TREE:
		return same_trees(pair, same, err);
	case IRMIN__READ_LIST:
		return same_lists(pair, range, same, err);
	case IRMIN__READ_LENGTH:
		return same_lengths(pair, same, err);
	default: /* IRMIN__READ_MOVE */
		return irmin__pair_same(pair, same, err);
	}
}

static irmin_rc check_question(const irmin__read *read, irmin_tree *now,
    int *same, irmin_error *err)
{
	irmin_buf answer = IRMIN_BUF_INIT;
	irmin_rc rc = irmin__txn_blame(read->question(read->arg, now, &answer,
					   err),
	    "a question", err);

	*same = rc >= 0 &&
	    irmin_slice_equal(irmin_buf_slice(&answer),
		irmin_buf_slice(&read->answer));
	irmin_buf_clear(&answer);
	return rc;
}

static irmin_rc check_read(const irmin__read *read, irmin_tree *base,
    irmin_tree *now, int *same, irmin_error *err)
{
	irmin__pair pair;
	irmin_rc rc;

	if (read->question)
		return check_question(read, now, same, err);
	rc = irmin__pair_find(base, now,
	    irmin_bytes(read->path, read->path_len), &pair, same, err);
	if (rc >= 0 && !*same)
		rc = compare(&pair, &read->range, same, err);
	irmin__pair_clear(&pair);
	return rc;
}

irmin_rc irmin__reads_check(irmin__reads *reads, irmin_tree *base,
    irmin_tree *now, const irmin__read **stale, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	int same = 1;
	size_t i;

	*stale = NULL;
	for (i = 0; i < reads->all.len && rc >= 0 && same; i++) {
		*stale = reads->all.items[i];
		rc = check_read(*stale, base, now, &same, err);
	}
	if (rc < 0 || same)
		*stale = NULL;
	return rc;
}
