/* Revisions as people name them:
 *
 *   | base | suffix | suffix | ...
 *
 *   base    HEAD, @, nothing before @{...}; an id; a ref, looked for as git
 *           does; an abbreviated id
 *   suffix  ~N  the N-th first parent (1)     ^N  the N-th parent (1; 0: itself)
 *           @{moment}  the newest on the way of first parents that is not later
 */
#include "lib/core/store/commit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/core/base/error.h"
#include "lib/core/base/hex.h"
#include "lib/core/base/vec.h"
#include "lib/core/object/refname.h"
#include "lib/core/store/revision-date.h"

/* Longer ones are nobody's. */
#define MAX_REVISION    8192
#define MIN_PREFIX      4
/* How many ids of one prefix are looked at, and how many are told. */
#define MAX_SAME_PREFIX 65536
#define MAX_TOLD        4

struct revision {
	irmin_repo *repo;
	irmin_context context;
	const char *text; /* all of it, for messages */
};

static irmin_rc refuse(const struct revision *revision, irmin_rc rc,
    const char *why, irmin_error *err)
{
	return irmin_error_set(err, rc, revision->text, "revision %s: %s",
	    revision->text, why);
}

/* ---- abbreviated ids ---- */

struct candidates {
	const struct revision *revision;
	IRMIN__VEC(irmin_oid) ids;
	irmin_error *err;
};

static int collect_id(void *arg, const irmin_oid *id)
{
	struct candidates *candidates = arg;
	irmin_rc rc;

	if (candidates->ids.len == MAX_SAME_PREFIX)
		return refuse(candidates->revision, IRMIN_EINVAL,
		    "too many objects have this prefix; write more digits",
		    candidates->err);
	rc = IRMIN__VEC_RESERVE(&candidates->ids, 1, candidates->err);
	if (rc < 0)
		return rc;
	IRMIN__VEC_PUSH(&candidates->ids, *id);
	return 0;
}

/* Whether a candidate is a commit, or a tag of one. Answers: OK; ABSENT. */
static irmin_rc leads_to_commit(const struct revision *revision,
    const irmin_oid *id, irmin_error *err)
{
	irmin_object_type type;
	irmin_commit *commit = NULL;
	uint64_t bytes;
	irmin_rc rc;

	rc = irmin__repo_object_stat(revision->repo, &revision->context, id,
	    &type, &bytes, err);
	if (rc != IRMIN_OK || type == IRMIN_OBJECT_COMMIT)
		return rc;
	if (type != IRMIN_OBJECT_TAG)
		return IRMIN_ABSENT;
	rc = irmin__commit_peel(revision->repo, &revision->context, id, &commit,
	    err);
	irmin_commit_unref(commit);
	return rc == IRMIN_EINVAL ? IRMIN_ABSENT : rc;
}

static int compare_ids(const void *a, const void *b)
{
	return irmin_oid_compare(a, b);
}

/* Keeps the candidates that lead to commits, each once. */
static irmin_rc keep_commits(struct candidates *candidates, irmin_error *err)
{
	irmin_oid *ids = candidates->ids.items;
	size_t count = candidates->ids.len, i;
	irmin_rc rc = IRMIN_OK;

	candidates->ids.len = 0;
	if (count)
		qsort(ids, count, sizeof *ids, compare_ids);
	for (i = 0; i < count && rc >= 0; i++) {
		if (i && compare_ids(&ids[i - 1], &ids[i]) == 0)
			continue;
		rc = leads_to_commit(candidates->revision, &ids[i], err);
		if (rc == IRMIN_OK)
			ids[candidates->ids.len++] = ids[i];
	}
	return rc < 0 ? rc : IRMIN_OK;
}

static irmin_rc refuse_ambiguous(const struct candidates *candidates,
    size_t prefix_len, irmin_error *err)
{
	int digits = prefix_len + 4 < 12 ? 12 : (int)prefix_len + 4;
	char list[MAX_TOLD * (IRMIN_OID_HEX_BYTES + 2)] = "";
	char hex[IRMIN_OID_HEX_BYTES];
	size_t i, used = 0;

	for (i = 0; i < candidates->ids.len && i < MAX_TOLD; i++)
		used += (size_t)snprintf(list + used, sizeof list - used,
		    "%s%.*s", i ? ", " : "", digits,
		    irmin_oid_hex(&candidates->ids.items[i], hex));
	return irmin_error_set(err, IRMIN_EINVAL, candidates->revision->text,
	    "revision %s is ambiguous: %zu commits begin so: %s%s",
	    candidates->revision->text, candidates->ids.len, list,
	    candidates->ids.len > MAX_TOLD ? ", ..." : "");
}

