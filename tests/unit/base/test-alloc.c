#include <stdint.h>
#include <string.h>

#include <irmin/alloc.h>

#include "tests/support/tap.h"

/* ASan would rather stop at an allocation that cannot be. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void test_nothing(void)
{
	char *block = irmin_malloc(0);

	ok(block, "malloc of nothing gives a block");
	irmin_free(block);
	block = irmin_calloc(3, 0);
	ok(block, "so does calloc of empty items");
	irmin_free(block);
	block = irmin_calloc(0, 3);
	ok(block, "and of no items");
	irmin_free(block);
	irmin_free(NULL);
}

static void test_too_much(void)
{
	volatile size_t huge = SIZE_MAX / 2;
	void *block = irmin_calloc(huge, 4);

	ok(!block, "calloc looks for overflow");
	irmin_free(block);
	block = irmin_malloc(huge);
	ok(!block, "more than there is");
	irmin_free(block);
}

static void test_contents(void)
{
	char *block = irmin_calloc(4, 4), *moved;
	volatile size_t huge = SIZE_MAX / 2;

	is_mem(block, 16, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, "zeroed");
	memcpy(block, "0123456789abcdef", 16);
	moved = irmin_realloc(block, huge);
	ok(!moved, "no more than there is");
	is_mem(block, 16, "0123456789abcdef", 16, "the block is kept");
	moved = irmin_realloc(block, 100000);
	is_mem(moved, 16, "0123456789abcdef", 16, "what was in it moves");
	irmin_free(moved);
	moved = irmin_realloc(NULL, 1);
	ok(moved, "realloc of no block");
	irmin_free(moved);
}

int main(void)
{
	test_nothing();
	test_too_much();
	test_contents();
	return done_testing();
}
