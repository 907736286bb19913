/*
 * The bulk of tests/real/check-repositories: a repository of any size, read
 * through the library and compared with what git says of it on standard input.
 *
 *     real-check objects DIR   git cat-file --batch-all-objects --batch: every
 *                              object is found, with git's type and bytes, and
 *                              no other is told
 *     real-check scan DIR      reads every object, and compares nothing
 *     real-check log DIR REV   the ids of the history, as git rev-list
 *     real-check diffs DIR     lines of two trees: what differs, as
 *                              git diff-tree -r -z --stdin
 *     real-check verify DIR    what is wrong, a line each: kind, type, id, text
 *
 * Exit: 0; 1 something differs; 2 it could not be done.
 */
#include <irmin/irmin.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int complain(const irmin_error *err)
{
	fprintf(stderr, "real-check: %s\n", err->text);
	return 2;
}

static int read_id(const char *hex, irmin_oid *id)
{
	if (irmin_oid_parse(irmin_text(hex), id, NULL) >= 0)
		return 0;
	fprintf(stderr, "real-check: not an id: %.80s\n", hex);
	return -1;
}

/* ---- a set of ids ---- */

struct ids {
	irmin_oid *all;
	unsigned char *seen;
	size_t count, room;
};

static int add_id(void *arg, const irmin_oid *id)
{
	struct ids *ids = arg;
	irmin_oid *grown;

	if (ids->count == ids->room) {
		ids->room = ids->room ? 2 * ids->room : 1024;
		grown = realloc(ids->all, ids->room * sizeof(*grown));
		if (!grown)
			return IRMIN_ENOMEM;
		ids->all = grown;
	}
	ids->all[ids->count++] = *id;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return irmin_oid_compare(a, b);
}

/* Sorts them, and leaves each once. */
static void sort_ids(struct ids *ids)
{
	size_t i, kept = 0;

	qsort(ids->all, ids->count, sizeof(*ids->all), compare);
	for (i = 0; i < ids->count; i++)
		if (kept == 0 ||
		    irmin_oid_compare(&ids->all[i], &ids->all[kept - 1]) != 0)
			ids->all[kept++] = ids->all[i];
	ids->count = kept;
	ids->seen = calloc(kept + 1, 1);
	if (!ids->seen)
		abort();
}

static void clear_ids(struct ids *ids)
{
	free(ids->all);
	free(ids->seen);
}

/* ---- objects ---- */

struct tally {
	uint64_t objects, bytes, wrong;
};

static void wrong(struct tally *tally, const char *hex, const char *what)
{
	if (tally->wrong++ < 20)
		fprintf(stderr, "real-check: %s: %s\n", hex, what);
}

/* Against the bytes that follow on standard input. */
static int compare_bytes(const irmin_object *object, uint64_t bytes)
{
	static char part[65536];
	const char *ours = object->data.data;
	int same = object->data.len == bytes;
	uint64_t at = 0;
	size_t got;

	while (at < bytes) {
		got = bytes - at < sizeof(part) ? (size_t)(bytes - at)
						: sizeof(part);
		if (fread(part, 1, got, stdin) != got)
			return -1;
		if (same && memcmp(ours + at, part, got) != 0)
			same = 0;
		at += got;
	}
	return getchar() == '\n' ? same : -1;
}

/* -> 0, or -1 if git's words are not understood */
static int check_object(irmin_repo *repo, struct ids *ids, const char *line,
    struct tally *tally)
{
	char hex[IRMIN_OID_HEX_BYTES], type[16];
	irmin_object object;
	irmin_oid *told, id;
	irmin_error err;
	uint64_t bytes;
	int same;

	if (sscanf(line, "%64[0-9a-f] %15[a-z] %" SCNu64, hex, type, &bytes) !=
		3 ||
	    read_id(hex, &id) < 0)
		return -1;
	tally->objects++;
	tally->bytes += bytes;
	told = bsearch(&id, ids->all, ids->count, sizeof(id), compare);
	if (told)
		ids->seen[told - ids->all] = 1;
	else
		wrong(tally, hex, "was not told");
	if (irmin_object_find(repo, &id, &object, &err) != IRMIN_OK)
		wrong(tally, hex, err.code ? err.text : "is absent");
	else if (strcmp(irmin_object_type_name(object.type), type) != 0)
		wrong(tally, hex, "has another type");
	same = compare_bytes(&object, bytes);
	if (same == 0 && object.data.data)
		wrong(tally, hex, "has other bytes");
	irmin_pin_release(&object.data);
	return same < 0 ? -1 : 0;
}

static int run_objects(irmin_repo *repo, const char *arg)
{
	struct tally tally = { 0, 0, 0 };
	struct ids ids = { NULL, NULL, 0, 0 };
	irmin_error err;
	char line[200];
	size_t i;

	(void)arg;
	if (irmin_object_each(repo, NULL, add_id, &ids, &err) < 0)
		return complain(&err);
	sort_ids(&ids);
	while (fgets(line, sizeof(line), stdin))
		if (check_object(repo, &ids, line, &tally) < 0) {
			fprintf(stderr, "real-check: git says %s\n", line);
			return 2;
		}
	for (i = 0; i < ids.count; i++)
		if (!ids.seen[i])
			wrong(&tally, irmin_oid_hex(&ids.all[i], line),
			    "is told, and git does not have it");
	clear_ids(&ids);
	printf("%" PRIu64 " objects, %" PRIu64 " bytes, %" PRIu64 " wrong\n",
	    tally.objects, tally.bytes, tally.wrong);
	return tally.wrong > 0;
}

