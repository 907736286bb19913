#include "tests/unit/pack/pack-kit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *kit_path(const char *name)
{
	return tap_format("%s/%s", tap_tmpdir(), name);
}

const char *kit_says(const char *dir, const char *command, ...)
{
	struct tap_output output;
	char text[2000];
	const char *said;
	va_list args;
	int code;

	va_start(args, command);
	vsnprintf(text, sizeof text, command, args);
	va_end(args);
	code = tap_run(&output, "cd %s && %s", kit_path(dir), text);
	if (code)
		bail("%s: %s: %s", dir, text, output.err);
	if (output.out_len && output.out[output.out_len - 1] == '\n')
		output.out[output.out_len - 1] = '\0';
	said = tap_format("%s", output.out);
	tap_output_clear(&output);
	return said;
}

irmin__file *kit_create(const char *path)
{
	irmin__file *file;
	irmin_error err;

	if (irmin__os_open(irmin__os_posix(), path,
		IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_TRUNCATE, 0644,
		&file, &err) < 0)
		bail("%s", err.text);
	return file;
}

irmin_buf kit_read(const char *path)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_error err = { 0 };

	if (irmin__os_read_file(irmin__os_posix(), path, SIZE_MAX, &bytes,
		&err) != IRMIN_OK)
		bail("%s: %s", path, err.text);
	return bytes;
}

irmin_oid kit_hash(irmin_hash_algo algo, irmin_object_type type,
    irmin_slice data)
{
	irmin_error err;
	irmin_oid id;

	if (irmin_hash_object(algo, type, data, &id, &err) < 0)
		bail("%s", err.text);
	return id;
}

irmin_oid kit_id(const char *hex)
{
	irmin_error err;
	irmin_oid id;

	if (irmin_oid_parse(irmin_text(hex), &id, &err) < 0)
		bail("%s", err.text);
	return id;
}

void kit_noise(unsigned char *bytes, size_t len, unsigned seed)
{
	uint64_t state = seed * 2654435761u + 88172645463325252u;
	size_t i;

	for (i = 0; i < len; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		bytes[i] = (unsigned char)(state >> 32);
	}
}
