/* lib/merge/diff3.h: merging texts by lines. */
#ifndef IRMIN_MERGE_DIFF3_H
#define IRMIN_MERGE_DIFF3_H

#include <irmin/bytes.h>

/* Appends to `merged` what both sides make of a text: lines that one side changed
 * are that side's, and those that both changed to the same are that. Lines touch
 * if none that is common to all three is between them. Fails: ECONFLICT (both
 * changed lines that touch, each in its own way; the words tell which), ENOMEM. */
irmin_rc irmin__diff3(irmin_slice base, irmin_slice ours, irmin_slice theirs,
    irmin_buf *merged, irmin_error *err);

#endif
