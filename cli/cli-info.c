/* cli/cli-info.c: see cli-info.h. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static void add_user_at_host(irmin_buf *ident, const char *user)
{
	char host[256];

	if (gethostname(host, sizeof(host)) < 0)
		snprintf(host, sizeof(host), "localhost");
	host[sizeof(host) - 1] = '\0';
	add_clean(ident, user);
	cli_buf_add_text(ident, "@");
	add_clean(ident, host);
}

/* "Name <e-mail>", if the environment names either; false if it is silent. */
static bool ident_of(const char *name_variable, const char *email_variable,
    irmin_buf *ident)
{
	const char *name = variable(name_variable);
	const char *email = variable(email_variable);
	const struct passwd *user;
	const char *login;

	if (!name && !email)
		return false;
	email = email ? email : variable("EMAIL");
	user = name && email ? NULL : getpwuid(getuid());
	login = user ? user->pw_name : "unknown";
	add_clean(ident, name ? name : login);
	cli_buf_add_text(ident, " <");
	if (email)
		add_clean(ident, email);
	else
		add_user_at_host(ident, login);
	cli_buf_add_text(ident, ">");
	return true;
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
	memset(info, 0, sizeof(*info));
	info->info.size = sizeof(info->info);
	info->info.message = cli_option(cli, CLI_KEY_MESSAGE);
	if (cli_option(cli, CLI_KEY_AUTHOR))
		info->info.author = cli_option(cli, CLI_KEY_AUTHOR);
	else if (ident_of("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", &info->author))
		info->info.author = (const char *)info->author.data;
	if (ident_of("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL",
		&info->committer))
		info->info.committer = (const char *)info->committer.data;
	return fill_dates(cli, &info->info);
}

void cli_info_clear(struct cli_info *info)
{
	irmin_buf_clear(&info->author);
	irmin_buf_clear(&info->committer);
}
