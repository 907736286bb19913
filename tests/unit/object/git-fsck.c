#include "tests/unit/object/git-fsck.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/core/base/vec.h"
#include "tests/support/tap.h"

struct object {
	irmin_object_type type;
	irmin_oid id;
	const char *refusal;
};

struct git_fsck {
	const char *dir;
	irmin_oid commit, tree, blob;
	IRMIN__VEC(struct object) objects;
	struct tap_output said;
};

/* Runs a shell command in the repository; bails unless it succeeds. */
static void run(const struct git_fsck *fsck, struct tap_output *output,
    const char *command)
{
	if (tap_run(output, "cd '%s' && %s", fsck->dir, command))
		bail("failed: %s", command);
}

static irmin_oid parse_id(const char *line)
{
	irmin_error err;
	irmin_oid id;

	if (irmin_oid_parse(irmin_bytes(line, strcspn(line, "\n")), &id, &err))
		bail("%s", err.text);
	return id;
}

static irmin_oid id_from(const struct git_fsck *fsck, const char *command)
{
	struct tap_output output;
	irmin_oid id;

	run(fsck, &output, command);
	id = parse_id(output.out);
	tap_output_clear(&output);
	return id;
}

struct git_fsck *git_fsck_new(irmin_hash_algo algo)
{
	struct git_fsck *fsck = calloc(1, sizeof *fsck);
	static int repositories;

	if (!fsck)
		bail("out of memory");
	fsck->dir = tap_format("%s/fsck-%d", tap_tmpdir(), repositories++);
	if (tap_run(NULL, "git init -q --bare --object-format=%s '%s'",
		irmin_hash_name(algo), fsck->dir))
		bail("cannot make a repository");
	run(fsck, NULL, "mkdir new");
	fsck->tree = id_from(fsck, "git mktree </dev/null");
	fsck->blob = id_from(fsck, "git hash-object -w --stdin </dev/null");
	fsck->commit = id_from(fsck,
	    "GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a "
	    "GIT_COMMITTER_EMAIL=a git commit-tree -m x $(git mktree "
	    "</dev/null)");
	return fsck;
}

void git_fsck_free(struct git_fsck *fsck)
{
	IRMIN__VEC_CLEAR(&fsck->objects);
	tap_output_clear(&fsck->said);
	free(fsck);
}

static const char *file_of(const struct git_fsck *fsck, size_t number)
{
	return tap_format("%s/new/%s-%07zu", fsck->dir,
	    irmin_object_type_name(fsck->objects.items[number].type), number);
}

size_t git_fsck_add(struct git_fsck *fsck, irmin_object_type type,
    irmin_slice bytes)
{
	struct object object;
	size_t number = fsck->objects.len;

	memset(&object, 0, sizeof object);
	object.type = type;
	if (IRMIN__VEC_RESERVE(&fsck->objects, 1, NULL) < 0)
		bail("out of memory");
	IRMIN__VEC_PUSH(&fsck->objects, object);
	tap_write_file(file_of(fsck, number), bytes.data, bytes.len);
	return number;
}

/* A few hundred at a time: `git hash-object --literally` closes no file. */
static void write_all(struct git_fsck *fsck, irmin_object_type type)
{
	const char *name = irmin_object_type_name(type);
	struct tap_output output;
	const char *line;
	size_t i;

	run(fsck, &output,
	    tap_format("find new -name '%s-*' | sort | xargs -r -n 200 "
		       "git hash-object -w --literally --no-filters -t %s",
		name, name));
	line = output.out;
	for (i = 0; i < fsck->objects.len; i++) {
		if (fsck->objects.items[i].type != type)
			continue;
		fsck->objects.items[i].id = parse_id(line);
		line += strcspn(line, "\n") + 1;
	}
	tap_output_clear(&output);
}

/* Takes the line as the refusal of every object that it names. */
static void note_line(struct git_fsck *fsck, const char *line)
{
	char hex[IRMIN_OID_HEX_BYTES];
	size_t i;

	if (strncmp(line, "error", 5) != 0)
		return;
	for (i = 0; i < fsck->objects.len; i++)
		if (strstr(line,
			irmin_oid_hex(&fsck->objects.items[i].id, hex)))
			fsck->objects.items[i].refusal = line;
}

void git_fsck_run(struct git_fsck *fsck)
{
	char *line, *end;
	int type;

	for (type = IRMIN_OBJECT_COMMIT; type <= IRMIN_OBJECT_TAG; type++)
		write_all(fsck, (irmin_object_type)type);
	if (tap_run(&fsck->said,
		"cd '%s' && git fsck --strict --no-dangling "
		"--no-progress 2>&1",
		fsck->dir) >= 128)
		bail("git fsck died: %s", fsck->said.out);
	for (line = fsck->said.out; *line; line = end + 1) {
		end = line + strcspn(line, "\n");
		if (!*end)
			break;
		*end = '\0';
		note_line(fsck, line);
	}
}

irmin_oid git_fsck_id(const struct git_fsck *fsck, size_t number)
{
	return fsck->objects.items[number].id;
}

const char *git_fsck_refusal(const struct git_fsck *fsck, size_t number)
{
	return fsck->objects.items[number].refusal;
}

irmin_oid git_fsck_commit(const struct git_fsck *fsck)
{
	return fsck->commit;
}

irmin_oid git_fsck_tree(const struct git_fsck *fsck)
{
	return fsck->tree;
}

irmin_oid git_fsck_blob(const struct git_fsck *fsck)
{
	return fsck->blob;
}
