/* irmin/irmin.h: everything a program needs, and a tour.
 *
 * Shape, from the outside in:
 *   irmin_repo   (repo.h)    objects and refs on a backend, opened by URI
 *   irmin_store  (store.h)   a live handle on one branch: find, set, list, ...
 *   irmin_txn    (txn.h)     several reads and writes as one commit; stale.h
 *                            has savepoints, and which read was stale
 *   irmin_commit (commit.h)  one state, its parents, who and why
 *   irmin_tree   (tree.h)    an immutable directory; edit.h makes new ones,
 *                            diff.h says what differs between two
 *   irmin_branch (branch.h)  heads by name, moved by compare-and-set
 *   irmin_log    (history.h) walking back
 *   bases.h                  best common ancestors of two commits
 *   irmin_value  (value.h)   what merge functions work on, and how it is written
 *   irmin_merge  (merge.h)   three-way merge functions, made by combinators
 *   irmin_contents (contents.h)  what the bytes at a path mean: codec and merge
 *   irmin_merge_result (conflict.h)  merging trees; conflicts as data
 *   store-merge.h            merging branches, and saving what conflicts
 *   irmin_object (object.h)  objects by id, whole or in streams
 *   maintain.h               verify, pack, copy a whole repository
 *   retain.h                 how much history is kept
 * Everything is git's: `git log` in the directory of a git: repository shows
 * what a program committed. bytes.h, error.h, path.h, info.h and hash.h are the
 * small change; backend.h is for authors of backends, and not included here.
 *
 * Rules that hold everywhere: `rc < 0` means that it did not happen and stored
 * state is unchanged; outputs are emptied on entry; err may be NULL; options may
 * be NULL, and a member that is zero is the default; what is counted is shared
 * between threads freely. Since 0.1.
 */
#ifndef IRMIN_IRMIN_H
#define IRMIN_IRMIN_H

#include <irmin/version.h>
#include <irmin/alloc.h>
#include <irmin/error.h>
#include <irmin/bytes.h>
#include <irmin/hash.h>
#include <irmin/path.h>
#include <irmin/info.h>
#include <irmin/trace.h>
#include <irmin/repo.h>
#include <irmin/object.h>
#include <irmin/tree.h>
#include <irmin/diff.h>
#include <irmin/edit.h>
#include <irmin/commit.h>
#include <irmin/branch.h>
#include <irmin/store.h>
#include <irmin/txn.h>
#include <irmin/stale.h>
#include <irmin/history.h>
#include <irmin/bases.h>
#include <irmin/value.h>
#include <irmin/merge.h>
#include <irmin/contents.h>
#include <irmin/conflict.h>
#include <irmin/store-merge.h>
#include <irmin/maintain.h>
#include <irmin/retain.h>

#endif
