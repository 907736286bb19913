/* What stands in for the slots that a backend has not: the same answers, over
 * the same backends with their optional slots cut off. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <irmin/irmin.h>

#include "lib/backend-git/git.h"
#include "lib/backend-mem/mem.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"
#include "tests/unit/store/room.h"

/* The classes of each kind of backend, cut. */
struct cut {
	irmin_objects_class objects;
	irmin_refs_class refs;
	irmin_backend_class backend;
};

static struct cut cut_memory, cut_git;

static void cut(irmin_backend *backend, struct cut *cut)
{
	cut->objects = *backend->objects->cls;
	cut->objects.size = offsetof(irmin_objects_class, stat);
	backend->objects->cls = &cut->objects;
	cut->refs = *backend->refs->cls;
	cut->refs.size = offsetof(irmin_refs_class, flush);
	backend->refs->cls = &cut->refs;
	cut->backend = *backend->cls;
	cut->backend.size = offsetof(irmin_backend_class, find_config);
	backend->cls = &cut->backend;
}

/* A repository in memory (NULL) or at a directory, whose slots are cut. */
static irmin_rc try_open_cut(const char *dir, size_t limit, irmin_repo **repo,
    irmin_error *err)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_backend *backend;
	irmin_rc rc;

	*repo = NULL;
	options.author = "A <a@b>";
	options.max_value_bytes = options.max_tree_bytes = limit;
	rc = dir
	    ? irmin__git_open(irmin__os_posix(), dir, &options, &backend, err)
	    : irmin__mem_open(irmin__os_posix(), &options, &backend, err);
	if (rc < 0)
		return rc;
	cut(backend, dir ? &cut_git : &cut_memory);
	return irmin_repo_open_backend(backend, &options, repo, err);
}

static irmin_repo *open_cut(const char *dir, size_t limit)
{
	irmin_repo *repo;
	irmin_error err;

	if (try_open_cut(dir, limit, &repo, &err) < 0)
		bail("%s", err.text);
	return repo;
}

static irmin_repo *open_whole(const char *dir)
{
	irmin_repo *repo;
	irmin_error err;

	if (irmin_repo_open(dir, NULL, &repo, &err) < 0)
		bail("%s", err.text);
	return repo;
}

static const char *make(void)
{
	static int count;
	const char *dir = tap_format("%s/f%d", tap_tmpdir(), count++);

	if (tap_run(NULL,
		"git init -q -b main %s && cd %s && git config user.name A && "
		"git config user.email a@b && mkdir d && "
		"head -c 200000 /dev/zero > big && for i in 1 2 3 4 5 6; do "
		"echo $i > d/x; git add .; git commit -qm $i; done && "
		"git tag -am v1 v1 && git gc -q && echo 7 > d/x && "
		"git commit -qam 7",
		dir, dir) != 0)
		bail("cannot make a repository");
	return dir;
}

/* ---- the log ---- */

static const char *log_of(irmin_repo *repo)
{
	char hex[IRMIN_OID_HEX_BYTES];
	const char *text = "";
	irmin_commit *head;
	irmin_log *log;
	irmin_oid id;
	irmin_error err;

	if (irmin_commit_of_revision(repo, "HEAD", &head, &err) < 0 ||
	    irmin_log_open(head, NULL, &log, &err) < 0)
		bail("%s", err.text);
	while (irmin_log_next_id(log, &id, &err) == IRMIN_OK)
		text = tap_format("%s%s\n", text, irmin_oid_hex(&id, hex));
	irmin_log_free(log);
	irmin_commit_unref(head);
	return text;
}

/* ---- faults ---- */

static int tell(void *arg, const irmin_fault *fault)
{
	char hex[IRMIN_OID_HEX_BYTES];
	char(*lines)[100] = arg;
	size_t i;

	for (i = 0; i < 9 && lines[i][0]; i++)
		;
	snprintf(lines[i], 100, "%d %s", fault->kind,
	    irmin_oid_hex(&fault->id, hex));
	return 0;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(b, a);
}

static const char *faults_of(irmin_repo *repo)
{
	char lines[10][100];
	const char *text = "";
	irmin_error err;
	int i;

	memset(lines, 0, sizeof lines);
	succeeds(irmin_repo_verify(repo, tell, lines, NULL, NULL, &err), &err,
	    "verify");
	qsort(lines, 10, sizeof *lines, compare_lines);
	for (i = 0; i < 10 && lines[i][0]; i++)
		text = tap_format("%s%s\n", text, lines[i]);
	return text;
}

