/* cli/cmd-branch.c: irmin branch */
#include <stdio.h>
#include <string.h>

#include "cli/cli-args.h"
#include "cli/cli-commit.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-quote.h"
#include "cli/cli-table.h"
#include "cli/cli-value.h"

#define BRANCHES "refs/heads/"

static const struct cli_option options[] = {
	{ 'd', "delete", NULL, "remove the branch NAME" },
	{ 'm', "move", NULL, "give the branch OLD the name NEW" },
	{ 0, NULL, NULL, NULL },
};

struct listing {
	struct cli *cli;
	struct cli_json json;
	struct cli_table table;
	irmin_buf head; /* the branch that HEAD names, or empty */
};

/* A branch whose commit cannot be read is listed too, and says why. */
static void add_row(struct listing *listing, const irmin_ref *ref,
    const char *name, bool current)
{
	enum cli_color color = current ? CLI_GREEN : CLI_PLAIN;
	struct cli_table *table = &listing->table;
	irmin_commit *commit = NULL;
	char id[CLI_SHORT_ID + 1];
	irmin_rc rc;

	rc = irmin_commit_get(listing->cli->repo, &ref->id, &commit, NULL);
	cli_table_add(table, irmin_text(current ? "*" : " "), color);
	cli_table_add(table, irmin_text(name), color);
	cli_table_add(table, irmin_text(cli_value_short_id(&ref->id, id)),
	    CLI_YELLOW);
	if (rc < 0)
		cli_table_add(table, irmin_text(irmin_rc_text(rc)), CLI_RED);
	else
		cli_table_add(table, cli_commit_subject(commit), CLI_PLAIN);
	irmin_commit_unref(commit);
}

static int list_branch(void *arg, const irmin_ref *ref)
{
	struct listing *listing = arg;
	const char *name = (const char *)ref->name.data + strlen(BRANCHES);
	bool current = listing->head.len > 0 &&
	    irmin_slice_equal(irmin_text(name),
		irmin_buf_slice(&listing->head));

	if (irmin_oid_is_none(&ref->id))
		return IRMIN_OK;
	if (!listing->cli->json) {
		add_row(listing, ref, name, current);
		return IRMIN_OK;
	}
	cli_json_begin(&listing->json, '{');
	cli_json_key(&listing->json, "name");
	cli_json_text(&listing->json, name);
	cli_json_key(&listing->json, "current");
	cli_json_bool(&listing->json, current);
	cli_json_key(&listing->json, "id");
	cli_json_oid(&listing->json, &ref->id);
	cli_json_end(&listing->json, '}');
	return IRMIN_OK;
}

static irmin_rc list(struct cli *cli)
{
	struct listing listing = { .cli = cli };
	irmin_rc rc;

	rc = irmin_repo_head(cli->repo, &listing.head, &cli->err);
	cli_json_init(&listing.json, &cli->out);
	cli_table_init(&listing.table, 4, 0);
	if (rc >= 0 && cli->json)
		cli_json_begin(&listing.json, '[');
	if (rc >= 0)
		rc = irmin_ref_each(cli->repo, BRANCHES, list_branch, &listing,
		    &cli->err);
	if (rc >= 0 && cli->json)
		cli_json_end(&listing.json, ']');
	cli_table_write(&listing.table, &cli->out);
	irmin_buf_clear(&listing.head);
	return rc;
}

/* What was done to a branch, and where it is or was. */
static irmin_rc tell(struct cli *cli, const char *done, const char *name,
    irmin_commit *commit)
{
	char text[CLI_SHORT_ID + 1];
	struct cli_json json;
	irmin_oid id;
	irmin_rc rc;

	rc = irmin_commit_id(commit, &id, &cli->err);
	if (rc < 0)
		return rc;
	if (cli->json) {
		cli_json_init(&json, &cli->out);
		cli_json_begin(&json, '{');
		cli_json_key(&json, "result");
		cli_json_text(&json, done);
		cli_json_key(&json, "branch");
		cli_json_text(&json, name);
		cli_json_key(&json, "id");
		cli_json_oid(&json, &id);
		cli_json_end(&json, '}');
		return IRMIN_OK;
	}
	cli_out_printf(&cli->out, "%s ", done);
	cli_quote_line(&cli->out, irmin_text(name));
	cli_out_printf(&cli->out, " %s %s\n",
	    strcmp(done, "deleted") == 0 ? "which was at" : "at",
	    cli_value_short_id(&id, text));
	return IRMIN_OK;
}

