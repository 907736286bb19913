#include "tests/model/tree-model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/tap.h"

void model_random_path(char path[MODEL_PATH])
{
	static const char alphabet[] = "a./0a0//";
	int len = rand() % 8, i;

	for (i = 0; i < len; i++)
		path[i] = alphabet[rand() % 8];
	path[len] = '\0';
}

const char *model_random_value(void)
{
	static const char *const values[] = { "", "1", "2", "three\n" };

	return values[rand() % 4];
}

irmin_mode model_random_mode(void)
{
	static const irmin_mode modes[] = { IRMIN_MODE_FILE,
		IRMIN_MODE_EXECUTABLE, IRMIN_MODE_SYMLINK };

	return modes[rand() % 3];
}

void model_clear(struct model *model)
{
	free(model->items);
	memset(model, 0, sizeof *model);
}

static struct model_entry *add(struct model *model)
{
	if (model->count == model->cap) {
		model->cap = model->cap * 2 + 16;
		model->items = realloc(model->items,
		    model->cap * sizeof *model->items);
		if (!model->items)
			bail("out of memory");
	}
	return memset(&model->items[model->count++], 0, sizeof *model->items);
}

static int compare_entries(const void *a, const void *b)
{
	const struct model_entry *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void sort(struct model *model)
{
	if (model->count)
		qsort(model->items, model->count, sizeof *model->items,
		    compare_entries);
}

void model_copy(struct model *model, const struct model *from)
{
	size_t i;

	model->count = 0;
	for (i = 0; i < from->count; i++)
		*add(model) = from->items[i];
}

/* ---- paths ---- */

void model_plain(const char *path, char plain[MODEL_PATH])
{
	size_t len = 0;

	for (; *path; path++)
		if (*path != '/' || (len && plain[len - 1] != '/'))
			plain[len++] = *path;
	if (len && plain[len - 1] == '/')
		len--;
	plain[len] = '\0';
}

int model_is_writable(const char *plain)
{
	char framed[MODEL_PATH + 2];

	snprintf(framed, sizeof framed, "/%s/", plain);
	return *plain && !strstr(framed, "/./") && !strstr(framed, "/../");
}

/* Whether a path lies below a directory; all do below "". */
static int is_below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return !len || (strncmp(path, directory, len) == 0 && path[len] == '/');
}

/* ---- reading ---- */

struct model_entry *model_find(const struct model *model, const char *plain)
{
	size_t i;

	for (i = 0; i < model->count; i++)
		if (strcmp(model->items[i].path, plain) == 0)
			return &model->items[i];
	return NULL;
}

irmin_mode model_mode(const struct model *model, const char *plain)
{
	struct model_entry *entry = model_find(model, plain);
	size_t i;

	if (entry)
		return entry->mode;
	for (i = 0; i < model->count; i++)
		if (is_below(model->items[i].path, plain))
			return IRMIN_MODE_TREE;
	return *plain ? IRMIN_MODE_NONE : IRMIN_MODE_TREE;
}

/* ---- changing ---- */

/* Takes out what is at a path and below it. */
static int cut(struct model *model, const char *plain)
{
	size_t i, kept = 0, before = model->count;

	for (i = 0; i < model->count; i++)
		if (strcmp(model->items[i].path, plain) != 0 &&
		    !is_below(model->items[i].path, plain))
			model->items[kept++] = model->items[i];
	model->count = kept;
	return kept < before;
}

/* Takes out values where a path needs directories. */
static void cut_above(struct model *model, const char *plain)
{
	size_t i, kept = 0;

	for (i = 0; i < model->count; i++)
		if (!is_below(plain, model->items[i].path))
			model->items[kept++] = model->items[i];
	model->count = kept;
}

int model_set(struct model *model, const char *plain, irmin_mode mode,
    const char *value)
{
	struct model_entry *entry = model_find(model, plain);

	if (!mode)
		mode = entry ? entry->mode : IRMIN_MODE_FILE;
	if (entry && entry->mode == mode && strcmp(entry->value, value) == 0)
		return 0;
	cut(model, plain);
	cut_above(model, plain);
	entry = add(model);
	strcpy(entry->path, plain);
	strcpy(entry->value, value);
	entry->mode = mode;
	sort(model);
	return 1;
}

int model_remove(struct model *model, const char *plain)
{
	return cut(model, plain);
}

static int equals(const struct model *a, const struct model *b)
{
	size_t i;

	if (a->count != b->count)
		return 0;
	for (i = 0; i < a->count; i++)
		if (strcmp(a->items[i].path, b->items[i].path) != 0 ||
		    strcmp(a->items[i].value, b->items[i].value) != 0 ||
		    a->items[i].mode != b->items[i].mode)
			return 0;
	return 1;
}

int model_graft(struct model *model, const char *to, const struct model *from,
    const char *below)
{
	struct model before = { NULL, 0, 0 };
	struct model_entry *entry;
	size_t skipped = strlen(below), i;
	int changed;

	model_copy(&before, model);
	cut(model, to);
	for (i = 0; i < from->count; i++) {
		const char *rest = from->items[i].path + skipped;

		if (!is_below(from->items[i].path, below))
			continue;
		if (*to)
			cut_above(model, to);
		entry = add(model);
		*entry = from->items[i];
		snprintf(entry->path, sizeof entry->path, "%s%s%s", to,
		    *to && *rest != '/' ? "/" : "",
		    !*to && *rest == '/' ? rest + 1 : rest);
	}
	sort(model);
	changed = !equals(&before, model);
	model_clear(&before);
	return changed;
}

