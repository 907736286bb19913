/* One loose object, objects/<2 digits>/<38 or 62 digits>: a zlib stream of
 *
 *   | type | SP | length in decimal | NUL | the object's bytes |
 *
 * Small objects are stored, not compressed: they take a block of the disk
 * anyway, and compressing them would take longer than all the rest of writing.
 */
#include "lib/backend-git/git-parts.h"

#include "lib/core/base/error.h"
#include "lib/core/object/object.h"
#include <irmin/alloc.h>

/* A file of up to this size is not made smaller: it takes a block anyway. */
#define STORED_MAX 4096

/* No stream of zlib expands by more. */
#define EXPANSION_MAX 1032

/* git's gc and prune may remove a directory that is just empty, or a temporary
 * file, while we work there; more often in a row is no accident. */
#define TRIES 8

irmin_rc irmin__git_loose_path_in(const char *objects, const irmin_oid *id,
    irmin__git_path *path, irmin_error *err)
{
	size_t len = strlen(objects);
	char hex[IRMIN_OID_HEX_BYTES];
	char *at = path->text;

	if (len + sizeof hex + 2 > sizeof path->text)
		return irmin_error_set(err, IRMIN_EINVAL, objects,
		    "cannot use %s: its path is too long", objects);
	irmin_oid_hex(id, hex);
	memcpy(at, objects, len);
	at += len;
	at[0] = '/';
	memcpy(at + 1, hex, 2);
	at[3] = '/';
	memcpy(at + 4, hex + 2, strlen(hex) - 1);
	return IRMIN_OK;
}

irmin_rc irmin__git_loose_path(const irmin__git *git, const irmin_oid *id,
    irmin__git_path *path, irmin_error *err)
{
	return irmin__git_loose_path_in(git->layout.objects, id, path, err);
}

/* ---- reading ---- */

static irmin_rc too_large(const char *file, uint64_t size, size_t max_bytes,
    irmin_error *err)
{
	return irmin_error_set(err, IRMIN_ELIMIT, file,
	    "cannot read %s: the object has %llu bytes, more than the limit of "
	    "%zu",
	    file, (unsigned long long)size, max_bytes);
}

static irmin_rc wrong_size(const char *file, uint64_t offset, uint64_t size,
    const char *fault, irmin_error *err)
{
	return irmin__error_at(err, IRMIN_ECORRUPT, file, offset,
	    "cannot read %s: %s the %llu bytes that its header tells", file,
	    fault, (unsigned long long)size);
}

/* Gives up the file's own memory as the object's. */
static irmin_rc lend_stored(irmin_buf *bytes, irmin_slice stored,
    const char *file, size_t max_bytes, irmin_object *object, irmin_error *err)
{
	size_t used, offset;
	uint64_t size;
	irmin_rc rc;

	rc = irmin__object_header_parse(stored, &object->type, &size, &used,
	    err);
	if (rc < 0)
		return rc;
	if (max_bytes && size > max_bytes)
		return too_large(file, size, max_bytes, err);
	offset = (size_t)((const unsigned char *)stored.data - bytes->data);
	if (size != stored.len - used)
		return wrong_size(file, offset, size,
		    size < stored.len - used ? "there is more than"
					     : "there is less than",
		    err);
	object->data.data = (const char *)stored.data + used;
	object->data.len = (size_t)size;
	object->data.owner = bytes->data;
	object->data.release = irmin_free;
	memset(bytes, 0, sizeof *bytes);
	return IRMIN_OK;
}

/* What was inflated behind the header, and room for the rest. */
typedef struct inflated {
	unsigned char first[IRMIN__OBJECT_HEADER_BYTES];
	size_t first_len, header_len;
	uint64_t size;
} inflated;

/* As irmin__inflate, of a stream that is all there. */
static irmin_rc inflate_part(irmin__inflater *inflater, void *bytes, size_t len,
    size_t *got, irmin_error *err)
{
	irmin_rc rc = irmin__inflate(inflater, bytes, len, got, err);

	if (rc < 0 || *got == len || inflater->ended)
		return rc;
	return irmin__error_at(err, IRMIN_ECORRUPT, NULL,
	    irmin__inflate_offset(inflater),
	    "bad zlib stream: it ends too early");
}

