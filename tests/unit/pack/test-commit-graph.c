#include "lib/pack/commit-graph.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/core/object/hash.h"
#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#define COMMITS     90
#define PARENTS_MAX 20
#define LATEST      ((INT64_C(1) << 34) - 1)

/* ---- a history that git made ---- */

typedef struct history {
	irmin_hash_algo algo;
	const char *repo;
	irmin__graph_item items[COMMITS];
	irmin_oid parents[COMMITS * PARENTS_MAX];
	uint32_t count, parent_count;
} history;

static void must(const char *dir, const char *command)
{
	if (tap_run(NULL, "cd %s && %s", dir, command) != 0)
		bail("fails: %s", command);
}

static irmin_slice read_file(const char *dir, const char *name)
{
	size_t len;
	char *bytes = tap_read_file(tap_format("%s/%s", dir, name), &len);

	if (!bytes)
		bail("there is no %s", name);
	return irmin_bytes(bytes, len);
}

/* Clocks go wrong now and then. */
static int64_t time_of(int i)
{
	if (i % 40 == 20)
		return LATEST - i;
	return i % 15 == 14 ? 0 : 1600000000 + i * 100 - i % 7 * 1000;
}

/* Every ninth commit has 2 to 20 parents more than one. */
static int parents_of(int i)
{
	if (i == 1 || i == 50)
		return 0;
	if (i % 9)
		return 1;
	return i / 9 + 1 < i ? 1 + i / 9 * 2 : 1;
}

static void write_history(const char *path)
{
	FILE *stream = fopen(path, "w");
	int i, n;

	for (i = 1; stream && i <= COMMITS; i++) {
		if (!parents_of(i))
			fputs("reset refs/heads/main\n\n", stream);
		fprintf(stream,
		    "commit refs/heads/main\nmark :%d\n"
		    "committer n <e> %" PRId64 " +0000\ndata <<E\nm\nE\n",
		    i, time_of(i));
		for (n = 0; n < parents_of(i) && n < PARENTS_MAX && n < i - 1;
		     n++)
			fprintf(stream, "%s :%d\n", n ? "merge" : "from",
			    n ? i - 1 - n : i - 1);
		fprintf(stream, "M 644 inline f%d\ndata 1\nx\n\n", i % 5);
		if (i % 30 == 0)
			fprintf(stream, "reset refs/heads/b%d\nfrom :%d\n\n",
			    i / 30, i);
	}
	if (!stream || fclose(stream) != 0)
		bail("cannot write %s", path);
}

static irmin_oid parse_id(const char **text)
{
	size_t digits = strcspn(*text, " \n");
	irmin_error err;
	irmin_oid id;

	if (irmin_oid_parse(irmin_bytes(*text, digits), &id, &err) < 0)
		bail("%s", err.text);
	*text += digits;
	return id;
}

/* A line: id, tree, time, parents. */
static void read_line(history *made, const char *line)
{
	irmin__graph_item *item = &made->items[made->count++];
	char *end;

	item->id = parse_id(&line);
	line++;
	item->tree = parse_id(&line);
	item->time = strtoll(line, &end, 10);
	item->first_parent = made->parent_count;
	for (line = end; *line == ' ' && line[1];) {
		line++;
		made->parents[made->parent_count++] = parse_id(&line);
	}
	item->parent_count = made->parent_count - item->first_parent;
}

static history *make_history(irmin_hash_algo algo)
{
	history *made = calloc(1, sizeof *made);
	const char *name = irmin_hash_name(algo);
	struct tap_output said;
	char *line;

	made->algo = algo;
	made->repo = tap_format("%s/%s", tap_tmpdir(), name);
	must(tap_tmpdir(),
	    tap_format("git init -q --object-format=%s %s", name, name));
	write_history(tap_format("%s/in", made->repo));
	must(made->repo, "git fast-import --quiet --force <in");
	if (tap_run(&said, "git -C %s log --all --format='%%H %%T %%ct %%P'",
		made->repo) != 0)
		bail("git log fails");
	for (line = strtok(said.out, "\n"); line; line = strtok(NULL, "\n"))
		read_line(made, line);
	tap_output_clear(&said);
	return made;
}

