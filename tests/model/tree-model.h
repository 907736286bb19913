/*
 * tree-model.h - what a tree is, as simply as it can be said
 *
 * A sorted array of paths with modes and values. The order of whole paths by
 * bytes is git's order of what a walk tells.
 */
#ifndef IRMIN_TESTS_TREE_MODEL_H
#define IRMIN_TESTS_TREE_MODEL_H

#include <irmin/irmin.h>

#define MODEL_PATH  64
#define MODEL_VALUE 16
#define MODEL_MAX   200 /* entries; beyond it nothing is grafted */

/* Paths and values with which a lot goes wrong that can go wrong: of few
 * letters, some of which sort before '/' and some behind it. rand() is asked. */
void model_random_path(char path[MODEL_PATH]);
const char *model_random_value(void);
irmin_mode model_random_mode(void);

struct model_entry {
	char path[MODEL_PATH];
	irmin_mode mode;
	char value[MODEL_VALUE];
};

struct model {
	struct model_entry *items;
	size_t count, cap;
};

void model_clear(struct model *model);
void model_copy(struct model *model, const struct model *from);

/* The steps of a path joined by single slashes. */
void model_plain(const char *path, char plain[MODEL_PATH]);

/* Whether git lets a path in its plain form be written. */
int model_is_writable(const char *plain);

/* The value at a path, or NULL. */
struct model_entry *model_find(const struct model *model, const char *plain);

/* NONE, the mode of a value, or TREE. */
irmin_mode model_mode(const struct model *model, const char *plain);

/* What irmin_edit_set_mode and irmin_edit_remove do; a mode of NONE is that of
 * what is there. Answer whether anything changed. */
int model_set(struct model *model, const char *plain, irmin_mode mode,
    const char *value);
int model_remove(struct model *model, const char *plain);

/* Puts all of `from` that lies below a path at a path of `model`, in place of
 * what was there. Answers whether anything changed. */
int model_graft(struct model *model, const char *to, const struct model *from,
    const char *below);

/* Whether what lies below a path fits in the model at another one. */
int model_fits(const struct model *model, const char *to,
    const struct model *from, const char *below);

/* The id that git gives to such a tree. */
irmin_oid model_id(const struct model *model, irmin_hash_algo algo);

/* The entries of a directory, each on a line as "mode name". */
void model_list(const struct model *model, const char *plain, irmin_buf *text);

/* What differs, each on a line as "+path", "-path", "*path". */
void model_diff(const struct model *from, const struct model *to,
    irmin_buf *text);

/* Appends to a text. */
void model_print(irmin_buf *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
