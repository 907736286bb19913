/* Revisions, beside git rev-parse, and moments, beside git's own dates. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <irmin/irmin.h>

#include "lib/core/object/tag-codec.h"
#include "lib/core/store/commit.h"
#include "lib/core/store/revision-date.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/history.h"
#include "tests/unit/store/hooked.h"

/* The id that a revision is, or the name of the error; freed at exit. */
static const char *revision(irmin_repo *repo, const char *text)
{
	irmin_commit *commit;
	irmin_error err;
	irmin_rc rc = irmin_commit_of_revision(repo, text, &commit, &err);
	const char *said;

	if (rc < 0)
		return irmin_rc_name(rc);
	said = history_hex(commit);
	irmin_commit_unref(commit);
	return said;
}

static const char *id_of(const struct history *history, size_t i)
{
	return history_hex(history->commits[i]);
}

static void point(irmin_repo *repo, const char *ref, const irmin_oid *id)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_ref_change change;
	irmin_error err;

	memset(&change, 0, sizeof change);
	change.name = ref;
	change.any = 1;
	change.id = *id;
	if (irmin__repo_ref_cas(repo, &context, &change, 1, NULL, NULL, &err) <
	    0)
		bail("%s", err.text);
}

static void point_at(const struct history *history, const char *ref, size_t i)
{
	irmin_oid id = history_id(history->commits[i]);

	point(history->repo, ref, &id);
}

/* Writes an annotated tag of an object. */
static irmin_oid make_tag(irmin_repo *repo, const irmin_oid *object,
    irmin_object_type type, const char *name)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin__tag_data tag;
	irmin__batch *batch;
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_oid id;
	irmin_error err;

	memset(&tag, 0, sizeof tag);
	tag.object = *object;
	tag.type = type;
	tag.name = irmin_text(name);
	tag.tagger = irmin_text("A <a@b> 1 +0000");
	tag.message = irmin_text("tagged\n");
	if (irmin__tag_encode(&tag, &bytes, &err) < 0 ||
	    irmin__batch_new(repo, &batch, &err) < 0 ||
	    irmin__batch_add(batch, IRMIN_OBJECT_TAG, irmin_buf_slice(&bytes),
		0, &id, &err) < 0 ||
	    irmin__batch_write(batch, &context, &err) < 0)
		bail("%s", err.text);
	irmin__batch_free(batch);
	irmin_buf_clear(&bytes);
	return id;
}

/* ---- names ---- */

static void refs(struct history *history)
{
	irmin_repo *repo = history->repo;
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_error err;

	is_str(revision(repo, "HEAD"), "EMISSING", "HEAD of an unborn branch");
	point_at(history, "refs/heads/main", 1);
	point_at(history, "refs/heads/b/c", 2);
	point_at(history, "refs/tags/t", 3);
	point_at(history, "refs/remotes/origin/r", 4);
	point_at(history, "refs/x/y", 5);
	point_at(history, "refs/heads/both", 6);
	point_at(history, "refs/tags/both", 7);
	if (irmin__repo_ref_set_link(repo, &context, "refs/remotes/origin/HEAD",
		"refs/remotes/origin/r", &err) < 0)
		bail("%s", err.text);
	is_str(revision(repo, "HEAD"), id_of(history, 1), "HEAD");
	is_str(revision(repo, "@"), id_of(history, 1), "@");
	is_str(revision(repo, "main"), id_of(history, 1), "a branch");
	is_str(revision(repo, "b/c"), id_of(history, 2), "with a slash");
	is_str(revision(repo, "heads/b/c"), id_of(history, 2), "below refs");
	is_str(revision(repo, "refs/heads/b/c"), id_of(history, 2), "in full");
	is_str(revision(repo, "t"), id_of(history, 3), "a tag");
	is_str(revision(repo, "origin/r"), id_of(history, 4), "a remote's");
	is_str(revision(repo, "origin"), id_of(history, 4), "a remote's HEAD");
	is_str(revision(repo, "x/y"), id_of(history, 5), "any other");
	is_str(revision(repo, "both"), id_of(history, 7),
	    "a tag comes before a branch, as in git");
}

