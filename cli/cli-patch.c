/* cli/cli-patch.c: see cli-patch.h. The form of `git diff`:
 *
 *	diff --git a/PATH b/PATH
 *	old mode 100644 / new mode 100755, or new / deleted file mode 100644
 *	index OLD..NEW 100644
 *	--- a/PATH, or /dev/null
 *	+++ b/PATH, or /dev/null
 *	@@ -FIRST,COUNT +FIRST,COUNT @@
 *	 a line of both, or one behind - or +
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli-diff.h"
#include "cli/cli-message.h"
#include "cli/cli-patch.h"
#include "cli/cli-quote.h"
#include "cli/cli-value.h"

#define CONTEXT 3
#define SNIFFED 8000 /* bytes in which git looks for a NUL */

/* One side of a change: what is written of it. */
struct side {
	irmin_mode mode;
	irmin_oid id;
	irmin_pin pin;
	irmin_slice text;
	char gitlink[32 + IRMIN_OID_HEX_BYTES];
};

static void write_line(struct cli_out *out, char sign, irmin_slice line)
{
	const char *data = line.data;
	bool ended = line.len > 0 && data[line.len - 1] == '\n';
	enum cli_color color = sign == '-' ? CLI_RED
	    : sign == '+'                  ? CLI_GREEN
					   : CLI_PLAIN;

	if (color != CLI_PLAIN)
		cli_out_color(out, color);
	cli_out_bytes(out, &sign, 1);
	cli_quote_text(out, irmin_bytes(data, line.len - ended));
	if (color != CLI_PLAIN)
		cli_out_color(out, CLI_PLAIN);
	cli_out_text(out, "\n");
	if (!ended)
		cli_out_text(out, "\\ No newline at end of file\n");
}

static void write_range(struct cli_out *out, char sign, size_t from, size_t to)
{
	size_t count = to - from;

	cli_out_printf(out, "%c%zu", sign, count > 0 ? from + 1 : from);
	if (count != 1)
		cli_out_printf(out, ",%zu", count);
}

/* How many lines of context fit before `block` and behind `last`. */
static void write_hunk_head(struct cli_out *out, const struct cli_diff *diff,
    const struct cli_diff_block *first, const struct cli_diff_block *last,
    size_t *before, size_t *after)
{
	size_t left = diff->old.count - last->old_to;

	*before = first->old_from < CONTEXT ? first->old_from : CONTEXT;
	*after = left < CONTEXT ? left : CONTEXT;
	cli_out_color(out, CLI_CYAN);
	cli_out_text(out, "@@ ");
	write_range(out, '-', first->old_from - *before, last->old_to + *after);
	cli_out_text(out, " ");
	write_range(out, '+', first->new_from - *before, last->new_to + *after);
	cli_out_text(out, " @@");
	cli_out_color(out, CLI_PLAIN);
	cli_out_text(out, "\n");
}

static void write_lines(struct cli_out *out, char sign,
    const struct cli_lines *side, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		write_line(out, sign, side->lines[i]);
}

/* The last block that shares a hunk with `first`. */
static struct cli_diff_block last_of_hunk(const struct cli_diff *diff,
    const struct cli_diff_block *first)
{
	struct cli_diff_block last = *first;
	struct cli_diff_block next = *first;

	while (cli_diff_next(diff, &next) &&
	    next.old_from - last.old_to <= 2 * (size_t)CONTEXT)
		last = next;
	return last;
}

static struct cli_diff_block write_hunk(struct cli_out *out,
    const struct cli_diff *diff, const struct cli_diff_block *first)
{
	struct cli_diff_block last = last_of_hunk(diff, first);
	struct cli_diff_block block = *first;
	size_t before, after;

	write_hunk_head(out, diff, first, &last, &before, &after);
	write_lines(out, ' ', &diff->old, first->old_from - before,
	    first->old_from);
	for (;;) {
		size_t shown = block.old_to;

		write_lines(out, '-', &diff->old, block.old_from, block.old_to);
		write_lines(out, '+', &diff->new, block.new_from, block.new_to);
		if (block.old_to == last.old_to && block.new_to == last.new_to)
			break;
		if (!cli_diff_next(diff, &block))
			break;
		write_lines(out, ' ', &diff->old, shown, block.old_from);
	}
	write_lines(out, ' ', &diff->old, last.old_to, last.old_to + after);
	return last;
}

