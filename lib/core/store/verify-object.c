/* One object of a repository that is being checked. */
#include "lib/core/store/verify.h"

#include <stdio.h>

#include "lib/core/base/context.h"
#include "lib/core/object/links.h"
#include "lib/core/object/write-check.h"
#include "lib/core/store/repo-object.h"

#define PART_BYTES     16384
#define PROGRESS_EVERY 256
#define TEXT_BYTES     384

static irmin_object_type type_in(const unsigned char *mark)
{
	return (irmin_object_type)(*mark & IRMIN__VERIFY_TYPE);
}

/* ---- what an object names ---- */

struct naming {
	irmin__verify *verify;
	const irmin_scanned *by;
};

/* Whether a commit's parents are not expected to be there. */
static irmin_rc is_cut(const struct naming *naming, const irmin__link *link,
    int *cut, irmin_error *err)
{
	irmin__verify *verify = naming->verify;
	irmin_rc rc;

	*cut = 0;
	if (naming->by->type != IRMIN_OBJECT_COMMIT ||
	    link->type != IRMIN_OBJECT_COMMIT)
		return IRMIN_OK;
	rc = irmin__repo_is_shallow(verify->repo, &verify->context,
	    &naming->by->id, err);
	*cut = rc == IRMIN_OK;
	return rc < 0 ? rc : IRMIN_OK;
}

/* "<what> <id> <why>: <who> <id> names it [as <name>]" */
static int tell_link(const struct naming *naming, const irmin__link *link,
    irmin_fault_kind kind, irmin_object_type type, const char *why)
{
	char id[IRMIN_OID_HEX_BYTES], by[IRMIN_OID_HEX_BYTES];
	char text[TEXT_BYTES];

	snprintf(text, sizeof text, "%s %s %s: %s %s names it%s%.*s",
	    irmin_object_type_name(type), irmin_oid_hex(&link->id, id), why,
	    irmin_object_type_name(naming->by->type),
	    irmin_oid_hex(&naming->by->id, by), link->name.len ? " as " : "",
	    (int)(link->name.len < 100 ? link->name.len : 100),
	    link->name.len ? (const char *)link->name.data : "");
	return irmin__fault_object(&naming->verify->teller, kind, &link->id,
	    type, text);
}

/* Tells it once: from then on it has an entry as a missing one. */
static int tell_missing(const struct naming *naming, const irmin__link *link)
{
	irmin__verify *verify = naming->verify;
	unsigned char *mark;
	size_t number;
	int cut;
	irmin_rc rc = is_cut(naming, link, &cut, verify->err);

	if (rc < 0 || cut)
		return rc;
	rc = irmin__oid_table_add(&verify->objects, &link->id, &number,
	    verify->err);
	if (rc < 0)
		return rc;
	mark = irmin__oid_table_extra(&verify->objects, number);
	*mark = IRMIN__VERIFY_MISSING | IRMIN__VERIFY_SEEN;
	return tell_link(naming, link,
	    verify->partial ? IRMIN_FAULT_WARNING : IRMIN_FAULT_MISSING,
	    link->type, "is missing");
}

static int is_wrong(unsigned char mark, irmin_object_type named)
{
	unsigned type = mark & IRMIN__VERIFY_TYPE;

	return type && type != IRMIN__VERIFY_MISSING && type != named;
}

static int check_link(void *arg, const irmin__link *link)
{
	const struct naming *naming = arg;
	irmin__verify *verify = naming->verify;
	irmin_object_type type;
	unsigned char *mark;
	irmin_rc rc;

	rc = irmin__specials_note(&verify->specials, link, verify->err);
	if (rc >= 0)
		rc = irmin__verify_find(verify, &link->id, &mark, verify->err);
	if (rc < 0)
		return rc;
	if (!mark)
		return tell_missing(naming, link);
	type = type_in(mark);
	if (type == IRMIN_OBJECT_ANY && !(*mark & IRMIN__VERIFY_SEEN))
		*mark |= (unsigned char)(IRMIN__VERIFY_NAMED << link->type);
	else if (is_wrong(*mark, link->type))
		return tell_link(naming, link, IRMIN_FAULT_CORRUPT, type,
		    "is of the wrong type");
	return 0;
}

/* ---- one object ---- */

/* What is no fault of the object's stops. */
static irmin_rc stop(irmin__verify *verify, const irmin_error *why)
{
	if (verify->err)
		*verify->err = *why;
	return why->code;
}

static int tell_error(irmin__verify *verify, irmin_fault_kind kind,
    const irmin_scanned *object, const irmin_error *why)
{
	return irmin__fault_object(&verify->teller, kind, &object->id,
	    object->type, why->text);
}

/* Notes that an object was seen, and what it is. `again` is set where another
 * copy of it was seen before. */
static irmin_rc note_seen(irmin__verify *verify, const irmin_scanned *object,
    irmin_object_type type, int *again, irmin_error *err)
{
	unsigned char *mark;
	size_t number;
	irmin_rc rc = irmin__oid_table_add(&verify->objects, &object->id,
	    &number, err);

	if (rc < 0)
		return rc;
	mark = irmin__oid_table_extra(&verify->objects, number);
	*again = type_in(mark) == type;
	*mark |= IRMIN__VERIFY_SEEN;
	if (type != IRMIN_OBJECT_ANY)
		*mark = (unsigned char)((*mark & ~IRMIN__VERIFY_TYPE) | type);
	return IRMIN_OK;
}

