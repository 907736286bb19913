/* cli/cmd-head.c: irmin head */
#include <string.h>

#include "cli/cli-args.h"
#include "cli/cli-json.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"

enum { KEY_SET = CLI_LONG_ONLY, KEY_EXPECT, KEY_EXPECT_ABSENT, KEY_BRANCH };

static const struct cli_option options[] = {
	{ KEY_SET, "set", "REV", "move the branch there" },
	{ KEY_EXPECT, "expect", "REV", "only if it is there now" },
	{ KEY_EXPECT_ABSENT, "expect-absent", NULL,
	    "only if it has no commit now" },
	{ KEY_BRANCH, "branch", "NAME", "make HEAD name another branch" },
	{ 0, NULL, NULL, NULL },
};

static irmin_rc print(struct cli *cli)
{
	char hex[IRMIN_OID_HEX_BYTES];
	struct cli_json json;
	irmin_oid id;
	irmin_rc rc;

	rc = cli_open_head_id(cli, &id);
	if (rc != IRMIN_OK)
		return rc;
	if (!cli->json) {
		cli_out_printf(&cli->out, "%s\n", irmin_oid_hex(&id, hex));
		return rc;
	}
	cli_json_init(&json, &cli->out);
	cli_json_begin(&json, '{');
	cli_json_key(&json, "branch");
	if (irmin_store_branch(cli->store))
		cli_json_text(&json, irmin_store_branch(cli->store));
	else
		cli_json_null(&json);
	cli_json_key(&json, "id");
	cli_json_oid(&json, &id);
	cli_json_end(&json, '}');
	return rc;
}

/* What must hold of the branch: what --expect says, else what it is now. */
static irmin_rc find_expected(struct cli *cli, irmin_commit **expected)
{
	const char *rev = cli_option(cli, KEY_EXPECT);

	if (rev)
		return cli_open_commit(cli, rev, expected);
	if (cli_option(cli, KEY_EXPECT_ABSENT))
		return IRMIN_OK;
	return irmin_store_head(cli->store, expected, &cli->err);
}

static irmin_rc move(struct cli *cli, const char *rev)
{
	irmin_commit *expected = NULL;
	irmin_commit *head = NULL;
	struct cli_json json;
	irmin_rc rc;

	rc = cli_open_commit(cli, rev, &head);
	if (rc >= 0)
		rc = find_expected(cli, &expected);
	if (rc >= 0)
		rc = irmin_branch_cas(cli->repo, irmin_store_branch(cli->store),
		    expected, head, "head: set", &cli->err);
	irmin_commit_unref(expected);
	irmin_commit_unref(head);
	if (rc < 0 || !cli->json)
		return rc;
	rc = cli_open_outcome(cli, rc, &json);
	if (rc >= 0)
		cli_json_end(&json, '}');
	return rc;
}

static irmin_rc point(struct cli *cli, const char *branch)
{
	struct cli_json json;
	irmin_rc rc;

	rc = irmin_repo_set_head(cli->repo, branch, &cli->err);
	if (rc < 0 || !cli->json)
		return rc;
	cli_json_init(&json, &cli->out);
	cli_json_begin(&json, '{');
	cli_json_key(&json, "result");
	cli_json_text(&json, "done");
	cli_json_key(&json, "branch");
	cli_json_text(&json, branch);
	cli_json_end(&json, '}');
	return rc;
}

static irmin_rc check_options(struct cli *cli)
{
	bool expects = cli_option(cli, KEY_EXPECT) ||
	    cli_option(cli, KEY_EXPECT_ABSENT);

	if (cli_option(cli, KEY_SET) && cli_option(cli, KEY_BRANCH))
		return cli_usage(cli, "--set and --branch exclude each other");
	if (cli_option(cli, KEY_EXPECT) && cli_option(cli, KEY_EXPECT_ABSENT))
		return cli_usage(cli,
		    "--expect and --expect-absent exclude each other");
	if (expects && !cli_option(cli, KEY_SET))
		return cli_usage(cli, "--expect is for --set");
	return IRMIN_OK;
}

static irmin_rc run(struct cli *cli)
{
	const char *rev = cli_option(cli, KEY_SET);
	const char *branch = cli_option(cli, KEY_BRANCH);
	irmin_rc rc;

	rc = check_options(cli);
	if (rc < 0)
		return rc;
	if (rev) {
		rc = cli_open_to_write(cli, NULL);
		return rc < 0 ? rc : move(cli, rev);
	}
	if (branch) {
		rc = cli_open_for_refs(cli);
		return rc < 0 ? rc : point(cli, branch);
	}
	rc = cli_open(cli);
	return rc < 0 ? rc : print(cli);
}

const struct cli_command cli_cmd_head = {
	.name = "head",
	.synopsis =
	    "[--set REV [--expect REV | --expect-absent] | --branch NAME]",
	.summary = "print or move the head of the branch",
	.text = "Moving is a compare-and-set: exit status 5 if somebody was "
		"faster, or if the head is not what --expect says.",
	.example = "irmin head --set @~1",
	.options = options,
	.min_operands = 0,
	.max_operands = 0,
	.run = run,
};
