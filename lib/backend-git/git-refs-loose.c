/* A ref in a file of its own, named like the ref:
 *
 *   | 40 or 64 hexadecimal digits | LF |       what follows a blank is ignored
 *   | "ref:" | blanks | full name | LF |       a symbolic ref
 *
 * Very old ones are symlinks to "refs/...".
 */
#include "lib/backend-git/git-parts.h"

#include <ctype.h>
#include <errno.h>

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"
#include "lib/core/object/hash.h"
#include "lib/core/object/refname.h"
#include <irmin/alloc.h>

#define SYMBOLIC     "ref:"
#define REF_FILE_MAX 4096
#define DEPTH_MAX    128 /* of directories; each is open while those in it are */

int irmin__git_ref_is_own(const char *name)
{
	static const char *const own[] = { "refs/bisect/", "refs/rewritten/",
		"refs/worktree/" };
	size_t i;

	if (strncmp(name, "refs/", 5) != 0)
		return 1;
	for (i = 0; i < sizeof own / sizeof *own; i++)
		if (!strncmp(name, own[i], strlen(own[i])))
			return 1;
	return 0;
}

const char *irmin__git_ref_root(const irmin__git *git, const char *name)
{
	return irmin__git_ref_is_own(name) ? git->layout.git_dir
					   : git->layout.common_dir;
}

/* ---- one ref ---- */

static irmin_rc broken_ref(const char *file, const char *why, irmin_error *err)
{
	return irmin__error_at(err, IRMIN_ECORRUPT, file, 0,
	    "cannot read %s: %s", file, why);
}

/* What follows "ref:". */
static irmin_rc parse_symbolic(irmin_slice text, const char *file,
    irmin_buf *target, irmin_error *err)
{
	const char *begin = text.data;
	const char *end = begin + text.len;

	while (begin < end && isspace((unsigned char)*begin))
		begin++;
	while (end > begin && isspace((unsigned char)end[-1]))
		end--;
	text = irmin_bytes(begin, (size_t)(end - begin));
	if (irmin__refname_check(text, NULL) < 0)
		return broken_ref(file,
		    "a symbolic ref that names no possible ref", err);
	return irmin_buf_set(target, text, err);
}

static irmin_rc parse_ref(irmin_hash_algo hash, irmin_slice text,
    const char *file, irmin_ref_value *value, irmin_error *err)
{
	size_t digits = 2 * irmin_hash_size(hash);
	const char *bytes = text.data;
	size_t prefix = strlen(SYMBOLIC);

	if (text.len >= prefix && memcmp(bytes, SYMBOLIC, prefix) == 0)
		return parse_symbolic(irmin_bytes(bytes + prefix,
					  text.len - prefix),
		    file, &value->target, err);
	if (!text.len)
		return broken_ref(file, "the file is empty", err);
	if (text.len < digits ||
	    (text.len > digits && !isspace((unsigned char)bytes[digits])) ||
	    irmin_oid_parse(irmin_bytes(bytes, digits), &value->id, NULL) < 0)
		return broken_ref(file, "neither an id nor a symbolic ref",
		    err);
	return IRMIN_OK;
}

/* The beginning of a file. Asking for exactly an id and its end first saves a
 * system call that would only tell that nothing follows. */
static irmin_rc read_beginning(irmin__git *git, const char *file,
    char text[REF_FILE_MAX], size_t *len, irmin__os_stat *stat,
    irmin_error *err)
{
	size_t ask = 2 * irmin_hash_size(git->head.hash) + 1, more = 0;
	irmin__file *open;
	irmin_rc rc;

	*len = 0;
	rc = irmin__os_open(git->os, file, IRMIN__OS_READ, 0, &open, err);
	if (rc != IRMIN_OK)
		return rc;
	rc = stat ? irmin__os_stat_file(open, stat, err) : IRMIN_OK;
	if (rc >= 0)
		rc = irmin__os_read(open, 0, text, ask, len, err);
	if (rc >= 0 && *len == ask && text[ask - 1] != '\n')
		rc = irmin__os_read(open, ask, text + ask, REF_FILE_MAX - ask,
		    &more, err);
	*len += more;
	irmin__os_close(open);
	return rc;
}