static void tags(struct history *history)
{
	irmin_repo *repo = history->repo;
	irmin_oid tagged = history_id(history->commits[8]);
	irmin_oid tag = make_tag(repo, &tagged, IRMIN_OBJECT_COMMIT, "v1");
	irmin_oid outer = make_tag(repo, &tag, IRMIN_OBJECT_TAG, "v1-again");
	irmin_tree *tree;
	irmin_oid id;
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_error err;

	point(repo, "refs/tags/v1", &tag);
	point(repo, "refs/tags/v1-again", &outer);
	is_str(revision(repo, "v1"), id_of(history, 8), "an annotated tag");
	is_str(revision(repo, "v1-again"), id_of(history, 8), "a tag of a tag");
	is_str(revision(repo, irmin_oid_hex(&outer, hex)), id_of(history, 8),
	    "the id of a tag");
	is_str(revision(repo, "v1~1"),
	    history_git(history, "rev-parse 8~1 | tr -d '\\n'"),
	    "goes on from its commit");
	if (irmin_commit_tree(history->commits[8], &tree, &err) < 0 ||
	    irmin_tree_id(tree, &id, &err) < 0)
		bail("%s", err.text);
	is_str(revision(repo, irmin_oid_hex(&id, hex)), "EINVAL",
	    "a tree is no commit");
	irmin_tree_unref(tree);
}

static void beside_git(struct history *history)
{
	static const char *const suffixes[] = { "", "~", "~1", "~2", "~7", "^",
		"^0", "^1", "^2", "^3", "^^", "~2^2", "^2~1", "~0", "~~",
		"~1~1^", "~100000", "^9" };
	size_t i, j;

	for (i = 0; i < 12; i++) {
		size_t at = history->count - 1 - i;

		for (j = 0; j < sizeof suffixes / sizeof *suffixes; j++) {
			struct tap_output said;
			int code = tap_run(&said,
			    "git -C %s rev-parse -q --verify '%zu%s^{commit}' "
			    "| tr -d '\\n'; test $? = 0",
			    history->git, at, suffixes[j]);

			if (code != 0)
				bail("git rev-parse");
			is_str(revision(history->repo,
				   tap_format("%s%s", id_of(history, at),
				       suffixes[j])),
			    said.out_len ? tap_format("%s", said.out)
					 : "EMISSING",
			    "%zu%s", at, suffixes[j]);
			tap_output_clear(&said);
		}
	}
}

/* ---- abbreviated ids ---- */

static void prefixes(struct history *history)
{
	irmin_repo *repo = history->repo;
	const char *id = id_of(history, 5);
	char upper[IRMIN_OID_HEX_BYTES];
	size_t i;

	is_str(revision(repo, tap_format("%.12s", id)), id, "12 digits");
	is_str(revision(repo, tap_format("%.39s", id)), id, "all but one");
	is_str(revision(repo, tap_format("%.3s", id)), "EMISSING", "three");
	snprintf(upper, sizeof upper, "%.10s", id);
	for (i = 0; upper[i]; i++)
		if (upper[i] >= 'a' && upper[i] <= 'f')
			upper[i] = (char)(upper[i] - 'a' + 'A');
	is_str(revision(repo, upper), id, "capitals");
	is_str(revision(repo, tap_format("%.8sffffffff", id)), "EMISSING",
	    "nobody's");
	point_at(history, tap_format("refs/heads/%.8s", id), 9);
	is_str(revision(repo, tap_format("%.8s", id)), id_of(history, 9),
	    "a ref of that name comes first, as in git");
	is_str(revision(repo, id), id, "but not before an id in full");
}

/* Makes commits until two ids begin with the same four digits, where commits stay
 * though nobody holds them. */
