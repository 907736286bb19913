/* cli/cli-out.h: writing to standard output and standard error.
 *
 * Buffered, and it never forgets a failure: after the first write that the
 * system refused, the rest is dropped and `error` says why.
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include <irmin/bytes.h>

struct cli_out {
	int fd;
	int error;     /* errno of the first write that failed, or 0 */
	bool terminal; /* people read it: escape what could harm them */
	bool color;
	size_t columns; /* of the terminal; 0: who knows */
	size_t len;
	char bytes[32768];
};

enum cli_color {
	CLI_PLAIN,
	CLI_BOLD,
	CLI_RED,
	CLI_GREEN,
	CLI_YELLOW,
	CLI_CYAN
};

void cli_out_init(struct cli_out *out, int fd);

void cli_out_bytes(struct cli_out *out, const void *data, size_t len);
void cli_out_slice(struct cli_out *out, irmin_slice slice);
void cli_out_text(struct cli_out *out, const char *text);

/* For numbers and our own words: at most 1,023 bytes. */
void cli_out_printf(struct cli_out *out, const char *format, ...)
    IRMIN_PRINTF(2, 3);

/* What follows has this colour, where colours are wanted. */
void cli_out_color(struct cli_out *out, enum cli_color color);

/* Writes what is left; false if this or an earlier write failed. */
bool cli_out_flush(struct cli_out *out);

#endif
