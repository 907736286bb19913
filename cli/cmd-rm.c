/* cli/cmd-rm.c: irmin rm */
#include <stdlib.h>

#include "cli/cli-args.h"
#include "cli/cli-info.h"
#include "cli/cli-json.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"

static const struct cli_option options[] = {
	CLI_INFO_OPTIONS,
	{ 0, NULL, NULL, NULL },
};

struct removal {
	struct cli *cli;
	bool *absent; /* by operand */
	size_t removed;
};

static irmin_rc remove_all(irmin_txn *txn, void *arg, irmin_error *err)
{
	struct removal *removal = arg;
	struct cli *cli = removal->cli;

	removal->removed = 0;
	for (size_t i = 0; i < cli->operand_count; i++) {
		irmin_rc rc = irmin_txn_remove(txn, cli->operands[i], err);

		if (rc < 0)
			return rc;
		removal->absent[i] = rc == IRMIN_UNCHANGED;
		removal->removed += rc == IRMIN_OK;
	}
	return removal->removed > 0 ? IRMIN_OK : IRMIN_EABORTED;
}

/* One path goes the short way, and so gets the library's message for it. */
static irmin_rc remove_paths(struct removal *removal, const irmin_info *info)
{
	struct cli *cli = removal->cli;
	irmin_rc rc;

	if (cli->operand_count == 1) {
		rc = irmin_store_remove(cli->store, cli->operands[0], info,
		    &cli->err);
		removal->removed = rc == IRMIN_OK;
		return rc == IRMIN_UNCHANGED ? IRMIN_EABORTED : rc;
	}
	return irmin_store_transact(cli->store, IRMIN_TXN_UNMOVED, info,
	    remove_all, removal, &cli->err);
}

static irmin_rc tell(struct removal *removal)
{
	struct cli *cli = removal->cli;
	struct cli_json json;
	irmin_rc rc;

	for (size_t i = 0; i < cli->operand_count; i++)
		if (removal->absent[i])
			cli_note(cli, "rm %s: nothing was there",
			    cli->operands[i]);
	if (!cli->json)
		return IRMIN_OK;
	rc = cli_open_outcome(cli, IRMIN_OK, &json);
	if (rc < 0)
		return rc;
	cli_json_key(&json, "removed");
	cli_json_count(&json, removal->removed);
	cli_json_end(&json, '}');
	return rc;
}

static irmin_rc run(struct cli *cli)
{
	struct removal removal = { cli, NULL, 0 };
	struct cli_info info;
	irmin_rc rc;

	rc = cli_open_to_write(cli, NULL);
	if (rc < 0)
		return rc;
	removal.absent = cli_alloc(cli->operand_count * sizeof(bool));
	for (size_t i = 0; i < cli->operand_count; i++)
		removal.absent[i] = false;
	rc = cli_info_init(cli, &info);
	if (rc >= 0)
		rc = remove_paths(&removal, &info.info);
	if (rc == IRMIN_EABORTED)
		rc = cli_no(cli, cli->operands[0], "rm %s%s: nothing was there",
		    cli->operands[0],
		    cli->operand_count > 1 ? " and the others" : "");
	else if (rc >= 0)
		rc = tell(&removal);
	cli_info_clear(&info);
	free(removal.absent);
	return rc;
}

const struct cli_command cli_cmd_rm = {
	.name = "rm",
	.synopsis = "PATH... [-m MSG] [--author A]",
	.summary = "remove values and directories, as one commit",
	.text = "Directories go with all that is in them. Exit status 1 if "
		"nothing was there.",
	.example = "irmin rm net/eth0 net/eth1",
	.options = options,
	.min_operands = 1,
	.max_operands = CLI_ANY_NUMBER,
	.run = run,
};
