#include "tests/crash/grown.h"

#include "lib/open/open.h"
#include "tests/support/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START       1700000000
#define LOOKS_EVERY 37

/* ---- the history ---- */

static irmin_store *open_store(irmin_repo *repo, const char *branch)
{
	irmin_store *store;
	irmin_error err;

	if (irmin_store_open(repo, branch, &store, &err) < 0)
		bail("%s: %s", branch, err.text);
	return store;
}

/* A value that is large enough to be a delta of its like. */
static void set(irmin_repo *repo, const char *branch, unsigned n)
{
	irmin_info info = irmin_info_of("Grown <grown@example.org>", "grown");
	irmin_store *store = open_store(repo, branch);
	char text[400];
	irmin_error err;
	size_t i;

	info.flags = IRMIN_INFO_DATE;
	info.author_time = START + n;
	info.committer_time = START + n;
	for (i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i * i % 23);
	text[n % sizeof(text)] = (char)('A' + n % 26);
	if (irmin_store_set(store, tap_format("d%u/f%u", n % 3, n),
		irmin_bytes(text, sizeof(text)), &info, &err) < 0)
		bail("%s %u: %s", branch, n, err.text);
	irmin_store_close(store);
}

static void fork_off(irmin_repo *repo, const char *branch)
{
	irmin_store *main = open_store(repo, "main"), *made;
	irmin_error err;

	if (irmin_store_fork(main, branch, &made, &err) < 0)
		bail("%s: %s", branch, err.text);
	irmin_store_close(made);
	irmin_store_close(main);
}

static void grow(irmin_repo *repo, size_t stage)
{
	unsigned n = (unsigned)stage * 10, i;

	for (i = 0; i < 3; i++)
		set(repo, "main", n + i);
	fork_off(repo, tap_format("stage/%zu", stage));
	if (stage)
		set(repo, "stage/0", n + 5);
}

/* ---- opening ---- */

static irmin_repo *open_on(irmin__os *os, const char *uri,
    const irmin_open_options *options)
{
	irmin_repo *repo;
	irmin_error err;

	if (irmin__repo_open_on(os, uri, options, &repo, &err) < 0)
		bail("%s: %s", uri, err.text);
	return repo;
}

irmin_repo *grown_open(irmin__os *os, irmin_hash_algo hash, irmin_level level)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;

	options.flags = IRMIN_OPEN_CREATE;
	options.hash = hash;
	options.level = level;
	return open_on(os, "git:" LIFE_DIRECTORY, &options);
}

static struct source {
	irmin_hash_algo hash;
	irmin_repo *stages[GROWN_STAGES];
} sources[2];
static irmin__os *sources_os;

irmin_repo *grown_source(irmin_hash_algo hash, size_t stage)
{
	struct source *source = &sources[hash == IRMIN_HASH_SHA256];
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_error err;
	size_t i;

	if (source->stages[stage])
		return source->stages[stage];
	if (!sources_os && irmin__os_sim_new(1, &sources_os, &err) < 0)
		bail("%s", err.text);
	options.hash = hash;
	source->stages[stage] = open_on(sources_os, "mem:", &options);
	for (i = 0; i <= stage; i++)
		grow(source->stages[stage], i);
	return source->stages[stage];
}

void grown_forget_sources(void)
{
	size_t i, stage;

	for (i = 0; i < 2; i++)
		for (stage = 0; stage < GROWN_STAGES; stage++)
			irmin_repo_close(sources[i].stages[stage]);
	irmin__os_sim_free(sources_os);
}

/* ---- files ---- */

struct files {
	irmin__os *os;
	const char *end;
	bool paired; /* only indexes whose pack is there */
	char directory[120], first[200];
	size_t count;
};

