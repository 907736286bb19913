/* lib/open/open.h: the one file that knows every backend, for tests: opening on
 * another machine than this one (the simulator of lib/core/base). */
#ifndef IRMIN_OPEN_OPEN_H
#define IRMIN_OPEN_OPEN_H

#include "lib/core/base/os.h"
#include <irmin/store.h>

irmin_rc irmin__repo_open_on(irmin__os *os, const char *uri,
    const irmin_open_options *options, irmin_repo **repo, irmin_error *err);

irmin_rc irmin__store_open_on(irmin__os *os, const char *uri,
    const irmin_open_options *options, irmin_store **store, irmin_error *err);

/* A URI taken apart: scheme, the rest with its escapes undone, and the options
 * with what its keys say filled in. The strings belong to `uri`. */
typedef struct irmin__uri {
	char *scheme;  /* "mem", "git" */
	char *rest;
	char *branch;  /* or NULL */
	irmin_open_options options;
} irmin__uri;

irmin_rc irmin__uri_parse(irmin__os *os, const char *text,
    const irmin_open_options *options, irmin__uri *uri, irmin_error *err);
void irmin__uri_clear(irmin__uri *uri);

#endif
