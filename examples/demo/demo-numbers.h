/*
 * demo-numbers.h - what writer and reader agree on
 *
 * State n: the paths d/0/0, d/0/1, ... d/<n/100>/<n%100> each hold their own
 * number, and `latest` holds n, in sixteen digits. Each state is one commit, so
 * whoever looks must see exactly one of them, whole.
 */
#ifndef DEMO_NUMBERS_H
#define DEMO_NUMBERS_H

#include <irmin/bytes.h>

#define DEMO_PER_DIRECTORY 100

/* A path or a value, as text. */
struct demo_text {
	char text[40];
};

struct demo_text demo_path(long n);
struct demo_text demo_value(long n);

/* The number that a value holds; -1 if it is none of ours. */
long demo_number(irmin_slice value);

#endif
