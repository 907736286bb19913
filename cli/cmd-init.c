/* cli/cmd-init.c: irmin init */
#include <string.h>

#include "cli/cli-args.h"
#include "cli/cli-json.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-quote.h"

enum { KEY_HASH = CLI_LONG_ONLY, KEY_SHARED };

static const struct cli_option options[] = {
	{ KEY_HASH, "hash", "NAME", "sha1 (what git takes) or sha256" },
	{ KEY_SHARED, "shared", "WHO", "who else may use it: group or all" },
	{ 0, NULL, NULL, NULL },
};

static irmin_rc read_options(struct cli *cli, irmin_open_options *open)
{
	const char *hash = cli_option(cli, KEY_HASH);
	const char *shared = cli_option(cli, KEY_SHARED);

	if (hash && strcmp(hash, "sha1") == 0)
		open->hash = IRMIN_HASH_SHA1;
	else if (hash && strcmp(hash, "sha256") == 0)
		open->hash = IRMIN_HASH_SHA256;
	else if (hash)
		return cli_usage(cli, "--hash is sha1 or sha256, not '%s'",
		    hash);
	if (shared && strcmp(shared, "group") == 0)
		open->shared = IRMIN_SHARED_GROUP;
	else if (shared && strcmp(shared, "all") == 0)
		open->shared = IRMIN_SHARED_ALL;
	else if (shared)
		return cli_usage(cli, "--shared is group or all, not '%s'",
		    shared);
	return IRMIN_OK;
}

/* Opens what is there, else makes it: init on a repository changes nothing, as
 * git init does not. */
static irmin_rc open_or_make(struct cli *cli, const char *uri,
    const irmin_open_options *open, bool *made)
{
	irmin_open_options make = *open;
	irmin_rc rc;

	rc = irmin_repo_open(uri, open, &cli->repo, &cli->err);
	*made = rc < 0 || strcmp(irmin_repo_scheme(cli->repo), "mem") == 0;
	if (rc != IRMIN_EMISSING && rc != IRMIN_EINVAL)
		return rc;
	make.flags |= IRMIN_OPEN_CREATE;
	return irmin_repo_open(uri, &make, &cli->repo, &cli->err);
}

static void tell(struct cli *cli, bool made)
{
	const char *location = irmin_repo_location(cli->repo);
	const char *hash = irmin_hash_name(irmin_repo_hash(cli->repo));
	struct cli_json json;

	if (cli->json) {
		cli_json_init(&json, &cli->out);
		cli_json_begin(&json, '{');
		cli_json_key(&json, "result");
		cli_json_text(&json, made ? "done" : "unchanged");
		cli_json_key(&json, "location");
		cli_json_text(&json, location);
		cli_json_key(&json, "scheme");
		cli_json_text(&json, irmin_repo_scheme(cli->repo));
		cli_json_key(&json, "hash");
		cli_json_text(&json, hash);
		cli_json_end(&json, '}');
		return;
	}
	cli_out_text(&cli->out,
	    made ? "made an empty repository in "
		 : "there is a repository already in ");
	cli_quote_name(&cli->out, irmin_text(*location ? location : "memory"));
	cli_out_printf(&cli->out, " (%s)\n", hash);
}

static irmin_rc run(struct cli *cli)
{
	irmin_open_options open = IRMIN_OPEN_OPTIONS_INIT;
	const char *path = cli_operand(cli, 0);
	irmin_buf uri = IRMIN_BUF_INIT;
	bool made = false;
	irmin_rc rc;

	rc = read_options(cli, &open);
	if (rc < 0)
		return rc;
	if (path && cli->uri)
		return cli_usage(cli, "say where once, with PATH or with -C");
	path = path ? path : cli->uri ? cli->uri : ".";
	cli_open_uri_of(path, &uri);
	rc = open_or_make(cli, (const char *)uri.data, &open, &made);
	irmin_buf_clear(&uri);
	if (rc >= 0 && made && cli->branch)
		rc = irmin_repo_set_head(cli->repo, cli->branch, &cli->err);
	if (rc >= 0)
		tell(cli, made);
	return rc;
}

const struct cli_command cli_cmd_init = {
	.name = "init",
	.synopsis = "[PATH] [--hash sha256] [--shared group|all]",
	.summary = "make an empty repository",
	.text =
	    "Makes a bare git repository at PATH (or at -C, or in the "
	    "working directory), for its owner only unless --shared "
	    "says otherwise. HEAD names the branch main, or the one "
	    "given with -b. A repository that is there already stays as it is.",
	.example = "irmin init state.git && export IRMIN_URI=git:state.git",
	.options = options,
	.min_operands = 0,
	.max_operands = 1,
	.run = run,
};
