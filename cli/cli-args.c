/* cli/cli-args.c: see cli-args.h.
 *
 * getopt_long reads; its two notations are made from our tables, the global one
 * and the command's, and its "-" mode tells operands in order, so that those
 * behind `--` can be told from those before it.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli-args.h"
#include "cli/cli-message.h"
#include "cli/cli-nearest.h"

enum { KEY_JSON = 1000, KEY_VERSION };

const struct cli_option cli_global_options[] = {
	{ 'C', NULL, "URI|PATH",
	    "the repository; else $IRMIN_URI, else the enclosing one" },
	{ 'b', NULL, "BRANCH", "the branch; else what HEAD names" },
	{ KEY_JSON, "json", NULL, "data and errors as JSON" },
	{ 'h', "help", NULL, "what the command does, and an example" },
	{ 0, NULL, NULL, NULL },
};

static const struct cli_option first_options[] = {
	{ KEY_VERSION, "version", NULL, "the version" },
	{ 0, NULL, NULL, NULL },
};

#define NOTATION_MAX (CLI_OPTIONS_MAX + 8)

struct notation {
	char letters[2 * NOTATION_MAX + 3];
	struct option names[NOTATION_MAX + 1];
	size_t letter_count, name_count;
};

static void add_options(struct notation *notation,
    const struct cli_option *options)
{
	for (; options && options->key; options++) {
		if (options->key < CLI_LONG_ONLY) {
			notation->letters[notation->letter_count++] =
			    (char)options->key;
			if (options->value)
				notation->letters[notation->letter_count++] =
				    ':';
		}
		if (options->name)
			notation->names[notation->name_count++] =
			    (struct option){ options->name,
				    options->value ? required_argument
						   : no_argument,
				    NULL, options->key };
	}
}

/* `order` is '+' (stop at the first operand) or '-' (tell operands). */
static void make_notation(struct notation *notation, char order,
    const struct cli_option *options)
{
	memset(notation, 0, sizeof(*notation));
	notation->letters[notation->letter_count++] = order;
	notation->letters[notation->letter_count++] = ':';
	add_options(notation, cli_global_options);
	add_options(notation, options);
}

static bool is_known(const struct notation *notation, int key)
{
	for (size_t i = 0; i < notation->name_count; i++)
		if (notation->names[i].val == key)
			return true;
	return key < CLI_LONG_ONLY && strchr(notation->letters + 2, key);
}

/* getopt answered '?': optopt is 0 for an unknown long option, whose word is
 * then the one it read last. */
static irmin_rc wrong_option(struct cli *cli, const struct notation *notation,
    const char *word)
{
	char name[64];
	struct cli_nearest nearest;

	if (optopt && !is_known(notation, optopt))
		return cli_usage(cli, "there is no option -%c", optopt);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="),
	    word + 2);
	if (optopt)
		return cli_usage(cli, "--%s takes no value", name);
	nearest = cli_nearest_to(name);
	for (size_t i = 0; i < notation->name_count; i++)
		cli_nearest_offer(&nearest, notation->names[i].name);
	if (!nearest.best)
		return cli_usage(cli, "there is no option --%s", name);
	return cli_usage(cli, "there is no option --%s, did you mean --%s?",
	    name, nearest.best);
}

static irmin_rc wants_value(struct cli *cli, const struct notation *notation)
{
	if (optopt < CLI_LONG_ONLY)
		return cli_usage(cli, "-%c wants a value", optopt);
	for (size_t i = 0; i < notation->name_count; i++)
		if (notation->names[i].val == optopt)
			return cli_usage(cli, "--%s wants a value",
			    notation->names[i].name);
	return cli_usage(cli, "an option wants a value");
}

static irmin_rc take_option(struct cli *cli, int key)
{
	const struct cli_option *options = cli->command->options;

	for (size_t i = 0; options && options[i].key; i++) {
		if (options[i].key != key)
			continue;
		cli->values[i] = optarg ? optarg : "";
		/* At most one a word; of those without a value there may be
		 * many in one. */
		if (optarg)
			cli->given[cli->given_count++] =
			    (struct cli_given){ key, optarg };
		return IRMIN_OK;
	}
	return IRMIN_OK;
}

/* Takes what getopt answered: a global option, or one of the command's. */
static irmin_rc take(struct cli *cli, const struct notation *notation, int key,
    const char *word)
{
	switch (key) {
	case 1:
		cli->operands[cli->operand_count++] = optarg;
		return IRMIN_OK;
	case 'C':
		cli->uri = optarg;
		return IRMIN_OK;
	case 'b':
		cli->branch = optarg;
		return IRMIN_OK;
	case KEY_JSON:
		cli->json = true;
		return IRMIN_OK;
	case '?':
		return wrong_option(cli, notation, word);
	case ':':
		return wants_value(cli, notation);
	default:
		return take_option(cli, key);
	}
}

