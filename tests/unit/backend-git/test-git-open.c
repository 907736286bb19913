/* Opening: every shape a repository can have, and what is none. */
#include "tests/unit/backend-git/git-place.h"
#include "lib/core/base/os-sim.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static irmin_open_options options_of(uint32_t flags)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;

	options.flags = flags;
	return options;
}

/* ---- shapes ---- */

static void check_shape(const char *name, const char *git_dir)
{
	irmin_open_options options = options_of(0);
	irmin_backend *backend;
	irmin_error err;

	if (!succeeds(place_try(name, &options, &backend, &err), &err,
		"%s opens", name))
		return;
	is_str(backend->location, git_dir, "%s: where it is", name);
	is_str(backend->cls->scheme, "git", "%s: what it is", name);
	place_close(backend);
}

static void check_shapes(void)
{
	const char *top = place_says("", "pwd -P");

	place_says("",
	    "git init -q --bare bare && git init -q tree && "
	    "git -C tree -c user.name=a -c user.email=b commit -q "
	    "--allow-empty -m x && "
	    "git -C tree worktree add -q ../linked && "
	    "git init -q --separate-git-dir=apart.git apart && "
	    "mkdir deep && mv apart.git deep/apart.git && "
	    "echo gitdir: ../deep/apart.git > apart/.git && "
	    "ln -s tree symlink");
	check_shape("bare", tap_format("%s/bare", top));
	check_shape("bare/", tap_format("%s/bare", top));
	check_shape("bare/../bare", tap_format("%s/bare", top));
	check_shape("tree", tap_format("%s/tree/.git", top));
	check_shape("tree/.git", tap_format("%s/tree/.git", top));
	check_shape("symlink", tap_format("%s/tree/.git", top));
	check_shape("linked", tap_format("%s/tree/.git/worktrees/linked", top));
	check_shape("linked/.git",
	    tap_format("%s/tree/.git/worktrees/linked", top));
	check_shape("apart", tap_format("%s/deep/apart.git", top));
}

/* ---- what is none ---- */

static void check_none(const char *name, uint32_t flags, irmin_rc wanted,
    const char *what)
{
	irmin_open_options options = options_of(flags);
	irmin_backend *backend;
	irmin_error err;

	fails(place_try(name, &options, &backend, &err), wanted, &err, "%s",
	    what);
	ok(!backend, "%s: nothing comes out", what);
	ok(err.where[0] == '/', "%s: the path is absolute: %s", what,
	    err.where);
}

static void check_nothing(void)
{
	place_says("",
	    "mkdir empty full half && echo x > full/file && "
	    "mkdir half/objects half/refs && echo x > half/HEAD.bak "
	    "&& echo gitdir: nowhere > file && mkdir broken "
	    "missing-head && echo gitdir: /nowhere > broken/.git && "
	    "git init -q --bare missing && rm -r missing/objects");
	check_none("absent", 0, IRMIN_EMISSING, "nothing");
	check_none("absent/deeper", 0, IRMIN_EMISSING, "nothing in nothing");
	check_none("full/file/deeper", 0, IRMIN_EMISSING, "nothing in a file");
	check_none("empty", 0, IRMIN_EMISSING, "an empty directory");
	check_none("full", 0, IRMIN_EINVAL, "a directory");
	check_none("full/file", 0, IRMIN_ECORRUPT, "a file");
	check_none("half", 0, IRMIN_EINVAL, "half a repository");
	check_none("missing", 0, IRMIN_EINVAL, "one without objects");
	check_none("broken", 0, IRMIN_EINVAL, "a .git that leads nowhere");
	check_none("file", 0, IRMIN_EINVAL, "a .git file that leads nowhere");
	check_none("full", IRMIN_OPEN_CREATE, IRMIN_EEXIST,
	    "made in a full directory");
	check_none("full/file", IRMIN_OPEN_CREATE, IRMIN_ECORRUPT,
	    "made over a file");
	check_none("absent", IRMIN_OPEN_CREATE | IRMIN_OPEN_READ_ONLY,
	    IRMIN_EINVAL, "made read-only");
	ok(access(place_path("absent"), F_OK) != 0, "none of it made one");
	ok(access(place_path("full/HEAD"), F_OK) != 0, "nor there");
}

