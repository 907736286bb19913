#include "lib/backend-git/git-keep.h"

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/base/text.h"
#include <irmin/alloc.h>

#define KEEP  ".keep"
#define PACK  ".pack"
#define INDEX ".idx"

#define TRIES 8

/* For who finds it. */
#define TEXT "libirmin: until a ref leads to this pack\n"

irmin_rc irmin__git_keeps_init(irmin__git_keeps *keeps, irmin_error *err)
{
	irmin_rc rc = irmin__mutex_init(&keeps->mutex, err);

	keeps->ready = rc >= 0;
	return rc;
}

/* ---- names ---- */

/* Puts another end in the place of ".pack" or ".keep". */
static irmin_rc beside(const char *name, const char *end, irmin__git_path *path,
    irmin_error *err)
{
	size_t stem = strlen(name) - strlen(KEEP);

	if (stem + strlen(end) >= sizeof path->text)
		return irmin_error_set(err, IRMIN_EINVAL, name,
		    "cannot use %s: its name is too long", name);
	memcpy(path->text, name, stem);
	memcpy(path->text + stem, end, strlen(end) + 1);
	return IRMIN_OK;
}

/* With the lock: what holds the machine's lock holds it for all names, so it is
 * closed after the last of them. */
static void forget_holders(irmin__git_keeps *keeps)
{
	if (keeps->paths.len)
		return;
	while (keeps->holders.len)
		irmin__os_close(keeps->holders.items[--keeps->holders.len]);
	IRMIN__VEC_CLEAR(&keeps->holders);
	IRMIN__VEC_CLEAR(&keeps->paths);
}

/* ---- making ---- */

/* Who looks for what was left behind may take it for that just after it was
 * made, before we hold it, and remove it. */
static irmin_rc make_marked(irmin__git *git, irmin__git_lock *made,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_ELOCKED;
	int tries;

	for (tries = 0; rc == IRMIN_ELOCKED && tries < TRIES; tries++)
		rc = irmin__git_marked_make(git, git->layout.common_dir, made,
		    err);
	if (rc != IRMIN_ELOCKED)
		return rc;
	return irmin_error_set(err, IRMIN_EEXIST, made->path,
	    "cannot make %s: somebody else has", made->path);
}

/* With the lock: a file of its own, which holds the machine's lock for all that
 * become names of it. */
static irmin_rc make_file(irmin__git *git, char *path, irmin_error *err)
{
	irmin__git_keeps *keeps = &git->keeps;
	irmin__git_lock made = { path, NULL, 0 };
	irmin_rc rc = IRMIN__VEC_RESERVE(&keeps->holders, 1, err);

	if (rc < 0)
		return rc;
	rc = make_marked(git, &made, err);
	if (rc < 0)
		return rc;
	rc = irmin__os_write(made.file, irmin_text(TEXT), err);
	if (rc < 0) {
		(void)irmin__os_unlink(git->os, path, NULL);
		irmin__os_close(made.file);
		return rc;
	}
	IRMIN__VEC_PUSH(&keeps->holders, made.file);
	return IRMIN_OK;
}

/* With the lock. */
static irmin_rc make(irmin__git *git, char *path, irmin_error *err)
{
	irmin__git_keeps *keeps = &git->keeps;
	irmin_rc rc = IRMIN_ABSENT;

	if (keeps->paths.len)
		rc = irmin__os_link(git->os, keeps->paths.items[0], path, NULL);
	return rc == IRMIN_OK ? rc : make_file(git, path, err);
}

