/* What is wrong with the files around the objects: packs and their indexes, the
 * indexes over them, and files that belong to nothing. The objects themselves are
 * checked by who reads them. */
#include "lib/backend-git/git-objects.h"

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"

typedef struct checking {
	irmin__git_objects *self;
	const irmin_context *context;
	irmin__git_packs *packs;
	irmin_fault_fn fn;
	void *arg;
	irmin_error *err;
} checking;

static int tell(checking *c, irmin_fault_kind kind, const char *where,
    const char *text)
{
	irmin_fault fault = { .size = sizeof fault };

	fault.kind = kind;
	fault.where = where;
	fault.text = text;
	return c->fn(c->arg, &fault);
}

/* Tells a failure, unless it is one of ours: those end the check. */
static irmin_rc tell_failure(checking *c, const irmin_error *fault)
{
	if (fault->code != IRMIN_ENOMEM && fault->code != IRMIN_ECANCELED)
		return tell(c, IRMIN_FAULT_CORRUPT, fault->where, fault->text);
	if (c->err)
		*c->err = *fault;
	return fault->code;
}

/* ---- packs ---- */

static irmin_rc check_pack(checking *c, size_t at)
{
	irmin__pack *pack;
	irmin_error fault;
	irmin_rc rc;

	rc = irmin__context_check(c->context, c->err);
	if (rc < 0)
		return rc;
	rc = irmin__git_pack_at(c->self, c->packs, at, &pack, &fault);
	if (rc == IRMIN_OK)
		rc = irmin__pack_verify(pack, c->context, &fault);
	if (rc < 0)
		return tell_failure(c, &fault);
	return IRMIN_OK; /* what is gone needs no check */
}

/* What belongs to all objects of a directory: the indexes over many packs, and
 * over commits. */
static irmin_rc check_indexes(checking *c, size_t directory)
{
	irmin_error fault;
	irmin_rc rc;

	rc = irmin__git_midx_verify(c->self,
	    c->packs->directories.items[directory].path, &fault);
	if (rc < 0)
		rc = tell_failure(c, &fault);
	if (rc != IRMIN_OK)
		return rc;
	rc = irmin__git_graph_verify(c->self, c->packs, directory, &fault);
	return rc < 0 ? tell_failure(c, &fault) : IRMIN_OK;
}

/* ---- what belongs to nothing ---- */

/* A directory that is looked through. */
typedef struct looking {
	checking *c;
	const char *path;
	size_t name_len; /* of loose objects; 0: another directory */
} looking;

static int is_hex(const char *name, size_t len)
{
	return strlen(name) == len && strspn(name, "0123456789abcdef") == len;
}

static int look_at_name(void *arg, const char *name, irmin__os_kind kind)
{
	looking *l = arg;
	irmin__git_path path;
	const char *why = NULL;
	irmin_rc rc;

	(void)kind;
	if (irmin__slice_begins(irmin_text(name), "tmp_"))
		why = "a temporary file, left behind by who was interrupted; "
		      "'git prune' removes it";
	else if (l->name_len && !is_hex(name, l->name_len))
		why = "no name of an object";
	if (!why)
		return IRMIN_OK;
	rc = irmin__git_path_join(&path, l->path, name, l->c->err);
	return rc < 0 ? rc : tell(l->c, IRMIN_FAULT_WARNING, path.text, why);
}

static irmin_rc look_through(checking *c, const char *name, size_t name_len)
{
	irmin__git *git = c->self->git;
	irmin__git_path path;
	looking l = { c, path.text, name_len };
	irmin_rc rc;

	rc = irmin__git_path_join(&path, git->layout.objects, name, c->err);
	if (rc >= 0)
		rc = irmin__os_each(git->os, path.text, look_at_name, &l,
		    c->err);
	return rc == IRMIN_ABSENT ? IRMIN_OK : rc;
}

static int look_into_directory(void *arg, const char *name, irmin__os_kind kind)
{
	checking *c = arg;
	irmin_rc rc = irmin__context_check(c->context, c->err);

	(void)kind;
	if (rc < 0 || !is_hex(name, 2))
		return rc;
	return look_through(c, name,
	    2 * irmin_hash_size(c->self->git->head.hash) - 2);
}

static irmin_rc check_names(checking *c)
{
	irmin__git *git = c->self->git;
	irmin_rc rc;

	rc = look_through(c, ".", 0);
	if (rc == IRMIN_OK)
		rc = look_through(c, "pack", 0);
	if (rc == IRMIN_OK)
		rc = irmin__os_each(git->os, git->layout.objects,
		    look_into_directory, c, c->err);
	return rc == IRMIN_ABSENT ? IRMIN_OK : rc;
}

/* ---- alternates ---- */

/* From where nothing can be borrowed. What is missing for that is told by who
 * looks for it. */
static irmin_rc check_alternates(checking *c, size_t directory)
{
	irmin__git_texts lost = { NULL, 0, 0 };
	irmin_error fault;
	irmin_rc rc;
	size_t i;

	rc = irmin__git_alternates_lost(c->self->git->os,
	    c->packs->directories.items[directory].path, &lost, &fault);
	if (rc < 0)
		rc = tell_failure(c, &fault);
	for (i = 0; rc == IRMIN_OK && i < lost.len; i++)
		rc = tell(c, IRMIN_FAULT_WARNING, lost.items[i],
		    "objects are to be borrowed from there, but there is no "
		    "such directory");
	irmin__git_texts_clear(&lost);
	return rc;
}

/* ---- all ---- */

irmin_rc irmin__git_objects_verify(irmin_objects *objects,
    const irmin_context *context, irmin_fault_fn fn, void *arg,
    irmin_error *err)
{
	checking c = { (irmin__git_objects *)objects, context, NULL, fn, arg,
		err };
	irmin_rc rc;
	size_t i;

	irmin_error_clear(err);
	rc = irmin__git_packs_get(c.self, &c.packs, err);
	if (rc >= 0)
		rc = irmin__git_packs_look(c.self, &c.packs, err);
	if (rc >= 0)
		rc = check_names(&c);
	for (i = 0; rc == IRMIN_OK && i < c.packs->packs.len; i++)
		rc = check_pack(&c, i);
	for (i = 0; rc == IRMIN_OK && i < c.packs->directories.len; i++)
		rc = check_indexes(&c, i);
	for (i = 0; rc == IRMIN_OK && i < c.packs->directories.len; i++)
		rc = check_alternates(&c, i);
	irmin__git_packs_unref(c.packs);
	return rc;
}