/* A symlink to "refs/..." is a symbolic ref. Answers: OK; ABSENT. */
static irmin_rc read_symlink(irmin__git *git, const char *file,
    irmin_buf *target, irmin_error *err)
{
	irmin_rc rc = irmin__os_readlink(git->os, file, target, err);

	if (rc == IRMIN_OK &&
	    (target->len < 5 || memcmp(target->data, "refs/", 5) != 0 ||
		irmin__refname_check(irmin_buf_slice(target), NULL) < 0))
		rc = IRMIN_ABSENT;
	if (rc != IRMIN_OK)
		target->len = 0;
	return rc;
}

irmin_rc irmin__git_loose_ref_find(irmin__git *git, const char *name,
    irmin_ref_value *value, irmin_error *err)
{
	return irmin__git_loose_ref_read(git, name, value, NULL, err);
}

irmin_rc irmin__git_loose_ref_read(irmin__git *git, const char *name,
    irmin_ref_value *value, irmin__os_stat *stat, irmin_error *err)
{
	char text[REF_FILE_MAX];
	irmin__git_path file;
	irmin_error cause;
	size_t len;
	irmin_rc rc;

	memset(&value->id, 0, sizeof value->id);
	value->target.len = 0;
	rc = irmin__git_path_join(&file, irmin__git_ref_root(git, name), name,
	    err);
	if (rc < 0)
		return rc;
	if (git->settings.symlink_refs) {
		rc = read_symlink(git, file.text, &value->target, err);
		if (rc != IRMIN_ABSENT)
			return rc;
	}
	rc = read_beginning(git, file.text, text, &len, stat, &cause);
	if (rc == IRMIN_OK)
		return parse_ref(git->head.hash, irmin_bytes(text, len),
		    file.text, value, err);
	/* Directories can be opened, but not read. */
	if (rc < 0 &&
	    (cause.os_errno == EISDIR || cause.os_errno == ENAMETOOLONG))
		return IRMIN_ABSENT;
	if (rc < 0 && err)
		*err = cause;
	return rc;
}

/* ---- all refs ---- */

/* Tells the names in a directory whose path grows and shrinks meanwhile. */
static irmin_rc each_name(irmin__git *git, const irmin_buf *path,
    irmin__os_name_fn fn, void *arg, irmin_error *err)
{
	irmin_rc rc;
	char *copy;

	rc = irmin__text_copy(irmin_buf_slice(path), &copy, err);
	if (rc < 0)
		return rc;
	rc = irmin__os_each(git->os, copy, fn, arg, err);
	irmin_free(copy);
	return rc;
}

/* A walk over directories; `path` grows and shrinks on the way. */
typedef struct ref_walk {
	irmin__git *git;
	const char *prefix;
	irmin_buf path;
	size_t name; /* where the ref's name begins in it */
	int depth;
	irmin__os_name_fn fn;
	void *arg;
	irmin_error *err;
} ref_walk;

static irmin_slice walk_ref(const ref_walk *walk)
{
	return irmin_bytes(walk->path.data + walk->name,
	    walk->path.len - walk->name);
}

/* Whether the name of a ref begins with the prefix; of a directory: whether one
 * that begins with it can. */
static int may_match(const ref_walk *walk, irmin__os_kind kind)
{
	size_t len = strlen(walk->prefix);
	irmin_slice name = walk_ref(walk);

	if (name.len < len && kind != IRMIN__OS_DIRECTORY)
		return 0;
	len = len < name.len ? len : name.len;
	return memcmp(name.data, walk->prefix, len) == 0;
}

static int walk_name(void *arg, const char *name, irmin__os_kind kind);

static irmin_rc walk_directory(ref_walk *walk)
{
	irmin_rc rc;

	if (walk->depth == DEPTH_MAX)
		return irmin_error_set(walk->err, IRMIN_ELIMIT,
		    (const char *)walk->path.data,
		    "cannot list refs: directories are more than %d deep",
		    DEPTH_MAX);
	walk->depth++;
	rc = each_name(walk->git, &walk->path, walk_name, walk, walk->err);
	walk->depth--;
	return rc == IRMIN_ABSENT ? IRMIN_OK : rc;
}

