/* A fuzz target is a file fuzz-NAME.c with LLVMFuzzerTestOneInput, a line in the
 * table of meson.build, and a folder of small inputs, corpus/NAME. libFuzzer
 * looks for new inputs (tests/fuzz/run); replay.c runs the old ones, and many
 * close to them, as an ordinary test.
 */
#ifndef IRMIN_TESTS_FUZZ_H
#define IRMIN_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* What must hold whatever the input is. */
#define REQUIRE(condition)                                                     \
	((condition) ? (void)0                                                 \
	             : (fprintf(stderr, "%s:%d: does not hold: %s\n",          \
	                    __FILE__, __LINE__, #condition),                   \
	                 abort()))

#endif