/* ---- reading ---- */

/* What differs from the commit itself. */
static unsigned compare_commit(const irmin__commit_graph *graph,
    const history *made, const irmin__graph_item *item,
    irmin_graph_commit *commit)
{
	const irmin_oid *parents = made->parents + item->first_parent;
	irmin_error err;
	unsigned wrong;
	uint32_t at;
	irmin_oid id;

	if (irmin__commit_graph_find(graph, &item->id, &at) != IRMIN_OK ||
	    irmin__commit_graph_at(graph, at, commit, &err) != IRMIN_OK)
		return 1;
	id = irmin__commit_graph_id(graph, at);
	wrong = irmin_oid_compare(&id, &item->id) != 0;
	wrong += irmin_oid_compare(&commit->tree, &item->tree) != 0;
	wrong += commit->time != item->time;
	if (commit->parent_count != item->parent_count)
		return wrong + 1;
	wrong += commit->parents.len != item->parent_count * sizeof id;
	if (item->parent_count)
		wrong += memcmp(commit->parents.data, parents,
			     commit->parents.len) != 0;
	return wrong;
}

static uint64_t generation_of(const irmin__commit_graph *graph,
    const irmin_oid *id)
{
	irmin_graph_commit commit = { 0 };
	uint64_t generation = 0;
	irmin_error err;
	uint32_t at;

	if (irmin__commit_graph_find(graph, id, &at) == IRMIN_OK &&
	    irmin__commit_graph_at(graph, at, &commit, &err) == IRMIN_OK)
		generation = commit.generation;
	irmin_buf_clear(&commit.parents);
	return generation;
}

static void check_commits(const history *made, const irmin__commit_graph *graph)
{
	irmin_graph_commit commit = { 0 };
	unsigned wrong = 0, low = 0;
	uint32_t i, p;

	is_int(irmin__commit_graph_count(graph), made->count, "its commits");
	for (i = 0; i < made->count; i++) {
		const irmin__graph_item *item = &made->items[i];
		const irmin_oid *parents = made->parents + item->first_parent;

		wrong += compare_commit(graph, made, item, &commit);
		for (p = 0; p < item->parent_count; p++)
			low += commit.generation <=
			    generation_of(graph, &parents[p]);
	}
	is_int(wrong, 0, "each is as it is");
	is_int(low, 0, "and its generation above those of its parents");
	irmin_buf_clear(&commit.parents);
}

static irmin__commit_graph *open_graph(const history *made, irmin_slice bytes,
    const irmin__commit_graph *base)
{
	irmin__commit_graph *graph;
	irmin_error err;

	if (!succeeds(irmin__commit_graph_open(made->algo, bytes, base, &graph,
			  &err),
		&err, "open"))
		bail("%s", err.text);
	succeeds(irmin__commit_graph_verify(graph, &err), &err, "verify");
	return graph;
}

static void check_file(const history *made, int by_date)
{
	irmin_slice bytes = read_file(made->repo,
	    ".git/objects/info/commit-graph");
	irmin__commit_graph *graph = open_graph(made, bytes, NULL);
	irmin_graph_commit commit = { 0 };
	irmin_error err;
	uint32_t i, at;
	irmin_oid id;

	check_commits(made, graph);
	if (!by_date)
		ok(generation_of(graph, &made->items[0].id) < 1000, "levels");
	else
		ok(generation_of(graph, &made->items[0].id) >= LATEST - COMMITS,
		    "corrected dates");
	id = irmin__commit_graph_id(graph, 0);
	id.bytes[8] ^= 1;
	is_rc(irmin__commit_graph_find(graph, &id, &at), IRMIN_ABSENT,
	    "an id that is not there");

	/* It finds room for the parents once. */
	for (i = 0; i < 2 * made->count; i++) {
		if (i == made->count)
			alloc_fault_at(0);
		if (irmin__commit_graph_at(graph, i % made->count, &commit,
			&err) < 0)
			bail("%s", err.text);
	}
	is_int(alloc_fault_count(), 0, "no allocation");
	irmin_buf_clear(&commit.parents);
	irmin__commit_graph_close(graph);
	free((void *)bytes.data);
}

