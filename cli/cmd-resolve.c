/* cli/cmd-resolve.c: irmin resolve */
#include "cli/cli-args.h"
#include "cli/cli-conflict.h"
#include "cli/cli-info.h"
#include "cli/cli-input.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-quote.h"
#include "cli/cli-value.h"

enum {
	KEY_OURS = CLI_LONG_ONLY,
	KEY_THEIRS,
	KEY_VALUE,
	KEY_FILE,
	KEY_REMOVE,
	KEY_COMMIT,
	KEY_ABORT
};

static const struct cli_option options[] = {
	{ KEY_OURS, "ours", NULL, "what our side has there" },
	{ KEY_THEIRS, "theirs", NULL, "what their side has there" },
	{ KEY_VALUE, "value", "V", "this value" },
	{ KEY_FILE, "file", "FILE", "the value is what is in this file" },
	{ KEY_REMOVE, "remove", NULL, "nothing" },
	{ KEY_COMMIT, "commit", NULL, "commit the merge: all is resolved" },
	{ KEY_ABORT, "abort", NULL, "forget the merge" },
	CLI_INFO_OPTIONS,
	{ 0, NULL, NULL, NULL },
};

/* What a conflict becomes: an option, and the value it speaks of. */
struct resolution {
	int key; /* 0: none was given */
	irmin_slice value;
};

static irmin_rc resolve_one(struct cli *cli, irmin_merge_result *result,
    const char *path, const struct resolution *resolution)
{
	irmin_conflict *conflict;
	irmin_rc rc;

	rc = cli_conflict_find(cli, result, path, &conflict);
	if (rc != IRMIN_OK)
		return rc;
	switch (resolution->key) {
	case KEY_OURS:
		return irmin_merge_result_take(result, conflict,
		    IRMIN_SIDE_OURS, &cli->err);
	case KEY_THEIRS:
		return irmin_merge_result_take(result, conflict,
		    IRMIN_SIDE_THEIRS, &cli->err);
	case KEY_REMOVE:
		return irmin_merge_result_resolve(result, conflict, NULL,
		    &cli->err);
	default:
		return irmin_merge_result_resolve(result, conflict,
		    &resolution->value, &cli->err);
	}
}

/* All of them, or none: what is kept is what is whole. */
static irmin_rc resolve(struct cli *cli, irmin_merge_result *result,
    const struct resolution *resolution)
{
	irmin_rc rc = IRMIN_OK;

	for (size_t i = 0; rc == IRMIN_OK && i < cli->operand_count; i++)
		rc = resolve_one(cli, result, cli->operands[i], resolution);
	return rc == IRMIN_OK ? cli_conflict_save(cli, result) : rc;
}

static irmin_rc tell_left(struct cli *cli, irmin_merge_result *result)
{
	size_t left = irmin_merge_result_left(result);
	struct cli_json json;
	irmin_rc rc;

	if (!cli->json) {
		if (left > 0)
			cli_out_printf(&cli->out, "%zu %s left\n", left,
			    cli_plural(left, "conflict is", "conflicts are"));
		else
			cli_out_text(&cli->out,
			    "all is resolved; `irmin resolve --commit` "
			    "commits the merge\n");
		return IRMIN_OK;
	}
	rc = cli_open_outcome(cli, IRMIN_OK, &json);
	if (rc < 0)
		return rc;
	cli_json_key(&json, "left");
	cli_json_count(&json, left);
	cli_json_end(&json, '}');
	return IRMIN_OK;
}

static irmin_rc tell_committed(struct cli *cli)
{
	char id[CLI_SHORT_ID + 1];
	struct cli_json json;
	irmin_oid oid;
	irmin_rc rc;

	if (cli->json) {
		rc = cli_open_outcome(cli, IRMIN_OK, &json);
		if (rc >= 0)
			cli_json_end(&json, '}');
		return rc;
	}
	rc = cli_open_head_id(cli, &oid);
	if (rc != IRMIN_OK)
		return rc;
	cli_out_text(&cli->out, "merged into ");
	cli_quote_line(&cli->out, irmin_text(cli_open_branch(cli)));
	cli_out_printf(&cli->out, " at %s\n", cli_value_short_id(&oid, id));
	return rc;
}

