/* cli/cli-value.c: see cli-value.h. */
#include <string.h>

#include "cli/cli-message.h"
#include "cli/cli-stream.h"
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
static irmin_rc refuse(struct cli *cli, const char *path, irmin_mode mode)
{
	if (mode == IRMIN_MODE_NONE)
		return cli_no(cli, path, "%s %s: nothing is there",
		    cli->command->name, path);
	return cli_no(cli, path, "%s %s: it is a %s; `irmin ls` lists it",
	    cli->command->name, path, cli_value_kind(mode));
}

static irmin_rc write_json(struct cli *cli, irmin_tree *tree, const char *path,
    irmin_mode mode, const irmin_oid *id)
{
	irmin_pin value = IRMIN_PIN_INIT;
	struct cli_json json;
	irmin_rc rc;

	rc = irmin_tree_find(tree, path, &value, &cli->err);
	if (rc < 0)
		return rc;
	cli_json_init(&json, &cli->out);
	cli_json_begin(&json, '{');
	cli_json_key(&json, "path");
	cli_json_text(&json, path);
	cli_value_json_mode(&json, mode);
	cli_json_key(&json, "id");
	cli_json_oid(&json, id);
	cli_json_key(&json, "size");
	cli_json_count(&json, value.len);
	cli_json_key(&json, "value");
	cli_json_bytes(&json, irmin_bytes(value.data, value.len));
	cli_json_end(&json, '}');
	irmin_pin_release(&value);
	return IRMIN_OK;
}

static irmin_rc write_bytes(struct cli *cli, const char *path,
    const irmin_oid *id)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_rc rc = cli_stream_object(cli, id);

	if (rc != IRMIN_ABSENT)
		return rc;
	return irmin_error_set(&cli->err, IRMIN_EMISSING, path,
	    "%s %s: its object %s is missing", cli->command->name, path,
	    irmin_oid_hex(id, hex));
}

irmin_rc cli_value_write(struct cli *cli, irmin_tree *tree, const char *path)
{
	irmin_mode mode;
	irmin_oid id;
	irmin_rc rc;

	rc = irmin_tree_find_mode(tree, path, &mode, &id, &cli->err);
	if (rc < 0)
		return rc;
	if (rc == IRMIN_ABSENT || mode == IRMIN_MODE_TREE ||
	    mode == IRMIN_MODE_GITLINK)
		return refuse(cli, path, mode);
	return cli->json ? write_json(cli, tree, path, mode, &id)
			 : write_bytes(cli, path, &id);
}
