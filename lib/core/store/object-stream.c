/* Objects in parts: what is read has its id at the end, or the last read fails;
 * what is written gets it there. */
#include <irmin/object.h>

#include <inttypes.h>

#include "lib/core/base/context.h"
#include "lib/core/base/error.h"
#include "lib/core/store/repo-object.h"
#include "lib/core/store/stream.h"
#include <irmin/alloc.h>

#define PART_BYTES 65536

/* ---- reading ---- */

struct irmin_reader {
	irmin_repo *repo;
	irmin__source *source; /* NULL: they are in memory */
	irmin_pin memory;
	irmin__hasher hasher;
	irmin_oid id;
	irmin_object_type type;
	uint64_t bytes, left;
	enum { UNDER_WAY, GOOD, BAD } state; /* what the end came to */
};

static irmin_rc begin_reading(irmin_reader *reader,
    const irmin_context *context, irmin_error *err)
{
	irmin_rc rc = irmin__source_open(reader->repo, context, &reader->id,
	    &reader->type, &reader->bytes, &reader->source, err);

	if (rc != IRMIN_OK)
		return rc;
	reader->left = reader->bytes;
	rc = irmin__hasher_init(&reader->hasher,
	    irmin__hash_class_of(reader->repo->hash), err);
	if (rc >= 0)
		rc = irmin__hasher_begin(&reader->hasher, reader->type,
		    reader->bytes, err);
	return rc;
}

irmin_rc irmin__reader_open(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_reader **reader, irmin_error *err)
{
	irmin_reader *made = irmin_calloc(1, sizeof *made);
	irmin_rc rc;

	*reader = NULL;
	if (!made)
		return irmin__enomem(err);
	made->repo = irmin__repo_ref(repo);
	made->id = *id;
	rc = begin_reading(made, context, err);
	if (rc != IRMIN_OK)
		irmin_reader_close(made);
	else
		*reader = made;
	return rc;
}

irmin_rc irmin_object_open(irmin_repo *repo, const irmin_oid *id,
    irmin_reader **reader, irmin_error *err)
{
	irmin_context context = irmin__repo_context(repo, NULL);

	irmin_error_clear(err);
	return irmin__reader_open(repo, &context, id, reader, err);
}

irmin_rc irmin__reader_of_pin(irmin_repo *repo, irmin_object_type type,
    irmin_pin *data, irmin_reader **reader, irmin_error *err)
{
	irmin_reader *made = irmin_calloc(1, sizeof *made);

	*reader = NULL;
	if (!made) {
		irmin_pin_release(data);
		return irmin__enomem(err);
	}
	made->repo = irmin__repo_ref(repo);
	made->memory = *data;
	made->type = type;
	made->bytes = made->left = data->len;
	made->state = GOOD;
	*reader = made;
	return IRMIN_OK;
}

void irmin_reader_close(irmin_reader *reader)
{
	if (!reader)
		return;
	irmin_pin_release(&reader->memory);
	irmin__source_close(reader->source);
	if (reader->hasher.cls)
		irmin__hasher_clear(&reader->hasher);
	irmin__repo_unref(reader->repo);
	irmin_free(reader);
}

irmin_object_type irmin_reader_type(const irmin_reader *reader)
{
	return reader->type;
}

uint64_t irmin_reader_bytes(const irmin_reader *reader)
{
	return reader->bytes;
}

static irmin_rc corrupt(const irmin_reader *reader, const char *why,
    irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];

	irmin_oid_hex(&reader->id, hex);
	return irmin_error_set(err, IRMIN_ECORRUPT, hex,
	    "object %s is corrupt: %s", hex, why);
}

/* All of it was read, or nothing is left: it must be whole, and itself. */
static irmin_rc check_end(irmin_reader *reader, irmin_error *err)
{
	irmin_oid id;
	irmin_rc rc;

	if (reader->state == GOOD)
		return IRMIN_OK;
	if (reader->state == UNDER_WAY && reader->left)
		return corrupt(reader, "it ends too early", err);
	if (reader->state == UNDER_WAY) {
		rc = irmin__hasher_end(&reader->hasher, &id, err);
		if (rc < 0)
			return rc;
		reader->state = irmin_oid_compare(&id, &reader->id) == 0 ? GOOD
									 : BAD;
	}
	return reader->state == GOOD
	    ? IRMIN_OK
	    : corrupt(reader, "its bytes have another id", err);
}

/* From memory nothing can go wrong. */
static size_t read_memory(const irmin_reader *reader, void *bytes, size_t len)
{
	const char *from = reader->memory.data;

	if (len)
		memcpy(bytes, from + (reader->bytes - reader->left), len);
	return len;
}

