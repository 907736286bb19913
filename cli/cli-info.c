/* cli/cli-info.c: see cli-info.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli-args.h"
#include "cli/cli-date.h"
#include "cli/cli-info.h"
#include "cli/cli-message.h"

/* What git drops at both ends of a name. */
static bool is_crud(char c)
{
	return (unsigned char)c <= 32 || strchr(".,:;<>\"\\'", c);
}

/* As git takes names from the environment: what would break the format is
 * dropped. */
static void add_clean(irmin_buf *ident, const char *text)
{
	size_t len = strlen(text);

	for (; len > 0 && is_crud(*text); len--)
		text++;
	while (len > 0 && is_crud(text[len - 1]))
		len--;
	for (size_t i = 0; i < len; i++)
		if (text[i] != '<' && text[i] != '>' && text[i] != '\n')
			cli_buf_add(ident, irmin_bytes(text + i, 1));
}

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* "Name <e-mail>" of the environment; the half it does not name, and all of it if
 * it is silent, is the library's default. */
static irmin_rc ident_of(struct cli *cli, const char *name_variable,
    const char *email_variable, irmin_buf *ident)
{
	const char *name = variable(name_variable);
	const char *email = variable(email_variable);
	irmin_buf usual = IRMIN_BUF_INIT;
	const char *bracket;
	irmin_rc rc;

	rc = irmin_repo_author(cli->repo, &usual, &cli->err);
	if (rc < 0)
		return rc;
	bracket = strchr((const char *)usual.data, '<');
	if (name)
		add_clean(ident, name);
	else
		cli_buf_add(ident,
		    irmin_bytes(usual.data,
			(size_t)(bracket - 1 - (const char *)usual.data)));
	cli_buf_add_text(ident, email ? " <" : " ");
	if (email)
		add_clean(ident, email);
	cli_buf_add_text(ident, email ? ">" : bracket);
	irmin_buf_clear(&usual);
	return IRMIN_OK;
}

/* The library takes both dates or none, so the one that nobody names is
 * now. */
static irmin_rc fill_dates(struct cli *cli, irmin_info *info)
{
	const char *author = variable("GIT_AUTHOR_DATE");
	const char *committer = variable("GIT_COMMITTER_DATE");

	if (!author && !committer)
		return IRMIN_OK;
	info->flags |= IRMIN_INFO_DATE;
	cli_date_now(&info->author_time, &info->author_zone);
	info->committer_time = info->author_time;
	info->committer_zone = info->author_zone;
	if (author &&
	    !cli_date_parse(author, &info->author_time, &info->author_zone))
		return cli_usage(cli, "GIT_AUTHOR_DATE '%s' is no date",
		    author);
	if (committer &&
	    !cli_date_parse(committer, &info->committer_time,
		&info->committer_zone))
		return cli_usage(cli, "GIT_COMMITTER_DATE '%s' is no date",
		    committer);
	return IRMIN_OK;
}

irmin_rc cli_info_init(struct cli *cli, struct cli_info *info)
{
	const char *author = cli_option(cli, CLI_KEY_AUTHOR);
	irmin_rc rc;

	memset(info, 0, sizeof(*info));
	info->info.size = sizeof(info->info);
	info->info.message = cli_option(cli, CLI_KEY_MESSAGE);
	rc = ident_of(cli, "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL",
	    &info->author);
	if (rc >= 0)
		rc = ident_of(cli, "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL",
		    &info->committer);
	if (rc < 0)
		return rc;
	info->info.author = author ? author : (const char *)info->author.data;
	info->info.committer = (const char *)info->committer.data;
	return fill_dates(cli, &info->info);
}

void cli_info_clear(struct cli_info *info)
{
	irmin_buf_clear(&info->author);
	irmin_buf_clear(&info->committer);
}