/* ---- making one ---- */

static unsigned mode_of(const char *name)
{
	struct stat st;

	return stat(place_path(name), &st) == 0 ? st.st_mode & 07777 : 0;
}

static void check_made(const char *name, irmin_shared shared,
    irmin_hash_algo hash, unsigned root_mode, unsigned object_mode)
{
	irmin_open_options options = options_of(IRMIN_OPEN_CREATE);
	irmin_backend *backend;
	irmin_error err;
	irmin_oid id;

	options.shared = shared;
	options.hash = hash;
	if (!succeeds(place_try(name, &options, &backend, &err), &err,
		"%s is made", name))
		return;
	id = place_commit(backend, 1);
	succeeds(place_set(backend, "refs/heads/main", &id, &err), &err,
	    "%s is written to", name);
	place_close(backend);
	is_str(place_says(name, "git rev-parse --git-dir"), ".",
	    "%s: git takes it", name);
	is_str(place_says(name, "git rev-parse --is-bare-repository"), "true",
	    "%s: for a bare one", name);
	is_str(place_says(name, "git symbolic-ref HEAD"), "refs/heads/main",
	    "%s: on main", name);
	is_str(place_says(name, "git log --format=%%s main"), "number 1",
	    "%s: git log", name);
	place_says(name, "git fsck --strict");
	is_str(place_says(name, "git rev-parse --show-object-format"),
	    hash == IRMIN_HASH_SHA256 ? "sha256" : "sha1", "%s: its hash",
	    name);
	is_int(mode_of(name), root_mode, "%s: mode of the directory", name);
	is_int(mode_of(tap_format("%s/objects/%.2s", name, place_hex(&id))),
	    root_mode == 0700 ? 0755u : 02775u, "%s: of an inner one", name);
	is_int(mode_of(tap_format("%s/objects/%.2s/%s", name, place_hex(&id),
		   place_hex(&id) + 2)),
	    object_mode, "%s: of an object", name);
	is_int(mode_of(tap_format("%s/refs/heads/main", name)) & 07777,
	    root_mode == 0700 ? 0644u : 0664u, "%s: of a ref", name);
	succeeds(place_try(name, &options, &backend, &err), &err,
	    "%s: making it again opens it", name);
	place_check_ref(backend, "refs/heads/main", place_hex(&id), name);
	place_close(backend);
}

static void check_make(void)
{
	irmin_open_options options = options_of(IRMIN_OPEN_CREATE);
	irmin_backend *backend;
	irmin_error err;

	umask(022);
	check_made("new/deep/er", IRMIN_SHARED_DEFAULT, IRMIN_HASH_NONE, 0700,
	    0444);
	check_made("new256", IRMIN_SHARED_DEFAULT, IRMIN_HASH_SHA256, 0700,
	    0444);
	check_made("group", IRMIN_SHARED_GROUP, IRMIN_HASH_SHA1, 02770, 0444);
	check_made("all", IRMIN_SHARED_ALL, IRMIN_HASH_SHA1, 02775, 0444);
	check_made("empty", IRMIN_SHARED_DEFAULT, IRMIN_HASH_NONE, 0700, 0444);
	is_str(place_says("",
		   "git -C group config core.sharedrepository && "
		   "git -C all config core.sharedrepository && "
		   "git -C all config receive.denynonfastforwards"),
	    "1\n2\ntrue", "as git itself notes it");
	options.hash = IRMIN_HASH_SHA1;
	fails(place_try("new256", &options, &backend, &err), IRMIN_EINVAL, &err,
	    "the other hash is refused");
	options = options_of(0);
	options.hash = IRMIN_HASH_SHA256;
	succeeds(place_try("new256", &options, &backend, &err), &err,
	    "its own is not");
	place_close(backend);
}

