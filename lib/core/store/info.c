/* Who commits, when and why, where the caller does not say. */
#include "lib/core/store/repo.h"

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"
#include "lib/core/base/options.h"
#include "lib/core/object/ident.h"
#include <irmin/alloc.h>

/* So that a zone, of four digits, is no negative number. */
#define ZONE_BIAS 10000

/* ---- the default author ---- */

/* What git trims from both ends of a name or an e-mail. */
static int is_crud(unsigned char byte)
{
	return byte <= ' ' || byte == 0x7f || strchr(".,:;<>\"\\'", byte);
}

/* Appends what of a name or an e-mail fsck accepts. */
static irmin_rc append_clean(irmin_buf *out, const char *text, irmin_error *err)
{
	size_t len = strlen(text), i;
	irmin_rc rc;

	while (len && is_crud((unsigned char)*text))
		text++, len--;
	while (len && is_crud((unsigned char)text[len - 1]))
		len--;
	rc = irmin_buf_reserve(out, len, err);
	for (i = 0; i < len && rc >= 0; i++)
		if ((unsigned char)text[i] >= ' ' && !strchr("<>\x7f", text[i]))
			rc = irmin_buf_append(out, irmin_bytes(text + i, 1),
			    err);
	return rc;
}

static irmin_rc append_text(irmin_buf *out, const char *text, irmin_error *err)
{
	return irmin_buf_append(out, irmin_text(text), err);
}

/* A config value, "" if it is not there. What cannot be read is not there: a
 * commit never fails for lack of an author. */
static irmin_rc find_setting(irmin_repo *repo, const char *key,
    irmin_buf *value, irmin_error *err)
{
	irmin_error cause;
	irmin_rc rc = irmin__repo_find_config(repo, key, value, &cause);

	if (rc == IRMIN_OK)
		return IRMIN_OK;
	irmin__buf_empty(value);
	if (rc == IRMIN_ENOMEM)
		return irmin__enomem(err);
	if (rc < 0)
		irmin__repo_trace(repo, IRMIN_TRACE_WARNING, "config", key,
		    "%s", cause.text);
	return IRMIN_OK;
}

/* user.name, or the login name. */
static irmin_rc append_name(irmin_repo *repo, irmin_buf *out, irmin_error *err)
{
	irmin_buf name = IRMIN_BUF_INIT;
	char user[64];
	size_t before = out->len;
	irmin_rc rc = find_setting(repo, "user.name", &name, err);

	if (rc >= 0 && name.len)
		rc = append_clean(out, (char *)name.data, err);
	if (rc >= 0 && out->len == before) {
		irmin__os_user(repo->os, user, sizeof user);
		rc = append_clean(out, user, err);
	}
	if (rc >= 0 && out->len == before)
		rc = append_text(out, "unknown", err);
	irmin_buf_clear(&name);
	return rc;
}

static irmin_rc append_program_at_host(irmin_repo *repo, irmin_buf *out,
    irmin_error *err)
{
	size_t before = out->len;
	char host[256];
	irmin_rc rc = append_clean(out, repo->program, err);

	if (rc >= 0 && out->len == before)
		rc = append_text(out, "irmin", err);
	if (rc >= 0)
		rc = append_text(out, "@", err);
	irmin__os_host(repo->os, host, sizeof host);
	return rc < 0 ? rc : append_clean(out, host, err);
}

/* user.email, or program@host. */
static irmin_rc append_email(irmin_repo *repo, irmin_buf *out, irmin_error *err)
{
	irmin_buf email = IRMIN_BUF_INIT;
	size_t before = out->len;
	irmin_rc rc = find_setting(repo, "user.email", &email, err);

	if (rc >= 0 && email.len)
		rc = append_clean(out, (char *)email.data, err);
	if (rc >= 0 && out->len == before)
		rc = append_program_at_host(repo, out, err);
	irmin_buf_clear(&email);
	return rc;
}