static irmin_rc commit(struct cli *cli, irmin_merge_result *result)
{
	struct cli_info info;
	irmin_rc rc;

	rc = cli_info_init(cli, &info);
	if (rc >= 0)
		rc = irmin_merge_result_commit(result, &info.info, &cli->err);
	cli_info_clear(&info);
	return rc < 0 ? rc : tell_committed(cli);
}

static irmin_rc go_on(struct cli *cli, const struct resolution *resolution)
{
	irmin_merge_result *result = NULL;
	irmin_rc rc;

	rc = cli_conflict_resume(cli, &result);
	if (rc == IRMIN_OK && resolution->key)
		rc = resolve(cli, result, resolution);
	if (rc == IRMIN_OK)
		rc = cli_option(cli, KEY_COMMIT) ? commit(cli, result)
						 : tell_left(cli, result);
	irmin_merge_result_free(result);
	return rc;
}

/* A value is resolved as a whole. */
static irmin_rc read_file(struct cli *cli, const char *file,
    struct cli_input *input)
{
	irmin_rc rc = cli_input_open(cli, file, input);

	if (rc >= 0 && input->large)
		return irmin_error_set(&cli->err, IRMIN_ELIMIT, file,
		    "resolve: %s is larger than 8 MiB; take a side, and set "
		    "the value behind the merge",
		    file);
	return rc;
}

static irmin_rc settle(struct cli *cli, struct resolution *resolution)
{
	const char *file = cli_option(cli, KEY_FILE);
	struct cli_input input = { .fd = -1 };
	irmin_rc rc = IRMIN_OK;

	resolution->value = irmin_text(cli_option(cli, KEY_VALUE));
	if (file) {
		rc = read_file(cli, file, &input);
		resolution->value = irmin_buf_slice(&input.whole);
	}
	if (rc >= 0)
		rc = cli_open_to_write(cli, NULL);
	if (rc >= 0)
		rc = cli_option(cli, KEY_ABORT) ? cli_conflict_abort(cli)
						: go_on(cli, resolution);
	cli_input_close(&input);
	return rc;
}

/* The one option that says what becomes of a conflict. */
static irmin_rc read_resolution(struct cli *cli, struct resolution *resolution)
{
	for (int key = KEY_OURS; key <= KEY_REMOVE; key++) {
		if (!cli_option(cli, key))
			continue;
		if (resolution->key)
			return cli_usage(cli,
			    "--ours, --theirs, --value, --file and --remove "
			    "exclude each other");
		resolution->key = key;
	}
	return IRMIN_OK;
}

static irmin_rc check(struct cli *cli, const struct resolution *resolution)
{
	bool ends = cli_option(cli, KEY_COMMIT) || cli_option(cli, KEY_ABORT);

	if (cli_option(cli, KEY_ABORT) &&
	    (cli_option(cli, KEY_COMMIT) || cli->operand_count > 0))
		return cli_usage(cli, "--abort stands alone");
	if (cli->operand_count > 0 && !resolution->key)
		return cli_usage(cli,
		    "how? --ours, --theirs, --value V, --file FILE or "
		    "--remove");
	if (cli->operand_count == 0 && resolution->key)
		return cli_usage(cli, "which PATH?");
	if (cli->operand_count == 0 && !ends)
		return cli_usage(cli,
		    "a PATH and how, or --commit, or --abort");
	return IRMIN_OK;
}

static irmin_rc run(struct cli *cli)
{
	struct resolution resolution = { 0 };
	irmin_rc rc;

	rc = read_resolution(cli, &resolution);
	if (rc >= 0)
		rc = check(cli, &resolution);
	return rc < 0 ? rc : settle(cli, &resolution);
}

const struct cli_command cli_cmd_resolve = {
	.name = "resolve",
	.synopsis = "[PATH... HOW] [--commit [-m MSG] [--author A]] [--abort]",
	.summary = "resolve conflicts of a merge that waits, and commit it",
	.text =
	    "HOW is one of --ours, --theirs, --value V, --file FILE and "
	    "--remove. What is resolved is kept in the repository, and can be done "
	    "again, elsewhere too: refs/irmin/conflict/BRANCH holds the "
	    "merge. --commit makes its one commit: exit status 4 if conflicts "
	    "are left, 5 if the branch has moved since, and the merge has to "
	    "be made again.",
	.example = "irmin resolve net/eth0 --theirs --commit",
	.options = options,
	.min_operands = 0,
	.max_operands = CLI_ANY_NUMBER,
	.run = run,
};
