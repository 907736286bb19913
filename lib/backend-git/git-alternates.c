/* From which other directories of objects a repository borrows. The file
 * objects/info/alternates has one of them on each line:
 *
 *   | path | LF |              relative to the directory "objects"
 *   | '"' | path | '"' | LF |  with \n, \", \\, \303 and so on, as in C
 *   | '#' | ... | LF |         a comment
 *
 * Each of them may have such a file of its own.
 */
#include "lib/backend-git/git-objects.h"

#include "lib/core/base/error.h"
#include "lib/core/base/os-path.h"
#include "lib/core/base/slice.h"
#include "lib/core/base/text.h"
#include <irmin/alloc.h>

#define FILE_MAX_BYTES ((size_t)16 << 20)
#define DEPTH_MAX      5 /* git's: the file of the sixth is not read */

/* ---- the file ---- */

/* One character behind a backslash. Returns how many digits or letters it
 * takes; 0: there is no such character. */
static size_t unescape(irmin_slice text, unsigned char *out)
{
	static const char letters[] = "abfnrtv\\\"";
	static const char meanings[] = "\a\b\f\n\r\t\v\\\"";
	const char *bytes = text.data;
	const char *letter;
	unsigned value = 0;
	size_t i;

	if (!text.len || !bytes[0])
		return 0;
	letter = strchr(letters, bytes[0]);
	if (letter) {
		*out = (unsigned char)meanings[letter - letters];
		return 1;
	}
	if (text.len < 3 || bytes[0] > '3')
		return 0;
	for (i = 0; i < 3; i++) {
		if (bytes[i] < '0' || bytes[i] > '7')
			return 0;
		value = value * 8 + (unsigned)(bytes[i] - '0');
	}
	*out = (unsigned char)value;
	return 3;
}

/* Takes the quotes off; what they held, and how much that took of the text,
 * goes to `path` and `used`. Answers: OK; ABSENT (no whole string in quotes). */
static irmin_rc unquote(irmin_slice text, irmin_buf *path, size_t *used,
    irmin_error *err)
{
	const unsigned char *bytes = text.data;
	size_t at = 1;
	irmin_rc rc = IRMIN_OK;

	path->len = 0;
	while (rc >= 0 && at < text.len && bytes[at] != '"') {
		unsigned char byte = bytes[at++];

		if (byte == '\\') {
			size_t taken = unescape(irmin__slice_from(text, at),
			    &byte);

			if (!taken)
				return IRMIN_ABSENT;
			at += taken;
		}
		rc = irmin_buf_append(path, irmin_bytes(&byte, 1), err);
	}
	*used = at + 1;
	return rc < 0 || at < text.len ? rc : IRMIN_ABSENT;
}