/* git's own shared repositories, and modes that only the config knows. */
static void check_shared(const char *value, unsigned ref_mode,
    unsigned object_mode)
{
	const char *name = tap_format("shared-%s", value);
	irmin_backend *backend;
	irmin_error err;
	irmin_oid id;

	place_says("", "umask 077; git init -q --bare --shared=%s %s", value,
	    name);
	umask(077);
	backend = place_open(name, 0);
	id = place_commit(backend, 1);
	succeeds(place_set(backend, "refs/heads/x/main", &id, &err), &err,
	    "%s: write", name);
	umask(022);
	is_int(mode_of(tap_format("%s/refs/heads/x/main", name)), ref_mode,
	    "%s: a ref", name);
	is_int(mode_of(tap_format("%s/objects/%.2s/%s", name, place_hex(&id),
		   place_hex(&id) + 2)),
	    object_mode, "%s: an object", name);
	is_str(place_says(name,
		   "umask 077; echo x | git hash-object -w --stdin >/dev/null; "
		   "stat -c %%a objects/?? | sort -u | wc -l"),
	    "1", "%s: all directories as git makes them", name);
	place_close(backend);
}

/* ---- formats ---- */

static void check_format(const char *version, const char *extension,
    irmin_rc wanted)
{
	irmin_open_options options = options_of(0);
	irmin_backend *backend;
	irmin_error err;
	irmin_rc rc;

	place_says("",
	    "rm -rf format && git init -q --bare format && "
	    "git -C format config core.repositoryformatversion %s",
	    version);
	if (*extension)
		place_says("", "git config -f format/config extensions.%s",
		    extension);
	rc = place_try("format", &options, &backend, &err);
	if (wanted < 0)
		fails(rc, wanted, &err, "version %s, %s", version, extension);
	else if (succeeds(rc, &err, "version %s, %s", version, extension))
		place_close(backend);
	if (wanted == IRMIN_ENOTSUP && *extension)
		ok(strstr(err.text,
		       tap_format("extensions.%.*s",
			   (int)strcspn(extension, " "), extension)) != NULL,
		    "it is named: %s", err.text);
}

static void check_formats(void)
{
	check_format("1", "", IRMIN_OK);
	check_format("0", "", IRMIN_OK);
	check_format("2", "", IRMIN_ENOTSUP);
	check_format("-1", "", IRMIN_ENOTSUP);
	check_format("one", "", IRMIN_ECORRUPT);
	check_format("1", "objectformat sha1", IRMIN_OK);
	check_format("1", "objectformat sha512", IRMIN_ENOTSUP);
	check_format("0", "objectformat sha256", IRMIN_ECORRUPT);
	check_format("1", "refstorage files", IRMIN_OK);
	check_format("1", "refstorage reftable", IRMIN_ENOTSUP);
	check_format("1", "noop 1", IRMIN_OK);
	check_format("1", "preciousobjects true", IRMIN_OK);
	check_format("1", "madeup true", IRMIN_ENOTSUP);
	check_format("0", "madeup true", IRMIN_OK);
}

/* ---- read-only ---- */

static void check_read_only(void)
{
	irmin_backend *backend = place_open("bare", IRMIN_OPEN_READ_ONLY);
	irmin_new_object added;
	irmin_error err;

	memset(&added, 0, sizeof added);
	added.id = place_id("1234567890123456789012345678901234567890");
	added.type = IRMIN_OBJECT_BLOB;
	ok(backend->flags & IRMIN_BACKEND_READ_ONLY, "it says so");
	fails(backend->objects->cls->add(backend->objects, NULL, &added, 1,
		  &err),
	    IRMIN_EREADONLY, &err, "add");
	fails(backend->objects->cls->freshen(backend->objects, NULL, &added.id,
		  &err),
	    IRMIN_EREADONLY, &err, "freshen");
	fails(place_set(backend, "refs/heads/x", &added.id, &err),
	    IRMIN_EREADONLY, &err, "cas");
	fails(backend->refs->cls->set_link(backend->refs, NULL, "HEAD",
		  "refs/heads/x", &err),
	    IRMIN_EREADONLY, &err, "set_link");
	is_rc(backend->objects->cls->flush(backend->objects, NULL, IRMIN_POWER,
		  &err),
	    IRMIN_OK, "flush has nothing to do");
	place_close(backend);
	is_str(place_says("bare",
		   "find . -type f -newer config -name '*.lock'"),
	    "", "nothing was written");
}

