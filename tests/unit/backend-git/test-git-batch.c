/* Many objects at once: what the real git thinks of the packs that come of it,
 * and that nothing is left of what was given up. */
#include "lib/backend-git/git-keep.h"
#include "tests/support/alloc-fault.h"
#include "tests/unit/backend-git/git-place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beyond, a batch becomes a pack. */
#define FEW 99

static irmin_batch *begin(irmin_backend *backend)
{
	irmin_batch *batch;
	irmin_error err;

	if (backend->objects->cls->batch_begin(backend->objects, NULL, &batch,
		&err) < 0)
		bail("%s", err.text);
	return batch;
}

static irmin_rc add(irmin_batch *batch, irmin_backend *backend,
    irmin_new_object *added, irmin_object_type type, irmin_slice data,
    irmin_error *err)
{
	irmin_rc rc;

	added->type = type;
	added->data = data;
	rc = irmin_hash_object(backend->hash, type, data, &added->id, err);
	return rc < 0 ? rc : batch->cls->add(batch, NULL, added, 1, err);
}

/* Blobs of 200 lines, of which each differs in one from the one before, and is
 * said to; some with splices. Then a tree and a commit of all. */
static irmin_rc add_history(irmin_batch *batch, irmin_backend *backend,
    unsigned count, irmin_oid *commit, irmin_error *err)
{
	irmin_buf tree = IRMIN_BUF_INIT;
	char text[200 * 10 + 1];
	irmin_new_object added;
	irmin_rc rc = IRMIN_OK;
	unsigned i;

	memset(&added, 0, sizeof added);
	for (i = 0; i < 200; i++)
		snprintf(text + 10 * i, 11, "line %4u\n", i);
	for (i = 0; rc >= 0 && i < count; i++) {
		irmin_splice splice = { 10 * (i % 200), 9, 10 * (i % 200), 9 };
		const char *name = tap_format("100644 f%05u", i);

		snprintf(text + 10 * (i % 200), 10, "New %05u", i % 99999);
		text[10 * (i % 200) + 9] = '\n';
		added.splices = i % 3 ? &splice : NULL;
		added.splice_count = i % 3 ? 1 : 0;
		rc = add(batch, backend, &added, IRMIN_OBJECT_BLOB,
		    irmin_bytes(text, 2000), err);
		if (rc >= 0)
			rc = irmin_buf_append(&tree,
			    irmin_bytes(name, strlen(name) + 1), err);
		if (rc >= 0)
			rc = irmin_buf_append(&tree,
			    irmin_bytes(added.id.bytes,
				irmin_hash_size(backend->hash)),
			    err);
		added.base = added.id;
	}
	memset(&added, 0, sizeof added);
	if (rc >= 0)
		rc = add(batch, backend, &added, IRMIN_OBJECT_TREE,
		    irmin_buf_slice(&tree), err);
	if (rc >= 0)
		rc = add(batch, backend, &added, IRMIN_OBJECT_COMMIT,
		    irmin_text(tap_format("tree %s\n"
					  "author A <a@b> 1 +0000\n"
					  "committer A <a@b> 1 +0000\n\nm\n",
			place_hex(&added.id))),
		    err);
	*commit = added.id;
	irmin_buf_clear(&tree);
	return rc;
}

/* Makes the commit a branch; fsck then sees all. */
static void check_fsck(const char *dir, const irmin_oid *commit,
    const char *what)
{
	place_says(dir, "git update-ref refs/heads/main %s", place_hex(commit));
	is_str(place_says(dir, "git fsck --strict --full 2>&1"), "",
	    "%s: fsck is content", what);
}

static const char *packs_in(const char *dir)
{
	return place_says(dir,
	    "ls objects/pack | sed 's/.*\\.//' | sort | "
	    "uniq -c | tr -s ' \\n' ' '");
}

static const char *litter_in(const char *dir)
{
	return place_says(dir, "find . -name 'tmp_*' -o -name '*.lock'");
}

/* ---- what comes of it ---- */

