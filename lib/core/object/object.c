/* The header in front of every object, loose or only hashed:
 *
 *   | type | SP | length of what follows, in decimal, no leading 0 | NUL |
 */
#include "lib/core/object/object.h"

#include <string.h>

#include "lib/core/base/decimal.h"
#include "lib/core/base/error.h"

#define TYPES (IRMIN_OBJECT_TAG + 1)

static const char *const type_names[TYPES] = { "any", "commit", "tree", "blob",
	"tag" };

const char *irmin_object_type_name(irmin_object_type type)
{
	return type >= 0 && type < TYPES ? type_names[type] : "?";
}

irmin_object_type irmin__object_type_of(irmin_slice name)
{
	int type;

	for (type = IRMIN_OBJECT_COMMIT; type < TYPES; type++)
		if (irmin_slice_equal(name, irmin_text(type_names[type])))
			return (irmin_object_type)type;
	return IRMIN_OBJECT_ANY;
}

size_t irmin__object_header(irmin_object_type type, uint64_t bytes,
    char header[IRMIN__OBJECT_HEADER_BYTES])
{
	const char *name = irmin_object_type_name(type);
	size_t used = strlen(name);

	memcpy(header, name, used);
	header[used++] = ' ';
	used += irmin__decimal_encode(bytes, 1, header + used);
	header[used++] = '\0';
	return used;
}

static irmin_rc corrupt(irmin_error *err, size_t offset, const char *why)
{
	return irmin__error_at(err, IRMIN_ECORRUPT, NULL, offset,
	    "bad object header: %s", why);
}

/* Reads the length that begins at *used, and moves *used behind it. */
static irmin_rc parse_size(irmin_slice header, uint64_t *size, size_t *used,
    irmin_error *err)
{
	const unsigned char *text = header.data;
	size_t begin = *used, at = begin;
	uint64_t value = 0;
	unsigned digit;

	for (; at < header.len && text[at] >= '0' && text[at] <= '9'; at++) {
		digit = text[at] - '0';
		if (at > begin && text[begin] == '0')
			return corrupt(err, at, "the length begins with a 0");
		if (value > (UINT64_MAX - digit) / 10)
			return corrupt(err, at, "the length is too large");
		value = value * 10 + digit;
	}
	if (at == begin)
		return corrupt(err, at, "there is no length");
	*size = value;
	*used = at;
	return IRMIN_OK;
}

irmin_rc irmin__object_header_parse(irmin_slice bytes, irmin_object_type *type,
    uint64_t *size, size_t *used, irmin_error *err)
{
	const char *text = bytes.data;
	const char *space;
	irmin_object_type found;
	uint64_t length = 0;
	size_t at;
	irmin_rc rc;

	*type = IRMIN_OBJECT_ANY;
	*size = *used = 0;
	if (bytes.len > IRMIN__OBJECT_HEADER_BYTES)
		bytes.len = IRMIN__OBJECT_HEADER_BYTES;
	space = bytes.len ? memchr(text, ' ', bytes.len) : NULL;
	if (!space)
		return corrupt(err, 0, "there is no type");
	at = (size_t)(space - text);
	found = irmin__object_type_of(irmin_bytes(text, at));
	if (found == IRMIN_OBJECT_ANY)
		return corrupt(err, 0, "there is no such type");
	at++;
	rc = parse_size(bytes, &length, &at, err);
	if (rc < 0)
		return rc;
	if (at == bytes.len || text[at])
		return corrupt(err, at, "no NUL ends it");
	*type = found;
	*size = length;
	*used = at + 1;
	return IRMIN_OK;
}
