/* Which objects have files of their own: objects/<2 digits>/<38 or 62 digits>. */
#include "lib/backend-git/git-objects.h"

#include "lib/core/base/error.h"
#include "lib/core/base/hex.h"

/* A directory of files: "<objects>/ab". */
typedef struct directory {
	irmin_hash_algo hash;
	const char *prefix;
	irmin__git_path path;
	char hex[IRMIN_OID_HEX_BYTES]; /* the id under way */
	irmin__git_loose_fn fn;
	void *arg;
	irmin_error *err;
} directory;

static int tell_file(void *arg, const char *name, irmin__os_kind kind)
{
	directory *dir = arg;
	irmin__git_path file;
	irmin_oid id;
	irmin_rc rc;

	(void)kind;
	if (strlen(name) != 2 * irmin_hash_size(dir->hash) - 2)
		return IRMIN_OK;
	memcpy(dir->hex + 2, name, strlen(name) + 1);
	if (strncmp(dir->hex, dir->prefix, strlen(dir->prefix)) != 0 ||
	    irmin_oid_parse(irmin_text(dir->hex), &id, NULL) < 0)
		return IRMIN_OK;
	rc = irmin__git_path_join(&file, dir->path.text, name, dir->err);
	return rc < 0 ? rc : dir->fn(dir->arg, &id, file.text);
}

irmin_rc irmin__git_loose_each(irmin__os *os, irmin_hash_algo hash,
    const char *objects, const char *prefix, irmin__git_loose_fn fn, void *arg,
    irmin_error *err)
{
	directory dir = { .hash = hash,
		.prefix = prefix,
		.fn = fn,
		.arg = arg,
		.err = err };
	size_t digits = strlen(prefix);
	irmin_rc rc = IRMIN_OK;
	unsigned i;

	for (i = 0; rc >= 0 && i < 256; i++) {
		unsigned char byte = (unsigned char)i;

		irmin__hex_encode(&byte, 1, dir.hex);
		if (strncmp(dir.hex, prefix, digits < 2 ? digits : 2) != 0)
			continue;
		rc = irmin__git_path_join(&dir.path, objects, dir.hex, err);
		if (rc >= 0)
			rc = irmin__os_each(os, dir.path.text, tell_file, &dir,
			    err);
		if (rc == IRMIN_ABSENT)
			rc = IRMIN_OK;
		if (rc != IRMIN_OK)
			return rc;
	}
	return rc;
}
