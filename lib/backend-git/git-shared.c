/* core.sharedRepository: who besides the owner may read and write. */
#include "lib/backend-git/git-parts.h"

#include "lib/core/base/error.h"

#define OWNER_WRITES        0200u
#define OWNER_EXECUTES      0100u
#define ALL_READ            0444u
#define ALL_WRITE           0222u
#define ALL_BITS            0777u
#define GROUP_READ_OR_WRITE 060u
#define SET_GROUP_ID        02000u

#define GROUP_SHARES    0660u
#define EVERYBODY_READS 0664u

static int is_one_of(const char *value, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(value, *words))
			return 1;
	return 0;
}

/* Octal digits, at most 0777. */
static int parse_octal(const char *value, uint32_t *bits)
{
	*bits = 0;
	for (; *value >= '0' && *value <= '7' && *bits <= ALL_BITS / 8; value++)
		*bits = *bits * 8 + (uint32_t)(*value - '0');
	return !*value;
}

irmin_rc irmin__git_shared_parse(const char *value, irmin__git_shared *shared,
    irmin_error *err)
{
	static const char *const none[] = { "umask", "false", "no", "off", "0",
		NULL };
	static const char *const group[] = { "group", "true", "yes", "on", "1",
		"", NULL };
	static const char *const all[] = { "all", "world", "everybody", "2",
		NULL };

	memset(shared, 0, sizeof *shared);
	if (is_one_of(value, none))
		return IRMIN_OK;
	if (is_one_of(value, group)) {
		shared->bits = GROUP_SHARES;
	} else if (is_one_of(value, all)) {
		shared->bits = EVERYBODY_READS;
	} else {
		if (!parse_octal(value, &shared->bits) ||
		    (shared->bits & 0600) != 0600)
			return irmin_error_set(err, IRMIN_ECORRUPT,
			    "core.sharedRepository",
			    "cannot use the setting core.sharedRepository: "
			    "\"%s\" is neither a word git knows nor a mode "
			    "that lets the owner read and write",
			    value);
		shared->bits &= 0666;
		shared->exact = 1;
	}
	return IRMIN_OK;
}

uint32_t irmin__git_shared_mode(irmin__git_shared shared, uint32_t mode,
    int directory)
{
	uint32_t bits = shared.bits;

	if (!bits)
		return mode;
	if (!(mode & OWNER_WRITES))
		bits &= ~ALL_WRITE;
	if (mode & OWNER_EXECUTES)
		bits |= (bits & ALL_READ) >> 2;
	mode = shared.exact ? (mode & ~ALL_BITS) | bits : mode | bits;
	if (directory && (mode & GROUP_READ_OR_WRITE))
		mode |= SET_GROUP_ID;
	return mode;
}

irmin_rc irmin__git_share_file(irmin__git_shared shared, irmin__file *file,
    irmin_error *err)
{
	irmin__os_stat stat;
	uint32_t mode;
	irmin_rc rc;

	if (!shared.bits)
		return IRMIN_OK;
	rc = irmin__os_stat_file(file, &stat, err);
	if (rc < 0)
		return rc;
	mode = irmin__git_shared_mode(shared, stat.mode, 0);
	return mode == stat.mode ? IRMIN_OK : irmin__os_chmod(file, mode, err);
}

irmin_rc irmin__git_share_directory(irmin__os *os, irmin__git_shared shared,
    const char *path, irmin_error *err)
{
	irmin__os_stat stat;
	uint32_t mode;
	irmin_rc rc;

	if (!shared.bits)
		return IRMIN_OK;
	rc = irmin__os_stat_path(os, path, 1, &stat, err);
	if (rc != IRMIN_OK)
		return rc;
	mode = irmin__git_shared_mode(shared, stat.mode, 1);
	return mode == stat.mode ? IRMIN_OK
				 : irmin__os_chmod_path(os, path, mode, err);
}