static void ambiguous(void)
{
	struct hooks hooks = { 0 };
	static irmin_oid seen[65536];
	irmin_info info = irmin_info_of("A <a@b>", "x");
	irmin_repo *repo;
	irmin_tree *tree;
	irmin_commit *commit;
	irmin_oid id, *other;
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_error err;

	repo = hooked_open(&hooks, NULL);
	if (irmin_tree_empty(repo, &tree, &err) < 0)
		bail("%s", err.text);
	info.flags = IRMIN_INFO_DATE;
	for (other = NULL; !other; info.author_time++) {
		if (irmin_commit_new(repo, tree, NULL, 0, &info, &commit,
			&err) < 0)
			bail("%s", err.text);
		id = history_id(commit);
		irmin_commit_unref(commit);
		other = &seen[id.bytes[0] << 8 | id.bytes[1]];
		if (irmin_oid_is_none(other)) {
			*other = id;
			other = NULL;
		}
	}
	irmin_oid_hex(&id, hex);
	fails(irmin_commit_of_revision(repo, tap_format("%.4s", hex), &commit,
		  &err),
	    IRMIN_EINVAL, &err, "two commits begin so");
	ok(strstr(err.text, tap_format("%.12s", hex)) &&
		strstr(err.text,
		    tap_format("%.12s", irmin_oid_hex(other, hex))),
	    "both are told: %s", err.text);
	irmin_tree_unref(tree);
	irmin_repo_close(repo);
}

static void refused(irmin_repo *repo)
{
	static const char *const bad[] = { "", "~1", "^", "main^{tree}",
		"main@{1", "main@{}", "main@{1}", "main@{upstream}", "main~1x",
		"main~99999999999999999999", "main^99999999999", "main@",
		"main@{2026-13-01}", "main~-1" };
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *said = revision(repo, bad[i]);

		ok(strcmp(said, "EINVAL") == 0 || strcmp(said, "EMISSING") == 0,
		    "\"%s\" is refused: %s", bad[i], said);
	}
	is_str(revision(repo, "no-such-branch"), "EMISSING", "nobody's name");
	is_str(revision(repo, "main:a"), "EMISSING", "a path is no revision");
	is_str(revision(repo, tap_format("%09000d", 0)), "EINVAL", "too long");
	is_str(revision(repo, NULL), "EINVAL", "NULL");
}

/* ---- moments ---- */

static int64_t moment(const char *text)
{
	int64_t seconds = 0;
	irmin_rc rc = irmin__date_parse(irmin__os_posix(), irmin_text(text),
	    &seconds, NULL);

	return rc < 0 ? rc : seconds;
}

/* What git makes of the same text: --since becomes --max-age=SECONDS. */
static int64_t git_moment(const char *zone, const char *text)
{
	struct tap_output said;
	int64_t seconds = -1;

	if (tap_run(&said,
		"cd %s && git init -q dates && cd dates && "
		"TZ=%s git rev-parse --since='%s'",
		tap_tmpdir(), zone, text) == 0)
		seconds = strtoll(said.out + strlen("--max-age="), NULL, 10);
	tap_output_clear(&said);
	return seconds;
}

static void dates(void)
{
	static const char *const zones[] = { "UTC", "Europe/Berlin",
		"America/St_Johns", "Asia/Kathmandu" };
	static const char *const texts[] = { "2026-11-20 14:03",
		"2026-11-20 14:03:59", "2026-07-01 00:00", "2026-02-28 23:59",
		"2024-02-29 12:00", "2026-11-20 14:03 +0200",
		"2026-11-20T14:03:05Z", "2026-11-20T14:03:05+02:00",
		"2026-11-20 14:03:05 -0330", "1999-12-31 23:59:59",
		"2000-03-01 00:00:00 +0000" };
	size_t i, j;

	for (i = 0; i < sizeof zones / sizeof *zones; i++) {
		setenv("TZ", zones[i], 1);
		tzset();
		for (j = 0; j < sizeof texts / sizeof *texts; j++)
			is_int(moment(texts[j]), git_moment(zones[i], texts[j]),
			    "%s in %s", texts[j], zones[i]);
		is_int(moment("2026-11-20"), moment("2026-11-20 00:00"),
		    "a day begins at midnight in %s", zones[i]);
	}
	setenv("TZ", "UTC", 1);
	tzset();
	is_int(moment("@1700000000"), 1700000000, "seconds");
	is_int(moment("  2026-11-20 00:00  "), moment("2026-11-20"), "blanks");
}

