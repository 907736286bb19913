/* Reading deltas.
 *
 *   | size of the base | size of the result |   each 7 bits a byte, low first
 *   then, until the end:
 *   | 1 s3 s2 s1 o4 o3 o2 o1 | offset, size bytes |   copy from the base: a bit
 *        says which of the 4 bytes of the offset and the 3 of the size follow,
 *        the others are 0; size 0 is 65,536
 *   | 0 count:7 | that many bytes |                   insert them
 *   | 0 |                                             reserved
 *
 * Source: gitformat-pack, "Deltified representation".
 */
#include "lib/pack/delta.h"

#include "lib/core/base/error.h"

#define COPY_DEFAULT 0x10000
/* The most that a byte of a delta can give: 3 of the 4 of a copy are 1s. */
#define GIVEN_MAX    0x400000

typedef struct delta_reader {
	const unsigned char *bytes;
	size_t len, at;
} delta_reader;

static irmin_rc bad_delta(const delta_reader *in, const char *fault,
    irmin_error *err)
{
	return irmin__error_at(err, IRMIN_ECORRUPT, NULL, in->at,
	    "a delta %s at its byte %zu", fault, in->at);
}

static irmin_rc read_number(delta_reader *in, uint64_t *number,
    irmin_error *err)
{
	unsigned shift = 0, byte;

	*number = 0;
	do {
		if (in->at == in->len)
			return bad_delta(in, "is cut short", err);
		byte = in->bytes[in->at];
		if (shift > 63 || (uint64_t)(byte & 0x7f) > UINT64_MAX >> shift)
			return bad_delta(in, "has a size beyond 64 bits", err);
		*number |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
		in->at++;
	} while (byte & 0x80);
	return IRMIN_OK;
}

irmin_rc irmin__delta_sizes(irmin_slice delta, uint64_t *base_size,
    uint64_t *size, size_t *used, irmin_error *err)
{
	delta_reader in = { delta.data, delta.len, 0 };
	irmin_rc rc;

	*size = 0;
	*used = 0;
	rc = read_number(&in, base_size, err);
	if (rc >= 0)
		rc = read_number(&in, size, err);
	if (rc >= 0)
		*used = in.at;
	return rc;
}

irmin_rc irmin__delta_result_size(irmin_slice delta, size_t max_bytes,
    size_t *size, irmin_error *err)
{
	delta_reader in = { delta.data, delta.len, 0 };
	uint64_t base_size, given;
	irmin_rc rc;

	*size = 0;
	rc = irmin__delta_sizes(delta, &base_size, &given, &in.at, err);
	if (rc < 0)
		return rc;
	if (given / GIVEN_MAX > delta.len)
		return bad_delta(&in, "cannot give what it announces", err);
	if (given >= SIZE_MAX || (max_bytes && given > max_bytes))
		return irmin_error_set(err, IRMIN_ELIMIT, NULL,
		    "the object has %llu bytes, more than the limit of %zu",
		    (unsigned long long)given, max_bytes);
	*size = (size_t)given;
	return IRMIN_OK;
}

/* Reads what of offset and size the bits of an instruction announce. */
static irmin_rc read_copy(delta_reader *in, unsigned bits, size_t *offset,
    size_t *count, irmin_error *err)
{
	unsigned i;

	*offset = *count = 0;
	for (i = 0; i < 7; i++) {
		if (!(bits & 1u << i))
			continue;
		if (in->at == in->len)
			return bad_delta(in, "is cut short", err);
		if (i < 4)
			*offset |= (size_t)in->bytes[in->at] << 8 * i;
		else
			*count |= (size_t)in->bytes[in->at] << 8 * (i - 4);
		in->at++;
	}
	if (!*count)
		*count = COPY_DEFAULT;
	return IRMIN_OK;
}

/* What an instruction gives: `count` bytes at `from`. */
static irmin_rc read_piece(delta_reader *in, irmin_slice base,
    const unsigned char **from, size_t *count, irmin_error *err)
{
	unsigned byte = in->bytes[in->at++];
	size_t offset;
	irmin_rc rc;

	if (byte & 0x80) {
		rc = read_copy(in, byte, &offset, count, err);
		if (rc < 0)
			return rc;
		if (offset > base.len || *count > base.len - offset)
			return bad_delta(in, "copies from outside its base",
			    err);
		*from = (const unsigned char *)base.data + offset;
		return IRMIN_OK;
	}
	*from = in->bytes + in->at;
	*count = byte;
	if (!byte)
		return bad_delta(in, "has a reserved instruction", err);
	if (byte > in->len - in->at)
		return bad_delta(in, "is cut short", err);
	in->at += byte;
	return IRMIN_OK;
}

irmin_rc irmin__delta_apply(irmin_slice base, irmin_slice delta, void *out,
    size_t out_size, irmin_error *err)
{
	delta_reader in = { delta.data, delta.len, 0 };
	unsigned char *to = out;
	size_t left = out_size, count = 0;
	const unsigned char *from = NULL;
	uint64_t base_size, size;
	irmin_rc rc;

	rc = irmin__delta_sizes(delta, &base_size, &size, &in.at, err);
	if (rc < 0)
		return rc;
	if (base_size != base.len)
		return bad_delta(&in, "is for a base of another size", err);
	if (size != out_size)
		return bad_delta(&in, "gives another size than expected", err);
	while (in.at < in.len) {
		rc = read_piece(&in, base, &from, &count, err);
		if (rc < 0)
			return rc;
		if (count > left)
			return bad_delta(&in, "gives more than its size", err);
		memcpy(to, from, count);
		to += count;
		left -= count;
	}
	if (left)
		return bad_delta(&in, "gives less than its size", err);
	return IRMIN_OK;
}
