/* cli/cmd-diff.c: irmin diff */
#include "cli/cli-args.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-patch.h"

enum { KEY_NAME_ONLY = CLI_LONG_ONLY, KEY_NAME_STATUS };

static const struct cli_option options[] = {
	{ KEY_NAME_ONLY, "name-only", NULL, "the paths only" },
	{ KEY_NAME_STATUS, "name-status", NULL,
	    "A, M, D or T (of another type), and the path" },
	{ 0, NULL, NULL, NULL },
};

/* What to compare: two REVs; one and the head; the head and its parent. */
static irmin_rc find_trees(struct cli *cli, irmin_tree **from, irmin_tree **to)
{
	irmin_commit *head = NULL;
	irmin_rc rc;

	if (cli->behind_dashes > 2)
		return cli_usage(cli,
		    "two REVs, not '%s' too; paths stand behind --",
		    cli->operands[2]);
	if (cli->behind_dashes > 0) {
		rc = cli_open_tree(cli, cli->operands[0], from);
		if (rc == IRMIN_OK)
			rc = cli_open_tree(cli,
			    cli->behind_dashes > 1 ? cli->operands[1] : NULL,
			    to);
		return rc;
	}
	rc = cli_open_commit(cli, NULL, &head);
	if (rc == IRMIN_OK)
		rc = irmin_commit_tree(head, to, &cli->err);
	if (rc == IRMIN_OK)
		rc = cli_patch_before(cli, head, from);
	irmin_commit_unref(head);
	return rc;
}

static irmin_rc write_paths(struct cli *cli, irmin_tree *from, irmin_tree *to)
{
	enum cli_patch_form form = cli->json   ? CLI_PATCH_JSON
	    : cli_option(cli, KEY_NAME_STATUS) ? CLI_PATCH_KINDS
	    : cli_option(cli, KEY_NAME_ONLY)   ? CLI_PATCH_NAMES
					       : CLI_PATCH_LINES;
	struct cli_json json;
	size_t i = cli->behind_dashes;
	irmin_rc rc;

	cli_json_init(&json, &cli->out);
	if (cli->json)
		cli_json_begin(&json, '[');
	do
		rc = cli_patch_write(cli, from, to,
		    i < cli->operand_count ? cli->operands[i] : "", form,
		    &json);
	while (rc >= 0 && ++i < cli->operand_count);
	if (cli->json)
		cli_json_end(&json, ']');
	return rc;
}

static irmin_rc run(struct cli *cli)
{
	irmin_tree *from = NULL;
	irmin_tree *to = NULL;
	irmin_rc rc;

	rc = cli_open(cli);
	if (rc >= 0)
		rc = find_trees(cli, &from, &to);
	if (rc >= 0 && cli->err.code == IRMIN_OK)
		rc = write_paths(cli, from, to);
	irmin_tree_unref(from);
	irmin_tree_unref(to);
	return rc;
}

const struct cli_command cli_cmd_diff = {
	.name = "diff",
	.synopsis = "[REV [REV]] [--name-only | --name-status] [-- PATH...]",
	.summary = "tell what differs between two states",
	.text = "Without REV: what the newest commit of the branch changed. "
		"With one: from there to the branch. With two: from the "
		"first to the second. `git apply` takes the answer.",
	.example = "irmin diff '@{1 hour ago}' -- net",
	.options = options,
	.min_operands = 0,
	.max_operands = CLI_ANY_NUMBER,
	.run = run,
};
