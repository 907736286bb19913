/* taking.h - one way to take a pack that comes in parts, and what came of it. */
#ifndef IRMIN_TESTS_TAKING_H
#define IRMIN_TESTS_TAKING_H

#include "lib/pack/unpack.h"
#include "tests/unit/pack/pack-kit.h"

/* The file, in the scratch directory, that is written. */
#define TAKING_OUT "out.pack"

struct taking {
	irmin_hash_algo algo;
	irmin__unpack_options options;
	size_t part; /* bytes at a time; 0: all */
	irmin_buf pack;
	irmin_buf index;
	size_t used;
	uint64_t count;
	const char *stage; /* where it ended: "feed", "finish" */
};

/* A file of the scratch directory. */
struct taking taking_of(irmin_hash_algo algo, const char *pack);
void taking_clear(struct taking *taking);

/* Takes it; EINVAL if it is cut short. `arg` is the taking. */
irmin_rc take(void *arg, irmin_error *err);

/* And keeps nothing: for sweeps. */
irmin_rc take_and_forget(void *arg, irmin_error *err);

#endif
