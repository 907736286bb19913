/* cli/cmd-tree.c: irmin tree */
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli-args.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-quote.h"
#include "cli/cli-value.h"

enum { KEY_AT = CLI_LONG_ONLY, KEY_DEPTH };

static const struct cli_option options[] = {
	{ KEY_DEPTH, "depth", "N", "no deeper than N directories" },
	{ KEY_AT, "at", "REV", "as it was there; see `irmin help revisions`" },
	{ 0, NULL, NULL, NULL },
};

/* How the branches of the drawing look. */
struct drawing {
	const char *fork, *last, *line, *blank;
};

static const struct drawing lines = { "├── ", "└── ", "│   ", "    " };
static const struct drawing ascii = { "|-- ", "`-- ", "|   ", "    " };

struct walk {
	struct cli *cli;
	const struct drawing *drawing;
	struct cli_json json;
	irmin_buf path;   /* of the directory we are in */
	irmin_buf prefix; /* what stands before its entries */
	uint64_t depth;   /* how far down we may still go */
	uint64_t directories, values;
};

static irmin_rc walk_directory(struct walk *walk, irmin_tree *tree);

static void enter_path(struct walk *walk, irmin_slice name)
{
	if (walk->path.len > 0)
		cli_buf_add_text(&walk->path, "/");
	cli_buf_add(&walk->path, name);
}

static void cut(irmin_buf *buf, size_t len)
{
	buf->len = len;
	buf->data[len] = '\0';
}

static irmin_rc descend(struct walk *walk, irmin_tree *tree, irmin_slice name,
    const char *indent)
{
	size_t path_len = walk->path.len;
	size_t prefix_len = walk->prefix.len;
	irmin_rc rc;

	enter_path(walk, name);
	cli_buf_add_text(&walk->prefix, indent);
	walk->depth--;
	rc = walk_directory(walk, tree);
	walk->depth++;
	cut(&walk->path, path_len);
	cut(&walk->prefix, prefix_len);
	return rc;
}

static irmin_rc draw_target(struct walk *walk, irmin_tree *tree,
    irmin_slice name)
{
	struct cli *cli = walk->cli;
	size_t path_len = walk->path.len;
	irmin_pin target = IRMIN_PIN_INIT;
	irmin_rc rc;

	enter_path(walk, name);
	rc = irmin_tree_find(tree, (const char *)walk->path.data, &target,
	    &cli->err);
	cut(&walk->path, path_len);
	if (rc != IRMIN_OK)
		return rc;
	cli_out_text(&cli->out, " -> ");
	cli_quote_name(&cli->out, irmin_bytes(target.data, target.len));
	irmin_pin_release(&target);
	return IRMIN_OK;
}

static irmin_rc draw_entry(struct walk *walk, irmin_tree *tree,
    const irmin_entry *entry, bool last)
{
	const struct drawing *drawing = walk->drawing;
	struct cli_out *out = &walk->cli->out;
	bool directory = entry->mode == IRMIN_MODE_TREE;
	irmin_rc rc = IRMIN_OK;

	cli_out_slice(out, irmin_buf_slice(&walk->prefix));
	cli_out_text(out, last ? drawing->last : drawing->fork);
	cli_out_color(out,
	    directory                                  ? CLI_CYAN
		: entry->mode == IRMIN_MODE_EXECUTABLE ? CLI_GREEN
						       : CLI_PLAIN);
	cli_quote_name(out, entry->name);
	cli_out_color(out, CLI_PLAIN);
	if (entry->mode == IRMIN_MODE_SYMLINK)
		rc = draw_target(walk, tree, entry->name);
	cli_out_text(out, "\n");
	if (rc < 0 || !directory || walk->depth <= 1)
		return rc;
	return descend(walk, tree, entry->name,
	    last ? drawing->blank : drawing->line);
}

