/* Contents types: a name, a codec and a merge, counted. */
#include "lib/merge/contents.h"

#include "lib/core/base/error.h"
#include "lib/core/base/options.h"
#include <irmin/alloc.h>

/* ---- life ---- */

/* The class as we know it. Fails where it is not whole, or there is no memory. */
static irmin_contents *new_contents(const irmin_contents_class *cls)
{
	irmin_contents_class known;
	irmin_contents *made;
	size_t length;

	if (irmin__options_read(&known, sizeof known, cls,
		"irmin_contents_class", NULL) < 0 ||
	    !known.name || !known.decode || !known.encode)
		return NULL;
	length = strlen(known.name) + 1;
	made = irmin_calloc(1, sizeof *made + length);
	if (!made)
		return NULL;
	atomic_init(&made->refs, 1);
	made->cls = known;
	made->cls.name = memcpy(made->name, known.name, length);
	return made;
}

irmin_contents *irmin_contents_new(const irmin_contents_class *cls,
    irmin_merge *merge, void *arg, void (*destroy)(void *arg))
{
	irmin_contents *made = merge ? new_contents(cls) : NULL;

	if (!made) {
		irmin_merge_unref(merge);
		if (destroy)
			destroy(arg);
		return NULL;
	}
	made->merge = merge;
	made->arg = arg;
	made->destroy = destroy;
	return made;
}

irmin_contents *irmin_contents_ref(irmin_contents *contents)
{
	if (contents)
		irmin__count_up(&contents->refs);
	return contents;
}

void irmin_contents_unref(irmin_contents *contents)
{
	if (!contents || !irmin__count_down(&contents->refs))
		return;
	irmin_merge_unref(contents->merge);
	if (contents->destroy)
		contents->destroy(contents->arg);
	irmin_free(contents);
}

const char *irmin_contents_name(const irmin_contents *contents)
{
	return contents->name;
}

irmin_merge *irmin_contents_merge(const irmin_contents *contents)
{
	return contents->merge;
}

/* ---- bytes and values ---- */

/* A class of one's own that fails without words is given some. */
static irmin_rc answer(const irmin_contents *contents, irmin_rc rc,
    const char *doing, irmin_error *err)
{
	if (rc >= 0)
		return IRMIN_OK;
	if (err && err->code != rc)
		return irmin_error_set(err, rc, NULL,
		    "cannot %s %s: its codec answered %d (%s)", doing,
		    contents->name, (int)rc, irmin_rc_text(rc));
	return rc;
}

irmin_rc irmin_contents_decode(const irmin_contents *contents,
    irmin_slice bytes, irmin_value **value, irmin_error *err)
{
	irmin_rc rc;

	irmin_error_clear(err);
	*value = NULL;
	rc = contents->cls.decode(contents->arg, bytes, value, err);
	if (rc >= 0 && !*value)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "cannot read %s: its codec gave no value", contents->name);
	return answer(contents, rc, "read", err);
}

irmin_rc irmin_contents_encode(const irmin_contents *contents,
    const irmin_value *value, irmin_buf *bytes, irmin_error *err)
{
	irmin_error_clear(err);
	return answer(contents,
	    contents->cls.encode(contents->arg, value, bytes, err), "write",
	    err);
}

/* ---- bytes ---- */

static irmin_rc decode_bytes(void *arg, irmin_slice bytes, irmin_value **value,
    irmin_error *err)
{
	(void)arg;
	return irmin_value_of_bytes(bytes, value, err);
}

static irmin_rc encode_bytes(void *arg, const irmin_value *value,
    irmin_buf *bytes, irmin_error *err)
{
	(void)arg;
	if (irmin_value_what(value) != IRMIN_VALUE_BYTES)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "the value is not bytes");
	return irmin_buf_append(bytes, irmin_value_bytes(value), err);
}

irmin_contents *irmin__contents_bytes(const char *name, irmin_merge *merge)
{
	irmin_contents_class cls = { .size = sizeof cls,
		.name = name,
		.decode = decode_bytes,
		.encode = encode_bytes };

	return irmin_contents_new(&cls, merge, NULL, NULL);
}

irmin_contents *irmin_contents_bytes(irmin_merge *merge)
{
	return irmin__contents_bytes("bytes", merge);
}
