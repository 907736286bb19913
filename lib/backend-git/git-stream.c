/* One loose object from its beginning to its end, in memory that does not depend
 * on its size. git-loose.c has the drawing of the file.
 */
#include "lib/backend-git/git-objects.h"

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"
#include "lib/core/object/object.h"
#include "lib/pack/inflate.h"
#include <irmin/alloc.h>

#define PART_BYTES ((size_t)32 << 10)

typedef struct loose_source {
	irmin_object_source head;
	char *path;
	irmin__file *file;
	uint64_t at; /* how much of the file was read */
	irmin__inflater inflater;
	int begun;           /* the inflater */
	uint64_t size, left; /* of the object; still to come */
	unsigned char first[IRMIN__OBJECT_HEADER_BYTES];
	size_t first_at, first_len; /* what was inflated behind the header */
	unsigned char part[PART_BYTES]; /* of the file */
} loose_source;

static irmin_rc broken(const loose_source *self, const char *why,
    irmin_error *err)
{
	return irmin__error_at(err, IRMIN_ECORRUPT, self->path,
	    irmin__inflate_offset(&self->inflater), "cannot read %s: %s",
	    self->path, why);
}

/* The next part of the file. Answers: OK; END. */
static irmin_rc read_part(loose_source *self, irmin_slice *part,
    irmin_error *err)
{
	size_t got;
	irmin_rc rc;

	rc = irmin__os_read(self->file, self->at, self->part, PART_BYTES, &got,
	    err);
	if (rc < 0)
		return rc;
	self->at += got;
	*part = irmin_bytes(self->part, got);
	return got ? IRMIN_OK : IRMIN_END;
}

/* The next bytes; fewer only at the end of the stream. */
static irmin_rc inflate_next(loose_source *self, unsigned char *bytes,
    size_t len, size_t *got, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	*got = 0;
	for (;;) {
		irmin_slice part;
		size_t n;

		rc = irmin__inflate(&self->inflater, bytes + *got, len - *got,
		    &n, err);
		if (rc < 0)
			return irmin__error_locate(err, rc, self->path);
		*got += n;
		if (*got == len || self->inflater.ended)
			return IRMIN_OK;
		rc = read_part(self, &part, err);
		if (rc < 0)
			return rc;
		if (rc == IRMIN_END)
			return broken(self, "the stream ends too early", err);
		irmin__inflate_more(&self->inflater, part);
	}
}

/* All has come: nothing more may. */
static irmin_rc check_end(loose_source *self, irmin_error *err)
{
	unsigned char byte;
	size_t got = 0;
	irmin_slice part;
	irmin_rc rc = IRMIN_OK;

	if (self->first_at < self->first_len)
		got = 1;
	else
		rc = inflate_next(self, &byte, 1, &got, err);
	if (rc < 0)
		return rc;
	if (got)
		return broken(self, "there is more than its header tells", err);
	if (irmin__inflate_offset(&self->inflater) == self->at)
		rc = read_part(self, &part, err);
	if (rc == IRMIN_OK)
		return broken(self, "something follows the object", err);
	return rc < 0 ? rc : IRMIN_OK;
}

static irmin_rc loose_read(irmin_object_source *source, void *bytes, size_t len,
    size_t *got, irmin_error *err)
{
	loose_source *self = (loose_source *)source;
	size_t n, want = len < self->left ? len : (size_t)self->left;
	irmin_rc rc;

	irmin_error_clear(err);
	*got = 0;
	n = self->first_len - self->first_at;
	n = n < want ? n : want;
	if (n)
		memcpy(bytes, self->first + self->first_at, n);
	self->first_at += n;
	rc = inflate_next(self, (unsigned char *)bytes + n, want - n, got, err);
	*got += n;
	self->left -= *got;
	if (rc >= 0 && *got < want)
		rc = broken(self, "there is less than its header tells", err);
	if (rc >= 0 && !self->left)
		rc = check_end(self, err);
	if (rc < 0)
		*got = 0;
	return rc;
}

static void loose_close(irmin_object_source *source)
{
	loose_source *self = (loose_source *)source;

	if (!self)
		return;
	if (self->begun)
		irmin__inflate_end(&self->inflater);
	irmin__os_close(self->file);
	irmin_free(self->path);
	irmin_free(self);
}

static const irmin_object_source_class loose_source_class = {
	.size = sizeof(irmin_object_source_class),
	.read = loose_read,
	.close = loose_close,
};

static irmin_rc read_header(loose_source *self, irmin_object_type *type,
    irmin_error *err)
{
	irmin_slice part;
	size_t used;
	irmin_rc rc;

	rc = read_part(self, &part, err);
	if (rc >= 0)
		rc = irmin__inflate_begin(&self->inflater, part, err);
	if (rc < 0)
		return rc;
	self->begun = 1;
	rc = inflate_next(self, self->first, sizeof self->first,
	    &self->first_len, err);
	if (rc >= 0)
		rc = irmin__object_header_parse(irmin_bytes(self->first,
						    self->first_len),
		    type, &self->size, &used, err);
	if (rc < 0)
		return irmin__error_locate(err, rc, self->path);
	self->first_at = used;
	self->left = self->size;
	return rc;
}

irmin_rc irmin__git_loose_open(irmin__os *os, const char *file,
    irmin_object_type *type, uint64_t *bytes, irmin_object_source **source,
    irmin_error *err)
{
	loose_source *self;
	irmin__file *open;
	irmin_rc rc;

	rc = irmin__os_open(os, file, IRMIN__OS_READ, 0, &open, err);
	if (rc != IRMIN_OK)
		return rc;
	self = irmin_malloc(sizeof *self);
	if (!self) {
		irmin__os_close(open);
		return irmin__enomem(err);
	}
	memset(self, 0, offsetof(loose_source, part));
	self->head.cls = &loose_source_class;
	self->file = open;
	rc = irmin__text_copy(irmin_text(file), &self->path, err);
	if (rc >= 0)
		rc = read_header(self, type, err);
	if (rc < 0) {
		*type = IRMIN_OBJECT_ANY;
		loose_close(&self->head);
		return rc;
	}
	*bytes = self->size;
	*source = &self->head;
	return IRMIN_OK;
}
