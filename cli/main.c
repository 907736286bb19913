/* cli/main.c: the program `irmin`: reads the command line, runs one command,
 * says what went wrong, and exits with what that means. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli-args.h"
#include "cli/cli-message.h"
#include "cli/command.h"

const struct cli_command *const cli_commands[] = {
	&cli_cmd_init,
	&cli_cmd_set,
	&cli_cmd_get,
	&cli_cmd_rm,
	&cli_cmd_txn,
	&cli_cmd_ls,
	&cli_cmd_tree,
	&cli_cmd_log,
	&cli_cmd_show,
	&cli_cmd_cat,
	&cli_cmd_diff,
	&cli_cmd_merge_base,
	&cli_cmd_branch,
	&cli_cmd_merge,
	&cli_cmd_conflicts,
	&cli_cmd_resolve,
	&cli_cmd_head,
	&cli_cmd_ls_refs,
	&cli_cmd_import,
	&cli_cmd_export,
	&cli_cmd_copy,
	&cli_cmd_pack,
	&cli_cmd_commit_graph,
	&cli_cmd_verify,
	&cli_cmd_stats,
	&cli_cmd_version,
	&cli_cmd_help,
	NULL,
};

const struct cli_command *cli_command_find(const char *name)
{
	for (size_t i = 0; cli_commands[i]; i++)
		if (strcmp(cli_commands[i]->name, name) == 0)
			return cli_commands[i];
	return NULL;
}

/* For the completion of shells. */
static void list_commands(struct cli_out *out)
{
	for (size_t i = 0; cli_commands[i]; i++)
		cli_out_printf(out, "%s\n", cli_commands[i]->name);
}

/* A file of the repository must not get the number of a standard stream that
 * was closed before we began, or what we say would be written into it. */
static bool hold_standard_streams(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDONLY);
		if (fd < 0)
			return false;
	} while (fd <= STDERR_FILENO);
	close(fd);
	return true;
}

static void run(struct cli *cli, int argc, char **argv)
{
	irmin_rc rc;

	rc = cli_args_parse(cli, argc, argv);
	if (rc >= 0)
		rc = cli->command->run(cli);
	if (rc < 0 && cli->err.code == IRMIN_OK)
		irmin_error_set(&cli->err, rc, NULL, "%s", irmin_rc_text(rc));
	if (!cli->wrote || cli->err.code != IRMIN_OK)
		return;
	/* Whatever level the URI asks for: who is told "done" may pull the
	 * plug of this process. */
	rc = irmin_repo_flush(cli->repo, IRMIN_PROCESS, &cli->err);
	if (rc >= 0)
		irmin_error_clear(&cli->err);
}

/* The status, unless what was to be read could not be written. */
static int finish(struct cli *cli)
{
	bool heard = cli_out_flush(&cli->out);
	int status;

	if (!heard && (cli->err.code >= 0 || cli->err.code == IRMIN_EIO)) {
		if (cli->out.error == EPIPE)
			return CLI_FAILURE; /* the reader had enough */
		cli_system_error(cli, cli->out.error, "write to",
		    "standard output");
		cli_report(cli);
		return CLI_FAILURE;
	}
	status = cli_report(cli);
	if (cli->store)
		irmin_store_close(cli->store);
	else
		irmin_repo_close(cli->repo);
	irmin_buf_clear(&cli->was);
	free(cli->operands);
	free(cli->given);
	return status;
}

int main(int argc, char **argv)
{
	static struct cli cli; /* the output buffer is large for a stack */

	if (!hold_standard_streams())
		return CLI_FAILURE;
	setlocale(LC_CTYPE, "");
	cli_out_init(&cli.out, STDOUT_FILENO);
	if (argc == 2 && strcmp(argv[1], "--list-commands") == 0)
		list_commands(&cli.out);
	else
		run(&cli, argc, argv);
	return finish(&cli);
}
