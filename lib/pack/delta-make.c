/* Writing deltas; delta-apply.c has the drawing. A copy is of 65,536 bytes at
 * most, as git's are: the third byte of its size is never used.
 */
#include "lib/pack/delta-index.h"

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"

#define INSERT_MAX 127
#define COPY_MAX   0x10000u
#define COPY_BYTES 7 /* of the longest copy that is written */
#define DELTA_MIN  4 /* git refuses shorter ones */
#define COPY_LEAST 5 /* fewer bytes are better inserted */
#define ROOM_FIRST 256

/* A delta being written. What of the target is written is `done`; what is not
 * yet, and is no copy, will be inserted. */
typedef struct delta_writer {
	irmin_buf *out;
	size_t max_bytes;
	const unsigned char *target;
	size_t done;
} delta_writer;

/* ---- writing ---- */

/* Makes room. Answers: OK; ABSENT (beyond the limit). */
static irmin_rc reserve(delta_writer *to, size_t bytes, irmin_error *err)
{
	if (bytes > to->max_bytes || to->out->len > to->max_bytes - bytes)
		return IRMIN_ABSENT;
	return irmin_buf_reserve(to->out, bytes, err);
}

static void put_number(irmin_buf *out, uint64_t number)
{
	for (; number > 0x7f; number >>= 7)
		out->data[out->len++] = (unsigned char)(number | 0x80);
	out->data[out->len++] = (unsigned char)number;
}

static irmin_rc begin(delta_writer *to, size_t base_size, size_t size,
    irmin_error *err)
{
	irmin_rc rc;

	irmin__buf_empty(to->out);
	rc = irmin_buf_reserve(to->out, ROOM_FIRST, err);
	if (rc < 0)
		return rc;
	put_number(to->out, base_size);
	put_number(to->out, size);
	return to->out->len > to->max_bytes ? IRMIN_ABSENT : IRMIN_OK;
}

/* Inserts what of the target is not written yet, up to `end`. */
static irmin_rc insert(delta_writer *to, size_t end, irmin_error *err)
{
	size_t len = end - to->done;
	irmin_rc rc;

	if (!len)
		return IRMIN_OK;
	rc = reserve(to, len + (len - 1) / INSERT_MAX + 1, err);
	if (rc != IRMIN_OK)
		return rc;
	while (to->done < end) {
		unsigned char *out = to->out->data + to->out->len;
		size_t n = end - to->done;

		n = n < INSERT_MAX ? n : INSERT_MAX;
		*out++ = (unsigned char)n;
		memcpy(out, to->target + to->done, n);
		to->out->len += n + 1;
		to->done += n;
	}
	return IRMIN_OK;
}

/* The bytes of a number that are not zero; their bits, from `bit` on, are set in
 * the instruction. */
static unsigned char *put_bytes(unsigned char *at, size_t number, unsigned bit,
    unsigned char *instruction)
{
	for (; number; number >>= 8, bit <<= 1)
		if (number & 0xff) {
			*instruction |= (unsigned char)bit;
			*at++ = (unsigned char)number;
		}
	return at;
}

static irmin_rc copy(delta_writer *to, size_t base_at, size_t len,
    irmin_error *err)
{
	irmin_rc rc;

	while (len) {
		size_t n = len < COPY_MAX ? len : COPY_MAX;
		unsigned char bytes[COPY_BYTES] = { 0x80 }, *at = bytes + 1;

		at = put_bytes(at, base_at, 0x01, bytes);
		at = put_bytes(at, n & (COPY_MAX - 1), 0x10, bytes);
		rc = reserve(to, (size_t)(at - bytes), err);
		if (rc != IRMIN_OK)
			return rc;
		memcpy(to->out->data + to->out->len, bytes,
		    (size_t)(at - bytes));
		to->out->len += (size_t)(at - bytes);
		to->done += n;
		base_at += n;
		len -= n;
	}
	return IRMIN_OK;
}

