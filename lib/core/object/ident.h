/* lib/core/object/ident.h: "Name <e-mail> seconds +zone" as git writes it. */
#ifndef IRMIN_OBJECT_IDENT_H
#define IRMIN_OBJECT_IDENT_H

#include <irmin/info.h>

/* Reads an ident as found in an object. Tolerant as git is: what cannot be read
 * is empty or 0; never fails. The slices point into `line`. */
irmin_ident irmin__ident_parse(irmin_slice line);

/* Splits "Name <e-mail>" as given by a caller. Fails: EINVAL naming the rule
 * (no angle brackets, brackets or NUL or newline inside, ...). Surrounding
 * blanks are dropped; an empty name is allowed, as in git. */
irmin_rc irmin__ident_split(irmin_slice text, irmin_slice *name,
    irmin_slice *email, irmin_error *err);

/* Appends "Name <e-mail> seconds +zone". Fails: EINVAL (what fsck refuses:
 * brackets, NUL, newline; time below 0; zone beyond 9999), ENOMEM. */
irmin_rc irmin__ident_append(irmin_buf *out, const irmin_ident *ident,
    irmin_error *err);

#endif
