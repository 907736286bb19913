/* cli/cmd-set.c: irmin set */
#include <string.h>

#include "cli/cli-args.h"
#include "cli/cli-info.h"
#include "cli/cli-input.h"
#include "cli/cli-json.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"

enum {
	KEY_FILE = CLI_LONG_ONLY,
	KEY_EXPECT,
	KEY_EXPECT_ABSENT,
	KEY_MODE,
	KEY_EMPTY
};

static const struct cli_option options[] = {
	CLI_INFO_OPTIONS,
	{ KEY_FILE, "file", "FILE", "the value is what is in this file" },
	{ KEY_EXPECT, "expect", "V", "only if the value is V now" },
	{ KEY_EXPECT_ABSENT, "expect-absent", NULL,
	    "only if nothing is there now" },
	{ KEY_MODE, "mode", "MODE", "file, exec or symlink; else as it was" },
	{ KEY_EMPTY, "allow-empty", NULL, "a commit even if nothing changes" },
	{ 0, NULL, NULL, NULL },
};

struct setting {
	struct cli *cli;
	const char *path;
	irmin_slice value;
	struct cli_input *input;     /* where the value is large, or NULL */
	irmin_oid id;                /* of a large one */
	irmin_mode mode;             /* NONE: as it was */
	bool guarded;                /* by --expect or --expect-absent */
	const irmin_slice *expected; /* NULL: nothing is there */
};

static irmin_rc read_mode(struct cli *cli, irmin_mode *mode)
{
	const char *word = cli_option(cli, KEY_MODE);

	*mode = IRMIN_MODE_NONE;
	if (!word)
		return IRMIN_OK;
	if (strcmp(word, "file") == 0)
		*mode = IRMIN_MODE_FILE;
	else if (strcmp(word, "exec") == 0)
		*mode = IRMIN_MODE_EXECUTABLE;
	else if (strcmp(word, "symlink") == 0)
		*mode = IRMIN_MODE_SYMLINK;
	else
		return cli_usage(cli,
		    "--mode is file, exec or symlink, not '%s'", word);
	return IRMIN_OK;
}

/* EABORTED if the value is not the expected one, which is then in cli->was. */
static irmin_rc check_expected(struct setting *setting, irmin_txn *txn,
    irmin_error *err)
{
	irmin_pin pin = IRMIN_PIN_INIT;
	irmin_slice now;
	bool there, same;
	irmin_rc rc;

	rc = irmin_txn_find(txn, setting->path, &pin, err);
	if (rc < 0)
		return rc;
	there = rc == IRMIN_OK;
	now = irmin_bytes(pin.data, pin.len);
	same = there
	    ? setting->expected && irmin_slice_equal(now, *setting->expected)
	    : !setting->expected;
	if (there && !same)
		cli_buf_add(&setting->cli->was, now);
	irmin_pin_release(&pin);
	return same ? IRMIN_OK : IRMIN_EABORTED;
}

static irmin_rc set_with_mode(irmin_txn *txn, void *arg, irmin_error *err)
{
	struct setting *setting = arg;
	irmin_rc rc;

	if (setting->guarded) {
		rc = check_expected(setting, txn, err);
		if (rc < 0)
			return rc;
	}
	if (setting->input)
		return irmin_txn_set_blob(txn, setting->path, setting->mode,
		    &setting->id, err);
	return irmin_txn_set_mode(txn, setting->path, setting->mode,
	    setting->value, err);
}

static irmin_rc say_stale(struct setting *setting)
{
	struct cli *cli = setting->cli;
	irmin_buf *was = &cli->was;

	/* A buf that was never filled: there is no value, not even an empty
	 * one. Where none was expected, it is the head that kept moving. */
	if (!was->data && !setting->expected)
		return IRMIN_ESTALE;
	if (!was->data)
		return irmin_error_set(&cli->err, IRMIN_ESTALE, setting->path,
		    "set %s: nothing is there, but a value was expected",
		    setting->path);
	cli->was_known = true;
	return irmin_error_set(&cli->err, IRMIN_ESTALE, setting->path,
	    "set %s: not what was expected: \"%.*s\"%s is there", setting->path,
	    was->len < 100 ? (int)was->len : 100, (const char *)was->data,
	    was->len < 100 ? "" : "...");
}

static irmin_rc set_in_transaction(struct setting *setting,
    const irmin_info *info)
{
	struct cli *cli = setting->cli;
	irmin_rc rc;

	rc = irmin_store_transact(cli->store, IRMIN_TXN_UNMOVED, info,
	    set_with_mode, setting, &cli->err);
	return rc == IRMIN_EABORTED ? say_stale(setting) : rc;
}

