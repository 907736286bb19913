/* cli/cmd-copy.c: irmin copy */
#include <string.h>

#include "cli/cli-args.h"
#include "cli/cli-json.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-progress.h"
#include "cli/cli-quote.h"

enum { KEY_STRICT = CLI_LONG_ONLY, KEY_PRUNE };

static const struct cli_option options[] = {
	{ KEY_STRICT, "strict", NULL, "refuse what git fsck --strict would" },
	{ KEY_PRUNE, "prune", NULL, "remove refs that FROM does not have" },
	{ 'q', "quiet", NULL, "say nothing when all is well" },
	{ 0, NULL, NULL, NULL },
};

static irmin_rc open_from(struct cli *cli, irmin_repo **from)
{
	irmin_open_options open = IRMIN_OPEN_OPTIONS_INIT;
	irmin_buf uri = IRMIN_BUF_INIT;
	irmin_rc rc;

	open.flags = IRMIN_OPEN_READ_ONLY;
	cli_open_uri_of(cli->operands[0], &uri);
	rc = irmin_repo_open((const char *)uri.data, &open, from, &cli->err);
	irmin_buf_clear(&uri);
	return rc;
}

/* What is there, else a new one with the same hash. main closes it. */
static irmin_rc open_to(struct cli *cli, irmin_repo *from)
{
	irmin_open_options open = IRMIN_OPEN_OPTIONS_INIT;
	irmin_buf uri = IRMIN_BUF_INIT;
	irmin_rc rc;

	cli->wrote = true;
	cli_open_uri_of(cli->operands[1], &uri);
	rc = irmin_repo_open((const char *)uri.data, &open, &cli->repo,
	    &cli->err);
	if (rc == IRMIN_EMISSING || rc == IRMIN_EINVAL) {
		open.flags = IRMIN_OPEN_CREATE;
		open.hash = irmin_repo_hash(from);
		rc = irmin_repo_open((const char *)uri.data, &open, &cli->repo,
		    &cli->err);
	}
	irmin_buf_clear(&uri);
	return rc;
}

struct copying {
	struct cli *cli;
	struct cli_progress progress;
};

/* Why --strict refuses. */
static int tell_fault(void *arg, const irmin_fault *fault)
{
	struct copying *job = arg;
	char hex[IRMIN_OID_HEX_BYTES];

	cli_progress_hide(&job->progress);
	cli_note(job->cli, "copy: %s %s%s%s: %s",
	    irmin_object_type_name(fault->type), irmin_oid_hex(&fault->id, hex),
	    fault->where[0] ? " " : "", fault->where, fault->text);
	return IRMIN_OK;
}

static void tell_json(struct cli *cli, irmin_rc rc, const irmin_copied *copied,
    double seconds)
{
	struct cli_json json;

	cli_json_init(&json, &cli->out);
	cli_json_begin(&json, '{');
	cli_json_key(&json, "result");
	cli_json_text(&json, rc == IRMIN_UNCHANGED ? "unchanged" : "done");
	cli_json_key(&json, "location");
	cli_json_text(&json, irmin_repo_location(cli->repo));
	cli_json_key(&json, "objects");
	cli_json_count(&json, copied->objects);
	cli_json_key(&json, "bytes");
	cli_json_count(&json, copied->bytes);
	cli_json_key(&json, "present");
	cli_json_count(&json, copied->present);
	cli_json_key(&json, "refs");
	cli_json_count(&json, copied->refs);
	cli_json_key(&json, "milliseconds");
	cli_json_count(&json, (uint64_t)(seconds * 1000));
	cli_json_end(&json, '}');
}

static void tell(struct cli *cli, irmin_rc rc, const irmin_copied *copied,
    double seconds)
{
	unsigned long long objects = copied->objects;
	unsigned long long present = copied->present;
	unsigned long long refs = copied->refs;
	struct cli_out *out = &cli->out;
	char size[CLI_SIZE_BYTES];

	if (rc == IRMIN_UNCHANGED) {
		cli_out_printf(out,
		    "unchanged: all of %llu %s and the refs "
		    "are there already\n",
		    present, cli_plural(present, "object", "objects"));
		return;
	}
	cli_out_printf(out, "copied %llu %s, %s unpacked, and %llu %s", objects,
	    cli_plural(objects, "object", "objects"),
	    cli_progress_size(copied->bytes, size), refs,
	    cli_plural(refs, "ref", "refs"));
	cli_out_text(out, " to ");
	cli_quote_name(out, irmin_text(cli->operands[1]));
	cli_out_printf(out, " in %.2f s", seconds);
	if (present > 0)
		cli_out_printf(out, "; %llu %s there already", present,
		    cli_plural(present, "object was", "objects were"));
	cli_out_text(out, "\n");
}

static irmin_rc copy(struct cli *cli, irmin_repo *from)
{
	irmin_copy_options copy = IRMIN_COPY_OPTIONS_INIT;
	struct copying job = { .cli = cli };
	bool quiet = cli_option(cli, 'q');
	irmin_copied copied;
	double seconds;
	irmin_rc rc;

	if (cli_option(cli, KEY_STRICT)) {
		copy.flags |= IRMIN_COPY_STRICT;
		copy.fault = tell_fault;
		copy.fault_arg = &job;
	}
	if (cli_option(cli, KEY_PRUNE))
		copy.flags |= IRMIN_COPY_PRUNE;
	copy.progress = quiet ? NULL : cli_progress_tell;
	copy.progress_arg = &job.progress;
	cli_progress_begin(&job.progress, cli, cli->command->name, 0);
	rc = irmin_repo_copy(from, cli->repo, &copy, &copied, &cli->err);
	seconds = cli_progress_end(&job.progress);
	if (rc < 0)
		return rc;
	if (cli->json)
		tell_json(cli, rc, &copied, seconds);
	else if (!quiet)
		tell(cli, rc, &copied, seconds);
	return IRMIN_OK;
}

static irmin_rc run(struct cli *cli)
{
	irmin_repo *from = NULL;
	irmin_rc rc;

	if (cli->uri || cli->branch)
		return cli_usage(cli, "it takes FROM and TO, and no %s",
		    cli->uri ? "-C" : "-b");
	rc = open_from(cli, &from);
	if (rc >= 0)
		rc = open_to(cli, from);
	if (rc >= 0)
		rc = copy(cli, from);
	irmin_repo_close(from);
	return rc;
}

const struct cli_command cli_cmd_copy = {
	.name = "copy",
	.synopsis = "FROM TO [--strict] [--prune] [--quiet]",
	.summary = "copy a whole repository to another",
	.text =
	    "All objects, byte for byte, each checked against its id, then "
	    "all refs and HEAD. FROM and TO are URIs or paths; a TO that is "
	    "not there is made, bare, with the hash of FROM. Interrupted, "
	    "by ^C or anything else, it goes on where it stopped when it is "
	    "run again. Run later it brings over what is new.",
	.example = "irmin copy state.git /backup/state.git --prune",
	.options = options,
	.min_operands = 2,
	.max_operands = 2,
	.run = run,
};