static irmin_rc add_entry(irmin__git_texts *paths, irmin_slice path,
    irmin_error *err)
{
	char *copy;
	irmin_rc rc;

	if (!path.len || irmin__slice_has(path, '\0'))
		return IRMIN_OK;
	rc = IRMIN__VEC_RESERVE(paths, 1, err);
	if (rc >= 0)
		rc = irmin__text_copy(path, &copy, err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(paths, copy);
	return rc;
}

irmin_rc irmin__git_alternates_parse(irmin_slice bytes, irmin__git_texts *paths,
    irmin_error *err)
{
	irmin_buf unquoted = IRMIN_BUF_INIT;
	irmin_rc rc = IRMIN_OK;

	while (rc >= 0 && bytes.len) {
		size_t used = irmin__slice_find(bytes, '\n'), quoted;
		irmin_slice path = irmin__slice_until(bytes, used);

		if (irmin__slice_begins(path, "#")) {
			path.len = 0;
		} else if (irmin__slice_begins(path, "\"")) {
			rc = unquote(bytes, &unquoted, &quoted, err);
			if (rc == IRMIN_OK) {
				path = irmin_buf_slice(&unquoted);
				used = quoted;
			}
		}
		if (rc >= 0)
			rc = add_entry(paths, path, err);
		bytes = irmin__slice_from(bytes,
		    used < bytes.len ? used + 1 : bytes.len);
	}
	irmin_buf_clear(&unquoted);
	return rc < 0 ? rc : IRMIN_OK;
}

void irmin__git_texts_clear(irmin__git_texts *texts)
{
	size_t i;

	for (i = 0; i < texts->len; i++)
		irmin_free(texts->items[i]);
	IRMIN__VEC_CLEAR(texts);
}

/* ---- the directories ---- */

void irmin__git_directories_clear(irmin__git_directories *directories)
{
	size_t i;

	for (i = 0; i < directories->len; i++)
		irmin_free(directories->items[i].path);
	IRMIN__VEC_CLEAR(directories);
}

/* An entry of the file in `base`, as an absolute path. */
static irmin_rc resolve(irmin__os *os, const char *base, const char *entry,
    irmin_buf *path, irmin_error *err)
{
	irmin_buf steps = IRMIN_BUF_INIT;
	irmin_rc rc;

	if (entry[0] == '/')
		base = "/";
	rc = irmin__os_absolute(os, base, &steps, err);
	if (rc >= 0)
		rc = irmin__os_path_append(&steps, entry, err);
	if (rc >= 0)
		rc = irmin__os_absolute(os, (const char *)steps.data, path,
		    err);
	irmin_buf_clear(&steps);
	return rc;
}

static int is_there(const irmin__git_directories *directories, const char *path)
{
	size_t i;

	for (i = 0; i < directories->len; i++)
		if (!strcmp(directories->items[i].path, path))
			return 1;
	return 0;
}

static irmin_rc alternates_path(const char *directory, irmin__git_path *path,
    irmin_error *err)
{
	return irmin__git_path_join(path, directory, "info/alternates", err);
}

static irmin_rc add_directory(irmin__os *os, const char *path, unsigned depth,
    irmin__git_directories *directories, irmin_error *err)
{
	irmin__git_directory directory = { .depth = depth };
	irmin__git_path file;
	irmin_rc rc;

	rc = alternates_path(path, &file, err);
	if (rc >= 0)
		rc = irmin__os_stat_path(os, file.text, 1,
		    &directory.alternates, err);
	if (rc >= 0)
		rc = IRMIN__VEC_RESERVE(directories, 1, err);
	if (rc >= 0)
		rc = irmin__text_copy(irmin_text(path), &directory.path, err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(directories, directory);
	return rc;
}

/* Adds what an entry names, unless that is no directory, or was added before:
 * two may borrow from each other. */
static irmin_rc add_alternate(irmin__os *os, size_t from, const char *entry,
    irmin__git_directories *directories, irmin_error *err)
{
	irmin_buf path = IRMIN_BUF_INIT;
	irmin__os_stat stat;
	irmin_rc rc;

	rc = resolve(os, directories->items[from].path, entry, &path, err);
	if (rc >= 0)
		rc = irmin__os_stat_path(os, (const char *)path.data, 1, &stat,
		    err);
	if (rc == IRMIN_OK && stat.kind == IRMIN__OS_DIRECTORY &&
	    !is_there(directories, (const char *)path.data))
		rc = add_directory(os, (const char *)path.data,
		    directories->items[from].depth + 1, directories, err);
	irmin_buf_clear(&path);
	return rc;
}

/* What a directory's file of alternates says; nothing, if it has none. */
static irmin_rc read_entries(irmin__os *os, const char *directory,
    irmin__git_texts *entries, irmin_error *err)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin__git_path file;
	irmin_rc rc;

	rc = alternates_path(directory, &file, err);
	if (rc >= 0)
		rc = irmin__os_read_file(os, file.text, FILE_MAX_BYTES, &bytes,
		    err);
	if (rc == IRMIN_OK)
		rc = irmin__git_alternates_parse(irmin_buf_slice(&bytes),
		    entries, err);
	irmin_buf_clear(&bytes);
	return rc;
}

irmin_rc irmin__git_alternates_lost(irmin__os *os, const char *directory,
    irmin__git_texts *lost, irmin_error *err)
{
	irmin__git_texts entries = { NULL, 0, 0 };
	irmin_buf path = IRMIN_BUF_INIT;
	irmin__os_stat stat;
	irmin_rc rc;
	size_t i;

	rc = read_entries(os, directory, &entries, err);
	for (i = 0; rc >= 0 && i < entries.len; i++) {
		rc = resolve(os, directory, entries.items[i], &path, err);
		if (rc >= 0)
			rc = irmin__os_stat_path(os, (const char *)path.data, 1,
			    &stat, err);
		if (rc >= 0 && stat.kind != IRMIN__OS_DIRECTORY)
			rc = add_entry(lost, irmin_buf_slice(&path), err);
	}
	irmin_buf_clear(&path);
	irmin__git_texts_clear(&entries);
	return rc < 0 ? rc : IRMIN_OK;
}

/* Adds all that one of the directories names. */
static irmin_rc follow(irmin__os *os, size_t from,
    irmin__git_directories *directories, irmin_error *err)
{
	irmin__git_texts entries = { NULL, 0, 0 };
	irmin_rc rc;
	size_t i;

	rc = read_entries(os, directories->items[from].path, &entries, err);
	for (i = 0; rc >= 0 && i < entries.len; i++)
		rc = add_alternate(os, from, entries.items[i], directories,
		    err);
	irmin__git_texts_clear(&entries);
	return rc;
}

irmin_rc irmin__git_directories_find(irmin__os *os, const char *objects,
    irmin__git_directories *directories, irmin_error *err)
{
	irmin_rc rc;
	size_t i;

	rc = add_directory(os, objects, 0, directories, err);
	for (i = 0; rc >= 0 && i < directories->len; i++)
		if (directories->items[i].depth <= DEPTH_MAX &&
		    directories->items[i].alternates.kind != IRMIN__OS_NONE)
			rc = follow(os, i, directories, err);
	if (rc < 0)
		irmin__git_directories_clear(directories);
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc irmin__git_directories_check(irmin__os *os,
    const irmin__git_directories *directories, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc == IRMIN_OK && i < directories->len; i++) {
		irmin__os_stat stat;
		irmin__git_path file;

		rc = alternates_path(directories->items[i].path, &file, err);
		if (rc >= 0)
			rc = irmin__os_stat_path(os, file.text, 1, &stat, err);
		if (rc >= 0)
			rc = irmin__git_is_same_file(&stat,
				 &directories->items[i].alternates)
			    ? IRMIN_OK
			    : IRMIN_ABSENT;
	}
	return rc;
}