static void reading(void)
{
	const char *dir = make();
	irmin_repo *bare = open_cut(dir, 0), *whole = open_whole(dir);
	irmin_object_type type, type_cut;
	uint64_t bytes, bytes_cut;
	irmin_oid id, id_cut;
	irmin_error err;

	is_str(log_of(bare), log_of(whole), "the log");
	is_str(faults_of(bare), "", "no fault");
	succeeds(irmin_object_of_revision(whole, "v1:big", &id, &type, &err),
	    &err, "a revision");
	succeeds(irmin_object_of_revision(bare, "v1:big", &id_cut, &type_cut,
		     &err),
	    &err, "a revision, cut");
	ok(irmin_oid_compare(&id, &id_cut) == 0 && type == type_cut, "is same");
	is_rc(irmin_object_stat(bare, &id, &type_cut, &bytes_cut, &err),
	    IRMIN_OK, "stat");
	is_rc(irmin_object_stat(whole, &id, &type, &bytes, &err), IRMIN_OK,
	    "stat, whole");
	ok(type == type_cut && bytes == bytes_cut, "is same");
	is_rc(irmin_repo_pack(bare, NULL, NULL, &err), IRMIN_UNCHANGED,
	    "nobody packs");
	succeeds(irmin_repo_flush(bare, IRMIN_POWER, &err), &err, "flush");
	irmin_repo_close(bare);
	irmin_repo_close(whole);
}

static void damaged(void)
{
	const char *dir = make();
	irmin_repo *bare, *whole;

	if (tap_run(NULL,
		"cd %s && f() { echo .git/objects/$(git rev-parse $1 | "
		"sed 's,^..,&/,'); } && t=$(f HEAD:d) && b=$(f HEAD:d/x) && "
		"cp -f $t $b && rm -f $t",
		dir) != 0)
		bail("cannot damage");
	bare = open_cut(dir, 0);
	whole = open_whole(dir);
	is_str(faults_of(bare), faults_of(whole), "the same faults");
	ok(strstr(faults_of(bare), "1 ") && strstr(faults_of(bare), "2 "),
	    "which are there");
	irmin_repo_close(bare);
	irmin_repo_close(whole);
}

static void copying(void)
{
	const char *dir = make();
	irmin_repo *from = open_cut(dir, 0), *to = open_cut(NULL, 0);
	irmin_repo *tight = open_cut(dir, 100000), *third = open_cut(NULL, 0);
	irmin_copied copied;
	irmin_error err;

	is_rc(irmin_repo_copy(from, to, NULL, &copied, &err), IRMIN_OK,
	    "copied without any slot");
	is_str(log_of(to), log_of(from), "the same log");
	is_rc(irmin_repo_copy(from, to, NULL, &copied, &err), IRMIN_UNCHANGED,
	    "and once more");
	fails(irmin_repo_copy(tight, third, NULL, NULL, &err), IRMIN_ELIMIT,
	    &err, "what is too large, and cannot come in parts");
	irmin_repo_close(third);
	irmin_repo_close(tight);
	irmin_repo_close(to);
	irmin_repo_close(from);
}

/* ---- streams ---- */

static int give(void *arg, void *bytes, size_t len, size_t *got)
{
	size_t *left = arg;

	*got = len < *left ? len : *left;
	memset(bytes, 'x', *got);
	*left -= *got;
	return 0;
}

static irmin_rc stream(irmin_repo *repo, size_t len, irmin_error *err)
{
	size_t left = len, got = 1;
	irmin_reader *reader = NULL;
	unsigned char part[1000];
	irmin_oid id;
	irmin_rc rc = irmin_object_add_stream(repo, give, &left, len, &id, err);

	if (rc >= 0)
		rc = irmin_object_open(repo, &id, &reader, err);
	if (rc == IRMIN_OK && irmin_reader_bytes(reader) != len)
		bail("another size");
	while (rc == IRMIN_OK && got)
		rc = irmin_reader_read(reader, part, sizeof part, &got, err);
	irmin_reader_close(reader);
	return rc;
}

static void streams(const char *dir)
{
	irmin_repo *repo = open_cut(dir, 100000);
	irmin_error err;

	succeeds(stream(repo, 0, &err), &err, "nothing, in parts");
	succeeds(stream(repo, 100000, &err), &err, "up to the limit");
	fails(stream(repo, 100001, &err), IRMIN_ELIMIT, &err, "beyond it");
	irmin_repo_close(repo);
}

static irmin_rc sweep(void *arg, irmin_error *err)
{
	irmin_repo *repo = NULL, *to = NULL;
	irmin_copied copied;
	irmin_rc rc = try_open_cut(NULL, 0, &repo, err);

	(void)arg;
	if (rc >= 0)
		rc = stream(repo, 5000, err);
	if (rc >= 0)
		rc = try_open_cut(NULL, 0, &to, err);
	if (rc >= 0)
		rc = irmin_repo_copy(repo, to, NULL, &copied, err);
	irmin_repo_close(to);
	irmin_repo_close(repo);
	return rc;
}

int main(void)
{
	reading();
	damaged();
	copying();
	streams(NULL);
	streams(make());
	alloc_fault_sweep("without slots", sweep, NULL);
	return done_testing();
}
