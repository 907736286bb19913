/* cli/cmd-pack.c: irmin pack */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli-args.h"
#include "cli/cli-json.h"
#include "cli/cli-message.h"
#include "cli/cli-open.h"
#include "cli/cli-progress.h"

static const struct cli_option options[] = {
	{ 'q', "quiet", NULL, "say nothing when all is well" },
	{ 0, NULL, NULL, NULL },
};

/* What the objects' directory holds: files, for whoever pays for the disk. */
struct holding {
	uint64_t loose, packs, bytes;
};

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name);

	return len > strlen(end) && strcmp(name + len - strlen(end), end) == 0;
}

static void count_file(struct holding *holding, const char *directory,
    const char *name, const struct stat *st)
{
	holding->bytes += (uint64_t)st->st_size;
	if (strlen(directory) == 2)
		holding->loose++;
	else if (strcmp(directory, "pack") == 0 && ends_with(name, ".pack"))
		holding->packs++;
}

/* Reads objects/NAME; what cannot be read counts for nothing. */
static void count_directory(struct holding *holding, int above,
    const char *name)
{
	int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct stat st;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir)))
		if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode))
			count_file(holding, name, entry->d_name, &st);
	closedir(dir);
}

static void look(struct cli *cli, struct holding *holding)
{
	irmin_buf path = IRMIN_BUF_INIT;
	struct dirent *entry;
	DIR *dir;

	memset(holding, 0, sizeof(*holding));
	cli_buf_add_text(&path, irmin_repo_location(cli->repo));
	cli_buf_add_text(&path, "/objects");
	dir = opendir((const char *)path.data);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			count_directory(holding, dirfd(dir), entry->d_name);
	if (dir)
		closedir(dir);
	irmin_buf_clear(&path);
}

static void write_json_holding(struct cli_json *json, const char *key,
    const struct holding *holding)
{
	cli_json_key(json, key);
	cli_json_begin(json, '{');
	cli_json_key(json, "loose");
	cli_json_count(json, holding->loose);
	cli_json_key(json, "packs");
	cli_json_count(json, holding->packs);
	cli_json_key(json, "bytes");
	cli_json_count(json, holding->bytes);
	cli_json_end(json, '}');
}

static void tell_json(struct cli *cli, irmin_rc rc,
    const struct holding *before, const struct holding *after, double seconds)
{
	struct cli_json json;

	cli_json_init(&json, &cli->out);
	cli_json_begin(&json, '{');
	cli_json_key(&json, "result");
	cli_json_text(&json, rc == IRMIN_UNCHANGED ? "unchanged" : "done");
	write_json_holding(&json, "before", before);
	write_json_holding(&json, "after", after);
	cli_json_key(&json, "milliseconds");
	cli_json_count(&json, (uint64_t)(seconds * 1000));
	cli_json_end(&json, '}');
}

static void write_holding(struct cli_out *out, const struct holding *holding)
{
	unsigned long long loose = holding->loose;
	unsigned long long packs = holding->packs;
	char size[CLI_SIZE_BYTES];

	if (loose > 0)
		cli_out_printf(out, "%llu %s%s", loose,
		    cli_plural(loose, "loose object", "loose objects"),
		    packs > 0 ? " and " : "");
	if (packs > 0 || loose == 0)
		cli_out_printf(out, "%llu %s", packs,
		    cli_plural(packs, "pack", "packs"));
	cli_out_printf(out, ", %s", cli_progress_size(holding->bytes, size));
}

static void tell(struct cli *cli, irmin_rc rc, const struct holding *before,
    const struct holding *after, double seconds)
{
	struct cli_out *out = &cli->out;

	if (rc == IRMIN_UNCHANGED) {
		cli_out_text(out, "nothing to pack\n");
		return;
	}
	cli_out_text(out, "packed ");
	if (memcmp(before, after, sizeof(*before)) == 0) {
		cli_out_text(out, "the refs");
	} else {
		write_holding(out, before);
		cli_out_text(out, ", into ");
		write_holding(out, after);
	}
	cli_out_printf(out, ", in %.2f s\n", seconds);
}

static irmin_rc run(struct cli *cli)
{
	bool quiet = cli_option(cli, 'q');
	struct cli_progress progress;
	struct holding before, after;
	double seconds;
	irmin_rc rc;

	cli->wrote = true;
	rc = cli_open_repo(cli, 0);
	if (rc < 0)
		return rc;
	look(cli, &before);
	cli_progress_begin(&progress, cli, cli->command->name, 0);
	rc = irmin_repo_pack(cli->repo, quiet ? NULL : cli_progress_tell,
	    &progress, &cli->err);
	seconds = cli_progress_end(&progress);
	if (rc < 0)
		return rc;
	look(cli, &after);
	if (cli->json)
		tell_json(cli, rc, &before, &after, seconds);
	else if (!quiet)
		tell(cli, rc, &before, &after, seconds);
	return IRMIN_OK;
}

const struct cli_command cli_cmd_pack = {
	.name = "pack",
	.synopsis = "[--quiet]",
	.summary = "bring all objects into one pack, which is small and fast",
	.text = "Writes one pack with its index and a commit-graph, and all "
		"refs into one file, then removes what that replaces. Nothing "
		"is lost, reachable or not; packs marked .keep stay. Others, "
		"git among them, may read and write meanwhile. It needs room "
		"for a second copy while it works.",
	.example = "irmin -C state.git pack",
	.options = options,
	.min_operands = 0,
	.max_operands = 0,
	.run = run,
};
