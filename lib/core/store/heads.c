/* Refs that lead to heads: symbolic ones, and what a reflog says of a move. */
#include "lib/core/store/repo.h"

/* How deep git follows symbolic refs. */
#define MAX_LINKS 5

irmin_rc irmin__repo_ref_resolve(irmin_repo *repo, const irmin_context *context,
    const char *name, irmin_buf *final, irmin_oid *id, irmin_error *err)
{
	irmin_ref_value value = { { { 0 }, 0 }, IRMIN_BUF_INIT };
	irmin_buf at = IRMIN_BUF_INIT, last;
	int links;
	irmin_rc rc;

	memset(id, 0, sizeof *id);
	for (links = 0; links <= MAX_LINKS; links++) {
		rc = irmin__repo_ref_find(repo, context,
		    at.len ? (char *)at.data : name, &value, err);
		if (rc != IRMIN_OK || !value.target.len)
			break;
		last = at;
		at = value.target;
		value.target = last;
	}
	if (links > MAX_LINKS)
		rc = irmin_error_set(err, IRMIN_ECORRUPT, name,
		    "ref %s is a link to a link, more than %d deep", name,
		    MAX_LINKS);
	if (rc >= 0 && final) {
		irmin_rc kept = irmin_buf_set(final,
		    at.len ? irmin_buf_slice(&at) : irmin_text(name), err);
		if (kept < 0)
			rc = kept;
	}
	if (rc == IRMIN_OK)
		*id = value.id;
	irmin_buf_clear(&at);
	irmin_buf_clear(&value.target);
	return rc;
}
