#include "bench/bench-keys.h"

#include <string.h>

#define HISTORY_KEYS 1000

/* splitmix64 of k: no two are the same. */
static uint64_t mix(unsigned k)
{
	uint64_t x = (k + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

unsigned bench_random(unsigned k, unsigned limit)
{
	return (unsigned)(mix(k) % limit);
}

/* -> behind the last digit; no NUL */
static char *write_number(char *to, unsigned number)
{
	char digits[10];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	memcpy(to, digits + at, sizeof(digits) - at);
	return to + sizeof(digits) - at;
}

static void write_path(char *to, char top, unsigned i)
{
	*to++ = top;
	*to++ = '/';
	to = write_number(to, i / BENCH_PER_DIRECTORY);
	*to++ = '/';
	*write_number(to, i % BENCH_PER_DIRECTORY) = '\0';
}

void bench_path(unsigned i, char path[40])
{
	write_path(path, 'd', i);
}

void bench_flat_path(unsigned i, char path[40])
{
	uint64_t bits = mix(i);
	char *to = path;
	int shift;

	*to++ = 'd';
	*to++ = '/';
	for (shift = 60; shift >= 0; shift -= 4)
		*to++ = "0123456789abcdef"[(bits >> shift) & 15];
	*to = '\0';
}

void bench_value(unsigned i, char value[BENCH_VALUE_BYTES + 1])
{
	size_t at = BENCH_VALUE_BYTES;

	value[at] = '\0';
	while (at > 0) {
		value[--at] = (char)('0' + i % 10);
		i /= 10;
	}
}

void bench_key_set(unsigned i, struct bench_set *set)
{
	write_path(set->path, 'd', i);
	bench_value(i, set->value);
}

void bench_flat_set(unsigned i, struct bench_set *set)
{
	bench_flat_path(i, set->path);
	bench_value(i, set->value);
}

void bench_history_set(unsigned i, struct bench_set *set)
{
	write_path(set->path, 'h', i % HISTORY_KEYS);
	bench_value(i, set->value);
}

void bench_overwrite_set(unsigned i, unsigned keys, struct bench_set *set)
{
	write_path(set->path, 'd', bench_random(i, keys));
	bench_value(keys + i, set->value);
}

uint64_t bench_checksum(const void *value)
{
	uint64_t words[2];

	memcpy(words, value, sizeof(words));
	return words[0] ^ (words[1] << 7 | words[1] >> 57);
}
