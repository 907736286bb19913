#include <stdint.h>

#include <irmin/bytes.h>

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

static int compare(const char *a, const char *b)
{
	int order = irmin_slice_compare(irmin_text(a), irmin_text(b));

	return (order > 0) - (order < 0);
}

static void test_slice(void)
{
	is_int(irmin_text(NULL).len, 0, "NULL is the empty text");
	is_int(compare("", ""), 0, "empty and empty");
	is_int(compare("", "a"), -1, "a prefix is first: empty");
	is_int(compare("ab", "a"), 1, "a prefix is first");
	is_int(compare("\xff", "a"), 1, "bytes are unsigned");
	is_int(compare("abc", "abc"), 0, "the same");
	ok(irmin_slice_equal(irmin_bytes("a\0b", 3), irmin_bytes("a\0b", 3)),
	    "equal over a NUL");
	ok(!irmin_slice_equal(irmin_bytes("a\0b", 3), irmin_bytes("a\0c", 3)),
	    "differing behind a NUL");
	ok(!irmin_slice_equal(irmin_text("a"), irmin_text("ab")), "a prefix");
	ok(irmin_slice_equal(irmin_bytes(NULL, 0), irmin_text("")),
	    "NULL equals empty");
}

static void count_release(void *owner)
{
	++*(int *)owner;
}

static void test_pin(void)
{
	int released = 0;
	irmin_pin pin = { "x", 1, count_release, &released };
	irmin_pin empty = IRMIN_PIN_INIT;

	irmin_pin_release(&pin);
	irmin_pin_release(&pin);
	is_int(released, 1, "a pin is released once");
	ok(!pin.data && !pin.len, "and is empty then");
	irmin_pin_release(&empty);
}

static void test_buf(void)
{
	irmin_buf buf = IRMIN_BUF_INIT;
	irmin_error err;
	int i;

	is_rc(irmin_buf_set(&buf, irmin_text(""), &err), IRMIN_OK, "set empty");
	ok(buf.data && buf.data[0] == '\0', "an empty buf has its NUL");
	is_rc(irmin_buf_set(&buf, irmin_bytes("a\0b", 3), &err), IRMIN_OK,
	    "set");
	is_mem(buf.data, buf.len + 1, "a\0b\0", 4, "bytes and a NUL");
	is_rc(irmin_buf_set(&buf, irmin_text("z"), &err), IRMIN_OK, "shorter");
	is_mem(buf.data, buf.len + 1, "z\0", 2, "bytes and a NUL");
	for (i = 0; i < 1000; i++)
		if (irmin_buf_append(&buf, irmin_text("0123456789"), &err) < 0)
			bail("append: %s", err.text);
	is_int(buf.len, 10001, "a thousand appended");
	is_mem(buf.data + 9991, 11, "0123456789", 11, "with a NUL behind");
	ok(buf.cap < 2 * buf.len, "growth is by half");
	irmin_buf_clear(&buf);
	ok(!buf.data && !buf.len && !buf.cap, "clear empties");
	irmin_buf_clear(&buf);
}

static void test_overflow(void)
{
	irmin_buf buf = IRMIN_BUF_INIT;
	irmin_error err;

	is_rc(irmin_buf_set(&buf, irmin_text("abc"), &err), IRMIN_OK, "set");
	is_rc(irmin_buf_reserve(&buf, SIZE_MAX, &err), IRMIN_ENOMEM,
	    "more than there can be");
	is_rc(irmin_buf_reserve(&buf, SIZE_MAX - 3, &err), IRMIN_ENOMEM,
	    "no room for the NUL");
	is_mem(buf.data, buf.len, "abc", 3, "the buf is as before");
	irmin_buf_clear(&buf);
}

static irmin_rc fill(void *arg, irmin_error *err)
{
	irmin_buf buf = IRMIN_BUF_INIT;
	size_t len = 0;
	irmin_rc rc = IRMIN_OK;

	(void)arg;
	while (rc >= 0 && len < 1000) {
		len = buf.len;
		rc = irmin_buf_append(&buf, irmin_text("a piece of it"), err);
	}
	if (rc < 0 && (buf.len != len || (buf.data && buf.data[len])))
		rc = IRMIN_ECORRUPT;
	irmin_buf_clear(&buf);
	return rc;
}

int main(void)
{
	test_slice();
	test_pin();
	test_buf();
	test_overflow();
	ok(alloc_fault_sweep("append", fill, NULL) > 3,
	    "it grew several times");
	is_int(alloc_fault_live(), 0, "nothing leaked");
	return done_testing();
}
