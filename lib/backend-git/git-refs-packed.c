/* packed-refs: many refs in one file, which is only ever replaced as a whole.
 *
 *   # pack-refs with: peeled fully-peeled sorted       perhaps
 *   <id> SP <full name> LF
 *   ^<id> LF              what the tag of the line before leads to, perhaps
 *
 * The file is read into memory when it changed, and its lines are put in order
 * if they are not. A ref that has a file of its own is not what it says here.
 */
#include "lib/backend-git/git-parts.h"

#include <stdlib.h>

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/object/refname.h"
#include <irmin/alloc.h>

#define PACKED_MAX_BYTES ((size_t)2 << 30)

typedef struct packed_line {
	size_t begin; /* of the id */
	size_t name_len;
	size_t end; /* behind the line, and the peeled one */
} packed_line;

struct irmin__git_packed {
	atomic_size_t refs;
	irmin__os_stat stat; /* kind NONE: there is no file */
	int racy;
	irmin_hash_algo hash;
	irmin_buf bytes;
	IRMIN__VEC(packed_line) lines; /* sorted by name */
};

/* ---- parsing ---- */

typedef struct packed_reader {
	irmin__git_packed *packed;
	const char *file;
	size_t at;
	irmin_error *err;
} packed_reader;

static irmin_rc bad_line(const packed_reader *reader, const char *why)
{
	return irmin__error_at(reader->err, IRMIN_ECORRUPT, reader->file,
	    reader->at, "cannot read %s: at byte %zu: %s", reader->file,
	    reader->at, why);
}

static irmin_slice name_at(const irmin__git_packed *packed,
    const packed_line *line)
{
	size_t digits = 2 * irmin_hash_size(packed->hash);

	return irmin_bytes(packed->bytes.data + line->begin + digits + 1,
	    line->name_len);
}

static int is_id(const irmin__git_packed *packed, size_t begin, size_t end,
    irmin_oid *id)
{
	size_t digits = 2 * irmin_hash_size(packed->hash);

	return end - begin >= digits &&
	    irmin_oid_parse(irmin_bytes(packed->bytes.data + begin, digits), id,
		NULL) >= 0;
}

