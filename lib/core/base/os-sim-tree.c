#include "lib/core/base/os-sim-fs.h"

#include <errno.h>

/* ---- nodes ---- */

irmin__sim_node *irmin__sim_node_new(irmin__sim *sim, irmin__os_kind kind,
    uint32_t mode)
{
	irmin__sim_node *node = irmin_calloc(1, sizeof *node);

	if (!node)
		return NULL;
	node->number = ++sim->last_number;
	node->kind = kind;
	node->mode = mode;
	node->modified_us = irmin__sim_now_us(sim);
	node->next = sim->nodes;
	sim->nodes = node;
	return node;
}

void irmin__sim_node_free(irmin__sim_node *node)
{
	irmin_buf_clear(&node->bytes);
	irmin_buf_clear(&node->durable_bytes);
	irmin_buf_clear(&node->unsynced);
	IRMIN__VEC_CLEAR(&node->writes);
	irmin__sim_entries_clear(&node->entries);
	irmin__sim_entries_clear(&node->durable_entries);
	irmin_free(node);
}

int irmin__sim_bytes_put(irmin_buf *buf, uint64_t offset, irmin_slice bytes)
{
	size_t at = (size_t)offset, end;

	if (bytes.len > SIZE_MAX / 2 || offset > SIZE_MAX / 2)
		return EFBIG;
	end = at + bytes.len;
	if (end > buf->len) {
		if (irmin_buf_reserve(buf, end - buf->len, NULL) < 0)
			return ENOMEM;
		memset(buf->data + buf->len, 0, end - buf->len + 1);
		buf->len = end;
	}
	if (bytes.len)
		memcpy(buf->data + at, bytes.data, bytes.len);
	return 0;
}

/* ---- entries ---- */

/* The first entry whose name is not before this one. */
static size_t entry_position(const irmin__sim_entries *entries,
    const char *name)
{
	size_t low = 0, high = entries->len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(entries->items[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int entry_is(const irmin__sim_entries *entries, size_t at,
    const char *name)
{
	return at < entries->len && strcmp(entries->items[at].name, name) == 0;
}

irmin__sim_node *irmin__sim_entry_find(const irmin__sim_entries *entries,
    const char *name)
{
	size_t at = entry_position(entries, name);

	return entry_is(entries, at, name) ? entries->items[at].node : NULL;
}

static void entry_remove(irmin__sim_entries *entries, size_t at)
{
	irmin_free(entries->items[at].name);
	entries->len--;
	memmove(&entries->items[at], &entries->items[at + 1],
	    (entries->len - at) * sizeof *entries->items);
}

static void entry_insert(irmin__sim_entries *entries, size_t at,
    irmin__sim_entry entry)
{
	memmove(&entries->items[at + 1], &entries->items[at],
	    (entries->len - at) * sizeof *entries->items);
	entries->items[at] = entry;
	entries->len++;
}

void irmin__sim_entry_put(irmin__sim_entries *entries, char *name,
    irmin__sim_node *node)
{
	size_t at = entry_position(entries, name);
	irmin__sim_entry entry = { name, node };

	if (entry_is(entries, at, name))
		entry_remove(entries, at);
	if (node)
		entry_insert(entries, at, entry);
}

void irmin__sim_entries_clear(irmin__sim_entries *entries)
{
	size_t i;

	for (i = 0; i < entries->len; i++)
		irmin_free(entries->items[i].name);
	IRMIN__VEC_CLEAR(entries);
}

/* ---- paths ---- */

/* Goes one step on from what the spot leads to. */
static int walk_step(irmin__sim_spot *spot, irmin_slice step)
{
	irmin__sim_node *from = spot->node;

	if (!from)
		return ENOENT;
	if (from->kind != IRMIN__OS_DIRECTORY)
		return ENOTDIR;
	if (step.len > IRMIN__SIM_NAME_MAX)
		return ENAMETOOLONG;
	spot->dir = NULL;
	spot->name[0] = '\0';
	if (step.len == 0 || irmin_slice_equal(step, irmin_text(".")))
		return 0;
	if (irmin_slice_equal(step, irmin_text(".."))) {
		spot->node = from->parent;
		return 0;
	}
	memcpy(spot->name, step.data, step.len);
	spot->name[step.len] = '\0';
	spot->dir = from;
	spot->node = irmin__sim_entry_find(&from->entries, spot->name);
	return 0;
}

/* The working directory is the root. Slashes at the end are dropped. */
int irmin__sim_walk(irmin__sim *sim, const char *path, irmin__sim_spot *spot)
{
	size_t length;
	int os_errno = 0;

	spot->dir = NULL;
	spot->name[0] = '\0';
	spot->node = sim->root;
	if (!*path)
		return ENOENT;
	if (strlen(path) > IRMIN__SIM_PATH_MAX)
		return ENAMETOOLONG;
	path += strspn(path, "/");
	while (*path && !os_errno) {
		length = strcspn(path, "/");
		os_errno = walk_step(spot, irmin_bytes(path, length));
		path += length + strspn(path + length, "/");
	}
	return os_errno;
}

int irmin__sim_find(irmin__sim *sim, const char *path, irmin__sim_node **node)
{
	irmin__sim_spot spot;
	int os_errno = irmin__sim_walk(sim, path, &spot);

	*node = os_errno ? NULL : spot.node;
	return os_errno || spot.node ? os_errno : ENOENT;
}

int irmin__sim_find_directory(irmin__sim *sim, const char *path,
    irmin__sim_node **node)
{
	int os_errno = irmin__sim_find(sim, path, node);

	if (!os_errno && (*node)->kind != IRMIN__OS_DIRECTORY)
		os_errno = ENOTDIR;
	return os_errno;
}
