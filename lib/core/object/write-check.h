/* lib/core/object/write-check.h: what git's fsck --strict would refuse.
 *
 * One guard for everything that we make: steps, trees, commits, tags, and the
 * contents of the files git reads itself. Facts from git 2.39's fsck.c
 * documentation (git-fsck, fsck.<msg-id>) and verify_path with core.protectHFS
 * and core.protectNTFS. Every refusal is EINVAL and names the rule.
 */
#ifndef IRMIN_OBJECT_WRITE_CHECK_H
#define IRMIN_OBJECT_WRITE_CHECK_H

#include "lib/core/object/commit-codec.h"
#include "lib/core/object/tag-codec.h"
#include <irmin/tree.h>

/* A name in a tree: not empty, no NUL, no '/', not ".", "..", ".git" or what
 * HFS+ and NTFS take for it (".GIT ", "git~1", ".g\u200cit", "a\.git", ".git::$x",
 * ...). */
irmin_rc irmin__check_step(irmin_slice step, irmin_error *err);

/* A name with the kind of its entry: .gitmodules, .gitattributes, .gitignore and
 * .mailmap (and their disguises) must be files. */
irmin_rc irmin__check_entry(irmin_slice step, irmin_mode mode,
    irmin_error *err);

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

/* Non-zero if the contents of a file of this name must pass
 * irmin__check_special. */
int irmin__check_is_special(irmin_slice step);

/* The contents of .gitmodules or .gitattributes. */
irmin_rc irmin__check_special(irmin_slice step, irmin_slice contents,
    irmin_error *err);

/* What a commit says that we are about to make: idents, dates, zones, message
 * without NUL, extra headers well formed. Its ids may come later. */
irmin_rc irmin__check_commit(const irmin__commit_data *commit,
    irmin_error *err);

/* A tag that we are about to write. */
irmin_rc irmin__check_tag(const irmin__tag_data *tag, irmin_error *err);

/* Any object as bytes, as fsck --strict sees it (for what arrives from outside
 * and for verify). Contents of special files cannot be known here. Fails: EINVAL
 * naming the rule, ECORRUPT where it cannot be parsed. */
irmin_rc irmin__check_object(irmin_hash_algo algo, irmin_object_type type,
    irmin_slice bytes, irmin_error *err);

#endif