/* `prefix` in lower case. Answers: OK; ABSENT. */
static irmin_rc find_prefix(const struct revision *revision, const char *prefix,
    irmin_oid *id, irmin_error *err)
{
	struct candidates candidates = { revision, { NULL, 0, 0 }, err };
	irmin_rc rc;

	rc = irmin__repo_each_object(revision->repo, &revision->context, prefix,
	    collect_id, &candidates, err);
	if (rc >= 0)
		rc = keep_commits(&candidates, err);
	if (rc >= 0 && candidates.ids.len > 1)
		rc = refuse_ambiguous(&candidates, strlen(prefix), err);
	else if (rc >= 0 && candidates.ids.len == 0)
		rc = IRMIN_ABSENT;
	else if (rc >= 0)
		*id = candidates.ids.items[0];
	IRMIN__VEC_CLEAR(&candidates.ids);
	return rc;
}

/* An id in digits, in full or abbreviated. Answers: OK; ABSENT. */
static irmin_rc find_id(const struct revision *revision, irmin_slice base,
    int full, irmin_oid *id, irmin_error *err)
{
	size_t whole = 2 * irmin_hash_size(revision->repo->hash), i;
	const char *digits = base.data;
	char prefix[IRMIN_OID_HEX_BYTES];

	if (full ? base.len != whole
		 : base.len < MIN_PREFIX || base.len >= whole)
		return IRMIN_ABSENT;
	for (i = 0; i < base.len; i++) {
		int value = irmin__hex_digit(digits[i]);

		if (value < 0)
			return IRMIN_ABSENT;
		prefix[i] = "0123456789abcdef"[value];
	}
	prefix[i] = '\0';
	return full ? irmin_oid_parse(base, id, err)
		    : find_prefix(revision, prefix, id, err);
}

/* ---- refs ---- */

/* One of the places where git looks for a ref. Answers: OK; ABSENT. */
static irmin_rc find_ref_at(const struct revision *revision, const char *before,
    irmin_slice base, const char *behind, irmin_oid *id, irmin_error *err)
{
	irmin_buf name = IRMIN_BUF_INIT;
	irmin_rc rc = irmin_buf_set(&name, irmin_text(before), err);

	if (rc >= 0)
		rc = irmin_buf_append(&name, base, err);
	if (rc >= 0)
		rc = irmin_buf_append(&name, irmin_text(behind), err);
	if (rc >= 0 && irmin__refname_check(irmin_buf_slice(&name), NULL) < 0)
		rc = IRMIN_ABSENT;
	else if (rc >= 0)
		rc = irmin__repo_ref_resolve(revision->repo, &revision->context,
		    (char *)name.data, NULL, id, err);
	irmin_buf_clear(&name);
	return rc;
}

/* Answers: OK; ABSENT. */
static irmin_rc find_ref(const struct revision *revision, irmin_slice base,
    irmin_oid *id, irmin_error *err)
{
	static const struct {
		const char *before, *behind;
	} places[] = { { "", "" }, { "refs/", "" }, { "refs/tags/", "" },
		{ "refs/heads/", "" }, { "refs/remotes/", "" },
		{ "refs/remotes/", "/HEAD" } };
	irmin_rc rc = IRMIN_ABSENT;
	size_t i;

	for (i = 0; i < sizeof places / sizeof *places; i++) {
		rc = find_ref_at(revision, places[i].before, base,
		    places[i].behind, id, err);
		if (rc != IRMIN_ABSENT)
			break;
	}
	return rc;
}

static irmin_rc find_base(const struct revision *revision, irmin_slice base,
    irmin_commit **commit, irmin_error *err)
{
	irmin_oid id;
	irmin_rc rc;

	if (irmin_slice_equal(base, irmin_text("@")) || !base.len)
		base = irmin_text("HEAD");
	rc = find_id(revision, base, 1, &id, err);
	if (rc == IRMIN_ABSENT)
		rc = find_ref(revision, base, &id, err);
	if (rc == IRMIN_ABSENT)
		rc = find_id(revision, base, 0, &id, err);
	if (rc == IRMIN_ABSENT)
		return irmin_error_set(err, IRMIN_EMISSING, revision->text,
		    "there is no revision %.*s: no branch, tag, ref or id of "
		    "that name",
		    (int)base.len, (const char *)base.data);
	if (rc < 0)
		return rc;
	return irmin__commit_peel(revision->repo, &revision->context, &id,
	    commit, err);
}

/* ---- suffixes ---- */