/* `irmin CMD --help` is `irmin help CMD`. */
static void ask_for_help(struct cli *cli)
{
	if (cli->command) {
		cli->operands[0] = cli->command->name;
		cli->operand_count = 1;
	}
	memset(cli->values, 0, sizeof(cli->values));
	cli->given_count = 0;
	cli->command = &cli_cmd_help;
}

static irmin_rc parse_first(struct cli *cli, int argc, char **argv, int *next)
{
	struct notation notation;
	irmin_rc rc = IRMIN_OK;
	int key;

	make_notation(&notation, '+', first_options);
	opterr = 0;
	optind = 1;
	while (rc == IRMIN_OK &&
	    (key = getopt_long(argc, argv, notation.letters, notation.names,
		 NULL)) != -1) {
		if (key == 'h')
			ask_for_help(cli);
		else if (key == KEY_VERSION)
			cli->command = &cli_cmd_version;
		else
			rc = take(cli, &notation, key, argv[optind - 1]);
	}
	*next = optind;
	return rc;
}

static irmin_rc find_command(struct cli *cli, const char *word)
{
	struct cli_nearest nearest = cli_nearest_to(word);

	cli->command = cli_command_find(word);
	if (cli->command)
		return IRMIN_OK;
	for (size_t i = 0; cli_commands[i]; i++)
		cli_nearest_offer(&nearest, cli_commands[i]->name);
	if (!nearest.best)
		return cli_usage(cli, "there is no command '%s'", word);
	return cli_usage(cli, "there is no command '%s', did you mean '%s'?",
	    word, nearest.best);
}

static irmin_rc check_operands(struct cli *cli)
{
	const struct cli_command *command = cli->command;
	size_t count = cli->operand_count;

	if (count < (size_t)command->min_operands)
		return cli_usage(cli, "something is missing: irmin %s %s",
		    command->name, command->synopsis);
	if (command->max_operands != CLI_ANY_NUMBER &&
	    count > (size_t)command->max_operands)
		return cli_usage(cli, "'%s' is too much: irmin %s %s",
		    cli->operands[command->max_operands], command->name,
		    command->synopsis);
	return IRMIN_OK;
}

static irmin_rc parse_command(struct cli *cli, int argc, char **argv)
{
	struct notation notation;
	irmin_rc rc = IRMIN_OK;
	int key;

	make_notation(&notation, '-', cli->command->options);
	optind = 0; /* glibc: begin anew */
	while ((key = getopt_long(argc, argv, notation.letters, notation.names,
		    NULL)) != -1) {
		if (key == 'h') {
			ask_for_help(cli);
			return IRMIN_OK;
		}
		rc = take(cli, &notation, key, argv[optind - 1]);
		if (rc < 0)
			return rc;
	}
	cli->behind_dashes = cli->operand_count;
	while (optind < argc)
		cli->operands[cli->operand_count++] = argv[optind++];
	return check_operands(cli);
}

static irmin_rc parse(struct cli *cli, int argc, char **argv)
{
	irmin_rc rc;
	int next;

	rc = parse_first(cli, argc, argv, &next);
	if (rc < 0)
		return rc;
	if (cli->command) {
		while (next < argc)
			cli->operands[cli->operand_count++] = argv[next++];
		return check_operands(cli);
	}
	if (next >= argc)
		return cli_usage(cli, "which command?");
	rc = find_command(cli, argv[next]);
	return rc < 0 ? rc : parse_command(cli, argc - next, argv + next);
}

irmin_rc cli_args_parse(struct cli *cli, int argc, char **argv)
{
	irmin_rc rc;

	cli->operands = cli_alloc(((size_t)argc + 1) * sizeof(char *));
	cli->given = cli_alloc(((size_t)argc + 1) * sizeof(*cli->given));
	rc = parse(cli, argc, argv);
	/* A wrong word may stand before the wish to hear of it in JSON. */
	for (int i = 1; rc < 0 && i < argc; i++)
		if (strcmp(argv[i], "--json") == 0)
			cli->json = true;
	return rc;
}

const char *cli_option(const struct cli *cli, int key)
{
	const struct cli_option *options = cli->command->options;

	for (size_t i = 0; options && options[i].key; i++)
		if (options[i].key == key)
			return cli->values[i];
	return NULL;
}

const char *cli_option_next(const struct cli *cli, int key, size_t *from)
{
	while (*from < cli->given_count) {
		const struct cli_given *given = &cli->given[(*from)++];

		if (given->key == key)
			return given->value;
	}
	return NULL;
}

irmin_rc cli_option_number(struct cli *cli, int key, uint64_t *number)
{
	const char *text = cli_option(cli, key);
	unsigned long long value;
	char *end;

	if (!text)
		return IRMIN_ABSENT;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno)
		return cli_usage(cli, "'%s' is not a number", text);
	*number = value;
	return IRMIN_OK;
}

const char *cli_operand(const struct cli *cli, size_t i)
{
	return i < cli->operand_count ? cli->operands[i] : NULL;
}