static irmin_rc create(struct cli *cli, const char *name, const char *rev)
{
	irmin_commit *commit = NULL;
	irmin_rc rc;

	rc = cli_open_commit(cli, rev, &commit);
	if (rc == IRMIN_OK)
		rc = irmin_branch_create(cli->repo, name, commit, &cli->err);
	if (rc == IRMIN_OK)
		rc = tell(cli, "created", name, commit);
	irmin_commit_unref(commit);
	return rc;
}

static irmin_rc find(struct cli *cli, const char *name, irmin_commit **head)
{
	irmin_rc rc = irmin_branch_find(cli->repo, name, head, &cli->err);

	if (rc == IRMIN_ABSENT)
		return cli_no(cli, name, "branch %s: there is no such branch",
		    name);
	return rc;
}

static irmin_rc remove_branch(struct cli *cli, const char *name)
{
	irmin_commit *head = NULL;
	irmin_rc rc;

	rc = find(cli, name, &head);
	if (rc == IRMIN_OK)
		rc = irmin_branch_cas(cli->repo, name, head, NULL,
		    "branch: deleted", &cli->err);
	if (rc == IRMIN_OK)
		rc = tell(cli, "deleted", name, head);
	irmin_commit_unref(head);
	return rc;
}

/* HEAD follows a branch that is renamed. */
static irmin_rc move_head(struct cli *cli, const char *from, const char *to)
{
	irmin_buf current = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin_repo_head(cli->repo, &current, &cli->err);
	if (rc == IRMIN_OK &&
	    irmin_slice_equal(irmin_buf_slice(&current), irmin_text(from)))
		rc = irmin_repo_set_head(cli->repo, to, &cli->err);
	irmin_buf_clear(&current);
	return rc;
}

/* Made under the new name first: whatever fails, the commits have a branch. */
static irmin_rc rename_branch(struct cli *cli, const char *from, const char *to)
{
	char reason[300];
	irmin_commit *head = NULL;
	irmin_rc rc;

	snprintf(reason, sizeof(reason), "branch: renamed %s to %s", from, to);
	rc = find(cli, from, &head);
	if (rc != IRMIN_OK)
		return rc;
	rc = irmin_branch_cas(cli->repo, to, NULL, head, reason, &cli->err);
	if (rc == IRMIN_ESTALE)
		rc = irmin_error_set(&cli->err, IRMIN_EEXIST, to,
		    "branch -m %s %s: there is a branch %s already", from, to,
		    to);
	if (rc >= 0)
		rc = move_head(cli, from, to);
	if (rc >= 0)
		rc = irmin_branch_cas(cli->repo, from, head, NULL, reason,
		    &cli->err);
	if (rc >= 0)
		rc = tell(cli, "renamed", to, head);
	irmin_commit_unref(head);
	return rc;
}

static irmin_rc change(struct cli *cli)
{
	const char *first = cli->operands[0];
	const char *second = cli_operand(cli, 1);

	if (cli_option(cli, 'd'))
		return remove_branch(cli, first);
	if (cli_option(cli, 'm'))
		return rename_branch(cli, first, second);
	return create(cli, first, second);
}

static irmin_rc check_operands(struct cli *cli)
{
	if (cli_option(cli, 'd') && cli_option(cli, 'm'))
		return cli_usage(cli, "-d and -m exclude each other");
	if (cli_option(cli, 'd') && cli->operand_count != 1)
		return cli_usage(cli, "-d takes one NAME");
	if (cli_option(cli, 'm') && cli->operand_count != 2)
		return cli_usage(cli, "-m takes OLD and NEW");
	return IRMIN_OK;
}

static irmin_rc run(struct cli *cli)
{
	irmin_rc rc;

	rc = check_operands(cli);
	if (rc < 0)
		return rc;
	if (cli->operand_count == 0) {
		rc = cli_open(cli);
		return rc < 0 ? rc : list(cli);
	}
	rc = cli_open_for_refs(cli);
	return rc < 0 ? rc : change(cli);
}

const struct cli_command cli_cmd_branch = {
	.name = "branch",
	.synopsis = "[NAME [REV] | -d NAME | -m OLD NEW]",
	.summary = "list, make, remove and rename branches",
	.text = "Without NAME it lists them; the one that HEAD names has a "
		"star. A new branch begins at REV, else at the branch given "
		"with -b, else at HEAD.",
	.example = "irmin branch draft && irmin -b draft set a/b 1",
	.options = options,
	.min_operands = 0,
	.max_operands = 2,
	.run = run,
};
