/* Revisions as people name them:
 *
 *   | base | suffix | suffix | ... | : path |
 *
 *   base    HEAD, @, nothing before @{...}; an id; a ref, looked for as git
 *           does; an abbreviated id
 *   suffix  ~N  the N-th first parent (1)     ^N  the N-th parent (1; 0: itself)
 *           ^{type}  the first commit, tree, blob or tag that it leads to; with
 *           no type, the first that is no tag
 *           @{moment}  the newest on the way of first parents that is not later
 *   path    what is there in the tree, for those who ask for any object
 */
#include "lib/core/store/revision.h"

#include <inttypes.h>

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"
#include "lib/core/object/object.h"
#include "lib/core/store/repo-object.h"
#include "lib/core/store/revision-date.h"
#include <irmin/alloc.h>

/* Longer ones are nobody's. */
#define MAX_REVISION 8192

/* Where the suffixes have led so far. */
struct place {
	irmin_oid id;
	irmin_commit *commit; /* with this id, or NULL */
};

irmin_rc irmin__revision_refuse(const irmin__revision *revision, irmin_rc rc,
    const char *why, irmin_error *err)
{
	return irmin_error_set(err, rc, revision->text, "revision %s: %s",
	    revision->text, why);
}

/* ---- suffixes ---- */

/* The reference is taken over, also on failure. */
static irmin_rc move_to(struct place *at, irmin_commit *commit,
    irmin_error *err)
{
	irmin_commit_unref(at->commit);
	at->commit = commit;
	return irmin__commit_id(commit, &at->id, err);
}

/* Goes on to the commit that a tag names. */
static irmin_rc need_commit(const irmin__revision *revision, struct place *at,
    irmin_error *err)
{
	irmin_commit *commit;
	irmin_rc rc;

	if (at->commit)
		return IRMIN_OK;
	rc = irmin__commit_peel(revision->repo, &revision->context, &at->id,
	    &commit, err);
	return rc < 0 ? rc : move_to(at, commit, err);
}

/* Goes from a commit to one of its parents. Fails: EMISSING (it has fewer);
 * ETRUNCATED. */
static irmin_rc step(const irmin__revision *revision, struct place *at,
    uint64_t parent, irmin_error *err)
{
	irmin_commit *next = NULL;
	irmin_rc rc = need_commit(revision, at, err);

	if (rc < 0)
		return rc;
	if (parent >= irmin_commit_parent_count(at->commit))
		return irmin__revision_refuse(revision, IRMIN_EMISSING,
		    "history does not go that far", err);
	rc = irmin__context_check(&revision->context, err);
	if (rc >= 0)
		rc = irmin__commit_parent(at->commit, &revision->context,
		    (size_t)parent, &next, err);
	return rc < 0 ? rc : move_to(at, next, err);
}

/* The number behind ~ or ^, 1 without one. */
static irmin_rc take_number(const irmin__revision *revision, const char **text,
    uint64_t *number, irmin_error *err)
{
	*number = 0;
	if (**text < '0' || **text > '9')
		*number = 1;
	for (; **text >= '0' && **text <= '9'; ++*text) {
		if (*number > UINT32_MAX)
			return irmin__revision_refuse(revision, IRMIN_EINVAL,
			    "the number is too large", err);
		*number = *number * 10 + (uint64_t)(**text - '0');
	}
	return IRMIN_OK;
}

static irmin_rc apply_generation(const irmin__revision *revision,
    const char **text, struct place *at, irmin_error *err)
{
	uint64_t n;
	irmin_rc rc = take_number(revision, text, &n, err);

	if (rc >= 0)
		rc = need_commit(revision, at, err);
	for (; rc >= 0 && n; n--)
		rc = step(revision, at, 0, err);
	return rc;
}

static irmin_rc apply_parent(const irmin__revision *revision, const char **text,
    struct place *at, irmin_error *err)
{
	uint64_t n;
	irmin_rc rc = take_number(revision, text, &n, err);

	if (rc < 0)
		return rc;
	return n ? step(revision, at, n - 1, err)
		 : need_commit(revision, at, err);
}

/* The text between the brace at `open` and its end, behind which *text moves. */
static irmin_rc take_braces(const irmin__revision *revision, const char *open,
    const char **text, irmin_slice *inside, irmin_error *err)
{
	const char *end = strchr(open, '}');

	if (!end)
		return irmin__revision_refuse(revision, IRMIN_EINVAL,
		    "a { without its }", err);
	*inside = irmin_bytes(open + 1, (size_t)(end - open) - 1);
	*text = end + 1;
	return IRMIN_OK;
}

