/* The refs of a copy: all that differ in one change, or, where names are in each
 * other's way, those that go before those that come; then the symbolic ones.
 */
#include "lib/core/store/copy.h"

#include "lib/core/base/text.h"
#include "lib/core/base/vec.h"
#include "lib/core/store/heads.h"

/* How often the refs are read again when somebody moves them meanwhile. */
#define MAX_TRIES 5

struct ref {
	char *name;
	irmin_oid id;
	char *target; /* of a symbolic one, or NULL */
};

struct refs {
	IRMIN__VEC(struct ref) all; /* sorted by name */
	irmin_error *err;
};

struct changes {
	IRMIN__VEC(irmin_ref_change) moves;
	IRMIN__VEC(const struct ref *) links;
};

/* ---- reading ---- */

static void clear_refs(struct refs *refs)
{
	size_t i;

	for (i = 0; i < refs->all.len; i++) {
		irmin_free(refs->all.items[i].name);
		irmin_free(refs->all.items[i].target);
	}
	IRMIN__VEC_CLEAR(&refs->all);
}

static int add_ref(void *arg, const char *name, const irmin_ref_value *value)
{
	struct refs *refs = arg;
	struct ref *made;
	irmin_rc rc = IRMIN__VEC_RESERVE(&refs->all, 1, refs->err);

	if (rc < 0)
		return rc;
	made = &refs->all.items[refs->all.len++];
	memset(made, 0, sizeof *made);
	made->id = value->id;
	rc = irmin__text_copy(irmin_text(name), &made->name, refs->err);
	if (rc >= 0 && value->target.len)
		rc = irmin__text_copy(irmin_buf_slice(&value->target),
		    &made->target, refs->err);
	return rc < 0 ? rc : 0;
}

/* All refs, and HEAD in front of them, which is where its name is in order. */
static irmin_rc read_refs(irmin_repo *repo, const irmin_context *context,
    struct refs *refs, irmin_error *err)
{
	irmin_ref_value head = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	irmin_rc rc = irmin__repo_ref_find(repo, context, "HEAD", &head, err);

	refs->err = err;
	if (rc == IRMIN_OK)
		rc = add_ref(refs, "HEAD", &head);
	irmin_buf_clear(&head.target);
	if (rc >= 0)
		rc = irmin__repo_ref_each(repo, context, "", add_ref, refs,
		    err);
	return rc;
}

/* ---- what differs ---- */

static int is_same(const struct ref *a, const struct ref *b)
{
	if (!a->target || !b->target)
		return !a->target && !b->target &&
		    irmin_oid_compare(&a->id, &b->id) == 0;
	return strcmp(a->target, b->target) == 0;
}

static irmin_rc add_move(struct changes *changes, const char *name,
    const struct ref *was, const struct ref *will, irmin_error *err)
{
	irmin_ref_change change;
	irmin_rc rc = IRMIN__VEC_RESERVE(&changes->moves, 1, err);

	if (rc < 0)
		return rc;
	memset(&change, 0, sizeof change);
	change.name = name;
	if (was && was->target)
		change.any = 1;
	else if (was)
		change.expected = was->id;
	if (will)
		change.id = will->id;
	IRMIN__VEC_PUSH(&changes->moves, change);
	return IRMIN_OK;
}

