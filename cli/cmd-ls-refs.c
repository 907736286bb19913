/* cli/cmd-ls-refs.c: irmin ls-refs */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli-args.h"
#include "cli/cli-json.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-quote.h"

#define HEADS  "refs/heads/"
#define TAGS   "refs/tags/"
#define PEELED "^{}"

enum { KEY_HEADS = CLI_LONG_ONLY, KEY_TAGS, KEY_REFS, KEY_SYMREF };

static const struct cli_option options[] = {
	{ KEY_HEADS, "heads", NULL, "branches only" },
	{ KEY_TAGS, "tags", NULL, "tags only; with --heads: both" },
	{ KEY_REFS, "refs", NULL, "refs only: no HEAD, and no line with ^{}" },
	{ KEY_SYMREF, "symref", NULL, "a line before each symbolic ref" },
	{ 0, NULL, NULL, NULL },
};

struct listing {
	struct cli *cli;
	struct cli_json json;
	size_t count;
};

/* One line, or one element. */
struct line {
	const char *name, *suffix; /* "" or PEELED */
	const char *target;        /* of a symbolic ref, or NULL */
	irmin_oid id, peeled;      /* peeled: for JSON, or no id */
};

/* As git matches: a pattern is of the whole name or of its last parts. */
static bool is_wanted(const struct cli *cli, const struct line *line)
{
	size_t room = strlen(line->name) + sizeof(PEELED) + 1;
	char *name = cli_alloc(room);
	bool found = cli->operand_count == 0;

	snprintf(name, room, "/%s%s", line->name, line->suffix);
	for (size_t i = 0; i < cli->operand_count && !found; i++) {
		const char *words = cli->operands[i];
		char *pattern = cli_alloc(strlen(words) + 3);

		snprintf(pattern, strlen(words) + 3, "*/%s", words);
		found = fnmatch(pattern, name, 0) == 0;
		free(pattern);
	}
	free(name);
	return found;
}

static void write_json(struct cli_json *json, const struct line *line)
{
	cli_json_begin(json, '{');
	cli_json_key(json, "name");
	cli_json_text(json, line->name);
	cli_json_key(json, "id");
	cli_json_oid(json, &line->id);
	if (line->target) {
		cli_json_key(json, "symref");
		cli_json_text(json, line->target);
	}
	if (!irmin_oid_is_none(&line->peeled)) {
		cli_json_key(json, "peeled");
		cli_json_oid(json, &line->peeled);
	}
	cli_json_end(json, '}');
}

/* A ref name has no control characters; what is no UTF-8 a terminal escapes. */
static void write_line(struct listing *listing, const struct line *line)
{
	struct cli *cli = listing->cli;
	char hex[IRMIN_OID_HEX_BYTES];

	if (!is_wanted(cli, line))
		return;
	listing->count++;
	if (cli->json) {
		write_json(&listing->json, line);
		return;
	}
	if (line->target && cli_option(cli, KEY_SYMREF)) {
		cli_out_text(&cli->out, "ref: ");
		cli_quote_text(&cli->out, irmin_text(line->target));
		cli_out_text(&cli->out, "\t");
		cli_quote_text(&cli->out, irmin_text(line->name));
		cli_out_text(&cli->out, "\n");
	}
	cli_out_color(&cli->out, CLI_YELLOW);
	cli_out_text(&cli->out, irmin_oid_hex(&line->id, hex));
	cli_out_color(&cli->out, CLI_PLAIN);
	cli_out_text(&cli->out, "\t");
	cli_quote_text(&cli->out, irmin_text(line->name));
	cli_out_text(&cli->out, line->suffix);
	cli_out_text(&cli->out, "\n");
}

/* Takes the id of the ref that the line is a symbolic ref to. */
static int take_id(void *arg, const irmin_ref *ref)
{
	struct line *line = arg;

	if (strcmp(ref->name.data, line->target) == 0)
		line->id = ref->id;
	return IRMIN_OK;
}

/* HEAD's id; none where it names a branch that has no commit yet. */
static irmin_rc resolve_head(struct cli *cli, struct line *head)
{
	irmin_object_type type;

	if (head->target)
		return irmin_ref_each(cli->repo, head->target, take_id, head,
		    &cli->err);
	return irmin_object_of_revision(cli->repo, head->name, &head->id, &type,
	    &cli->err);
}

static irmin_rc list_head(struct listing *listing)
{
	struct cli *cli = listing->cli;
	struct line line = { .name = "HEAD", .suffix = "" };
	irmin_buf branch = IRMIN_BUF_INIT;
	irmin_buf target = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin_repo_head(cli->repo, &branch, &cli->err);
	if (rc == IRMIN_OK) {
		cli_buf_add_text(&target, HEADS);
		cli_buf_add(&target, irmin_buf_slice(&branch));
		line.target = (const char *)target.data;
	}
	if (rc >= 0)
		rc = resolve_head(cli, &line);
	if (rc >= 0 && !irmin_oid_is_none(&line.id))
		write_line(listing, &line);
	irmin_buf_clear(&branch);
	irmin_buf_clear(&target);
	return rc;
}

