/* cli/cmd-merge-base.c: irmin merge-base */
#include "cli/cli-args.h"
#include "cli/cli-json.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"

enum { KEY_ALL = CLI_LONG_ONLY, KEY_IS_ANCESTOR };

static const struct cli_option options[] = {
	{ KEY_ALL, "all", NULL, "all of them, the newest first" },
	{ KEY_IS_ANCESTOR, "is-ancestor", NULL,
	    "only the exit status: 0 if A is B or an ancestor, else 1" },
	{ 0, NULL, NULL, NULL },
};

struct printing {
	struct cli *cli;
	struct cli_json json;
	bool all;
};

static int print(void *arg, irmin_commit *base)
{
	struct printing *printing = arg;
	struct cli *cli = printing->cli;
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_oid id;
	irmin_rc rc = irmin_commit_id(base, &id, &cli->err);

	if (rc < 0)
		return rc;
	if (cli->json)
		cli_json_oid(&printing->json, &id);
	else
		cli_out_printf(&cli->out, "%s\n", irmin_oid_hex(&id, hex));
	return printing->all ? IRMIN_OK : IRMIN_END;
}

static irmin_rc print_bases(struct cli *cli, irmin_commit *a, irmin_commit *b)
{
	struct printing printing = { .cli = cli,
		.all = cli_option(cli, KEY_ALL) };
	irmin_rc rc;

	cli_json_init(&printing.json, &cli->out);
	if (cli->json)
		cli_json_begin(&printing.json, '[');
	rc = irmin_commit_bases(a, b, 0, print, &printing, &cli->err);
	if (rc >= 0 && cli->json)
		cli_json_end(&printing.json, ']');
	cli->no = rc == IRMIN_ABSENT;
	return rc < 0 ? rc : IRMIN_OK;
}

static irmin_rc answer(struct cli *cli, irmin_commit *a, irmin_commit *b)
{
	struct cli_json json;
	int is_ancestor;
	irmin_rc rc;

	rc = irmin_commit_is_ancestor(a, b, 0, &is_ancestor, &cli->err);
	if (rc < 0)
		return rc;
	cli->no = !is_ancestor;
	if (!cli->json)
		return IRMIN_OK;
	cli_json_init(&json, &cli->out);
	cli_json_begin(&json, '{');
	cli_json_key(&json, "is_ancestor");
	cli_json_bool(&json, is_ancestor);
	cli_json_end(&json, '}');
	return IRMIN_OK;
}

static irmin_rc run(struct cli *cli)
{
	bool asks = cli_option(cli, KEY_IS_ANCESTOR);
	irmin_commit *a = NULL, *b = NULL;
	irmin_rc rc;

	if (asks && cli_option(cli, KEY_ALL))
		return cli_usage(cli,
		    "--all and --is-ancestor exclude each other");
	rc = cli_open(cli);
	if (rc >= 0)
		rc = cli_open_commit(cli, cli_operand(cli, 0), &a);
	if (rc == IRMIN_OK)
		rc = cli_open_commit(cli, cli_operand(cli, 1), &b);
	if (rc == IRMIN_OK)
		rc = asks ? answer(cli, a, b) : print_bases(cli, a, b);
	irmin_commit_unref(a);
	irmin_commit_unref(b);
	return rc;
}

const struct cli_command cli_cmd_merge_base = {
	.name = "merge-base",
	.synopsis = "A B [--all | --is-ancestor]",
	.summary = "print the best common ancestor of two commits",
	.text = "As `git merge-base`: a common ancestor that is no ancestor of "
		"another one, which is what a merge starts from. Where there "
		"is none, nothing is printed, and the exit status is 1. Where "
		"the history was cut off, it fails.",
	.example = "irmin merge-base --all main topic",
	.options = options,
	.min_operands = 2,
	.max_operands = 2,
	.run = run,
};