/* Goes from a commit to one of its parents. Fails: EMISSING (it has fewer). */
static irmin_rc step(const struct revision *revision, irmin_commit **at,
    uint64_t parent, irmin_error *err)
{
	irmin_commit *next = NULL;
	irmin_oid id;
	irmin_rc rc;

	if (parent >= irmin_commit_parent_count(*at))
		return refuse(revision, IRMIN_EMISSING,
		    "history does not go that far", err);
	id = irmin_commit_parent_id(*at, (size_t)parent);
	rc = irmin__context_check(&revision->context, err);
	if (rc >= 0)
		rc = irmin__commit_get(revision->repo, &revision->context, &id,
		    &next, err);
	if (rc < 0)
		return rc;
	irmin_commit_unref(*at);
	*at = next;
	return IRMIN_OK;
}

/* The number behind ~ or ^, 1 without one. */
static irmin_rc take_number(const struct revision *revision, const char **at,
    uint64_t *number, irmin_error *err)
{
	*number = 0;
	if (**at < '0' || **at > '9')
		*number = 1;
	for (; **at >= '0' && **at <= '9'; ++*at) {
		if (*number > UINT32_MAX)
			return refuse(revision, IRMIN_EINVAL,
			    "the number is too large", err);
		*number = *number * 10 + (uint64_t)(**at - '0');
	}
	return IRMIN_OK;
}

static irmin_rc apply_generation(const struct revision *revision,
    const char **at, irmin_commit **commit, irmin_error *err)
{
	uint64_t n;
	irmin_rc rc = take_number(revision, at, &n, err);

	for (; rc >= 0 && n; n--)
		rc = step(revision, commit, 0, err);
	return rc;
}

static irmin_rc apply_parent(const struct revision *revision, const char **at,
    irmin_commit **commit, irmin_error *err)
{
	uint64_t n;
	irmin_rc rc = take_number(revision, at, &n, err);

	return rc < 0 || !n ? rc : step(revision, commit, n - 1, err);
}

static irmin_rc refuse_too_early(const struct revision *revision,
    const irmin_commit *first, irmin_error *err)
{
	irmin_ident who = irmin_commit_committer(first);

	return irmin_error_set(err, IRMIN_EMISSING, revision->text,
	    "revision %s: history begins later, at @%" PRId64, revision->text,
	    who.time);
}

/* Goes back to the newest commit that is not later than a moment. */
static irmin_rc apply_moment(const struct revision *revision, const char **at,
    irmin_commit **commit, irmin_error *err)
{
	const char *begin = *at + 2, *end = strchr(begin, '}');
	int64_t moment;
	irmin_rc rc;

	if (!end)
		return refuse(revision, IRMIN_EINVAL, "@{ without its }", err);
	*at = end + 1;
	rc = irmin__date_parse(revision->repo->os,
	    irmin_bytes(begin, (size_t)(end - begin)), &moment, err);
	while (rc >= 0 && irmin_commit_committer(*commit).time > moment) {
		if (!irmin_commit_parent_count(*commit))
			return refuse_too_early(revision, *commit, err);
		rc = step(revision, commit, 0, err);
	}
	return rc;
}

static irmin_rc apply_suffixes(const struct revision *revision, const char *at,
    irmin_commit **commit, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	while (rc >= 0 && *at) {
		if (*at == '~') {
			at++;
			rc = apply_generation(revision, &at, commit, err);
		} else if (*at == '^') {
			at++;
			rc = apply_parent(revision, &at, commit, err);
		} else if (at[0] == '@' && at[1] == '{') {
			rc = apply_moment(revision, &at, commit, err);
		} else {
			rc = refuse(revision, IRMIN_EINVAL,
			    "behind the name may stand ~N, ^N and @{moment} "
			    "only",
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

irmin_rc irmin_commit_of_revision(irmin_repo *repo, const char *text,
    irmin_commit **commit, irmin_error *err)
{
	struct revision revision = { repo, irmin__repo_context(repo, NULL),
		text };
	irmin_commit *at = NULL;
	size_t len;
	irmin_rc rc;

	irmin_error_clear(err);
	*commit = NULL;
	if (!text || !*text)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "the revision is empty");
	if (strlen(text) > MAX_REVISION)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "a revision of more than %d bytes", MAX_REVISION);
	len = base_length(text);
	if (!len && strncmp(text, "@{", 2) != 0)
		return refuse(&revision, IRMIN_EINVAL, "it begins with no name",
		    err);
	rc = find_base(&revision, irmin_bytes(text, len), &at, err);
	if (rc >= 0)
		rc = apply_suffixes(&revision, text + len, &at, err);
	if (rc < 0) {
		irmin_commit_unref(at);
		return rc;
	}
	*commit = at;
	return IRMIN_OK;
}
