/* lib/core/base/hex.h: bytes as hexadecimal digits. */
#ifndef IRMIN_BASE_HEX_H
#define IRMIN_BASE_HEX_H

#include <stddef.h>

/* Writes 2 * len lower-case digits and a NUL. */
void irmin__hex_encode(const unsigned char *bytes, size_t len, char *hex);

/* Reads 2 * len digits of either case; returns 0, or -1 at a non-digit. */
int irmin__hex_decode(const char *hex, size_t len, unsigned char *bytes);

/* The value of one digit, or -1. */
int irmin__hex_digit(char digit);

#endif
