/* cli/cli-progress.c: see cli-progress.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli-progress.h"

#define PATIENCE_MS 333
#define REDRAW_MS   100
#define BAR_WIDTH   30

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const char *cli_progress_size(uint64_t bytes, char text[CLI_SIZE_BYTES])
{
	static const char *const units[] = { "kB", "MB", "GB", "TB" };
	double size = (double)bytes / 1000;
	size_t unit = 0;

	if (bytes < 1000) {
		snprintf(text, CLI_SIZE_BYTES, "%" PRIu64 " byte%s", bytes,
		    bytes == 1 ? "" : "s");
		return text;
	}
	while (size >= 1000 && unit + 1 < sizeof(units) / sizeof(*units)) {
		size /= 1000;
		unit++;
	}
	snprintf(text, CLI_SIZE_BYTES, "%.1f %s", size, units[unit]);
	return text;
}

void cli_progress_begin(struct cli_progress *progress, const struct cli *cli,
    const char *doing, uint64_t total)
{
	const char *term = getenv("TERM");

	memset(progress, 0, sizeof(*progress));
	progress->doing = doing;
	progress->total = total;
	progress->begun_ms = now_ms();
	progress->wanted = !cli->json && isatty(STDERR_FILENO) && term &&
	    strcmp(term, "dumb") != 0;
}

static void draw(const struct cli_progress *progress)
{
	char bar[BAR_WIDTH + 1];
	char size[CLI_SIZE_BYTES];
	uint64_t full;

	cli_progress_size(progress->bytes, size);
	if (progress->total == 0) {
		fprintf(stderr, "\r%s: %" PRIu64 " files, %s\033[K",
		    progress->doing, progress->count, size);
		return;
	}
	full = progress->count * BAR_WIDTH / progress->total;
	for (size_t i = 0; i < BAR_WIDTH; i++)
		bar[i] = i < full ? '#' : '.';
	bar[BAR_WIDTH] = '\0';
	fprintf(stderr, "\r%s [%s] %" PRIu64 "/%" PRIu64 " files, %s\033[K",
	    progress->doing, bar, progress->count, progress->total, size);
}

void cli_progress_step(struct cli_progress *progress, uint64_t bytes)
{
	int64_t now;

	progress->count++;
	progress->bytes += bytes;
	if (!progress->wanted)
		return;
	now = now_ms();
	if (now - progress->begun_ms < PATIENCE_MS ||
	    now - progress->drawn_ms < REDRAW_MS)
		return;
	draw(progress);
	progress->drawn_ms = now;
}

double cli_progress_end(struct cli_progress *progress)
{
	if (progress->drawn_ms)
		fputs("\r\033[K", stderr);
	progress->wanted = false;
	return (double)(now_ms() - progress->begun_ms) / 1000;
}