/* What a name is that the directory itself does not tell. */
static irmin_rc find_kind(ref_walk *walk, irmin__os_kind *kind)
{
	irmin__os_stat stat;
	irmin_rc rc;

	rc = irmin__os_stat_path(walk->git->os, (const char *)walk->path.data,
	    1, &stat, walk->err);
	*kind = rc == IRMIN_OK ? stat.kind : IRMIN__OS_NONE;
	return rc < 0 ? rc : IRMIN_OK;
}

/* Lock files, and whatever else no ref can be called, are passed over. */
static irmin_rc walk_path(ref_walk *walk, irmin__os_kind kind)
{
	irmin_rc rc = IRMIN_OK;

	if (kind != IRMIN__OS_FILE && kind != IRMIN__OS_DIRECTORY)
		rc = find_kind(walk, &kind);
	if (rc >= 0 && kind == IRMIN__OS_DIRECTORY)
		rc = irmin_buf_append(&walk->path, irmin_text("/"), walk->err);
	if (rc < 0 || !may_match(walk, kind))
		return rc;
	if (kind == IRMIN__OS_DIRECTORY)
		return walk_directory(walk);
	if (kind != IRMIN__OS_FILE ||
	    irmin__refname_check(walk_ref(walk), NULL) < 0)
		return IRMIN_OK;
	return walk->fn(walk->arg, walk_ref(walk).data, kind);
}

static int walk_name(void *arg, const char *name, irmin__os_kind kind)
{
	ref_walk *walk = arg;
	size_t before = walk->path.len;
	irmin_rc rc;

	rc = irmin_buf_append(&walk->path, irmin_text(name), walk->err);
	if (rc >= 0)
		rc = walk_path(walk, kind);
	walk->path.len = before;
	walk->path.data[before] = '\0';
	return rc;
}

irmin_rc irmin__git_loose_ref_each(irmin__git *git, const char *root,
    const char *prefix, irmin__os_name_fn fn, void *arg, irmin_error *err)
{
	ref_walk walk = { git, prefix, IRMIN_BUF_INIT, strlen(root) + 1, 0, fn,
		arg, err };
	irmin_rc rc;

	rc = irmin_buf_set(&walk.path, irmin_text(root), err);
	if (rc >= 0)
		rc = irmin_buf_append(&walk.path, irmin_text("/refs/"), err);
	if (rc >= 0 && may_match(&walk, IRMIN__OS_DIRECTORY))
		rc = walk_directory(&walk);
	irmin_buf_clear(&walk.path);
	return rc;
}

/* ---- a directory in the way ---- */

typedef struct emptying {
	irmin__git *git;
	irmin_buf path;
	int depth;
	irmin_error *err;
} emptying;

static irmin_rc remove_empty(emptying *self);

static int remove_below(void *arg, const char *name, irmin__os_kind kind)
{
	emptying *self = arg;
	size_t before = self->path.len;
	irmin_rc rc;

	(void)kind; /* rmdir finds out */
	rc = irmin_buf_append(&self->path, irmin_text("/"), self->err);
	if (rc >= 0)
		rc = irmin_buf_append(&self->path, irmin_text(name), self->err);
	if (rc >= 0)
		rc = remove_empty(self);
	self->path.len = before;
	self->path.data[before] = '\0';
	return rc;
}

static irmin_rc remove_empty(emptying *self)
{
	irmin__os *os = self->git->os;
	irmin_rc rc;

	rc = irmin__os_rmdir(os, (const char *)self->path.data, self->err);
	if (rc != IRMIN_EEXIST || self->depth == DEPTH_MAX)
		return rc < 0 ? rc : IRMIN_OK;
	self->depth++;
	rc = each_name(self->git, &self->path, remove_below, self, self->err);
	self->depth--;
	if (rc >= 0)
		rc = irmin__os_rmdir(os, (const char *)self->path.data,
		    self->err);
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc irmin__git_loose_ref_clear_way(irmin__git *git, const char *path,
    irmin_error *err)
{
	emptying self = { git, IRMIN_BUF_INIT, 0, err };
	irmin_rc rc = irmin_buf_set(&self.path, irmin_text(path), err);

	if (rc >= 0)
		rc = remove_empty(&self);
	irmin_buf_clear(&self.path);
	return rc;
}