static irmin_rc inflate_header(irmin__inflater *inflater, inflated *in,
    irmin_object_type *type, irmin_error *err)
{
	irmin_rc rc;

	rc = inflate_part(inflater, in->first, sizeof in->first, &in->first_len,
	    err);
	if (rc < 0)
		return rc;
	return irmin__object_header_parse(irmin_bytes(in->first, in->first_len),
	    type, &in->size, &in->header_len, err);
}

/* Fills `body`, which has room for the size and one byte more: the byte that
 * must not come. */
static irmin_rc inflate_body(irmin__inflater *inflater, const inflated *in,
    size_t stream_len, const char *file, unsigned char *body, irmin_error *err)
{
	size_t size = (size_t)in->size;
	size_t had = in->first_len - in->header_len;
	uint64_t offset;
	size_t got = 0;
	irmin_rc rc = IRMIN_OK;

	if (had <= size) {
		memcpy(body, in->first + in->header_len, had);
		rc = inflate_part(inflater, body + had, size + 1 - had, &got,
		    err);
	}
	if (rc < 0)
		return rc;
	offset = irmin__inflate_offset(inflater);
	if (had + got != size)
		return wrong_size(file, offset, in->size,
		    had + got < size ? "there is less than"
				     : "there is more than",
		    err);
	if (offset != stream_len)
		return irmin__error_at(err, IRMIN_ECORRUPT, file, offset,
		    "cannot read %s: something follows the object", file);
	return IRMIN_OK;
}

static irmin_rc inflate_object(irmin_slice stream, const char *file,
    size_t max_bytes, irmin_object *object, irmin_error *err)
{
	irmin__inflater inflater;
	unsigned char *body = NULL;
	inflated in;
	irmin_rc rc;

	rc = irmin__inflate_begin(&inflater, stream, err);
	if (rc < 0)
		return rc;
	rc = inflate_header(&inflater, &in, &object->type, err);
	if (rc < 0)
		goto done;
	if (max_bytes && in.size > max_bytes) {
		rc = too_large(file, in.size, max_bytes, err);
		goto done;
	}
	if (in.size / EXPANSION_MAX > stream.len || in.size >= SIZE_MAX) {
		rc = wrong_size(file, 0, in.size, "it is too short for", err);
		goto done;
	}
	body = irmin_malloc((size_t)in.size + 1);
	rc = body ? inflate_body(&inflater, &in, stream.len, file, body, err)
		  : irmin__enomem(err);
	if (rc < 0)
		goto done;
	object->data.data = object->data.owner = body;
	object->data.len = (size_t)in.size;
	object->data.release = irmin_free;
	body = NULL;
done:
	irmin_free(body);
	irmin__inflate_end(&inflater);
	return rc;
}

/* The whole file. An object's file never changes, so its size is asked once. */
static irmin_rc read_whole(irmin__os *os, const char *file, irmin_buf *bytes,
    irmin_error *err)
{
	irmin__os_stat stat;
	irmin__file *open;
	irmin_rc rc;

	rc = irmin__os_open(os, file, IRMIN__OS_READ, 0, &open, err);
	if (rc != IRMIN_OK)
		return rc;
	rc = irmin__os_stat_file(open, &stat, err);
	if (rc >= 0 && stat.bytes >= SIZE_MAX)
		rc = irmin__enomem(err);
	if (rc >= 0)
		rc = irmin_buf_reserve(bytes, (size_t)stat.bytes, err);
	if (rc >= 0)
		rc = irmin__os_read(open, 0, bytes->data, (size_t)stat.bytes,
		    &bytes->len, err);
	irmin__os_close(open);
	return rc;
}

irmin_rc irmin__git_loose_find(irmin__os *os, const char *file,
    size_t max_bytes, irmin_object *object, irmin_error *err)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_slice stored;
	irmin_rc rc;

	memset(object, 0, sizeof *object);
	rc = read_whole(os, file, &bytes, err);
	if (rc != IRMIN_OK)
		goto done;
	if (irmin__stored(irmin_buf_slice(&bytes), &stored) == IRMIN_OK)
		rc = lend_stored(&bytes, stored, file, max_bytes, object, err);
	else
		rc = inflate_object(irmin_buf_slice(&bytes), file, max_bytes,
		    object, err);
	if (rc < 0)
		object->type = IRMIN_OBJECT_ANY;
