/* cli/cmd-export.c: irmin export */
#include <string.h>
#include <strings.h>

#include "cli/cli-args.h"
#include "cli/cli-json.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-place.h"
#include "cli/cli-progress.h"
#include "cli/cli-quote.h"

enum { KEY_AT = CLI_LONG_ONLY, KEY_FORCE };

static const struct cli_option options[] = {
	{ KEY_AT, "at", "REV", "as it was there; see `irmin help revisions`" },
	{ KEY_FORCE, "force", NULL, "replace files that are there already" },
	{ 0, NULL, NULL, NULL },
};

struct exporting {
	struct cli *cli;
	const char *dir, *path;
	struct cli_place place;
	struct cli_progress progress;
	uint64_t files, symlinks, gitlinks;
};

/* Others may have made the tree: a name must not lead out of the directory, nor
 * plant a repository in it. */
static bool is_harmful(irmin_slice step)
{
	const char *text = step.data;

	return step.len == 0 || memchr(text, '\0', step.len) ||
	    (step.len == 1 && text[0] == '.') ||
	    (step.len == 2 && memcmp(text, "..", 2) == 0) ||
	    (step.len == 4 && strncasecmp(text, ".git", 4) == 0);
}

static irmin_rc check_steps(struct cli *cli, irmin_slice path)
{
	const char *text = path.data;
	size_t from = 0;

	for (size_t i = 0; i <= path.len; i++) {
		if (i < path.len && text[i] != '/')
			continue;
		if (is_harmful(irmin_bytes(text + from, i - from)))
			return irmin_error_set(&cli->err, IRMIN_ECORRUPT, NULL,
			    "export %.*s: a name that could do harm; nothing was written",
			    path.len < 200 ? (int)path.len : 200, text);
		from = i + 1;
	}
	return IRMIN_OK;
}

/* Looks before anything is written: at every name, and what is in its way. */
static int check(void *arg, const irmin_visit *visit)
{
	struct exporting *job = arg;
	irmin_rc rc = check_steps(job->cli, visit->path);

	job->files += visit->mode == IRMIN_MODE_FILE ||
	    visit->mode == IRMIN_MODE_EXECUTABLE;
	job->symlinks += visit->mode == IRMIN_MODE_SYMLINK;
	job->gitlinks += visit->mode == IRMIN_MODE_GITLINK;
	if (rc < 0 || job->place.depth == 0 ||
	    visit->mode == IRMIN_MODE_GITLINK)
		return rc;
	return cli_place_check(job->cli, &job->place, visit->path);
}

static int write_entry(void *arg, const irmin_visit *visit)
{
	struct exporting *job = arg;
	irmin_rc rc = check_steps(job->cli, visit->path);

	if (rc < 0)
		return rc;
	cli_progress_step(&job->progress, visit->value.len);
	return cli_place_put(job->cli, &job->place, visit->path, visit->mode,
	    visit->value);
}

/* The library passes on what our callbacks answer; what they put into err
 * stays. */
static irmin_rc walk(struct exporting *job, irmin_tree *tree, uint32_t flags,
    irmin_visit_fn fn)
{
	irmin_error err;
	irmin_rc rc = irmin_tree_each(tree, job->path, flags, fn, job, &err);

	if (rc < 0 && job->cli->err.code == IRMIN_OK)
		job->cli->err = err;
	return rc;
}

static irmin_rc write_all(struct exporting *job, irmin_tree *tree)
{
	struct cli *cli = job->cli;
	irmin_rc rc;

	job->place.force = cli_option(cli, KEY_FORCE);
	rc = cli_place_open(cli, &job->place, job->dir, false);
	if (rc >= 0)
		rc = walk(job, tree, 0, check);
	if (rc == IRMIN_ABSENT)
		rc = cli_no(cli, job->path,
		    "export %s: there is no such directory", job->path);
	cli_place_close(&job->place);
	if (rc != IRMIN_OK)
		return rc;
	rc = cli_place_open(cli, &job->place, job->dir, true);
	cli_progress_begin(&job->progress, cli, "exporting",
	    job->files + job->symlinks + job->gitlinks);
	if (rc >= 0)
		rc = walk(job, tree, IRMIN_EACH_VALUES, write_entry);
	cli_place_close(&job->place);
	return rc;
}

static void tell_json(struct exporting *job, double seconds)
{
	struct cli_json json;

	cli_json_init(&json, &job->cli->out);
	cli_json_begin(&json, '{');
	cli_json_key(&json, "result");
	cli_json_text(&json, "done");
	cli_json_key(&json, "files");
	cli_json_count(&json, job->files);
	cli_json_key(&json, "symlinks");
	cli_json_count(&json, job->symlinks);
	cli_json_key(&json, "gitlinks");
	cli_json_count(&json, job->gitlinks);
	cli_json_key(&json, "bytes");
	cli_json_count(&json, job->progress.bytes);
	cli_json_key(&json, "milliseconds");
	cli_json_count(&json, (uint64_t)(seconds * 1000));
	cli_json_end(&json, '}');
}

static void tell(struct exporting *job, double seconds)
{
	struct cli_out *out = &job->cli->out;
	char size[CLI_SIZE_BYTES];

	if (job->gitlinks > 0)
		cli_note(job->cli,
		    "export: %llu %s: an empty directory for each",
		    (unsigned long long)job->gitlinks,
		    cli_plural(job->gitlinks, "gitlink", "gitlinks"));
	if (job->cli->json) {
		tell_json(job, seconds);
		return;
	}
	cli_out_printf(out, "exported %llu %s", (unsigned long long)job->files,
	    cli_plural(job->files, "file", "files"));
	if (job->symlinks > 0)
		cli_out_printf(out, " and %llu %s",
		    (unsigned long long)job->symlinks,
		    cli_plural(job->symlinks, "symlink", "symlinks"));
	cli_out_printf(out, ", %s, to ",
	    cli_progress_size(job->progress.bytes, size));
	cli_quote_name(out, irmin_text(job->dir));
	cli_out_printf(out, " in %.2f s\n", seconds);
}

static irmin_rc run(struct cli *cli)
{
	struct exporting job = { .cli = cli,
		.dir = cli_operand(cli, 0),
		.path = cli_operand(cli, 1) ? cli_operand(cli, 1) : "" };
	irmin_tree *tree = NULL;
	double seconds;
	irmin_rc rc;

	rc = cli_open(cli);
	if (rc >= 0)
		rc = cli_open_tree(cli, cli_option(cli, KEY_AT), &tree);
	if (rc == IRMIN_OK)
		rc = write_all(&job, tree);
	irmin_tree_unref(tree);
	if (rc != IRMIN_OK)
		return rc;
	seconds = cli_progress_end(&job.progress);
	tell(&job, seconds);
	return rc;
}

const struct cli_command cli_cmd_export = {
	.name = "export",
	.synopsis = "DIR [PATH] [--at REV] [--force]",
	.summary = "write values as files into a folder",
	.text =
	    "DIR is made if it is not there. Before anything is written "
	    "it looks for files in the way, and refuses with exit "
	    "status 1 if there is one; --force replaces files and "
	    "symlinks, but never a directory. Nothing is ever written outside DIR.",
	.example = "irmin export /tmp/before net --at '@{1 day ago}'",
	.options = options,
	.min_operands = 1,
	.max_operands = 2,
	.run = run,
};