/* ---- chains ---- */

#define FILES 3

static void read_chain(const history *made, irmin_slice bytes[FILES],
    irmin__commit_graph *graphs[FILES])
{
	static const char folder[] = ".git/objects/info/commit-graphs";
	irmin__commit_graph_chain chain = { NULL, 0, 0 };
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_slice text = read_file(made->repo,
	    tap_format("%s/commit-graph-chain", folder));
	irmin_error err;
	size_t i;

	succeeds(irmin__commit_graph_chain_parse(made->algo, text, &chain,
		     &err),
	    &err, "the chain");
	is_int(chain.len, FILES, "its files");
	for (i = 0; i < FILES; i++) {
		bytes[i] = read_file(made->repo,
		    tap_format("%s/graph-%s.graph", folder,
			irmin_oid_hex(&chain.items[i], hex)));
		graphs[i] = open_graph(made, bytes[i],
		    i ? graphs[i - 1] : NULL);
	}
	IRMIN__VEC_CLEAR(&chain);
	free((void *)text.data);
}

static void clear_chain(irmin_slice bytes[FILES],
    irmin__commit_graph *graphs[FILES])
{
	size_t i;

	for (i = 0; i < FILES; i++) {
		irmin__commit_graph_close(graphs[i]);
		free((void *)bytes[i].data);
	}
}

/* Three files, of which the last has corrected dates if `last` is 2. */
static void write_chain(const history *made, int last)
{
	must(made->repo, "rm -rf .git/objects/info/commit-graph*");
	must(made->repo,
	    "for b in b1 b2; do git rev-parse $b |"
	    "git commit-graph write --stdin-commits --split=no-merge "
	    "|| exit 1; done");
	must(made->repo,
	    tap_format("git -c commitGraph.generationVersion=%d commit-graph "
		       "write --reachable --split=no-merge",
		last));
}

static void check_chain(const history *made)
{
	irmin__commit_graph *graphs[FILES], *other;
	irmin_slice bytes[FILES];
	irmin_error err;
	uint64_t by_date, by_level;

	write_chain(made, 2);
	read_chain(made, bytes, graphs);
	check_commits(made, graphs[2]);
	by_date = generation_of(graphs[2], &made->items[COMMITS / 2].id);
	fails(irmin__commit_graph_open(made->algo, bytes[2], graphs[0], &other,
		  &err),
	    IRMIN_ECORRUPT, &err, "without the one below");
	fails(irmin__commit_graph_open(made->algo, bytes[1], NULL, &other,
		  &err),
	    IRMIN_ECORRUPT, &err, "without any below");
	fails(irmin__commit_graph_open(made->algo, bytes[0], graphs[0], &other,
		  &err),
	    IRMIN_ECORRUPT, &err, "with one too many below");
	fails(irmin__commit_graph_open(made->algo, bytes[1], graphs[2], &other,
		  &err),
	    IRMIN_ECORRUPT, &err, "with others below");
	clear_chain(bytes, graphs);

	/* One file without corrected dates makes all of them count levels. */
	write_chain(made, 1);
	read_chain(made, bytes, graphs);
	check_commits(made, graphs[2]);
	by_level = generation_of(graphs[2], &made->items[COMMITS / 2].id);
	ok(by_level < 1000 && by_date > 1000, "never mixed");
	ok(generation_of(graphs[1], &made->items[COMMITS / 2].id) != by_level,
	    "those below alone have dates");
	clear_chain(bytes, graphs);
	must(made->repo, "rm -rf .git/objects/info/commit-graphs");
}

