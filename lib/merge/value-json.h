/* lib/merge/value-json.h: the one form in which JSON is read and written.
 *
 *   {"a":1,"b":[]}     no space outside of strings; names in the order of their
 *                      bytes, none twice
 *   -12                64-bit numbers
 *   0.5 1.50 1e21      others as they were written, which is with a fraction or
 *                      an exponent
 *   true false null
 *   "\"\\\b\f\n\r\t"   and \u00hh for other control characters below space; all
 *                      else as it is, in UTF-8
 *
 * Numbers that are not of 64 bits and the three words are bytes as values, with
 * a mark that no string begins with.
 */
#ifndef IRMIN_MERGE_VALUE_JSON_H
#define IRMIN_MERGE_VALUE_JSON_H

#include <irmin/bytes.h>

#define IRMIN__JSON_MARK "\xff"

/* What is escaped by a letter, and the letters. */
#define IRMIN__JSON_ESCAPED "\"\\\b\f\n\r\t"
#define IRMIN__JSON_LETTERS "\"\\bfnrt"

/* How many bytes at the beginning are true, false, null or a number; 0: none
 * are. `is_whole`: a number without fraction and exponent. */
size_t irmin__json_word(irmin_slice text, int *is_whole);

/* How many bytes at the beginning stand in a string as they are. */
size_t irmin__json_plain(irmin_slice text);

#endif
