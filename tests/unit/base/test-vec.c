#include <stdint.h>

#include "lib/core/base/vec.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

typedef IRMIN__VEC(uint32_t) numbers;

static irmin_rc count_up(numbers *vec, uint32_t end, irmin_error *err)
{
	uint32_t i;
	irmin_rc rc;

	for (i = 0; i < end; i++) {
		rc = IRMIN__VEC_RESERVE(vec, 1, err);
		if (rc < 0)
			return rc;
		IRMIN__VEC_PUSH(vec, i);
	}
	return IRMIN_OK;
}

static void test_push(void)
{
	numbers vec = { 0 };
	irmin_error err;
	uint32_t i, wrong = 0;

	is_rc(count_up(&vec, 1000, &err), IRMIN_OK, "a thousand items");
	is_int(vec.len, 1000, "its length");
	ok(vec.cap >= 1000 && vec.cap <= 1500, "growth is by half");
	for (i = 0; i < vec.len; i++)
		wrong += vec.items[i] != i;
	is_int(wrong, 0, "its items");
	IRMIN__VEC_CLEAR(&vec);
	ok(!vec.items && !vec.len && !vec.cap, "clear empties");
}

static void test_overflow(void)
{
	numbers vec = { 0 };
	irmin_error err;
	uint32_t *items;

	is_rc(count_up(&vec, 3, &err), IRMIN_OK, "three items");
	items = vec.items;
	is_rc(IRMIN__VEC_RESERVE(&vec, SIZE_MAX / 4, &err), IRMIN_ENOMEM,
	    "more bytes than there can be");
	is_rc(IRMIN__VEC_RESERVE(&vec, SIZE_MAX, &err), IRMIN_ENOMEM,
	    "more items than there can be");
	is_int(err.code, IRMIN_ENOMEM, "err is filled");
	ok(vec.items == items && vec.len == 3 && items[2] == 2,
	    "the vector is as before");
	IRMIN__VEC_CLEAR(&vec);
}

static irmin_rc fill(void *arg, irmin_error *err)
{
	numbers vec = { 0 };
	irmin_rc rc = count_up(&vec, 100, err);

	(void)arg;
	if (rc < 0 && vec.len && vec.items[vec.len - 1] != vec.len - 1)
		rc = IRMIN_ECORRUPT;
	IRMIN__VEC_CLEAR(&vec);
	return rc;
}

int main(void)
{
	test_push();
	test_overflow();
	alloc_fault_sweep("push", fill, NULL);
	return done_testing();
}
