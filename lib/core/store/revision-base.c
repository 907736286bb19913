/* What a revision begins with: an id, a ref, or an abbreviated id. */
#include "lib/core/store/revision.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/core/base/error.h"
#include "lib/core/base/hex.h"
#include "lib/core/base/vec.h"
#include "lib/core/object/refname.h"
#include "lib/core/store/repo-object.h"

#define MIN_PREFIX      4
/* How many ids of one prefix are looked at, and how many are told. */
#define MAX_SAME_PREFIX 65536
#define MAX_TOLD        4

/* ---- abbreviated ids ---- */

struct candidates {
	const irmin__revision *revision;
	IRMIN__VEC(irmin_oid) ids;
	irmin_error *err;
};

static int collect_id(void *arg, const irmin_oid *id)
{
	struct candidates *candidates = arg;
	irmin_rc rc;

	if (candidates->ids.len == MAX_SAME_PREFIX)
		return irmin__revision_refuse(candidates->revision,
		    IRMIN_EINVAL,
		    "too many objects have this prefix; write more digits",
		    candidates->err);
	rc = IRMIN__VEC_RESERVE(&candidates->ids, 1, candidates->err);
	if (rc < 0)
		return rc;
	IRMIN__VEC_PUSH(&candidates->ids, *id);
	return 0;
}

/* Whether a candidate is, or leads to, what is wanted. Answers: OK; ABSENT. */
static irmin_rc leads_there(const irmin__revision *revision,
    const irmin_oid *id, irmin_object_type want, irmin_error *err)
{
	irmin_oid at = *id;
	irmin_object_type type;
	irmin_rc rc;

	if (want == IRMIN_OBJECT_ANY)
		return IRMIN_OK;
	rc = irmin__object_peel(revision->repo, &revision->context, want, &at,
	    &type, err);
	return rc == IRMIN_EINVAL ? IRMIN_ABSENT : rc;
}

static int compare_ids(const void *a, const void *b)
{
	return irmin_oid_compare(a, b);
}

/* Keeps the candidates that lead to what is wanted, each once. */
static irmin_rc keep_wanted(struct candidates *candidates,
    irmin_object_type want, irmin_error *err)
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
		rc = leads_there(candidates->revision, &ids[i], want, err);
		if (rc == IRMIN_OK)
			ids[candidates->ids.len++] = ids[i];
	}
	return rc < 0 ? rc : IRMIN_OK;
}

static irmin_rc refuse_ambiguous(const struct candidates *candidates,
    size_t prefix_len, irmin_object_type want, irmin_error *err)
{
	const char *what = want == IRMIN_OBJECT_COMMIT ? "commits" : "objects";
	int digits = prefix_len + 4 < 12 ? 12 : (int)prefix_len + 4;
	char list[MAX_TOLD * (IRMIN_OID_HEX_BYTES + 2)] = "";
	char hex[IRMIN_OID_HEX_BYTES];
	size_t i, used = 0;

	for (i = 0; i < candidates->ids.len && i < MAX_TOLD; i++)
		used += (size_t)snprintf(list + used, sizeof list - used,
		    "%s%.*s", i ? ", " : "", digits,
		    irmin_oid_hex(&candidates->ids.items[i], hex));
	return irmin_error_set(err, IRMIN_EINVAL, candidates->revision->text,
	    "revision %s is ambiguous: %zu %s begin so: %s%s",
	    candidates->revision->text, candidates->ids.len, what, list,
	    candidates->ids.len > MAX_TOLD ? ", ..." : "");
}

/* `prefix` in lower case. Answers: OK; ABSENT. */
static irmin_rc find_prefix(const irmin__revision *revision, const char *prefix,
    irmin_object_type want, irmin_oid *id, irmin_error *err)
{
	struct candidates candidates = { revision, { NULL, 0, 0 }, err };
	irmin_rc rc;

	rc = irmin__repo_each_object(revision->repo, &revision->context, prefix,
	    collect_id, &candidates, err);
	if (rc >= 0)
		rc = keep_wanted(&candidates, want, err);
	if (rc >= 0 && candidates.ids.len > 1)
		rc = refuse_ambiguous(&candidates, strlen(prefix), want, err);
	else if (rc >= 0 && candidates.ids.len == 0)
		rc = IRMIN_ABSENT;
	else if (rc >= 0)
		*id = candidates.ids.items[0];
	IRMIN__VEC_CLEAR(&candidates.ids);
	return rc;
}

/* An id in digits, in full or abbreviated. Answers: OK; ABSENT. */
static irmin_rc find_id(const irmin__revision *revision, irmin_slice base,
    int full, irmin_object_type want, irmin_oid *id, irmin_error *err)
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
		    : find_prefix(revision, prefix, want, id, err);
}

/* ---- refs ---- */

/* One of the places where git looks for a ref. Answers: OK; ABSENT. */
static irmin_rc find_ref_at(const irmin__revision *revision, const char *before,
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
static irmin_rc find_ref(const irmin__revision *revision, irmin_slice base,
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

irmin_rc irmin__revision_base(const irmin__revision *revision, irmin_slice base,
    irmin_object_type want, irmin_oid *id, irmin_error *err)
{
	irmin_rc rc;

	if (irmin_slice_equal(base, irmin_text("@")) || !base.len)
		base = irmin_text("HEAD");
	rc = find_id(revision, base, 1, want, id, err);
	if (rc == IRMIN_ABSENT)
		rc = find_ref(revision, base, id, err);
	if (rc == IRMIN_ABSENT)
		rc = find_id(revision, base, 0, want, id, err);
	if (rc == IRMIN_ABSENT)
		return irmin_error_set(err, IRMIN_EMISSING, revision->text,
		    "there is no revision %.*s: no branch, tag, ref or id of "
		    "that name",
		    (int)base.len, (const char *)base.data);
	return rc;
}
