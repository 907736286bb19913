/* lib/core/object/refname.h: which names refs may have (git-check-ref-format). */
#ifndef IRMIN_OBJECT_REFNAME_H
#define IRMIN_OBJECT_REFNAME_H

#include <irmin/bytes.h>

/* A full ref name: HEAD and the like (capitals and '_', no slash), or
 * refs/.../... Fails: EINVAL naming the rule; also for names that could leave
 * the ref directory. */
irmin_rc irmin__refname_check(irmin_slice name, irmin_error *err);

/* A branch name without refs/heads/: as `git check-ref-format --branch`, so not
 * "HEAD" and not beginning with '-'. */
irmin_rc irmin__refname_check_branch(irmin_slice name, irmin_error *err);

/* A tag name without refs/tags/: as git tag takes it, so not "HEAD" and not
 * beginning with '-'. */
irmin_rc irmin__refname_check_tag(irmin_slice name, irmin_error *err);

#endif
