/* A git directory from its URI to what git says of it. */
#include <string.h>

#include <irmin/irmin.h>

#include "tests/support/tap.h"

/* What git says, without its last newline; freed at exit. */
static const char *git(const char *dir, const char *command)
{
	struct tap_output said;
	const char *text;

	if (tap_run(&said, "git -C %s %s", dir, command) != 0)
		bail("git %s: %s", command, said.err);
	if (said.out_len && said.out[said.out_len - 1] == '\n')
		said.out[said.out_len - 1] = '\0';
	text = tap_format("%s", said.out);
	tap_output_clear(&said);
	return text;
}

static irmin_store *open_uri(const char *uri)
{
	irmin_store *store = NULL;
	irmin_error err;

	if (irmin_open(uri, NULL, &store, &err) < 0)
		bail("%s: %s", uri, err.text);
	return store;
}

static const char *revision(irmin_store *store, const char *text)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_commit *commit;
	irmin_oid id;
	irmin_error err;

	if (irmin_commit_of_revision(irmin_store_repo(store), text, &commit,
		&err) < 0 ||
	    irmin_commit_id(commit, &id, &err) < 0)
		return tap_format("%s", err.text);
	irmin_commit_unref(commit);
	return tap_format("%s", irmin_oid_hex(&id, hex));
}

static void created(void)
{
	const char *dir = tap_format("%s/new.git", tap_tmpdir());
	irmin_store *store;
	irmin_error err;

	fails(irmin_open(tap_format("git:%s", dir), NULL, &store, &err),
	    IRMIN_EMISSING, &err, "what is not there is not made");
	is_str(err.where, dir, "and is named in full");
	store = open_uri(tap_format("git:%s?create=1&hash=sha256", dir));
	is_int(irmin_repo_hash(irmin_store_repo(store)), IRMIN_HASH_SHA256,
	    "made, with the hash asked for");
	irmin_store_close(store);
	fails(irmin_open(tap_format("git:%s?hash=sha1", dir), NULL, &store,
		  &err),
	    IRMIN_EINVAL, &err, "another hash is a contradiction");
	store = open_uri(tap_format("%s?branch=a/b", dir));
	is_str(irmin_store_branch(store), "a/b", "opened without a scheme");
	irmin_store_close(store);
}

static void seen_by_git(void)
{
	const char *dir = tap_format("%s/seen.git", tap_tmpdir());
	irmin_store *store;
	irmin_info info = irmin_info_of(NULL, "sub\tject\n\nbody\n");
	irmin_error err;

	store = open_uri(tap_format("git:%s?create=1", dir));
	irmin_store_close(store);
	git(dir, "config user.name 'Con Fig'");
	git(dir, "config user.email con@example.org");
	git(dir, "config core.logAllRefUpdates true");
	store = open_uri(tap_format("git:%s", dir));
	if (irmin_store_set(store, "a/b", irmin_text("1"), NULL, &err) < 0 ||
	    irmin_store_set(store, "a/b", irmin_text("2"), &info, &err) < 0)
		bail("%s", err.text);
	is_str(git(dir, "log --format='%an <%ae> %cn|%s'"),
	    "Con Fig <con@example.org> Con Fig|sub\tject\n"
	    "Con Fig <con@example.org> Con Fig|set a/b",
	    "the configuration names the author");
	is_str(git(dir, "reflog --format='%gs' main"),
	    "commit: sub ject\ncommit (initial): set a/b",
	    "the reflog says what git's says");
	git(dir, "-c user.name=T -c user.email=t@t tag -a -m tagged v1 main~1");
	is_str(revision(store, "v1"), git(dir, "rev-parse 'v1^{}'"),
	    "a tag of git's");
	is_str(revision(store, tap_format("%.7s", git(dir, "rev-parse main"))),
	    git(dir, "rev-parse main"), "an abbreviated id");
	is_str(git(dir, "fsck --strict --full"), "", "fsck finds nothing");
	irmin_store_close(store);
}

static void work_trees(void)
{
	const char *dir = tap_format("%s/work", tap_tmpdir());
	irmin_store *store;
	irmin_error err;

	if (tap_run(NULL,
		"git init -q %s && git -C %s commit -q "
		"--allow-empty -m x",
		dir, dir) != 0)
		bail("cannot make a work tree");
	store = open_uri(dir);
	fails(irmin_store_set(store, "a", irmin_text("1"), NULL, &err),
	    IRMIN_ECHECKEDOUT, &err, "the branch of a work tree");
	ok(strstr(err.text, dir), "which is named: %s", err.text);
	fails(irmin_repo_set_head(irmin_store_repo(store), "x", &err),
	    IRMIN_ECHECKEDOUT, &err, "its HEAD");
	irmin_store_close(store);
	git(dir, "checkout -q --detach");
	store = open_uri(dir);
	is_str(irmin_store_branch(store), NULL, "detached as HEAD is");
	fails(irmin_repo_set_head(irmin_store_repo(store), "main", &err),
	    IRMIN_ECHECKEDOUT, &err, "a detached HEAD is its work tree's too");
	irmin_store_close(store);
	store = open_uri(tap_format("%s?branch=main", dir));
	succeeds(irmin_store_set(store, "a", irmin_text("1"), NULL, &err), &err,
	    "nobody has the branch now");
	irmin_store_close(store);
	git(dir, "checkout -q main");
	store = open_uri(tap_format("%s?checked_out=move", dir));
	succeeds(irmin_store_set(store, "a", irmin_text("2"), NULL, &err), &err,
	    "or it may be moved all the same");
	irmin_store_close(store);
}

int main(void)
{
	created();
	seen_by_git();
	work_trees();
	return done_testing();
}
