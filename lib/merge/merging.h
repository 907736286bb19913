/* lib/merge/merging.h: this room, as lib/core/store calls it. */
#ifndef IRMIN_MERGE_MERGING_H
#define IRMIN_MERGE_MERGING_H

#include "lib/core/store/merger.h"

/* What lib/open hands to every repository that it opens. */
extern const irmin__merger irmin__merging;

#endif