static irmin_rc tell_entry(struct walk *walk, irmin_tree *tree,
    const irmin_entry *entry)
{
	struct cli_json *json = &walk->json;
	irmin_rc rc = IRMIN_OK;

	cli_json_begin(json, '{');
	cli_json_key(json, "name");
	cli_json_bytes(json, entry->name);
	cli_value_json_mode(json, entry->mode);
	cli_json_key(json, "id");
	cli_json_oid(json, &entry->id);
	if (entry->mode == IRMIN_MODE_TREE && walk->depth > 1) {
		cli_json_key(json, "entries");
		cli_json_begin(json, '[');
		rc = descend(walk, tree, entry->name, "");
		cli_json_end(json, ']');
	}
	cli_json_end(json, '}');
	return rc;
}

static irmin_rc walk_directory(struct walk *walk, irmin_tree *tree)
{
	struct cli *cli = walk->cli;
	irmin_list *list = NULL;
	irmin_rc rc;

	rc = irmin_tree_list(tree, (const char *)walk->path.data, 0, 0, &list,
	    &cli->err);
	for (size_t i = 0; rc == IRMIN_OK && i < irmin_list_length(list); i++) {
		irmin_entry entry = irmin_list_entry(list, i);

		if (entry.mode == IRMIN_MODE_TREE)
			walk->directories++;
		else
			walk->values++;
		rc = cli->json ? tell_entry(walk, tree, &entry)
			       : draw_entry(walk, tree, &entry,
				     i + 1 == irmin_list_length(list));
		if (cli->out.error)
			break;
	}
	irmin_list_free(list);
	return rc;
}

static irmin_rc walk_root(struct walk *walk, irmin_tree *tree, const char *path)
{
	struct cli *cli = walk->cli;
	irmin_mode mode;
	irmin_rc rc;

	rc = irmin_tree_find_mode(tree, path, &mode, NULL, &cli->err);
	if (rc < 0)
		return rc;
	if (rc == IRMIN_ABSENT || mode != IRMIN_MODE_TREE)
		return cli_no(cli, path, "tree %s: %s", path,
		    rc == IRMIN_ABSENT ? "nothing is there"
				       : "it is no directory");
	if (cli->json) {
		cli_json_begin(&walk->json, '[');
		rc = walk_directory(walk, tree);
		cli_json_end(&walk->json, ']');
		return rc;
	}
	cli_quote_name(&cli->out, irmin_text(*path ? path : "."));
	cli_out_text(&cli->out, "\n");
	rc = walk_directory(walk, tree);
	cli_out_printf(&cli->out, "\n%llu %s, %llu %s\n",
	    (unsigned long long)walk->directories,
	    cli_plural(walk->directories, "directory", "directories"),
	    (unsigned long long)walk->values,
	    cli_plural(walk->values, "value", "values"));
	return rc;
}

static irmin_rc run(struct cli *cli)
{
	const char *path = cli_operand(cli, 0) ? cli_operand(cli, 0) : "";
	bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	struct walk walk = { .cli = cli,
		.drawing = utf8 ? &lines : &ascii,
		.depth = UINT64_MAX };
	irmin_tree *tree = NULL;
	irmin_rc rc;

	rc = cli_option_number(cli, KEY_DEPTH, &walk.depth);
	if (rc < 0)
		return rc;
	if (walk.depth == 0)
		return cli_usage(cli, "--depth is 1 or more");
	cli_json_init(&walk.json, &cli->out);
	cli_buf_add_text(&walk.path, path);
	cli_buf_add_text(&walk.prefix, "");
	rc = cli_open(cli);
	if (rc >= 0)
		rc = cli_open_tree(cli, cli_option(cli, KEY_AT), &tree);
	if (rc == IRMIN_OK)
		rc = walk_root(&walk, tree, path);
	irmin_tree_unref(tree);
	irmin_buf_clear(&walk.path);
	irmin_buf_clear(&walk.prefix);
	return rc;
}

const struct cli_command cli_cmd_tree = {
	.name = "tree",
	.synopsis = "[PATH] [--depth N] [--at REV]",
	.summary = "draw what is below a path",
	.text = "",
	.example = "irmin tree --depth 2",
	.options = options,
	.min_operands = 0,
	.max_operands = 1,
	.run = run,
};