static void about(const char *text, int64_t ago)
{
	int64_t want = (int64_t)time(NULL) - ago, got = moment(text);

	ok(got >= want - 2 && got <= want + 2, "%s: %lld, want %lld", text,
	    (long long)got, (long long)want);
}

static void ages(void)
{
	int64_t year_ago = moment("1 year ago");

	about("now", 0);
	about("yesterday", 86400);
	about("5 minutes ago", 300);
	about("1 second ago", 1);
	about("2.days.ago", 2 * 86400);
	about("3 hours ago", 3 * 3600);
	about("4 weeks ago", 28 * 86400);
	ok(moment("12 months ago") >= year_ago &&
		moment("12 months ago") <= year_ago + 2,
	    "twelve months are a year");
	about("1 year ago",
	    (int64_t)time(NULL) - git_moment("UTC", "1 year ago"));
	about("1 month ago",
	    (int64_t)time(NULL) - git_moment("UTC", "1 month ago"));
	ok(moment("999999999 years ago") <= 0, "before all that was");
}

static void bad_dates(void)
{
	static const char *const bad[] = { "", "x", "2026", "2026-11",
		"2026-11-31", "2026-13-01", "2026-00-01", "2026-02-29",
		"1969-12-31", "2026-11-20 24:00", "2026-11-20 12:60",
		"2026-11-20 12:00:60", "2026-11-20 1", "2026-11-20 12:00 +2",
		"2026-11-20 12:00 +2500", "2026-11-20 12:00 Zx", "@", "@-1",
		"@99999999999999999999", "5", "5 minutes", "minutes ago",
		"5 fortnights ago", "5 minutes agox", "9999999999 days ago",
		"-5 minutes ago", "now and then" };
	irmin_error err;
	int64_t seconds;
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		fails(irmin__date_parse(irmin__os_posix(), irmin_text(bad[i]),
			  &seconds, &err),
		    IRMIN_EINVAL, &err, "\"%s\" is no moment", bad[i]);
}

static void at_a_moment(void)
{
	irmin_info info = irmin_info_of("A <a@b>", NULL);
	irmin_store *store;
	irmin_error err;
	int i;

	if (irmin_open("mem:", NULL, &store, &err) < 0)
		bail("%s", err.text);
	info.flags = IRMIN_INFO_DATE;
	for (i = 0; i < 5; i++) {
		const char *text = tap_format("%d", i);

		info.author_time = info.committer_time = 1000000 + i * 10;
		info.message = text;
		if (irmin_store_set(store, "a", irmin_text(text), &info, &err) <
		    0)
			bail("%s", err.text);
	}
	is_str(revision(irmin_store_repo(store), "main@{@1000040}"),
	    revision(irmin_store_repo(store), "main"), "at its second");
	is_str(revision(irmin_store_repo(store), "main@{@1000039}"),
	    revision(irmin_store_repo(store), "main~1"), "a second earlier");
	is_str(revision(irmin_store_repo(store), "main~1@{@1000015}^"),
	    revision(irmin_store_repo(store), "main~4"), "among others");
	is_str(revision(irmin_store_repo(store), "@{now}"),
	    revision(irmin_store_repo(store), "main"), "of HEAD, now");
	fails(irmin_commit_of_revision(irmin_store_repo(store),
		  "main@{@999999}", &(irmin_commit *){ NULL }, &err),
	    IRMIN_EMISSING, &err, "before the first");
	ok(strstr(err.text, "1000000"), "it says when history begins: %s",
	    err.text);
	irmin_store_close(store);
}

/* ---- out of memory ---- */

static irmin_rc resolve_once(void *arg, irmin_error *err)
{
	irmin_commit *commit = NULL;
	irmin_rc rc = irmin_commit_of_revision(arg, "b/c~1", &commit, err);

	irmin_commit_unref(commit);
	return rc;
}

int main(void)
{
	struct history history;

	history_make(&history, 40, 21);
	refs(&history);
	tags(&history);
	beside_git(&history);
	prefixes(&history);
	refused(history.repo);
	alloc_fault_sweep("a revision", resolve_once, history.repo);
	history_clear(&history);
	ambiguous();
	dates();
	ages();
	bad_dates();
	at_a_moment();
	return done_testing();
}
