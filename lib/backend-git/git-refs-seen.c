/* Refs that were read before, and did not change.
 *
 * A store asks for its ref with every read, and the answer is nearly always the
 * same. Reading a ref's file takes three system calls; seeing that it is still the
 * file that was read takes one. What is remembered is used only if the file was
 * old enough when it was read (git-change.c): so nobody can change it without its
 * looking different, unless he turns its time back.
 *
 * Each thread has a few entries, found by the ref's name. A thread that finds its
 * entry in use (by another thread that has the same ones) reads the file.
 */
#include "lib/backend-git/git-parts.h"

#include "lib/core/base/error.h"
#include "lib/core/base/thread.h"
#include <irmin/alloc.h>

#define NAME_BYTES 96 /* longer names are read each time */
#define ENTRIES    4  /* of a thread */

typedef struct seen_ref {
	atomic_flag busy;
	char name[NAME_BYTES]; /* "": nothing is known */
	irmin_oid id;
	int settled; /* it was the same when it was read again */
	int trusted; /* `stat` tells whether it is the same still */
	irmin__os_stat stat;
} seen_ref;

struct irmin__git_seen {
	struct {
		seen_ref refs[ENTRIES];
		char apart[IRMIN__LINE_BYTES];
	} stripes[IRMIN__STRIPES];
};

irmin_rc irmin__git_seen_new(irmin__git_seen **seen, irmin_error *err)
{
	irmin__git_seen *made = irmin_calloc(1, sizeof *made);
	size_t i;

	*seen = NULL;
	if (!made)
		return irmin__enomem(err);
	for (i = 0; i < (size_t)IRMIN__STRIPES * ENTRIES; i++)
		atomic_flag_clear(
		    &made->stripes[i / ENTRIES].refs[i % ENTRIES].busy);
	*seen = made;
	return IRMIN_OK;
}

void irmin__git_seen_free(irmin__git_seen *seen)
{
	irmin_free(seen);
}

static seen_ref *entry_of(irmin__git_seen *seen, const char *name)
{
	unsigned hash = 0;
	size_t i;

	for (i = 0; name[i]; i++)
		hash = hash * 31 + (unsigned char)name[i];
	if (i >= NAME_BYTES)
		return NULL;
	return &seen->stripes[irmin__thread_stripe()].refs[hash % ENTRIES];
}

/* Whether the file that was read is there, as it was. */
static int is_unchanged(irmin__git *git, const seen_ref *entry)
{
	irmin__os_stat stat;
	irmin__git_path file;

	return irmin__git_path_join(&file,
		   irmin__git_ref_root(git, entry->name), entry->name,
		   NULL) >= 0 &&
	    irmin__os_stat_path(git->os, file.text, 1, &stat, NULL) >= 0 &&
	    irmin__git_is_same_file(&entry->stat, &stat);
}

/* Refs that change all the time are not looked at more closely: only one that
 * was read twice with the same answer. */
static irmin_rc read_anew(irmin__git *git, seen_ref *entry, const char *name,
    irmin_ref_value *value, irmin_error *err)
{
	int known = strcmp(entry->name, name) == 0;
	irmin__os_stat stat, *wanted = known && entry->settled ? &stat : NULL;
	irmin_rc rc;

	rc = irmin__git_loose_ref_read(git, name, value, wanted, err);
	entry->trusted = 0;
	if (rc != IRMIN_OK || value->target.len) {
		entry->name[0] = '\0';
		return rc;
	}
	entry->settled = known &&
	    irmin_oid_compare(&entry->id, &value->id) == 0;
	if (wanted && !irmin__git_is_racy(git, wanted)) {
		entry->stat = *wanted;
		entry->trusted = 1;
	}
	if (!known)
		memcpy(entry->name, name, strlen(name) + 1);
	entry->id = value->id;
	return rc;
}

static irmin_rc find(irmin__git *git, seen_ref *entry, const char *name,
    irmin_ref_value *value, irmin_error *err)
{
	if (!entry->trusted || strcmp(entry->name, name) != 0 ||
	    !is_unchanged(git, entry))
		return read_anew(git, entry, name, value, err);
	value->target.len = 0;
	value->id = entry->id;
	return IRMIN_OK;
}

irmin_rc irmin__git_seen_find(irmin__git_refs *refs, const char *name,
    irmin_ref_value *value, irmin_error *err)
{
	irmin__git *git = refs->git;
	seen_ref *entry = entry_of(refs->seen, name);
	irmin_rc rc;

	if (!entry || git->settings.symlink_refs ||
	    atomic_flag_test_and_set_explicit(&entry->busy,
		memory_order_acquire))
		return irmin__git_loose_ref_find(git, name, value, err);
	rc = find(git, entry, name, value, err);
	atomic_flag_clear_explicit(&entry->busy, memory_order_release);
	return rc;
}