static int scan_object(void *arg, const irmin_oid *id, irmin_object_type type,
    irmin_slice data)
{
	struct tally *tally = arg;

	(void)id;
	(void)type;
	tally->objects++;
	tally->bytes += data.len;
	return 0;
}

static int run_scan(irmin_repo *repo, const char *arg)
{
	struct tally tally = { 0 };
	irmin_error err;

	(void)arg;
	if (irmin_object_scan(repo, scan_object, &tally, &err) < 0)
		return complain(&err);
	printf("%" PRIu64 " objects, %" PRIu64 " bytes\n", tally.objects,
	    tally.bytes);
	return 0;
}

/* ---- history ---- */

static int run_log(irmin_repo *repo, const char *revision)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_commit *commit = NULL;
	irmin_log *log = NULL;
	irmin_error err;
	irmin_oid id;
	irmin_rc rc;

	rc = irmin_commit_of_revision(repo, revision, &commit, &err);
	if (rc >= 0)
		rc = irmin_log_open(commit, NULL, &log, &err);
	irmin_commit_unref(commit);
	while (
	    rc >= 0 && (rc = irmin_log_next(log, &commit, &err)) == IRMIN_OK) {
		rc = irmin_commit_id(commit, &id, &err);
		irmin_commit_unref(commit);
		if (rc >= 0)
			puts(irmin_oid_hex(&id, hex));
	}
	irmin_log_free(log);
	return rc < 0 ? complain(&err) : 0;
}

/* One side of a change; git writes an absent one as zeros. */
static void print_side(char *hex, const irmin_oid *id, size_t digits)
{
	if (irmin_oid_is_none(id))
		sprintf(hex, "%0*d", (int)digits, 0);
	else
		irmin_oid_hex(id, hex);
}

/* As git diff-tree -z writes it, without the letter of the kind. */
static void print_change(const irmin_change *change, size_t digits)
{
	char old_id[IRMIN_OID_HEX_BYTES], new_id[IRMIN_OID_HEX_BYTES];

	print_side(old_id, &change->old_id, digits);
	print_side(new_id, &change->new_id, digits);
	printf(":%06o %06o %s %s", (unsigned)change->old_mode,
	    (unsigned)change->new_mode, old_id, new_id);
	putchar('\0');
	fwrite(change->path.data, 1, change->path.len, stdout);
	putchar('\0');
}

static irmin_rc print_diff(irmin_repo *repo, const irmin_oid ids[2],
    irmin_error *err)
{
	size_t digits = 2 * irmin_hash_size(irmin_repo_hash(repo));
	irmin_tree *from = NULL, *to = NULL;
	irmin_diff *diff = NULL;
	irmin_change change;
	irmin_rc rc;

	rc = irmin_tree_get(repo, &ids[0], &from, err);
	if (rc >= 0)
		rc = irmin_tree_get(repo, &ids[1], &to, err);
	if (rc >= 0)
		rc = irmin_tree_diff(from, to, "", &diff, err);
	while (
	    rc >= 0 && (rc = irmin_diff_next(diff, &change, err)) == IRMIN_OK)
		print_change(&change, digits);
	irmin_diff_free(diff);
	irmin_tree_unref(from);
	irmin_tree_unref(to);
	return rc;
}

static int run_diffs(irmin_repo *repo, const char *arg)
{
	char line[200], from[80], to[80];
	irmin_oid ids[2];
	irmin_error err;

	(void)arg;
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "%79s %79s", from, to) != 2 ||
		    read_id(from, &ids[0]) < 0 || read_id(to, &ids[1]) < 0)
			return 2;
		printf("%s %s\n", from, to);
		if (print_diff(repo, ids, &err) < 0)
			return complain(&err);
	}
	return 0;
}

/* ---- faults ---- */

static int print_fault(void *arg, const irmin_fault *fault)
{
	static const char *const kinds[] = { "?", "corrupt", "missing",
		"format", "warning" };
	char hex[IRMIN_OID_HEX_BYTES];
	unsigned kind = (unsigned)fault->kind;

	++*(uint64_t *)arg;
	printf("%s %s %s %s: %s\n", kinds[kind > 4 ? 0 : kind],
	    irmin_object_type_name(fault->type),
	    irmin_oid_is_none(&fault->id) ? "-"
					  : irmin_oid_hex(&fault->id, hex),
	    fault->where, fault->text);
	return 0;
}

static int run_verify(irmin_repo *repo, const char *arg)
{
	uint64_t faults = 0;
	irmin_error err;

	(void)arg;
	if (irmin_repo_verify(repo, print_fault, &faults, NULL, NULL, &err) < 0)
		return complain(&err);
	return faults > 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(irmin_repo *repo, const char *arg);
	} runs[] = {
		{ "objects", run_objects },
		{ "scan", run_scan },
		{ "log", run_log },
		{ "diffs", run_diffs },
		{ "verify", run_verify },
	};
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_repo *repo = NULL;
	irmin_error err;
	int code = 2;
	size_t i;

	options.flags = IRMIN_OPEN_READ_ONLY;
	options.max_value_bytes = (size_t)4 << 30;
	options.max_tree_bytes = (size_t)1 << 30;
	/* A quarter is for bases of deltas: as git by default. */
	options.cache_bytes = (size_t)384 << 20;
	if (argc < 3)
		fprintf(stderr, "usage: real-check WHAT DIR [REV]\n");
	else if (irmin_repo_open(argv[2], &options, &repo, &err) < 0)
		complain(&err);
	for (i = 0; repo && i < sizeof(runs) / sizeof(runs[0]); i++)
		if (strcmp(argv[1], runs[i].name) == 0)
			code = runs[i].run(repo, argc > 3 ? argv[3] : "HEAD");
	irmin_repo_close(repo);
	return code;
}
