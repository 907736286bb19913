/* Objects as they are, by id. */
#include "lib/core/store/repo-object.h"

#include "lib/core/object/backend-args.h"
#include "lib/core/object/write-check.h"
#include "lib/core/store/batch.h"
#include "lib/core/store/maintain.h"

irmin_rc irmin__object_check_id(irmin_repo *repo, const irmin_oid *id,
    irmin_object_type type, irmin_slice data, irmin_error *err)
{
	char want[IRMIN_OID_HEX_BYTES], got[IRMIN_OID_HEX_BYTES];
	irmin_oid real;
	irmin_rc rc = irmin__object_id(repo, type, data, &real, err);

	if (rc < 0 || irmin_oid_compare(&real, id) == 0)
		return rc;
	irmin_oid_hex(id, want);
	return irmin_error_set(err, IRMIN_ECORRUPT, want,
	    "object %s is corrupt: its bytes have the id %s", want,
	    irmin_oid_hex(&real, got));
}

irmin_rc irmin_object_find(irmin_repo *repo, const irmin_oid *id,
    irmin_object *object, irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__repo_object_find(repo, &context, id, IRMIN_OBJECT_ANY,
	    object, err);
	if (rc != IRMIN_OK)
		return rc;
	rc = irmin__object_check_id(repo, id, object->type,
	    irmin_bytes(object->data.data, object->data.len), err);
	if (rc < 0) {
		irmin_pin_release(&object->data);
		object->type = IRMIN_OBJECT_ANY;
	}
	return rc;
}

irmin_rc irmin_object_stat(irmin_repo *repo, const irmin_oid *id,
    irmin_object_type *type, uint64_t *bytes, irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);

	irmin_error_clear(err);
	return irmin__repo_object_stat(repo, &context, id, type, bytes, err);
}

irmin_rc irmin_object_each(irmin_repo *repo, const char *prefix,
    irmin_object_fn fn, void *arg, irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	char digits[IRMIN_OID_HEX_BYTES];
	irmin_rc rc;

	irmin_error_clear(err);
	context.deadline_us = 0; /* it takes what `fn` takes */
	rc = irmin__backend_args_prefix(repo->hash, prefix ? prefix : "",
	    digits, err);
	return rc < 0
	    ? rc
	    : irmin__repo_each_object(repo, &context, digits, fn, arg, err);
}

struct scan {
	irmin_scan_object_fn fn;
	void *arg;
	irmin_error *err;
};

static int tell_scanned(void *arg, const irmin_scanned *object)
{
	const struct scan *scan = arg;

	if (!object->fault)
		return scan->fn(scan->arg, &object->id, object->type,
		    object->data);
	if (scan->err)
		*scan->err = *object->fault;
	return object->fault->code;
}

irmin_rc irmin_object_scan(irmin_repo *repo, irmin_scan_object_fn fn, void *arg,
    irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	struct scan scan = { fn, arg, err };

	irmin_error_clear(err);
	context.deadline_us = 0; /* it takes what `fn` takes */
	return irmin__repo_scan(repo, &context, tell_scanned, &scan, err);
}

/* What cannot be an object of its type is the caller's mistake here. */
static irmin_rc check_added(irmin_repo *repo, irmin_object_type type,
    irmin_slice data, irmin_error *err)
{
	irmin_error why;
	irmin_rc rc;

	if (type < IRMIN_OBJECT_COMMIT || type > IRMIN_OBJECT_TAG)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "cannot add an object: there is no type %d", (int)type);
	rc = irmin__check_object(repo->hash, type, data, &why);
	if (rc >= 0)
		return rc;
	return irmin_error_set(err, rc == IRMIN_ECORRUPT ? IRMIN_EINVAL : rc,
	    NULL, "cannot add a %s: %s", irmin_object_type_name(type),
	    why.text);
}

irmin_rc irmin_object_add(irmin_repo *repo, irmin_object_type type,
    irmin_slice data, irmin_oid *id, irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_new_object added;
	irmin_rc rc;

	irmin_error_clear(err);
	memset(id, 0, sizeof *id);
	memset(&added, 0, sizeof added);
	added.type = type;
	added.data = data;
	rc = check_added(repo, type, data, err);
	if (rc >= 0)
		rc = irmin__object_id(repo, type, data, &added.id, err);
	if (rc >= 0)
		rc = irmin__repo_add(repo, &context, &added, 1, err);
	if (rc < 0)
		return rc;
	*id = added.id;
	return IRMIN_OK;
}