/* A large value is stored first, however often the head moves then. */
static irmin_rc set_large(struct setting *setting, const irmin_info *info)
{
	struct cli *cli = setting->cli;
	struct cli_input *input = setting->input;
	irmin_rc rc;

	if (!setting->mode && !setting->guarded) {
		rc = irmin_store_set_stream(cli->store, setting->path,
		    cli_input_read, input, input->bytes, info, &cli->err);
	} else {
		rc = irmin_object_add_stream(cli->repo, cli_input_read, input,
		    input->bytes, &setting->id, &cli->err);
		if (rc >= 0)
			rc = set_in_transaction(setting, info);
	}
	if (rc < 0 && input->error)
		return cli_system_error(cli, input->error, "read", input->name);
	return rc;
}

static irmin_rc set(struct setting *setting, const irmin_info *info)
{
	struct cli *cli = setting->cli;
	irmin_rc rc;

	if (setting->input)
		return set_large(setting, info);
	if (setting->mode)
		return set_in_transaction(setting, info);
	if (!setting->guarded)
		return irmin_store_set(cli->store, setting->path,
		    setting->value, info, &cli->err);
	rc = irmin_store_test_and_set(cli->store, setting->path,
	    setting->expected, &setting->value, info, &cli->was, &cli->err);
	return rc == IRMIN_ESTALE ? say_stale(setting) : rc;
}

static irmin_rc commit(struct setting *setting)
{
	struct cli *cli = setting->cli;
	struct cli_info info;
	struct cli_json json;
	irmin_rc rc;

	rc = cli_info_init(cli, &info);
	if (cli_option(cli, KEY_EMPTY))
		info.info.flags |= IRMIN_INFO_ALLOW_EMPTY;
	if (rc >= 0)
		rc = set(setting, &info.info);
	cli_info_clear(&info);
	if (rc < 0 || !cli->json)
		return rc;
	rc = cli_open_outcome(cli, rc, &json);
	if (rc >= 0)
		cli_json_end(&json, '}');
	return rc;
}

static irmin_rc check_options(struct cli *cli)
{
	if (cli_option(cli, KEY_EXPECT) && cli_option(cli, KEY_EXPECT_ABSENT))
		return cli_usage(cli,
		    "--expect and --expect-absent exclude each other");
	if (cli_option(cli, KEY_FILE) && cli->operand_count > 1)
		return cli_usage(cli, "VALUE and --file exclude each other");
	return IRMIN_OK;
}

static irmin_rc read_and_commit(struct setting *setting)
{
	struct cli *cli = setting->cli;
	struct cli_input input;
	irmin_rc rc;

	rc = cli_input_open(cli, cli_option(cli, KEY_FILE), &input);
	if (input.large)
		setting->input = &input;
	else
		setting->value = irmin_buf_slice(&input.whole);
	if (rc >= 0)
		rc = commit(setting);
	cli_input_close(&input);
	return rc;
}

static irmin_rc run(struct cli *cli)
{
	const char *expect = cli_option(cli, KEY_EXPECT);
	irmin_slice expected = irmin_text(expect);
	struct setting setting = { .cli = cli,
		.path = cli_operand(cli, 0),
		.value = irmin_text(cli_operand(cli, 1)),
		.guarded = expect || cli_option(cli, KEY_EXPECT_ABSENT),
		.expected = expect ? &expected : NULL };
	irmin_rc rc;

	rc = check_options(cli);
	if (rc >= 0)
		rc = read_mode(cli, &setting.mode);
	if (rc >= 0)
		rc = cli_open_to_write(cli, NULL);
	if (rc < 0)
		return rc;
	return cli->operand_count > 1 ? commit(&setting)
				      : read_and_commit(&setting);
}

const struct cli_command cli_cmd_set = {
	.name = "set",
	.synopsis = "PATH [VALUE | --file FILE] [-m MSG] "
		    "[--expect V | --expect-absent] [--mode MODE]",
	.summary = "set the value at a path, as one commit",
	.text =
	    "Without VALUE it is read from FILE or from standard input, "
	    "byte for byte, and may be larger than memory. To set a value "
	    "that begins with '-', put -- before PATH. With --expect it is a "
	    "test-and-set: exit status 5, and what is there instead, if "
	    "somebody was faster. Setting what is there already makes no "
	    "commit.",
	.example = "irmin set net/eth0 up -m 'the cable is in'",
	.options = options,
	.min_operands = 1,
	.max_operands = 2,
	.run = run,
};
