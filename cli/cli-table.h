/* cli/cli-table.h: columns that stand under each other. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "cli/cli-out.h"

#define CLI_TABLE_COLUMNS 4

struct cli_cell {
	char *text;
	enum cli_color color;
};

struct cli_table {
	unsigned columns;
	unsigned right; /* bit i: column i stands at its right edge */
	struct cli_cell *cells;
	size_t count, room;
};

void cli_table_init(struct cli_table *table, unsigned columns, unsigned right);

/* The next cell, row by row; the text is copied. */
void cli_table_add(struct cli_table *table, irmin_slice text,
    enum cli_color color);

/* Writes all rows, two blanks between the columns, and empties the table. On a
 * terminal the last column is broken into lines that fit. */
void cli_table_write(struct cli_table *table, struct cli_out *out);
void cli_table_clear(struct cli_table *table);

#endif
