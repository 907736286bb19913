/* Packs on their way into objects/pack:
 *
 *   tmp_pack_<serial>  ->  pack-<checksum>.pack   first,
 *   tmp_idx_<serial>   ->  pack-<checksum>.idx    then
 *
 * Whoever looks for packs looks for their indexes. What a crash leaves behind has
 * a name that git's prune takes.
 */
#include "lib/backend-git/git-write.h"

#include <stdio.h>

#include "lib/core/base/error.h"
#include "lib/core/base/hex.h"

static irmin_rc open_in_packs(irmin__git *git, const char *prefix,
    irmin__git_path *path, irmin__file **file, irmin_error *err)
{
	const char *root = git->layout.common_dir;
	irmin__git_path directory;
	irmin_rc rc;

	rc = irmin__git_path_join(&directory, root, "objects/pack", err);
	if (rc >= 0)
		rc = irmin__git_tempfile_open(git, directory.text, prefix, path,
		    file, err);
	if (rc != IRMIN_EMISSING)
		return rc;
	rc = irmin__git_make_parents(git, root, path->text, err);
	return rc < 0 ? rc
		      : irmin__git_tempfile_open(git, directory.text, prefix,
			    path, file, err);
}

irmin_rc irmin__git_new_pack_begin(irmin__git *git, irmin__git_new_pack *pack,
    irmin_error *err)
{
	irmin_rc rc;

	pack->path.text[0] = '\0';
	pack->file = NULL;
	pack->sync = 0;
	rc = open_in_packs(git, "tmp_pack", &pack->path, &pack->file, err);
	if (rc < 0)
		pack->path.text[0] = '\0';
	return rc;
}

void irmin__git_new_pack_drop(irmin__git *git, irmin__git_new_pack *pack)
{
	irmin__os_close(pack->file);
	pack->file = NULL;
	if (pack->path.text[0])
		(void)irmin__os_unlink(git->os, pack->path.text, NULL);
	pack->path.text[0] = '\0';
}

irmin_rc irmin__git_pack_path(const irmin__git *git,
    const unsigned char *checksum, const char *extension, irmin__git_path *path,
    irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];
	char name[IRMIN_OID_HEX_BYTES + 64];

	irmin__hex_encode(checksum, irmin_hash_size(git->head.hash), hex);
	snprintf(name, sizeof name, "objects/pack/pack-%s%s", hex, extension);
	return irmin__git_path_join(path, git->layout.common_dir, name, err);
}

/* What a file needs before it gets its name. */
static irmin_rc complete(irmin__git *git, const irmin__git_new_pack *pack,
    irmin_error *err)
{
	irmin_rc rc = irmin__git_share_file(git->settings.shared, pack->file,
	    err);

	if (rc >= 0 && pack->sync)
		rc = irmin__git_sync_file(git, pack->file, err);
	return rc;
}

static irmin_rc move(irmin__git *git, irmin__git_unsynced *unsynced,
    irmin__git_new_pack *from, const irmin__git_path *to, irmin_error *err)
{
	irmin_rc rc;

	irmin__os_close(from->file);
	from->file = NULL;
	rc = irmin__os_rename(git->os, from->path.text, to->text, err);
	if (rc < 0)
		return rc;
	from->path.text[0] = '\0';
	irmin__git_unsynced_add(unsynced, to->text, from->sync);
	return IRMIN_OK;
}

static irmin_rc write_index(irmin__git *git, irmin__git_new_pack *idx,
    irmin_slice index, irmin_error *err)
{
	irmin_rc rc;

	rc = open_in_packs(git, "tmp_idx", &idx->path, &idx->file, err);
	if (rc < 0) {
		idx->path.text[0] = '\0';
		return rc;
	}
	rc = irmin__os_write(idx->file, index, err);
	return rc < 0 ? rc : complete(git, idx, err);
}

irmin_rc irmin__git_new_pack_install(irmin__git *git,
    irmin__git_unsynced *unsynced, irmin__git_new_pack *pack,
    const unsigned char *checksum, irmin_slice index, irmin_error *err)
{
	irmin__git_new_pack idx = { { "" }, NULL, 0 };
	irmin__os_stat stat;
	irmin__git_path pack_path, idx_path;
	irmin_rc rc;

	rc = irmin__git_pack_path(git, checksum, ".pack", &pack_path, err);
	if (rc >= 0)
		rc = irmin__git_pack_path(git, checksum, ".idx", &idx_path,
		    err);
	/* What is to be replaced may be on the disk. */
	if (rc >= 0 &&
	    (git->durable ||
		irmin__os_stat_path(git->os, pack_path.text, 1, &stat, NULL) !=
		    IRMIN_ABSENT))
		pack->sync = 1;
	idx.sync = pack->sync;
	if (rc >= 0)
		rc = complete(git, pack, err);
	if (rc >= 0)
		rc = write_index(git, &idx, index, err);
	if (rc >= 0)
		rc = move(git, unsynced, pack, &pack_path, err);
	if (rc >= 0)
		rc = move(git, unsynced, &idx, &idx_path, err);
	irmin__git_new_pack_drop(git, &idx);
	irmin__git_new_pack_drop(git, pack);
	return rc;
}
