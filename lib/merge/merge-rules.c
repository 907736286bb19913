/* The types of paths and directories of a repository: a list to which entries are
 * added in front, and from which none is taken while the repository lives. So it
 * is read without a lock, and what is found in it may be borrowed. */
#include "lib/merge/rules.h"

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/object/path.h"
#include <irmin/alloc.h>

struct irmin__rules {
	irmin__rules *older;
	irmin_contents *contents;
	int is_rule; /* for the paths of the pattern; else for its name */
	size_t length;
	char pattern[];
};

static irmin__rules *newest(const irmin_repo *repo)
{
	return atomic_load_explicit(&((irmin_repo *)repo)->rules,
	    memory_order_acquire);
}

void irmin__rules_free(irmin__rules *rules)
{
	irmin__rules *older;

	for (; rules; rules = older) {
		older = rules->older;
		irmin_contents_unref(rules->contents);
		irmin_free(rules);
	}
}

/* ---- looking ---- */

irmin_contents *irmin__rules_find(const irmin_repo *repo, irmin_slice path)
{
	irmin__rules *at;

	for (at = newest(repo); at; at = at->older)
		if (at->is_rule &&
		    irmin__pattern_matches(irmin_bytes(at->pattern, at->length),
			path))
			return at->contents;
	return NULL;
}

static irmin_contents *find_type(irmin__rules *at, irmin_slice name)
{
	for (; at; at = at->older)
		if (!at->is_rule &&
		    irmin__slice_is(name, irmin_contents_name(at->contents)))
			return at->contents;
	return NULL;
}

irmin_contents *irmin__rules_find_type(const irmin_repo *repo, irmin_slice name)
{
	return find_type(newest(repo), name);
}

irmin_rc irmin_repo_contents(irmin_repo *repo, const char *path,
    irmin_contents **contents, irmin_error *err)
{
	irmin_contents *found;
	irmin_rc rc;

	irmin_error_clear(err);
	*contents = NULL;
	rc = irmin__path_check_read(irmin_text(path), &repo->limits, err);
	if (rc < 0)
		return rc;
	found = irmin__rules_find(repo, irmin_text(path));
	*contents = found ? irmin_contents_ref(found)
			  : irmin_contents_bytes(irmin_merge_idempotent());
	return *contents ? IRMIN_OK : irmin__enomem(err);
}

irmin_rc irmin__rules_check_value(irmin_repo *repo, irmin_slice path,
    irmin_slice value, irmin_error *err)
{
	irmin_contents *contents = irmin__rules_find(repo, path);
	irmin_value *decoded = NULL;
	irmin_error why;
	irmin_rc rc;

	if (!contents)
		return IRMIN_OK;
	rc = irmin_contents_decode(contents, value, &decoded, &why);
	irmin_value_unref(decoded);
	if (rc < 0)
		return irmin_error_set(err, rc, NULL,
		    "the value is not of type %s: %s",
		    irmin_contents_name(contents), why.text);
	return IRMIN_OK;
}

/* ---- adding ---- */

static irmin_rc refuse_second(const irmin_contents *contents, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_EEXIST, irmin_contents_name(contents),
	    "there is a type \"%s\" already", irmin_contents_name(contents));
}

/* Puts an entry in front, unless it is a second type of one name. */
static irmin_rc push(irmin_repo *repo, irmin__rules *made, irmin_error *err)
{
	irmin_slice name = irmin_text(irmin_contents_name(made->contents));

	made->older = newest(repo);
	do {
		if (!made->is_rule && find_type(made->older, name))
			return refuse_second(made->contents, err);
	} while (!atomic_compare_exchange_weak_explicit(&repo->rules,
	    &made->older, made, memory_order_acq_rel, memory_order_acquire));
	return IRMIN_OK;
}

/* Who could not give them back in the end is not given any. */
static irmin_rc check_merger(const irmin_repo *repo, irmin_error *err)
{
	if (repo->merger)
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_ENOTSUP, repo->location,
	    "the repository was opened without merging");
}

/* Consumes the contents; a NULL pattern is a type's. */
static irmin_rc make(const char *pattern, irmin_contents *contents,
    irmin__rules **made, irmin_error *err)
{
	irmin_slice text = irmin_text(pattern ? pattern : "");

	*made = contents ? irmin_calloc(1, sizeof **made + text.len + 1) : NULL;
	if (!*made) {
		irmin_contents_unref(contents);
		return irmin__enomem(err);
	}
	(*made)->contents = contents;
	(*made)->is_rule = pattern != NULL;
	(*made)->length = text.len;
	memcpy((*made)->pattern, text.data, text.len);
	return IRMIN_OK;
}

static irmin_rc add(irmin_repo *repo, const char *pattern,
    irmin_contents *contents, irmin_error *err)
{
	irmin__rules *made;
	irmin_rc rc = make(pattern, contents, &made, err);

	if (rc < 0)
		return rc;
	rc = check_merger(repo, err);
	if (rc >= 0)
		rc = push(repo, made, err);
	if (rc < 0) {
		made->older = NULL;
		irmin__rules_free(made);
	}
	return rc;
}

irmin_rc irmin_repo_rule(irmin_repo *repo, const char *pattern,
    irmin_contents *contents, irmin_error *err)
{
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__pattern_check(pattern, err);
	if (rc < 0) {
		irmin_contents_unref(contents);
		return rc;
	}
	return add(repo, pattern, contents, err);
}

irmin_rc irmin_repo_add_type(irmin_repo *repo, irmin_contents *contents,
    irmin_error *err)
{
	irmin_error_clear(err);
	return add(repo, NULL, contents, err);
}