/* "<id> <name>", from reader->at to `end`, where the LF is. */
static irmin_rc parse_line(packed_reader *reader, size_t end)
{
	irmin__git_packed *packed = reader->packed;
	size_t name = reader->at + 2 * irmin_hash_size(packed->hash) + 1;
	packed_line line = { reader->at, 0, end + 1 };
	irmin_oid id;
	irmin_rc rc;

	if (!is_id(packed, reader->at, end, &id))
		return bad_line(reader, "a line that begins with no id");
	if (name >= end || packed->bytes.data[name - 1] != ' ')
		return bad_line(reader, "an id without a name");
	line.name_len = end - name;
	rc = IRMIN__VEC_RESERVE(&packed->lines, 1, reader->err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(&packed->lines, line);
	return rc;
}

/* "^<id>" */
static irmin_rc parse_peeled(packed_reader *reader, size_t end)
{
	irmin__git_packed *packed = reader->packed;
	size_t digits = 2 * irmin_hash_size(packed->hash);
	packed_line *last = packed->lines.len
	    ? &packed->lines.items[packed->lines.len - 1]
	    : NULL;
	irmin_oid id;

	if (!last || last->end != reader->at ||
	    last->end != last->begin + digits + last->name_len + 2)
		return bad_line(reader, "a peeled id that follows no ref");
	if (end - reader->at != digits + 1 ||
	    !is_id(packed, reader->at + 1, end, &id))
		return bad_line(reader, "a peeled line that holds no id");
	last->end = end + 1;
	return IRMIN_OK;
}

static irmin_rc parse_lines(packed_reader *reader)
{
	const irmin_buf *bytes = &reader->packed->bytes;
	irmin_rc rc = IRMIN_OK;

	while (rc >= 0 && reader->at < bytes->len) {
		const unsigned char *begin = bytes->data + reader->at;
		const unsigned char *lf = memchr(begin, '\n',
		    bytes->len - reader->at);
		size_t end;

		if (!lf)
			return bad_line(reader, "a line that does not end");
		end = (size_t)(lf - bytes->data);
		if (*begin == '^')
			rc = parse_peeled(reader, end);
		else if (*begin != '#' || reader->at)
			rc = parse_line(reader, end);
		reader->at = end + 1;
	}
	return rc;
}

/* ---- order ---- */

/* A line with what it is sorted by: qsort hands no context to its function. */
typedef struct sorted_line {
	irmin_slice name;
	packed_line line;
} sorted_line;

static int compare_lines(const void *a, const void *b)
{
	const sorted_line *left = a, *right = b;

	return irmin_slice_compare(left->name, right->name);
}

static irmin_rc sort_lines(irmin__git_packed *packed, irmin_error *err)
{
	size_t i, count = packed->lines.len;
	sorted_line *sorted;

	sorted = irmin_calloc(count, sizeof *sorted);
	if (!sorted)
		return irmin__enomem(err);
	for (i = 0; i < count; i++) {
		sorted[i].line = packed->lines.items[i];
		sorted[i].name = name_at(packed, &sorted[i].line);
	}
	qsort(sorted, count, sizeof *sorted, compare_lines);
	for (i = 0; i < count; i++)
		packed->lines.items[i] = sorted[i].line;
	irmin_free(sorted);
	return IRMIN_OK;
}

/* Whether the lines are in order; `twice` is the first that is there twice. */
static int are_sorted(const irmin__git_packed *packed, size_t *twice)
{
	size_t i;

	*twice = packed->lines.len;
	for (i = 1; i < packed->lines.len; i++) {
		const packed_line *line = &packed->lines.items[i];
		int order = irmin_slice_compare(name_at(packed, line - 1),
		    name_at(packed, line));

		if (order > 0)
			return 0;
		if (order == 0 && *twice == packed->lines.len)
			*twice = i;
	}
	return 1;
}

static irmin_rc order_lines(packed_reader *reader)
{
	irmin__git_packed *packed = reader->packed;
	irmin_rc rc = IRMIN_OK;
	size_t twice;

	if (!are_sorted(packed, &twice)) {
		rc = sort_lines(packed, reader->err);
		(void)are_sorted(packed, &twice);
	}
	if (rc < 0 || twice == packed->lines.len)
		return rc;
	reader->at = packed->lines.items[twice].begin;
	return bad_line(reader, "a ref that is there twice");
}

irmin_rc irmin__git_packed_parse(irmin_hash_algo hash, irmin_buf *bytes,
    const char *file, irmin__git_packed **out, irmin_error *err)
{
	irmin__git_packed *packed = irmin_calloc(1, sizeof *packed);
	packed_reader reader = { packed, file, 0, err };
	irmin_rc rc;

	*out = NULL;
	if (!packed)
		return irmin__enomem(err);
	atomic_init(&packed->refs, 1);
	packed->hash = hash;
	packed->bytes = *bytes;
	memset(bytes, 0, sizeof *bytes);
	rc = parse_lines(&reader);
	if (rc >= 0)
		rc = order_lines(&reader);
	if (rc < 0) {
		irmin__git_packed_unref(packed);
		return rc;
	}
	*out = packed;
	return IRMIN_OK;
}

void irmin__git_packed_unref(irmin__git_packed *packed)
{
	if (!packed || atomic_fetch_sub(&packed->refs, 1) != 1)
		return;
	irmin_buf_clear(&packed->bytes);
	IRMIN__VEC_CLEAR(&packed->lines);
	irmin_free(packed);
}

/* ---- reading ---- */

static irmin_rc read_open(irmin__git *git, irmin__file *open, const char *file,
    irmin__git_packed **packed, irmin_error *err)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin__os_stat stat;
	irmin_rc rc;

	rc = irmin__os_stat_file(open, &stat, err);
	if (rc >= 0 && stat.bytes > PACKED_MAX_BYTES)
		rc = irmin_error_set(err, IRMIN_ELIMIT, file,
		    "cannot read %s: it has more than %zu bytes", file,
		    PACKED_MAX_BYTES);
	if (rc >= 0)
		rc = irmin_buf_reserve(&bytes, (size_t)stat.bytes, err);
	if (rc >= 0)
		rc = irmin__os_read(open, 0, bytes.data, (size_t)stat.bytes,
		    &bytes.len, err);
	if (rc >= 0)
		rc = irmin__git_packed_parse(git->head.hash, &bytes, file,
		    packed, err);
	if (rc >= 0) {
		(*packed)->stat = stat;
		(*packed)->racy = irmin__git_is_racy(git, &stat);
	}
	irmin_buf_clear(&bytes);
	return rc;
}

static irmin_rc read_packed(irmin__git *git, const char *file,
    irmin__git_packed **packed, irmin_error *err)
{
	irmin_buf none = IRMIN_BUF_INIT;
	irmin__file *open;
	irmin_rc rc;

	rc = irmin__os_open(git->os, file, IRMIN__OS_READ, 0, &open, err);
	if (rc == IRMIN_ABSENT)
		return irmin__git_packed_parse(git->head.hash, &none, file,
		    packed, err);
	if (rc < 0)
		return rc;
	rc = read_open(git, open, file, packed, err);
	irmin__os_close(open);
	return rc;
}

static int is_current(const irmin__git_packed *packed,
    const irmin__os_stat *stat)
{
	return packed && !packed->racy &&
	    irmin__git_is_same_file(&packed->stat, stat);
}