/* What an annotated tag leads to. */
static irmin_rc peel(struct cli *cli, const irmin_oid *tag, irmin_oid *id)
{
	char hex[IRMIN_OID_HEX_BYTES];
	char revision[sizeof(hex) + sizeof(PEELED)];
	irmin_object_type type;

	snprintf(revision, sizeof(revision), "%s" PEELED,
	    irmin_oid_hex(tag, hex));
	return irmin_object_of_revision(cli->repo, revision, id, &type,
	    &cli->err);
}

static irmin_rc list_tag(struct listing *listing, struct line *line)
{
	struct cli *cli = listing->cli;
	irmin_oid peeled;
	irmin_rc rc;

	rc = peel(cli, &line->id, &peeled);
	if (rc < 0)
		return rc;
	if (cli->json)
		line->peeled = peeled;
	write_line(listing, line);
	if (cli->json || cli_option(cli, KEY_REFS))
		return IRMIN_OK;
	line->id = peeled;
	line->suffix = PEELED;
	write_line(listing, line);
	return IRMIN_OK;
}

static int list_ref(void *arg, const irmin_ref *ref)
{
	struct listing *listing = arg;
	struct cli *cli = listing->cli;
	struct line line = { .name = ref->name.data,
		.suffix = "",
		.target = ref->target.len > 0 ? ref->target.data : NULL,
		.id = ref->id };
	irmin_object_type type;
	uint64_t bytes;
	irmin_rc rc;

	if (irmin_oid_is_none(&ref->id))
		return IRMIN_OK;
	rc = irmin_object_stat(cli->repo, &ref->id, &type, &bytes, &cli->err);
	if (rc == IRMIN_ABSENT)
		cli_note(cli, "ls-refs: the object of %s is missing",
		    line.name);
	if (rc == IRMIN_OK && type == IRMIN_OBJECT_TAG)
		rc = list_tag(listing, &line);
	else if (rc >= 0)
		write_line(listing, &line);
	return rc < 0 ? rc : IRMIN_OK;
}

/* What list_ref put into cli->err stays there. */
static irmin_rc list(struct listing *listing, const char *prefix)
{
	irmin_error err;
	irmin_rc rc = irmin_ref_each(listing->cli->repo, prefix, list_ref,
	    listing, &err);

	if (rc < 0 && listing->cli->err.code == IRMIN_OK)
		listing->cli->err = err;
	return rc;
}

static irmin_rc list_all(struct listing *listing)
{
	struct cli *cli = listing->cli;
	bool heads = cli_option(cli, KEY_HEADS);
	bool tags = cli_option(cli, KEY_TAGS);
	irmin_rc rc = IRMIN_OK;

	if (!heads && !tags) {
		if (!cli_option(cli, KEY_REFS))
			rc = list_head(listing);
		return rc < 0 ? rc : list(listing, "refs/");
	}
	if (heads)
		rc = list(listing, HEADS);
	if (rc >= 0 && tags)
		rc = list(listing, TAGS);
	return rc;
}

static irmin_rc run(struct cli *cli)
{
	struct listing listing = { .cli = cli };
	irmin_rc rc;

	rc = cli_open_repo(cli, IRMIN_OPEN_READ_ONLY);
	if (rc < 0)
		return rc;
	cli_json_init(&listing.json, &cli->out);
	if (cli->json)
		cli_json_begin(&listing.json, '[');
	rc = list_all(&listing);
	if (rc >= 0 && cli->json)
		cli_json_end(&listing.json, ']');
	if (rc >= 0 && listing.count == 0 && cli->operand_count > 0)
		return cli_no(cli, cli->operands[0],
		    "ls-refs %s%s: there is no such ref", cli->operands[0],
		    cli->operand_count > 1 ? " and the others" : "");
	return rc;
}

const struct cli_command cli_cmd_ls_refs = {
	.name = "ls-refs",
	.synopsis = "[PATTERN...] [--heads] [--tags] [--refs] [--symref]",
	.summary = "list HEAD and all refs with their ids",
	.text =
	    "As `git ls-remote .` does: HEAD first, then by name, and behind "
	    "an annotated tag a line NAME^{} with what it leads to. A "
	    "PATTERN is a name, or the last parts of one, in which * and ? "
	    "stand for others; exit status 1 if nothing is like it.",
	.example = "irmin ls-refs --tags 'v1.*'",
	.options = options,
	.min_operands = 0,
	.max_operands = CLI_ANY_NUMBER,
	.run = run,
};
