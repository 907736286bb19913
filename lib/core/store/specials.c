#include "lib/core/store/specials.h"

#include "lib/core/base/context.h"
#include "lib/core/object/write-check.h"

static const struct {
	irmin__special kind;
	const char *name;
} files[] = { { IRMIN__SPECIAL_MODULES, ".gitmodules" },
	{ IRMIN__SPECIAL_ATTRIBUTES, ".gitattributes" } };

#define FILES (sizeof files / sizeof *files)

void irmin__specials_init(irmin__specials *specials, irmin_hash_algo algo)
{
	irmin__oid_table_init(&specials->blobs, algo, 1, 1,
	    (uintptr_t)specials);
}

void irmin__specials_clear(irmin__specials *specials)
{
	irmin__oid_table_clear(&specials->blobs);
}

irmin_rc irmin__specials_note(irmin__specials *specials,
    const irmin__link *link, irmin_error *err)
{
	unsigned char *kinds;
	size_t number, i;
	irmin_rc rc;

	if (link->type != IRMIN_OBJECT_BLOB ||
	    link->mode == IRMIN_MODE_SYMLINK ||
	    !irmin__check_is_special(link->name))
		return IRMIN_OK;
	rc = irmin__oid_table_add(&specials->blobs, &link->id, &number, err);
	if (rc < 0)
		return rc;
	kinds = irmin__oid_table_extra(&specials->blobs, number);
	for (i = 0; i < FILES; i++)
		if (irmin__special_of(link->name) == files[i].kind)
			*kinds |= (unsigned char)(1u << i);
	return IRMIN_OK;
}

static irmin_rc check_kinds(const irmin_oid *id, irmin_slice contents,
    unsigned kinds, const irmin__fault_teller *teller, uint64_t *faults)
{
	irmin_error why;
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc == IRMIN_OK && i < FILES; i++) {
		if (!(kinds & 1u << i) ||
		    irmin__check_special(irmin_text(files[i].name), contents,
			&why) >= 0)
			continue;
		++*faults;
		rc = irmin__fault_object(teller, IRMIN_FAULT_FORMAT, id,
		    IRMIN_OBJECT_BLOB, why.text);
	}
	return rc;
}

static irmin_rc check_one(irmin__specials *specials, size_t number,
    irmin_repo *repo, const irmin_context *context,
    const irmin__fault_teller *teller, uint64_t *faults, irmin_error *err)
{
	unsigned kinds = *(
	    unsigned char *)irmin__oid_table_extra(&specials->blobs, number);
	irmin_oid id = irmin__oid_table_id(&specials->blobs, number);
	irmin_object found;
	irmin_rc rc = irmin__context_check(context, err);

	if (rc < 0)
		return rc;
	rc = irmin__repo_object_find(repo, context, &id, IRMIN_OBJECT_BLOB,
	    &found, err);
	if (rc == IRMIN_OK)
		rc = check_kinds(&id,
		    irmin_bytes(found.data.data, found.data.len), kinds, teller,
		    faults);
	else if (rc != IRMIN_ENOMEM)
		rc = IRMIN_OK;
	irmin_pin_release(&found.data);
	return rc;
}

irmin_rc irmin__specials_check(irmin__specials *specials, irmin_repo *repo,
    const irmin_context *context, const irmin__fault_teller *teller,
    uint64_t *faults, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	*faults = 0;
	for (i = 0; rc == IRMIN_OK && i < specials->blobs.len; i++)
		rc = check_one(specials, i, repo, context, teller, faults, err);
	return rc;
}
