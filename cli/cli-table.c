/* cli/cli-table.c: see cli-table.h. */
#include <stdlib.h>

#include "cli/cli-message.h"
#include "cli/cli-quote.h"
#include "cli/cli-table.h"

#define GAP           2  /* blanks between two columns */
#define LEAST_ROOM    24 /* for words of the last column, beside the others; */
#define NARROW_INDENT 4  /* else they stand below them, so far in */

void cli_table_init(struct cli_table *table, unsigned columns, unsigned right)
{
	table->columns = columns;
	table->right = right;
	table->cells = NULL;
	table->count = 0;
	table->room = 0;
}

void cli_table_add(struct cli_table *table, irmin_slice text,
    enum cli_color color)
{
	if (table->count == table->room) {
		table->room = table->room ? 2 * table->room : 32;
		table->cells = cli_realloc(table->cells,
		    table->room * sizeof(*table->cells));
	}
	table->cells[table->count].text = cli_text_copy(text.data, text.len);
	table->cells[table->count].color = color;
	table->count++;
}

static size_t width_of(const struct cli_cell *cell)
{
	return cli_quote_line(NULL, irmin_text(cell->text));
}

static void write_blanks(struct cli_out *out, size_t count)
{
	for (; count > 0; count--)
		cli_out_text(out, " ");
}

/* How much of a text stands in a line of `room` characters: whole words, at
 * least one. */
static size_t line_length(irmin_slice text, size_t room)
{
	const char *data = text.data;
	size_t fits = 0;

	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && data[i] != ' ')
			continue;
		if (fits > 0 &&
		    cli_quote_line(NULL, irmin_bytes(data, i)) > room)
			break;
		fits = i;
	}
	return fits;
}

/* The text in lines that fit behind `indent` characters, the first of which is
 * begun already. */
static void write_lines(struct cli_out *out, irmin_slice text, size_t indent)
{
	size_t room = out->columns > indent ? out->columns - indent : 1;

	while (text.len > 0) {
		size_t len = line_length(text, room);
		size_t step = len < text.len ? len + 1 : len; /* the blank */
		const char *data = text.data;

		cli_quote_line(out, irmin_bytes(data, len));
		text = irmin_bytes(data + step, text.len - step);
		if (text.len > 0) {
			cli_out_text(out, "\n");
			write_blanks(out, indent);
		}
	}
}

/* The last cell of a row, behind `indent` characters. */
static void write_last(struct cli_out *out, irmin_slice text, size_t indent)
{
	bool fits = out->columns == 0 ||
	    indent + cli_quote_line(NULL, text) <= out->columns;

	if (fits) {
		cli_quote_line(out, text);
	} else if (indent + LEAST_ROOM <= out->columns) {
		write_lines(out, text, indent);
	} else {
		cli_out_text(out, "\n");
		write_blanks(out, NARROW_INDENT);
		write_lines(out, text, NARROW_INDENT);
	}
}

/* `at`: what stands before it in its line, in characters. */
static void write_cell(const struct cli_table *table, struct cli_out *out,
    size_t i, size_t width, size_t at)
{
	const struct cli_cell *cell = &table->cells[i];
	unsigned column = (unsigned)(i % table->columns);
	bool last = column + 1 == table->columns;
	bool right = table->right >> column & 1;
	size_t blanks = width - width_of(cell);

	if (right)
		write_blanks(out, blanks);
	if (cell->color != CLI_PLAIN)
		cli_out_color(out, cell->color);
	if (last)
		write_last(out, irmin_text(cell->text),
		    at + (right ? blanks : 0));
	else
		cli_quote_line(out, irmin_text(cell->text));
	if (cell->color != CLI_PLAIN)
		cli_out_color(out, CLI_PLAIN);
	if (last)
		cli_out_text(out, "\n");
	else
		write_blanks(out, (right ? 0 : blanks) + GAP);
}

void cli_table_write(struct cli_table *table, struct cli_out *out)
{
	size_t widths[CLI_TABLE_COLUMNS] = { 0 };
	size_t at = 0;

	for (size_t i = 0; i < table->count; i++) {
		size_t *widest = &widths[i % table->columns];
		size_t width = width_of(&table->cells[i]);

		if (width > *widest)
			*widest = width;
	}
	for (size_t i = 0; i < table->count; i++) {
		size_t column = i % table->columns;

		at = column == 0 ? 0 : at + widths[column - 1] + GAP;
		write_cell(table, out, i, widths[column], at);
	}
	cli_table_clear(table);
}

void cli_table_clear(struct cli_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	cli_table_init(table, table->columns, table->right);
}
