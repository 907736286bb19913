#include "lib/merge/value.h"
#include "tests/fuzz/fuzz.h"

/* A text that is taken is the only one of its value. */
static void check_text(irmin_slice text)
{
	irmin_buf again = IRMIN_BUF_INIT;
	irmin_value *value = NULL;
	irmin_error err;
	irmin_rc rc = irmin_value_decode_json(text, &value, &err);

	if (rc < 0) {
		REQUIRE(rc == IRMIN_EINVAL || rc == IRMIN_ELIMIT);
		REQUIRE(err.offset <= text.len && !value);
		return;
	}
	REQUIRE(irmin_value_encode_json(value, &again, NULL) == IRMIN_OK);
	REQUIRE(irmin_slice_equal(irmin_buf_slice(&again), text));
	irmin_value_unref(value);
	irmin_buf_clear(&again);
}

/* Bytes that JSON has a text for are read out of it again. */
static void check_bytes(irmin_slice bytes)
{
	irmin_value *value = NULL, *back = NULL;
	irmin_buf text = IRMIN_BUF_INIT;

	REQUIRE(irmin_value_of_bytes(bytes, &value, NULL) == IRMIN_OK);
	if (irmin_value_encode_json(value, &text, NULL) >= 0) {
		REQUIRE(irmin_value_decode_json(irmin_buf_slice(&text), &back,
			    NULL) == IRMIN_OK);
		REQUIRE(irmin__value_same(value, back));
	}
	irmin_value_unref(value);
	irmin_value_unref(back);
	irmin_buf_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	check_text(irmin_bytes(bytes, len));
	check_bytes(irmin_bytes(bytes, len));
	return 0;
}
