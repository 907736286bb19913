/* Who has a file open, as far as /proc tells: its own user's processes, and
 * everybody's to root. For the text of an error only, so everything that fails
 * here is passed over, and the search is bounded. */
#include "lib/core/base/os-posix.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* About a tenth of a second's worth of descriptors. */
#define LINKS_MAX 65536

struct search {
	char path[PATH_MAX]; /* as the kernel spells it */
	size_t links;
};

static int is_number(const char *name)
{
	return name[strspn(name, "0123456789")] == '\0';
}

/* Non-zero if a descriptor of the directory `fds` is of the file. */
static int holds(struct search *search, DIR *fds)
{
	char target[PATH_MAX];
	struct dirent *entry;
	ssize_t length;

	while (search->links < LINKS_MAX && (entry = readdir(fds))) {
		search->links++;
		length = readlinkat(dirfd(fds), entry->d_name, target,
		    sizeof target - 1);
		if (length < 0)
			continue;
		target[length] = '\0';
		if (strcmp(target, search->path) == 0)
			return 1;
	}
	return 0;
}

static int process_holds(struct search *search, const char *pid)
{
	char path[64];
	DIR *fds;
	int found;

	snprintf(path, sizeof path, "/proc/%.20s/fd", pid);
	fds = opendir(path);
	if (!fds)
		return 0;
	found = holds(search, fds);
	closedir(fds);
	return found;
}

/* "pid 123 (git)" */
static void describe(const char *pid, char *who, size_t who_bytes)
{
	char path[64], command[64];
	ssize_t length = -1;
	int fd;

	snprintf(path, sizeof path, "/proc/%.20s/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		length = read(fd, command, sizeof command - 1);
		close(fd);
	}
	command[length > 0 ? length : 0] = '\0';
	command[strcspn(command, "\n")] = '\0';
	if (command[0])
		snprintf(who, who_bytes, "pid %s (%s)", pid, command);
	else
		snprintf(who, who_bytes, "pid %s", pid);
}

irmin_rc irmin__posix_holder(irmin__os *os, const char *path, char *who,
    size_t who_bytes)
{
	struct search search = { .links = 0 };
	irmin_rc rc = IRMIN_ABSENT;
	struct dirent *entry;
	DIR *processes;

	(void)os;
	if (!realpath(path, search.path))
		return IRMIN_ABSENT;
	processes = opendir("/proc");
	if (!processes)
		return IRMIN_ABSENT;
	while (rc == IRMIN_ABSENT && search.links < LINKS_MAX &&
	    (entry = readdir(processes)))
		if (is_number(entry->d_name) &&
		    process_holds(&search, entry->d_name)) {
			describe(entry->d_name, who, who_bytes);
			rc = IRMIN_OK;
		}
	closedir(processes);
	return rc;
}
