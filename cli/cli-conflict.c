/* cli/cli-conflict.c: see cli-conflict.h. */
#include "cli/cli-conflict.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-quote.h"
#include "cli/cli-table.h"
#include "cli/cli-value.h"

static const irmin_side sides[] = { IRMIN_SIDE_BASE, IRMIN_SIDE_OURS,
	IRMIN_SIDE_THEIRS };

#define SIDE_COUNT (sizeof(sides) / sizeof(*sides))

const char *cli_conflict_side_name(irmin_side side)
{
	return side == IRMIN_SIDE_BASE ? "base"
	    : side == IRMIN_SIDE_OURS  ? "ours"
				       : "theirs";
}

bool cli_conflict_has_value(const irmin_entry *entry)
{
	return entry->mode == IRMIN_MODE_FILE ||
	    entry->mode == IRMIN_MODE_EXECUTABLE ||
	    entry->mode == IRMIN_MODE_SYMLINK;
}

void cli_conflict_table(struct cli *cli, irmin_merge_result *result)
{
	irmin_conflict *conflict;
	struct cli_table table;

	cli_table_init(&table, 3, 0);
	while (irmin_merge_result_next(result, &conflict) == IRMIN_OK) {
		bool resolved = irmin_conflict_is_resolved(conflict);
		const char *kind = irmin_conflict_kind_name(
		    irmin_conflict_what(conflict));

		cli_table_add(&table, irmin_text(irmin_conflict_path(conflict)),
		    resolved ? CLI_GREEN : CLI_RED);
		cli_table_add(&table, irmin_text(kind), CLI_PLAIN);
		cli_table_add(&table,
		    irmin_text(resolved ? "resolved"
					: irmin_conflict_message(conflict)),
		    CLI_PLAIN);
	}
	cli_table_write(&table, &cli->out);
}

static irmin_rc json_value(struct cli *cli, irmin_conflict *conflict,
    irmin_side side, struct cli_json *json)
{
	irmin_pin value = IRMIN_PIN_INIT;
	irmin_rc rc;

	rc = irmin_conflict_value(conflict, side, &value, &cli->err);
	if (rc == IRMIN_OK) {
		cli_json_key(json, "value");
		cli_json_bytes(json, irmin_bytes(value.data, value.len));
	}
	irmin_pin_release(&value);
	return rc;
}

static irmin_rc json_side(struct cli *cli, irmin_conflict *conflict,
    irmin_side side, bool values, struct cli_json *json)
{
	irmin_entry entry;
	irmin_rc rc;

	rc = irmin_conflict_entry(conflict, side, &entry, &cli->err);
	if (rc < 0)
		return rc;
	cli_json_key(json, cli_conflict_side_name(side));
	if (entry.mode == IRMIN_MODE_NONE) {
		cli_json_null(json);
		return IRMIN_OK;
	}
	cli_json_begin(json, '{');
	cli_value_json_mode(json, entry.mode);
	cli_json_key(json, "id");
	cli_json_oid(json, &entry.id);
	if (values && cli_conflict_has_value(&entry))
		rc = json_value(cli, conflict, side, json);
	cli_json_end(json, '}');
	return rc;
}

irmin_rc cli_conflict_json_one(struct cli *cli, irmin_conflict *conflict,
    bool values, struct cli_json *json)
{
	irmin_rc rc = IRMIN_OK;

	cli_json_begin(json, '{');
	cli_json_key(json, "path");
	cli_json_text(json, irmin_conflict_path(conflict));
	cli_json_key(json, "conflict");
	cli_json_text(json,
	    irmin_conflict_kind_name(irmin_conflict_what(conflict)));
	cli_json_key(json, "message");
	cli_json_text(json, irmin_conflict_message(conflict));
	cli_json_key(json, "resolved");
	cli_json_bool(json, irmin_conflict_is_resolved(conflict));
	for (size_t i = 0; rc >= 0 && i < SIDE_COUNT; i++)
		rc = json_side(cli, conflict, sides[i], values, json);
	cli_json_end(json, '}');
	return rc;
}

irmin_rc cli_conflict_json(struct cli *cli, irmin_merge_result *result,
    struct cli_json *json)
{
	irmin_conflict *conflict;
	irmin_rc rc = IRMIN_OK;

	cli_json_begin(json, '[');
	while (
	    rc >= 0 && irmin_merge_result_next(result, &conflict) == IRMIN_OK)
		rc = cli_conflict_json_one(cli, conflict, false, json);
	cli_json_end(json, ']');
	return rc;
}

irmin_rc cli_conflict_resume(struct cli *cli, irmin_merge_result **result)
{
	irmin_rc rc;

	rc = irmin_store_merge_resume(cli->store, result, &cli->err);
	if (rc != IRMIN_ABSENT)
		return rc;
	return cli_no(cli, cli_open_branch(cli),
	    "%s: no merge into %s waits to be resolved", cli->command->name,
	    cli_open_branch(cli));
}

irmin_rc cli_conflict_find(struct cli *cli, irmin_merge_result *result,
    const char *path, irmin_conflict **conflict)
{
	irmin_rc rc = irmin_merge_result_find(result, path, conflict);

	if (rc != IRMIN_ABSENT)
		return rc;
	return cli_no(cli, path, "%s %s: there is no conflict",
	    cli->command->name, path);
}

irmin_rc cli_conflict_save(struct cli *cli, irmin_merge_result *result)
{
	irmin_rc rc = irmin_merge_result_save(result, &cli->err);

	if (rc < 0)
		return rc;
	return irmin_repo_flush(cli->repo, IRMIN_PROCESS, &cli->err);
}

irmin_rc cli_conflict_abort(struct cli *cli)
{
	const char *branch = cli_open_branch(cli);
	struct cli_json json;
	irmin_rc rc;

	rc = irmin_store_merge_abort(cli->store, &cli->err);
	if (rc == IRMIN_UNCHANGED)
		return cli_no(cli, branch,
		    "%s --abort: no merge into %s waits to be resolved",
		    cli->command->name, branch);
	if (rc < 0)
		return rc;
	if (!cli->json) {
		cli_out_text(&cli->out, "forgot the merge into ");
		cli_quote_line(&cli->out, irmin_text(branch));
		cli_out_text(&cli->out, "\n");
		return rc;
	}
	rc = cli_open_outcome(cli, rc, &json);
	if (rc >= 0)
		cli_json_end(&json, '}');
	return rc;
}