static void check_chain_text(irmin_hash_algo algo)
{
	irmin__commit_graph_chain chain = { NULL, 0, 0 };
	size_t digits = 2 * irmin_hash_size(algo), i;
	char text[300 * 65];
	irmin_error err;

	for (i = 0; i < sizeof text; i++)
		text[i] = (i + 1) % (digits + 1) ? 'a' : '\n';
	is_rc(irmin__commit_graph_chain_parse(algo, irmin_bytes(NULL, 0),
		  &chain, &err),
	    IRMIN_OK, "no line");
	is_int(chain.len, 0, "no file");
	fails(irmin__commit_graph_chain_parse(algo, irmin_bytes(text, digits),
		  &chain, &err),
	    IRMIN_ECORRUPT, &err, "half a line");
	fails(irmin__commit_graph_chain_parse(algo,
		  irmin_bytes(text, (digits + 1) * 257), &chain, &err),
	    IRMIN_ECORRUPT, &err, "257 lines");
	is_int(err.offset, (digits + 1) * 256, "where");
	text[digits + 2] = 'g';
	fails(irmin__commit_graph_chain_parse(algo,
		  irmin_bytes(text, 3 * (digits + 1)), &chain, &err),
	    IRMIN_ECORRUPT, &err, "no number");
	is_int(err.offset, digits + 1, "where");
	is_int(chain.len, 0, "nothing is left");
	IRMIN__VEC_CLEAR(&chain);
}

/* ---- writing ---- */

static irmin_rc encode(void *arg, irmin_error *err)
{
	const history *made = arg;
	irmin_buf out = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin__commit_graph_encode(made->algo, made->items, made->count,
	    made->parents, &out, err);
	if (rc < 0)
		is_int(out.len, 0, "nothing is written");
	irmin_buf_clear(&out);
	return rc;
}

static void check_write(history *made)
{
	static const char name[] = ".git/objects/info/commit-graph";
	irmin_slice theirs = read_file(made->repo, name);
	const char *path = tap_format("%s/%s", made->repo, name);
	irmin_buf out = IRMIN_BUF_INIT;
	irmin_error err;

	succeeds(irmin__commit_graph_encode(made->algo, made->items,
		     made->count, made->parents, &out, &err),
	    &err, "encode");
	is_mem(out.data, out.len, theirs.data, theirs.len, "as git wrote it");
	must(made->repo, tap_format("rm -f %s", name));
	tap_write_file(path, out.data, out.len);
	is_int(tap_run(NULL, "git -C %s commit-graph verify", made->repo), 0,
	    "git commit-graph verify takes it");
	if (made->algo == IRMIN_HASH_SHA1)
		ok(alloc_fault_sweep("encode", encode, made) > 8,
		    "allocations");
	irmin_buf_clear(&out);
	free((void *)theirs.data);
}

/* ---- broken ones ---- */

/* Where a chunk begins. */
static size_t chunk_at(irmin_slice bytes, const char *name)
{
	const unsigned char *at = (const unsigned char *)bytes.data + 8;

	while (memcmp(at, name, 4) != 0)
		at += 12;
	return (size_t)at[10] << 8 | at[11];
}

/* Changes bytes, and reads all of them again. */
static irmin_rc read_changed(const history *made, irmin_slice bytes, size_t at,
    const char *to, size_t len, irmin_error *err)
{
	irmin_graph_commit commit = { 0 };
	irmin__commit_graph *graph;
	char *changed = malloc(bytes.len);
	irmin_rc rc;
	uint32_t i;

	memcpy(changed, bytes.data, bytes.len);
	memcpy(changed + at, to, len);
	rc = irmin__commit_graph_open(made->algo,
	    irmin_bytes(changed, bytes.len), NULL, &graph, err);
	for (i = 0; rc >= 0 && i < made->count; i++)
		rc = irmin__commit_graph_at(graph, i, &commit, err);
	if (rc >= 0)
		rc = irmin__commit_graph_verify(graph, err);
	irmin__commit_graph_close(graph);
	irmin_buf_clear(&commit.parents);
	free(changed);
	return rc;
}