/* The handle that wrote them finds them all at once. */
static void check_found(irmin_backend *backend, const char *dir)
{
	const char *list = place_says(dir,
	    "git cat-file --batch-all-objects --batch-check='%%(objectname)' "
	    "| head -%d",
	    400);
	size_t hex = 2 * irmin_hash_size(backend->hash);
	unsigned found = 0, wanted = 0;

	for (; *list; list += hex + (list[hex] == '\n')) {
		irmin_oid id = place_id(tap_format("%.*s", (int)hex, list));
		irmin_object object;
		irmin_oid again;
		irmin_error err;

		wanted++;
		if (backend->objects->cls->find(backend->objects, NULL, &id,
			&object, &err) != IRMIN_OK)
			continue;
		if (irmin_hash_object(backend->hash, object.type,
			irmin_bytes(object.data.data, object.data.len), &again,
			&err) < 0)
			bail("%s", err.text);
		found += !irmin_oid_compare(&id, &again);
		irmin_pin_release(&object.data);
	}
	ok(wanted > 90, "%s: many objects", dir);
	is_int(found, wanted, "%s: all are found", dir);
}

static void check_pack(const char *format)
{
	const char *dir = tap_format("batch-%s", format);
	irmin_backend *backend;
	irmin_batch *batch;
	irmin_oid commit;
	irmin_error err;

	place_says("", "git init -q --bare --object-format=%s %s", format, dir);
	backend = place_open(dir, 0);
	batch = begin(backend);
	succeeds(add_history(batch, backend, 400, &commit, &err), &err,
	    "%s: added", format);
	succeeds(add_history(batch, backend, 400, &commit, &err), &err,
	    "%s: added twice", format);
	is_str(place_says(dir, "find objects -type f | grep -v /tmp_; true"),
	    "", "%s: nobody sees it", format);
	succeeds(batch->cls->finish(batch, NULL, &err), &err, "%s: finished",
	    format);
	check_found(backend, dir);
	check_fsck(dir, &commit, format);
	is_str(packs_in(dir), " 1 idx 1 keep 1 pack ",
	    "%s: one pack, which stays until a ref leads to it", format);
	is_str(litter_in(dir), "", "%s: and nothing else", format);
	is_str(place_says(dir, "git count-objects | cut -d' ' -f1"), "0",
	    "%s: none is loose", format);
	place_says(dir, "git verify-pack -v objects/pack/*.idx > ../listing");
	is_str(place_says("",
		   "grep '^chain length' listing | tail -1 | "
		   "cut -d: -f1"),
	    "chain length = 50", "%s: chains of up to 50 deltas", format);
	ok(atoi(place_says(dir, "stat -c %%s objects/pack/*.pack")) < 60000,
	    "%s: deltas make it small", format);
	is_str(place_says(dir, "stat -c %%a objects/pack/*.[ip]*"), "444\n444",
	    "%s: nobody may write it", format);
	place_close(backend);
}

/* The same objects once more are another pack: git may be taking away the one
 * that it saw before. */
static void check_again(void)
{
	irmin_backend *backend;
	irmin_batch *batch;
	irmin_oid commit;
	irmin_error err;
	int i;

	place_says("", "git init -q --bare again");
	place_says("again", "git config core.sharedRepository 0660");
	backend = place_open("again", 0);
	for (i = 0; i < 2; i++) {
		batch = begin(backend);
		succeeds(add_history(batch, backend, 150, &commit, &err), &err,
		    "added");
		succeeds(batch->cls->finish(batch, NULL, &err), &err,
		    "finished");
		if (!i)
			place_says("again",
			    "touch -d 2001-01-01 objects/pack/*");
	}
	is_str(packs_in("again"), " 2 idx 2 keep 2 pack ", "two packs");
	is_str(place_says("again",
		   "find objects/pack -name '*.pack' -mtime +1000 | wc -l"),
	    "1", "one of them is fresh");
	is_str(place_says("again",
		   "stat -c %%a objects/pack/*.[ip]* | sort -u"),
	    "440", "shared as the repository is");
	is_str(place_says("again", "stat -c %%a objects/pack/*.keep | sort -u"),
	    "1660", "marked as ours");
	check_fsck("again", &commit, "again");
	place_close(backend);
	is_str(packs_in("again"), " 2 idx 2 pack ", "closed");
}