done:
	irmin_buf_clear(&bytes);
	return irmin__error_locate(err, rc, file);
}

irmin_rc irmin__git_loose_stat(irmin__os *os, const char *file,
    irmin_object_type *type, uint64_t *bytes, irmin_error *err)
{
	irmin__inflater inflater;
	unsigned char beginning[1024]; /* more than any header takes */
	irmin__file *open;
	size_t got;
	inflated in;
	irmin_rc rc;

	rc = irmin__os_open(os, file, IRMIN__OS_READ, 0, &open, err);
	if (rc != IRMIN_OK)
		return rc;
	rc = irmin__os_read(open, 0, beginning, sizeof beginning, &got, err);
	irmin__os_close(open);
	if (rc >= 0)
		rc = irmin__inflate_begin(&inflater,
		    irmin_bytes(beginning, got), err);
	if (rc < 0)
		return rc;
	rc = inflate_header(&inflater, &in, type, err);
	if (rc >= 0)
		*bytes = in.size;
	irmin__inflate_end(&inflater);
	return irmin__error_locate(err, rc, file);
}

/* ---- writing ---- */

/* A stream in memory: in `small` if that suffices. */
typedef struct encoded {
	unsigned char small[STORED_MAX];
	unsigned char *large;
	irmin_slice stream;
} encoded;

/* Trees are half ids, which do not shrink: a third less is not worth ten times
 * what writing them takes. */
static int compression_of(const irmin__git *git, irmin_object_type type)
{
	if (type == IRMIN_OBJECT_TREE && !git->settings.compress_trees)
		return 0;
	return git->settings.compression;
}

static irmin_rc encode_large(irmin__git *git, irmin_slice head,
    const irmin_new_object *added, size_t stored_bytes, encoded *out,
    irmin_error *err)
{
	int level = compression_of(git, added->type);
	size_t used = 0;
	irmin_rc rc = IRMIN_ABSENT;

	out->large = irmin_malloc(stored_bytes);
	if (!out->large)
		return irmin__enomem(err);
	if (level)
		rc = irmin__deflate(&git->resting, level, head, added->data,
		    out->large, stored_bytes, &used, err);
	if (rc == IRMIN_ABSENT) {
		irmin__store(head, added->data, out->large);
		used = stored_bytes;
	}
	out->stream = irmin_bytes(out->large, used);
	return rc < 0 ? rc : IRMIN_OK;
}

static irmin_rc encode(irmin__git *git, const irmin_new_object *added,
    encoded *out, irmin_error *err)
{
	char header[IRMIN__OBJECT_HEADER_BYTES];
	irmin_slice head;
	size_t bytes;

	out->large = NULL;
	head.data = header;
	head.len = irmin__object_header(added->type, added->data.len, header);
	if (added->data.len > SIZE_MAX / 2)
		return irmin__enomem(err);
	bytes = irmin__stored_bytes(head.len + added->data.len);
	if (bytes > sizeof out->small)
		return encode_large(git, head, added, bytes, out, err);
	irmin__store(head, added->data, out->small);
	out->stream = irmin_bytes(out->small, bytes);
	return IRMIN_OK;
}

/* Writes the stream under a temporary name and moves it to its place. */
static irmin_rc write_file(irmin__git *git, const char *directory,
    const char *file, irmin_slice stream, irmin_error *err)
{
	irmin__git_path temporary;
	irmin__file *open;
	irmin_rc rc;

	rc = irmin__git_tempfile_open(git, directory, "tmp_obj", &temporary,
	    &open, err);
	if (rc < 0)
		return rc;
	rc = irmin__git_share_file(git->settings.shared, open, err);
	if (rc >= 0)
		rc = irmin__os_write(open, stream, err);
	if (rc >= 0 && git->durable)
		rc = irmin__git_sync_file(git, open, err);
	irmin__os_close(open);
	if (rc >= 0)
		rc = irmin__os_rename(git->os, temporary.text, file, err);
	if (rc < 0)
		(void)irmin__os_unlink(git->os, temporary.text, NULL);
	return rc;
}

