/* Checking a whole repository: first all ids are counted, then every object is
 * looked at, in the order that the backend likes best, and what it names is
 * looked for among the ids; then the refs, and the backend's own files.
 */
#include "lib/core/store/verify.h"

#include "lib/core/base/context.h"
#include "lib/core/base/vec.h"

static int count_id(void *arg, const irmin_oid *id)
{
	irmin__verify *verify = arg;
	size_t number;
	irmin_rc rc = irmin__context_check(&verify->context, verify->err);

	if (rc >= 0)
		rc = irmin__oid_table_add(&verify->objects, id, &number,
		    verify->err);
	return rc < 0 ? rc : 0;
}

irmin_rc irmin__verify_find(irmin__verify *verify, const irmin_oid *id,
    unsigned char **mark, irmin_error *err)
{
	size_t number = irmin__oid_table_find(&verify->objects, id);
	irmin_rc rc;

	*mark = NULL;
	if (number == IRMIN__OID_TABLE_NONE) {
		rc = irmin__repo_has(verify->repo, &verify->context, id, err);
		if (rc != IRMIN_OK)
			return rc == IRMIN_EMISSING || rc == IRMIN_ECORRUPT
			    ? IRMIN_OK
			    : rc;
		rc = irmin__oid_table_add(&verify->objects, id, &number, err);
		if (rc < 0)
			return rc;
	}
	*mark = irmin__oid_table_extra(&verify->objects, number);
	return IRMIN_OK;
}

static irmin_rc find_partial(irmin__verify *verify, irmin_error *err)
{
	irmin_buf value = IRMIN_BUF_INIT;
	irmin_rc rc = irmin__repo_find_config(verify->repo,
	    "extensions.partialclone", &value, err);

	verify->partial = rc == IRMIN_OK;
	irmin_buf_clear(&value);
	return rc < 0 ? rc : IRMIN_OK;
}

static irmin_rc tell_stage(irmin__verify *verify, const char *stage)
{
	if (!verify->progress)
		return IRMIN_OK;
	return verify->progress(verify->progress_arg, stage, 0, 0);
}

/* A backend that stops at something corrupt has told of one fault more; the
 * rest can still be looked at. */
static irmin_rc tell_stop(irmin__verify *verify, irmin_rc rc, irmin_error *err)
{
	irmin_error why;

	if (rc != IRMIN_ECORRUPT)
		return rc;
	why = *err;
	irmin_error_clear(err);
	return irmin__fault_ref(&verify->teller, IRMIN_FAULT_CORRUPT, why.where,
	    NULL, why.text);
}

static irmin_rc verify_objects(irmin__verify *verify, irmin_error *err)
{
	uint64_t faults;
	irmin_rc rc = tell_stage(verify, "counting");

	if (rc == IRMIN_OK)
		rc = tell_stop(verify,
		    irmin__repo_each_object(verify->repo, &verify->context, "",
			count_id, verify, err),
		    err);
	if (rc == IRMIN_OK)
		rc = tell_stop(verify,
		    irmin__repo_scan(verify->repo, &verify->context,
			irmin__verify_scanned, verify, err),
		    err);
	if (rc == IRMIN_OK)
		rc = irmin__verify_named(verify, err);
	if (rc == IRMIN_OK)
		rc = irmin__specials_check(&verify->specials, verify->repo,
		    &verify->context, &verify->teller, &faults, err);
	return rc;
}

static irmin_rc verify_files(irmin__verify *verify, irmin_error *err)
{
	irmin_rc rc = tell_stage(verify, "checking files");

	if (rc == IRMIN_OK)
		rc = irmin__repo_verify_objects(verify->repo, &verify->context,
		    verify->teller.fn, verify->teller.arg, err);
	if (rc == IRMIN_OK)
		rc = irmin__repo_verify_refs(verify->repo, &verify->context,
		    verify->teller.fn, verify->teller.arg, err);
	return rc;
}

/* Whom faults are told, and which were, by a hash of their texts: one file may be
 * stumbled upon in several ways. */
typedef struct once {
	irmin_fault_fn fn;
	void *arg;
	IRMIN__VEC(uint64_t) told;
} once;

static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	return hash;
}

/* Faults of objects are told as they come: there may be very many, and each is
 * found once. */
static int tell_once(void *arg, const irmin_fault *fault)
{
	once *o = arg;
	uint64_t hash;
	size_t i;

	if (!o->fn)
		return 0;
	if (!irmin_oid_is_none(&fault->id))
		return o->fn(o->arg, fault);
	hash = hash_text(hash_text(0xcbf29ce484222325u, fault->where),
	    fault->text);
	for (i = 0; i < o->told.len; i++)
		if (o->told.items[i] == hash)
			return 0;
	if (IRMIN__VEC_RESERVE(&o->told, 1, NULL) >= 0)
		IRMIN__VEC_PUSH(&o->told, hash);
	return o->fn(o->arg, fault);
}

irmin_rc irmin_repo_verify(irmin_repo *repo, irmin_fault_fn fn, void *arg,
    irmin_progress_fn progress, void *progress_arg, irmin_error *err)
{
	once told = { fn, arg, { NULL, 0, 0 } };
	irmin__verify verify;
	irmin_error ours;
	irmin_rc rc;

	if (!err) /* what stops a part is told as a fault */
		err = &ours;
	irmin_error_clear(err);
	memset(&verify, 0, sizeof verify);
	verify.repo = repo;
	verify.context = irmin__repo_context(repo, NULL);
	verify.context.deadline_us = 0; /* it takes what it takes */
	verify.teller.fn = tell_once;
	verify.teller.arg = &told;
	verify.progress = progress;
	verify.progress_arg = progress_arg;
	verify.err = err;
	irmin__oid_table_init(&verify.objects, repo->hash, 1, 1,
	    (uintptr_t)&verify);
	irmin__specials_init(&verify.specials, repo->hash);
	rc = find_partial(&verify, err);
	if (rc == IRMIN_OK)
		rc = verify_objects(&verify, err);
	if (rc == IRMIN_OK)
		rc = tell_stage(&verify, "checking refs");
	if (rc == IRMIN_OK)
		rc = irmin__verify_refs(&verify, err);
	if (rc == IRMIN_OK)
		rc = verify_files(&verify, err);
	irmin__specials_clear(&verify.specials);
	IRMIN__VEC_CLEAR(&told.told);
	irmin__oid_table_clear(&verify.objects);
	return rc;
}
