/* lib/pack/delta-window.h: the search for bases among objects that come one after
 * another, those much alike close together, the larger ones first.
 */
#ifndef IRMIN_PACK_DELTA_WINDOW_H
#define IRMIN_PACK_DELTA_WINDOW_H

#include <irmin/object.h>

typedef struct irmin__delta_window irmin__delta_window;

irmin_rc irmin__delta_window_new(irmin__delta_window **window,
    irmin_error *err);
void irmin__delta_window_free(irmin__delta_window *window);

/* Looks for the base of an object among the last ten of its type that were taken
 * in. Answers: OK (`base` is the number of one, `delta` what differs from it);
 * ABSENT (none is worth it). Fails: ENOMEM. */
irmin_rc irmin__delta_window_find(irmin__delta_window *window,
    const irmin_object *object, size_t *base, irmin_buf *delta,
    irmin_error *err);

/* Takes in the object that was looked for last, as number `number`; its pin is
 * the window's from now on. */
void irmin__delta_window_take(irmin__delta_window *window,
    irmin_object *object, size_t number);

#endif
