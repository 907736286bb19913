/* lib/merge/value-line.h: any bytes as one line of UTF-8. */
#ifndef IRMIN_MERGE_VALUE_LINE_H
#define IRMIN_MERGE_VALUE_LINE_H

#include <irmin/bytes.h>

/* Appends the line of these bytes. Fails: ENOMEM. */
irmin_rc irmin__line_escape(irmin_slice bytes, irmin_buf *line,
    irmin_error *err);

/* How many bytes at the beginning stand in their line as they are. */
size_t irmin__line_plain(irmin_slice bytes);

/* How many bytes the line of these has. */
size_t irmin__line_length(irmin_slice bytes);

/* Appends the bytes that have this line. Fails: EINVAL (no bytes have it; tells
 * where, and leaves `err` to the caller), ENOMEM. */
irmin_rc irmin__line_unescape(irmin_slice line, irmin_buf *bytes, size_t *bad,
    irmin_error *err);

#endif
