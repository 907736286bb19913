/* cli/cmd-import.c: irmin import */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli-args.h"
#include "cli/cli-folder.h"
#include "cli/cli-info.h"
#include "cli/cli-json.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-progress.h"
#include "cli/cli-quote.h"

static const struct cli_option options[] = {
	CLI_INFO_OPTIONS,
	{ 0, NULL, NULL, NULL },
};

/* An edit holds the values it was given: so many bytes at a time. */
#define HELD_BYTES (32U << 20)
#define FILE_BYTES 128 /* about what it keeps of a file beside its bytes */

/* Set by ^C; the library looks at it while it waits. */
static volatile int interrupted;

static void interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

/* The first ^C ends the import in good order, a second one at once. */
static void catch_interrupt(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = interrupt;
	action.sa_flags = (int)SA_RESETHAND;
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
}

struct import {
	struct cli *cli;
	const char *dir, *path;
	irmin_edit *edit;
	uint64_t held; /* bytes in the edit */
	struct cli_folder folder;
	struct cli_progress progress;
};

/* Writes what the edit holds and begins anew at the tree that came of it. */
static irmin_rc settle(struct import *import)
{
	struct cli *cli = import->cli;
	irmin_tree *tree = NULL;
	irmin_oid id;
	irmin_rc rc;

	rc = irmin_edit_tree(import->edit, &tree, &cli->err);
	if (rc >= 0)
		rc = irmin_tree_write(tree, &id, &cli->err);
	irmin_tree_unref(tree);
	irmin_edit_free(import->edit);
	import->edit = NULL;
	import->held = 0;
	tree = NULL;
	if (rc >= 0)
		rc = irmin_tree_get(cli->repo, &id, &tree, &cli->err);
	if (rc >= 0)
		rc = irmin_edit_new(tree, &import->edit, &cli->err);
	irmin_tree_unref(tree);
	return rc;
}

static irmin_rc take_file(void *arg, const char *path, irmin_mode mode,
    irmin_slice value)
{
	struct import *import = arg;
	struct cli *cli = import->cli;
	irmin_rc rc;

	if (interrupted)
		return irmin_error_set(&cli->err, IRMIN_ECANCELED, import->dir,
		    "import %s: interrupted; nothing was changed", import->dir);
	rc = irmin_edit_set_mode(import->edit, path, mode, value, &cli->err);
	if (rc == IRMIN_EINVAL)
		cli->einval_is_data = true;
	cli_progress_step(&import->progress, value.len);
	import->held += value.len + FILE_BYTES;
	return rc >= 0 && import->held >= HELD_BYTES ? settle(import) : rc;
}

/* The whole folder as a tree. */
static irmin_rc read_folder(struct import *import, irmin_tree **tree)
{
	struct cli *cli = import->cli;
	irmin_tree *empty = NULL;
	irmin_rc rc;

	rc = irmin_tree_empty(cli->repo, &empty, &cli->err);
	if (rc >= 0)
		rc = irmin_edit_new(empty, &import->edit, &cli->err);
	if (rc >= 0)
		rc = cli_folder_read(cli, &import->folder, import->dir,
		    take_file, import);
	if (rc >= 0 && import->folder.files + import->folder.symlinks == 0)
		rc = cli_no(cli, import->dir,
		    "import %s: there is no file in it", import->dir);
	else if (rc >= 0)
		rc = irmin_edit_tree(import->edit, tree, &cli->err);
	irmin_tree_unref(empty);
	irmin_edit_free(import->edit);
	return rc;
}

static irmin_rc commit_tree(struct import *import, irmin_tree *tree)
{
	struct cli *cli = import->cli;
	struct cli_info info;
	char message[300];
	irmin_rc rc;

	rc = cli_info_init(cli, &info);
	if (!info.info.message) {
		snprintf(message, sizeof(message), "import %.250s",
		    import->dir);
		info.info.message = message;
	}
	if (rc >= 0)
		rc = irmin_store_set_tree(cli->store, import->path, tree,
		    &info.info, &cli->err);
	cli_info_clear(&info);
	return rc;
}

static irmin_rc tell_json(struct import *import, irmin_rc rc, double seconds)
{
	struct cli *cli = import->cli;
	struct cli_json json;

	rc = cli_open_outcome(cli, rc, &json);
	if (rc < 0)
		return rc;
	cli_json_key(&json, "files");
	cli_json_count(&json, import->folder.files);
	cli_json_key(&json, "symlinks");
	cli_json_count(&json, import->folder.symlinks);
	cli_json_key(&json, "skipped");
	cli_json_count(&json, import->folder.skipped);
	cli_json_key(&json, "bytes");
	cli_json_count(&json, import->progress.bytes);
	cli_json_key(&json, "milliseconds");
	cli_json_count(&json, (uint64_t)(seconds * 1000));
	cli_json_end(&json, '}');
	return rc;
}

static irmin_rc tell(struct import *import, irmin_rc rc)
{
	struct cli *cli = import->cli;
	uint64_t files = import->folder.files;
	uint64_t symlinks = import->folder.symlinks;
	double seconds = cli_progress_end(&import->progress);
	char size[CLI_SIZE_BYTES];

	if (cli->json)
		return tell_json(import, rc, seconds);
	cli_out_printf(&cli->out, "%s %llu %s",
	    rc == IRMIN_UNCHANGED ? "unchanged:" : "imported",
	    (unsigned long long)files, cli_plural(files, "file", "files"));
	if (symlinks > 0)
		cli_out_printf(&cli->out, " and %llu %s",
		    (unsigned long long)symlinks,
		    cli_plural(symlinks, "symlink", "symlinks"));
	cli_out_printf(&cli->out, ", %s, into ",
	    cli_progress_size(import->progress.bytes, size));
	cli_quote_line(&cli->out, irmin_text(cli_open_branch(cli)));
	if (*import->path)
		cli_out_text(&cli->out, ":");
	cli_quote_name(&cli->out, irmin_text(import->path));
	cli_out_printf(&cli->out, " in %.2f s\n", seconds);
	return IRMIN_OK;
}

static irmin_rc run(struct cli *cli)
{
	struct import import = { .cli = cli,
		.dir = cli_operand(cli, 0),
		.path = cli_operand(cli, 1) ? cli_operand(cli, 1) : "" };
	irmin_tree *tree = NULL;
	irmin_rc rc;

	rc = cli_open_to_write(cli, &interrupted);
	if (rc < 0)
		return rc;
	catch_interrupt();
	cli_progress_begin(&import.progress, cli, "importing", 0);
	rc = read_folder(&import, &tree);
	if (rc == IRMIN_OK)
		rc = commit_tree(&import, tree);
	cli_progress_end(&import.progress);
	if (cli->err.code == IRMIN_OK)
		rc = tell(&import, rc);
	irmin_tree_unref(tree);
	return rc;
}

const struct cli_command cli_cmd_import = {
	.name = "import",
	.synopsis = "DIR [PATH] [-m MSG] [--author A]",
	.summary = "take in a folder, as one commit",
	.text = "What is at PATH (else the whole branch) then is what is in "
		"DIR: files, executable bits and symlinks. What git cannot "
		"hold (.git, sockets, devices, empty folders) is left out, "
		"with a remark.",
	.example = "irmin import /etc etc -m 'as of today'",
	.options = options,
	.min_operands = 1,
	.max_operands = 2,
	.run = run,
};