static irmin_rc make_directory(irmin__git *git, irmin__git_unsynced *unsynced,
    const char *directory, irmin_error *err)
{
	irmin_rc rc = irmin__os_mkdir(git->os, directory, 0777, err);

	if (rc != IRMIN_OK)
		return rc;
	irmin__git_unsynced_add(unsynced, directory, 1);
	return irmin__git_share_directory(git->os, git->settings.shared,
	    directory, err);
}

static irmin_rc write_object(irmin__git *git, irmin__git_unsynced *unsynced,
    irmin__git_path *file, irmin_slice stream, irmin_error *err)
{
	irmin__git_path directory = *file;
	irmin_rc rc;
	int tries;

	*strrchr(directory.text, '/') = '\0';
	rc = write_file(git, directory.text, file->text, stream, err);
	for (tries = 0; rc == IRMIN_EMISSING && tries < TRIES; tries++) {
		rc = make_directory(git, unsynced, directory.text, err);
		if (rc >= 0)
			rc = write_file(git, directory.text, file->text, stream,
			    err);
	}
	return rc;
}

irmin_rc irmin__git_loose_move(irmin__git *git, irmin__git_unsynced *unsynced,
    const char *temporary, const irmin_oid *id, irmin_error *err)
{
	irmin__git_path file, directory;
	irmin_rc rc;
	int tries;

	rc = irmin__git_loose_path(git, id, &file, err);
	if (rc < 0)
		return rc;
	directory = file;
	*strrchr(directory.text, '/') = '\0';
	rc = irmin__os_rename(git->os, temporary, file.text, err);
	for (tries = 0; rc == IRMIN_EMISSING && tries < TRIES; tries++) {
		rc = make_directory(git, unsynced, directory.text, err);
		if (rc >= 0)
			rc = irmin__os_rename(git->os, temporary, file.text,
			    err);
	}
	if (rc >= 0)
		irmin__git_unsynced_add(unsynced, file.text, git->durable);
	return rc;
}

/* Whether the file holds just this object. Loss of power can leave a file with
 * its name and without its bytes; it must not be taken for the object. */
static irmin_rc is_whole(irmin__git *git, const char *file,
    const irmin_new_object *added, int *whole, irmin_error *err)
{
	irmin_object there;
	irmin_rc rc;

	rc = irmin__git_loose_find(git->os, file, 0, &there, err);
	*whole = rc == IRMIN_OK && there.type == added->type &&
	    irmin_slice_equal(irmin_bytes(there.data.data, there.data.len),
		added->data);
	irmin_pin_release(&there.data);
	return rc == IRMIN_ECORRUPT ? IRMIN_OK : rc;
}

/* Whether the object is there and will stay. A file of another user can be
 * replaced where it cannot be freshened. */
static irmin_rc keep_object(irmin__git *git, const char *file,
    const irmin_new_object *added, int *kept, irmin_error *err)
{
	irmin_rc rc = irmin__os_touch(git->os, file, err);

	*kept = 0;
	if (rc == IRMIN_OK)
		rc = is_whole(git, file, added, kept, err);
	return rc == IRMIN_EACCES ? IRMIN_OK : rc;
}

irmin_rc irmin__git_loose_add(irmin__git *git, irmin__git_unsynced *unsynced,
    const irmin_new_object *added, irmin_error *err)
{
	irmin__git_path file;
	encoded out;
	irmin_rc rc;
	int kept;

	rc = irmin__git_loose_path(git, &added->id, &file, err);
	if (rc >= 0)
		rc = keep_object(git, file.text, added, &kept, err);
	if (rc < 0)
		return rc;
	if (!kept) {
		rc = encode(git, added, &out, err);
		if (rc >= 0)
			rc = write_object(git, unsynced, &file, out.stream,
			    err);
		irmin_free(out.large);
	}
	if (rc >= 0)
		irmin__git_unsynced_add(unsynced, file.text,
		    git->durable && !kept);
	return rc < 0 ? rc : IRMIN_OK;
}
