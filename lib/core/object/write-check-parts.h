/* lib/core/object/write-check-parts.h: what the files of write-check.h ask each
 * other. A rule is a sentence for people: what is wrong, and in brackets what
 * git's fsck calls it; NULL where nothing is.
 */
#ifndef IRMIN_OBJECT_WRITE_CHECK_PARTS_H
#define IRMIN_OBJECT_WRITE_CHECK_PARTS_H

#include "lib/core/object/write-check.h"

/* What a name may not be. */
const char *irmin__rule_of_step(irmin_slice step);

/* What an entry of this name may not be: where we make it, and where it comes
 * from others, whom fsck allows more. */
const char *irmin__rule_of_entry(irmin_slice step, irmin_mode mode);
const char *irmin__rule_of_foreign_entry(irmin_slice step, irmin_mode mode);

/* "Name <e-mail> seconds +zone"; a line without data is missing. */
const char *irmin__rule_of_ident(irmin_slice line);

/* The url of a submodule. */
const char *irmin__rule_of_url(irmin_slice url);

/* What every commit must have that could be parsed. */
irmin_rc irmin__check_any_commit(const irmin__commit_data *commit,
    irmin_error *err);

/* EINVAL "bad <what>: <broken>"; OK if `broken` is NULL. */
irmin_rc irmin__refuse(const char *what, const char *broken, irmin_error *err);

/* The same of a step, with its name. */
irmin_rc irmin__refuse_step(irmin_slice step, const char *broken,
    irmin_error *err);

#endif
