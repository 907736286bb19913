/* lib/merge/contents.h: the inside of contents types. */
#ifndef IRMIN_MERGE_CONTENTS_H
#define IRMIN_MERGE_CONTENTS_H

#include "lib/core/base/count.h"
#include <irmin/contents.h>

struct irmin_contents {
	atomic_size_t refs;
	irmin_contents_class cls; /* with all members of this version */
	irmin_merge *merge;
	void *arg;
	void (*destroy)(void *arg); /* or NULL */
	char name[];                /* the name in the class points to it */
};

/* Bytes under a merge, which is consumed, by another name than "bytes". */
irmin_contents *irmin__contents_bytes(const char *name, irmin_merge *merge);

#endif
