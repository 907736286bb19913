/* One object in parts, in memory that does not depend on its size: a loose one,
 * compressed on its way into objects/tmp_obj_<serial>, which gets its place when
 * all of it is there. git-loose.c has the drawing of the file.
 */
#include "lib/backend-git/git-write.h"

#include "lib/core/base/error.h"
#include "lib/core/object/object.h"
#include "lib/pack/streams.h"
#include <irmin/alloc.h>

#define BUFFER_BYTES ((size_t)64 << 10)

typedef struct git_sink {
	irmin_object_sink head;
	irmin__git *git;
	irmin__git_unsynced *unsynced;
	uint64_t left; /* bytes to come */
	irmin__git_path path;
	irmin__file *file;
	z_stream zlib;
	int begun;                          /* zlib */
	unsigned char buffer[BUFFER_BYTES]; /* compressed */
} git_sink;

/* What is in the buffer goes to the file. */
static irmin_rc drain(git_sink *self, irmin_error *err)
{
	size_t len = BUFFER_BYTES - self->zlib.avail_out;

	self->zlib.next_out = self->buffer;
	self->zlib.avail_out = (uInt)BUFFER_BYTES;
	return len
	    ? irmin__os_write(self->file, irmin_bytes(self->buffer, len), err)
	    : IRMIN_OK;
}

static irmin_rc compress_part(git_sink *self, irmin_slice part, int flush,
    irmin_error *err)
{
	z_stream *zlib = &self->zlib;
	irmin_rc rc = IRMIN_OK;
	int result;

	zlib->next_in = (unsigned char *)part.data;
	zlib->avail_in = (uInt)part.len;
	do {
		result = deflate(zlib, flush);
		if (!zlib->avail_out)
			rc = drain(self, err);
	} while (
	    rc >= 0 && result == Z_OK && (zlib->avail_in || flush == Z_FINISH));
	return rc;
}

static irmin_rc compress_all(git_sink *self, irmin_slice bytes,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	while (rc >= 0 && bytes.len) {
		size_t n = bytes.len < IRMIN__PUMP_MAX ? bytes.len
						       : IRMIN__PUMP_MAX;

		rc = compress_part(self, irmin_bytes(bytes.data, n), Z_NO_FLUSH,
		    err);
		bytes.data = (const char *)bytes.data + n;
		bytes.len -= n;
	}
	return rc;
}

/* ---- the slots ---- */

static irmin_rc wrong_bytes(const git_sink *self, const char *fault,
    irmin_error *err)
{
	return irmin_error_set(err, IRMIN_EINVAL, self->path.text,
	    "cannot add an object: there are %s bytes than were announced",
	    fault);
}

static irmin_rc git_sink_write(irmin_object_sink *sink, irmin_slice bytes,
    irmin_error *err)
{
	git_sink *self = (git_sink *)sink;

	irmin_error_clear(err);
	if (bytes.len > self->left)
		return wrong_bytes(self, "more", err);
	self->left -= bytes.len;
	return compress_all(self, bytes, err);
}

static void git_sink_abort(irmin_object_sink *sink)
{
	git_sink *self = (git_sink *)sink;

	if (self->begun)
		(void)deflateEnd(&self->zlib);
	irmin__os_close(self->file);
	if (self->path.text[0])
		(void)irmin__os_unlink(self->git->os, self->path.text, NULL);
	irmin_free(self);
}

/* Whether a file is to be replaced, which may be on the disk. */
static int is_there(const git_sink *self, const irmin_oid *id)
{
	irmin__git_path path;
	irmin__os_stat stat;

	return irmin__git_loose_path(self->git, id, &path, NULL) >= 0 &&
	    irmin__os_stat_path(self->git->os, path.text, 0, &stat, NULL) !=
	    IRMIN_ABSENT;
}

/* The rest of the stream, and all that a file needs before it gets its name. */
static irmin_rc complete(git_sink *self, const irmin_oid *id, irmin_error *err)
{
	irmin__git *git = self->git;
	irmin_rc rc;

	rc = compress_part(self, irmin_bytes(NULL, 0), Z_FINISH, err);
	if (rc >= 0)
		rc = drain(self, err);
	if (rc >= 0)
		rc = irmin__git_share_file(git->settings.shared, self->file,
		    err);
	if (rc >= 0 && (git->durable || is_there(self, id)))
		rc = irmin__git_sync_file(git, self->file, err);
	irmin__os_close(self->file);
	self->file = NULL;
	return rc;
}

static irmin_rc git_sink_finish(irmin_object_sink *sink, const irmin_oid *id,
    irmin_error *err)
{
	git_sink *self = (git_sink *)sink;
	irmin_rc rc;

	irmin_error_clear(err);
	rc = irmin__git_check_writable(self->git, err);
	if (rc >= 0 && id->algo != (unsigned)self->git->head.hash)
		rc = irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "cannot add an object: its id is of another hash");
	if (rc >= 0 && self->left)
		rc = wrong_bytes(self, "fewer", err);
	if (rc >= 0)
		rc = complete(self, id, err);
	if (rc >= 0)
		rc = irmin__git_loose_move(self->git, self->unsynced,
		    self->path.text, id, err);
	if (rc >= 0)
		self->path.text[0] = '\0';
	git_sink_abort(sink); /* what has its place stays */
	return rc;
}

static const irmin_object_sink_class git_sink_class = {
	.size = sizeof(irmin_object_sink_class),
	.write = git_sink_write,
	.finish = git_sink_finish,
	.abort = git_sink_abort,
};

/* ---- the beginning ---- */

static irmin_rc begin(git_sink *self, irmin_object_type type, uint64_t bytes,
    irmin_error *err)
{
	char header[IRMIN__OBJECT_HEADER_BYTES];
	irmin__git_path directory;
	irmin_rc rc;

	rc = irmin__git_path_join(&directory, self->git->layout.common_dir,
	    "objects", err);
	if (rc >= 0)
		rc = irmin__git_tempfile_open(self->git, directory.text,
		    "tmp_obj", &self->path, &self->file, err);
	if (rc < 0) {
		self->path.text[0] = '\0';
		return rc;
	}
	irmin__zlib_init(&self->zlib);
	if (deflateInit(&self->zlib, self->git->settings.compression) != Z_OK)
		return irmin__enomem(err);
	self->begun = 1;
	self->zlib.next_out = self->buffer;
	self->zlib.avail_out = (uInt)BUFFER_BYTES;
	return compress_all(self,
	    irmin_bytes(header, irmin__object_header(type, bytes, header)),
	    err);
}

irmin_rc irmin__git_sink_new(irmin__git *git, irmin__git_unsynced *unsynced,
    irmin_object_type type, uint64_t bytes, irmin_object_sink **sink,
    irmin_error *err)
{
	git_sink *self;
	irmin_rc rc;

	*sink = NULL;
	rc = irmin__git_check_writable(git, err);
	if (rc < 0)
		return rc;
	self = irmin_calloc(1, sizeof *self);
	if (!self)
		return irmin__enomem(err);
	self->head.cls = &git_sink_class;
	self->git = git;
	self->unsynced = unsynced;
	self->left = bytes;
	rc = begin(self, type, bytes, err);
	if (rc < 0)
		git_sink_abort(&self->head);
	else
		*sink = &self->head;
	return rc;
}
