/* Whether a file is still the one that was read: by what the file system tells
 * of it, and by how much it can be believed. */
#include "lib/backend-git/git-parts.h"

/* Two files written within one tick of the file system's clock may look the
 * same. Some file systems count in seconds. */
#define RACY_US       100000
#define RACY_WHOLE_US 2000000

int irmin__git_is_same_file(const irmin__os_stat *a, const irmin__os_stat *b)
{
	return a->kind == b->kind && a->bytes == b->bytes &&
	    a->modified_us == b->modified_us && a->inode == b->inode &&
	    a->device == b->device;
}

int irmin__git_is_racy(const irmin__git *git, const irmin__os_stat *stat)
{
	int64_t age = irmin__os_now_us(git->os) - stat->modified_us;

	if (stat->kind == IRMIN__OS_NONE)
		return 0;
	return age < (stat->modified_us % 1000000 ? RACY_US : RACY_WHOLE_US);
}
