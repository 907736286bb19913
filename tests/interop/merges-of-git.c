#include "tests/interop/merges-of-git.h"
#include "tests/support/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- importing ---- */

static irmin_oid *read_marks(const char *path, size_t last)
{
	irmin_oid *ids = calloc(last + 1, sizeof *ids);
	FILE *file = fopen(path, "r");
	char hex[IRMIN_OID_HEX_BYTES];
	size_t mark;

	while (file && ids && fscanf(file, ":%zu %40s\n", &mark, hex) == 2)
		if (mark > last ||
		    irmin_oid_parse(irmin_text(hex), &ids[mark], NULL) < 0)
			bail("mark %zu is %s", mark, hex);
	if (!file || !ids || !feof(file) || fclose(file) != 0)
		bail("cannot read %s", path);
	return ids;
}

irmin_oid *git_import_marks(const char *dir, irmin_buf *stream, size_t last)
{
	const char *path = git_path("stream"), *marks = git_path("marks");

	tap_write_file(path, stream->data, stream->len);
	irmin_buf_clear(stream);
	git_init(dir, "sha1");
	if (tap_run(NULL,
		"git -C %s -c fastimport.unpackLimit=0 fast-import --quiet "
		"--force --export-marks=%s < %s",
		dir, marks, path) != 0)
		bail("git fast-import failed");
	return read_marks(marks, last);
}

/* ---- merging ---- */

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char *sorted_lines(irmin_buf *lines)
{
	char *all[256], *rest = NULL, *line, *text;
	irmin_buf out = IRMIN_BUF_INIT;
	size_t count = 0, i;

	buf_print(lines, "%s", "");
	for (line = strtok_r((char *)lines->data, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (count == sizeof all / sizeof *all)
			bail("more than %zu lines", count);
		all[count++] = line;
	}
	qsort(all, count, sizeof *all, compare_lines);
	buf_print(&out, "%s", "");
	for (i = 0; i < count; i++)
		if (!i || strcmp(all[i - 1], all[i]) != 0)
			buf_print(&out, "%s\n", all[i]);
	text = strdup((char *)out.data);
	irmin_buf_clear(&out);
	irmin_buf_clear(lines);
	return text;
}

/* "MODE ID STAGE<TAB>PATH", where a path may be "PATH~COMMIT". */
static void add_path(irmin_buf *paths, const char *line)
{
	const char *path = strchr(line, '\t');
	const char *tilde = path ? strrchr(path, '~') : NULL;
	size_t length;

	if (!path)
		bail("git merge-tree says \"%s\"", line);
	path++;
	length = strlen(path);
	if (tilde && strlen(tilde + 1) >= 40)
		length = (size_t)(tilde - path);
	buf_print(paths, "%.*s\n", (int)length, path);
}

/* "1 or 0" "tree" "conflict..." "", each ended by a NUL. */
static const char *read_answer(struct git_merge *merge, const char *at)
{
	irmin_buf paths = IRMIN_BUF_INIT;

	merge->clean = *at == '1';
	at += strlen(at) + 1;
	if (irmin_oid_parse(irmin_text(at), &merge->tree, NULL) < 0)
		bail("git merge-tree says \"%s\"", at);
	for (at += strlen(at) + 1; *at; at += strlen(at) + 1)
		add_path(&paths, at);
	merge->paths = sorted_lines(&paths);
	return at + 1;
}

void git_merge_trees(const char *dir, struct git_merge *merges, size_t count)
{
	char a[IRMIN_OID_HEX_BYTES], b[IRMIN_OID_HEX_BYTES];
	irmin_buf pairs = IRMIN_BUF_INIT;
	struct tap_output said;
	const char *at;
	size_t i;

	for (i = 0; i < count; i++)
		buf_print(&pairs, "%s %s\n",
		    irmin_oid_hex(&merges[i].sides[0], a),
		    irmin_oid_hex(&merges[i].sides[1], b));
	tap_write_file(git_path("pairs"), pairs.data, pairs.len);
	irmin_buf_clear(&pairs);
	if (tap_run(&said,
		"git -C %s merge-tree --write-tree --no-messages -z --stdin "
		"< %s",
		dir, git_path("pairs")) != 0)
		bail("git merge-tree: %s", said.err);
	for (at = said.out, i = 0; i < count; i++)
		at = read_answer(&merges[i], at);
	ok(at == said.out + said.out_len, "git answered of each merge");
	tap_output_clear(&said);
}
