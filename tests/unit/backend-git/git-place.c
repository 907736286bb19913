#include "tests/unit/backend-git/git-place.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void place_begin(void)
{
	setenv("GIT_CONFIG_GLOBAL", "", 1);
}

const char *place_path(const char *name)
{
	return tap_format("%s/%s", tap_tmpdir(), name);
}

const char *place_says(const char *dir, const char *command, ...)
{
	struct tap_output output;
	char text[2000];
	const char *said;
	va_list args;
	int code;

	va_start(args, command);
	vsnprintf(text, sizeof text, command, args);
	va_end(args);
	code = tap_run(&output, "cd %s && %s", place_path(dir), text);
	if (code)
		bail("%s: %s: %s", dir, text, output.err);
	if (output.out_len && output.out[output.out_len - 1] == '\n')
		output.out[output.out_len - 1] = '\0';
	said = tap_format("%s", output.out);
	tap_output_clear(&output);
	return said;
}

irmin_rc place_try(const char *name, const irmin_open_options *options,
    irmin_backend **backend, irmin_error *err)
{
	return irmin__git_open(irmin__os_posix(), place_path(name), options,
	    backend, err);
}

irmin_backend *place_open(const char *name, uint32_t flags)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_backend *backend;
	irmin_error err;

	options.flags = flags;
	if (place_try(name, &options, &backend, &err) < 0)
		bail("cannot open %s: %s", name, err.text);
	return backend;
}

irmin_backend *place_open_bare(const char *name)
{
	place_says("", "git init -q --bare -b main %s", name);
	return place_open(name, 0);
}

irmin_backend *place_open_on(irmin__os *os, const char *path)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_backend *backend;
	irmin_error err;

	if (irmin__git_open(os, path, &options, &backend, &err) < 0)
		bail("cannot open %s: %s", path, err.text);
	return backend;
}

void place_close(irmin_backend *backend)
{
	backend->objects->cls->close(backend->objects);
	backend->refs->cls->close(backend->refs);
	backend->cls->close(backend);
}

irmin_oid place_id(const char *hex)
{
	irmin_oid id;

	if (irmin_oid_parse(irmin_text(hex), &id, NULL) < 0)
		bail("no id: %s", hex);
	return id;
}

const char *place_hex(const irmin_oid *id)
{
	char hex[IRMIN_OID_HEX_BYTES];

	return tap_format("%s", irmin_oid_hex(id, hex));
}

irmin_oid place_add(irmin_backend *backend, irmin_object_type type,
    irmin_slice data)
{
	irmin_new_object added;
	irmin_error err;

	memset(&added, 0, sizeof added);
	added.type = type;
	added.data = data;
	if (irmin_hash_object(backend->hash, type, data, &added.id, &err) < 0 ||
	    backend->objects->cls->add(backend->objects, NULL, &added, 1,
		&err) < 0)
		bail("cannot add: %s", err.text);
	return added.id;
}

irmin_oid place_commit(irmin_backend *backend, unsigned n)
{
	irmin_oid tree = place_add(backend, IRMIN_OBJECT_TREE,
	    irmin_bytes("", 0));

	return place_add(backend, IRMIN_OBJECT_COMMIT,
	    irmin_text(tap_format("tree %s\n"
				  "author A <a@b> %u +0000\n"
				  "committer A <a@b> %u +0000\n\nnumber %u\n",
		place_hex(&tree), 1700000000 + n, 1700000000 + n, n)));
}

irmin_rc place_set(irmin_backend *backend, const char *name,
    const irmin_oid *id, irmin_error *err)
{
	irmin_ref_change change;

	memset(&change, 0, sizeof change);
	change.name = name;
	change.any = 1;
	if (id)
		change.id = *id;
	return backend->refs->cls->cas(backend->refs, NULL, &change, 1, NULL,
	    NULL, err);
}

void place_check_ref(irmin_backend *backend, const char *name,
    const char *wanted, const char *what)
{
	irmin_ref_value value;
	irmin_error err;

	memset(&value, 0, sizeof value);
	is_rc(backend->refs->cls->find(backend->refs, NULL, name, &value, &err),
	    wanted ? IRMIN_OK : IRMIN_ABSENT, "%s: %s is%s there", what, name,
	    wanted ? "" : " not");
	if (wanted)
		is_str(place_hex(&value.id), wanted, "%s: %s", what, name);
	irmin_buf_clear(&value.target);
}
