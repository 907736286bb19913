/* cli/cmd-cat.c: irmin cat */
#include <inttypes.h>

#include "cli/cli-args.h"
#include "cli/cli-json.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-stream.h"

static const struct cli_option options[] = {
	{ 't', "type", NULL, "its type only: commit, tree, blob or tag" },
	{ 's', "size", NULL, "its size in bytes only" },
	{ 0, NULL, NULL, NULL },
};

static void write_json(struct cli *cli, const irmin_oid *id,
    irmin_object_type type, uint64_t bytes)
{
	struct cli_json json;

	cli_json_init(&json, &cli->out);
	cli_json_begin(&json, '{');
	cli_json_key(&json, "id");
	cli_json_oid(&json, id);
	cli_json_key(&json, "type");
	cli_json_text(&json, irmin_object_type_name(type));
	cli_json_key(&json, "size");
	cli_json_count(&json, bytes);
	cli_json_end(&json, '}');
}

static irmin_rc write_facts(struct cli *cli, const irmin_oid *id)
{
	irmin_object_type type;
	uint64_t bytes;
	irmin_rc rc;

	rc = irmin_object_stat(cli->repo, id, &type, &bytes, &cli->err);
	if (rc != IRMIN_OK)
		return rc;
	if (cli->json)
		write_json(cli, id, type, bytes);
	else if (cli_option(cli, 't'))
		cli_out_printf(&cli->out, "%s\n", irmin_object_type_name(type));
	else
		cli_out_printf(&cli->out, "%" PRIu64 "\n", bytes);
	return IRMIN_OK;
}

static irmin_rc run(struct cli *cli)
{
	const char *name = cli_operand(cli, 0);
	bool facts = cli->json || cli_option(cli, 't') || cli_option(cli, 's');
	irmin_object_type type;
	irmin_oid id;
	irmin_rc rc;

	if (cli_option(cli, 't') && cli_option(cli, 's'))
		return cli_usage(cli, "-t and -s exclude each other");
	rc = cli_open(cli);
	if (rc >= 0)
		rc = cli_open_object(cli, name, &id, &type);
	if (rc >= 0)
		rc = facts ? write_facts(cli, &id)
			   : cli_stream_object(cli, &id);
	if (rc == IRMIN_ABSENT)
		return cli_no(cli, NULL, "cat %s: it is gone meanwhile", name);
	return rc;
}

const struct cli_command cli_cmd_cat = {
	.name = "cat",
	.synopsis = "REV|ID|REV:PATH [-t | -s]",
	.summary = "write an object, of any type and size, as it is stored",
	.text =
	    "What is stored, byte for byte, as `git cat-file TYPE ID` gives "
	    "it: a commit's or a tag's text, a directory's entries, a value. "
	    "Annotated tags are not followed; NAME^{commit}, NAME^{tree} and "
	    "NAME^{} follow them. It is "
	    "written piece by piece; only what a pack holds as a delta is "
	    "held whole. On a terminal control characters are escaped. With --json: "
	    "id, type and size, without the bytes.",
	.example = "irmin cat main:backup/disk.img > disk.img",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
