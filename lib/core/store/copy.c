/* Copying a repository: the objects in batches, each of which is whole in itself,
 * so that a copy which is interrupted goes on behind the last one; then the refs,
 * which nobody sees before all that they need is there.
 */
#include "lib/core/store/copy.h"

#include "lib/core/base/context.h"
#include "lib/core/base/options.h"
#include "lib/core/object/links.h"
#include "lib/core/object/oid-table.h"
#include "lib/core/object/write-check.h"
#include "lib/core/store/fault.h"
#include "lib/core/store/repo-object.h"
#include "lib/core/store/specials.h"
#include "lib/core/store/stream.h"

/* Where a batch ends: what an interrupted copy loses are some seconds; each may
 * leave a pack behind. */
#define BATCH_BYTES   ((uint64_t)256 << 20)
#define BATCH_OBJECTS 50000

#define PART_BYTES     16384
#define PROGRESS_EVERY 256

struct copy {
	irmin_repo *from, *to;
	irmin_context context;
	irmin_copy_options options;
	irmin__fault_teller teller;
	irmin__bulk *bulk;      /* or NULL */
	irmin__oid_table added; /* to it */
	uint64_t bulk_bytes;
	size_t batch_objects;
	irmin__specials specials; /* of what was copied */
	irmin_copied copied;
	uint64_t done;
	irmin_error *err;
};

/* ---- what fsck would object to ---- */

static irmin_rc refuse(const struct copy *copy, const char *why,
    irmin_error *err)
{
	return irmin_error_set(err, IRMIN_EREFUSED, copy->from->location,
	    "cannot copy strictly: %s", why);
}

static int check_format(struct copy *copy, const irmin_scanned *object)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_error why;
	int rc = irmin__check_object(copy->from->hash, object->type,
	    object->data, &why);

	if (rc < 0 && rc != IRMIN_EINVAL && rc != IRMIN_ECORRUPT && copy->err)
		*copy->err = why;
	if (rc != IRMIN_EINVAL && rc != IRMIN_ECORRUPT)
		return rc;
	rc = irmin__fault_object(&copy->teller, IRMIN_FAULT_FORMAT, &object->id,
	    object->type, why.text);
	if (rc || !(copy->options.flags & IRMIN_COPY_STRICT))
		return rc;
	return irmin_error_set(copy->err, IRMIN_EREFUSED,
	    irmin_oid_hex(&object->id, hex), "cannot copy strictly: %s %s: %s",
	    irmin_object_type_name(object->type), hex, why.text);
}

static irmin_rc check_specials(struct copy *copy, irmin_error *err)
{
	uint64_t faults;
	irmin_rc rc = irmin__specials_check(&copy->specials, copy->from,
	    &copy->context, &copy->teller, &faults, err);

	if (rc || !faults || !(copy->options.flags & IRMIN_COPY_STRICT))
		return rc;
	return refuse(copy,
	    "git would object to a .gitmodules or "
	    ".gitattributes",
	    err);
}

/* ---- links that must hold there ---- */

struct naming {
	struct copy *copy;
	irmin_rc cut; /* OK if the history before this commit was cut off */
};

/* A commit whose parents were cut off can be copied only to where they are. */
static irmin_rc check_parent(struct copy *copy, const irmin_oid *parent)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_rc rc = irmin__repo_has(copy->to, &copy->context, parent,
	    copy->err);

	if (rc != IRMIN_ABSENT)
		return rc;
	return irmin_error_set(copy->err, IRMIN_ETRUNCATED,
	    copy->from->location,
	    "cannot copy a history that is cut off: commit %s is not there; "
	    "run git fetch --unshallow in %s",
	    irmin_oid_hex(parent, hex), copy->from->location);
}

static int look_at_link(void *arg, const irmin__link *link)
{
	struct naming *naming = arg;

	if (link->type == IRMIN_OBJECT_COMMIT)
		return naming->cut == IRMIN_OK
		    ? check_parent(naming->copy, &link->id)
		    : 0;
	return irmin__specials_note(&naming->copy->specials, link,
	    naming->copy->err);
}

static irmin_rc look_at_links(struct copy *copy, const irmin_scanned *object)
{
	struct naming naming = { copy, IRMIN_ABSENT };
	irmin_rc rc;

	if (object->type == IRMIN_OBJECT_COMMIT)
		naming.cut = irmin__repo_is_shallow(copy->from, &copy->context,
		    &object->id, copy->err);
	if (naming.cut < 0)
		return naming.cut;
	if (object->type == IRMIN_OBJECT_TREE || naming.cut == IRMIN_OK) {
		rc = irmin__links_each(copy->from->hash, object->type,
		    object->data, look_at_link, &naming, copy->err);
		return rc == IRMIN_ECORRUPT ? IRMIN_OK : rc; /* was told */
	}
	return IRMIN_OK;
}

