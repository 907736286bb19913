/* cli/cmd-stats.c: irmin stats */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli-json.h"
#include "cli/cli-open.h"
#include "cli/cli-table.h"

struct figures {
	struct cli *cli;
	struct cli_json json;
	struct cli_table table;
};

static int add_figure(void *arg, const char *name, uint64_t value,
    const char *unit)
{
	struct figures *figures = arg;
	struct cli_json *json = &figures->json;
	char text[24];

	if (figures->cli->json) {
		cli_json_begin(json, '{');
		cli_json_key(json, "name");
		cli_json_text(json, name);
		cli_json_key(json, "value");
		cli_json_count(json, value);
		cli_json_key(json, "unit");
		cli_json_text(json, unit);
		cli_json_end(json, '}');
		return IRMIN_OK;
	}
	snprintf(text, sizeof(text), "%" PRIu64, value);
	cli_table_add(&figures->table, irmin_text(name), CLI_PLAIN);
	cli_table_add(&figures->table, irmin_text(text), CLI_BOLD);
	cli_table_add(&figures->table, irmin_text(unit), CLI_PLAIN);
	return IRMIN_OK;
}

static void add_place(struct figures *figures)
{
	struct cli *cli = figures->cli;
	struct cli_json *json = &figures->json;

	cli_json_init(json, &cli->out);
	cli_table_init(&figures->table, 3, 2);
	if (!cli->json)
		return;
	cli_json_begin(json, '{');
	cli_json_key(json, "location");
	cli_json_text(json, irmin_repo_location(cli->repo));
	cli_json_key(json, "scheme");
	cli_json_text(json, irmin_repo_scheme(cli->repo));
	cli_json_key(json, "hash");
	cli_json_text(json, irmin_hash_name(irmin_repo_hash(cli->repo)));
	cli_json_key(json, "figures");
	cli_json_begin(json, '[');
}

/* What this very command cost, of which the walk is most. */
static void add_counters(struct figures *figures)
{
	struct cli *cli = figures->cli;

	if (cli->json) {
		cli_json_end(&figures->json, ']');
		cli_json_key(&figures->json, "counters");
		cli_json_begin(&figures->json, '{');
	} else {
		cli_table_write(&figures->table, &cli->out);
		cli_out_text(&cli->out, "\nto find this out:\n");
	}
	for (int i = 0; i < IRMIN_STAT_COUNT; i++) {
		irmin_stat stat = (irmin_stat)i;
		uint64_t value = irmin_repo_stat(cli->repo, stat);

		if (cli->json) {
			cli_json_key(&figures->json, irmin_stat_name(stat));
			cli_json_count(&figures->json, value);
		} else if (value > 0) {
			add_figure(figures, irmin_stat_name(stat), value,
			    irmin_stat_text(stat));
		}
	}
	if (cli->json) {
		cli_json_end(&figures->json, '}');
		cli_json_end(&figures->json, '}');
	}
	cli_table_write(&figures->table, &cli->out);
}

static irmin_rc run(struct cli *cli)
{
	struct figures figures = { .cli = cli };
	irmin_rc rc;

	rc = cli_open(cli);
	if (rc < 0)
		return rc;
	add_place(&figures);
	rc = irmin_repo_measure(cli->repo, add_figure, &figures, &cli->err);
	if (rc >= 0)
		add_counters(&figures);
	cli_table_clear(&figures.table);
	return rc;
}

const struct cli_command cli_cmd_stats = {
	.name = "stats",
	.synopsis = "",
	.summary = "say what the repository holds, and its size",
	.text = "Looks at every object.",
	.example = "irmin stats --json",
	.options = NULL,
	.min_operands = 0,
	.max_operands = 0,
	.run = run,
};
