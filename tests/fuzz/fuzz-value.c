/* The first line tells a shape (tests/support/shape-text.h); the rest is what
 * could be the form of a value of it. */
#include "lib/core/base/slice.h"
#include "lib/merge/value.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/shape-text.h"

#define SHAPE_BYTES 24 /* what a shape is told in at most */

/* A form that is taken is the only one of its value. */
static void check_form(const irmin_shape *shape, irmin_slice form)
{
	irmin_buf again = IRMIN_BUF_INIT;
	irmin_value *value = NULL;
	irmin_error err;
	irmin_rc rc = irmin_value_decode(form, shape, &value, &err);

	if (rc < 0) {
		REQUIRE(rc == IRMIN_EINVAL && err.offset <= form.len && !value);
		return;
	}
	REQUIRE(irmin_value_encode(value, shape, &again, NULL) == IRMIN_OK);
	REQUIRE(irmin_slice_equal(irmin_buf_slice(&again), form));
	irmin_value_unref(value);
	irmin_buf_clear(&again);
}

/* Any bytes have a form, which is a line. */
static void check_bytes(const irmin_shape *shape, irmin_slice bytes)
{
	irmin_value *value = NULL, *back = NULL;
	irmin_buf form = IRMIN_BUF_INIT;

	REQUIRE(irmin_value_of_bytes(bytes, &value, NULL) == IRMIN_OK);
	REQUIRE(irmin_value_encode(value, shape, &form, NULL) == IRMIN_OK);
	REQUIRE(!irmin__slice_has(irmin_buf_slice(&form), '\n'));
	REQUIRE(irmin_value_decode(irmin_buf_slice(&form), shape, &back,
		    NULL) == IRMIN_OK);
	REQUIRE(irmin__value_same(value, back));
	irmin_value_unref(value);
	irmin_value_unref(back);
	irmin_buf_clear(&form);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	irmin_slice text = irmin_bytes(bytes, len);
	size_t name = irmin__slice_find(text, '\n');
	irmin_shape *shape = irmin_shape_bytes();

	check_bytes(shape, text);
	irmin_shape_unref(shape);
	if (name == len || name > SHAPE_BYTES)
		return 0;
	shape = shape_of(irmin__slice_until(text, name));
	if (shape)
		check_form(shape, irmin__slice_from(text, name + 1));
	irmin_shape_unref(shape);
	return 0;
}
