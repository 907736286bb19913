/* lib/core/object/write-check-name.h: the files that git itself reads from a
 * tree, whatever a file system makes of their names. A part of write-check.h.
 */
#ifndef IRMIN_OBJECT_WRITE_CHECK_NAME_H
#define IRMIN_OBJECT_WRITE_CHECK_NAME_H

#include <irmin/bytes.h>

typedef enum irmin__special {
	IRMIN__SPECIAL_NONE = 0,
	IRMIN__SPECIAL_MODULES,    /* .gitmodules */
	IRMIN__SPECIAL_ATTRIBUTES, /* .gitattributes */
	IRMIN__SPECIAL_IGNORE,     /* .gitignore */
	IRMIN__SPECIAL_MAILMAP     /* .mailmap */
} irmin__special;

/* Which of them a step is on some file system. */
irmin__special irmin__special_of(irmin_slice step);

#endif