irmin_rc irmin__git_packed_get(irmin__git_refs *refs,
    irmin__git_packed **packed, irmin_error *err)
{
	irmin__git *git = refs->git;
	irmin__git_path file;
	irmin__os_stat stat;
	irmin_rc rc;

	*packed = NULL;
	rc = irmin__git_path_join(&file, git->layout.common_dir, "packed-refs",
	    err);
	if (rc >= 0)
		rc = irmin__os_stat_path(git->os, file.text, 1, &stat, err);
	if (rc < 0)
		return rc;

	irmin__mutex_lock(&refs->packed_mutex);
	if (!is_current(refs->packed, &stat)) {
		irmin__git_packed *read;

		rc = read_packed(git, file.text, &read, err);
		if (rc >= 0) {
			irmin__git_packed_unref(refs->packed);
			refs->packed = read;
		}
	}
	if (rc >= 0) {
		*packed = refs->packed;
		atomic_fetch_add(&refs->packed->refs, 1);
	}
	irmin__mutex_unlock(&refs->packed_mutex);
	return rc < 0 ? rc : IRMIN_OK;
}

/* ---- looking up ---- */

size_t irmin__git_packed_count(const irmin__git_packed *packed)
{
	return packed->lines.len;
}

irmin__git_packed_ref irmin__git_packed_at(const irmin__git_packed *packed,
    size_t i)
{
	const packed_line *line = &packed->lines.items[i];
	irmin__git_packed_ref ref;

	ref.name = name_at(packed, line);
	(void)is_id(packed, line->begin, line->end, &ref.id);
	return ref;
}

size_t irmin__git_packed_bound(const irmin__git_packed *packed,
    irmin_slice name)
{
	size_t low = 0, high = packed->lines.len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		irmin_slice other = name_at(packed, &packed->lines.items[mid]);

		if (irmin_slice_compare(other, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

irmin_rc irmin__git_packed_find(const irmin__git_packed *packed,
    irmin_slice name, irmin_oid *id)
{
	size_t i = irmin__git_packed_bound(packed, name);

	memset(id, 0, sizeof *id);
	if (i == packed->lines.len ||
	    !irmin_slice_equal(name_at(packed, &packed->lines.items[i]), name))
		return IRMIN_ABSENT;
	*id = irmin__git_packed_at(packed, i).id;
	return IRMIN_OK;
}

int irmin__git_packed_collides(const irmin__git_packed *packed,
    const char *name)
{
	irmin__git_path below;
	irmin_slice prefix;
	const char *slash;
	irmin_oid id;
	size_t i;

	for (slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/'))
		if (irmin__git_packed_find(packed,
			irmin_bytes(name, (size_t)(slash - name)),
			&id) == IRMIN_OK)
			return 1;
	if (irmin__git_path_join(&below, name, "", NULL) < 0)
		return 0; /* no file can have this name either */
	prefix = irmin_text(below.text);
	i = irmin__git_packed_bound(packed, prefix);
	return i < packed->lines.len &&
	    irmin__slice_begins(name_at(packed, &packed->lines.items[i]),
		below.text);
}

/* ---- writing ---- */

static int compare_begins(const void *a, const void *b)
{
	const packed_line *left = a, *right = b;

	return left->begin < right->begin ? -1 : left->begin > right->begin;
}

/* Copies what lies between the lines that go; they are in order. */
static irmin_rc copy_others(const irmin__git_packed *packed,
    const packed_line *gone, size_t count, irmin_buf *out, irmin_error *err)
{
	size_t i, at = 0;
	irmin_rc rc = IRMIN_OK;

	for (i = 0; rc >= 0 && i <= count; i++) {
		size_t end = i < count ? gone[i].begin : packed->bytes.len;

		rc = irmin_buf_append(out,
		    irmin_bytes(packed->bytes.data + at, end - at), err);
		if (i < count)
			at = gone[i].end;
	}
	return rc;
}

irmin_rc irmin__git_packed_without(const irmin__git_packed *packed,
    const irmin_slice *names, size_t count, irmin_buf *out, irmin_error *err)
{
	IRMIN__VEC(packed_line) gone = { NULL, 0, 0 };
	irmin_rc rc;
	size_t i;

	out->len = 0;
	rc = IRMIN__VEC_RESERVE(&gone, count, err);
	if (rc >= 0)
		rc = irmin_buf_reserve(out, packed->bytes.len, err);
	for (i = 0; rc >= 0 && i < count; i++) {
		irmin_oid id;

		if (irmin__git_packed_find(packed, names[i], &id) == IRMIN_OK)
			IRMIN__VEC_PUSH(&gone,
			    packed->lines.items[irmin__git_packed_bound(packed,
				names[i])]);
	}
	if (gone.len)
		qsort(gone.items, gone.len, sizeof *gone.items, compare_begins);
	if (rc >= 0)
		rc = copy_others(packed, gone.items, gone.len, out, err);
	IRMIN__VEC_CLEAR(&gone);
	return rc;
}
