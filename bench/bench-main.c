/* Arguments, and what is printed. */
#include "bench/bench-peer.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum code { OK = 0, USAGE = 2, FAILED = 3 };

void bench_fail(const char *doing, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", doing, why);
	exit(FAILED);
}

void bench_tell(struct bench *bench, const char *name, double value)
{
	size_t used = strlen(bench->more);

	snprintf(bench->more + used, sizeof(bench->more) - used,
	    ", \"%s\": %.4f", name, value);
}

/* ---- arguments ---- */

static const struct {
	const char *key;
	size_t at;
} texts[] = {
	{ "dir", offsetof(struct bench, dir) },
	{ "how", offsetof(struct bench, how) },
	{ "ids", offsetof(struct bench, ids) },
	{ "via", offsetof(struct bench, via) },
}, numbers[] = {
	{ "commits", offsetof(struct bench, commits) },
	{ "history", offsetof(struct bench, history) },
	{ "preset", offsetof(struct bench, preset) },
	{ "retain", offsetof(struct bench, retain) },
	{ "keys", offsetof(struct bench, keys) },
	{ "gets", offsetof(struct bench, gets) },
	{ "packed", offsetof(struct bench, packed) },
	{ "hot", offsetof(struct bench, hot) },
	{ "threads", offsetof(struct bench, threads) },
	{ "rounds", offsetof(struct bench, rounds) },
	{ "entries", offsetof(struct bench, entries) },
	{ "inserts", offsetof(struct bench, inserts) },
	{ "values", offsetof(struct bench, values) },
	{ "cache", offsetof(struct bench, cache) },
	{ "compression", offsetof(struct bench, compression) },
};

static int has_key(const char *argument, const char *key)
{
	size_t len = strlen(key);

	return strncmp(argument, key, len) == 0 && argument[len] == '=';
}

static int read_number(const char *text, void *to)
{
	unsigned number;
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || end == text || *end || value > 1000000000)
		return -1;
	number = (unsigned)value;
	memcpy(to, &number, sizeof(number));
	return 0;
}

static int read_argument(struct bench *bench, const char *argument)
{
	const char *value = strchr(argument, '=');
	size_t i;

	if (!value++)
		return -1;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (has_key(argument, texts[i].key)) {
			memcpy((char *)bench + texts[i].at, &value,
			    sizeof(value));
			return 0;
		}
	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (has_key(argument, numbers[i].key))
			return read_number(value,
			    (char *)bench + numbers[i].at);
	return -1;
}

/* `list` has a space behind each word. */
static int is_one_of(const char *word, const char *list)
{
	size_t len = strlen(word);

	while (*word && *list &&
	    (strncmp(list, word, len) != 0 || list[len] != ' '))
		list += strcspn(list, " ") + 1;
	return !*word || *list;
}

static int read_arguments(struct bench *bench, int argc, char **argv,
    const struct bench_class *class)
{
	int i;

	if (argc < 2)
		return -1;
	bench->workload = argv[1];
	for (i = 2; i < argc; i++)
		if (read_argument(bench, argv[i]) < 0)
			return -1;
	return bench->threads && *bench->ids && *bench->via &&
		is_one_of(bench->ids, "each end ") &&
		is_one_of(bench->via, "tree store ") &&
		is_one_of(bench->how, class->hows)
	    ? 0
	    : -1;
}

/* ---- the answer ---- */

/* What getrusage says of ourselves is at least what our parent took before it
 * started us. */
static long own_max_rss_kb(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[200];
	long kb = 0;

	while (status && fgets(line, sizeof(line), status))
		if (strncmp(line, "VmHWM:", 6) == 0)
			kb = strtol(line + 6, NULL, 10);
	if (status)
		fclose(status);
	return kb;
}

static long max_rss_kb(void)
{
	struct rusage children;
	long own = own_max_rss_kb();

	getrusage(RUSAGE_CHILDREN, &children);
	return own > children.ru_maxrss ? own : children.ru_maxrss;
}

static double percentile(const struct bench_clock *clock, unsigned permille)
{
	uint64_t at = (uint64_t)clock->operations * permille / 1000;

	return (double)clock->latency_ns[at] / 1e3;
}

static void print_result(const struct bench *bench)
{
	const struct bench_clock *clock = &bench->clock;
	double operations = clock->operations ? clock->operations : 1;

	printf("{\"workload\": \"%s\", \"operations\": %u, \"cpu_us\": %.4f, "
	       "\"wall_us\": %.4f, \"p50_us\": %.3f, \"p99_us\": %.3f, "
	       "\"p999_us\": %.3f, \"max_rss_kb\": %ld, \"tree\": \"%s\", "
	       "\"commit\": \"%s\", \"sum\": \"%016llx\"%s}\n",
	    bench->workload, clock->operations,
	    (double)clock->cpu_ns / 1e3 / operations,
	    (double)clock->wall_ns / 1e3 / operations, percentile(clock, 500),
	    percentile(clock, 990), percentile(clock, 999), max_rss_kb(),
	    bench->tree, bench->commit, (unsigned long long)bench->sum,
	    bench->more);
}

int bench_main(int argc, char **argv, const struct bench_class *class)
{
	struct bench bench = { .dir = "",
		.how = "",
		.ids = "end",
		.via = "tree",
		.commits = 10000,
		.gets = 100000,
		.threads = 1,
		.rounds = 1000,
		.entries = 1000,
		.inserts = 1000,
		.compression = -1 };
	struct bench_peer *peer;
	int code = USAGE;

	if (read_arguments(&bench, argc, argv, class) < 0) {
		fprintf(stderr, "usage: %s WORKLOAD [key=value]...\n", argv[0]);
		return USAGE;
	}
	peer = calloc(1, class->size);
	if (!peer)
		bench_fail("start", "out of memory");
	peer->class = class;
	peer->bench = &bench;
	code = bench_run(peer);
	free(peer);
	if (code == OK)
		print_result(&bench);
	free(bench.clock.latency_ns);
	return code;
}
