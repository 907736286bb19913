/*
 * sim-kit.h - what the tests of the simulator are written with
 *
 * All bail if they cannot, but sim_put, which answers.
 */
#ifndef IRMIN_TESTS_SIM_KIT_H
#define IRMIN_TESTS_SIM_KIT_H

#include "lib/core/base/os-sim.h"

#define NEW  (IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_EXCLUSIVE)
#define OVER (IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_TRUNCATE)
#define END  (IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_APPEND)

/* What to do with a file that was written. */
enum then { LEAVE, SYNC };

irmin__os *sim_machine(uint64_t seed);
irmin_rc sim_put(irmin__os *os, const char *path, uint32_t flags,
    irmin_slice bytes, enum then then);
void sim_make(irmin__os *os, const char *path, const char *text,
    enum then then);
void sim_sync_names(irmin__os *os, const char *path);
void sim_crash(irmin__os *os, irmin__os_loss loss);

/* What a file holds; "-" if there is none. */
const char *sim_contents(irmin__os *os, const char *path);

#endif
