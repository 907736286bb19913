/* What tags and commits lead to. */
#include "lib/core/object/commit-codec.h"
#include "lib/core/object/tag-codec.h"
#include "lib/core/store/repo-object.h"

#include "lib/core/base/error.h"

/* How many tags may point to tags before something else comes. */
#define MAX_TAGS 64

/* What a tag names, or the tree of a commit. */
static irmin_rc decode_next(irmin_repo *repo, const irmin_object *object,
    irmin_oid *next, irmin_error *err)
{
	irmin_slice bytes = irmin_bytes(object->data.data, object->data.len);
	irmin__commit_data commit;
	irmin__tag_data tag;
	irmin_rc rc;

	if (object->type == IRMIN_OBJECT_TAG) {
		rc = irmin__tag_decode(repo->hash, bytes, &tag, err);
		*next = tag.object;
		return rc;
	}
	rc = irmin__commit_decode(repo->hash, bytes, &commit, err);
	*next = commit.tree;
	irmin__commit_data_clear(&commit);
	return rc;
}

static irmin_rc follow(irmin_repo *repo, const irmin_context *context,
    irmin_object_type type, irmin_oid *id, irmin_error *err)
{
	irmin_object object;
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_oid next;
	irmin_rc rc = irmin__repo_object(repo, context, id, type, &object, err);

	if (rc < 0)
		return rc;
	rc = decode_next(repo, &object, &next, err);
	irmin_pin_release(&object.data);
	if (rc < 0)
		return irmin__error_locate(err, rc, irmin_oid_hex(id, hex));
	*id = next;
	return IRMIN_OK;
}

static irmin_rc type_of(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_object_type *type, irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];
	uint64_t bytes;
	irmin_rc rc = irmin__repo_object_stat(repo, context, id, type, &bytes,
	    err);

	if (rc != IRMIN_ABSENT)
		return rc;
	return irmin_error_set(err, IRMIN_EMISSING, irmin_oid_hex(id, hex),
	    "object %s is missing", irmin_oid_hex(id, hex));
}

static int is_wanted(irmin_object_type type, irmin_object_type want)
{
	return want == IRMIN_OBJECT_ANY ? type != IRMIN_OBJECT_TAG
					: type == want;
}

static irmin_rc refuse(const irmin_oid *id, irmin_object_type type,
    irmin_object_type want, irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];

	irmin_oid_hex(id, hex);
	return irmin_error_set(err, IRMIN_EINVAL, hex,
	    "object %s is a %s, not a %s", hex, irmin_object_type_name(type),
	    irmin_object_type_name(want));
}

irmin_rc irmin__object_peel(irmin_repo *repo, const irmin_context *context,
    irmin_object_type want, irmin_oid *id, irmin_object_type *type,
    irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_rc rc;
	int steps;

	for (steps = 0; steps < MAX_TAGS; steps++) {
		rc = type_of(repo, context, id, type, err);
		if (rc < 0 || is_wanted(*type, want))
			return rc;
		if (*type != IRMIN_OBJECT_TAG &&
		    (*type != IRMIN_OBJECT_COMMIT || want != IRMIN_OBJECT_TREE))
			return refuse(id, *type, want, err);
		rc = follow(repo, context, *type, id, err);
		if (rc < 0)
			return rc;
	}
	return irmin_error_set(err, IRMIN_ELIMIT, irmin_oid_hex(id, hex),
	    "tag %s leads through more than %d tags", hex, MAX_TAGS);
}
