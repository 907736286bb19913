#include "lib/core/object/header-lines.h"

#include <string.h>

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"

int irmin__header_take(irmin__header_reader *reader, const char *name,
    irmin_slice *value)
{
	irmin_slice rest = irmin__slice_from(reader->bytes, reader->offset);
	size_t length = irmin__slice_find(rest, '\n'), blank = strlen(name);
	irmin_slice line = irmin__slice_until(rest, length);

	*value = irmin_bytes(NULL, 0);
	if (length == rest.len || !irmin__slice_begins(line, name) ||
	    ((const char *)line.data)[blank] != ' ')
		return 0;
	*value = irmin__slice_from(line, blank + 1);
	reader->offset += length + 1;
	return 1;
}

irmin_rc irmin__header_corrupt(const irmin__header_reader *reader,
    const char *why, irmin_error *err)
{
	return irmin__error_at(err, IRMIN_ECORRUPT, NULL, reader->offset,
	    "bad %s: %s", reader->what, why);
}

/* Ids in capitals are not taken: encoding would not give the same bytes. */
static int parse_id(irmin_slice hex, irmin_hash_algo algo, irmin_oid *id)
{
	const char *digits = hex.data;
	int capitals = 0;
	size_t i;

	for (i = 0; i < hex.len; i++)
		capitals |= digits[i] >= 'A' && digits[i] <= 'F';
	return !capitals && hex.len == 2 * irmin_hash_size(algo) &&
	    irmin_oid_parse(hex, id, NULL) >= 0;
}

irmin_rc irmin__header_take_id(irmin__header_reader *reader, const char *name,
    irmin_hash_algo algo, irmin_oid *id, irmin_error *err)
{
	irmin__header_reader start = *reader;
	irmin_slice hex;

	memset(id, 0, sizeof *id);
	if (!irmin__header_take(reader, name, &hex))
		return IRMIN_ABSENT;
	if (parse_id(hex, algo, id))
		return IRMIN_OK;
	*reader = start;
	return irmin__header_corrupt(reader, "no id in the line", err);
}

void irmin__header_rest(irmin__header_reader *reader, irmin_slice *extra,
    irmin_slice *message)
{
	irmin_slice rest = irmin__slice_from(reader->bytes, reader->offset);
	irmin_slice line = rest;
	size_t length;

	*extra = rest;
	*message = irmin_bytes(NULL, 0);
	reader->offset = reader->bytes.len;
	while ((length = irmin__slice_find(line, '\n')) < line.len) {
		line = irmin__slice_from(line, length + 1);
		if (length > 0)
			continue;
		*extra = irmin__slice_until(rest, rest.len - line.len - 1);
		*message = line;
		return;
	}
}

irmin_rc irmin__header_put(irmin_buf *out, const char *name, irmin_slice value,
    irmin_error *err)
{
	size_t length = strlen(name);
	unsigned char *at;
	irmin_rc rc;

	if (!value.data)
		return IRMIN_OK;
	rc = irmin_buf_reserve(out, length + value.len + 2, err);
	if (rc < 0)
		return rc;
	at = out->data + out->len;
	memcpy(at, name, length);
	at[length] = ' ';
	memcpy(at + length + 1, value.data, value.len);
	memcpy(at + length + 1 + value.len, "\n", 2);
	out->len += length + 1 + value.len + 1;
	return IRMIN_OK;
}

irmin_rc irmin__header_put_id(irmin_buf *out, const char *name,
    const irmin_oid *id, irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES];

	return irmin__header_put(out, name, irmin_text(irmin_oid_hex(id, hex)),
	    err);
}
