/* cli/cmd-version.c: irmin version */
#include "cli/cli-json.h"
#include "cli/command.h"

static irmin_rc run(struct cli *cli)
{
	struct cli_json json;

	if (!cli->json) {
		cli_out_printf(&cli->out, "irmin %s\n", irmin_version());
		return IRMIN_OK;
	}
	cli_json_init(&json, &cli->out);
	cli_json_begin(&json, '{');
	cli_json_key(&json, "irmin");
	cli_json_text(&json, IRMIN_VERSION);
	cli_json_key(&json, "libirmin");
	cli_json_text(&json, irmin_version());
	cli_json_end(&json, '}');
	return IRMIN_OK;
}

const struct cli_command cli_cmd_version = {
	.name = "version",
	.synopsis = "",
	.summary = "say which irmin this is",
	.text = "",
	.example = "irmin version",
	.options = NULL,
	.min_operands = 0,
	.max_operands = 0,
	.run = run,
};
