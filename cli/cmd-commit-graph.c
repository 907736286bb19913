/* cli/cmd-commit-graph.c: irmin commit-graph */
#include <string.h>

#include "cli/cli-args.h"
#include "cli/cli-json.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"

static irmin_rc tell(struct cli *cli, irmin_rc rc)
{
	struct cli_json json;

	if (!cli->json) {
		if (rc == IRMIN_UNCHANGED)
			cli_out_text(&cli->out,
			    "nothing to write: no commits, or not all of "
			    "them are there\n");
		return IRMIN_OK;
	}
	cli_json_init(&json, &cli->out);
	cli_json_begin(&json, '{');
	cli_json_key(&json, "result");
	cli_json_text(&json, rc == IRMIN_UNCHANGED ? "unchanged" : "done");
	cli_json_end(&json, '}');
	return IRMIN_OK;
}

static irmin_rc run(struct cli *cli)
{
	const char *word = cli_operand(cli, 0);
	irmin_rc rc;

	if (strcmp(word, "write") != 0)
		return cli_usage(cli, "'write' is all it can do, not '%s'",
		    word);
	cli->wrote = true;
	rc = cli_open_repo(cli, 0);
	if (rc >= 0)
		rc = irmin_repo_write_graph(cli->repo, &cli->err);
	return rc < 0 ? rc : tell(cli, rc);
}

const struct cli_command cli_cmd_commit_graph = {
	.name = "commit-graph",
	.synopsis = "write",
	.summary = "write down how commits hang together",
	.text = "As `git commit-graph write --reachable`: parents, dates and "
		"generations of all commits go to one file, so that `irmin "
		"log`, `irmin merge-base` and git need not read the commits. "
		"`irmin pack` writes it too, and `irmin verify` checks it.",
	.example = "irmin -C state.git commit-graph write",
	.options = NULL,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