static irmin_rc make_default(irmin_repo *repo, char **author, irmin_error *err)
{
	irmin_buf made = IRMIN_BUF_INIT;
	irmin_rc rc = append_name(repo, &made, err);

	if (rc >= 0)
		rc = append_text(&made, " <", err);
	if (rc >= 0)
		rc = append_email(repo, &made, err);
	if (rc >= 0)
		rc = append_text(&made, ">", err);
	if (rc < 0)
		irmin_buf_clear(&made);
	*author = (char *)made.data;
	return rc;
}

/* The author of commits that name none: lives as long as the repository. */
static irmin_rc default_author(irmin_repo *repo, const char **author,
    irmin_error *err)
{
	char *made = NULL;
	irmin_rc rc;

	*author = repo->author;
	if (*author)
		return IRMIN_OK;
	irmin__mutex_lock(&repo->mutex);
	*author = repo->author_default;
	irmin__mutex_unlock(&repo->mutex);
	if (*author)
		return IRMIN_OK;
	rc = make_default(repo, &made, err);
	if (rc < 0)
		return rc;
	irmin__mutex_lock(&repo->mutex);
	if (!repo->author_default) {
		repo->author_default = made;
		made = NULL;
	}
	*author = repo->author_default;
	irmin__mutex_unlock(&repo->mutex);
	irmin_free(made);
	return IRMIN_OK;
}

irmin_rc irmin_repo_author(irmin_repo *repo, irmin_buf *author,
    irmin_error *err)
{
	const char *found;
	irmin_rc rc;

	irmin_error_clear(err);
	irmin__buf_empty(author);
	rc = default_author(repo, &found, err);
	return rc < 0 ? rc : irmin_buf_set(author, irmin_text(found), err);
}

/* ---- one commit ---- */

static irmin_rc set_idents(irmin_repo *repo, const irmin_info *info,
    irmin_ident *author, irmin_ident *committer, irmin_error *err)
{
	const char *name = info->author;
	irmin_rc rc = IRMIN_OK;

	if (!name)
		rc = default_author(repo, &name, err);
	if (rc >= 0)
		rc = irmin__ident_split(irmin_text(name), &author->name,
		    &author->email, err);
	if (rc >= 0 && info->committer)
		return irmin__ident_split(irmin_text(info->committer),
		    &committer->name, &committer->email, err);
	committer->name = author->name;
	committer->email = author->email;
	return rc;
}

/* The zone at this time. Zones change on quarters of an hour, and asking the
 * system costs as much as hashing a small object: so one answer is kept, with
 * its quarter, in one word. */
static int32_t zone_at(irmin_repo *repo, int64_t time)
{
	uint64_t quarter = (uint64_t)time / 900 + 1, known;
	int32_t zone;

	known = atomic_load_explicit(&repo->zone, memory_order_relaxed);
	if (known >> 16 == quarter)
		return (int32_t)(known & 0xffff) - ZONE_BIAS;
	zone = irmin__os_zone(repo->os, time);
	if (quarter <= UINT64_MAX >> 16)
		atomic_store_explicit(&repo->zone,
		    quarter << 16 | (uint64_t)(zone + ZONE_BIAS),
		    memory_order_relaxed);
	return zone;
}

static void set_dates(irmin_repo *repo, const irmin_info *info,
    irmin_ident *author, irmin_ident *committer)
{
	if (info->flags & IRMIN_INFO_DATE) {
		author->time = info->author_time;
		author->zone = info->author_zone;
		committer->time = info->committer_time;
		committer->zone = info->committer_zone;
		return;
	}
	author->time = irmin__os_now_us(repo->os) / 1000000;
	author->zone = zone_at(repo, author->time);
	committer->time = author->time;
	committer->zone = author->zone;
}

irmin_rc irmin__info_read(const irmin_info *info, irmin_info *known,
    irmin_error *err)
{
	return irmin__options_read(known, sizeof *known, info, "irmin_info",
	    err);
}

irmin_rc irmin__info_resolve(irmin_repo *repo, const irmin_info *info,
    const char *default_message, irmin_ident *author, irmin_ident *committer,
    irmin_slice *message, irmin_error *err)
{
	irmin_rc rc = set_idents(repo, info, author, committer, err);

	if (rc < 0)
		return rc;
	set_dates(repo, info, author, committer);
	*message = irmin_text(info->message ? info->message : default_message);
	return IRMIN_OK;
}
