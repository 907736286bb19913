#include "lib/core/base/os-sim-fs.h"

#include <errno.h>

#include "lib/core/base/error.h"

/* Writes one file to the real machine. */
static irmin_rc export_file(const irmin__sim_node *node, const char *path,
    irmin_error *err)
{
	irmin__file *file = NULL;
	irmin_rc rc;

	rc = irmin__os_open(irmin__os_posix(), path,
	    IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_EXCLUSIVE, 0600,
	    &file, err);
	if (rc >= 0)
		rc = irmin__os_write(file, irmin_buf_slice(&node->bytes), err);
	if (rc >= 0)
		rc = irmin__os_chmod(file, node->mode, err);
	irmin__os_close(file);
	return rc;
}

/* `path` is the directory's, and is the same again at the end. */
static irmin_rc export_directory(const irmin__sim_node *dir, irmin_buf *path,
    irmin_error *err)
{
	size_t path_len = path->len, i;
	irmin_rc rc;

	rc = irmin__os_mkdir(irmin__os_posix(), (char *)path->data, 0700, err);
	for (i = 0; rc >= 0 && i < dir->entries.len; i++) {
		const irmin__sim_entry *entry = &dir->entries.items[i];

		rc = irmin_buf_append(path, irmin_text("/"), err);
		if (rc >= 0)
			rc = irmin_buf_append(path, irmin_text(entry->name),
			    err);
		if (rc >= 0 && entry->node->kind == IRMIN__OS_DIRECTORY)
			rc = export_directory(entry->node, path, err);
		else if (rc >= 0)
			rc = export_file(entry->node, (char *)path->data, err);
		path->len = path_len;
		path->data[path_len] = '\0';
	}
	return rc;
}

irmin_rc irmin__os_sim_export(irmin__os *os, const char *root,
    const char *directory, irmin_error *err)
{
	irmin__sim *sim = irmin__sim_lock(os);
	irmin_buf path = IRMIN_BUF_INIT;
	irmin__sim_node *dir;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__sim_answer(err, irmin__sim_find_directory(sim, root, &dir),
	    "cannot export", root);
	if (rc >= 0)
		rc = irmin_buf_set(&path, irmin_text(directory), err);
	if (rc >= 0)
		rc = export_directory(dir, &path, err);
	irmin_buf_clear(&path);
	irmin__sim_unlock(sim);
	return rc < 0 ? rc : IRMIN_OK;
}
