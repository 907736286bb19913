/*
 * hostile-names.h - names with which a directory goes wrong that can go wrong
 *
 * All of them may be written. Many begin alike, many sort between a file and a
 * directory of the same name, some are as long as names may be.
 */
#ifndef IRMIN_TESTS_HOSTILE_NAMES_H
#define IRMIN_TESTS_HOSTILE_NAMES_H

#include <stdint.h>

/* A name, kept until exit; `chance` is that of random_next. */
const char *hostile_name(uint64_t *chance);

#endif
