/* Objects that are not quite here: those of a linked work tree lie in the common
 * directory, those of a partial clone somewhere else. */
#include "tests/unit/backend-git/git-place.h"

#include <stdlib.h>
#include <string.h>

#define AS_SOMEBODY "-c user.name=a -c user.email=b"

static irmin_rc find(irmin_backend *backend, const char *hex, irmin_error *err)
{
	irmin_oid id = place_id(hex);
	irmin_object object;
	irmin_rc rc = backend->objects->cls->find(backend->objects, NULL, &id,
	    &object, err);

	irmin_pin_release(&object.data);
	return rc;
}

static irmin_rc is_shallow(irmin_backend *backend, const char *hex)
{
	irmin_oid id = place_id(hex);
	irmin_error err;

	return backend->objects->cls->is_shallow(backend->objects, NULL, &id,
	    &err);
}

static void check_from(const char *dir, const char *packed,
    const char *borrowed, const char *loose)
{
	irmin_backend *backend = place_open(dir, 0);
	irmin_error err;

	is_rc(find(backend, packed, &err), IRMIN_OK, "%s: what is packed", dir);
	is_rc(find(backend, borrowed, &err), IRMIN_OK, "%s: what is borrowed",
	    dir);
	is_rc(find(backend, loose, &err), IRMIN_OK, "%s: what is loose", dir);
	is_rc(is_shallow(backend, packed), IRMIN_OK, "%s: what is cut off",
	    dir);
	is_rc(is_shallow(backend, loose), IRMIN_ABSENT, "%s: what is not", dir);
	place_close(backend);
}

static void check_linked(void)
{
	const char *packed, *borrowed, *loose;

	place_says("", "git init -q --bare lender && git init -q tree");
	borrowed = place_says("lender", "echo 1 | git hash-object -w --stdin");
	place_says("tree",
	    "git " AS_SOMEBODY " commit -q --allow-empty -m x && "
	    "git repack -adq && git worktree add -q ../linked && "
	    "echo ../../../lender/objects > .git/objects/info/alternates && "
	    "git rev-parse HEAD > .git/shallow");
	packed = place_says("tree", "git rev-parse HEAD");
	loose = place_says("linked", "echo 2 | git hash-object -w --stdin");
	place_says("",
	    "mkdir beside && echo gitdir: ../tree/.git > beside/.git");
	check_from("tree", packed, borrowed, loose);
	check_from("linked", packed, borrowed, loose);
	check_from("linked/.git", packed, borrowed, loose);
	check_from("beside", packed, borrowed, loose);
}

static void check_partial(const char *format)
{
	const char *from = tap_format("from-%s", format);
	const char *to = tap_format("to-%s", format);
	irmin_object_source *source;
	irmin_object_type type;
	irmin_backend *backend;
	const char *blob, *commit;
	irmin_buf remote = IRMIN_BUF_INIT;
	uint64_t bytes;
	irmin_error err;
	irmin_oid id;

	place_says("", "git init -q --object-format=%s %s", format, from);
	place_says(from,
	    "echo text > a && git add a && git " AS_SOMEBODY " commit -q -m x "
	    "&& git config uploadpack.allowFilter true");
	place_says("",
	    "git clone -q --bare --filter=blob:none file://$PWD/%s %s", from,
	    to);
	commit = place_says(from, "git rev-parse HEAD");
	blob = place_says(from, "git rev-parse HEAD:a");
	backend = place_open(to, 0);
	is_rc(backend->cls->find_config(backend, "extensions.partialclone",
		  &remote, &err),
	    IRMIN_OK, "%s: a partial clone", format);
	is_str((const char *)remote.data, "origin", "%s: of whom", format);
	irmin_buf_clear(&remote);
	is_rc(find(backend, commit, &err), IRMIN_OK, "%s: what came", format);
	fails(find(backend, blob, &err), IRMIN_EMISSING, &err,
	    "%s: what was left out", format);
	ok(strstr(err.text, "left out of this partial clone") &&
		strstr(irmin_error_hint(&err), "git cat-file"),
	    "%s: says so: %s", format, err.text);
	id = place_id(blob);
	fails(backend->objects->cls->open_read(backend->objects, NULL, &id,
		  &type, &bytes, &source, &err),
	    IRMIN_EMISSING, &err, "%s: in parts", format);
	is_rc(backend->objects->cls->has(backend->objects, NULL, &id, &err),
	    IRMIN_ABSENT, "%s: has", format);
	is_rc(backend->objects->cls->stat(backend->objects, NULL, &id, &type,
		  &bytes, &err),
	    IRMIN_ABSENT, "%s: stat", format);
	place_says(to, "git cat-file -e %s", blob);
	is_rc(find(backend, blob, &err), IRMIN_OK, "%s: fetched as it says",
	    format);
	place_close(backend);
}

int main(void)
{
	place_begin();
	check_linked();
	check_partial("sha1");
	check_partial("sha256");
	return done_testing();
}
