/* cli/command.h: the command-line tool `irmin`, what all its files share.
 *
 * What lives in cli: a client of the public headers and of nothing else. One
 * command a file, cmd-NAME.c, with its entry for the table in main.c; cli-*.c is
 * what several commands use.
 *
 * A command returns an irmin_rc. Where cli->err is filled when it returns, main
 * says so on standard error and exits as the code asks; a definite no (absent,
 * unchanged) is an error of the code ABSENT. Data goes to cli->out, and to
 * nothing else. What a command opened in `cli` is closed by main.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include <irmin/irmin.h>

#include "cli/cli-out.h"

/* The exit statuses; `irmin help exit-codes` tells them to people. */
enum cli_status {
	CLI_DONE = 0,
	CLI_NO = 1,
	CLI_USAGE = 2,
	CLI_FAILURE = 3,
	CLI_CONFLICT = 4,
	CLI_STALE = 5,
	CLI_LOCKED = 6
};

/* One option. A key below 256 is its letter too. */
struct cli_option {
	int key;           /* 0 ends a table */
	const char *name;  /* the long form without dashes, or NULL */
	const char *value; /* what its value is called; NULL: it takes none */
	const char *help;
};

#define CLI_LONG_ONLY   256
#define CLI_OPTIONS_MAX 24
#define CLI_ANY_NUMBER  (-1)

/* An option of the command that has a value, as it was given. */
struct cli_given {
	int key;
	const char *value;
};

struct cli;

struct cli_command {
	const char *name;
	const char *synopsis; /* what follows the name */
	const char *summary;  /* one line for the list of commands */
	const char *text;     /* for --help: what one has to know */
	const char *example;
	const struct cli_option *options;
	int min_operands, max_operands; /* or CLI_ANY_NUMBER */
	irmin_rc (*run)(struct cli *cli);
};

struct cli {
	/* What the command line says. */
	const char *uri;    /* -C, or NULL */
	const char *branch; /* -b, or NULL */
	bool json;
	const struct cli_command *command;   /* NULL before it is known */
	const char *values[CLI_OPTIONS_MAX]; /* by place in command->options */
	struct cli_given *given;             /* each time it was given */
	size_t given_count;
	const char **operands;
	size_t operand_count;
	size_t behind_dashes; /* the first operand behind `--`, or the count */

	/* What came of it. */
	irmin_error err;
	bool einval_is_data; /* an EINVAL speaks of data, not of an argument */
	bool no;             /* and so standard output says: exit status 1 */
	bool wrote;          /* main flushes before it says that all is well */
	irmin_buf was;       /* with ESTALE: what was there instead */
	bool was_known;

	irmin_repo *repo; /* belongs to the store where there is one */
	irmin_store *store;
	struct cli_out out;
};

/* The commands, in the order in which the list shows them; NULL at the end. */
extern const struct cli_command *const cli_commands[];

/* The command of this name, or NULL. */
const struct cli_command *cli_command_find(const char *name);

extern const struct cli_command cli_cmd_init, cli_cmd_set, cli_cmd_get,
    cli_cmd_rm, cli_cmd_txn, cli_cmd_ls, cli_cmd_tree, cli_cmd_log,
    cli_cmd_show,
    cli_cmd_cat, cli_cmd_diff, cli_cmd_merge_base, cli_cmd_branch,
    cli_cmd_merge, cli_cmd_conflicts, cli_cmd_resolve, cli_cmd_head,
    cli_cmd_ls_refs, cli_cmd_import, cli_cmd_export, cli_cmd_copy, cli_cmd_pack,
    cli_cmd_commit_graph, cli_cmd_verify, cli_cmd_stats, cli_cmd_version,
    cli_cmd_help;

#endif