static void check_broken(const history *made)
{
	irmin_slice bytes = read_file(made->repo,
	    ".git/objects/info/commit-graph");
	size_t id_bytes = irmin_hash_size(made->algo);
	size_t record = chunk_at(bytes, "CDAT") + id_bytes;
	struct {
		const char *what, *to;
		size_t at, len;
		irmin_rc rc;
	} broken[] = {
		{ "the beginning", "CG", 1, 2, IRMIN_ECORRUPT },
		{ "the version", "\2", 4, 1, IRMIN_ENOTSUP },
		{ "the hash", "\7", 5, 1, IRMIN_ENOTSUP },
		{ "files below", "\1", 7, 1, IRMIN_ECORRUPT },
		{ "no CDAT", "XXXX", 8 + 24, 4, IRMIN_ECORRUPT },
		{ "a count", "\377", chunk_at(bytes, "OIDF") + 1020, 1,
		    IRMIN_ECORRUPT },
		{ "the order", "\377", chunk_at(bytes, "OIDL"), 1,
		    IRMIN_ECORRUPT },
		{ "a parent beyond", "\0\0\1\0\x70\0\0\0", record, 8,
		    IRMIN_ECORRUPT },
		{ "a second parent beyond", "\0\0\0\0\0\0\0\x5a", record, 8,
		    IRMIN_ECORRUPT },
		{ "edges beyond", "\0\0\0\0\x80\1\0\0", record, 8,
		    IRMIN_ECORRUPT },
		{ "a parent of itself", "\0\0\0\0\x70\0\0\0", record, 8,
		    IRMIN_ECORRUPT },
		{ "edges of another", "\0\0\0\1\x80\0\0\0", record, 8,
		    IRMIN_ECORRUPT },
		{ "an edge beyond", "\0\0\1\1", chunk_at(bytes, "EDGE"), 4,
		    IRMIN_ECORRUPT },
		{ "no far dates", "XXXX", 8 + 4 * 12, 4, IRMIN_ECORRUPT },
		{ "a far date beyond", "\x80\1", chunk_at(bytes, "GDA2"), 2,
		    IRMIN_ECORRUPT },
		{ "a date beyond 2^63", "\x80", chunk_at(bytes, "GDO2"), 1,
		    IRMIN_ECORRUPT },
		{ "the checksum", "\0\0\0\0", bytes.len - 4, 4,
		    IRMIN_ECORRUPT },
	};
	irmin__commit_graph *graph;
	irmin_error err;
	size_t i;

	is_int(((unsigned char *)bytes.data)[6], 6, "all kinds of chunks");
	for (i = 0; i < sizeof broken / sizeof *broken; i++)
		fails(read_changed(made, bytes, broken[i].at, broken[i].to,
			  broken[i].len, &err),
		    broken[i].rc, &err, "%s", broken[i].what);
	is_int(err.offset, bytes.len - id_bytes, "where");
	fails(irmin__commit_graph_open(made->algo, irmin_bytes(NULL, 0), NULL,
		  &graph, &err),
	    IRMIN_ECORRUPT, &err, "empty");
	ok(!graph, "no graph");
	free((void *)bytes.data);
}

static irmin_rc open_it(void *arg, irmin_error *err)
{
	const irmin_slice *bytes = arg;
	irmin__commit_graph *graph;
	irmin_rc rc;

	rc = irmin__commit_graph_open(IRMIN_HASH_SHA1, *bytes, NULL, &graph,
	    err);
	irmin__commit_graph_close(graph);
	return rc;
}

static void check_faults(const history *made)
{
	irmin_slice bytes = read_file(made->repo,
	    ".git/objects/info/commit-graph");

	ok(alloc_fault_sweep("open", open_it, &bytes) > 1, "allocations");
	free((void *)bytes.data);
}

int main(void)
{
	static const irmin_hash_algo algos[] = { IRMIN_HASH_SHA1,
		IRMIN_HASH_SHA256 };
	history *made;
	size_t i;

	for (i = 0; i < sizeof algos / sizeof *algos; i++) {
		made = make_history(algos[i]);
		is_int(made->count, COMMITS, "commits");
		check_chain(made);
		must(made->repo,
		    "git -c commitGraph.generationVersion=1 "
		    "commit-graph write --reachable");
		check_file(made, 0);
		must(made->repo,
		    "rm .git/objects/info/commit-graph; git "
		    "commit-graph write --reachable --changed-paths");
		check_file(made, 1);
		must(made->repo,
		    "rm .git/objects/info/commit-graph; git "
		    "commit-graph write --reachable");
		check_file(made, 1);
		check_write(made);
		check_broken(made);
		if (algos[i] == IRMIN_HASH_SHA1)
			check_faults(made);
		check_chain_text(algos[i]);
		free(made);
	}
	return done_testing();
}
