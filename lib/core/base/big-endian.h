/* lib/core/base/big-endian.h: numbers in bytes, the highest first. */
#ifndef IRMIN_BASE_BIG_ENDIAN_H
#define IRMIN_BASE_BIG_ENDIAN_H

#include <stdint.h>

static inline uint32_t irmin__be32(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
		(uint32_t)at[2] << 8 | at[3];
}

static inline uint64_t irmin__be64(const unsigned char *at)
{
	return (uint64_t)irmin__be32(at) << 32 | irmin__be32(at + 4);
}

static inline void irmin__put_be32(unsigned char *at, uint32_t number)
{
	at[0] = (unsigned char)(number >> 24);
	at[1] = (unsigned char)(number >> 16);
	at[2] = (unsigned char)(number >> 8);
	at[3] = (unsigned char)number;
}

static inline void irmin__put_be64(unsigned char *at, uint64_t number)
{
	irmin__put_be32(at, (uint32_t)(number >> 32));
	irmin__put_be32(at + 4, (uint32_t)number);
}

#endif
