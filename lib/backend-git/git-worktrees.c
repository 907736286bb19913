/* Which branches are checked out:
 *
 *   HEAD                       of the main work tree, unless bare
 *   worktrees/<id>/HEAD        of a linked one
 *   worktrees/<id>/gitdir      "<linked work tree>/.git\n"
 *
 * What a rebase or a bisect in progress will come back to, which git looks at
 * too, is not looked at.
 */
#include "lib/backend-git/git-parts.h"

#include "lib/core/base/error.h"

#define LINK_MAX_BYTES 16384

typedef struct search {
	irmin__git *git;
	const char *name; /* of the ref */
	irmin_buf *where;
	irmin_error *err;
} search;

/* Whether the HEAD in a directory names the ref. Answers: OK; ABSENT. */
static irmin_rc head_names(const search *s, const char *directory)
{
	static const char symbolic[] = "ref:";
	irmin_buf head = IRMIN_BUF_INIT;
	irmin__git_path path;
	const char *target;
	irmin_rc rc;

	rc = irmin__git_path_join(&path, directory, "HEAD", s->err);
	if (rc >= 0)
		rc = irmin__os_read_file(s->git->os, path.text, LINK_MAX_BYTES,
		    &head, s->err);
	if (rc != IRMIN_OK)
		goto done;
	rc = IRMIN_ABSENT;
	while (head.len && strchr(" \t\r\n", head.data[head.len - 1]))
		head.data[--head.len] = '\0';
	target = (const char *)head.data;
	if (strncmp(target, symbolic, strlen(symbolic)) != 0)
		goto done;
	target += strlen(symbolic);
	target += strspn(target, " \t");
	if (!strcmp(target, s->name))
		rc = IRMIN_OK;
done:
	irmin_buf_clear(&head);
	return rc;
}

/* ".git" goes from the end of a path. */
static void cut_git(irmin_buf *path)
{
	static const char git[] = "/.git";
	size_t len = strlen(git);

	if (path->len > len &&
	    memcmp(path->data + path->len - len, git, len) == 0)
		path->len -= len;
	path->data[path->len] = '\0';
}

static irmin_rc main_work_tree(const search *s)
{
	const irmin__git *git = s->git;
	const char *set = irmin__git_config_find(&git->local, "core.worktree");
	irmin__git_path path;
	irmin_rc rc = IRMIN_OK;

	if (set && set[0] == '/')
		return irmin_buf_set(s->where, irmin_text(set), s->err);
	if (set) {
		rc = irmin__git_path_join(&path, git->layout.common_dir, set,
		    s->err);
		return rc < 0
		    ? rc
		    : irmin__os_absolute(git->os, path.text, s->where, s->err);
	}
	rc = irmin_buf_set(s->where, irmin_text(git->layout.common_dir),
	    s->err);
	if (rc >= 0)
		cut_git(s->where);
	return rc;
}

/* The directory of a linked work tree; its administration's, if that says
 * nothing. */
static irmin_rc linked_work_tree(const search *s, const char *directory)
{
	irmin__git_path path;
	irmin_rc rc;

	rc = irmin__git_path_join(&path, directory, "gitdir", s->err);
	if (rc >= 0)
		rc = irmin__os_read_file(s->git->os, path.text, LINK_MAX_BYTES,
		    s->where, s->err);
	if (rc == IRMIN_ABSENT || (rc == IRMIN_OK && !s->where->len))
		return irmin_buf_set(s->where, irmin_text(directory), s->err);
	if (rc < 0)
		return rc;
	while (
	    s->where->len && strchr("\r\n", s->where->data[s->where->len - 1]))
		s->where->len--;
	cut_git(s->where);
	return IRMIN_OK;
}

/* The work tree that follows the HEAD of this git directory. Answers: OK;
 * ABSENT. */
static irmin_rc own_work_tree(const search *s)
{
	const irmin__git_layout *layout = &s->git->layout;

	if (strcmp(layout->git_dir, layout->common_dir) != 0)
		return linked_work_tree(s, layout->git_dir);
	return s->git->settings.bare ? IRMIN_ABSENT : main_work_tree(s);
}

/* Answers 1 to end the walk: found. */
static int look_at_linked(void *arg, const char *id, irmin__os_kind kind)
{
	const search *s = arg;
	irmin__git_path above, directory;
	irmin_rc rc;

	(void)kind;
	rc = irmin__git_path_join(&above, s->git->layout.common_dir,
	    "worktrees", s->err);
	if (rc >= 0)
		rc = irmin__git_path_join(&directory, above.text, id, s->err);
	if (rc >= 0)
		rc = head_names(s, directory.text);
	if (rc != IRMIN_OK)
		return rc < 0 ? rc : 0;
	rc = linked_work_tree(s, directory.text);
	return rc < 0 ? rc : 1;
}

irmin_rc irmin__git_refs_checked_out(irmin_refs *refs,
    const irmin_context *context, const char *name, irmin_buf *where,
    irmin_error *err)
{
	irmin__git *git = ((irmin__git_refs *)refs)->git;
	search s = { git, name, where, err };
	irmin__git_path path;
	irmin_rc rc = IRMIN_ABSENT;

	(void)context;
	irmin_error_clear(err);
	where->len = 0;
	if (!strcmp(name, "HEAD"))
		return own_work_tree(&s);
	if (!git->settings.bare)
		rc = head_names(&s, git->layout.common_dir);
	if (rc == IRMIN_OK)
		return main_work_tree(&s);
	if (rc >= 0)
		rc = irmin__git_path_join(&path, git->layout.common_dir,
		    "worktrees", err);
	if (rc >= 0)
		rc = irmin__os_each(git->os, path.text, look_at_linked, &s,
		    err);
	if (rc < 0)
		return rc;
	return rc == 1 && where->len ? IRMIN_OK : IRMIN_ABSENT;
}