static irmin_rc apply_type(const irmin__revision *revision, const char **text,
    struct place *at, irmin_error *err)
{
	irmin_object_type want, found;
	irmin_slice name;
	irmin_rc rc = take_braces(revision, *text, text, &name, err);

	if (rc < 0)
		return rc;
	want = irmin__object_type_of(name);
	if (name.len && want == IRMIN_OBJECT_ANY)
		return irmin__revision_refuse(revision, IRMIN_EINVAL,
		    "within ^{} may stand commit, tree, blob and tag only",
		    err);
	irmin_commit_unref(at->commit);
	at->commit = NULL;
	return irmin__object_peel(revision->repo, &revision->context, want,
	    &at->id, &found, err);
}

static irmin_rc refuse_too_early(const irmin__revision *revision,
    const irmin_commit *first, irmin_error *err)
{
	irmin_ident who = irmin_commit_committer(first);

	return irmin_error_set(err, IRMIN_EMISSING, revision->text,
	    "revision %s: history begins later, at @%" PRId64, revision->text,
	    who.time);
}

/* Goes back to the newest commit that is not later than a moment. */
static irmin_rc apply_moment(const irmin__revision *revision, const char **text,
    struct place *at, irmin_error *err)
{
	irmin_slice said;
	int64_t moment;
	irmin_rc rc = take_braces(revision, *text + 1, text, &said, err);

	if (rc >= 0)
		rc = irmin__date_parse(revision->repo->os, said, &moment, err);
	if (rc >= 0)
		rc = need_commit(revision, at, err);
	while (rc >= 0 && irmin_commit_committer(at->commit).time > moment) {
		if (!irmin_commit_parent_count(at->commit))
			return refuse_too_early(revision, at->commit, err);
		rc = step(revision, at, 0, err);
	}
	return rc;
}

static irmin_rc apply_suffixes(const irmin__revision *revision,
    const char *text, struct place *at, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	while (rc >= 0 && *text) {
		if (text[0] == '~') {
			text++;
			rc = apply_generation(revision, &text, at, err);
		} else if (text[0] == '^' && text[1] == '{') {
			text++;
			rc = apply_type(revision, &text, at, err);
		} else if (text[0] == '^') {
			text++;
			rc = apply_parent(revision, &text, at, err);
		} else if (text[0] == '@' && text[1] == '{') {
			rc = apply_moment(revision, &text, at, err);
		} else {
			rc = irmin__revision_refuse(revision, IRMIN_EINVAL,
			    "behind the name may stand ~N, ^N, ^{type} and "
			    "@{moment} only",
			    err);
		}
	}
	return rc;
}

/* The length of what no suffix belongs to: no ref may have ~, ^ or @{. */
static size_t base_length(const char *text)
{
	size_t len = strcspn(text, "~^");
	const char *moment = strstr(text, "@{");

	return moment && (size_t)(moment - text) < len ? (size_t)(moment - text)
						       : len;
}

/* What an abbreviated id must lead to, judged by the suffix behind it; `want`
 * if there is none. */
static irmin_object_type wanted_base(const char *suffix, irmin_object_type want)
{
	if (!*suffix)
		return want;
	if (strncmp(suffix, "^{tree}", 7) == 0)
		return IRMIN_OBJECT_TREE;
	if (strncmp(suffix, "^{commit}", 9) != 0 &&
	    strncmp(suffix, "^{", 2) == 0)
		return IRMIN_OBJECT_ANY;
	return IRMIN_OBJECT_COMMIT;
}

/* Resolves all but a path. */
static irmin_rc resolve(const irmin__revision *revision, const char *text,
    irmin_object_type want, struct place *at, irmin_error *err)
{
	size_t len = base_length(text);
	irmin_rc rc;

	if (!len && strncmp(text, "@{", 2) != 0)
		return irmin__revision_refuse(revision, IRMIN_EINVAL,
		    "it begins with no name", err);
	rc = irmin__revision_base(revision, irmin_bytes(text, len),
	    wanted_base(text + len, want), &at->id, err);
	return rc < 0 ? rc : apply_suffixes(revision, text + len, at, err);
}

/* ---- paths ---- */

/* The colon in front of a path, or NULL; those within braces are others. */
static const char *find_colon(const char *text)
{
	int depth = 0;

	for (; *text; text++) {
		depth += *text == '{';
		depth -= *text == '}';
		if (*text == ':' && depth <= 0)
			return text;
	}
	return NULL;
}