static int check_contents(irmin__verify *verify, const irmin_scanned *object)
{
	struct naming naming = { verify, object };
	irmin_error why;
	int again;
	irmin_rc rc = note_seen(verify, object, object->type, &again,
	    verify->err);

	if (rc < 0 || again)
		return rc;
	rc = irmin__check_object(verify->repo->hash, object->type, object->data,
	    &why);
	if (rc == IRMIN_ECORRUPT)
		return tell_error(verify, IRMIN_FAULT_CORRUPT, object, &why);
	if (rc == IRMIN_EINVAL)
		rc = tell_error(verify, IRMIN_FAULT_FORMAT, object, &why);
	else if (rc < 0)
		rc = stop(verify, &why);
	if (rc)
		return rc;
	return irmin__links_each(verify->repo->hash, object->type, object->data,
	    check_link, &naming, verify->err);
}

static irmin_rc read_through(irmin_reader *reader, irmin_error *err)
{
	unsigned char part[PART_BYTES];
	size_t got;
	irmin_rc rc;

	do {
		rc = irmin_reader_read(reader, part, sizeof part, &got, err);
	} while (rc >= 0 && got == sizeof part);
	return rc;
}

/* What is too large to be told whole is read in parts. */
static int check_large(irmin__verify *verify, const irmin_scanned *object)
{
	irmin_reader *reader = NULL;
	irmin_object_type type;
	irmin_error why;
	int again;
	irmin_rc rc;

	rc = irmin__reader_open(verify->repo, &verify->context, &object->id,
	    &reader, &why);
	type = rc == IRMIN_OK ? irmin_reader_type(reader) : IRMIN_OBJECT_ANY;
	if (rc == IRMIN_OK)
		rc = read_through(reader, &why);
	irmin_reader_close(reader);
	if (rc == IRMIN_ENOMEM)
		return stop(verify, &why);
	if (rc < 0)
		rc = tell_error(verify,
		    rc == IRMIN_ELIMIT ? IRMIN_FAULT_WARNING
				       : IRMIN_FAULT_CORRUPT,
		    object, &why);
	else if (type != IRMIN_OBJECT_BLOB)
		rc = irmin__fault_object(&verify->teller, IRMIN_FAULT_WARNING,
		    &object->id, type,
		    "it is larger than the limit: only its id was checked");
	return rc ? rc : note_seen(verify, object, type, &again, verify->err);
}

static int check_unreadable(irmin__verify *verify, const irmin_scanned *object)
{
	int again;
	irmin_rc rc;

	if (irmin_oid_is_none(&object->id)) /* nobody knows which objects */
		return irmin__fault_ref(&verify->teller, IRMIN_FAULT_CORRUPT,
		    object->fault->where, NULL, object->fault->text);
	if (object->fault->code == IRMIN_ELIMIT)
		return check_large(verify, object);
	rc = note_seen(verify, object, IRMIN_OBJECT_ANY, &again, verify->err);
	return rc < 0
	    ? rc
	    : tell_error(verify, IRMIN_FAULT_CORRUPT, object, object->fault);
}

static int tell_progress(irmin__verify *verify)
{
	uint64_t total = verify->objects.len;

	if (!verify->progress || verify->done++ % PROGRESS_EVERY)
		return 0;
	return verify->progress(verify->progress_arg, "checking objects",
	    verify->done, total > verify->done ? total : verify->done);
}

int irmin__verify_scanned(void *arg, const irmin_scanned *object)
{
	irmin__verify *verify = arg;
	irmin_error why;
	int again, rc = irmin__context_check(&verify->context, verify->err);

	if (rc == IRMIN_OK)
		rc = tell_progress(verify);
	if (rc)
		return rc;
	if (object->fault)
		return check_unreadable(verify, object);
	rc = irmin__object_check_id(verify->repo, &object->id, object->type,
	    object->data, &why);
	if (rc >= 0)
		return check_contents(verify, object);
	if (rc != IRMIN_ECORRUPT)
		return stop(verify, &why);
	rc = note_seen(verify, object, IRMIN_OBJECT_ANY, &again, verify->err);
	return rc < 0 ? rc
		      : tell_error(verify, IRMIN_FAULT_CORRUPT, object, &why);
}

/* ---- at the end ---- */

/* The first type that an object was named as and is not; ANY if there is none. */
static irmin_object_type wrongly_named(unsigned char mark)
{
	unsigned type = mark & IRMIN__VERIFY_TYPE, named;

	for (named = IRMIN_OBJECT_COMMIT; named <= IRMIN_OBJECT_TAG; named++)
		if (named != type && mark & IRMIN__VERIFY_NAMED << named)
			return (irmin_object_type)named;
	return IRMIN_OBJECT_ANY;
}

static int tell_wrongly_named(irmin__verify *verify, const irmin_oid *id,
    irmin_object_type type, irmin_object_type named)
{
	char hex[IRMIN_OID_HEX_BYTES], text[TEXT_BYTES];

	snprintf(text, sizeof text,
	    "%s %s is of the wrong type: an object names it as a %s",
	    irmin_object_type_name(type), irmin_oid_hex(id, hex),
	    irmin_object_type_name(named));
	return irmin__fault_object(&verify->teller, IRMIN_FAULT_CORRUPT, id,
	    type, text);
}

irmin_rc irmin__verify_named(irmin__verify *verify, irmin_error *err)
{
	irmin_object_type type, named;
	unsigned char mark;
	irmin_oid id;
	size_t i;
	int rc = irmin__context_check(&verify->context, err);

	for (i = 0; rc == IRMIN_OK && i < verify->objects.len; i++) {
		mark = *(
		    unsigned char *)irmin__oid_table_extra(&verify->objects, i);
		type = type_in(&mark);
		named = wrongly_named(mark);
		if (type == IRMIN_OBJECT_ANY || named == IRMIN_OBJECT_ANY)
			continue;
		id = irmin__oid_table_id(&verify->objects, i);
		rc = tell_wrongly_named(verify, &id, type, named);
	}
	return rc;
}
