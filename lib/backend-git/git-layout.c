/* Which directories a repository consists of:
 *
 *   x/HEAD x/objects/ x/refs/      x is a git directory
 *   x/.git/...                     x is a work tree
 *   x/.git  "gitdir: <path>\n"     a linked work tree, or a submodule
 *   <git directory>/commondir      "<path>\n": where all but HEAD lies
 */
#include "lib/backend-git/git-parts.h"

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"
#include <irmin/alloc.h>

#define LINK_MAX_BYTES 16384
#define GITDIR         "gitdir:"

void irmin__git_layout_clear(irmin__git_layout *layout)
{
	irmin_free(layout->git_dir);
	irmin_free(layout->common_dir);
	irmin_free(layout->objects);
	memset(layout, 0, sizeof *layout);
}

/* What `name` in `directory` is; NONE if there is nothing. */
static irmin_rc kind_of(irmin__os *os, const char *directory, const char *name,
    irmin__os_kind *kind, irmin_error *err)
{
	irmin__git_path path;
	irmin__os_stat stat;
	irmin_rc rc;

	*kind = IRMIN__OS_NONE;
	rc = irmin__git_path_join(&path, directory, name, err);
	if (rc >= 0)
		rc = irmin__os_stat_path(os, path.text, 1, &stat, err);
	if (rc == IRMIN_OK)
		*kind = stat.kind;
	return rc;
}

/* A path from a file, relative to the directory of that file, as an absolute
 * one. It may lead anywhere, as in git. */
static irmin_rc resolve(irmin__os *os, const char *directory, const char *path,
    char **absolute, irmin_error *err)
{
	irmin_buf buf = IRMIN_BUF_INIT;
	irmin__git_path joined;
	irmin_rc rc = IRMIN_OK;

	if (path[0] != '/') {
		rc = irmin__git_path_join(&joined, directory, path, err);
		path = joined.text;
	}
	if (rc >= 0)
		rc = irmin__os_absolute(os, path, &buf, err);
	if (rc >= 0) {
		irmin_free(*absolute);
		rc = irmin__text_copy(irmin_buf_slice(&buf), absolute, err);
	}
	irmin_buf_clear(&buf);
	return rc;
}

/* The path in a file of one line, behind `prefix`. Answers: OK; ABSENT. */
static irmin_rc read_link(irmin__os *os, const char *file, const char *prefix,
    irmin_buf *text, irmin_error *err)
{
	size_t skip = strlen(prefix);
	irmin_rc rc;

	rc = irmin__os_read_file(os, file, LINK_MAX_BYTES, text, err);
	if (rc != IRMIN_OK)
		return rc;
	while (text->len &&
	    (text->data[text->len - 1] == '\n' ||
		text->data[text->len - 1] == '\r'))
		text->data[--text->len] = '\0';
	if (text->len > skip && memcmp(text->data, prefix, skip) == 0)
		while (skip < text->len && skip && text->data[skip] == ' ')
			skip++;
	else
		skip = text->len;
	if (skip == text->len || memchr(text->data, '\0', text->len))
		return irmin__error_at(err, IRMIN_ECORRUPT, file, 0,
		    "cannot use %s: it is not one line \"%s%s<path>\"", file,
		    prefix, prefix[0] ? " " : "");
	text->len -= skip;
	memmove(text->data, text->data + skip, text->len + 1);
	return IRMIN_OK;
}

/* Whether there is a HEAD: a file, or a symlink as old versions made it, which
 * may lead nowhere yet. */
static irmin_rc has_head(irmin__os *os, const char *directory, irmin_error *err)
{
	irmin__git_path path;
	irmin__os_stat stat;
	irmin_rc rc;

	rc = irmin__git_path_join(&path, directory, "HEAD", err);
	if (rc >= 0)
		rc = irmin__os_stat_path(os, path.text, 0, &stat, err);
	if (rc == IRMIN_OK && stat.kind != IRMIN__OS_FILE &&
	    stat.kind != IRMIN__OS_SYMLINK)
		rc = IRMIN_ABSENT;
	return rc;
}

/* Fills the common directory from the git directory. */
static irmin_rc find_common(irmin__os *os, irmin__git_layout *layout,
    irmin_error *err)
{
	irmin_buf text = IRMIN_BUF_INIT;
	irmin__git_path path;
	irmin_rc rc;

	rc = irmin__git_path_join(&path, layout->git_dir, "commondir", err);
	if (rc >= 0)
		rc = read_link(os, path.text, "", &text, err);
	if (rc >= 0)
		rc = resolve(os, layout->git_dir,
		    rc == IRMIN_OK ? (const char *)text.data : ".",
		    &layout->common_dir, err);
	if (rc >= 0)
		rc = irmin__git_path_join(&path, layout->common_dir, "objects",
		    err);
	if (rc >= 0) {
		irmin_free(layout->objects);
		rc = irmin__text_copy(irmin_text(path.text), &layout->objects,
		    err);
	}
	irmin_buf_clear(&text);
	return rc;
}

