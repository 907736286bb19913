/* cli/cli-args.h: the command line, read by the tables of the commands. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "cli/command.h"

/* The options that stand before a command and, but for --version, behind it
 * too. */
extern const struct cli_option cli_global_options[];

/* Reads the command line: fills cli->command, its options and operands, -C, -b
 * and --json. A request for help or the version becomes the command that
 * answers it. Fails: EINVAL. */
irmin_rc cli_args_parse(struct cli *cli, int argc, char **argv);

/* The value of an option of the command: NULL if it was not given, "" for one
 * that takes no value. */
const char *cli_option(const struct cli *cli, int key);

/* Of one that takes a value and may be given several times: the next value; NULL
 * at the end. `*from` begins at 0. */
const char *cli_option_next(const struct cli *cli, int key, size_t *from);

/* An option that is a number. Answers: OK; ABSENT (not given; `number` is as it
 * was). Fails: EINVAL. */
irmin_rc cli_option_number(struct cli *cli, int key, uint64_t *number);

/* Operand `i`, or NULL. */
const char *cli_operand(const struct cli *cli, size_t i);

#endif
