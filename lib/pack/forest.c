/* The walk goes down to one delta after the other, and keeps what is above it.
 * Two things keep that small: a base is freed as soon as its last delta is made,
 * and the delta with most below it is the last. So a chain of any length needs
 * two objects at a time, and no more than log2(n) bases wait for the way back.
 * Should they be large even so, the oldest are dropped, and made again from
 * their root.
 */
#include "lib/pack/forest.h"

#include "lib/core/base/context.h"
#include "lib/core/base/error.h"
#include "lib/pack/delta.h"

#define KEPT_DEFAULT ((size_t)64 << 20)

void irmin__forest_init(irmin__forest *forest, const irmin__forest_calls *calls)
{
	memset(forest, 0, sizeof *forest);
	forest->calls = *calls;
	if (!forest->calls.max_bytes)
		forest->calls.max_bytes = KEPT_DEFAULT;
}

static void drop_body(irmin__forest *forest, size_t at)
{
	irmin__forest_step *step = &forest->path.items[at];

	forest->kept_bytes -= step->body.cap;
	irmin_buf_clear(&step->body);
}

static void leave_path(irmin__forest *forest)
{
	while (forest->path.len)
		drop_body(forest, --forest->path.len);
}

void irmin__forest_clear(irmin__forest *forest)
{
	leave_path(forest);
	IRMIN__VEC_CLEAR(&forest->path);
	IRMIN__VEC_CLEAR(&forest->links);
	irmin_buf_clear(&forest->delta);
	irmin_buf_clear(&forest->leaf);
}

/* ---- the trees ---- */

irmin_rc irmin__forest_add(irmin__forest *forest, uint32_t count,
    irmin_error *err)
{
	const irmin__forest_link root = { IRMIN__FOREST_NONE,
		IRMIN__FOREST_NONE, 1 };
	irmin_rc rc = IRMIN__VEC_RESERVE(&forest->links, count, err);

	for (; rc >= 0 && count; count--)
		IRMIN__VEC_PUSH(&forest->links, root);
	return rc;
}

void irmin__forest_attach(irmin__forest *forest, uint32_t entry, uint32_t base)
{
	irmin__forest_link *links = forest->links.items;

	links[entry].next = links[base].child;
	links[base].child = entry;
	links[base].weight += links[entry].weight;
}

int irmin__forest_has_deltas(const irmin__forest *forest, uint32_t entry)
{
	return forest->links.items[entry].child != IRMIN__FOREST_NONE;
}

/* Moves the heaviest delta of a base to the end. */
static void sort_deltas(irmin__forest *forest, uint32_t base)
{
	irmin__forest_link *links = forest->links.items;
	uint32_t *at, *heaviest = &links[base].child;
	uint32_t entry;

	for (at = heaviest; *at != IRMIN__FOREST_NONE; at = &links[*at].next)
		if (links[*at].weight > links[*heaviest].weight)
			heaviest = at;
	entry = *heaviest;
	if (links[entry].next == IRMIN__FOREST_NONE)
		return;
	*heaviest = links[entry].next;
	*at = entry;
	links[entry].next = IRMIN__FOREST_NONE;
}

/* ---- an object ---- */

/* What is wrong with one object does not end the walk. */
static int is_fault(irmin_rc rc)
{
	return rc == IRMIN_ECORRUPT || rc == IRMIN_ELIMIT || rc == IRMIN_EIO;
}

static irmin_rc apply(irmin__forest *forest, irmin_slice base, irmin_buf *body,
    irmin_error *err)
{
	const irmin_context *context = forest->calls.context;
	irmin_slice delta = irmin_buf_slice(&forest->delta);
	size_t size;
	irmin_rc rc;

	rc = irmin__delta_result_size(delta,
	    context ? context->max_object_bytes : 0, &size, err);
	if (rc >= 0)
		rc = irmin_buf_reserve(body, size, err);
	if (rc >= 0)
		rc = irmin__delta_apply(base, delta, body->data, size, err);
	if (rc >= 0)
		body->len = size;
	return rc;
}

/* Makes an object; `base` is NULL for a root. */
static irmin_rc make(irmin__forest *forest, uint32_t entry,
    const irmin_slice *base, irmin_buf *body, irmin_error *err)
{
	const irmin__forest_calls *calls = &forest->calls;
	irmin_object_type type = IRMIN_OBJECT_ANY;
	irmin_rc rc;

	body->len = 0;
	rc = irmin_buf_reserve(body, 0, err);
	if (rc < 0)
		return rc;
	if (!base)
		return calls->inflate(calls->arg, entry, &forest->type, body,
		    err);
	forest->delta.len = 0;
	rc = calls->inflate(calls->arg, entry, &type, &forest->delta, err);
	if (rc < 0)
		return rc;
	rc = apply(forest, *base, body, err);
	if (is_fault(rc))
		calls->locate(calls->arg, entry, err);
	return rc;
}

/* Gives a step on the path the body that it lost. */
static irmin_rc make_again(irmin__forest *forest, size_t at, irmin_error *err)
{
	irmin__forest_step *path = forest->path.items;
	irmin_buf made = IRMIN_BUF_INIT, next = IRMIN_BUF_INIT;
	irmin_slice base;
	irmin_rc rc = IRMIN_OK;
	size_t from = at;

	while (from && !path[from - 1].body.data)
		from--;
	for (; rc >= 0 && from <= at; from++) {
		base = irmin_buf_slice(
		    made.data || !from ? &made : &path[from - 1].body);
		rc = make(forest, path[from].entry, from ? &base : NULL, &next,
		    err);
		irmin_buf_clear(&made);
		made = next;
		memset(&next, 0, sizeof next);
	}
	if (rc < 0) {
		irmin_buf_clear(&made);
		return rc;
	}
	path[at].body = made;
	forest->kept_bytes += made.cap;
	forest->oldest = at < forest->oldest ? at : forest->oldest;
	return rc;
}

