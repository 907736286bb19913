/*
 * Edits values that merge, for scripts/demo.
 *
 *     demo-editor URI BRANCH NAME COUNT
 *
 * COUNT times, in one commit each: adds 1 to the counter board/visits, adds the
 * tag NAME-n to the set board/tags, and sets NAME to n in board/settings.json.
 */
#include <irmin/irmin.h>

#include <stdio.h>
#include <stdlib.h>

struct edit {
	const char *name;
	long n;
};

/* The value that comes after `old`, which is NULL where there was none. */
typedef irmin_rc (*step_fn)(const struct edit *edit, irmin_value *old,
    irmin_value **value, irmin_error *err);

static irmin_rc visit(const struct edit *edit, irmin_value *old,
    irmin_value **value, irmin_error *err)
{
	(void)edit;
	return irmin_value_counter_add(old, 1, value, err);
}

static irmin_rc tag(const struct edit *edit, irmin_value *old,
    irmin_value **value, irmin_error *err)
{
	irmin_value *element = NULL;
	char text[64];
	irmin_rc rc;

	snprintf(text, sizeof(text), "%s-%ld", edit->name, edit->n);
	rc = irmin_value_of_bytes(irmin_text(text), &element, err);
	if (rc >= 0)
		rc = irmin_value_set_add(old, element, value, err);
	irmin_value_unref(element);
	return rc;
}

/* At most one name for each editor, and there are few. */
#define NAMES_MAX 16

static irmin_rc settle(const struct edit *edit, irmin_value *old,
    irmin_value **value, irmin_error *err)
{
	irmin_slice name = irmin_text(edit->name);
	irmin_slice names[NAMES_MAX];
	irmin_value *items[NAMES_MAX];
	irmin_value *number = NULL;
	size_t count = 0;
	irmin_rc rc;

	for (size_t i = 0; old && i < irmin_value_length(old); i++) {
		names[count] = irmin_value_name(old, i);
		items[count] = irmin_value_item(old, i);
		count += !irmin_slice_equal(names[count], name);
		if (count == NAMES_MAX)
			return irmin_error_set(err, IRMIN_ELIMIT, edit->name,
			    "too many editors");
	}
	rc = irmin_value_of_int(edit->n, &number, err);
	names[count] = name;
	items[count] = number;
	if (rc >= 0)
		rc = irmin_value_of_record(names, items, count + 1, value, err);
	irmin_value_unref(number);
	return rc;
}

static irmin_rc find(irmin_txn *txn, const char *path,
    const irmin_contents *contents, irmin_value **value, irmin_error *err)
{
	irmin_pin pin = IRMIN_PIN_INIT;
	irmin_rc rc = irmin_txn_find(txn, path, &pin, err);

	if (rc == IRMIN_OK)
		rc = irmin_contents_decode(contents,
		    irmin_bytes(pin.data, pin.len), value, err);
	irmin_pin_release(&pin);
	return rc;
}

static irmin_rc set(irmin_txn *txn, const char *path,
    const irmin_contents *contents, const irmin_value *value, irmin_error *err)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_rc rc = irmin_contents_encode(contents, value, &bytes, err);

	if (rc >= 0)
		rc = irmin_txn_set(txn, path, irmin_buf_slice(&bytes), err);
	irmin_buf_clear(&bytes);
	return rc;
}

static irmin_rc update(irmin_txn *txn, const char *path, const char *type,
    step_fn step, const struct edit *edit, irmin_error *err)
{
	irmin_contents *contents = irmin_contents_named(type);
	irmin_value *old = NULL;
	irmin_value *value = NULL;
	irmin_rc rc;

	if (!contents)
		return irmin_error_set(err, IRMIN_ENOMEM, type,
		    "there is no such type");
	rc = find(txn, path, contents, &old, err);
	if (rc >= 0)
		rc = step(edit, old, &value, err);
	if (rc >= 0)
		rc = set(txn, path, contents, value, err);
	irmin_value_unref(old);
	irmin_value_unref(value);
	irmin_contents_unref(contents);
	return rc;
}

static irmin_rc edit_all(irmin_txn *txn, void *arg, irmin_error *err)
{
	const struct edit *edit = arg;
	irmin_rc rc;

	rc = update(txn, "board/visits", "counter", visit, edit, err);
	if (rc >= 0)
		rc = update(txn, "board/tags", "set", tag, edit, err);
	if (rc >= 0)
		rc = update(txn, "board/settings.json", "json", settle, edit,
		    err);
	return rc;
}

int main(int argc, char **argv)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_store *store = NULL;
	struct edit edit = { NULL, 0 };
	irmin_error err;
	irmin_rc rc;

	if (argc != 5) {
		fprintf(stderr, "usage: demo-editor URI BRANCH NAME COUNT\n");
		return 2;
	}
	options.branch = argv[2];
	edit.name = argv[3];
	rc = irmin_open(argv[1], &options, &store, &err);
	for (; rc >= 0 && edit.n < atol(argv[4]); edit.n++)
		rc = irmin_store_transact(store, IRMIN_TXN_UNMOVED, NULL,
		    edit_all, &edit, &err);
	if (rc < 0)
		fprintf(stderr, "demo-editor: %s\n", err.text);
	irmin_store_close(store);
	return rc < 0 ? 3 : 0;
}
