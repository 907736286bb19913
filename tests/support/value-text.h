/*
 * value-text.h - values in a short notation, and merges told in it
 *
 * A number is its digits, bytes a word or anything 'in quotes' (\n is a
 * newline), a list [a b c], a record {name=value other=value}; "-" is an absent
 * value. Words and names are of letters, digits and . / _ and begin with none of
 * 0-9.
 */
#ifndef IRMIN_TESTS_VALUE_TEXT_H
#define IRMIN_TESTS_VALUE_TEXT_H

#include <irmin/merge.h>

/* The value that a text tells, for irmin_value_unref; bails if it tells none. */
irmin_value *value_of(const char *text);

/* What tells a value: one text for each, freed at exit. */
const char *value_text(const irmin_value *value);

/*
 * Checks what a merge makes of three values. `want` is the result, or "!" and
 * what the words of the conflict hold.
 */
#define is_merge(merge, base, ours, theirs, want)                              \
	value_text__is_merge(__FILE__, __LINE__, (merge), (base), (ours),      \
	    (theirs), (want))

void value_text__is_merge(const char *file, int line, irmin_merge *merge,
    const char *base, const char *ours, const char *theirs, const char *want);

#endif