static irmin_object_type type_of_mode(irmin_mode mode)
{
	switch (mode) {
	case IRMIN_MODE_TREE:
		return IRMIN_OBJECT_TREE;
	case IRMIN_MODE_GITLINK:
		return IRMIN_OBJECT_COMMIT;
	default:
		return IRMIN_OBJECT_BLOB;
	}
}

/* Goes from a place to what is at a path of its tree. */
static irmin_rc apply_path(const irmin__revision *revision, const char *path,
    struct place *at, irmin_object_type *type, irmin_error *err)
{
	irmin_tree *tree = NULL;
	irmin_mode mode;
	irmin_rc rc;

	rc = irmin__object_peel(revision->repo, &revision->context,
	    IRMIN_OBJECT_TREE, &at->id, type, err);
	if (rc >= 0)
		rc = irmin__tree_of_id(revision->repo, &at->id, &tree, err);
	if (rc >= 0)
		rc = irmin_tree_find_mode(tree, path, &mode, &at->id, err);
	irmin_tree_unref(tree);
	if (rc == IRMIN_ABSENT)
		return irmin__revision_refuse(revision, IRMIN_EMISSING,
		    "there is nothing at this path", err);
	if (rc >= 0)
		*type = type_of_mode(mode);
	return rc;
}

static irmin_rc resolve_path(const irmin__revision *revision, const char *colon,
    struct place *at, irmin_object_type *type, irmin_error *err)
{
	size_t len = (size_t)(colon - revision->text);
	char *front = NULL;
	irmin_rc rc;

	if (!len)
		return irmin__revision_refuse(revision, IRMIN_EINVAL,
		    "before the path must stand a revision", err);
	rc = irmin__text_copy(irmin_bytes(revision->text, len), &front, err);
	if (rc >= 0)
		rc = resolve(revision, front, IRMIN_OBJECT_TREE, at, err);
	if (rc >= 0)
		rc = apply_path(revision, colon + 1, at, type, err);
	irmin_free(front);
	return rc;
}

/* ---- the two questions ---- */

static irmin_rc begin(irmin__revision *revision, irmin_repo *repo,
    const char *text, irmin_error *err)
{
	irmin_error_clear(err);
	revision->repo = repo;
	revision->context = irmin__repo_context(repo, NULL);
	revision->text = text;
	if (!text || !*text)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "the revision is empty");
	if (strlen(text) > MAX_REVISION)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "a revision of more than %d bytes", MAX_REVISION);
	return IRMIN_OK;
}

irmin_rc irmin_commit_of_revision(irmin_repo *repo, const char *text,
    irmin_commit **commit, irmin_error *err)
{
	irmin__revision revision;
	struct place at;
	irmin_rc rc;

	*commit = NULL;
	memset(&at, 0, sizeof at);
	rc = begin(&revision, repo, text, err);
	if (rc >= 0)
		rc = resolve(&revision, text, IRMIN_OBJECT_COMMIT, &at, err);
	if (rc >= 0)
		rc = need_commit(&revision, &at, err);
	if (rc < 0) {
		irmin_commit_unref(at.commit);
		return rc;
	}
	*commit = at.commit;
	return IRMIN_OK;
}

/* What a place is, to those who did not have to know on the way. */
static irmin_rc find_type(const irmin__revision *revision,
    const struct place *at, irmin_object_type *type, irmin_error *err)
{
	uint64_t bytes;
	irmin_rc rc;

	rc = irmin__repo_object_stat(revision->repo, &revision->context,
	    &at->id, type, &bytes, err);
	if (rc == IRMIN_ABSENT)
		return irmin__revision_refuse(revision, IRMIN_EMISSING,
		    "the object is missing", err);
	return rc;
}

irmin_rc irmin_object_of_revision(irmin_repo *repo, const char *text,
    irmin_oid *id, irmin_object_type *type, irmin_error *err)
{
	irmin__revision revision;
	const char *colon;
	struct place at;
	irmin_rc rc;

	memset(id, 0, sizeof *id);
	*type = IRMIN_OBJECT_ANY;
	memset(&at, 0, sizeof at);
	rc = begin(&revision, repo, text, err);
	colon = rc >= 0 ? find_colon(text) : NULL;
	if (colon)
		rc = resolve_path(&revision, colon, &at, type, err);
	else if (rc >= 0)
		rc = resolve(&revision, text, IRMIN_OBJECT_ANY, &at, err);
	if (rc >= 0 && !colon)
		rc = find_type(&revision, &at, type, err);
	if (rc >= 0)
		*id = at.id;
	else
		*type = IRMIN_OBJECT_ANY;
	irmin_commit_unref(at.commit);
	return rc < 0 ? rc : IRMIN_OK;
}
