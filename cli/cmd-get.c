/* cli/cmd-get.c: irmin get */
#include "cli/cli-args.h"
#include "cli/cli-open.h"
#include "cli/cli-value.h"

enum { KEY_AT = CLI_LONG_ONLY };

static const struct cli_option options[] = {
	{ KEY_AT, "at", "REV", "as it was there; see `irmin help revisions`" },
	{ 0, NULL, NULL, NULL },
};

static irmin_rc run(struct cli *cli)
{
	irmin_tree *tree = NULL;
	irmin_rc rc;

	rc = cli_open(cli);
	if (rc >= 0)
		rc = cli_open_tree(cli, cli_option(cli, KEY_AT), &tree);
	if (rc == IRMIN_OK)
		rc = cli_value_write(cli, tree, cli_operand(cli, 0));
	irmin_tree_unref(tree);
	return rc;
}

const struct cli_command cli_cmd_get = {
	.name = "get",
	.synopsis = "PATH [--at REV]",
	.summary = "write the value at a path",
	.text = "Writes the very bytes. Only on a terminal a newline is "
		"added where the last is missing, and control characters "
		"are escaped. Where nothing is: exit status 1.",
	.example = "irmin get net/eth0 --at '@{5 minutes ago}'",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