static irmin_rc add_change(struct changes *changes, const struct ref *was,
    const struct ref *will, irmin_error *err)
{
	irmin_rc rc;

	if (was && will && is_same(was, will))
		return IRMIN_OK;
	if (!will || !will->target)
		return add_move(changes, was ? was->name : will->name, was,
		    will, err);
	rc = IRMIN__VEC_RESERVE(&changes->links, 1, err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(&changes->links, will);
	return rc;
}

/* Goes through both lists side by side. */
static irmin_rc compare(const struct refs *from, const struct refs *to,
    int prune, struct changes *changes, irmin_error *err)
{
	size_t f = 0, t = 0;
	irmin_rc rc = IRMIN_OK;

	while (rc >= 0 && (f < from->all.len || t < to->all.len)) {
		const struct ref *will = f < from->all.len ? &from->all.items[f]
							   : NULL;
		const struct ref *was = t < to->all.len ? &to->all.items[t]
							: NULL;
		int order = !will ? 1
		    : !was        ? -1
				  : strcmp(will->name, was->name);

		if (order < 0)
			rc = add_change(changes, NULL, will, err);
		else if (order == 0)
			rc = add_change(changes, was, will, err);
		else if (prune && strcmp(was->name, "HEAD") != 0)
			rc = add_change(changes, was, NULL, err);
		f += order <= 0;
		t += order >= 0;
	}
	return rc;
}

/* ---- changing ---- */

static irmin_rc move_refs(irmin_repo *to, const struct changes *changes,
    irmin_error *err)
{
	irmin_context context = irmin__repo_context(to, NULL);
	irmin_reflog reflog;
	irmin_rc rc;

	if (!changes->moves.len)
		return IRMIN_OK;
	memset(&reflog, 0, sizeof reflog);
	rc = irmin__head_default_committer(to, &reflog.who, err);
	reflog.message = irmin_text("copy");
	if (rc >= 0)
		rc = irmin__repo_ref_cas(to, &context, changes->moves.items,
		    changes->moves.len, &reflog, NULL, err);
	return rc;
}

/* Removals first, for a name that another one's directory has to be. */
static irmin_rc move_in_turn(irmin_repo *to, const struct changes *changes,
    irmin_error *err)
{
	struct changes part;
	irmin_rc rc = IRMIN_OK;
	int come;
	size_t i;

	memset(&part, 0, sizeof part);
	for (come = 0; rc >= 0 && come < 2; come++) {
		part.moves.len = 0;
		rc = IRMIN__VEC_RESERVE(&part.moves, changes->moves.len, err);
		for (i = 0; rc >= 0 && i < changes->moves.len; i++) {
			irmin_ref_change *move = &changes->moves.items[i];

			if (irmin_oid_is_none(&move->id) != come)
				IRMIN__VEC_PUSH(&part.moves, *move);
		}
		if (rc >= 0)
			rc = move_refs(to, &part, err);
	}
	IRMIN__VEC_CLEAR(&part.moves);
	return rc;
}

static irmin_rc set_links(irmin_repo *to, const struct changes *changes,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < changes->links.len; i++) {
		const struct ref *link = changes->links.items[i];
		irmin_context context = irmin__repo_context(to, NULL);

		rc = irmin__repo_ref_set_link(to, &context, link->name,
		    link->target, err);
	}
	return rc;
}

/* Where a work tree follows HEAD, nothing at all is changed. */
static irmin_rc check_head(irmin_repo *to, const struct changes *changes,
    irmin_error *err)
{
	irmin_context context = irmin__repo_context(to, NULL);
	int moves = 0;
	size_t i;

	for (i = 0; i < changes->moves.len; i++)
		moves |= !strcmp(changes->moves.items[i].name, "HEAD");
	for (i = 0; i < changes->links.len; i++)
		moves |= !strcmp(changes->links.items[i]->name, "HEAD");
	return moves ? irmin__head_check_free(to, &context, err) : IRMIN_OK;
}

static irmin_rc change_refs(irmin_repo *to, const struct changes *changes,
    irmin_error *err)
{
	irmin_rc rc = check_head(to, changes, err);

	if (rc >= 0)
		rc = move_refs(to, changes, err);
	if (rc == IRMIN_EEXIST)
		rc = move_in_turn(to, changes, err);
	return rc < 0 ? rc : set_links(to, changes, err);
}

static irmin_rc copy_once(irmin_repo *to, const struct refs *from, int prune,
    uint64_t *changed, irmin_error *err)
{
	irmin_context context = irmin__repo_context(to, NULL);
	struct refs now = { { NULL, 0, 0 }, err };
	struct changes changes;
	irmin_rc rc;

	memset(&changes, 0, sizeof changes);
	rc = read_refs(to, &context, &now, err);
	if (rc >= 0)
		rc = compare(from, &now, prune, &changes, err);
	if (rc >= 0)
		rc = change_refs(to, &changes, err);
	if (rc >= 0)
		*changed = changes.moves.len + changes.links.len;
	IRMIN__VEC_CLEAR(&changes.moves);
	IRMIN__VEC_CLEAR(&changes.links);
	clear_refs(&now);
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc irmin__copy_refs(irmin_repo *from, irmin_repo *to, int prune,
    uint64_t *changed, irmin_error *err)
{
	irmin_context context = irmin__repo_context(from, NULL);
	struct refs refs = { { NULL, 0, 0 }, err };
	irmin_rc rc;
	int tries;

	*changed = 0;
	rc = read_refs(from, &context, &refs, err);
	if (rc >= 0)
		rc = IRMIN_ESTALE;
	for (tries = 0; rc == IRMIN_ESTALE && tries < MAX_TRIES; tries++)
		rc = copy_once(to, &refs, prune, changed, err);
	clear_refs(&refs);
	return rc;
}
