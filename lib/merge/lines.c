#include "lib/merge/lines.h"

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/base/table.h"
#include <irmin/alloc.h>

/* ---- where lines begin ---- */

static size_t line_length(irmin_slice rest)
{
	size_t newline = irmin__slice_find(rest, '\n');

	return newline < rest.len ? newline + 1 : rest.len;
}

static size_t count_lines(irmin_slice text)
{
	size_t count = 0;

	for (; text.len; count++)
		text = irmin__slice_from(text, line_length(text));
	return count;
}

static irmin_rc find_lines(irmin_slice text, irmin__lines *lines,
    irmin_error *err)
{
	size_t i;

	lines->text = text;
	lines->count = count_lines(text);
	lines->starts = irmin_calloc(lines->count + 1, sizeof *lines->starts);
	lines->ids = irmin_calloc(lines->count, sizeof *lines->ids);
	if (!lines->starts || !lines->ids)
		return irmin__enomem(err);
	for (i = 0; i < lines->count; i++)
		lines->starts[i + 1] = lines->starts[i] +
		    line_length(irmin__slice_from(text, lines->starts[i]));
	return IRMIN_OK;
}

irmin_slice irmin__lines_text(const irmin__lines *lines, size_t from,
    size_t until)
{
	irmin_slice text = irmin__slice_until(lines->text,
	    lines->starts[until]);

	return irmin__slice_from(text, lines->starts[from]);
}

void irmin__lines_clear(irmin__lines *lines, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		irmin_free(lines[i].starts);
		irmin_free(lines[i].ids);
	}
	memset(lines, 0, count * sizeof *lines);
}

/* ---- which are equal ---- */

static irmin_slice line_of(const void *entry)
{
	return *(const irmin_slice *)entry;
}

/* Numbers the lines; `known` has room for all that differ. */
static irmin_rc number_lines(irmin__lines *lines, irmin__table *table,
    irmin_slice *known, size_t *ids, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;
	size_t i;

	for (i = 0; rc >= 0 && i < lines->count; i++) {
		irmin_slice line = irmin__lines_text(lines, i, i + 1);
		irmin_slice *found = irmin__table_find(table, line);

		if (!found) {
			found = &known[(*ids)++];
			*found = line;
			rc = irmin__table_add(table, found, err);
		}
		lines->ids[i] = (size_t)(found - known);
	}
	return rc;
}

irmin_rc irmin__lines_split(const irmin_slice *texts, size_t count,
    irmin__lines *lines, size_t *ids, irmin_error *err)
{
	irmin_slice *known = NULL;
	irmin_rc rc = IRMIN_OK;
	irmin__table table;
	size_t i, all = 0;

	*ids = 0;
	memset(lines, 0, count * sizeof *lines);
	irmin__table_init(&table, line_of, (uintptr_t)&table);
	for (i = 0; rc >= 0 && i < count; i++) {
		rc = find_lines(texts[i], &lines[i], err);
		all += lines[i].count;
	}
	if (rc >= 0 && !(known = irmin_calloc(all, sizeof *known)))
		rc = irmin__enomem(err);
	for (i = 0; rc >= 0 && i < count; i++)
		rc = number_lines(&lines[i], &table, known, ids, err);
	irmin__table_clear(&table);
	irmin_free(known);
	if (rc < 0)
		irmin__lines_clear(lines, count);
	return rc;
}
