#include "tests/unit/pack/git-pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/pack/pack-parts.h"
#include "tests/support/tap.h"

#define LARGE_BYTES 300000
#define FEW         10

/* ---- a repository ---- */

static void put_data(FILE *out, const char *bytes, size_t len)
{
	fprintf(out, "data %zu\n", len);
	fwrite(bytes, 1, len, out);
	fputc('\n', out);
}

/* A file of 60 lines, of which each version changes some. */
static void put_version(FILE *out, int version)
{
	char text[4000];
	size_t len = 0;
	int i;

	for (i = 0; i < 60; i++)
		len += (size_t)sprintf(text + len, "line %d of %d\n", i,
		    version - (version - i % 60 + 60) % 60);
	put_data(out, text, len);
}

static void put_large(FILE *out)
{
	char *bytes = malloc(LARGE_BYTES);
	uint32_t random = 1;
	size_t i;

	for (i = 0; bytes && i < LARGE_BYTES; i++) {
		random = random * 1664525 + 1013904223;
		bytes[i] = (char)(random >> 24);
	}
	put_data(out, bytes, LARGE_BYTES);
	free(bytes);
}

static void write_stream(const char *path, int versions)
{
	FILE *out = fopen(path, "w");
	int i;

	for (i = 0; out && i < versions; i++) {
		fprintf(out,
		    "commit refs/heads/main\n"
		    "committer A <a@b.c> %d +0000\ndata 2\nc\n"
		    "M 644 inline file\n",
		    1700000000 + i);
		put_version(out, i);
		if (i)
			continue;
		fprintf(out, "M 644 inline d/empty\n");
		put_data(out, "", 0);
		if (versions < FEW)
			continue;
		fprintf(out, "M 644 inline d/large\n");
		put_large(out);
	}
	if (!out ||
	    fprintf(out,
		"tag t\nfrom refs/heads/main\n"
		"tagger A <a@b.c> 1700000000 +0000\n"
		"data 4\ntag\n\n") < 0 ||
	    fclose(out))
		bail("cannot write %s", path);
}

/* ---- what is in it ---- */

static irmin_object_type type_of(const char *name)
{
	int type = IRMIN_OBJECT_COMMIT;

	while (strncmp(name, irmin_object_type_name((irmin_object_type)type),
		   3) != 0)
		type++;
	return (irmin_object_type)type;
}

static int by_id(const void *a, const void *b)
{
	return irmin_oid_compare(&((const git_object *)a)->id,
	    &((const git_object *)b)->id);
}

/* Reads "id type size LF bytes LF ..." */
static void read_objects(git_pack *made, size_t len)
{
	size_t hex_len = 2 * irmin_hash_size(made->algo), size;
	char *at = made->said, type[16];
	git_object *object;

	while (at < made->said + len) {
		made->objects = realloc(made->objects,
		    (made->count + 1) * sizeof *made->objects);
		object = &made->objects[made->count++];
		if (irmin_oid_parse(irmin_bytes(at, hex_len), &object->id,
			NULL) < 0 ||
		    sscanf(at + hex_len, "%15s %zu", type, &size) != 2)
			bail("what does git say: %.80s", at);
		object->type = type_of(type);
		at = strchr(at, '\n') + 1;
		object->data = irmin_bytes(at, size);
		at += size + 1;
	}
	qsort(made->objects, made->count, sizeof *made->objects, by_id);
}

static void git_does(const git_pack *made, const char *command)
{
	struct tap_output output;

	if (tap_run(&output, "cd %s && %s", made->dir, command))
		bail("%s: %s", command, output.err);
	tap_output_clear(&output);
}

void git_pack_make(git_pack *made, const char *name, irmin_hash_algo algo,
    int versions, const char *configuration, const char *repack)
{
	size_t len;

	memset(made, 0, sizeof *made);
	made->algo = algo;
	made->dir = tap_format("%s/%s", tap_tmpdir(), name);
	if (tap_run(NULL, "git init -q --bare --object-format=%s -b main %s",
		irmin_hash_name(algo), made->dir))
		bail("cannot make %s", made->dir);
	write_stream(tap_format("%s/stream", made->dir), versions);
	git_does(made, "git fast-import --quiet <stream");
	git_does(made,
	    tap_format("git %s repack -adfq %s", configuration, repack));
	git_does(made,
	    "mv objects/pack/*.idx objects/pack/p.idx && "
	    "mv objects/pack/*.pack objects/pack/p.pack && "
	    "git cat-file --batch-all-objects --batch >said");
	made->idx = tap_format("%s/objects/pack/p.idx", made->dir);
	made->pack = tap_format("%s/objects/pack/p.pack", made->dir);
	made->said = tap_read_file(tap_format("%s/said", made->dir), &len);
	read_objects(made, len);
}

void git_pack_clear(git_pack *made)
{
	free(made->objects);
	free(made->said);
	memset(made, 0, sizeof *made);
}

int git_pack_depth(const git_pack *made)
{
	struct tap_output output;
	int depth;

	if (tap_run(&output,
		"cd %s && git verify-pack -v objects/pack/p.idx | "
		"sed -n 's/^chain length = \\([0-9]*\\):.*/\\1/p' | tail -1",
		made->dir))
		bail("git verify-pack: %s", output.err);
	depth = atoi(output.out);
	tap_output_clear(&output);
	return depth;
}

/* ---- and in the open pack ---- */

irmin__pack *git_pack_open(const git_pack *made, irmin__windows_io io,
    size_t window_bytes)
{
	irmin__pack *pack;
	irmin_error err;

	if (irmin__pack_open(irmin__os_posix(), made->algo, io, made->idx,
		&pack, &err) != IRMIN_OK)
		bail("cannot open %s: %s", made->idx, err.text);
	irmin__pack_set_windows(pack, window_bytes);
	return pack;
}

uint64_t git_pack_offset(irmin__pack *pack, const irmin_oid *id)
{
	const irmin__index *index = irmin__pack_index(pack);
	uint64_t offset = 0;
	uint32_t at;

	if (irmin__index_find(index, id, &at) != IRMIN_OK ||
	    irmin__index_offset(index, at, &offset, NULL) < 0)
		bail("an object is not in the pack");
	return offset;
}

const git_object *git_pack_find(const git_pack *made, const irmin_oid *id)
{
	git_object key;

	key.id = *id;
	return bsearch(&key, made->objects, made->count, sizeof key, by_id);
}
