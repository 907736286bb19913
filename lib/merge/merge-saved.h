/* lib/merge/merge-saved.h: the form of saved results, for who writes and reads it.
 * merge-saved.c draws it. */
#ifndef IRMIN_MERGE_MERGE_SAVED_H
#define IRMIN_MERGE_MERGE_SAVED_H

#include "lib/merge/merge-origin.h"

#define IRMIN__SAVED_REFS    "refs/irmin/conflict/"
#define IRMIN__SAVED_BASE    "base"
#define IRMIN__SAVED_LIST    "list"
#define IRMIN__SAVED_MESSAGE "message"
#define IRMIN__SAVED_TREE    "tree"
#define IRMIN__SAVED_VERSION "version"
#define IRMIN__SAVED_FORM    "1" /* what `version` says */

/* The ref under which results of a store's branch are saved. Fails: EINVAL (it is
 * detached). */
irmin_rc irmin__saved_ref(const irmin_store *store, irmin_buf *ref,
    irmin_error *err);

/* ---- saved-list.c ---- */

/* The list of the conflicts of a result, as text; and what such a text tells,
 * added to a result. Fail: ENOMEM; EINVAL (no such list). */
irmin_rc irmin__saved_list_encode(const irmin_merge_result *result,
    irmin_buf *text, irmin_error *err);
irmin_rc irmin__saved_list_decode(irmin_slice text,
    irmin_merge_result *result, irmin_error *err);

#endif
