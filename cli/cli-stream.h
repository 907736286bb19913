/* cli/cli-stream.h: bytes too many for memory, in and out. */
#ifndef CLI_STREAM_H
#define CLI_STREAM_H

#include "cli/command.h"

/* Writes an object: its very bytes; on a terminal escaped, and with a newline at
 * the end. One of up to 8 MiB is checked before the first byte is written, a
 * larger one by the last. Answers: OK; ABSENT. Fails: as irmin_object_open. */
irmin_rc cli_stream_object(struct cli *cli, const irmin_oid *id);

#endif