static bool ends(const char *name, const char *end)
{
	size_t len = strlen(name), end_len = strlen(end);

	return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

static bool is_counted(const struct files *files, const char *name)
{
	const char *pack = tap_format("%s/%.*s.pack", files->directory,
	    (int)strcspn(name, "."), name);
	irmin__os_stat stat;

	return ends(name, files->end) &&
	    (!files->paired ||
		irmin__os_stat_path(files->os, pack, 0, &stat, NULL) ==
		    IRMIN_OK);
}

static int count_file(void *arg, const char *name, irmin__os_kind kind)
{
	struct files *files = arg;
	size_t len = strlen(files->directory);

	if (kind != IRMIN__OS_DIRECTORY) {
		if (!is_counted(files, name))
			return 0;
		if (!files->count++)
			snprintf(files->first, sizeof(files->first), "%s/%s",
			    files->directory, name);
		return 0;
	}
	snprintf(files->directory + len, sizeof(files->directory) - len, "/%s",
	    name);
	(void)irmin__os_each(files->os, files->directory, count_file, files,
	    NULL);
	files->directory[len] = '\0';
	return 0;
}

static struct files find_files(irmin__os *os, const char *below,
    const char *end)
{
	bool paired = strcmp(end, ".idx") == 0;
	struct files files = { .os = os, .end = end, .paired = paired };

	snprintf(files.directory, sizeof(files.directory), "%s/%s",
	    LIFE_DIRECTORY, below);
	(void)irmin__os_each(os, files.directory, count_file, &files, NULL);
	return files;
}

size_t grown_files(irmin__os *os, const char *end)
{
	return find_files(os, "objects", end).count;
}

size_t grown_packs(irmin__os *os)
{
	return grown_files(os, ".idx");
}

size_t grown_loose(irmin__os *os)
{
	return find_files(os, "objects", "").count -
	    find_files(os, "objects/pack", "").count -
	    find_files(os, "objects/info", "").count;
}

/* ---- making it ---- */

static void keep_first_pack(irmin__os *os)
{
	struct files packs = find_files(os, "objects/pack", ".pack");
	irmin__file *file;
	irmin_error err;

	strcpy(strrchr(packs.first, '.'), ".keep");
	if (irmin__os_open(os, packs.first, IRMIN__OS_WRITE | IRMIN__OS_CREATE,
		0666, &file, &err) < 0)
		bail("%s", err.text);
	irmin__os_close(file);
}

static void copy_stage(irmin_repo *repo, irmin_hash_algo hash, size_t stage)
{
	irmin_error err;

	if (irmin_repo_copy(grown_source(hash, stage), repo, NULL, NULL,
		&err) != IRMIN_OK)
		bail("copy: %s", err.text);
}

void grown_make(irmin__os *os, irmin_hash_algo hash, bool kept)
{
	irmin_repo *repo = grown_open(os, hash, IRMIN_POWER);
	irmin_error err;
	size_t stage;

	copy_stage(repo, hash, 0);
	if (irmin_repo_pack(repo, NULL, NULL, &err) < 0)
		bail("pack: %s", err.text);
	if (kept)
		keep_first_pack(os);
	for (stage = 1; stage < GROWN_STAGES; stage++)
		copy_stage(repo, hash, stage);
	set(repo, "main", 98);
	set(repo, "deep/one", 99);
	irmin_repo_close(repo);
	if (irmin__os_sync_all(os, LIFE_DIRECTORY, &err) < 0)
		bail("%s", err.text);
}

/* ---- what is there ---- */

static int note_id(void *arg, const irmin_oid *id)
{
	struct grown_whole *whole = arg;

	if (whole->count == GROWN_OBJECTS)
		return IRMIN_ELIMIT;
	whole->ids[whole->count++] = *id;
	return 0;
}

static int compare_ids(const void *a, const void *b)
{
	return irmin_oid_compare(a, b);
}

irmin_rc grown_read(irmin_repo *repo, struct grown_whole *whole,
    irmin_error *err)
{
	struct life life = { .repo = repo };
	irmin_rc rc;

	memset(whole, 0, sizeof(*whole));
	rc = irmin_object_each(repo, NULL, note_id, whole, err);
	qsort(whole->ids, whole->count, sizeof(*whole->ids), compare_ids);
	return rc < 0 ? rc : life_refs(&life, &whole->refs, err);
}

void grown_clear(struct grown_whole *whole)
{
	irmin_buf_clear(&whole->refs);
}

static int tell_fault(void *arg, const irmin_fault *fault)
{
	if (fault->kind == IRMIN_FAULT_WARNING)
		return 0;
	++*(unsigned *)arg;
	diag("%s %s", fault->where, fault->text);
	return 0;
}

static bool holds(const struct grown_whole *got, const struct grown_whole *want)
{
	size_t i, missing = 0;

	for (i = 0; i < want->count; i++)
		missing += !bsearch(&want->ids[i], got->ids, got->count,
		    sizeof(*got->ids), compare_ids);
	if (missing)
		diag("%zu objects are gone", missing);
	if (irmin_slice_equal(irmin_buf_slice(&got->refs),
		irmin_buf_slice(&want->refs)))
		return !missing;
	diag("want:\n%s\ngot:\n%s", want->refs.data, got->refs.data);
	return false;
}

bool grown_is(irmin_repo *repo, const struct grown_whole *want)
{
	struct grown_whole got;
	unsigned faults = 0;
	irmin_error err;
	irmin_rc rc = grown_read(repo, &got, &err);
	bool held = rc >= 0 && holds(&got, want);

	if (rc >= 0)
		rc = irmin_repo_verify(repo, tell_fault, &faults, NULL, NULL,
		    &err);
	if (rc < 0)
		diag("%s", err.text);
	grown_clear(&got);
	return held && rc >= 0 && !faults;
}

bool grown_is_point(irmin__os *os, uint64_t at, uint64_t seed)
{
	static const char *const looks[] = { "read", "stat", "list", "open" };
	const char *line = irmin__os_sim_log(os, at);
	size_t i;

	for (i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		if (strncmp(line, looks[i], strlen(looks[i])) == 0)
			return at % LOOKS_EVERY == seed % LOOKS_EVERY;
	return true;
}

void grown_ask_git(irmin__os *os, const struct grown_whole *want,
    const char *what)
{
	const char *dir = tap_format("%s/asked", tap_tmpdir());
	struct tap_output said;
	irmin_error err;
	int code;

	if (irmin__os_sim_export(os, LIFE_DIRECTORY, dir, &err) < 0)
		bail("export: %s", err.text);
	code = tap_run(&said,
	    "cd %s && git fsck --strict --full 2>&1 | grep -v ^dangling;"
	    "git rev-parse --all 2>&1 | grep -E '^(fatal|error|warning)'; true",
	    dir);
	ok(code == 0 && !said.out[0], "%s: git finds no fault", what);
	if (said.out[0])
		diag("%s", said.out);
	tap_output_clear(&said);
	tap_run(&said,
	    "printf 'HEAD  ' && cd %s && git symbolic-ref --short HEAD &&"
	    "git for-each-ref --format='ref %%(objectname) %%(refname)'",
	    dir);
	is_mem(said.out, strlen(said.out), want->refs.data, want->refs.len,
	    "%s: git sees the refs", what);
	tap_output_clear(&said);
	tap_run(NULL, "rm -rf %s", dir);
}
