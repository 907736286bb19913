/* The file "shallow": the commits whose parents were left out on purpose.
 *
 *   | 40 or 64 hexadecimal digits | LF |     what follows the digits is ignored
 */
#include "lib/backend-git/git-objects.h"

#include <stdlib.h>

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include <irmin/alloc.h>

#define FILE_MAX_BYTES ((size_t)1 << 30)

static int compare_ids(const void *a, const void *b)
{
	return irmin_oid_compare(a, b);
}

/* The id at the beginning of a line. */
static irmin_rc parse_line(irmin_hash_algo hash, irmin_slice line,
    irmin_oid *id)
{
	size_t digits = 2 * irmin_hash_size(hash);
	const char *bytes = line.data;

	if (line.len < digits)
		return IRMIN_ECORRUPT;
	/* Not the beginning of a longer id. */
	if (line.len > digits &&
	    strchr("0123456789abcdefABCDEF", bytes[digits]))
		return IRMIN_ECORRUPT;
	return irmin_oid_parse(irmin__slice_until(line, digits), id, NULL);
}

irmin_rc irmin__git_shallow_parse(irmin_hash_algo hash, irmin_slice bytes,
    irmin__git_ids *ids, irmin_error *err)
{
	irmin_slice rest = bytes;
	irmin_rc rc = IRMIN_OK;

	while (rc >= 0 && rest.len) {
		size_t end = irmin__slice_find(rest, '\n');
		irmin_oid id;

		if (parse_line(hash, irmin__slice_until(rest, end), &id) < 0)
			return irmin__error_at(err, IRMIN_ECORRUPT, NULL,
			    bytes.len - rest.len,
			    "a line that begins with no %s id",
			    irmin_hash_name(hash));
		rc = IRMIN__VEC_RESERVE(ids, 1, err);
		if (rc >= 0)
			IRMIN__VEC_PUSH(ids, id);
		rest = irmin__slice_from(rest,
		    end < rest.len ? end + 1 : rest.len);
	}
	if (ids->len)
		qsort(ids->items, ids->len, sizeof *ids->items, compare_ids);
	return rc;
}

irmin_rc irmin__git_shallow_init(irmin__git_shallow *shallow, irmin_error *err)
{
	memset(shallow, 0, sizeof *shallow);
	return irmin__mutex_init(&shallow->mutex, err);
}

void irmin__git_shallow_clear(irmin__git_shallow *shallow)
{
	IRMIN__VEC_CLEAR(&shallow->ids);
	irmin__mutex_clear(&shallow->mutex);
}

/* Reads the file anew. */
static irmin_rc read_file(irmin__git *git, irmin__git_shallow *shallow,
    const char *file, const irmin__os_stat *stat, irmin_error *err)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin__git_ids ids = { NULL, 0, 0 };
	irmin_rc rc = IRMIN_OK;

	if (stat->kind != IRMIN__OS_NONE)
		rc = irmin__os_read_file(git->os, file, FILE_MAX_BYTES, &bytes,
		    err);
	if (rc == IRMIN_OK)
		rc = irmin__git_shallow_parse(git->head.hash,
		    irmin_buf_slice(&bytes), &ids, err);
	irmin_buf_clear(&bytes);
	if (rc < 0) {
		IRMIN__VEC_CLEAR(&ids);
		return irmin__error_locate(err, rc, file);
	}
	IRMIN__VEC_CLEAR(&shallow->ids);
	shallow->ids.items = ids.items;
	shallow->ids.len = ids.len;
	shallow->ids.cap = ids.cap;
	shallow->stat = *stat;
	shallow->racy = irmin__git_is_racy(git, stat);
	return IRMIN_OK;
}

static irmin_rc find_id(const irmin__git_shallow *shallow, const irmin_oid *id)
{
	if (!shallow->ids.len)
		return IRMIN_ABSENT;
	if (!id ||
	    bsearch(id, shallow->ids.items, shallow->ids.len, sizeof *id,
		compare_ids))
		return IRMIN_OK;
	return IRMIN_ABSENT;
}

irmin_rc irmin__git_shallow_has(irmin__git *git, irmin__git_shallow *shallow,
    const irmin_oid *id, irmin_error *err)
{
	irmin__git_path file;
	irmin__os_stat stat;
	irmin_rc rc;

	rc = irmin__git_path_join(&file, git->layout.common_dir, "shallow",
	    err);
	if (rc >= 0)
		rc = irmin__os_stat_path(git->os, file.text, 1, &stat, err);
	if (rc < 0)
		return rc;
	irmin__mutex_lock(&shallow->mutex);
	rc = IRMIN_OK;
	if (shallow->racy || !irmin__git_is_same_file(&stat, &shallow->stat))
		rc = read_file(git, shallow, file.text, &stat, err);
	if (rc >= 0)
		rc = find_id(shallow, id);
	irmin__mutex_unlock(&shallow->mutex);
	return rc;
}
