/*
 * os-suite-place.h - where a case of the os suite works, and its helpers
 */
#ifndef IRMIN_TESTS_OS_SUITE_PLACE_H
#define IRMIN_TESTS_OS_SUITE_PLACE_H

#include "lib/core/base/os.h"

struct place {
	irmin__os *os;
	const char *dir;
	irmin_error err;
};

#define WRITE_NEW  (IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_EXCLUSIVE)
#define WRITE_OVER (IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_TRUNCATE)
#define WRITE_END  (IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_APPEND)

struct os_case {
	const char *name;
	void (*run)(struct place *place);
};

/* Each ends with a case without a name. */
extern const struct os_case os_file_cases[], os_name_cases[];

/* The path of a name in the place's directory. */
const char *at(struct place *place, const char *name);

/* Opens, writes and closes a file. */
irmin_rc put(struct place *place, const char *name, uint32_t flags,
    const char *text);

/* These bail if they cannot. */
void make(struct place *place, const char *name, const char *text);
void make_dir(struct place *place, const char *name);
irmin__os_stat stat_of(struct place *place, const char *name);

/* Checks a file's contents; NULL: there is no file. */
void holds(struct place *place, const char *name, const char *text);

/* Checks a failure that place->err tells of, at `where`. */
void refuses(struct place *place, irmin_rc rc, irmin_rc want, const char *where,
    const char *what);

#endif