/* ---- batches ---- */

static irmin_rc end_bulk(struct copy *copy, irmin_error *err)
{
	irmin__bulk *bulk = copy->bulk;

	copy->bulk = NULL;
	copy->bulk_bytes = 0;
	irmin__oid_table_reset(&copy->added);
	return bulk ? irmin__bulk_finish(bulk, err) : IRMIN_OK;
}

static irmin_rc begin_bulk(struct copy *copy, irmin_error *err)
{
	if (copy->bulk)
		return IRMIN_OK;
	return irmin__bulk_open(copy->to, &copy->context, &copy->bulk, err);
}

static void count(struct copy *copy, uint64_t bytes)
{
	copy->copied.objects++;
	copy->copied.bytes += bytes;
}

static irmin_rc add_to_bulk(struct copy *copy, const irmin_scanned *object,
    irmin_error *err)
{
	irmin_new_object added;
	size_t number;
	irmin_rc rc = begin_bulk(copy, err);

	memset(&added, 0, sizeof added);
	added.id = object->id;
	added.type = object->type;
	added.data = object->data;
	if (irmin__oid_table_find(&copy->added, &object->base) !=
	    IRMIN__OID_TABLE_NONE)
		added.base = object->base;
	if (rc >= 0)
		rc = irmin__oid_table_add(&copy->added, &object->id, &number,
		    err);
	if (rc >= 0)
		rc = irmin__bulk_add(copy->bulk, &added, err);
	if (rc < 0)
		return rc;
	count(copy, object->data.len);
	copy->bulk_bytes += object->data.len;
	return copy->bulk_bytes >= BATCH_BYTES ||
		copy->added.len >= copy->batch_objects
	    ? end_bulk(copy, err)
	    : IRMIN_OK;
}

/* ---- what is too large to be whole in memory ---- */

static irmin_rc pump(irmin_reader *reader, irmin__sink *sink, irmin_error *err)
{
	unsigned char part[PART_BYTES];
	size_t got;
	irmin_rc rc;

	do {
		rc = irmin_reader_read(reader, part, sizeof part, &got, err);
		if (rc >= 0 && got)
			rc = irmin__sink_write(sink, irmin_bytes(part, got),
			    err);
	} while (rc >= 0 && got == sizeof part);
	return rc;
}

static irmin_rc copy_stream(struct copy *copy, const irmin_oid *id,
    irmin_error *err)
{
	irmin_reader *reader = NULL;
	irmin__sink *sink = NULL;
	irmin_rc rc = irmin__reader_open(copy->from, &copy->context, id,
	    &reader, err);

	if (rc != IRMIN_OK) /* ABSENT: it vanished */
		return rc;
	rc = irmin__sink_open(copy->to, &copy->context,
	    irmin_reader_type(reader), irmin_reader_bytes(reader), &sink, err);
	if (rc >= 0)
		rc = pump(reader, sink, err);
	if (rc >= 0) {
		rc = irmin__sink_finish(sink, id, err);
		sink = NULL;
	}
	if (rc >= 0)
		count(copy, irmin_reader_bytes(reader));
	irmin__sink_abort(sink);
	irmin_reader_close(reader);
	return rc;
}

/* ---- objects ---- */

static int tell_progress(struct copy *copy)
{
	if (!copy->options.progress || copy->done++ % PROGRESS_EVERY)
		return 0;
	return copy->options.progress(copy->options.progress_arg,
	    "copying objects", copy->done, 0);
}

static int copy_new(struct copy *copy, const irmin_scanned *object)
{
	int rc;

	if (object->fault && object->fault->code == IRMIN_ELIMIT)
		return copy_stream(copy, &object->id, copy->err);
	if (object->fault) {
		if (copy->err)
			*copy->err = *object->fault;
		return object->fault->code;
	}
	rc = irmin__object_check_id(copy->from, &object->id, object->type,
	    object->data, copy->err);
	if (rc >= 0)
		rc = check_format(copy, object);
	if (rc >= 0)
		rc = rc ? rc : look_at_links(copy, object);
	return rc ? rc : add_to_bulk(copy, object, copy->err);
}

/* Whether the target has it. At level POWER that is to hold after loss of power,
 * although whoever wrote it may not have come as far as that. */
static irmin_rc is_present(struct copy *copy, const irmin_oid *id)
{
	irmin_rc rc = IRMIN_ABSENT;

	if (copy->to->level == IRMIN_POWER)
		rc = irmin__repo_freshen(copy->to, &copy->context, id,
		    copy->err);
	if (rc == IRMIN_ABSENT) /* or not ours to freshen */
		rc = irmin__repo_has(copy->to, &copy->context, id, copy->err);
	return rc;
}

