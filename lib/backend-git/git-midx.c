/* The multi-pack index beside the packs of a directory, and which of these it is
 * about. One that is broken, or about packs that are gone, is no fault: packs are
 * looked into one by one then.
 */
#include "lib/backend-git/git-objects.h"

#include "lib/core/base/error.h"
#include <irmin/alloc.h>

void irmin__git_midx_free(irmin__git_midx *midx)
{
	if (!midx)
		return;
	irmin__view_release(&midx->view);
	irmin__windows_close(midx->windows);
	irmin_free(midx->packs);
	irmin_free(midx);
}

/* The pack of a multi-pack index that is called so; its names are sorted. */
static uint32_t midx_pack(const irmin__midx *midx, const char *name)
{
	uint32_t low = 0, high = midx->pack_count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int order = strcmp(irmin__midx_pack_name(midx, mid), name);

		if (order == 0)
			return mid;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return midx->pack_count;
}

/* Finds out which packs it is about, of those that are there. */
static irmin_rc match_packs(irmin__git_midx *midx, irmin__git_packs *packs,
    const irmin__git_pack_directory *directory, irmin_error *err)
{
	uint32_t count = midx->midx.pack_count;
	size_t i;

	midx->packs = irmin_calloc(count ? count : 1, sizeof *midx->packs);
	if (!midx->packs)
		return irmin__enomem(err);
	for (i = 0; i < count; i++)
		midx->packs[i] = IRMIN__GIT_NO_PACK;
	for (i = 0; i < directory->count; i++) {
		irmin__git_pack *pack =
		    &packs->packs.items[directory->first + i];
		uint32_t at = midx_pack(&midx->midx,
		    strrchr(pack->idx, '/') + 1);

		if (at == count)
			continue;
		midx->packs[at] = directory->first + i;
		pack->indexed = 1;
	}
	return IRMIN_OK;
}

static irmin_rc read_midx(irmin__git_objects *objects, const char *file,
    irmin__git_midx *midx, irmin_error *err)
{
	irmin_rc rc;

	rc = irmin__windows_open(objects->git->os, file, objects->io, 0,
	    &midx->windows, err);
	if (rc == IRMIN_OK)
		rc = irmin__windows_view(midx->windows, 0,
		    (size_t)irmin__windows_bytes(midx->windows), &midx->view,
		    err);
	if (rc == IRMIN_OK)
		rc = irmin__midx_open(objects->git->head.hash, midx->view.bytes,
		    &midx->midx, err);
	return rc;
}

irmin_rc irmin__git_midx_open(irmin__git_objects *objects, const char *path,
    irmin__git_packs *packs, irmin__git_pack_directory *directory,
    irmin_error *err)
{
	irmin__git_midx *midx;
	irmin__git_path file;
	irmin_rc rc;

	rc = irmin__git_path_join(&file, path, IRMIN__GIT_MIDX, err);
	if (rc >= 0)
		rc = irmin__os_stat_path(objects->git->os, file.text, 1,
		    &directory->midx_stat, err);
	if (rc != IRMIN_OK)
		return rc;
	midx = irmin_calloc(1, sizeof *midx);
	if (!midx)
		return irmin__enomem(err);
	rc = read_midx(objects, file.text, midx, err);
	if (rc == IRMIN_OK)
		rc = match_packs(midx, packs, directory, err);
	if (rc == IRMIN_OK)
		directory->midx = midx;
	else
		irmin__git_midx_free(midx);
	return rc == IRMIN_ENOMEM ? rc : IRMIN_OK;
}

irmin_rc irmin__git_midx_find(const irmin__git_midx *midx, const irmin_oid *id,
    size_t *pack, uint64_t *offset)
{
	uint32_t at, number;
	irmin_rc rc;

	rc = irmin__midx_find(&midx->midx, id, &at);
	if (rc == IRMIN_OK)
		rc = irmin__midx_place(&midx->midx, at, &number, offset, NULL);
	if (rc != IRMIN_OK || number >= midx->midx.pack_count)
		return IRMIN_ABSENT;
	*pack = midx->packs[number];
	return *pack == IRMIN__GIT_NO_PACK ? IRMIN_ABSENT : IRMIN_OK;
}

irmin_rc irmin__git_midx_verify(irmin__git_objects *objects,
    const char *directory, irmin_error *err)
{
	irmin__git_midx *midx;
	irmin__git_path file;
	irmin_rc rc;

	rc = irmin__git_path_join(&file, directory, "pack/" IRMIN__GIT_MIDX,
	    err);
	if (rc < 0)
		return rc;
	midx = irmin_calloc(1, sizeof *midx);
	if (!midx)
		return irmin__enomem(err);
	rc = read_midx(objects, file.text, midx, err);
	if (rc == IRMIN_OK)
		rc = irmin__midx_verify(&midx->midx, err);
	irmin__git_midx_free(midx);
	return irmin__error_locate(err, rc < 0 ? rc : IRMIN_OK, file.text);
}
