/* cli/cmd-txn.c: irmin txn */
#include <stdlib.h>
#include <string.h>

#include "cli/cli-args.h"
#include "cli/cli-info.h"
#include "cli/cli-input.h"
#include "cli/cli-json.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-quote.h"
#include "cli/cli-script.h"

enum { KEY_ISOLATION = CLI_LONG_ONLY };

static const struct cli_option options[] = {
	CLI_INFO_OPTIONS,
	{ KEY_ISOLATION, "isolation", "I",
	    "serializable (the default), merge or unmoved" },
	{ 0, NULL, NULL, NULL },
};

/* What was read, in the order of the script: a path and a value each. */
struct values {
	irmin_buf *items;
	size_t count, room;
};

struct transaction {
	struct cli *cli;
	struct cli_script script;
	irmin_isolation isolation;
	struct values values;
};

static void empty_values(struct values *values)
{
	while (values->count)
		irmin_buf_clear(&values->items[--values->count]);
}

static void add_value(struct values *values, irmin_slice bytes)
{
	irmin_buf copy = IRMIN_BUF_INIT;

	if (values->count == values->room) {
		values->room = values->room ? 2 * values->room : 16;
		values->items = cli_realloc(values->items,
		    values->room * sizeof(*values->items));
	}
	cli_buf_add(&copy, bytes);
	values->items[values->count++] = copy;
}

static irmin_rc got(void *arg, irmin_slice path, irmin_slice value,
    irmin_error *err)
{
	struct values *values = arg;

	(void)err;
	add_value(values, path);
	add_value(values, value);
	return IRMIN_OK;
}

/* What an earlier run has read counts no more. */
static irmin_rc run_script(irmin_txn *txn, void *arg, irmin_error *err)
{
	struct transaction *self = arg;

	empty_values(&self->values);
	return cli_script_run(&self->script, txn, got, &self->values, err);
}

static irmin_rc read_isolation(struct cli *cli, irmin_isolation *isolation)
{
	const char *word = cli_option(cli, KEY_ISOLATION);

	*isolation = IRMIN_TXN_SERIALIZABLE;
	if (!word || strcmp(word, "serializable") == 0)
		return IRMIN_OK;
	if (strcmp(word, "merge") == 0)
		*isolation = IRMIN_TXN_MERGE;
	else if (strcmp(word, "unmoved") == 0)
		*isolation = IRMIN_TXN_UNMOVED;
	else
		return cli_usage(cli,
		    "--isolation is serializable, merge or unmoved, not '%s'",
		    word);
	return IRMIN_OK;
}

static irmin_rc read_script(struct transaction *self)
{
	struct cli *cli = self->cli;
	const char *name = cli_operand(cli, 0);
	struct cli_input input;
	irmin_rc rc;

	if (strcmp(name, "-") == 0)
		name = NULL;
	rc = cli_input_open(cli, name, &input);
	if (rc >= 0 && input.large)
		rc = irmin_error_set(&cli->err, IRMIN_ELIMIT, NULL,
		    "a script of more than 8 MB");
	if (rc >= 0)
		rc = cli_script_parse(&self->script,
		    name ? name : "standard input",
		    irmin_buf_slice(&input.whole), &cli->err);
	cli_input_close(&input);
	return rc;
}

/* ---- what came of it ---- */

static void write_values(struct cli *cli, const struct values *values)
{
	for (size_t i = 1; i < values->count; i += 2) {
		irmin_slice value = irmin_buf_slice(&values->items[i]);
		const char *bytes = value.data;

		if (cli->out.terminal)
			cli_quote_text(&cli->out, value);
		else
			cli_out_slice(&cli->out, value);
		if (!value.len || bytes[value.len - 1] != '\n')
			cli_out_text(&cli->out, "\n");
	}
}

static irmin_rc write_json(struct cli *cli, irmin_rc rc,
    const struct values *values)
{
	struct cli_json json;

	rc = cli_open_outcome(cli, rc, &json);
	if (rc < 0)
		return rc;
	cli_json_key(&json, "values");
	cli_json_begin(&json, '[');
	for (size_t i = 0; i < values->count; i += 2) {
		cli_json_begin(&json, '{');
		cli_json_key(&json, "path");
		cli_json_bytes(&json, irmin_buf_slice(&values->items[i]));
		cli_json_key(&json, "value");
		cli_json_bytes(&json, irmin_buf_slice(&values->items[i + 1]));
		cli_json_end(&json, '}');
	}
	cli_json_end(&json, ']');
	cli_json_end(&json, '}');
	return IRMIN_OK;
}

static irmin_rc commit(struct transaction *self)
{
	struct cli *cli = self->cli;
	struct cli_info info;
	irmin_rc rc = cli_info_init(cli, &info);

	if (rc >= 0)
		rc = irmin_store_transact(cli->store, self->isolation,
		    &info.info, run_script, self, &cli->err);
	cli_info_clear(&info);
	if (rc < 0)
		return rc;
	if (cli->json)
		return write_json(cli, rc, &self->values);
	write_values(cli, &self->values);
	return IRMIN_OK;
}

static irmin_rc run(struct cli *cli)
{
	struct transaction self = { .cli = cli };
	irmin_rc rc = read_isolation(cli, &self.isolation);

	if (rc < 0)
		return rc;
	cli->einval_is_data = true;
	rc = read_script(&self);
	if (rc >= 0)
		rc = cli_open_to_write(cli, NULL);
	if (rc >= 0)
		rc = commit(&self);
	empty_values(&self.values);
	free(self.values.items);
	cli_script_clear(&self.script);
	return rc;
}

const struct cli_command cli_cmd_txn = {
	.name = "txn",
	.synopsis = "FILE [--isolation I] [-m MSG] [--author A]",
	.summary = "do the steps of a script as one commit, or none",
	.text =
	    "A step a line, of FILE or, for '-', of standard input: set PATH "
	    "VALUE, rm PATH, mv FROM TO, get PATH, assert PATH VALUE, "
	    "assert-absent PATH. Words stand apart by blanks; one in double "
	    "quotes may hold anything, with the escapes \\\" \\\\ \\n \\t and "
	    "\\xHH. A line that begins with # says nothing. What get finds is "
	    "written once all is done, a line each; where it finds nothing, "
	    "exit status 1, and where an assertion does not hold, 5: nothing "
	    "is done then. If others commit meanwhile, a serializable "
	    "transaction is run again when what it read has changed, one that "
	    "is unmoved in any case, and one that merges goes on if their "
	    "changes and its own do not conflict (else exit status 4).",
	.example = "irmin txn steps -m 'the cable moves to eth1'",
	.options = options,
	.min_operands = 1,
	.max_operands = 1,
	.run = run,
};
