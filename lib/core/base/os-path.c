#include "lib/core/base/os-path.h"

static void drop_step(irmin_buf *out)
{
	while (out->len > 1 && out->data[out->len - 1] != '/')
		out->len--;
	while (out->len > 1 && out->data[out->len - 1] == '/')
		out->len--;
	out->data[out->len] = '\0';
}

static irmin_rc append_step(irmin_buf *out, irmin_slice step, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	if (step.len == 0 || irmin_slice_equal(step, irmin_text(".")))
		return IRMIN_OK;
	if (irmin_slice_equal(step, irmin_text(".."))) {
		drop_step(out);
		return IRMIN_OK;
	}
	if (out->data[out->len - 1] != '/')
		rc = irmin_buf_append(out, irmin_text("/"), err);
	return rc < 0 ? rc : irmin_buf_append(out, step, err);
}

irmin_rc irmin__os_path_append(irmin_buf *out, const char *steps,
    irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	while (rc >= 0 && *steps) {
		size_t length = strcspn(steps, "/");

		rc = append_step(out, irmin_bytes(steps, length), err);
		steps += length + (steps[length] == '/');
	}
	return rc;
}
