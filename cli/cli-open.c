/* cli/cli-open.c: see cli-open.h. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli-json.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"

/* "scheme:" or "user@host:" before the first slash. */
static bool looks_like_uri(const char *text)
{
	size_t len = strcspn(text, ":/");

	if (text[len] != ':' || len < 2)
		return false;
	if (memchr(text, '@', len))
		return true;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("+-.", text[i]))
			return false;
	return isalpha((unsigned char)text[0]);
}

static void add_escaped(irmin_buf *uri, const char *path)
{
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;
		char text[4];

		if (isalnum(c) || strchr("/._-~", c))
			snprintf(text, sizeof(text), "%c", c);
		else
			snprintf(text, sizeof(text), "%%%02X", c);
		cli_buf_add_text(uri, text);
	}
}

void cli_open_uri_of(const char *text, irmin_buf *uri)
{
	struct stat st;

	if (looks_like_uri(text) && stat(text, &st) < 0) {
		cli_buf_add_text(uri, text);
		return;
	}
	cli_buf_add_text(uri, "git:");
	add_escaped(uri, text);
}

static irmin_rc find_uri(struct cli *cli, irmin_buf *uri)
{
	const char *variable = getenv("IRMIN_URI");
	irmin_buf dir = IRMIN_BUF_INIT;
	irmin_rc rc = IRMIN_OK;

	if (cli->uri) {
		cli_open_uri_of(cli->uri, uri);
	} else if (variable && *variable) {
		cli_open_uri_of(variable, uri);
	} else {
		rc = cli_discover(cli, &dir);
		if (rc >= 0) {
			cli_buf_add_text(uri, "git:");
			add_escaped(uri, (const char *)dir.data);
		}
	}
	irmin_buf_clear(&dir);
	return rc;
}

static irmin_rc open_store(struct cli *cli, irmin_open_options *options)
{
	irmin_buf uri = IRMIN_BUF_INIT;
	irmin_rc rc;

	options->branch = cli->branch;
	rc = find_uri(cli, &uri);
	if (rc >= 0)
		rc = irmin_open((const char *)uri.data, options, &cli->store,
		    &cli->err);
	if (rc >= 0)
		cli->repo = irmin_store_repo(cli->store);
	irmin_buf_clear(&uri);
	return rc;
}

irmin_rc cli_open(struct cli *cli)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;

	options.flags = IRMIN_OPEN_READ_ONLY;
	return open_store(cli, &options);
}

irmin_rc cli_open_repo(struct cli *cli, uint32_t flags)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_buf uri = IRMIN_BUF_INIT;
	irmin_rc rc;

	options.flags = flags;
	rc = find_uri(cli, &uri);
	if (rc >= 0)
		rc = irmin_repo_open((const char *)uri.data, &options,
		    &cli->repo, &cli->err);
	irmin_buf_clear(&uri);
	return rc;
}

irmin_rc cli_open_for_refs(struct cli *cli)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;

	cli->wrote = true;
	return open_store(cli, &options);
}

irmin_rc cli_open_to_write(struct cli *cli, const volatile int *cancel)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_rc rc;

	options.wait.cancel = cancel;
	cli->wrote = true;
	rc = open_store(cli, &options);
	if (rc < 0 || irmin_store_branch(cli->store))
		return rc;
	return irmin_error_set(&cli->err, IRMIN_EREFUSED, "HEAD",
	    "%s: HEAD is detached, a commit would be on no branch; name one with -b",
	    cli->command->name);
}

const char *cli_open_branch(const struct cli *cli)
{
	const char *branch = irmin_store_branch(cli->store);

	return branch ? branch : "a detached HEAD";
}

/* "@..." starts at the branch this command works on. */
static void resolve_at(const struct cli *cli, const char *rev, irmin_buf *full)
{
	const char *branch = irmin_store_branch(cli->store);

	if (rev[0] != '@') {
		cli_buf_add_text(full, rev);
		return;
	}
	cli_buf_add_text(full, branch ? "refs/heads/" : "HEAD");
	cli_buf_add_text(full, branch ? branch : "");
	cli_buf_add_text(full, rev[1] == '{' ? rev : rev + 1);
}

irmin_rc cli_open_commit(struct cli *cli, const char *rev,
    irmin_commit **commit)
{
	irmin_buf full = IRMIN_BUF_INIT;
	irmin_rc rc;

	if (!rev) {
		rc = irmin_store_head(cli->store, commit, &cli->err);
		if (rc != IRMIN_ABSENT)
			return rc;
		return cli_no(cli, cli->branch,
		    "%s: there is no commit on %s yet", cli->command->name,
		    cli_open_branch(cli));
	}
	resolve_at(cli, rev, &full);
	rc = irmin_commit_of_revision(cli->repo, (const char *)full.data,
	    commit, &cli->err);
	irmin_buf_clear(&full);
	return rc;
}

irmin_rc cli_open_head_id(struct cli *cli, irmin_oid *id)
{
	irmin_commit *head = NULL;
	irmin_rc rc = cli_open_commit(cli, NULL, &head);

	if (rc == IRMIN_OK)
		rc = irmin_commit_id(head, id, &cli->err);
	irmin_commit_unref(head);
	return rc;
}

irmin_rc cli_open_object(struct cli *cli, const char *rev, irmin_oid *id,
    irmin_object_type *type)
{
	irmin_buf full = IRMIN_BUF_INIT;
	irmin_rc rc;

	resolve_at(cli, rev, &full);
	rc = irmin_object_of_revision(cli->repo, (const char *)full.data, id,
	    type, &cli->err);
	irmin_buf_clear(&full);
	return rc;
}

irmin_rc cli_open_tree(struct cli *cli, const char *rev, irmin_tree **tree)
{
	irmin_commit *commit = NULL;
	irmin_rc rc;

	*tree = NULL;
	rc = cli_open_commit(cli, rev, &commit);
	if (rc == IRMIN_ABSENT && !cli->branch) {
		irmin_error_clear(&cli->err);
		return irmin_tree_empty(cli->repo, tree, &cli->err);
	}
	if (rc == IRMIN_OK)
		rc = irmin_commit_tree(commit, tree, &cli->err);
	irmin_commit_unref(commit);
	return rc;
}

irmin_rc cli_open_outcome(struct cli *cli, irmin_rc rc, struct cli_json *json)
{
	irmin_commit *head = NULL;
	irmin_oid id = { 0 };
	irmin_rc found;

	found = irmin_store_head(cli->store, &head, &cli->err);
	if (found == IRMIN_OK)
		found = irmin_commit_id(head, &id, &cli->err);
	irmin_commit_unref(head);
	if (found < 0)
		return found;
	cli_json_init(json, &cli->out);
	cli_json_begin(json, '{');
	cli_json_key(json, "result");
	cli_json_text(json,
	    rc == IRMIN_OK              ? "done"
		: rc == IRMIN_ECONFLICT ? "conflict"
					: "unchanged");
	cli_json_key(json, "branch");
	cli_json_text(json, cli_open_branch(cli));
	cli_json_key(json, "head");
	cli_json_oid(json, &id);
	return IRMIN_OK;
}
