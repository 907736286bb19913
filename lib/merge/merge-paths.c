/* Where the bases conflict: a sorted set of paths, and what of it lies below one
 * directory. In the order of steps a path stands right before those below it. */
#include "lib/merge/merge-parts.h"

#include <stdlib.h>

#include "lib/core/base/text.h"
#include <irmin/alloc.h>

static int rank(char byte)
{
	return byte == '\0' ? 0 : byte == '/' ? 1 : (unsigned char)byte + 1;
}

static int compare_paths(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;

	while (*x && *x == *y)
		x++, y++;
	return rank(*x) - rank(*y);
}

static void drop_from(irmin__conflict_paths *paths, size_t from)
{
	while (paths->len > from)
		irmin_free(paths->items[--paths->len]);
}

/* Brings the set in order again, what is there twice once. */
static void sort(irmin__conflict_paths *paths)
{
	size_t kept = 0, i;

	if (paths->len < 2)
		return;
	qsort(paths->items, paths->len, sizeof *paths->items, compare_paths);
	for (i = 1; i < paths->len; i++)
		if (strcmp(paths->items[kept], paths->items[i]) != 0)
			paths->items[++kept] = paths->items[i];
		else
			irmin_free(paths->items[i]);
	paths->len = kept + 1;
}

irmin_rc irmin__merge_result_paths(const irmin_merge_result *result,
    irmin__conflict_paths *paths, irmin_error *err)
{
	size_t before = paths->len, i;
	irmin_rc rc = IRMIN__VEC_RESERVE(paths, result->left, err);

	for (i = 0; i < result->conflicts.len && rc >= 0; i++) {
		const irmin_conflict *conflict = result->conflicts.items[i];

		if (conflict->is_resolved)
			continue;
		rc = irmin__text_copy(irmin_text(conflict->path),
		    &paths->items[paths->len], err);
		paths->len += rc >= 0;
	}
	if (rc < 0)
		drop_from(paths, before);
	else
		sort(paths);
	return rc;
}

void irmin__conflict_paths_clear(irmin__conflict_paths *paths)
{
	drop_from(paths, 0);
	IRMIN__VEC_CLEAR(paths);
}

/* The order of the step at `skip` of a path and a name. */
static int compare_step(const char *path, size_t skip, irmin_slice name)
{
	size_t length = strcspn(path + skip, "/");

	return irmin_slice_compare(irmin_bytes(path + skip, length), name);
}

/* The first path of a range whose step is not below (`behind` 0) or is behind
 * (1) a name. */
static size_t bound(const irmin__conflict_paths *paths, irmin__path_range range,
    size_t skip, irmin_slice name, int behind)
{
	size_t low = range.from, high = range.to;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_step(paths->items[middle], skip, name) < behind)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

irmin__path_range irmin__conflict_paths_at(const irmin__conflict_paths *paths,
    irmin__path_range range, size_t skip, irmin_slice name)
{
	irmin__path_range found;

	found.from = bound(paths, range, skip, name, 0);
	found.to = bound(paths, range, skip, name, 1);
	return found;
}
