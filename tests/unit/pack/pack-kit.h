/* pack-kit.h - files, ids and the real git for the tests of packs. */
#ifndef IRMIN_TESTS_PACK_KIT_H
#define IRMIN_TESTS_PACK_KIT_H

#include "lib/core/base/os.h"
#include <irmin/hash.h>

#include "tests/support/tap.h"

/* "<scratch directory>/<name>" */
const char *kit_path(const char *name);

/* What a shell command says on standard output, without the last newline, run
 * in a directory below the scratch directory ("" for that itself). Bails if the
 * command fails. */
const char *kit_says(const char *dir, const char *command, ...)
    IRMIN_PRINTF(2, 3);

/* A new file, open for writing; bails. */
irmin__file *kit_create(const char *path);

/* The whole file; bails if it is not there. Freed by irmin_buf_clear. */
irmin_buf kit_read(const char *path);

irmin_oid kit_hash(irmin_hash_algo algo, irmin_object_type type,
    irmin_slice data);
irmin_oid kit_id(const char *hex);

/* `len` bytes that do not compress. */
void kit_noise(unsigned char *bytes, size_t len, unsigned seed);

#endif
