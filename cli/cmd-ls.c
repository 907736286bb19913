/* cli/cmd-ls.c: irmin ls */
#include "cli/cli-args.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-quote.h"
#include "cli/cli-value.h"

enum { KEY_AT = CLI_LONG_ONLY };

static const struct cli_option options[] = {
	{ 'r', "recursive", NULL, "all values below it" },
	{ 'l', "long", NULL, "with mode, type, id and size" },
	{ 'z', NULL, NULL, "names as they are, a NUL behind each" },
	{ KEY_AT, "at", "REV", "as it was there; see `irmin help revisions`" },
	{ 0, NULL, NULL, NULL },
};

struct listing {
	struct cli *cli;
	struct cli_json json;
	bool is_long, raw;
};

/* As `git ls-tree -l` writes it: "100644 blob ID    SIZE\t". */
static void write_details(struct cli_out *out, const irmin_visit *visit)
{
	bool leaf = visit->mode != IRMIN_MODE_TREE &&
	    visit->mode != IRMIN_MODE_GITLINK;
	char hex[IRMIN_OID_HEX_BYTES];

	cli_out_printf(out, "%06o %s %s ", (unsigned)visit->mode,
	    visit->mode == IRMIN_MODE_TREE          ? "tree"
		: visit->mode == IRMIN_MODE_GITLINK ? "commit"
						    : "blob",
	    irmin_oid_hex(&visit->id, hex));
	if (leaf)
		cli_out_printf(out, "%7zu\t", visit->value.len);
	else
		cli_out_text(out, "      -\t");
}

static void write_json(struct listing *listing, const irmin_visit *visit)
{
	struct cli_json *json = &listing->json;

	cli_json_begin(json, '{');
	cli_json_key(json, "name");
	cli_json_bytes(json, visit->path);
	cli_value_json_mode(json, visit->mode);
	cli_json_key(json, "id");
	cli_json_oid(json, &visit->id);
	if (listing->is_long && visit->mode != IRMIN_MODE_TREE) {
		cli_json_key(json, "size");
		cli_json_count(json, visit->value.len);
	}
	cli_json_end(json, '}');
}

static int write_entry(void *arg, const irmin_visit *visit)
{
	struct listing *listing = arg;
	struct cli_out *out = &listing->cli->out;

	if (listing->cli->json) {
		write_json(listing, visit);
		return out->error ? IRMIN_EIO : IRMIN_OK;
	}
	if (listing->is_long)
		write_details(out, visit);
	if (listing->raw)
		cli_out_slice(out, visit->path);
	else
		cli_quote_path(out, visit->path);
	if (visit->mode == IRMIN_MODE_TREE)
		cli_out_text(out, "/");
	cli_out_bytes(out, listing->raw ? "" : "\n", 1);
	return out->error ? IRMIN_EIO : IRMIN_OK;
}

/* A path that is a value, as `ls FILE` shows it. */
static irmin_rc write_value(struct listing *listing, irmin_tree *tree,
    const char *path, irmin_visit *visit)
{
	struct cli *cli = listing->cli;
	irmin_pin value = IRMIN_PIN_INIT;
	irmin_rc rc = IRMIN_OK;

	if (listing->is_long)
		rc = irmin_tree_find(tree, path, &value, &cli->err);
	if (rc < 0)
		return rc;
	visit->path = irmin_text(path);
	visit->value = irmin_bytes(value.data, value.len);
	rc = write_entry(listing, visit);
	irmin_pin_release(&value);
	return rc;
}

static irmin_rc write_entries(struct listing *listing, irmin_tree *tree,
    const char *path)
{
	bool recursive = cli_option(listing->cli, 'r');
	uint32_t flags = 0;

	flags |= recursive ? 0 : IRMIN_EACH_SHALLOW | IRMIN_EACH_TREES;
	flags |= listing->is_long ? IRMIN_EACH_VALUES : 0;
	return irmin_tree_each(tree, path, flags, write_entry, listing,
	    &listing->cli->err);
}

static irmin_rc list(struct cli *cli, irmin_tree *tree)
{
	const char *path = cli_operand(cli, 0) ? cli_operand(cli, 0) : "";
	struct listing listing = { cli, { 0 }, cli_option(cli, 'l'),
		cli_option(cli, 'z') };
	irmin_visit visit = { 0 };
	irmin_rc rc;

	rc = irmin_tree_find_mode(tree, path, &visit.mode, &visit.id,
	    &cli->err);
	if (rc == IRMIN_ABSENT)
		return cli_no(cli, path, "ls %s: nothing is there", path);
	if (rc < 0)
		return rc;
	cli_json_init(&listing.json, &cli->out);
	if (cli->json)
		cli_json_begin(&listing.json, '[');
	if (visit.mode == IRMIN_MODE_TREE)
		rc = write_entries(&listing, tree, path);
	else
		rc = write_value(&listing, tree, path, &visit);
	if (cli->json)
		cli_json_end(&listing.json, ']');
	return rc;
}

static irmin_rc run(struct cli *cli)
{
	irmin_tree *tree = NULL;
	irmin_rc rc;

	rc = cli_open(cli);
	if (rc >= 0)
		rc = cli_open_tree(cli, cli_option(cli, KEY_AT), &tree);
	if (rc == IRMIN_OK)
		rc = list(cli, tree);
	irmin_tree_unref(tree);
	return rc;
}

const struct cli_command cli_cmd_ls = {
	.name = "ls",
	.synopsis = "[PATH] [-r] [-l] [-z] [--at REV]",
	.summary = "list a directory",
	.text = "Names are relative to PATH, directories end in '/', and "
		"what is unusual in a name is quoted as `git ls-files` "
		"quotes it. Where nothing is: exit status 1.",
	.example = "irmin ls net -r -z | xargs -0 -n1 echo",
	.options = options,
	.min_operands = 0,
	.max_operands = 1,
	.run = run,
};