static irmin_rc read_source(irmin_reader *reader, void *bytes, size_t len,
    size_t *got, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	if (len)
		rc = irmin__source_read(reader->source, bytes, len, got, err);
	if (rc >= 0)
		rc = irmin__hasher_update(&reader->hasher,
		    irmin_bytes(bytes, *got), err);
	return rc;
}

irmin_rc irmin_reader_read(irmin_reader *reader, void *bytes, size_t len,
    size_t *got, irmin_error *err)
{
	size_t want = len < reader->left ? len : (size_t)reader->left;
	irmin_rc rc = IRMIN_OK;

	irmin_error_clear(err);
	*got = 0;
	if (reader->source)
		rc = read_source(reader, bytes, want, got, err);
	else
		*got = read_memory(reader, bytes, want);
	if (rc >= 0) {
		reader->left -= *got;
		if (!reader->left || *got < want)
			rc = check_end(reader, err);
	}
	if (rc < 0)
		*got = 0;
	return rc < 0 ? rc : IRMIN_OK;
}

/* ---- writing ---- */

struct inflow {
	irmin_context context;
	irmin_read_fn read;
	void *arg;
	uint64_t left;
	irmin__sink *sink;
	irmin__hasher hasher;
	unsigned char *part; /* PART_BYTES */
};

static irmin_rc refuse_length(const char *why, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_EINVAL, NULL,
	    "cannot add a stream: it has %s bytes than it was said to have",
	    why);
}

static irmin_rc take_part(struct inflow *inflow, size_t len, size_t *got,
    irmin_error *err)
{
	int answer;

	*got = 0;
	answer = inflow->read(inflow->arg, inflow->part, len, got);
	if (answer < 0)
		return irmin_error_set(err, answer, NULL,
		    "cannot add a stream: where it comes from answered %d",
		    answer);
	return *got > len ? refuse_length("more", err) : IRMIN_OK;
}

static irmin_rc pass_on(struct inflow *inflow, irmin_error *err)
{
	size_t len = inflow->left < PART_BYTES ? (size_t)inflow->left
					       : PART_BYTES;
	irmin_slice part;
	size_t got;
	irmin_rc rc = irmin__context_check(&inflow->context, err);

	if (rc >= 0)
		rc = take_part(inflow, len, &got, err);
	if (rc < 0)
		return rc;
	if (got < len)
		return refuse_length("fewer", err);
	part = irmin_bytes(inflow->part, got);
	inflow->left -= got;
	rc = irmin__hasher_update(&inflow->hasher, part, err);
	return rc < 0 ? rc : irmin__sink_write(inflow->sink, part, err);
}

/* Up to the end, where nothing more may come. */
static irmin_rc pass_all(struct inflow *inflow, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t more = 0;

	while (rc >= 0 && inflow->left)
		rc = pass_on(inflow, err);
	if (rc >= 0)
		rc = take_part(inflow, 1, &more, err);
	return rc >= 0 && more ? refuse_length("more", err) : rc;
}

static irmin_rc begin_writing(struct inflow *inflow, irmin_repo *repo,
    irmin_error *err)
{
	irmin_rc rc;

	inflow->part = irmin_malloc(PART_BYTES);
	if (!inflow->part)
		return irmin__enomem(err);
	rc = irmin__hasher_init(&inflow->hasher,
	    irmin__hash_class_of(repo->hash), err);
	if (rc >= 0)
		rc = irmin__hasher_begin(&inflow->hasher, IRMIN_OBJECT_BLOB,
		    inflow->left, err);
	if (rc >= 0)
		rc = irmin__sink_open(repo, &inflow->context, IRMIN_OBJECT_BLOB,
		    inflow->left, &inflow->sink, err);
	return rc;
}

irmin_rc irmin_object_add_stream(irmin_repo *repo, irmin_read_fn read,
    void *arg, uint64_t bytes, irmin_oid *id, irmin_error *err)
{
	struct inflow inflow;
	irmin_oid made;
	irmin_rc rc;

	irmin_error_clear(err);
	memset(id, 0, sizeof *id);
	memset(&inflow, 0, sizeof inflow);
	inflow.context = irmin__repo_context(repo, NULL);
	inflow.context.deadline_us = 0; /* it takes what `read` takes */
	inflow.read = read;
	inflow.arg = arg;
	inflow.left = bytes;
	rc = begin_writing(&inflow, repo, err);
	if (rc >= 0)
		rc = pass_all(&inflow, err);
	if (rc >= 0)
		rc = irmin__hasher_end(&inflow.hasher, &made, err);
	if (rc >= 0) {
		rc = irmin__sink_finish(inflow.sink, &made, err);
		inflow.sink = NULL;
	}
	irmin__sink_abort(inflow.sink);
	if (inflow.hasher.cls)
		irmin__hasher_clear(&inflow.hasher);
	irmin_free(inflow.part);
	if (rc < 0)
		return rc;
	*id = made;
	return IRMIN_OK;
}
