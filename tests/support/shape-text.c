#include "tests/support/shape-text.h"

#define PARTS 4

struct cursor {
	const char *at, *end;
};

static irmin_shape *read_shape(struct cursor *cursor);

/* Reads parts until `close`; returns how many, or -1 if they do not end. */
static int read_parts(struct cursor *cursor, char close,
    irmin_shape *parts[PARTS])
{
	int count = 0;

	while (
	    cursor->at < cursor->end && *cursor->at != close && count < PARTS) {
		parts[count] = read_shape(cursor);
		if (!parts[count++])
			break;
	}
	if (cursor->at < cursor->end && *cursor->at == close) {
		cursor->at++;
		return count;
	}
	while (count > 0)
		irmin_shape_unref(parts[--count]);
	return -1;
}

static irmin_shape *read_tuple(struct cursor *cursor)
{
	irmin_shape *parts[PARTS];
	int count = read_parts(cursor, ')', parts);

	return count < 0 ? NULL : irmin_shape_tuple(parts, (size_t)count);
}

static irmin_shape *read_record(struct cursor *cursor)
{
	static const char *const names[PARTS] = { "b", "a\n", "", "c" };
	irmin_shape_field fields[PARTS];
	irmin_shape *parts[PARTS];
	int count = read_parts(cursor, '}', parts), i;

	for (i = 0; i < count; i++) {
		fields[i].name = names[i];
		fields[i].shape = parts[i];
	}
	return count < 0 ? NULL : irmin_shape_record(fields, (size_t)count);
}

static irmin_shape *read_shape(struct cursor *cursor)
{
	if (cursor->at == cursor->end)
		return NULL;
	switch (*cursor->at++) {
	case 'b':
		return irmin_shape_bytes();
	case 'i':
		return irmin_shape_int();
	case 'c':
		return irmin_shape_counter();
	case 'u':
		return irmin_shape_multiset();
	case 'j':
		return irmin_shape_log();
	case 'l':
		return irmin_shape_list(read_shape(cursor));
	case 's':
		return irmin_shape_set(read_shape(cursor));
	case 'm':
		return irmin_shape_map(read_shape(cursor));
	case 'w':
		return irmin_shape_lww(read_shape(cursor));
	case '(':
		return read_tuple(cursor);
	case '{':
		return read_record(cursor);
	default:
		return NULL;
	}
}

irmin_shape *shape_of(irmin_slice text)
{
	struct cursor cursor = { text.data, text.data };
	irmin_shape *shape;

	if (text.len == 0)
		return NULL;
	cursor.end += text.len;
	shape = read_shape(&cursor);
	if (cursor.at == cursor.end)
		return shape;
	irmin_shape_unref(shape);
	return NULL;
}
