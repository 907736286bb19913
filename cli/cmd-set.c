/* cli/cmd-set.c: irmin set */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli-args.h"
#include "cli/cli-info.h"
#include "cli/cli-json.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"

enum { KEY_EXPECT = CLI_LONG_ONLY, KEY_EXPECT_ABSENT, KEY_MODE, KEY_EMPTY };

/* What the library takes as a whole value; more is read only to be refused. */
#define VALUE_MAX ((size_t)256 << 20)

static const struct cli_option options[] = {
	CLI_INFO_OPTIONS,
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
	irmin_mode mode;             /* NONE: as it was */
	bool guarded;                /* by --expect or --expect-absent */
	const irmin_slice *expected; /* NULL: nothing is there */
};

static irmin_rc read_input(struct cli *cli, irmin_buf *value)
{
	static char block[65536];
	ssize_t n;

	cli_buf_add_text(value, "");
	while (value->len <= VALUE_MAX) {
		n = read(STDIN_FILENO, block, sizeof(block));
		if (n == 0)
			return IRMIN_OK;
		if (n > 0)
			cli_buf_add(value, irmin_bytes(block, (size_t)n));
		else if (errno != EINTR)
			return cli_system_error(cli, errno, "read",
			    "standard input");
	}
	return IRMIN_OK;
}

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

static irmin_rc set(struct setting *setting, const irmin_info *info)
{
	struct cli *cli = setting->cli;
	irmin_rc rc;

	if (setting->mode) {
		rc = irmin_store_transact(cli->store, IRMIN_TXN_UNMOVED, info,
		    set_with_mode, setting, &cli->err);
		return rc == IRMIN_EABORTED ? say_stale(setting) : rc;
	}
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

static irmin_rc run(struct cli *cli)
{
	const char *expect = cli_option(cli, KEY_EXPECT);
	irmin_slice expected = irmin_text(expect);
	struct setting setting = { .cli = cli,
		.path = cli_operand(cli, 0),
		.value = irmin_text(cli_operand(cli, 1)),
		.guarded = expect || cli_option(cli, KEY_EXPECT_ABSENT),
		.expected = expect ? &expected : NULL };
	irmin_buf input = IRMIN_BUF_INIT;
	irmin_rc rc;

	if (expect && cli_option(cli, KEY_EXPECT_ABSENT))
		return cli_usage(cli,
		    "--expect and --expect-absent exclude each other");
	rc = read_mode(cli, &setting.mode);
	if (rc >= 0)
		rc = cli_open_to_write(cli, NULL);
	if (rc >= 0 && cli->operand_count == 1) {
		rc = read_input(cli, &input);
		setting.value = irmin_buf_slice(&input);
	}
	if (rc >= 0)
		rc = commit(&setting);
	irmin_buf_clear(&input);
	return rc;
}

const struct cli_command cli_cmd_set = {
	.name = "set",
	.synopsis =
	    "PATH [VALUE] [-m MSG] [--expect V | --expect-absent] [--mode MODE]",
	.summary = "set the value at a path, as one commit",
	.text = "Without VALUE it is read from standard input, byte for "
		"byte. To set a value that begins with '-', put -- before "
		"PATH. With --expect it is a test-and-set: exit status 5, "
		"and what is there instead, if somebody was faster. Setting "
		"what is there already makes no commit.",
	.example = "irmin set net/eth0 up -m 'the cable is in'",
	.options = options,
	.min_operands = 1,
	.max_operands = 2,
	.run = run,
};
