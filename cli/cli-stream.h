/* cli/cli-stream.h: bytes too many for memory, in and out. */
#ifndef CLI_STREAM_H
#define CLI_STREAM_H

#include "cli/command.h"

/* Writes what a reader gives: the very bytes; on a terminal escaped, and with a
 * newline at the end. Stops early where nobody listens any more. */
irmin_rc cli_stream_write(struct cli *cli, irmin_reader *reader);

#endif
