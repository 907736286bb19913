/* cli/cli-message.h: what goes to standard error, and the exit status.
 *
 * One line for people: `irmin: <what failed> <on what>: <why>[; <what to do>]`;
 * with --json one object. Text from outside is escaped.
 */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include "cli/command.h"

/* A wrong command line; says where to read on. Returns EINVAL. */
irmin_rc cli_usage(struct cli *cli, const char *format, ...) IRMIN_PRINTF(2, 3);

/* A definite no: exit status 1. Returns ABSENT. */
irmin_rc cli_no(struct cli *cli, const char *where, const char *format, ...)
    IRMIN_PRINTF(3, 4);

/* A system call failed on a file: "<doing> <file>: <errno's text>". Returns the
 * code. */
irmin_rc cli_system_error(struct cli *cli, int os_errno, const char *doing,
    const char *file);

/* A remark: the command goes on. */
void cli_note(const struct cli *cli, const char *format, ...)
    IRMIN_PRINTF(2, 3);

/* Says what is in cli->err, if anything, and returns the exit status. */
int cli_report(struct cli *cli);

/* "1 file", "2 files". */
const char *cli_plural(uint64_t count, const char *one, const char *many);

/* What may fail only for want of memory ends the program when it does: nothing
 * that was not acknowledged is kept. */
void *cli_alloc(size_t size);
void *cli_realloc(void *block, size_t size);
char *cli_text_copy(const char *text, size_t len);
void cli_buf_add(irmin_buf *buf, irmin_slice bytes);
void cli_buf_add_text(irmin_buf *buf, const char *text);

#endif
