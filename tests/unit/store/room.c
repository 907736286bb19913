#include "tests/unit/store/room.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend-mem/mem.h"
#include "lib/core/object/tree-codec.h"
#include <irmin/maintain.h>
#include "tests/support/tap.h"

static irmin_rc try_open(const irmin_open_options *options, irmin_repo **repo,
    irmin_error *err)
{
	irmin_open_options defaults = IRMIN_OPEN_OPTIONS_INIT;
	irmin_backend *backend;
	irmin_rc rc;

	if (!options)
		options = &defaults;
	rc = irmin__mem_open(irmin__os_posix(), options, &backend, err);
	if (rc < 0)
		return rc;
	return irmin__repo_new(irmin__os_posix(), backend, options, repo, err);
}

irmin_rc room_try_open(irmin_repo **repo, irmin_error *err)
{
	*repo = NULL;
	return try_open(NULL, repo, err);
}

irmin_repo *room_open(const irmin_open_options *options)
{
	irmin_repo *repo;
	irmin_error err;

	if (try_open(options, &repo, &err) < 0)
		bail("cannot open a repository in memory: %s", err.text);
	return repo;
}

irmin_store *room_store_on(irmin_repo *repo, const char *branch)
{
	irmin_store *store;
	irmin_error err;

	if (irmin_store_open(repo, branch, &store, &err) < 0)
		bail("%s", err.text);
	return store;
}

static int count_fault(void *arg, const irmin_fault *fault)
{
	diag("%s", fault->text);
	++*(int *)arg;
	return 0;
}

int room_faults(irmin_repo *repo)
{
	irmin_error err;
	int count = 0;

	if (irmin_repo_verify(repo, count_fault, &count, NULL, NULL, &err) < 0)
		bail("%s", err.text);
	return count;
}

irmin_oid room_add(irmin_repo *repo, irmin_object_type type, const void *bytes,
    size_t len)
{
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin_new_object object = { .type = type };
	irmin_error err;

	object.data = irmin_bytes(bytes, len);
	if (irmin_hash_object(repo->hash, type, object.data, &object.id, &err) <
		0 ||
	    irmin__repo_add(repo, &context, &object, 1, &err) < 0)
		bail("cannot add an object: %s", err.text);
	return object.id;
}

irmin_oid room_add_tree(irmin_repo *repo, const char *lines)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_error err;
	irmin_oid id;
	unsigned mode;
	int name, end, text;

	for (; *lines; lines = strchr(lines, '\n') + 1) {
		const char *newline = strchr(lines, '\n');

		sscanf(lines, "%o %n%*[^ ]%n %n", &mode, &name, &end, &text);
		if (mode == IRMIN_MODE_TREE || mode == IRMIN_MODE_GITLINK) {
			if (irmin_oid_parse(irmin_bytes(lines + text,
						(size_t)(newline - lines) -
						    (size_t)text),
				&id, &err) < 0)
				bail("%s", err.text);
		} else {
			id = room_add(repo, IRMIN_OBJECT_BLOB, lines + text,
			    (size_t)(newline - lines) - (size_t)text);
		}
		if (irmin_buf_reserve(&bytes, 512, &err) < 0)
			bail("%s", err.text);
		bytes.len += irmin__tree_entry_encode(irmin_bytes(lines + name,
							  (size_t)(end - name)),
		    (irmin_mode)mode, &id, bytes.data + bytes.len);
	}
	id = room_add(repo, IRMIN_OBJECT_TREE, bytes.data, bytes.len);
	irmin_buf_clear(&bytes);
	return id;
}

irmin_tree *room_tree(irmin_repo *repo, const irmin_oid *id)
{
	irmin_tree *tree;
	irmin_error err;

	if (irmin_tree_get(repo, id, &tree, &err) < 0)
		bail("cannot get a tree: %s", err.text);
	return tree;
}

static void set(irmin_edit *edit, const char *assignment)
{
	const char *equals = strchr(assignment, '=');
	irmin_error err;

	if (irmin_edit_set_n(edit,
		irmin_bytes(assignment, (size_t)(equals - assignment)),
		irmin_text(equals + 1), &err) < 0)
		bail("cannot set %s: %s", assignment, err.text);
}

irmin_tree *room_build(irmin_repo *repo, const char *first, ...)
{
	irmin_tree *tree;
	irmin_edit *edit;
	irmin_error err;
	va_list args;

	if (irmin_tree_empty(repo, &tree, &err) < 0 ||
	    irmin_edit_new(tree, &edit, &err) < 0)
		bail("cannot begin a tree: %s", err.text);
	irmin_tree_unref(tree);
	va_start(args, first);
	for (; first; first = va_arg(args, const char *))
		set(edit, first);
	va_end(args);
	if (irmin_edit_tree(edit, &tree, &err) < 0)
		bail("cannot make a tree: %s", err.text);
	irmin_edit_free(edit);
	return tree;
}

irmin_oid room_store(irmin_tree *tree)
{
	irmin_repo *repo = irmin__tree_repo(tree);
	irmin_context context = irmin__repo_context(repo, NULL);
	irmin__batch *batch;
	irmin_error err;
	irmin_oid id;

	if (irmin__batch_new(repo, &batch, &err) < 0 ||
	    irmin__tree_collect(tree, batch, &id, &err) < 0 ||
	    irmin__batch_write(batch, &context, &err) < 0)
		bail("cannot store a tree: %s", err.text);
	irmin__batch_free(batch);
	return id;
}

/* ---- as text ---- */

static int append_visit(void *arg, const irmin_visit *visit)
{
	char **text = arg, *longer;
	char mode[16] = "";

	if (visit->mode != IRMIN_MODE_FILE)
		snprintf(mode, sizeof mode, "%06o ", visit->mode);
	if (asprintf(&longer, "%s%s%.*s=%.*s\n", *text, mode,
		(int)visit->path.len, (const char *)visit->path.data,
		(int)visit->value.len, (const char *)visit->value.data) < 0)
		bail("out of memory");
	free(*text);
	*text = longer;
	return 0;
}

const char *room_text(irmin_tree *tree)
{
	char *text = strdup("");
	const char *kept;
	irmin_error err;

	if (!text)
		bail("out of memory");
	if (irmin_tree_each(tree, "", IRMIN_EACH_VALUES, append_visit, &text,
		&err) < 0)
		bail("cannot walk: %s", err.text);
	kept = tap_format("%s", text);
	free(text);
	return kept;
}

const char *room_hex(const irmin_oid *id)
{
	char hex[IRMIN_OID_HEX_BYTES];

	return tap_format("%s", irmin_oid_hex(id, hex));
}