static bool is_binary(irmin_slice text)
{
	size_t len = text.len < SNIFFED ? text.len : SNIFFED;

	return len > 0 && memchr(text.data, '\0', len);
}

static void write_name(struct cli_out *out, const char *before,
    const char *prefix, irmin_slice path, bool there)
{
	cli_out_text(out, before);
	if (there)
		cli_quote_prefixed(out, prefix, path);
	else
		cli_out_text(out, "/dev/null");
}

static void write_content(struct cli_out *out, irmin_slice path,
    const struct side *old, const struct side *new)
{
	struct cli_diff diff;
	struct cli_diff_block block = { 0 };

	if (is_binary(old->text) || is_binary(new->text)) {
		write_name(out, "Binary files ", "a/", path, old->mode != 0);
		write_name(out, " and ", "b/", path, new->mode != 0);
		cli_out_text(out, " differ\n");
		return;
	}
	cli_diff_init(&diff, old->text, new->text);
	if (cli_diff_next(&diff, &block)) {
		cli_out_color(out, CLI_BOLD);
		write_name(out, "--- ", "a/", path, old->mode != 0);
		write_name(out, "\n+++ ", "b/", path, new->mode != 0);
		cli_out_color(out, CLI_PLAIN);
		cli_out_text(out, "\n");
		do
			block = write_hunk(out, &diff, &block);
		while (cli_diff_next(&diff, &block) && !out->error);
	}
	cli_diff_clear(&diff);
}

static void write_modes(struct cli_out *out, const struct side *old,
    const struct side *new)
{
	unsigned before = (unsigned)old->mode;
	unsigned after = (unsigned)new->mode;

	if (!before)
		cli_out_printf(out, "new file mode %06o\n", after);
	else if (!after)
		cli_out_printf(out, "deleted file mode %06o\n", before);
	else if (before != after)
		cli_out_printf(out, "old mode %06o\nnew mode %06o\n", before,
		    after);
}

static void write_file(struct cli_out *out, irmin_slice path,
    const struct side *old, const struct side *new)
{
	char before[CLI_SHORT_ID + 1];
	char after[CLI_SHORT_ID + 1];

	cli_out_color(out, CLI_BOLD);
	cli_out_text(out, "diff --git ");
	cli_quote_prefixed(out, "a/", path);
	cli_out_text(out, " ");
	cli_quote_prefixed(out, "b/", path);
	cli_out_text(out, "\n");
	write_modes(out, old, new);
	if (irmin_oid_compare(&old->id, &new->id) != 0) {
		cli_out_printf(out, "index %s..%s",
		    cli_value_short_id(&old->id, before),
		    cli_value_short_id(&new->id, after));
		if (old->mode == new->mode)
			cli_out_printf(out, " %06o", (unsigned)old->mode);
		cli_out_text(out, "\n");
	}
	cli_out_color(out, CLI_PLAIN);
	write_content(out, path, old, new);
}

static irmin_rc load_side(struct cli *cli, irmin_diff *diff, int which,
    struct side *side)
{
	char hex[IRMIN_OID_HEX_BYTES];
	irmin_rc rc;

	if (side->mode == IRMIN_MODE_GITLINK) {
		snprintf(side->gitlink, sizeof(side->gitlink),
		    "Subproject commit %s\n", irmin_oid_hex(&side->id, hex));
		side->text = irmin_text(side->gitlink);
		return IRMIN_OK;
	}
	rc = irmin_diff_value(diff, which, &side->pin, &cli->err);
	side->text = irmin_bytes(side->pin.data, side->pin.len);
	return rc;
}

/* What is of another type (a file that became a symlink) was removed and
 * added. */
static bool same_type(irmin_mode a, irmin_mode b)
{
	return ((unsigned)a & 0170000) == ((unsigned)b & 0170000);
}

