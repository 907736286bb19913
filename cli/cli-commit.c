/* cli/cli-commit.c: see cli-commit.h. */
#include <stdio.h>
#include <string.h>

#include "cli/cli-commit.h"
#include "cli/cli-date.h"
#include "cli/cli-quote.h"
#include "cli/cli-value.h"

/* The line that begins at `*from`, without its newline; moves on. */
static irmin_slice next_line(irmin_slice text, size_t *from)
{
	const char *data = (const char *)text.data + *from;
	const char *end = memchr(data, '\n', text.len - *from);
	size_t len = end ? (size_t)(end - data) : text.len - *from;

	*from += len + (end != NULL);
	return irmin_bytes(data, len);
}

/* The message without blank lines at its ends. */
static irmin_slice trimmed_message(const irmin_commit *commit)
{
	irmin_slice text = irmin_commit_message(commit);
	const char *data = text.data;
	size_t from = 0;

	while (from < text.len && data[from] == '\n')
		from++;
	while (text.len > from && data[text.len - 1] == '\n')
		text.len--;
	return irmin_bytes(data + from, text.len - from);
}

irmin_slice cli_commit_subject(const irmin_commit *commit)
{
	size_t from = 0;

	return next_line(trimmed_message(commit), &from);
}

static void write_message(struct cli_out *out, const irmin_commit *commit)
{
	irmin_slice text = trimmed_message(commit);
	size_t from = 0;

	while (from < text.len) {
		irmin_slice line = next_line(text, &from);

		cli_out_text(out, "    ");
		cli_quote_text(out, line);
		cli_out_text(out, "\n");
	}
}

static irmin_rc write_parents(struct cli *cli, irmin_commit *commit)
{
	struct cli_out *out = &cli->out;
	size_t count = irmin_commit_parent_count(commit);
	char text[CLI_SHORT_ID + 1];
	irmin_oid id;
	irmin_rc rc;

	if (count < 2)
		return IRMIN_OK;
	cli_out_text(out, "Merge:");
	for (size_t i = 0; i < count; i++) {
		rc = irmin_commit_parent_id(commit, i, &id, &cli->err);
		if (rc < 0)
			return rc;
		cli_out_printf(out, " %s", cli_value_short_id(&id, text));
	}
	cli_out_text(out, "\n");
	return IRMIN_OK;
}

irmin_rc cli_commit_write(struct cli *cli, irmin_commit *commit,
    const struct cli_refs *refs)
{
	struct cli_out *out = &cli->out;
	irmin_ident author = irmin_commit_author(commit);
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_oid id;
	irmin_rc rc;

	rc = irmin_commit_id(commit, &id, &cli->err);
	if (rc < 0)
		return rc;
	cli_out_color(out, CLI_YELLOW);
	cli_out_printf(out, "commit %s", irmin_oid_hex(&id, hex));
	cli_out_color(out, CLI_PLAIN);
	if (refs)
		cli_refs_write(refs, &id, out);
	cli_out_text(out, "\n");
	rc = write_parents(cli, commit);
	if (rc < 0)
		return rc;
	cli_out_text(out, "Author: ");
	cli_quote_text(out, author.name);
	cli_out_text(out, " <");
	cli_quote_text(out, author.email);
	cli_out_text(out, ">\nDate:   ");
	cli_date_write(out, author.time, author.zone);
	cli_out_text(out, "\n\n");
	write_message(out, commit);
	return IRMIN_OK;
}

irmin_rc cli_commit_write_short(struct cli *cli, irmin_commit *commit,
    const struct cli_refs *refs)
{
	struct cli_out *out = &cli->out;
	char text[CLI_SHORT_ID + 1];
	irmin_oid id;
	irmin_rc rc;

	rc = irmin_commit_id(commit, &id, &cli->err);
	if (rc < 0)
		return rc;
	cli_out_color(out, CLI_YELLOW);
	cli_out_text(out, cli_value_short_id(&id, text));
	cli_out_color(out, CLI_PLAIN);
	if (refs)
		cli_refs_write(refs, &id, out);
	cli_out_text(out, " ");
	cli_quote_text(out, cli_commit_subject(commit));
	cli_out_text(out, "\n");
	return IRMIN_OK;
}

static void json_ident(struct cli_json *json, const char *key,
    const irmin_ident *ident)
{
	char zone[16];

	snprintf(zone, sizeof(zone), "%c%04d", ident->zone < 0 ? '-' : '+',
	    ident->zone < 0 ? -ident->zone : ident->zone);
	cli_json_key(json, key);
	cli_json_begin(json, '{');
	cli_json_key(json, "name");
	cli_json_bytes(json, ident->name);
	cli_json_key(json, "email");
	cli_json_bytes(json, ident->email);
	cli_json_key(json, "time");
	cli_json_number(json, ident->time);
	cli_json_key(json, "zone");
	cli_json_text(json, zone);
	cli_json_end(json, '}');
}

static irmin_rc tree_id(struct cli *cli, irmin_commit *commit, irmin_oid *id)
{
	irmin_tree *tree = NULL;
	irmin_rc rc;

	rc = irmin_commit_tree(commit, &tree, &cli->err);
	if (rc >= 0)
		rc = irmin_tree_id(tree, id, &cli->err);
	irmin_tree_unref(tree);
	return rc;
}

irmin_rc cli_commit_json(struct cli *cli, irmin_commit *commit,
    struct cli_json *json)
{
	irmin_ident author = irmin_commit_author(commit);
	irmin_ident committer = irmin_commit_committer(commit);
	irmin_oid id, tree;
	irmin_rc rc;

	rc = irmin_commit_id(commit, &id, &cli->err);
	if (rc >= 0)
		rc = tree_id(cli, commit, &tree);
	if (rc < 0)
		return rc;
	cli_json_key(json, "id");
	cli_json_oid(json, &id);
	cli_json_key(json, "tree");
	cli_json_oid(json, &tree);
	cli_json_key(json, "parents");
	cli_json_begin(json, '[');
	for (size_t i = 0; i < irmin_commit_parent_count(commit); i++) {
		rc = irmin_commit_parent_id(commit, i, &id, &cli->err);
		if (rc < 0)
			return rc;
		cli_json_oid(json, &id);
	}
	cli_json_end(json, ']');
	json_ident(json, "author", &author);
	json_ident(json, "committer", &committer);
	cli_json_key(json, "message");
	cli_json_bytes(json, irmin_commit_message(commit));
	return IRMIN_OK;
}