int model_fits(const struct model *model, const char *to,
    const struct model *from, const char *below)
{
	size_t i, count = model->count, len;

	for (i = 0; i < from->count; i++) {
		if (!is_below(from->items[i].path, below))
			continue;
		len = strlen(from->items[i].path) - strlen(below);
		if (strlen(to) + 1 + len >= MODEL_PATH || ++count > MODEL_MAX)
			return 0;
	}
	return 1;
}

/* ---- as git sees it ---- */

/* One entry of the directory whose path has `skipped` bytes; answers where the
 * next one begins. */
static size_t next_in_directory(const struct model *model, size_t at,
    size_t end, size_t skipped, size_t *name_len)
{
	const char *path = model->items[at].path;
	const char *slash = strchr(path + skipped, '/');

	*name_len = slash ? (size_t)(slash - path) - skipped
			  : strlen(path + skipped);
	if (!slash)
		return at + 1;
	while (at < end &&
	    strncmp(model->items[at].path, path, skipped + *name_len + 1) == 0)
		at++;
	return at;
}

static irmin_oid hash(irmin_hash_algo algo, irmin_object_type type,
    const void *bytes, size_t len)
{
	irmin_error err;
	irmin_oid id;

	if (irmin_hash_object(algo, type, irmin_bytes(bytes, len), &id, &err) <
	    0)
		bail("%s", err.text);
	return id;
}

static irmin_oid tree_id(const struct model *model, irmin_hash_algo algo,
    size_t at, size_t end, size_t skipped)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	size_t next, name_len, id_bytes = irmin_hash_size(algo);
	irmin_error err;
	irmin_oid id;

	for (; at < end; at = next) {
		const struct model_entry *entry = &model->items[at];
		int is_tree;

		next = next_in_directory(model, at, end, skipped, &name_len);
		is_tree = entry->path[skipped + name_len] == '/';
		if (is_tree)
			id = tree_id(model, algo, at, next,
			    skipped + name_len + 1);
		else
			id = hash(algo, IRMIN_OBJECT_BLOB, entry->value,
			    strlen(entry->value));
		if (irmin_buf_reserve(&bytes, 128, &err) < 0)
			bail("%s", err.text);
		bytes.len += (size_t)sprintf((char *)bytes.data + bytes.len,
		    "%o %.*s", is_tree ? IRMIN_MODE_TREE : entry->mode,
		    (int)name_len, entry->path + skipped);
		bytes.len++;
		memcpy(bytes.data + bytes.len, id.bytes, id_bytes);
		bytes.len += id_bytes;
	}
	id = hash(algo, IRMIN_OBJECT_TREE, bytes.data, bytes.len);
	irmin_buf_clear(&bytes);
	return id;
}

irmin_oid model_id(const struct model *model, irmin_hash_algo algo)
{
	return tree_id(model, algo, 0, model->count, 0);
}

/* ---- as text ---- */

void model_print(irmin_buf *text, const char *format, ...)
{
	char line[256];
	irmin_error err;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	if (irmin_buf_append(text, irmin_bytes(line, (size_t)len), &err) < 0)
		bail("%s", err.text);
}

void model_list(const struct model *model, const char *plain, irmin_buf *text)
{
	size_t skipped = *plain ? strlen(plain) + 1 : 0, at = 0, next, name_len;

	for (; at < model->count; at = next) {
		const struct model_entry *entry = &model->items[at];
		int is_tree;

		next = at + 1;
		if (!is_below(entry->path, plain))
			continue;
		next = next_in_directory(model, at, model->count, skipped,
		    &name_len);
		is_tree = entry->path[skipped + name_len] == '/';
		model_print(text, "%06o %.*s\n",
		    is_tree ? IRMIN_MODE_TREE : entry->mode, (int)name_len,
		    entry->path + skipped);
	}
}

static const struct model_entry *entry_at(const struct model *model, size_t at)
{
	return at < model->count ? &model->items[at] : NULL;
}

/* Before (<0) or after (>0) the other, or the same path; an absent one is
 * behind all others. */
static int order_of(const struct model_entry *x, const struct model_entry *y)
{
	if (!x || !y)
		return x ? -1 : 1;
	return strcmp(x->path, y->path);
}

void model_diff(const struct model *from, const struct model *to,
    irmin_buf *text)
{
	size_t a = 0, b = 0;

	while (a < from->count || b < to->count) {
		const struct model_entry *x = entry_at(from, a);
		const struct model_entry *y = entry_at(to, b);
		int order = order_of(x, y);

		a += order <= 0;
		b += order >= 0;
		if (order < 0)
			model_print(text, "-%s\n", x->path);
		else if (order > 0)
			model_print(text, "+%s\n", y->path);
		else if (x->mode != y->mode || strcmp(x->value, y->value) != 0)
			model_print(text, "*%s\n", x->path);
	}
}
