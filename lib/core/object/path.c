#include "lib/core/object/path.h"

#include <stdatomic.h>
#include <stdint.h>

#include <irmin/alloc.h>

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/object/write-check.h"

static const irmin__path_limits default_limits = { 4096, 255, 512 };

typedef irmin_rc (*step_check)(irmin_slice step, irmin_error *err);

irmin_rc irmin__path_step_next(irmin_slice *rest, irmin_slice *step)
{
	while (irmin__slice_begins(*rest, "/"))
		*rest = irmin__slice_from(*rest, 1);
	*step = irmin__slice_until(*rest, irmin__slice_find(*rest, '/'));
	*rest = irmin__slice_from(*rest, step->len);
	return step->len ? IRMIN_OK : IRMIN_END;
}

/* ---- checks ---- */

static irmin_rc check_step_read(irmin_slice step, irmin_error *err)
{
	if (!irmin__slice_has(step, '\0'))
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_EINVAL, NULL,
	    "bad path: a step has a NUL");
}

static irmin_rc check_step_write(irmin_slice step, irmin_error *err)
{
	if (irmin__slice_is(step, IRMIN__RESERVED_STEP))
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "bad step \"" IRMIN__RESERVED_STEP "\": it is reserved for "
		    "the types of directories");
	return irmin__check_step(step, err);
}

static irmin_rc too_large(irmin_rc code, const char *what, size_t limit,
    irmin_error *err)
{
	return irmin_error_set(err, code, NULL,
	    "bad path: %s, where %zu are allowed", what, limit);
}

static irmin_rc check_steps(irmin_slice text, const irmin__path_limits *limits,
    step_check check, irmin_error *err)
{
	irmin_slice step;
	size_t depth = 0;
	irmin_rc rc = IRMIN_OK;

	if (text.len > limits->path_bytes)
		return too_large(IRMIN_ELIMIT, "it has too many bytes",
		    limits->path_bytes, err);
	while (rc >= 0 && irmin__path_step_next(&text, &step) == IRMIN_OK) {
		if (++depth > limits->depth)
			return too_large(IRMIN_ELIMIT, "it has too many steps",
			    limits->depth, err);
		if (step.len > limits->step_bytes)
			return too_large(IRMIN_EINVAL,
			    "a step has too many bytes", limits->step_bytes,
			    err);
		rc = check(step, err);
	}
	return rc;
}

irmin__path_limits irmin__path_limits_resolve(const irmin__path_limits *limits)
{
	irmin__path_limits all = default_limits;

	if (limits && limits->path_bytes)
		all.path_bytes = limits->path_bytes;
	if (limits && limits->step_bytes)
		all.step_bytes = limits->step_bytes;
	if (limits && limits->depth)
		all.depth = limits->depth;
	return all;
}

/* Of a long path the end, as `where` does. */
irmin_rc irmin__path_locate(irmin_error *err, irmin_rc rc, irmin_slice text)
{
	char where[sizeof err->where + 1];
	size_t length = text.len < sizeof where ? text.len : sizeof where - 1;

	if (length)
		memcpy(where, (const char *)text.data + text.len - length,
		    length);
	where[length] = '\0';
	return irmin__error_locate(err, rc, where);
}

static irmin_rc check_path(irmin_slice text, const irmin__path_limits *limits,
    step_check check, irmin_error *err)
{
	irmin__path_limits all = irmin__path_limits_resolve(limits);
	irmin_rc rc = check_steps(text, &all, check, err);

	return rc < 0 ? irmin__path_locate(err, rc, text) : rc;
}

irmin_rc irmin__path_check_read(irmin_slice text,
    const irmin__path_limits *limits, irmin_error *err)
{
	return check_path(text, limits, check_step_read, err);
}

irmin_rc irmin__path_check_write(irmin_slice text,
    const irmin__path_limits *limits, irmin_error *err)
{
	irmin__path_limits all = irmin__path_limits_resolve(limits);

	return check_steps(text, &all, check_step_write, err);
}

/* ---- the parsed form: one block, with the text behind the steps ---- */

struct irmin_path {
	atomic_size_t references;
	irmin_slice text;
	size_t length;
	irmin_slice steps[];
};

static size_t count_steps(irmin_slice text, size_t *bytes)
{
	irmin_slice step;
	size_t count = 0;

	for (*bytes = 0; irmin__path_step_next(&text, &step) == IRMIN_OK;
	     count++)
		*bytes += step.len + (count > 0);
	return count;
}

/* Copies the steps behind `path`, which has room for them. */
static void fill(irmin_path *path, irmin_slice text)
{
	char *out = (char *)(path->steps + path->length);
	irmin_slice step;
	size_t i;

	path->text.data = out;
	for (i = 0; irmin__path_step_next(&text, &step) == IRMIN_OK; i++) {
		if (i > 0)
			*out++ = '/';
		memcpy(out, step.data, step.len);
		path->steps[i] = irmin_bytes(out, step.len);
		out += step.len;
	}
	*out = '\0';
}

irmin_rc irmin_path_parse(irmin_slice text, irmin_path **path, irmin_error *err)
{
	size_t length, bytes;
	irmin_path *made;
	irmin_rc rc;

	irmin_error_clear(err);
	*path = NULL;
	rc = check_path(text, NULL, irmin__check_step, err);
	if (rc < 0)
		return rc;
	length = count_steps(text, &bytes);
	made = irmin_malloc(
	    sizeof *made + length * sizeof *made->steps + bytes + 1);
	if (!made)
		return irmin__enomem(err);
	atomic_init(&made->references, 1);
	made->text.len = bytes;
	made->length = length;
	fill(made, text);
	*path = made;
	return IRMIN_OK;
}

irmin_path *irmin_path_ref(irmin_path *path)
{
	atomic_fetch_add_explicit(&path->references, 1, memory_order_relaxed);
	return path;
}

void irmin_path_unref(irmin_path *path)
{
	if (path &&
	    atomic_fetch_sub_explicit(&path->references, 1,
		memory_order_acq_rel) == 1)
		irmin_free(path);
}

size_t irmin_path_length(const irmin_path *path)
{
	return path->length;
}

irmin_slice irmin_path_step(const irmin_path *path, size_t i)
{
	return i < path->length ? path->steps[i] : irmin_bytes(NULL, 0);
}

irmin_slice irmin_path_text(const irmin_path *path)
{
	return path->text;
}
