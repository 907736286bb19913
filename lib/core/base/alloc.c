/* These four and nothing else, so that a program that links the static library
 * and defines all four gets its own. */
#include <irmin/alloc.h>

#include <stdlib.h>

void *irmin_malloc(size_t size)
{
	return malloc(size ? size : 1);
}

void *irmin_calloc(size_t count, size_t size)
{
	return count && size ? calloc(count, size) : calloc(1, 1);
}

void *irmin_realloc(void *block, size_t size)
{
	return realloc(block, size ? size : 1);
}

void irmin_free(void *block)
{
	free(block);
}
