/* Directories of a type: the one way to write their marker. */
#include <irmin/contents.h>

#include "lib/core/base/error.h"
#include "lib/core/store/tree-edit.h"

#define MARKER_BYTES 255 /* with its newline */

static irmin_rc refuse(const char *path, const char *why, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_EINVAL, path,
	    "cannot mark the directory \"%s\": %s", path, why);
}

static irmin_rc check_marker(const char *path, irmin_slice marker,
    irmin_error *err)
{
	const unsigned char *bytes = marker.data;
	size_t i;

	if (marker.len >= MARKER_BYTES)
		return refuse(path, "a marker has at most 254 bytes", err);
	if (marker.len && bytes[0] == ' ')
		return refuse(path, "a marker begins with the type", err);
	for (i = 0; i < marker.len; i++)
		if (bytes[i] < ' ' || bytes[i] == 0x7f)
			return refuse(path, "a marker is one line of text",
			    err);
	return IRMIN_OK;
}

static irmin_rc append_path(irmin_buf *out, const char *path, irmin_error *err)
{
	irmin_rc rc = irmin_buf_append(out, irmin_text(path), err);

	if (rc >= 0)
		rc = irmin_buf_append(out, irmin_text("/" IRMIN__RESERVED_STEP),
		    err);
	return rc;
}

/* At the path of the marker. */
static irmin_rc put_marker(irmin_edit *edit, irmin_slice path,
    irmin_slice marker, irmin_error *err)
{
	char line[MARKER_BYTES];

	if (!marker.len)
		return irmin_edit_remove_n(edit, path, err);
	memcpy(line, marker.data, marker.len);
	line[marker.len] = '\n';
	return irmin__edit_set_value(edit, path, IRMIN_MODE_FILE,
	    irmin_bytes(line, marker.len + 1), err);
}

irmin_rc irmin_edit_set_type(irmin_edit *edit, const char *path,
    irmin_slice marker, irmin_error *err)
{
	irmin_buf text = IRMIN_BUF_INIT;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = check_marker(path, marker, err);
	if (rc >= 0)
		rc = append_path(&text, path, err);
	if (rc >= 0)
		rc = irmin__path_check_read(irmin_buf_slice(&text),
		    &edit->repo->limits, err);
	edit->marks = 1;
	if (rc >= 0)
		rc = put_marker(edit, irmin_buf_slice(&text), marker, err);
	edit->marks = 0;
	irmin__edit_forget_walk(edit);
	irmin_buf_clear(&text);
	return rc;
}