static int copy_scanned(void *arg, const irmin_scanned *object)
{
	struct copy *copy = arg;
	int rc = irmin__context_check(&copy->context, copy->err);

	if (rc == IRMIN_OK)
		rc = tell_progress(copy);
	if (rc)
		return rc;
	if (irmin__oid_table_find(&copy->added, &object->id) !=
	    IRMIN__OID_TABLE_NONE)
		return 0;
	rc = is_present(copy, &object->id);
	if (rc == IRMIN_OK)
		copy->copied.present++;
	rc = rc == IRMIN_ABSENT ? copy_new(copy, object) : rc;
	return rc == IRMIN_ABSENT ? IRMIN_OK : rc;
}

static irmin_rc copy_all(struct copy *copy, irmin_error *err)
{
	irmin_rc rc = irmin__repo_scan(copy->from, &copy->context, copy_scanned,
	    copy, err);

	if (rc == IRMIN_OK)
		rc = end_bulk(copy, err);
	if (rc == IRMIN_OK)
		rc = check_specials(copy, err);
	if (rc == IRMIN_OK && copy->options.progress)
		rc = copy->options.progress(copy->options.progress_arg,
		    "copying refs", 0, 0);
	if (rc == IRMIN_OK)
		rc = irmin__copy_refs(copy->from, copy->to,
		    (copy->options.flags & IRMIN_COPY_PRUNE) != 0,
		    &copy->copied.refs, err);
	if (rc != IRMIN_OK)
		return rc;
	rc = irmin__repo_flush(copy->to, &copy->context, copy->to->level, err);
	if (rc < 0)
		return rc;
	return copy->copied.objects || copy->copied.refs ? IRMIN_OK
							 : IRMIN_UNCHANGED;
}

/* ---- the call ---- */

static irmin_rc check_arguments(irmin_repo *from, irmin_repo *to,
    const irmin_copy_options *options, irmin_error *err)
{
	if (options->flags & ~(uint32_t)(IRMIN_COPY_STRICT | IRMIN_COPY_PRUNE))
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "unknown flags 0x%x in the options", options->flags);
	if (from->hash != to->hash)
		return irmin_error_set(err, IRMIN_EINVAL, to->location,
		    "cannot copy from a %s repository to a %s one",
		    irmin_hash_name(from->hash), irmin_hash_name(to->hash));
	if (from == to ||
	    (*to->location && strcmp(from->location, to->location) == 0))
		return irmin_error_set(err, IRMIN_EINVAL, to->location,
		    "cannot copy a repository to itself");
	if (irmin_repo_is_read_only(to))
		return irmin_error_set(err, IRMIN_EREADONLY, to->location,
		    "the repository is opened read-only");
	return IRMIN_OK;
}

irmin_rc irmin_repo_copy(irmin_repo *from, irmin_repo *to,
    const irmin_copy_options *options, irmin_copied *copied, irmin_error *err)
{
	return irmin__copy_in_batches(from, to, options, BATCH_OBJECTS, copied,
	    err);
}

irmin_rc irmin__copy_in_batches(irmin_repo *from, irmin_repo *to,
    const irmin_copy_options *options, size_t batch_objects,
    irmin_copied *copied, irmin_error *err)
{
	struct copy copy;
	irmin_rc rc;

	irmin_error_clear(err);
	if (copied)
		memset(copied, 0, sizeof *copied);
	memset(&copy, 0, sizeof copy);
	rc = irmin__options_read(&copy.options, sizeof copy.options, options,
	    "irmin_copy_options", err);
	if (rc >= 0)
		rc = check_arguments(from, to, &copy.options, err);
	if (rc < 0)
		return rc;
	copy.batch_objects = batch_objects;
	copy.from = from;
	copy.to = to;
	copy.context = irmin__repo_context(to, NULL);
	copy.context.deadline_us = 0; /* it takes what it takes */
	copy.teller.fn = copy.options.fault;
	copy.teller.arg = copy.options.fault_arg;
	copy.err = err;
	irmin__oid_table_init(&copy.added, to->hash, 0, 1, (uintptr_t)&copy);
	irmin__specials_init(&copy.specials, to->hash);
	irmin__repo_work_begin(to);
	rc = copy_all(&copy, err);
	irmin__bulk_abort(copy.bulk);
	irmin__repo_work_end(to);
	irmin__oid_table_clear(&copy.added);
	irmin__specials_clear(&copy.specials);
	if (copied)
		*copied = copy.copied;
	return rc;
}
