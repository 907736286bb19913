/* cli/cmd-conflicts.c: irmin conflicts */
#include <inttypes.h>

#include "cli/cli-args.h"
#include "cli/cli-conflict.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-quote.h"
#include "cli/cli-stream.h"
#include "cli/cli-value.h"

enum { KEY_BASE = CLI_LONG_ONLY, KEY_OURS, KEY_THEIRS };

static const struct cli_option options[] = {
	{ KEY_BASE, "base", NULL, "the value of the common ancestor" },
	{ KEY_OURS, "ours", NULL, "our value" },
	{ KEY_THEIRS, "theirs", NULL, "their value" },
	{ 0, NULL, NULL, NULL },
};

static irmin_rc list(struct cli *cli, irmin_merge_result *result)
{
	struct cli_json json;

	if (!cli->json) {
		cli_conflict_table(cli, result);
		return IRMIN_OK;
	}
	cli_json_init(&json, &cli->out);
	return cli_conflict_json(cli, result, &json);
}

static irmin_rc show_value(struct cli *cli, irmin_conflict *conflict,
    irmin_side side)
{
	irmin_pin value = IRMIN_PIN_INIT;
	irmin_rc rc;

	rc = irmin_conflict_value(conflict, side, &value, &cli->err);
	if (rc == IRMIN_OK) {
		const char *bytes = value.data;

		cli_out_printf(&cli->out, ", %zu %s\n", value.len,
		    cli_plural(value.len, "byte", "bytes"));
		cli_quote_text(&cli->out, irmin_bytes(bytes, value.len));
		if (value.len > 0 && bytes[value.len - 1] != '\n')
			cli_out_text(&cli->out, "\n");
	}
	irmin_pin_release(&value);
	return rc;
}

static irmin_rc show_side(struct cli *cli, irmin_conflict *conflict,
    irmin_side side)
{
	struct cli_out *out = &cli->out;
	irmin_entry entry;
	irmin_rc rc;

	rc = irmin_conflict_entry(conflict, side, &entry, &cli->err);
	if (rc < 0)
		return rc;
	cli_out_text(out, "\n");
	cli_out_color(out, CLI_BOLD);
	cli_out_text(out, cli_conflict_side_name(side));
	cli_out_color(out, CLI_PLAIN);
	cli_out_printf(out, ": %s", cli_value_kind(entry.mode));
	if (cli_conflict_has_value(&entry))
		return show_value(cli, conflict, side);
	cli_out_text(out, "\n");
	return rc;
}

static irmin_rc show(struct cli *cli, irmin_conflict *conflict)
{
	struct cli_out *out = &cli->out;
	struct cli_json json;
	irmin_rc rc;

	if (cli->json) {
		cli_json_init(&json, out);
		return cli_conflict_json_one(cli, conflict, true, &json);
	}
	cli_quote_line(out, irmin_text(irmin_conflict_path(conflict)));
	cli_out_printf(out,
	    ": %s: ", irmin_conflict_kind_name(irmin_conflict_what(conflict)));
	cli_quote_line(out, irmin_text(irmin_conflict_message(conflict)));
	cli_out_text(out,
	    irmin_conflict_is_resolved(conflict) ? " (resolved)\n" : "\n");
	rc = show_side(cli, conflict, IRMIN_SIDE_BASE);
	if (rc >= 0)
		rc = show_side(cli, conflict, IRMIN_SIDE_OURS);
	if (rc >= 0)
		rc = show_side(cli, conflict, IRMIN_SIDE_THEIRS);
	return rc;
}

/* The very bytes, as `irmin get` writes them. */
static irmin_rc write_side(struct cli *cli, irmin_conflict *conflict,
    irmin_side side)
{
	const char *path = irmin_conflict_path(conflict);
	irmin_entry entry;
	irmin_rc rc;

	rc = irmin_conflict_entry(conflict, side, &entry, &cli->err);
	if (rc < 0)
		return rc;
	if (!cli_conflict_has_value(&entry))
		return cli_no(cli, path, "conflicts %s --%s: it is %s%s", path,
		    cli_conflict_side_name(side),
		    entry.mode == IRMIN_MODE_NONE ? "" : "a ",
		    cli_value_kind(entry.mode));
	rc = cli_stream_object(cli, &entry.id);
	if (rc != IRMIN_ABSENT)
		return rc;
	return irmin_error_set(&cli->err, IRMIN_EMISSING, path,
	    "conflicts %s: the object of its value is missing", path);
}

/* How many sides were asked for, and the one. */
static unsigned read_side(struct cli *cli, irmin_side *side)
{
	static const int keys[] = { KEY_BASE, KEY_OURS, KEY_THEIRS };
	unsigned count = 0;

	for (int i = 0; i < 3; i++) {
		if (!cli_option(cli, keys[i]))
			continue;
		*side = (irmin_side)i;
		count++;
	}
	return count;
}

static irmin_rc one(struct cli *cli, irmin_merge_result *result,
    const char *path)
{
	irmin_side side = IRMIN_SIDE_BASE;
	bool wants_side = read_side(cli, &side) > 0;
	irmin_conflict *conflict;
	irmin_rc rc;

	rc = cli_conflict_find(cli, result, path, &conflict);
	if (rc != IRMIN_OK)
		return rc;
	return wants_side ? write_side(cli, conflict, side)
			  : show(cli, conflict);
}

static irmin_rc check_options(struct cli *cli)
{
	irmin_side side = IRMIN_SIDE_BASE;
	unsigned sides = read_side(cli, &side);

	if (sides > 1)
		return cli_usage(cli,
		    "--base, --ours and --theirs exclude each other");
	if (sides > 0 && cli->operand_count == 0)
		return cli_usage(cli, "--%s wants a PATH",
		    cli_conflict_side_name(side));
	if (sides > 0 && cli->json)
		return cli_usage(cli,
		    "--json shows all sides; --%s writes bytes",
		    cli_conflict_side_name(side));
	return IRMIN_OK;
}

static irmin_rc run(struct cli *cli)
{
	const char *path = cli_operand(cli, 0);
	irmin_merge_result *result = NULL;
	irmin_rc rc;

	rc = check_options(cli);
	if (rc >= 0)
		rc = cli_open(cli);
	if (rc >= 0)
		rc = cli_conflict_resume(cli, &result);
	if (rc == IRMIN_OK)
		rc = path ? one(cli, result, path) : list(cli, result);
	irmin_merge_result_free(result);
	return rc;
}

const struct cli_command cli_cmd_conflicts = {
	.name = "conflicts",
	.synopsis = "[PATH] [--base | --ours | --theirs]",
	.summary = "show the conflicts of a merge that waits",
	.text = "Without PATH, a line for each: path, kind, and why, or that "
		"it is resolved. With PATH, what each side has there; with a "
		"side, its very bytes. Exit status 1 if no merge into the "
		"branch waits.",
	.example = "irmin conflicts net/eth0 --theirs",
	.options = options,
	.min_operands = 0,
	.max_operands = 1,
	.run = run,
};