irmin_rc irmin__git_keep_make(irmin__git *git, const char *pack,
    irmin_error *err)
{
	irmin__git_keeps *keeps = &git->keeps;
	irmin__git_path path;
	char *copy = NULL;
	irmin_rc rc;

	irmin__git_keeps_sweep(git);
	rc = beside(pack, KEEP, &path, err);
	if (rc >= 0)
		rc = irmin__text_copy(irmin_text(path.text), &copy, err);
	if (rc < 0)
		return rc;
	irmin__mutex_lock(&keeps->mutex);
	rc = IRMIN__VEC_RESERVE(&keeps->paths, 1, err);
	if (rc >= 0)
		rc = make(git, copy, err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(&keeps->paths, copy);
	else
		irmin_free(copy);
	forget_holders(keeps);
	irmin__mutex_unlock(&keeps->mutex);
	return rc;
}

/* ---- taking away ---- */

/* With the lock. */
static void take_away(irmin__git *git, size_t first, size_t count)
{
	irmin__git_keeps *keeps = &git->keeps;
	size_t i, ripe = keeps->ripe;
	char **paths;

	if (!count)
		return;
	paths = keeps->paths.items + first;
	for (i = 0; i < count; i++) {
		(void)irmin__os_unlink(git->os, paths[i], NULL);
		irmin_free(paths[i]);
	}
	keeps->paths.len -= count;
	memmove(paths, paths + count,
	    (keeps->paths.len - first) * sizeof *paths);
	for (i = first; i < first + count; i++)
		keeps->ripe -= i < ripe;
	forget_holders(keeps);
}

void irmin__git_keep_undo(irmin__git *git, const char *pack)
{
	irmin__git_keeps *keeps = &git->keeps;
	irmin__git_path path;
	size_t i;

	if (beside(pack, KEEP, &path, NULL) < 0)
		return;
	irmin__mutex_lock(&keeps->mutex);
	for (i = keeps->paths.len; i-- > 0;)
		if (!strcmp(keeps->paths.items[i], path.text))
			take_away(git, i, 1);
	irmin__mutex_unlock(&keeps->mutex);
}

void irmin__git_keeps_clear(irmin__git *git)
{
	irmin__git_keeps *keeps = &git->keeps;

	if (!keeps->ready)
		return;
	take_away(git, 0, keeps->paths.len);
	irmin__mutex_clear(&keeps->mutex);
}

/* ---- when ---- */

void irmin__git_work_begin(irmin__git *git)
{
	irmin__mutex_lock(&git->keeps.mutex);
	git->keeps.working++;
	irmin__mutex_unlock(&git->keeps.mutex);
}

void irmin__git_work_end(irmin__git *git)
{
	irmin__git_keeps *keeps = &git->keeps;

	irmin__mutex_lock(&keeps->mutex);
	if (--keeps->working == 0)
		take_away(git, 0, keeps->ripe);
	irmin__mutex_unlock(&keeps->mutex);
}

void irmin__git_keeps_ref_moved(irmin__git *git)
{
	irmin__git_keeps *keeps = &git->keeps;
	int first;

	irmin__mutex_lock(&keeps->mutex);
	first = !keeps->swept;
	keeps->swept = 1;
	keeps->ripe = keeps->paths.len;
	if (!keeps->working)
		take_away(git, 0, keeps->ripe);
	irmin__mutex_unlock(&keeps->mutex);
	if (first)
		irmin__git_keeps_sweep(git);
}

/* ---- what was left behind ---- */

int irmin__git_keep_is_ours(irmin__git *git, const char *keep)
{
	irmin__os_stat stat;

	return irmin__os_stat_path(git->os, keep, 0, &stat, NULL) == IRMIN_OK &&
	    irmin__git_is_marked(&stat);
}

/* A pack that has no index yet was never seen by anybody, and nobody else uses
 * its name. */
static void sweep_pack(irmin__git *git, const char *keep)
{
	irmin__git_path path;
	irmin__os_stat stat;

	if (beside(keep, INDEX, &path, NULL) < 0 ||
	    irmin__os_stat_path(git->os, path.text, 0, &stat, NULL) !=
		IRMIN_ABSENT)
		return;
	if (beside(keep, PACK, &path, NULL) >= 0)
		(void)irmin__os_unlink(git->os, path.text, NULL);
}

struct sweep {
	irmin__git *git;
	const char *directory;
};

static int sweep_name(void *arg, const char *name, irmin__os_kind kind)
{
	struct sweep *sweep = arg;
	irmin__git_path path;

	(void)kind;
	if (!irmin__slice_ends(irmin_text(name), KEEP) ||
	    irmin__git_path_join(&path, sweep->directory, name, NULL) < 0)
		return 0;
	if (irmin__git_marked_sweep(sweep->git, path.text))
		sweep_pack(sweep->git, path.text);
	return 0;
}

void irmin__git_keeps_sweep(irmin__git *git)
{
	irmin__git_path path;
	struct sweep sweep = { git, path.text };

	if (irmin__git_path_join(&path, git->layout.objects, "pack", NULL) >= 0)
		(void)irmin__os_each(git->os, path.text, sweep_name, &sweep,
		    NULL);
}
