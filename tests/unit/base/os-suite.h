/*
 * os-suite.h - what every irmin__os must do
 *
 * One table of cases, run over the machine and over the simulator, so that the
 * simulator is held to the real thing.
 */
#ifndef IRMIN_TESTS_OS_SUITE_H
#define IRMIN_TESTS_OS_SUITE_H

#include "lib/core/base/os.h"

/* Runs all cases, each in a directory of its own below `root`, which is there. */
void os_suite(const char *name, irmin__os *os, const char *root);

#endif
