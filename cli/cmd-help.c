/* cli/cmd-help.c: irmin help, and --help of every command */
#include <stdio.h>
#include <string.h>

#include "cli/cli-args.h"
#include "cli/cli-message.h"
#include "cli/cli-nearest.h"
#include "cli/cli-table.h"

struct topic {
	const char *name, *summary, *text;
};

static const struct topic topics[] = {
	{ "exit-codes", "what the exit status says",
	    "0  done\n"
	    "1  a definite no: nothing is there, nothing was removed, it exists already,\n"
	    "   it was refused, the branch is checked out in a work tree\n"
	    "2  the command line is wrong, or an argument in it\n"
	    "3  it failed\n"
	    "4  a conflict; a merge then waits, see `irmin conflicts`\n"
	    "5  stale: what was expected has changed\n"
	    "6  locked by somebody else, or out of time\n" },
	{ "revisions", "how to name a commit",
	    "main           the head of a branch; of a tag; of a full ref\n"
	    "HEAD           the branch that HEAD names\n"
	    "@              the branch that this command works on (-b, else HEAD)\n"
	    "1a2b3c4d       an id, or 4 or more digits of one if no other begins so\n"
	    "REV~3          three first parents back\n"
	    "REV^2          the second parent\n"
	    "REV@{2026-11-20 14:03}, REV@{5 minutes ago}\n"
	    "               the state of then, by commit time along first parents\n"
	    "REV:PATH       for `irmin show` and `irmin cat`: what is at PATH there\n"
	    "REV^{TYPE}     for `irmin cat`: the commit, tree, blob or tag that REV\n"
	    "               leads to; REV^{}: what an annotated tag leads to\n" },
	{ "json", "what --json writes",
	    "One value on standard output; of lists and objects what they "
	    "hold, a line each.\n"
	    "Text is a string if it is UTF-8, else {\"base64\": \"...\"}.\n"
	    "Ids are hexadecimal, modes octal as git writes them, times "
	    "seconds since 1970.\n"
	    "An error is one object on standard error:\n"
	    "{\"error\": {\"code\", \"message\", \"path\" or \"file\", "
	    "\"offset\", \"hint\", \"was\"}}\n"
	    "of which only code and message are always there. Remarks are "
	    "{\"note\": \"...\"}.\n" },
};

#define LINE_WIDTH  78
#define TOPIC_COUNT (sizeof(topics) / sizeof(*topics))

static void write_heading(struct cli_out *out, const char *heading)
{
	cli_out_text(out, "\n");
	cli_out_color(out, CLI_BOLD);
	cli_out_text(out, heading);
	cli_out_color(out, CLI_PLAIN);
	cli_out_text(out, "\n");
}

static void write_options(struct cli_out *out, const struct cli_option *options)
{
	struct cli_table table;
	char text[96];

	cli_table_init(&table, 3, 0);
	for (; options->key; options++) {
		bool letter = options->key < CLI_LONG_ONLY;

		snprintf(text, sizeof(text), "%s%c%s%s%s%s%s",
		    letter ? "-" : " ", letter ? options->key : ' ',
		    letter && options->name ? ", "
			: options->name     ? "  "
					    : "",
		    options->name ? "--" : "",
		    options->name ? options->name : "",
		    options->value ? " " : "",
		    options->value ? options->value : "");
		cli_table_add(&table, irmin_text(""), CLI_PLAIN);
		cli_table_add(&table, irmin_text(text), CLI_PLAIN);
		cli_table_add(&table, irmin_text(options->help), CLI_PLAIN);
	}
	cli_table_write(&table, out);
}

/* Prose, in lines that fit. */
static void write_prose(struct cli_out *out, const char *text)
{
	while (*text) {
		size_t len = strlen(text);

		if (len > LINE_WIDTH)
			len = LINE_WIDTH;
		while (text[len] && text[len] != ' ' && len > 0)
			len--;
		cli_out_bytes(out, text, len);
		cli_out_text(out, "\n");
		text += len + (text[len] == ' ');
	}
}