/* Whether a directory is a git directory; if so, fills the layout. Answers: OK;
 * ABSENT. */
static irmin_rc look_at(irmin__os *os, const char *directory,
    irmin__git_layout *layout, irmin_error *err)
{
	static const char *const parts[] = { "objects", "refs" };
	irmin__os_kind kind;
	irmin_rc rc;
	size_t i;

	rc = has_head(os, directory, err);
	if (rc == IRMIN_OK)
		rc = resolve(os, directory, directory, &layout->git_dir, err);
	if (rc == IRMIN_OK)
		rc = find_common(os, layout, err);
	for (i = 0; rc == IRMIN_OK && i < sizeof parts / sizeof *parts; i++) {
		rc = kind_of(os, layout->common_dir, parts[i], &kind, err);
		if (rc >= 0 && kind != IRMIN__OS_DIRECTORY)
			rc = IRMIN_ABSENT;
	}
	return rc;
}

/* What a .git file names; `file` is absolute. */
static irmin_rc look_behind(irmin__os *os, const char *file,
    irmin__git_layout *layout, irmin_error *err)
{
	irmin_buf text = IRMIN_BUF_INIT;
	char *directory, *target = NULL;
	irmin_rc rc;

	rc = irmin__text_copy(irmin_text(file), &directory, err);
	if (rc < 0)
		return rc;
	*strrchr(directory, '/') = '\0';
	rc = read_link(os, file, GITDIR, &text, err);
	if (rc == IRMIN_OK)
		rc = resolve(os, directory, (const char *)text.data, &target,
		    err);
	if (rc == IRMIN_OK)
		rc = look_at(os, target, layout, err);
	if (rc == IRMIN_ABSENT)
		rc = irmin_error_set(err, IRMIN_EINVAL, file,
		    "cannot open the repository of %s: %s, which it names, is "
		    "no git directory",
		    file, target ? target : "the file");
	irmin_free(directory);
	irmin_free(target);
	irmin_buf_clear(&text);
	return rc;
}

static irmin_rc no_repository(irmin__os *os, const char *path, irmin_error *err)
{
	irmin_rc rc = irmin__git_init_check(os, path, err);

	if (rc == IRMIN_EEXIST)
		return irmin_error_set(err, IRMIN_EINVAL, path,
		    "cannot open %s: it is not a git repository", path);
	return rc < 0 ? rc : IRMIN_ABSENT;
}

static irmin_rc find_in(irmin__os *os, const char *path,
    irmin__git_layout *layout, irmin_error *err)
{
	irmin__git_path inner;
	irmin__os_kind kind;
	irmin_rc rc;

	rc = kind_of(os, path, ".git", &kind, err);
	if (rc >= 0)
		rc = irmin__git_path_join(&inner, path, ".git", err);
	if (rc < 0)
		return rc;
	rc = IRMIN_ABSENT;
	if (kind == IRMIN__OS_FILE)
		rc = look_behind(os, inner.text, layout, err);
	else if (kind == IRMIN__OS_DIRECTORY)
		rc = look_at(os, inner.text, layout, err);
	if (rc == IRMIN_ABSENT)
		rc = look_at(os, path, layout, err);
	return rc == IRMIN_ABSENT ? no_repository(os, path, err) : rc;
}

irmin_rc irmin__git_layout_find(irmin__os *os, const char *path,
    irmin__git_layout *layout, irmin_error *err)
{
	irmin_buf absolute = IRMIN_BUF_INIT;
	irmin__os_stat stat;
	irmin_rc rc;

	memset(layout, 0, sizeof *layout);
	rc = irmin__os_absolute(os, path, &absolute, err);
	if (rc < 0)
		goto done;
	path = (const char *)absolute.data;
	rc = irmin__os_stat_path(os, path, 1, &stat, err);
	if (rc != IRMIN_OK)
		goto done;
	rc = stat.kind == IRMIN__OS_DIRECTORY
	    ? find_in(os, path, layout, err)
	    : look_behind(os, path, layout, err);
done:
	if (rc != IRMIN_OK)
		irmin__git_layout_clear(layout);
	irmin_buf_clear(&absolute);
	return rc;
}
