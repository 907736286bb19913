#include "lib/backend-git/git-parts.h"

#include "lib/core/object/tag-codec.h"

/* A tag of a tag of a tag ... */
#define TAGS_MAX 64

static irmin_rc follow(irmin__git *git, const irmin_context *context,
    irmin_oid *id)
{
	irmin_objects *objects = git->head.objects;
	irmin_object object;
	irmin__tag_data tag;
	irmin_rc rc = objects->cls->find(objects, context, id, &object, NULL);

	if (rc != IRMIN_OK)
		return rc < 0 ? rc : IRMIN_EMISSING;
	rc = irmin__tag_decode(git->head.hash,
	    irmin_bytes(object.data.data, object.data.len), &tag, NULL);
	*id = tag.object;
	irmin_pin_release(&object.data);
	return rc;
}

irmin_rc irmin__git_peel(irmin__git *git, const irmin_context *context,
    const irmin_oid *id, irmin_oid *peeled, irmin_object_type *type)
{
	irmin_objects *objects = git->head.objects;
	irmin_rc rc = IRMIN_OK;
	uint64_t bytes;
	int tags;

	*peeled = *id;
	for (tags = 0; rc >= 0 && tags < TAGS_MAX; tags++) {
		rc = objects->cls->stat(objects, context, peeled, type, &bytes,
		    NULL);
		if (rc == IRMIN_ABSENT)
			return IRMIN_EMISSING;
		if (rc < 0 || *type != IRMIN_OBJECT_TAG)
			return rc;
		rc = follow(git, context, peeled);
	}
	return rc < 0 ? rc : IRMIN_ECORRUPT;
}