static void check_few(irmin_level level, unsigned loose)
{
	const char *dir = tap_format("few-%d", (int)level);
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_backend *backend;
	irmin_batch *batch;
	irmin_oid commit;
	irmin_error err;

	place_says("", "git init -q --bare %s", dir);
	options.level = level;
	if (place_try(dir, &options, &backend, &err) < 0)
		bail("%s", err.text);
	batch = begin(backend);
	succeeds(add_history(batch, backend, FEW - 2, &commit, &err), &err,
	    "a few");
	succeeds(batch->cls->finish(batch, NULL, &err), &err, "finished");
	check_found(backend, dir);
	is_int(atoi(place_says(dir, "git count-objects")), loose,
	    "level %d: objects that are loose", (int)level);
	check_fsck(dir, &commit, "a few");
	place_close(backend);
}

static void check_abort(void)
{
	irmin_backend *backend = place_open_bare("abort");
	unsigned counts[] = { 10, 200 };
	irmin_batch *batch;
	irmin_oid commit;
	irmin_error err;
	size_t i;

	for (i = 0; i < 2; i++) {
		batch = begin(backend);
		succeeds(add_history(batch, backend, counts[i], &commit, &err),
		    &err, "%u objects", counts[i]);
		batch->cls->abort(batch);
		is_str(place_says("abort", "find objects -type f"), "",
		    "given up, nothing is left");
	}
	batch = begin(backend);
	succeeds(batch->cls->finish(batch, NULL, &err), &err, "an empty one");
	is_str(place_says("abort", "find objects -type f"), "",
	    "makes no file");
	place_close(backend);
}

/* ---- what is refused ---- */

static void check_lies(void)
{
	irmin_backend *backend = place_open_bare("lies");
	irmin_splice splice = { 0, 10, 0, 10 };
	irmin_batch *batch = begin(backend);
	irmin_new_object added;
	char text[4000];
	irmin_oid commit;
	irmin_error err;

	succeeds(add_history(batch, backend, 200, &commit, &err), &err,
	    "a pack");
	memset(&added, 0, sizeof added);
	memset(text, 'a', sizeof text);
	succeeds(add(batch, backend, &added, IRMIN_OBJECT_BLOB,
		     irmin_bytes(text, sizeof text), &err),
	    &err, "a base");
	added.base = added.id;
	added.splices = &splice;
	added.splice_count = 1;
	text[2000] = 'b';
	fails(add(batch, backend, &added, IRMIN_OBJECT_BLOB,
		  irmin_bytes(text, sizeof text), &err),
	    IRMIN_EINVAL, &err, "splices that do not tell all");
	batch->cls->abort(batch);
	place_close(backend);
}

/* ---- allocations ---- */

static irmin_rc batch_once(void *arg, irmin_error *err)
{
	irmin_backend *backend = arg;
	irmin_batch *batch = NULL;
	irmin_oid commit;
	irmin_rc rc;

	rc = backend->objects->cls->batch_begin(backend->objects, NULL, &batch,
	    err);
	if (rc < 0)
		return rc;
	rc = add_history(batch, backend, FEW + 1, &commit, err);
	if (rc >= 0)
		rc = batch->cls->finish(batch, NULL, err);
	else
		batch->cls->abort(batch);
	if (rc >= 0) /* what keeps the pack goes */
		irmin__git_keeps_ref_moved((irmin__git *)backend);
	return rc;
}

static void check_sweep(void)
{
	irmin_backend *backend = place_open_bare("sweep");
	unsigned i;

	/* So many that what comes later is not noted for the next flush. */
	for (i = 0; i < 80; i++)
		place_commit(backend, i);
	alloc_fault_sweep("a batch", batch_once, backend);
	is_str(litter_in("sweep"), "", "nothing is left lying about");
	place_close(backend);
}

int main(void)
{
	place_begin();
	check_pack("sha1");
	check_pack("sha256");
	check_again();
	check_few(IRMIN_PROCESS, FEW);
	check_few(IRMIN_POWER, 0);
	check_abort();
	check_lies();
	check_sweep();
	return done_testing();
}
