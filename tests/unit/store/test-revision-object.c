/* Any object by revision, as git rev-parse finds it. */
#include <stdio.h>
#include <string.h>

#include <irmin/irmin.h>

#include "tests/support/tap.h"

static const char *make(const char *format)
{
	const char *dir = tap_format("%s/%s", tap_tmpdir(), format);

	if (tap_run(NULL,
		"git init -q -b main --object-format=%s %s && cd %s && "
		"git config user.name A && git config user.email a@b && "
		"mkdir -p d/e && echo 1 > a && echo 2 > d/x && echo 3 > d/e/y "
		"&& ln -s a l && git add . && git update-index --add "
		"--cacheinfo 160000,$(echo no | git hash-object --stdin),m && "
		"git commit -qm 1 && echo 4 > a && git commit -qam 2 && "
		"git tag -am v1 v1 && git tag -am of-tag of-tag v1 && "
		"git tag -am of-tree of-tree HEAD^{tree} && "
		"git tag -am of-blob of-blob HEAD:a && "
		"git tag light HEAD:d/x",
		format, dir, dir) != 0)
		bail("cannot make a repository");
	return dir;
}

/* "<type> <id>", or the name of the error. */
static const char *found(irmin_repo *repo, const char *revision)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_object_type type;
	irmin_oid id;
	irmin_error err;
	irmin_rc rc;

	rc = irmin_object_of_revision(repo, revision, &id, &type, &err);
	if (rc < 0 && (!irmin_oid_is_none(&id) || type || !err.text[0]))
		return "outputs that are not empty, or no error";
	if (rc < 0)
		return irmin_rc_name(rc);
	return tap_format("%s %s", irmin_object_type_name(type),
	    irmin_oid_hex(&id, hex));
}

static const char *git_found(const char *dir, const char *revision)
{
	struct tap_output said;
	const char *text = NULL;

	if (tap_run(&said,
		"cd %s && id=$(git rev-parse -q --verify '%s') && "
		"echo $(git cat-file -t $id || echo commit) $id",
		dir, revision) == 0)
		text = tap_format("%.*s", (int)said.out_len - 1, said.out);
	tap_output_clear(&said);
	return text;
}

static const char *const revisions[] = { "HEAD", "@", "main", "v1", "of-tag",
	"of-tree", "of-blob", "light", "HEAD~1", "v1~1", "of-tag^", "v1^0",
	"v1^{}", "of-tag^{}", "of-tag^{tag}", "v1^{tag}", "v1^{commit}",
	"v1^{tree}", "of-tree^{}", "of-tree^{tree}", "of-blob^{blob}",
	"of-blob^{}", "HEAD^{tree}", "HEAD^{commit}~1", "HEAD~1^{tree}",
	"HEAD^{}~1", "HEAD^{tree}^{tree}", "light^{blob}", "HEAD:", "HEAD:a",
	"HEAD~1:a", "HEAD:d", "HEAD:d/x", "HEAD:d/e", "HEAD:d/e/y", "HEAD:l",
	"v1:a", "of-tag:d/e", "of-tree:d/e/y", "HEAD^{tree}:a", "HEAD~1:m",
	"@:a" };

static const char *const refused[] = { "HEAD:no", "HEAD:a/b", "nobody",
	"nobody:a", "of-blob:a", "HEAD^{blob}", "HEAD^{tag}", "HEAD^{nothing}",
	"HEAD^{", "of-tree~1", "of-blob^{commit}", "light~1", ":a", ":",
	"HEAD^{tree}~1", "of-tree^{commit}", "", "HEAD~9", "HEAD^2" };

static void check_prefixes(irmin_repo *repo, const char *dir)
{
	const char *names[] = { "HEAD", "HEAD:", "HEAD:a", "v1" };
	const char *suffixes[] = { "", "^{}", "^{commit}", "^{tree}", ":a",
		"~1", "^{blob}" };
	char prefix[9];
	size_t i, j;

	for (i = 0; i < 4; i++) {
		const char *id = strchr(git_found(dir, names[i]), ' ') + 1;

		snprintf(prefix, sizeof prefix, "%s", id);
		for (j = 0; j < 7; j++) {
			const char *text = tap_format("%s%s", prefix,
			    suffixes[j]);
			const char *git = git_found(dir, text);
			const char *ours = found(repo, text);

			if (git)
				is_str(ours, git, "%s of %s", suffixes[j],
				    names[i]);
			else
				ok(strcmp(ours, "EINVAL") == 0 ||
					strcmp(ours, "EMISSING") == 0,
				    "%s of %s is refused: %s", suffixes[j],
				    names[i], ours);
		}
	}
}

static void check(const char *format)
{
	const char *dir = make(format);
	irmin_repo *repo;
	irmin_error err;
	size_t i;

	if (irmin_repo_open(dir, NULL, &repo, &err) < 0)
		bail("%s", err.text);
	for (i = 0; i < sizeof revisions / sizeof *revisions; i++)
		is_str(found(repo, revisions[i]), git_found(dir, revisions[i]),
		    "%s: %s", format, revisions[i]);
	for (i = 0; i < sizeof refused / sizeof *refused; i++) {
		const char *said = found(repo, refused[i]);

		ok(strcmp(said, "EINVAL") == 0 || strcmp(said, "EMISSING") == 0,
		    "%s: \"%s\" is refused: %s", format, refused[i], said);
	}
	check_prefixes(repo, dir);
	irmin_repo_close(repo);
}

int main(void)
{
	check("sha1");
	check("sha256");
	return done_testing();
}
