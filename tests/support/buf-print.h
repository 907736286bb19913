/* buf-print.h - texts that tests put together, to compare them. */
#ifndef IRMIN_TESTS_BUF_PRINT_H
#define IRMIN_TESTS_BUF_PRINT_H

#include <irmin/irmin.h>

/* printf at the end of a buf; bails when out of memory. */
void buf_print(irmin_buf *buf, const char *format, ...) IRMIN_PRINTF(2, 3);
void buf_add(irmin_buf *buf, irmin_slice bytes);

/* Whether two have the same bytes; clears both. */
int buf_match(irmin_buf *got, irmin_buf *want);

#endif