static irmin_rc write_change(struct cli *cli, irmin_diff *diff,
    const irmin_change *change)
{
	struct side none = { 0 };
	struct side old = { .mode = change->old_mode, .id = change->old_id };
	struct side new = { .mode = change->new_mode, .id = change->new_id };
	irmin_rc rc;

	rc = load_side(cli, diff, 0, &old);
	if (rc >= 0)
		rc = load_side(cli, diff, 1, &new);
	if (rc >= 0 && old.mode && new.mode && !same_type(old.mode, new.mode)) {
		write_file(&cli->out, change->path, &old, &none);
		write_file(&cli->out, change->path, &none, &new);
	} else if (rc >= 0) {
		write_file(&cli->out, change->path, &old, &new);
	}
	irmin_pin_release(&old.pin);
	irmin_pin_release(&new.pin);
	return rc;
}

static const char *letter_of(const irmin_change *change)
{
	return change->kind == IRMIN_CHANGE_ADDED           ? "A"
	    : change->kind == IRMIN_CHANGE_REMOVED          ? "D"
	    : same_type(change->old_mode, change->new_mode) ? "M"
							    : "T";
}

static void json_side(struct cli_json *json, const char *key, irmin_mode mode,
    const irmin_oid *id)
{
	cli_json_key(json, key);
	if (mode == IRMIN_MODE_NONE) {
		cli_json_null(json);
		return;
	}
	cli_json_begin(json, '{');
	cli_value_json_mode(json, mode);
	cli_json_key(json, "id");
	cli_json_oid(json, id);
	cli_json_end(json, '}');
}

static void json_change(struct cli_json *json, const irmin_change *change)
{
	cli_json_begin(json, '{');
	cli_json_key(json, "path");
	cli_json_bytes(json, change->path);
	cli_json_key(json, "change");
	cli_json_text(json, letter_of(change));
	json_side(json, "old", change->old_mode, &change->old_id);
	json_side(json, "new", change->new_mode, &change->new_id);
	cli_json_end(json, '}');
}

static irmin_rc tell_change(struct cli *cli, irmin_diff *diff,
    const irmin_change *change, enum cli_patch_form form, struct cli_json *json)
{
	switch (form) {
	case CLI_PATCH_LINES:
		return write_change(cli, diff, change);
	case CLI_PATCH_KINDS:
		cli_out_printf(&cli->out, "%s\t", letter_of(change));
		cli_quote_path(&cli->out, change->path);
		cli_out_text(&cli->out, "\n");
		break;
	case CLI_PATCH_NAMES:
		cli_quote_path(&cli->out, change->path);
		cli_out_text(&cli->out, "\n");
		break;
	case CLI_PATCH_JSON:
		json_change(json, change);
		break;
	}
	return IRMIN_OK;
}

irmin_rc cli_patch_write(struct cli *cli, irmin_tree *from, irmin_tree *to,
    const char *path, enum cli_patch_form form, struct cli_json *json)
{
	irmin_diff *diff = NULL;
	irmin_rc rc;

	rc = irmin_tree_diff(from, to, path, &diff, &cli->err);
	while (rc >= 0 && !cli->out.error) {
		irmin_change change;

		rc = irmin_diff_next(diff, &change, &cli->err);
		if (rc == IRMIN_END) {
			rc = IRMIN_OK;
			break;
		}
		if (rc >= 0)
			rc = tell_change(cli, diff, &change, form, json);
	}
	irmin_diff_free(diff);
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc cli_patch_before(struct cli *cli, irmin_commit *commit,
    irmin_tree **tree)
{
	irmin_commit *parent = NULL;
	irmin_rc rc;

	*tree = NULL;
	rc = irmin_commit_parent(commit, 0, &parent, &cli->err);
	if (rc == IRMIN_OK)
		rc = irmin_commit_tree(parent, tree, &cli->err);
	irmin_commit_unref(parent);
	if (rc != IRMIN_ETRUNCATED)
		return rc < 0 ? rc : IRMIN_OK;
	irmin_error_clear(&cli->err);
	return IRMIN_OK;
}
