/* cli/cmd-log.c: irmin log */
#include "cli/cli-args.h"
#include "cli/cli-commit.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-quote.h"

enum { KEY_PATH = CLI_LONG_ONLY, KEY_ONELINE, KEY_FIRST_PARENT };

static const struct cli_option options[] = {
	{ 'n', NULL, "N", "at most N commits" },
	{ KEY_PATH, "path", "PATH",
	    "those that changed what is there; or -- PATH" },
	{ KEY_ONELINE, "oneline", NULL, "a line for each" },
	{ KEY_FIRST_PARENT, "first-parent", NULL, "of merges, our side only" },
	{ 0, NULL, NULL, NULL },
};

struct printing {
	struct cli *cli;
	struct cli_json json;
	struct cli_refs refs;
	const struct cli_refs *shown; /* &refs on a terminal, else NULL */
	bool oneline;
	uint64_t count;
};

static irmin_rc print_commit(struct printing *printing, irmin_commit *commit)
{
	struct cli *cli = printing->cli;
	irmin_rc rc;

	printing->count++;
	if (cli->json) {
		cli_json_begin(&printing->json, '{');
		rc = cli_commit_json(cli, commit, &printing->json);
		cli_json_end(&printing->json, '}');
		return rc;
	}
	if (printing->oneline)
		return cli_commit_write_short(cli, commit, printing->shown);
	if (printing->count > 1)
		cli_out_text(&cli->out, "\n");
	return cli_commit_write(cli, commit, printing->shown);
}

static irmin_rc print_log(struct printing *printing, irmin_commit *from,
    const irmin_log_options *log_options)
{
	struct cli *cli = printing->cli;
	irmin_log *log = NULL;
	irmin_rc rc;

	rc = irmin_log_open(from, log_options, &log, &cli->err);
	if (rc >= 0 && cli->json)
		cli_json_begin(&printing->json, '[');
	while (rc >= 0 && !cli->out.error) {
		irmin_commit *commit = NULL;

		rc = irmin_log_next(log, &commit, &cli->err);
		if (rc == IRMIN_END)
			break;
		if (rc >= 0)
			rc = print_commit(printing, commit);
		irmin_commit_unref(commit);
	}
	if (rc >= 0 && cli->json)
		cli_json_end(&printing->json, ']');
	irmin_log_free(log);
	return rc;
}

/* `log [REV] [-- PATH]`: what stands before the dashes is a REV. */
static irmin_rc read_operands(struct cli *cli, const char **rev,
    irmin_log_options *log_options)
{
	size_t paths = cli->operand_count - cli->behind_dashes;

	*rev = cli->behind_dashes > 0 ? cli->operands[0] : NULL;
	if (cli->behind_dashes > 1)
		return cli_usage(cli,
		    "one REV, not '%s' too; a path stands behind --",
		    cli->operands[1]);
	if (paths > 1 || (paths == 1 && log_options->path))
		return cli_usage(cli, "one path at a time");
	if (paths == 1)
		log_options->path = cli->operands[cli->behind_dashes];
	return IRMIN_OK;
}

static irmin_rc run(struct cli *cli)
{
	struct printing printing = { .cli = cli,
		.oneline = cli_option(cli, KEY_ONELINE) };
	irmin_log_options log_options = IRMIN_LOG_OPTIONS_INIT;
	irmin_commit *from = NULL;
	const char *rev;
	irmin_rc rc;

	log_options.path = cli_option(cli, KEY_PATH);
	if (cli_option(cli, KEY_FIRST_PARENT))
		log_options.flags |= IRMIN_LOG_FIRST_PARENT;
	rc = cli_option_number(cli, 'n', &log_options.limit);
	if (rc == IRMIN_OK && log_options.limit == 0)
		return cli_usage(cli, "-n is 1 or more");
	if (rc >= 0)
		rc = read_operands(cli, &rev, &log_options);
	if (rc >= 0)
		rc = cli_open(cli);
	if (rc >= 0)
		rc = cli_open_commit(cli, rev, &from);
	if (rc == IRMIN_OK && cli->out.terminal) {
		rc = cli_refs_init(cli, &printing.refs);
		printing.shown = &printing.refs;
	}
	cli_json_init(&printing.json, &cli->out);
	if (rc == IRMIN_OK)
		rc = print_log(&printing, from, &log_options);
	cli_refs_clear(&printing.refs);
	irmin_commit_unref(from);
	return rc;
}

const struct cli_command cli_cmd_log = {
	.name = "log",
	.synopsis =
	    "[REV] [-n N] [--oneline] [--first-parent] [--path PATH | -- PATH]",
	.summary = "tell the history",
	.text = "The newest commit first, as `git log` writes it.",
	.example = "irmin log -n 5 -- net/eth0",
	.options = options,
	.min_operands = 0,
	.max_operands = CLI_ANY_NUMBER,
	.run = run,
};