/* One line, or several that break before a bracket. */
static void write_usage(struct cli_out *out, const struct cli_command *command)
{
	char text[256];
	const char *from = text;
	size_t room = LINE_WIDTH;

	snprintf(text, sizeof(text),
	    "usage: irmin [-C URI|PATH] [-b BRANCH] %s %s", command->name,
	    command->synopsis);
	while (strlen(from) > room) {
		size_t len = room;

		while (len > 0 && memcmp(from + len, " [", 2) != 0)
			len--;
		if (len == 0)
			break;
		cli_out_bytes(out, from, len);
		cli_out_text(out, "\n      ");
		from += len;
		room = LINE_WIDTH - 6; /* behind the blanks */
	}
	cli_out_printf(out, "%s\n", from);
}

static void write_command(struct cli_out *out,
    const struct cli_command *command)
{
	cli_out_printf(out, "irmin %s: %s\n\n", command->name,
	    command->summary);
	write_usage(out, command);
	if (*command->text) {
		cli_out_text(out, "\n");
		write_prose(out, command->text);
	}
	if (command->options) {
		write_heading(out, "options");
		write_options(out, command->options);
	}
	write_heading(out, "options of every command");
	write_options(out, cli_global_options);
	write_heading(out, "example");
	cli_out_printf(out, "  %s\n", command->example);
}

static void add_row(struct cli_table *table, const char *name,
    const char *summary)
{
	cli_table_add(table, irmin_text(""), CLI_PLAIN);
	cli_table_add(table, irmin_text(name), CLI_CYAN);
	cli_table_add(table, irmin_text(summary), CLI_PLAIN);
}

static void write_overview(struct cli_out *out)
{
	struct cli_table table;

	cli_out_text(out,
	    "irmin: state that forks, merges and rolls back, in a git repository\n\n"
	    "usage: irmin [-C URI|PATH] [-b BRANCH] [--json] COMMAND ...\n\n");
	write_heading(out, "commands");
	cli_table_init(&table, 3, 0);
	for (size_t i = 0; cli_commands[i]; i++)
		add_row(&table, cli_commands[i]->name,
		    cli_commands[i]->summary);
	cli_table_write(&table, out);
	write_heading(out, "options of every command");
	write_options(out, cli_global_options);
	write_heading(out, "more with `irmin help`");
	for (size_t i = 0; i < TOPIC_COUNT; i++)
		add_row(&table, topics[i].name, topics[i].summary);
	cli_table_write(&table, out);
}

static irmin_rc unknown(struct cli *cli, const char *word)
{
	struct cli_nearest nearest = cli_nearest_to(word);

	for (size_t i = 0; cli_commands[i]; i++)
		cli_nearest_offer(&nearest, cli_commands[i]->name);
	for (size_t i = 0; i < TOPIC_COUNT; i++)
		cli_nearest_offer(&nearest, topics[i].name);
	if (!nearest.best)
		return cli_usage(cli, "there is nothing about '%s'", word);
	return cli_usage(cli, "there is nothing about '%s', did you mean '%s'?",
	    word, nearest.best);
}

static irmin_rc run(struct cli *cli)
{
	const char *word = cli_operand(cli, 0);
	const struct cli_command *command;

	if (!word) {
		write_overview(&cli->out);
		return IRMIN_OK;
	}
	for (size_t i = 0; i < TOPIC_COUNT; i++) {
		if (strcmp(topics[i].name, word) == 0) {
			cli_out_text(&cli->out, topics[i].text);
			return IRMIN_OK;
		}
	}
	command = cli_command_find(word);
	if (!command)
		return unknown(cli, word);
	write_command(&cli->out, command);
	return IRMIN_OK;
}

const struct cli_command cli_cmd_help = {
	.name = "help",
	.synopsis = "[COMMAND|exit-codes|revisions|json]",
	.summary = "tell about a command or a topic",
	.text = "",
	.example = "irmin help revisions",
	.options = NULL,
	.min_operands = 0,
	.max_operands = 1,
	.run = run,
};
