/* cli/cli-table.c: see cli-table.h. */
#include <stdlib.h>

#include "cli/cli-message.h"
#include "cli/cli-quote.h"
#include "cli/cli-table.h"

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

static void write_cell(const struct cli_table *table, struct cli_out *out,
    size_t i, size_t width)
{
	const struct cli_cell *cell = &table->cells[i];
	unsigned column = (unsigned)(i % table->columns);
	bool right = table->right >> column & 1;
	size_t blanks = width - width_of(cell);

	if (column > 0)
		cli_out_text(out, "  ");
	if (right)
		write_blanks(out, blanks);
	if (cell->color != CLI_PLAIN)
		cli_out_color(out, cell->color);
	cli_quote_line(out, irmin_text(cell->text));
	if (cell->color != CLI_PLAIN)
		cli_out_color(out, CLI_PLAIN);
	if (column + 1 == table->columns)
		cli_out_text(out, "\n");
	else if (!right)
		write_blanks(out, blanks);
}

void cli_table_write(struct cli_table *table, struct cli_out *out)
{
	size_t widths[CLI_TABLE_COLUMNS] = { 0 };

	for (size_t i = 0; i < table->count; i++) {
		size_t *widest = &widths[i % table->columns];
		size_t width = width_of(&table->cells[i]);

		if (width > *widest)
			*widest = width;
	}
	for (size_t i = 0; i < table->count; i++)
		write_cell(table, out, i, widths[i % table->columns]);
	cli_table_clear(table);
}

void cli_table_clear(struct cli_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	cli_table_init(table, table->columns, table->right);
}
