/* cli/cli-quote.h: text from outside, written so that it can do no harm. */
#ifndef CLI_QUOTE_H
#define CLI_QUOTE_H

#include "cli/cli-out.h"

/* The length of the character that begins at `data` if it is well-formed UTF-8
 * and can be printed as it is (no control character, C1 ones included); else
 * 0. */
size_t cli_quote_printable(const unsigned char *data, size_t len);

/* Non-zero if all of it is well-formed UTF-8, control characters included. */
bool cli_quote_is_utf8(irmin_slice text);

/* A path as `git ls-files` writes it: bare, or in double quotes with C escapes
 * when it holds a control character, a quote, a backslash or a byte above
 * 127. */
void cli_quote_path(struct cli_out *out, irmin_slice path);

/* The same, with a prefix ("a/") inside the quotes. */
void cli_quote_prefixed(struct cli_out *out, const char *prefix,
    irmin_slice path);

/* The same for people: UTF-8 that can be printed stays. */
void cli_quote_name(struct cli_out *out, irmin_slice name);

/* One line for people: all control characters and broken UTF-8 as escapes, \xHH
 * as in the library's messages. Returns its width in characters; `out` may be NULL. */
size_t cli_quote_line(struct cli_out *out, irmin_slice text);

/* Text as it is, except on a terminal: there control characters other than tab
 * and newline, and broken UTF-8, become such escapes. */
void cli_quote_text(struct cli_out *out, irmin_slice text);

#endif