/* ---- the walk ---- */

/* Makes an object, a delta of where the walk is. */
static irmin_rc make_next(irmin__forest *forest, uint32_t entry,
    irmin_buf *body, irmin_error *err)
{
	size_t top = forest->path.len - 1;
	irmin__forest_step *step;
	irmin_slice base;
	irmin_rc rc = IRMIN_OK;

	if (!forest->path.len)
		return make(forest, entry, NULL, body, err);
	step = &forest->path.items[top];
	if (!step->body.data)
		rc = make_again(forest, top, err);
	base = irmin_buf_slice(&step->body);
	if (rc >= 0)
		rc = make(forest, entry, &base, body, err);
	if (step->child == IRMIN__FOREST_NONE)
		drop_body(forest, top);
	return rc;
}

/* Goes down to an object that has deltas; takes its body. */
static irmin_rc go_down(irmin__forest *forest, uint32_t entry, irmin_buf *body,
    irmin_error *err)
{
	irmin__forest_step step = { entry, 0, *body };
	irmin_rc rc = IRMIN__VEC_RESERVE(&forest->path, 1, err);

	if (rc < 0)
		return rc;
	sort_deltas(forest, entry);
	step.child = forest->links.items[entry].child;
	memset(body, 0, sizeof *body);
	forest->kept_bytes += step.body.cap;
	IRMIN__VEC_PUSH(&forest->path, step);
	while (forest->kept_bytes > forest->calls.max_bytes &&
	    forest->oldest + 1 < forest->path.len)
		drop_body(forest, forest->oldest++);
	return IRMIN_OK;
}

static void go_up(irmin__forest *forest)
{
	size_t top = forest->path.len - 1;

	drop_body(forest, top);
	forest->path.len = top;
	if (forest->oldest > top)
		forest->oldest = top;
	if (forest->broken >= top)
		forest->broken = SIZE_MAX;
}

/* Tells of an object, and goes down to it if it has deltas. */
static int tell(irmin__forest *forest, uint32_t entry, irmin_buf *body,
    irmin_error *err)
{
	const irmin__forest_calls *calls = &forest->calls;
	irmin__forest_object object = { entry, IRMIN__FOREST_NONE,
		forest->path.len, forest->type, irmin_buf_slice(body), NULL };
	irmin_buf copy = IRMIN_BUF_INIT;
	int answer;

	if (forest->path.len)
		object.base = forest->path.items[forest->path.len - 1].entry;
	if (forest->broken != SIZE_MAX) {
		object.data = irmin_bytes(NULL, 0);
		object.fault = &forest->fault;
	}
	answer = calls->object(calls->arg, &object, err);
	if (answer || !irmin__forest_has_deltas(forest, entry))
		return answer;
	if (body != &forest->leaf)
		return go_down(forest, entry, body, err);
	/* Its first delta was attached just now. */
	answer = irmin_buf_set(&copy, irmin_buf_slice(body), err);
	if (answer >= 0)
		answer = go_down(forest, entry, &copy, err);
	irmin_buf_clear(&copy);
	return answer;
}

/* Makes an object and tells of it. */
static int visit(irmin__forest *forest, uint32_t entry, irmin_error *err)
{
	int keep = irmin__forest_has_deltas(forest, entry);
	irmin_buf own = IRMIN_BUF_INIT;
	irmin_buf *body = keep ? &own : &forest->leaf;
	int answer = irmin__context_check(forest->calls.context, err);

	if (answer >= 0 && forest->broken == SIZE_MAX) {
		answer = make_next(forest, entry, body, &forest->fault);
		if (is_fault(answer)) {
			forest->broken = forest->path.len;
			answer = IRMIN_OK;
		}
		if (answer < 0 && err)
			*err = forest->fault;
	}
	if (answer >= 0)
		answer = tell(forest, entry, body, err);
	if (forest->broken == forest->path.len)
		forest->broken = SIZE_MAX;
	irmin_buf_clear(&own);
	if (forest->leaf.cap > forest->calls.max_bytes / 4)
		irmin_buf_clear(&forest->leaf);
	if (forest->delta.cap > forest->calls.max_bytes / 4)
		irmin_buf_clear(&forest->delta);
	return answer;
}

irmin_rc irmin__forest_walk(irmin__forest *forest, uint32_t root,
    irmin_error *err)
{
	irmin__forest_step *top;
	uint32_t entry;
	int answer;

	irmin_error_clear(err);
	forest->type = IRMIN_OBJECT_ANY;
	forest->broken = SIZE_MAX;
	forest->oldest = 0;
	answer = visit(forest, root, err);
	while (!answer && forest->path.len) {
		top = &forest->path.items[forest->path.len - 1];
		entry = top->child;
		if (entry == IRMIN__FOREST_NONE) {
			go_up(forest);
			continue;
		}
		top->child = forest->links.items[entry].next;
		answer = visit(forest, entry, err);
	}
	leave_path(forest);
	return answer;
}
