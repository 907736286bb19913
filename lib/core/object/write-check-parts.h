/* lib/core/object/write-check-parts.h: what the files of write-check.h ask each
 * other. A rule is a sentence for people: what is wrong, and in brackets what
 * git's fsck calls it; NULL where nothing is.
 */
#ifndef IRMIN_OBJECT_WRITE_CHECK_PARTS_H
#define IRMIN_OBJECT_WRITE_CHECK_PARTS_H

#include <irmin/bytes.h>

/* The files that git itself reads from a tree. */
typedef enum irmin__special {
	IRMIN__SPECIAL_NONE = 0,
	IRMIN__SPECIAL_MODULES,    /* .gitmodules */
	IRMIN__SPECIAL_ATTRIBUTES, /* .gitattributes */
	IRMIN__SPECIAL_IGNORE,     /* .gitignore */
	IRMIN__SPECIAL_MAILMAP     /* .mailmap */
} irmin__special;

/* Which of them a step is, on some file system. */
irmin__special irmin__special_of(irmin_slice step);

/* What a name may not be. */
const char *irmin__rule_of_step(irmin_slice step);

/* "Name <e-mail> seconds +zone". */
const char *irmin__rule_of_ident(irmin_slice line);

/* The url of a submodule. */
const char *irmin__rule_of_url(irmin_slice url);

#endif
