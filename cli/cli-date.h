/* cli/cli-date.h: moments, as git reads and writes them. */
#ifndef CLI_DATE_H
#define CLI_DATE_H

#include <stdint.h>

#include "cli/cli-out.h"

/* Reads what GIT_AUTHOR_DATE may hold: "@SECONDS ZONE", "SECONDS ZONE", ISO
 * 8601, RFC 2822, and the form of `git log`; without a zone it is local time.
 * False if it is none of them. */
bool cli_date_parse(const char *text, int64_t *time, int32_t *zone);

/* Now, in the local zone. */
void cli_date_now(int64_t *time, int32_t *zone);

/* "Thu Apr 7 15:13:13 2005 -0700". */
void cli_date_write(struct cli_out *out, int64_t time, int32_t zone);

#endif
