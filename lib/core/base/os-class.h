/* lib/core/base/os-class.h: the slots of an irmin__os, for its implementations.
 *
 * A slot answers what the function of its name in os.h promises. The wrappers
 * in os.c, its only callers, empty err and the outputs before, so a slot fills
 * them only when it has something to say.
 */
#ifndef IRMIN_BASE_OS_CLASS_H
#define IRMIN_BASE_OS_CLASS_H

#include "lib/core/base/os.h"

typedef struct irmin__os_class {
	size_t size; /* sizeof (irmin__os_class), so slots can be appended */

	irmin_rc (*open)(irmin__os *os, const char *path, uint32_t flags,
	    uint32_t mode, irmin__file **file, irmin_error *err);
	void (*close)(irmin__file *file);
	irmin_rc (*read)(irmin__file *file, uint64_t offset, void *bytes,
	    size_t len, size_t *got, irmin_error *err);
	irmin_rc (
	    *write)(irmin__file *file, irmin_slice bytes, irmin_error *err);
	irmin_rc (*write_at)(irmin__file *file, uint64_t offset,
	    irmin_slice bytes, irmin_error *err);
	irmin_rc (*sync)(irmin__file *file, irmin_error *err);
	irmin_rc (*stat_file)(irmin__file *file, irmin__os_stat *stat,
	    irmin_error *err);
	irmin_rc (*chmod)(irmin__file *file, uint32_t mode, irmin_error *err);
	irmin_rc (*lock)(irmin__file *file, irmin_error *err);

	irmin_rc (*stat_path)(irmin__os *os, const char *path, int follow,
	    irmin__os_stat *stat, irmin_error *err);
	irmin_rc (*rename)(irmin__os *os, const char *from, const char *to,
	    irmin_error *err);
	irmin_rc (*link)(irmin__os *os, const char *from, const char *to,
	    irmin_error *err);
	irmin_rc (*unlink)(irmin__os *os, const char *path, irmin_error *err);
	irmin_rc (*mkdir)(irmin__os *os, const char *path, uint32_t mode,
	    irmin_error *err);
	irmin_rc (*rmdir)(irmin__os *os, const char *path, irmin_error *err);
	irmin_rc (*chmod_path)(irmin__os *os, const char *path, uint32_t mode,
	    irmin_error *err);
	irmin_rc (*touch)(irmin__os *os, const char *path, irmin_error *err);
	irmin_rc (
	    *sync_directory)(irmin__os *os, const char *path, irmin_error *err);
	irmin_rc (*sync_all)(irmin__os *os, const char *path, irmin_error *err);
	irmin_rc (*readlink)(irmin__os *os, const char *path, irmin_buf *target,
	    irmin_error *err);
	irmin_rc (*each)(irmin__os *os, const char *path, irmin__os_name_fn fn,
	    void *arg, irmin_error *err);
	irmin_rc (*absolute)(irmin__os *os, const char *path, irmin_buf *out,
	    irmin_error *err);

	int64_t (*now_us)(irmin__os *os);
	int64_t (*monotonic_us)(irmin__os *os);
	void (*sleep_us)(irmin__os *os, int64_t us);
	int32_t (*zone)(irmin__os *os, int64_t seconds);
	irmin_rc (
	    *random)(irmin__os *os, void *bytes, size_t len, irmin_error *err);
	void (*host)(irmin__os *os, char *name, size_t name_bytes);
	void (*user)(irmin__os *os, char *name, size_t name_bytes);
	const char *(*environment)(irmin__os *os, const char *name);

	/* Optional: without it nobody is known to have a file open. */
	irmin_rc (*holder)(irmin__os *os, const char *path, char *who,
	    size_t who_bytes);

	/* Optional, both or none: without them there are no maps. */
	irmin_rc (*map)(irmin__file *file, uint64_t offset, size_t len,
	    irmin_slice *bytes, irmin_error *err);
	void (*unmap)(irmin__os *os, irmin_slice bytes);
} irmin__os_class;

struct irmin__os {
	const irmin__os_class *cls;
};

struct irmin__file {
	const irmin__os_class *cls;
};

#endif
