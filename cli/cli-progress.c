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

/* git's own variable; what is no number is no wish. */
static int64_t patience_ms(void)
{
	const char *delay = getenv("GIT_PROGRESS_DELAY");
	char *end;
	long seconds;

	if (!delay || !*delay)
		return PATIENCE_MS;
	seconds = strtol(delay, &end, 10);
	return *end || seconds < 0 || seconds > 1000 ? PATIENCE_MS
						     : seconds * 1000;
}

void cli_progress_begin(struct cli_progress *progress, const struct cli *cli,
    const char *doing, uint64_t total)
{
	const char *term = getenv("TERM");

	memset(progress, 0, sizeof(*progress));
	progress->doing = doing;
	progress->total = total;
	progress->begun_ms = now_ms();
	progress->patience_ms = patience_ms();
	progress->wanted = !cli->json && isatty(STDERR_FILENO) && term &&
	    strcmp(term, "dumb") != 0;
}

static void draw_bar(const struct cli_progress *progress)
{
	uint64_t count = progress->count < progress->total ? progress->count
							   : progress->total;
	size_t full = (size_t)((double)count / (double)progress->total *
	    BAR_WIDTH);
	char bar[BAR_WIDTH + 1];

	for (size_t i = 0; i < BAR_WIDTH; i++)
		bar[i] = i < full ? '#' : '.';
	bar[BAR_WIDTH] = '\0';
	fprintf(stderr, "[%s] %" PRIu64 "/%" PRIu64, bar, progress->count,
	    progress->total);
}

static void draw(const struct cli_progress *progress)
{
	char size[CLI_SIZE_BYTES];

	fprintf(stderr, "\r%s%s%s ", progress->doing,
	    progress->stage ? ": " : "",
	    progress->stage ? progress->stage : "");
	if (progress->total > 0)
		draw_bar(progress);
	else if (progress->count > 0)
		fprintf(stderr, "%" PRIu64, progress->count);
	if (!progress->stage)
		fprintf(stderr, " files, %s",
		    cli_progress_size(progress->bytes, size));
	fputs("\033[K", stderr);
}

static void draw_in_time(struct cli_progress *progress)
{
	int64_t now;

	if (!progress->wanted)
		return;
	now = now_ms();
	if (now - progress->begun_ms < progress->patience_ms ||
	    (progress->drawn && now - progress->drawn_ms < REDRAW_MS))
		return;
	draw(progress);
	progress->drawn_ms = now;
	progress->drawn = true;
}

void cli_progress_step(struct cli_progress *progress, uint64_t bytes)
{
	progress->count++;
	progress->bytes += bytes;
	draw_in_time(progress);
}

int cli_progress_tell(void *arg, const char *stage, uint64_t done,
    uint64_t total)
{
	struct cli_progress *progress = arg;

	progress->stage = stage;
	progress->count = done;
	progress->total = total;
	draw_in_time(progress);
	return IRMIN_OK;
}

void cli_progress_hide(struct cli_progress *progress)
{
	if (progress->drawn)
		fputs("\r\033[K", stderr);
	progress->drawn = false;
}

double cli_progress_end(struct cli_progress *progress)
{
	cli_progress_hide(progress);
	progress->wanted = false;
	return (double)(now_ms() - progress->begun_ms) / 1000;
}
