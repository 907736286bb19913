#include "examples/demo/demo-numbers.h"

#include <stdio.h>
#include <stdlib.h>

struct demo_text demo_path(long n)
{
	struct demo_text path;

	snprintf(path.text, sizeof(path.text), "d/%ld/%ld",
	    n / DEMO_PER_DIRECTORY, n % DEMO_PER_DIRECTORY);
	return path;
}

struct demo_text demo_value(long n)
{
	struct demo_text value;

	snprintf(value.text, sizeof(value.text), "%016ld", n);
	return value;
}

long demo_number(irmin_slice value)
{
	char text[17];
	char *end;
	long n;

	if (value.len != 16)
		return -1;
	memcpy(text, value.data, 16);
	text[16] = '\0';
	n = strtol(text, &end, 10);
	return *end ? -1 : n;
}
