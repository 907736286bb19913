/* lib/merge/lines.h: texts as lines, and which lines differ. */
#ifndef IRMIN_MERGE_LINES_H
#define IRMIN_MERGE_LINES_H

#include <irmin/bytes.h>

/* The lines of a text, which lives longer. A line ends with its newline; the
 * last one need not have one, and differs from the same with one. */
typedef struct irmin__lines {
	irmin_slice text;
	size_t *starts; /* where each begins; one more: the end of the text */
	size_t *ids;    /* of equal lines equal, in all texts split together */
	size_t count;
} irmin__lines;

/* Splits some texts; `ids` is how many lines differ in all. Fails: ENOMEM. */
irmin_rc irmin__lines_split(const irmin_slice *texts, size_t count,
    irmin__lines *lines, size_t *ids, irmin_error *err);

/* All zero is accepted. */
void irmin__lines_clear(irmin__lines *lines, size_t count);

/* The bytes of some lines. */
irmin_slice irmin__lines_text(const irmin__lines *lines, size_t from,
    size_t until);

/* Marks the lines of two texts that are not common to both: there is one mark for
 * each line, zero before. What is not marked is the same in both, in order.
 * `ids` is that of the split. Fails: ENOMEM. */
irmin_rc irmin__lines_diff(const irmin__lines *from, const irmin__lines *to,
    size_t ids, unsigned char *from_marks, unsigned char *to_marks,
    irmin_error *err);

/* Where one and the same change can be told in several places, tells it as low
 * as it goes, but beside a change of the other text where it can: as git does. */
void irmin__lines_slide(const irmin__lines *lines, unsigned char *marks,
    const irmin__lines *other, unsigned char *other_marks);

#endif
