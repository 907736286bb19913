/* The refs of a repository that is being checked. */
#include <stdio.h>

#include "lib/core/base/context.h"
#include "lib/core/base/text.h"
#include "lib/core/base/vec.h"
#include "lib/core/store/verify.h"

#define TEXT_BYTES 384

struct refs {
	irmin__verify *verify;
	IRMIN__VEC(char *) links; /* the names of symbolic ones */
	irmin_error *err;
};

static int tell_missing(irmin__verify *verify, const char *name,
    const irmin_oid *id)
{
	char hex[IRMIN_OID_HEX_BYTES], text[TEXT_BYTES];

	snprintf(text, sizeof text,
	    "ref %.200s names object %s, which is missing", name,
	    irmin_oid_hex(id, hex));
	return irmin__fault_ref(&verify->teller,
	    verify->partial ? IRMIN_FAULT_WARNING : IRMIN_FAULT_MISSING, name,
	    id, text);
}

static int check_id(irmin__verify *verify, const char *name,
    const irmin_oid *id, irmin_error *err)
{
	int is_head = strncmp(name, IRMIN__HEADS, strlen(IRMIN__HEADS)) == 0 ||
	    strcmp(name, "HEAD") == 0;
	char text[TEXT_BYTES];
	irmin_object_type type;
	unsigned char *mark;
	irmin_rc rc = irmin__verify_find(verify, id, &mark, err);

	if (rc < 0)
		return rc;
	if (!mark || (*mark & IRMIN__VERIFY_TYPE) == IRMIN__VERIFY_MISSING)
		return tell_missing(verify, name, id);
	type = (irmin_object_type)(*mark & IRMIN__VERIFY_TYPE);
	if (!is_head || type == IRMIN_OBJECT_ANY || type == IRMIN_OBJECT_COMMIT)
		return 0;
	snprintf(text, sizeof text, "branch %.200s is a %s, not a commit", name,
	    irmin_object_type_name(type));
	return irmin__fault_ref(&verify->teller, IRMIN_FAULT_CORRUPT, name, id,
	    text);
}

static int note_ref(void *arg, const char *name, const irmin_ref_value *value)
{
	struct refs *refs = arg;
	char *copy = NULL;
	irmin_rc rc = irmin__context_check(&refs->verify->context, refs->err);

	if (rc < 0)
		return rc;
	if (!value->target.len)
		return check_id(refs->verify, name, &value->id, refs->err);
	rc = IRMIN__VEC_RESERVE(&refs->links, 1, refs->err);
	if (rc >= 0)
		rc = irmin__text_copy(irmin_text(name), &copy, refs->err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(&refs->links, copy);
	return rc;
}

/* Follows a symbolic ref. That HEAD names a branch which is yet to come is how
 * repositories begin. */
static int check_link(irmin__verify *verify, const char *name, irmin_error *err)
{
	irmin_buf final = IRMIN_BUF_INIT;
	char text[TEXT_BYTES];
	irmin_error why;
	irmin_oid id;
	int rc;

	rc = irmin__repo_ref_resolve(verify->repo, &verify->context, name,
	    &final, &id, &why);
	if (rc == IRMIN_OK) {
		rc = check_id(verify, name, &id, err);
	} else if (rc == IRMIN_ECORRUPT) {
		rc = irmin__fault_ref(&verify->teller, IRMIN_FAULT_CORRUPT,
		    name, NULL, why.text);
	} else if (rc == IRMIN_ABSENT && final.len &&
	    strcmp((char *) final.data, "HEAD") == 0) {
		rc = irmin__fault_ref(&verify->teller, IRMIN_FAULT_MISSING,
		    name, NULL, "there is no HEAD");
	} else if (rc == IRMIN_ABSENT && strcmp(name, "HEAD") != 0) {
		snprintf(text, sizeof text,
		    "ref %.150s is a link to %.150s, which is not there", name,
		    final.len ? (char *) final.data : "nothing");
		rc = irmin__fault_ref(&verify->teller, IRMIN_FAULT_WARNING,
		    name, NULL, text);
	} else if (rc < 0 && err) {
		*err = why;
	}
	irmin_buf_clear(&final);
	return rc == IRMIN_ABSENT ? IRMIN_OK : rc;
}

irmin_rc irmin__verify_refs(irmin__verify *verify, irmin_error *err)
{
	struct refs refs = { verify, { NULL, 0, 0 }, err };
	irmin_error why;
	size_t i;
	int rc;

	refs.err = &why;
	irmin_error_clear(&why);
	rc = irmin__repo_ref_each(verify->repo, &verify->context, "", note_ref,
	    &refs, &why);
	if (rc == IRMIN_ECORRUPT) /* what the backend says, others are left */
		rc = irmin__fault_ref(&verify->teller, IRMIN_FAULT_CORRUPT,
		    why.where, NULL, why.text);
	else if (rc < 0 && err)
		*err = why;
	if (rc == IRMIN_OK)
		rc = check_link(verify, "HEAD", err);
	for (i = 0; i < refs.links.len; i++) {
		if (rc == IRMIN_OK)
			rc = check_link(verify, refs.links.items[i], err);
		irmin_free(refs.links.items[i]);
	}
	IRMIN__VEC_CLEAR(&refs.links);
	return rc;
}
