/* cli/cmd-verify.c: irmin verify */
#include "cli/cli-args.h"
#include "cli/cli-json.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-progress.h"
#include "cli/cli-quote.h"

static const struct cli_option options[] = {
	{ 'q', "quiet", NULL, "faults only: no progress, and no last line" },
	{ 0, NULL, NULL, NULL },
};

struct verifying {
	struct cli *cli;
	struct cli_json json;
	struct cli_progress progress;
	uint64_t faults, warnings;
};

static const char *name_of(irmin_fault_kind kind)
{
	switch (kind) {
	case IRMIN_FAULT_CORRUPT:
		return "corrupt";
	case IRMIN_FAULT_MISSING:
		return "missing";
	case IRMIN_FAULT_FORMAT:
		return "format";
	case IRMIN_FAULT_WARNING:
		return "warning";
	default:
		return "fault";
	}
}

static void write_json(struct cli_json *json, const irmin_fault *fault)
{
	cli_json_begin(json, '{');
	cli_json_key(json, "kind");
	cli_json_text(json, name_of(fault->kind));
	if (!irmin_oid_is_none(&fault->id)) {
		cli_json_key(json, "id");
		cli_json_oid(json, &fault->id);
	}
	if (fault->type != IRMIN_OBJECT_ANY) {
		cli_json_key(json, "type");
		cli_json_text(json, irmin_object_type_name(fault->type));
	}
	if (fault->where[0]) {
		cli_json_key(json, "where");
		cli_json_text(json, fault->where);
	}
	cli_json_key(json, "text");
	cli_json_text(json, fault->text);
	cli_json_end(json, '}');
}

/* <kind> <type> <id> <where>: <text>, with what of it is known. */
static void write_line(struct cli_out *out, const irmin_fault *fault)
{
	char hex[IRMIN_OID_HEX_BYTES];

	cli_out_color(out,
	    fault->kind == IRMIN_FAULT_WARNING ? CLI_YELLOW : CLI_RED);
	cli_out_text(out, name_of(fault->kind));
	cli_out_color(out, CLI_PLAIN);
	if (fault->type != IRMIN_OBJECT_ANY)
		cli_out_printf(out, " %s", irmin_object_type_name(fault->type));
	if (!irmin_oid_is_none(&fault->id))
		cli_out_printf(out, " %s", irmin_oid_hex(&fault->id, hex));
	if (fault->where[0]) {
		cli_out_text(out, " ");
		cli_quote_line(out, irmin_text(fault->where));
	}
	cli_out_text(out, ": ");
	cli_quote_line(out, irmin_text(fault->text));
	cli_out_text(out, "\n");
}

static int tell_fault(void *arg, const irmin_fault *fault)
{
	struct verifying *job = arg;

	if (fault->kind == IRMIN_FAULT_WARNING)
		job->warnings++;
	else
		job->faults++;
	if (job->cli->json) {
		write_json(&job->json, fault);
		return IRMIN_OK;
	}
	cli_progress_hide(&job->progress);
	write_line(&job->cli->out, fault);
	return IRMIN_OK;
}

static void tell_end(struct verifying *job)
{
	struct cli *cli = job->cli;
	unsigned long long faults = job->faults;
	unsigned long long warnings = job->warnings;

	if (cli->json) {
		cli_json_end(&job->json, ']');
		cli_json_key(&job->json, "result");
		cli_json_text(&job->json, faults > 0 ? "faulty" : "sound");
		cli_json_key(&job->json, "fault_count");
		cli_json_count(&job->json, faults);
		cli_json_key(&job->json, "warning_count");
		cli_json_count(&job->json, warnings);
		cli_json_end(&job->json, '}');
		return;
	}
	if (cli_option(cli, 'q'))
		return;
	if (faults == 0)
		cli_out_text(&cli->out, "no fault");
	else
		cli_out_printf(&cli->out, "%llu %s", faults,
		    cli_plural(faults, "fault", "faults"));
	if (warnings > 0)
		cli_out_printf(&cli->out, ", %llu %s", warnings,
		    cli_plural(warnings, "warning", "warnings"));
	cli_out_text(&cli->out, "\n");
}

static irmin_rc run(struct cli *cli)
{
	struct verifying job = { .cli = cli };
	bool quiet = cli_option(cli, 'q');
	irmin_rc rc;

	rc = cli_open_repo(cli, IRMIN_OPEN_READ_ONLY);
	if (rc < 0)
		return rc;
	cli_json_init(&job.json, &cli->out);
	if (cli->json) {
		cli_json_begin(&job.json, '{');
		cli_json_key(&job.json, "faults");
		cli_json_begin(&job.json, '[');
	}
	cli_progress_begin(&job.progress, cli, cli->command->name, 0);
	rc = irmin_repo_verify(cli->repo, tell_fault, &job,
	    quiet ? NULL : cli_progress_tell, &job.progress, &cli->err);
	cli_progress_end(&job.progress);
	if (rc < 0)
		return rc;
	tell_end(&job);
	cli->no = job.faults > 0;
	return rc;
}

const struct cli_command cli_cmd_verify = {
	.name = "verify",
	.synopsis = "[--quiet]",
	.summary = "check every object, ref and file of the repository",
	.text = "Reads all there is, and writes a line for each fault: corrupt "
		"(bytes that cannot be what they should be), missing "
		"(something names it), format (git fsck --strict objects) or "
		"warning (odd, and harmless), then the object or file, and "
		"why. Nothing is changed. Exit status 0 if there is no fault, "
		"1 if there is one, 3 if it could not look.",
	.example = "irmin -C state.git verify || echo 'restore it'",
	.options = options,
	.min_operands = 0,
	.max_operands = 0,
	.run = run,
};
