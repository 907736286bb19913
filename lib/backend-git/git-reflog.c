/* Reflogs, logs/<full name>: a line for each time the ref moved:
 *
 *   | old id | SP | new id | SP | Name <e-mail> seconds zone | TAB | text | LF |
 *
 * An id of zeros: the ref was made, or removed. A log goes with its ref.
 */
#include "lib/backend-git/git-parts.h"

#include <ctype.h>
#include <errno.h>

#include "lib/core/base/error.h"
#include "lib/core/object/ident.h"

/* Tries against git's own removal of empty directories. */
#define TRIES 8

int irmin__git_reflog_is_wanted(const irmin__git *git, const char *name)
{
	static const char *const places[] = { "refs/heads/", "refs/remotes/",
		"refs/notes/" };
	size_t i;

	if (git->settings.log_refs != IRMIN__GIT_LOG_NORMAL)
		return git->settings.log_refs == IRMIN__GIT_LOG_ALWAYS;
	for (i = 0; i < sizeof places / sizeof *places; i++)
		if (!strncmp(name, places[i], strlen(places[i])))
			return 1;
	return !strcmp(name, "HEAD");
}

static irmin_rc log_root(const irmin__git *git, const char *name,
    irmin__git_path *root, irmin_error *err)
{
	return irmin__git_path_join(root, irmin__git_ref_root(git, name),
	    "logs", err);
}

/* ---- a line ---- */

static irmin_rc append_id(const irmin__git *git, const irmin_oid *id,
    irmin_buf *line, irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];

	if (irmin_oid_is_none(id)) {
		size_t digits = 2 * irmin_hash_size(git->head.hash);

		memset(hex, '0', digits);
		hex[digits] = '\0';
	} else {
		irmin_oid_hex(id, hex);
	}
	return irmin_buf_append(line, irmin_text(hex), err);
}

/* The text as one line: blanks in a row are one, those at the end go. */
static irmin_rc append_text(irmin_slice text, irmin_buf *line, irmin_error *err)
{
	const char *bytes = text.data;
	char blank = '\t';
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < text.len; i++) {
		if (isspace((unsigned char)bytes[i]) || !bytes[i]) {
			blank = blank ? blank : ' ';
			continue;
		}
		if (blank)
			rc = irmin_buf_append(line, irmin_bytes(&blank, 1),
			    err);
		if (rc >= 0)
			rc = irmin_buf_append(line, irmin_bytes(bytes + i, 1),
			    err);
		blank = 0;
	}
	return rc;
}

static irmin_rc make_line(const irmin__git *git, const irmin_oid *before,
    const irmin_oid *after, const irmin_reflog *reflog, irmin_buf *line,
    irmin_error *err)
{
	irmin_rc rc = append_id(git, before, line, err);

	if (rc >= 0)
		rc = irmin_buf_append(line, irmin_text(" "), err);
	if (rc >= 0)
		rc = append_id(git, after, line, err);
	if (rc >= 0)
		rc = irmin_buf_append(line, irmin_text(" "), err);
	if (rc >= 0)
		rc = irmin__ident_append(line, &reflog->who, err);
	if (rc >= 0)
		rc = append_text(reflog->message, line, err);
	if (rc >= 0)
		rc = irmin_buf_append(line, irmin_text("\n"), err);
	return rc;
}

/* ---- a file ---- */

/* Logs of refs that are gone may have left empty directories. */
static irmin_rc clear_way(irmin__git *git, const char *name, const char *path,
    irmin_error *err)
{
	irmin_rc rc = irmin__git_loose_ref_clear_way(git, path, err);

	if (rc != IRMIN_EEXIST)
		return rc;
	return irmin_error_set(err, rc, path,
	    "cannot write the reflog of %s: other files are in the directory "
	    "%s",
	    name, path);
}

/* Answers: OK; ABSENT (there is none, and none is wanted). */
static irmin_rc open_log(irmin__git *git, const char *name, irmin__file **file,
    irmin_error *err)
{
	int wanted = irmin__git_reflog_is_wanted(git, name);
	irmin__git_path root, path;
	irmin_error cause;
	irmin_rc rc;
	int tries;

	rc = log_root(git, name, &root, err);
	if (rc >= 0)
		rc = irmin__git_path_join(&path, root.text, name, err);
	for (tries = 0; rc >= 0 && tries < TRIES; tries++) {
		rc = irmin__os_open(git->os, path.text,
		    IRMIN__OS_WRITE | IRMIN__OS_APPEND |
			(wanted ? IRMIN__OS_CREATE : 0),
		    0666, file, &cause);
		if (rc >= 0)
			break;
		if (err)
			*err = cause;
		if (rc == IRMIN_EMISSING)
			rc = irmin__git_make_parents(git,
			    irmin__git_ref_root(git, name), path.text, err);
		else if (cause.os_errno == EISDIR && !wanted)
			return IRMIN_ABSENT;
		else if (cause.os_errno == EISDIR)
			rc = clear_way(git, name, path.text, err);
	}
	if (rc == IRMIN_OK && wanted)
		rc = irmin__git_share_file(git->settings.shared, *file, err);
	return rc;
}

irmin_rc irmin__git_reflog_append(irmin__git *git, const char *name,
    const irmin_oid *before, const irmin_oid *after, const irmin_reflog *reflog,
    irmin_error *err)
{
	irmin_buf line = IRMIN_BUF_INIT;
	irmin__file *file = NULL;
	irmin_rc rc;

	rc = open_log(git, name, &file, err);
	if (rc != IRMIN_OK)
		return rc;
	rc = make_line(git, before, after, reflog, &line, err);
	if (rc >= 0) /* at once, as others may append too */
		rc = irmin__os_write(file, irmin_buf_slice(&line), err);
	irmin__os_close(file);
	irmin_buf_clear(&line);
	return rc;
}

void irmin__git_reflog_remove(irmin__git *git, const char *name)
{
	irmin__git_path root, path;

	if (log_root(git, name, &root, NULL) < 0 ||
	    irmin__git_path_join(&path, root.text, name, NULL) < 0)
		return;
	if (irmin__os_unlink(git->os, path.text, NULL) == IRMIN_OK)
		irmin__git_prune_parents(git, root.text, path.text);
}