/* ---- settings of the user ---- */

static const char *setting(irmin_backend *backend, const char *key)
{
	irmin_buf value = IRMIN_BUF_INIT;
	const char *text = NULL;
	irmin_error err;

	if (backend->cls->find_config(backend, key, &value, &err) == IRMIN_OK)
		text = tap_format("%s", value.data);
	irmin_buf_clear(&value);
	return text;
}

static void check_user(void)
{
	irmin_open_options options = options_of(0);
	irmin_backend *backend;
	irmin_error err;

	place_says("",
	    "mkdir -p home/.config/git xdg/git && "
	    "echo '[user]name=home' > home/.gitconfig && "
	    "echo '[user]name=x\nemail=dot' > home/.config/git/config "
	    "&& echo '[user]email=xdg' > xdg/git/config && "
	    "echo '[user]name=only' > only");
	setenv("HOME", place_path("home"), 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("GIT_CONFIG_GLOBAL");
	backend = place_open("bare", 0);
	is_str(setting(backend, "user.name"), "home", "~/.gitconfig");
	is_str(setting(backend, "user.email"), "dot", "~/.config/git/config");
	is_str(setting(backend, "core.bare"), "true", "its own");
	is_str(setting(backend, "user.none"), NULL, "none");
	place_close(backend);

	setenv("XDG_CONFIG_HOME", place_path("xdg"), 1);
	place_says("bare", "git config user.name own");
	backend = place_open("bare", 0);
	is_str(setting(backend, "user.name"), "own", "its own counts more");
	is_str(setting(backend, "user.email"), "xdg", "$XDG_CONFIG_HOME");
	place_close(backend);

	setenv("GIT_CONFIG_GLOBAL", place_path("only"), 1);
	place_says("bare", "git config --unset user.name");
	backend = place_open("bare", 0);
	is_str(setting(backend, "user.name"), "only", "$GIT_CONFIG_GLOBAL");
	is_str(setting(backend, "user.email"), NULL, "and nothing else");
	place_close(backend);

	place_says("", "echo '[' > only");
	fails(place_try("bare", &options, &backend, &err), IRMIN_ECORRUPT, &err,
	    "a broken one");
	is_str(err.where, place_path("only"), "is named");
	setenv("GIT_CONFIG_GLOBAL", "", 1);
}

/* ---- interrupted ---- */

/* Stops at every operation of making a repository: there is none, or all. */
static void check_interrupted(void)
{
	irmin_open_options options = options_of(IRMIN_OPEN_CREATE);
	unsigned n, none = 0, made = 0;
	irmin_backend *backend;
	irmin_error err;
	irmin__os *os;

	for (n = 1; n < 200; n++) {
		irmin_rc rc, after;

		if (irmin__os_sim_new(n, &os, &err) < 0)
			bail("no simulator");
		irmin__os_sim_crash_at(os, n);
		rc = irmin__git_open(os, "/a/b", &options, &backend, &err);
		if (rc >= 0)
			place_close(backend);
		if (irmin__os_sim_restart(os, IRMIN__OS_LOSE_SOME, &err) < 0)
			bail("no restart");
		options.flags = 0;
		after = irmin__git_open(os, "/a/b", &options, &backend, &err);
		if (after == IRMIN_EMISSING)
			none++;
		else if (after == IRMIN_OK)
			made++;
		else
			ok(false, "stopped at %u: %s", n, err.text);
		if (after >= 0)
			place_close(backend);
		options.flags = IRMIN_OPEN_CREATE;
		if (irmin__git_open(os, "/a/b", &options, &backend, &err) < 0)
			ok(false, "made after %u: %s", n, err.text);
		else
			place_close(backend);
		irmin__os_sim_free(os);
		if (rc >= 0)
			break;
	}
	ok(none > 10 && made > 0, "%u times none, %u times all of it", none,
	    made);
}

int main(void)
{
	place_begin();
	check_shapes();
	check_nothing();
	check_make();
	check_shared("group", 0660, 0440);
	check_shared("all", 0664, 0444);
	check_shared("0640", 0640, 0440);
	check_formats();
	check_read_only();
	check_user();
	check_interrupted();
	return done_testing();
}
