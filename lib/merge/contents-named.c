/* Contents types that come with the library. */
#include "lib/merge/contents.h"

#include "lib/merge/merge.h"

/* ---- values of a shape, which is the argument ---- */

static irmin_rc decode_shape(void *arg, irmin_slice bytes, irmin_value **value,
    irmin_error *err)
{
	return irmin_value_decode(bytes, arg, value, err);
}

static irmin_rc encode_shape(void *arg, const irmin_value *value,
    irmin_buf *bytes, irmin_error *err)
{
	return irmin_value_encode(value, arg, bytes, err);
}

static void destroy_shape(void *arg)
{
	irmin_shape_unref(arg);
}

irmin_contents *irmin_contents_values(const char *name, irmin_merge *merge)
{
	irmin_contents_class cls = { .size = sizeof cls,
		.name = name,
		.decode = decode_shape,
		.encode = encode_shape };
	irmin_shape *shape = irmin__merge_shape_of(merge);

	return irmin_contents_new(&cls, merge, shape, destroy_shape);
}

irmin_contents *irmin_contents_record(const char *name,
    const irmin_merge_field *fields, size_t count)
{
	return irmin_contents_values(name, irmin_merge_record(fields, count));
}

/* ---- JSON, and lines ---- */

static irmin_rc decode_json(void *arg, irmin_slice bytes, irmin_value **value,
    irmin_error *err)
{
	(void)arg;
	return irmin_value_decode_json(bytes, value, err);
}

static irmin_rc encode_json(void *arg, const irmin_value *value,
    irmin_buf *bytes, irmin_error *err)
{
	(void)arg;
	return irmin_value_encode_json(value, bytes, err);
}

irmin_contents *irmin_contents_json(void)
{
	irmin_contents_class cls = { .size = sizeof cls,
		.name = "json",
		.decode = decode_json,
		.encode = encode_json };

	return irmin_contents_new(&cls, irmin_merge_json(), NULL, NULL);
}

irmin_contents *irmin_contents_lines(void)
{
	return irmin__contents_bytes("text", irmin_merge_text());
}

/* ---- by name ---- */

static irmin_merge *make_int_min(void)
{
	return irmin_merge_on(irmin_shape_int(), irmin_merge_min());
}

static irmin_merge *make_int_max(void)
{
	return irmin_merge_on(irmin_shape_int(), irmin_merge_max());
}

static irmin_merge *make_list(void)
{
	return irmin_merge_on(irmin_shape_list(irmin_shape_bytes()),
	    irmin_merge_idempotent());
}

static irmin_merge *make_map(void)
{
	return irmin_merge_map(irmin_merge_idempotent());
}

/* Values of the shape of their merge, bytes under a merge, or neither. */
static const struct named {
	const char *name;
	irmin_merge *(*values)(void);
	irmin_merge *(*bytes)(void);
	irmin_contents *(*whole)(void);
} all_named[] = {
	{ "bytes", NULL, irmin_merge_idempotent, NULL },
	{ "counter", irmin_merge_counter, NULL, NULL },
	{ "int-max", make_int_max, NULL, NULL },
	{ "int-min", make_int_min, NULL, NULL },
	{ "json", NULL, NULL, irmin_contents_json },
	{ "list", make_list, NULL, NULL },
	{ "log", irmin_merge_log, NULL, NULL },
	{ "lww", irmin_merge_lww, NULL, NULL },
	{ "map", make_map, NULL, NULL },
	{ "multiset", irmin_merge_multiset, NULL, NULL },
	{ "ours", NULL, irmin_merge_ours, NULL },
	{ "set", irmin_merge_set, NULL, NULL },
	{ "text", NULL, NULL, irmin_contents_lines },
	{ "theirs", NULL, irmin_merge_theirs, NULL },
};

irmin_contents *irmin_contents_named(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof all_named / sizeof *all_named; i++) {
		const struct named *named = &all_named[i];

		if (strcmp(named->name, name) != 0)
			continue;
		if (named->whole)
			return named->whole();
		if (named->bytes)
			return irmin__contents_bytes(name, named->bytes());
		return irmin_contents_values(name, named->values());
	}
	return NULL;
}
