/* How large a repository is. */
#include "lib/core/store/repo.h"

#include <stdlib.h>

#include "lib/core/base/vec.h"
#include <irmin/branch.h>

/* Objects are looked at in sixteen parts, by the first digit of their ids: an
 * object may be told twice, and only a part of the ids needs to be held to count
 * it once. */
static const char *const parts[] = { "0", "1", "2", "3", "4", "5", "6", "7",
	"8", "9", "a", "b", "c", "d", "e", "f" };

struct measure {
	irmin_repo *repo;
	irmin_context context;
	irmin_error *err;
	IRMIN__VEC(irmin_oid) ids; /* of one part */
	uint64_t objects[IRMIN_OBJECT_TAG + 1];
	uint64_t bytes[IRMIN_OBJECT_TAG + 1];
	uint64_t refs[4];
};

static int collect_id(void *arg, const irmin_oid *id)
{
	struct measure *measure = arg;
	irmin_rc rc = IRMIN__VEC_RESERVE(&measure->ids, 1, measure->err);

	if (rc >= 0)
		IRMIN__VEC_PUSH(&measure->ids, *id);
	return rc;
}

static int compare_ids(const void *a, const void *b)
{
	return irmin_oid_compare(a, b);
}

/* What vanished since it was told counts no more. */
static irmin_rc count_object(struct measure *measure, const irmin_oid *id)
{
	irmin_object_type type;
	uint64_t bytes;
	irmin_rc rc;

	rc = irmin__repo_object_stat(measure->repo, &measure->context, id,
	    &type, &bytes, measure->err);
	if (rc != IRMIN_OK || type < IRMIN_OBJECT_COMMIT ||
	    type > IRMIN_OBJECT_TAG)
		return rc;
	measure->objects[type]++;
	measure->bytes[type] += bytes;
	return IRMIN_OK;
}

static irmin_rc count_part(struct measure *measure, const char *prefix)
{
	irmin_oid *ids;
	size_t i;
	irmin_rc rc;

	measure->ids.len = 0;
	rc = irmin__repo_each_object(measure->repo, &measure->context, prefix,
	    collect_id, measure, measure->err);
	ids = measure->ids.items;
	if (rc >= 0 && measure->ids.len)
		qsort(ids, measure->ids.len, sizeof *ids, compare_ids);
	for (i = 0; i < measure->ids.len && rc >= 0; i++) {
		if (i && compare_ids(&ids[i - 1], &ids[i]) == 0)
			continue;
		rc = irmin__context_check(&measure->context, measure->err);
		if (rc >= 0)
			rc = count_object(measure, &ids[i]);
	}
	return rc;
}

static const char *const ref_kinds[] = { IRMIN__HEADS, "refs/tags/",
	"refs/remotes/", "" };

static int count_ref(void *arg, const irmin_ref *ref)
{
	struct measure *measure = arg;
	size_t kind = 0;

	while (strncmp(ref->name.data, ref_kinds[kind],
		   strlen(ref_kinds[kind])) != 0)
		kind++;
	measure->refs[kind]++;
	return 0;
}

static int report(const struct measure *measure, irmin_measure_fn fn, void *arg)
{
	const struct {
		const char *name;
		uint64_t value;
		const char *unit;
	} rows[] = {
		{ "commits", measure->objects[IRMIN_OBJECT_COMMIT], "objects" },
		{ "commit_bytes", measure->bytes[IRMIN_OBJECT_COMMIT],
		    "bytes" },
		{ "trees", measure->objects[IRMIN_OBJECT_TREE], "objects" },
		{ "tree_bytes", measure->bytes[IRMIN_OBJECT_TREE], "bytes" },
		{ "values", measure->objects[IRMIN_OBJECT_BLOB], "objects" },
		{ "value_bytes", measure->bytes[IRMIN_OBJECT_BLOB], "bytes" },
		{ "annotated_tags", measure->objects[IRMIN_OBJECT_TAG],
		    "objects" },
		{ "annotated_tag_bytes", measure->bytes[IRMIN_OBJECT_TAG],
		    "bytes" },
		{ "branches", measure->refs[0], "refs" },
		{ "tags", measure->refs[1], "refs" },
		{ "remote_branches", measure->refs[2], "refs" },
		{ "other_refs", measure->refs[3], "refs" },
	};
	size_t i;
	int answer = 0;

	for (i = 0; i < sizeof rows / sizeof *rows && !answer; i++)
		answer = fn(arg, rows[i].name, rows[i].value, rows[i].unit);
	return answer;
}

irmin_rc irmin_repo_measure(irmin_repo *repo, irmin_measure_fn fn, void *arg,
    irmin_error *err)
{
	struct measure measure;
	size_t i;
	irmin_rc rc = IRMIN_OK;

	irmin_error_clear(err);
	memset(&measure, 0, sizeof measure);
	measure.repo = repo;
	measure.context = irmin__repo_context(repo, NULL);
	measure.err = err;
	for (i = 0; i < sizeof parts / sizeof *parts && rc >= 0; i++)
		rc = count_part(&measure, parts[i]);
	if (rc >= 0)
		rc = irmin_ref_each(repo, "", count_ref, &measure, err);
	IRMIN__VEC_CLEAR(&measure.ids);
	return rc < 0 ? rc : report(&measure, fn, arg);
}
