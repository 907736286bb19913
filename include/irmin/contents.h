/* irmin/contents.h: what the bytes at a path mean: their codec and merge.
 *
 * Audience: programs whose values merge in a way of their own.
 * Shape: a contents type is a name, a codec between bytes and irmin_value, and a
 *   merge; rules give types to paths. The default is bytes with
 *   irmin_merge_idempotent. What is set at a path of a type must be in its
 *   canonical form; bytes that came otherwise and are not are a conflict where
 *   they would have to be merged.
 *   A directory can have a type too: its entry `.irmin` names one that has the
 *   slot merge_tree, and where both sides changed such a directory that function
 *   merges it as a whole.
 * Owner: constructors and irmin_repo_rule CONSUME what they are given, also when
 *   they fail.
 * Threads: any.
 * Source: Irmin's Contents. Since 0.1.
 */
#ifndef IRMIN_CONTENTS_H
#define IRMIN_CONTENTS_H

#include <irmin/edit.h>
#include <irmin/merge.h>

IRMIN_C_BEGIN

typedef struct irmin_contents irmin_contents;

/* The class of a contents type of one's own. */
typedef struct irmin_contents_class {
	size_t size;
	const char *name; /* as in merge=irmin-NAME */

	/* ---- required ---- */

	/* Bytes to value. Fails: EINVAL if they are not the canonical form. */
	irmin_rc (*decode)(void *arg, irmin_slice bytes, irmin_value **value,
	    irmin_error *err);
	/* Value to bytes, appended to an empty buf. */
	irmin_rc (*encode)(void *arg, const irmin_value *value,
	    irmin_buf *bytes, irmin_error *err);

	/* ---- optional ---- */

	/* Merges a directory of this type as a whole; NULL is an absent side.
	 * Fallback: path by path. */
	irmin_rc (*merge_tree)(void *arg, irmin_tree *base, irmin_tree *ours,
	    irmin_tree *theirs, irmin_tree **result, irmin_error *err);
	/* Text for people. Fallback: the bytes. */
	irmin_rc (*show)(void *arg, irmin_slice bytes, irmin_buf *text,
	    irmin_error *err);
} irmin_contents_class;

/* A type of one's own; `destroy` (may be NULL) frees `arg`. Since 0.1. */
IRMIN_CALL irmin_contents *irmin_contents_new(const irmin_contents_class *cls,
    irmin_merge *merge, void *arg, void (*destroy)(void *arg));

/* Takes another reference and returns `contents`. Since 0.1. */
IRMIN_CALL irmin_contents *irmin_contents_ref(irmin_contents *contents);

/* Gives a reference back; NULL is accepted. Since 0.1. */
IRMIN_API void irmin_contents_unref(irmin_contents *contents);

/* Uninterpreted bytes under a merge. Since 0.1. */
IRMIN_CALL irmin_contents *irmin_contents_bytes(irmin_merge *merge);
/* Values in the canonical codec "irmin", of the shape of the merge. Since 0.1. */
IRMIN_CALL irmin_contents *irmin_contents_values(const char *name,
    irmin_merge *merge);
/* Records in the canonical codec "irmin", merged field by field; consumes the
 * merges of the fields. Since 0.1. */
IRMIN_CALL irmin_contents *irmin_contents_record(const char *name,
    const irmin_merge_field *fields, size_t count);
/* Canonical JSON, merged by irmin_merge_json. Since 0.1. */
IRMIN_CALL irmin_contents *irmin_contents_json(void);
/* Lines of text, merged by irmin_merge_text. Since 0.1. */
IRMIN_CALL irmin_contents *irmin_contents_lines(void);

/* A type that comes with the library: "bytes", "text", "json", "int-min",
 * "int-max", "counter", "multiset", "set", "list", "map", "log", "lww", "ours",
 * "theirs"; NULL for other names and without memory. Since 0.1. */
IRMIN_CALL irmin_contents *irmin_contents_named(const char *name);

/* The name. Since 0.1. */
IRMIN_API const char *irmin_contents_name(const irmin_contents *contents);

/* The merge, borrowed from the contents. Since 0.1. */
IRMIN_API irmin_merge *irmin_contents_merge(const irmin_contents *contents);

/* Bytes to value and back, as the class of the contents does. Fail: EINVAL,
 * ENOMEM, what the class answers. Since 0.1. */
IRMIN_CALL irmin_rc irmin_contents_decode(const irmin_contents *contents,
    irmin_slice bytes, irmin_value **value, irmin_error *err);
IRMIN_CALL irmin_rc irmin_contents_encode(const irmin_contents *contents,
    const irmin_value *value, irmin_buf *bytes, irmin_error *err);

/* Gives a type to the paths that match a pattern of steps, "pages/?*.txt": in a
 * step '?' is any byte and '*' any number of them, and a step of two asterisks is
 * any number of steps. A path counts from the root of a store's tree; of an edit,
 * from where that began. Later rules win. What is in the repository already is
 * not looked at. Fails: EINVAL (the pattern), ENOMEM (also for NULL contents).
 * Since 0.1. */
IRMIN_CALL irmin_rc irmin_repo_rule(irmin_repo *repo, const char *pattern,
    irmin_contents *contents, irmin_error *err);

/* Makes a type known by its name, for directories that are marked with it.
 * Fails: EEXIST (another one has the name), ENOMEM (also for NULL contents).
 * Since 0.1. */
IRMIN_CALL irmin_rc irmin_repo_add_type(irmin_repo *repo,
    irmin_contents *contents, irmin_error *err);

/* The type of the values at a path, to be given back, by the rules alone. Fails:
 * EINVAL (path), ENOMEM. Since 0.1. */
IRMIN_CALL irmin_rc irmin_repo_contents(irmin_repo *repo, const char *path,
    irmin_contents **contents, irmin_error *err);

/* Marks the directory at a path as one of a type, which makes it if it is not
 * there: the entry `.irmin`, one line of at most 255 bytes with its newline, which
 * is added: type, layout version, parameters ("map 1 16 32"). An empty marker
 * takes the mark away. Answers: OK; UNCHANGED. Fails: EINVAL (the line), and as
 * irmin_edit_set. Since 0.1. */
IRMIN_CALL irmin_rc irmin_edit_set_type(irmin_edit *edit, const char *path,
    irmin_slice marker, irmin_error *err);

IRMIN_C_END

#endif