/* Inserts the rest; a delta that is none is emptied. */
static irmin_rc finish(delta_writer *to, irmin_rc rc, size_t size,
    irmin_error *err)
{
	if (rc == IRMIN_OK)
		rc = insert(to, size, err);
	if (rc == IRMIN_OK && to->out->len < DELTA_MIN)
		rc = IRMIN_ABSENT;
	if (rc == IRMIN_OK)
		to->out->data[to->out->len] = '\0'; /* irmin_buf keeps room */
	else
		irmin__buf_empty(to->out);
	return rc;
}

/* ---- from two objects ---- */

/* How many bytes before both places are the same. */
static size_t common_before(const unsigned char *a, const unsigned char *b,
    size_t max)
{
	size_t n = 0;

	while (n < max && *--a == *--b)
		n++;
	return n;
}

/* What is found is copied, with what is the same before it and not written
 * yet; `at` goes on behind it, or to the next byte. */
static irmin_rc step(delta_writer *to, const irmin__delta_index *index,
    size_t size, size_t *at, irmin_error *err)
{
	irmin_slice base = irmin__delta_index_base(index);
	size_t base_at, before, left = *at - to->done;
	size_t len = irmin__delta_index_find(index, to->target + *at,
	    size - *at, &base_at);
	irmin_rc rc;

	if (!len) {
		++*at;
		return left > to->max_bytes - to->out->len ? IRMIN_ABSENT
							   : IRMIN_OK;
	}
	before = common_before((const unsigned char *)base.data + base_at,
	    to->target + *at, left < base_at ? left : base_at);
	rc = insert(to, *at - before, err);
	if (rc == IRMIN_OK)
		rc = copy(to, base_at - before, before + len, err);
	*at += len;
	return rc;
}

irmin_rc irmin__delta_make(const irmin__delta_index *index, irmin_slice target,
    size_t max_bytes, irmin_buf *delta, irmin_error *err)
{
	delta_writer to = { delta, max_bytes, target.data, 0 };
	size_t at = 0;
	irmin_rc rc;

	rc = begin(&to, irmin__delta_index_base(index).len, target.len, err);
	while (rc == IRMIN_OK && at < target.len &&
	    target.len - at >= IRMIN__DELTA_BLOCK)
		rc = step(&to, index, target.len, &at, err);
	return finish(&to, rc, target.len, err);
}

/* ---- from what its maker knows ---- */

static irmin_rc bad_splice(size_t number, const char *fault, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_EINVAL, NULL,
	    "splice %zu of an object %s", number, fault);
}

/* A splice, or the end of all, after `base_at` of the base and `at` of the
 * target: what is between is kept. */
static irmin_rc check_splice(const irmin_splice *it, size_t number,
    size_t base_size, size_t size, size_t base_at, size_t at, irmin_error *err)
{
	if (it->base_offset < base_at || it->offset < at)
		return bad_splice(number, "is before the one before it", err);
	if (it->base_offset - base_at != it->offset - at)
		return bad_splice(number, "does not keep what is before it",
		    err);
	if (it->base_offset > base_size || it->offset > size ||
	    it->base_len > base_size - it->base_offset ||
	    it->len > size - it->offset)
		return bad_splice(number, "ends behind the object", err);
	return IRMIN_OK;
}

irmin_rc irmin__delta_of_splices(size_t base_size, irmin_slice target,
    const irmin_splice *splices, size_t count, irmin_buf *delta,
    irmin_error *err)
{
	delta_writer to = { delta, SIZE_MAX, target.data, 0 };
	irmin_splice end = { base_size, 0, target.len, 0 };
	size_t base_at = 0, at = 0, i;
	irmin_rc rc;

	rc = begin(&to, base_size, target.len, err);
	if (rc >= 0 && base_size > UINT32_MAX)
		rc = IRMIN_ABSENT;
	for (i = 0; i <= count && rc == IRMIN_OK; i++) {
		const irmin_splice *it = i < count ? &splices[i] : &end;
		size_t kept = it->offset - at;

		rc = check_splice(it, i, base_size, target.len, base_at, at,
		    err);
		if (rc >= 0 && kept >= COPY_LEAST) {
			rc = insert(&to, at, err);
			if (rc >= 0)
				rc = copy(&to, base_at, kept, err);
		}
		base_at = it->base_offset + it->base_len;
		at = it->offset + it->len;
	}
	return finish(&to, rc, target.len, err);
}
