/* cli/cli-value.c: see cli-value.h. */
#include <string.h>

#include "cli/cli-message.h"
#include "cli/cli-quote.h"
#include "cli/cli-value.h"

const char *cli_value_kind(irmin_mode mode)
{
	switch (mode) {
	case IRMIN_MODE_FILE:
		return "file";
	case IRMIN_MODE_EXECUTABLE:
		return "executable";
	case IRMIN_MODE_SYMLINK:
		return "symlink";
	case IRMIN_MODE_TREE:
		return "directory";
	case IRMIN_MODE_GITLINK:
		return "gitlink";
	default:
		return "nothing";
	}
}

char *cli_value_short_id(const irmin_oid *id, char text[CLI_SHORT_ID + 1])
{
	char hex[IRMIN_OID_HEX_BYTES];

	memset(text, '0', CLI_SHORT_ID);
	memcpy(text, irmin_oid_hex(id, hex),
	    irmin_oid_is_none(id) ? 0 : CLI_SHORT_ID);
	text[CLI_SHORT_ID] = '\0';
	return text;
}

void cli_value_json_mode(struct cli_json *json, irmin_mode mode)
{
	char text[8] = "";

	for (int i = 0; i < 6; i++)
		text[i] = (char)('0' + ((unsigned)mode >> (15 - 3 * i) & 7));
	cli_json_key(json, "kind");
	cli_json_text(json, cli_value_kind(mode));
	cli_json_key(json, "mode");
	cli_json_text(json, text);
}

/* Nothing to read at `path`: says what is there. */
static irmin_rc refuse(struct cli *cli, irmin_tree *tree, const char *path)
{
	irmin_mode mode;
	irmin_rc rc;

	rc = irmin_tree_find_mode(tree, path, &mode, NULL, &cli->err);
	if (rc < 0)
		return rc;
	if (rc == IRMIN_ABSENT)
		return cli_no(cli, path, "%s %s: nothing is there",
		    cli->command->name, path);
	return cli_no(cli, path, "%s %s: it is a %s; `irmin ls` lists it",
	    cli->command->name, path, cli_value_kind(mode));
}

static irmin_rc write_json(struct cli *cli, irmin_tree *tree, const char *path,
    irmin_slice value)
{
	struct cli_json json;
	irmin_mode mode;
	irmin_oid id;
	irmin_rc rc;

	rc = irmin_tree_find_mode(tree, path, &mode, &id, &cli->err);
	if (rc != IRMIN_OK)
		return rc;
	cli_json_init(&json, &cli->out);
	cli_json_begin(&json, '{');
	cli_json_key(&json, "path");
	cli_json_text(&json, path);
	cli_value_json_mode(&json, mode);
	cli_json_key(&json, "id");
	cli_json_oid(&json, &id);
	cli_json_key(&json, "size");
	cli_json_count(&json, value.len);
	cli_json_key(&json, "value");
	cli_json_bytes(&json, value);
	cli_json_end(&json, '}');
	return IRMIN_OK;
}

static void write_bytes(struct cli_out *out, irmin_slice value)
{
	const char *bytes = value.data;

	cli_quote_text(out, value);
	if (out->terminal && value.len > 0 && bytes[value.len - 1] != '\n')
		cli_out_text(out, "\n");
}

irmin_rc cli_value_write(struct cli *cli, irmin_tree *tree, const char *path)
{
	irmin_pin value = IRMIN_PIN_INIT;
	irmin_slice bytes;
	irmin_rc rc;

	rc = irmin_tree_find(tree, path, &value, &cli->err);
	if (rc == IRMIN_ABSENT)
		return refuse(cli, tree, path);
	if (rc < 0)
		return rc;
	bytes = irmin_bytes(value.data, value.len);
	if (cli->json)
		rc = write_json(cli, tree, path, bytes);
	else
		write_bytes(&cli->out, bytes);
	irmin_pin_release(&value);
	return rc;
}
