/* cli/cmd-show.c: irmin show */
#include <stdlib.h>
#include <string.h>

#include "cli/cli-args.h"
#include "cli/cli-commit.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-patch.h"
#include "cli/cli-quote.h"
#include "cli/cli-value.h"

/* The colon that parts REV:PATH; those in @{14:03} do not. */
static const char *find_colon(const char *text)
{
	int depth = 0;

	for (; *text; text++) {
		depth += *text == '{';
		depth -= *text == '}' && depth > 0;
		if (*text == ':' && depth == 0)
			return text;
	}
	return NULL;
}

static irmin_rc show_change(struct cli *cli, irmin_commit *commit,
    struct cli_json *json)
{
	irmin_tree *from = NULL;
	irmin_tree *to = NULL;
	irmin_rc rc;

	rc = cli_patch_before(cli, commit, &from);
	if (rc >= 0)
		rc = irmin_commit_tree(commit, &to, &cli->err);
	if (rc >= 0)
		rc = cli_patch_write(cli, from, to, "",
		    cli->json ? CLI_PATCH_JSON : CLI_PATCH_LINES, json);
	irmin_tree_unref(from);
	irmin_tree_unref(to);
	return rc;
}

static irmin_rc show_json(struct cli *cli, irmin_commit *commit)
{
	struct cli_json json;
	irmin_rc rc;

	cli_json_init(&json, &cli->out);
	cli_json_begin(&json, '{');
	rc = cli_commit_json(cli, commit, &json);
	if (rc < 0)
		return rc;
	cli_json_key(&json, "changes");
	cli_json_begin(&json, '[');
	rc = show_change(cli, commit, &json);
	cli_json_end(&json, ']');
	cli_json_end(&json, '}');
	return rc;
}

static irmin_rc show_commit(struct cli *cli, irmin_commit *commit)
{
	struct cli_refs refs = { 0 };
	irmin_rc rc = IRMIN_OK;

	if (cli->json)
		return show_json(cli, commit);
	if (cli->out.terminal)
		rc = cli_refs_init(cli, &refs);
	if (rc >= 0)
		rc = cli_commit_write(cli, commit, &refs);
	cli_refs_clear(&refs);
	if (rc < 0)
		return rc;
	cli_out_text(&cli->out, "\n");
	return show_change(cli, commit, NULL);
}

/* A directory: its entries, as `git show` lists them. */
static irmin_rc show_directory(struct cli *cli, irmin_tree *tree,
    const char *path, const char *name)
{
	irmin_list *list = NULL;
	irmin_rc rc;

	rc = irmin_tree_list(tree, path, 0, 0, &list, &cli->err);
	if (rc < 0)
		return rc;
	cli_out_text(&cli->out, "tree ");
	cli_quote_line(&cli->out, irmin_text(name));
	cli_out_text(&cli->out, "\n\n");
	for (size_t i = 0; i < irmin_list_length(list); i++) {
		irmin_entry entry = irmin_list_entry(list, i);

		cli_quote_path(&cli->out, entry.name);
		cli_out_text(&cli->out,
		    entry.mode == IRMIN_MODE_TREE ? "/\n" : "\n");
	}
	irmin_list_free(list);
	return rc;
}

static irmin_rc show_path(struct cli *cli, const char *name, const char *colon)
{
	char *rev = cli_text_copy(name, (size_t)(colon - name));
	irmin_mode mode = IRMIN_MODE_NONE;
	irmin_tree *tree = NULL;
	irmin_rc rc;

	rc = cli_open_tree(cli, *rev ? rev : NULL, &tree);
	free(rev);
	if (rc == IRMIN_OK)
		rc = irmin_tree_find_mode(tree, colon + 1, &mode, NULL,
		    &cli->err);
	if (rc >= 0 && cli->err.code == IRMIN_OK)
		rc = mode == IRMIN_MODE_TREE && !cli->json
		    ? show_directory(cli, tree, colon + 1, name)
		    : cli_value_write(cli, tree, colon + 1);
	irmin_tree_unref(tree);
	return rc;
}

static irmin_rc run(struct cli *cli)
{
	const char *name = cli_operand(cli, 0);
	const char *colon = name ? find_colon(name) : NULL;
	irmin_commit *commit = NULL;
	irmin_rc rc;

	rc = cli_open(cli);
	if (rc < 0)
		return rc;
	if (colon)
		return show_path(cli, name, colon);
	rc = cli_open_commit(cli, name, &commit);
	if (rc == IRMIN_OK)
		rc = show_commit(cli, commit);
	irmin_commit_unref(commit);
	return rc;
}

const struct cli_command cli_cmd_show = {
	.name = "show",
	.synopsis = "[REV[:PATH]]",
	.summary = "show a commit and what it changed, or a value",
	.text =
	    "Of a merge it shows what changed against our side, the first parent.",
	.example = "irmin show main~2:net/eth0",
	.options = NULL,
	.min_operands = 0,
	.max_operands = 1,
	.run = run,
};
