/* Gives the fuzz target it is linked with every file of a folder, every prefix
 * of each, and each with one byte changed: `replay FOLDER`. */
#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "tests/support/tap.h"

/* Larger files are cut and changed at so many places only. */
#define PLACES_MAX 2048

static char running[512];

/* What a dead target was doing: its input is the one thing one wants to know. */
static void tell(int number)
{
	static const char text[] = "Bail out! died of: ";
	ssize_t told = write(STDOUT_FILENO, text, sizeof text - 1);

	if (told > 0)
		told = write(STDOUT_FILENO, running, strlen(running));
	if (told > 0)
		told = write(STDOUT_FILENO, "\n", 1);
	signal(number, SIG_DFL);
	raise(number);
}

/* In a block of its own length, so that a sanitizer sees each byte beyond. */
static void run(const char *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		bail("out of memory");
	memcpy(copy, bytes, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static size_t replay_prefixes(const char *name, const char *bytes, size_t len,
    size_t stride)
{
	size_t cut, count = 0;

	for (cut = 0; cut <= len; cut += stride, count++) {
		snprintf(running, sizeof running, "%s cut to %zu bytes", name,
		    cut);
		run(bytes, cut);
	}
	return count;
}

static size_t replay_changes(const char *name, char *bytes, size_t len,
    size_t stride)
{
	static const char others[] = { 0, '\n', ' ', '/', '0', '9', -1 };
	size_t at, i, count = 0;

	for (at = 0; at < len; at += stride) {
		char kept = bytes[at];

		for (i = 0; i < sizeof others + 2; i++, count++) {
			bytes[at] = i < sizeof others ? others[i]
			    : i == sizeof others      ? (char)(kept ^ 1)
						      : (char)(kept ^ 0x80);
			snprintf(running, sizeof running,
			    "%s with byte %zu as %d", name, at, bytes[at]);
			run(bytes, len);
		}
		bytes[at] = kept;
	}
	return count;
}

static void replay(const char *folder, const char *name)
{
	size_t len, stride, count = 1;
	char *bytes = tap_read_file(tap_format("%s/%s", folder, name), &len);

	if (!bytes)
		bail("cannot read %s/%s", folder, name);
	snprintf(running, sizeof running, "%s", name);
	run(bytes, len);
	stride = 1 + len / PLACES_MAX;
	count += replay_prefixes(name, bytes, len, stride);
	count += replay_changes(name, bytes, len, stride);
	ok(count > 1, "%s: %zu inputs", name, count);
	free(bytes);
}

int main(int argc, char **argv)
{
	struct dirent **names;
	int count, i;

	if (argc != 2)
		bail("usage: %s FOLDER", argv[0]);
	signal(SIGABRT, tell);
	count = scandir(argv[1], &names, NULL, alphasort);
	if (count < 0)
		bail("cannot read %s", argv[1]);
	for (i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.')
			replay(argv[1], names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return done_testing();
}
