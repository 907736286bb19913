#include "lib/pack/delta-window.h"

#include "lib/core/base/error.h"
#include "lib/core/base/text.h"
#include "lib/pack/delta.h"
#include <irmin/alloc.h>

/* git's defaults: so many are compared, and so long a chain may become. */
#define WINDOW    10
#define DEPTH_MAX 50

/* What is larger costs more memory and time than a delta saves. */
#define OBJECT_MAX_BYTES ((size_t)32 << 20)

/* A delta for less is not worth the second entry that reading it takes. */
#define OBJECT_MIN_BYTES 50

typedef struct candidate {
	irmin_object object;
	irmin__delta_index *index; /* made when it is first asked for */
	size_t number;
	unsigned depth;
} candidate;

struct irmin__delta_window {
	candidate ring[WINDOW];
	size_t taken;   /* so far; the newest is at (taken - 1) % WINDOW */
	unsigned depth; /* of what was looked for last */
	irmin_buf trial;
};

irmin_rc irmin__delta_window_new(irmin__delta_window **window, irmin_error *err)
{
	*window = irmin_calloc(1, sizeof **window);
	return *window ? IRMIN_OK : irmin__enomem(err);
}

static void clear(candidate *old)
{
	irmin__delta_index_free(old->index);
	irmin_pin_release(&old->object.data);
	memset(old, 0, sizeof *old);
}

void irmin__delta_window_free(irmin__delta_window *window)
{
	size_t i;

	if (!window)
		return;
	for (i = 0; i < WINDOW; i++)
		clear(&window->ring[i]);
	irmin_buf_clear(&window->trial);
	irmin_free(window);
}

/* How long a delta may be to be worth it: half of the object, and the less the
 * longer its chain would be. */
static size_t worth(const irmin_object *object, const candidate *base,
    size_t found)
{
	size_t most = object->data.len / 2 - 20;

	if (found && found - 1 < most)
		most = found - 1;
	return most * (DEPTH_MAX - base->depth) / DEPTH_MAX;
}

/* Compares with one; a better delta replaces the one in `delta`. Answers: OK (it
 * did); ABSENT. */
static irmin_rc try_base(irmin__delta_window *window, candidate *base,
    const irmin_object *object, irmin_buf *delta, irmin_error *err)
{
	irmin_slice target = irmin_bytes(object->data.data, object->data.len);
	size_t most = worth(object, base, delta->len);
	irmin_buf better;
	irmin_rc rc;

	if (!most || base->depth >= DEPTH_MAX ||
	    base->object.type != object->type ||
	    base->object.data.len / 32 > target.len)
		return IRMIN_ABSENT;
	if (target.len > base->object.data.len &&
	    target.len - base->object.data.len >= most)
		return IRMIN_ABSENT;
	if (!base->index) {
		rc = irmin__delta_index_new(irmin_bytes(base->object.data.data,
						base->object.data.len),
		    &base->index, err);
		if (rc != IRMIN_OK)
			return rc;
	}
	rc = irmin__delta_make(base->index, target, most, &window->trial, err);
	if (rc != IRMIN_OK)
		return rc;
	better = window->trial;
	window->trial = *delta;
	*delta = better;
	return IRMIN_OK;
}

/* The newest first: it is most alike. */
static irmin_rc search(irmin__delta_window *window, const irmin_object *object,
    candidate **best, irmin_buf *delta, irmin_error *err)
{
	size_t count = window->taken < WINDOW ? window->taken : WINDOW, i;

	for (i = 1; i <= count; i++) {
		candidate *base = &window->ring[(window->taken - i) % WINDOW];
		irmin_rc rc = try_base(window, base, object, delta, err);

		if (rc < 0)
			return rc;
		if (rc == IRMIN_OK)
			*best = base;
	}
	return *best ? IRMIN_OK : IRMIN_ABSENT;
}

static int is_wanted(const irmin_object *object)
{
	return object->data.len >= OBJECT_MIN_BYTES &&
	    object->data.len <= OBJECT_MAX_BYTES;
}

irmin_rc irmin__delta_window_find(irmin__delta_window *window,
    const irmin_object *object, size_t *base, irmin_buf *delta,
    irmin_error *err)
{
	candidate *best = NULL;
	irmin_rc rc;

	*base = 0;
	irmin__buf_empty(delta);
	window->depth = 0;
	if (!is_wanted(object))
		return IRMIN_ABSENT;
	rc = search(window, object, &best, delta, err);
	if (rc == IRMIN_OK) {
		*base = best->number;
		window->depth = best->depth + 1;
	}
	return rc;
}

void irmin__delta_window_take(irmin__delta_window *window, irmin_object *object,
    size_t number)
{
	candidate *at = &window->ring[window->taken % WINDOW];

	if (!is_wanted(object)) {
		irmin_pin_release(&object->data);
		return;
	}
	window->taken++;
	clear(at);
	at->object = *object;
	at->number = number;
	at->depth = window->depth;
	memset(object, 0, sizeof *object);
}
