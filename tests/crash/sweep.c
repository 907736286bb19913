#include "tests/crash/sweep.h"

#include "tests/support/alloc-fault.h"
#include "tests/support/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENOUGH     20000 /* more would be a loop without end */
#define FULL_EVERY 4     /* reading everything takes its time */

enum place { BEFORE, AFTER, ELSEWHERE };

/* A life in which nothing goes wrong: what it looks like between its steps. */
struct reference {
	irmin_buf refs[32];
	irmin_buf full[32];
};

struct sweep {
	const struct sweep_fault *fault;
	const struct reference *reference;
	struct life life;
	size_t step;
	uint64_t n;
	bool held;
};

static irmin_buf *states(const struct sweep *self, bool full)
{
	const struct reference *reference = self->reference;

	return (irmin_buf *)(full ? reference->full : reference->refs);
}

static void complain(struct sweep *self, const char *what, const char *text)
{
	self->held = false;
	ok(false, "%s, %s %ju: %s", life_step_name(self->step),
	    self->fault->name, (uintmax_t)self->n, what);
	diag("%s", text);
}

static void tell_difference(const struct sweep *self, bool full,
    const irmin_buf *got)
{
	const irmin_buf *want = &states(self, full)[self->step];

	diag("before:\n%s\nafter:\n%s\ngot:\n%s", want[0].data, want[1].data,
	    got->data);
}

static bool same(const irmin_buf *a, const irmin_buf *b)
{
	return irmin_slice_equal(irmin_buf_slice(a), irmin_buf_slice(b));
}

/* Whether the step leaves a trace; BEFORE and AFTER are one if not. */
static bool changes_something(const struct sweep *self)
{
	const irmin_buf *want = &states(self, false)[self->step];

	return !same(&want[0], &want[1]);
}

/* Where the life stands: before the step, or after it. */
static enum place find_place(struct sweep *self, bool full, const char *who)
{
	const irmin_buf *want = &states(self, full)[self->step];
	irmin_buf got = IRMIN_BUF_INIT;
	enum place place = ELSEWHERE;
	irmin_error err;
	irmin_rc rc;

	rc = full ? life_state(&self->life, &got, &err)
		  : life_refs(&self->life, &got, &err);
	if (rc < 0) {
		complain(self, who, err.text);
	} else if (same(&got, &want[0])) {
		place = BEFORE;
	} else if (same(&got, &want[1])) {
		place = AFTER;
	} else {
		complain(self, who, "neither the state before nor after");
		tell_difference(self, full, &got);
	}
	irmin_buf_clear(&got);
	return place;
}

static bool is_volatile(const struct sweep *self)
{
	return strcmp(self->life.scheme, "mem") == 0;
}

/* To the point just before the step, with handles that have read nothing. */
static void stand_before_step(struct sweep *self, enum place place)
{
	irmin_error err;

	if (place == BEFORE && !is_volatile(self) &&
	    !life_step_needs_past(self->step)) {
		life_close(&self->life);
		if (life_open(&self->life, &err) >= 0)
			return;
		complain(self, "opened again", err.text);
	}
	life_end(&self->life);
	life_begin(&self->life, self->step);
}

/* Whether there is a repository, after the making of one failed. */
static void open_if_there(struct sweep *self)
{
	irmin_error err;
	irmin_rc rc = life_open(&self->life, &err);

	/* A part of it may be there, if another try makes it whole. */
	if (self->step == 0 && (rc == IRMIN_EMISSING || rc == IRMIN_EINVAL))
		return;
	if (rc < 0)
		complain(self, "opened again", err.text);
}

static void check_failure(struct sweep *self, irmin_rc rc,
    const irmin_error *err)
{
	const struct sweep_fault *fault = self->fault;
	char text[600];

	snprintf(text, sizeof(text), "%s: %s", irmin_rc_name(rc), err->text);
	if (fault->code && rc != fault->code)
		complain(self, "the wrong code", text);
	if (err->code != rc || !err->text[0])
		complain(self, "err is not filled", text);
}

/* What failed once can be done by the same handles, unless it is not known any
 * more what is on the disk: then they read, and write nothing. */
static void try_again(struct sweep *self, bool full)
{
	enum sweep_answer ends = self->fault->ends_writing
	    ? self->fault->ends_writing(&self->life)
	    : SWEEP_NO;
	irmin_error err;
	irmin_rc rc;

	irmin_error_clear(&err);
	rc = life_step(&self->life, self->step, &err);
	if (ends == SWEEP_YES && rc != IRMIN_EIO && changes_something(self))
		complain(self, "writes go on after a failed sync", err.text);
	else if (rc < 0 && (ends == SWEEP_NO || rc != IRMIN_EIO))
		complain(self, "tried again", err.text);
	else if (rc >= 0 && changes_something(self) &&
	    find_place(self, full, "tried again") == BEFORE)
		complain(self, "tried again", "it was not done");
}

/* By the handles that saw it fail. */
static enum place look_through_handles(struct sweep *self, bool full,
    bool failed)
{
	enum place place = find_place(self, full, "the same handle");

	if (place == BEFORE && failed && (full || is_volatile(self)))
		try_again(self, full);
	return place;
}

/* The step failed, or the machine stopped: what is there now? */
static enum place look_around(struct sweep *self, bool failed)
{
	const struct sweep_fault *fault = self->fault;
	bool full = self->n % FULL_EVERY == 0;
	enum place place = BEFORE;

	if (!fault->restart) {
		fault->plan(&self->life, 0);
		if (self->life.repo)
			place = look_through_handles(self, full, failed);
	}
	if (is_volatile(self))
		return place;
	life_close(&self->life);
	if (fault->restart)
		fault->restart(&self->life);
	if (fault->inspect)
		fault->inspect(&self->life, self->step, self->n);
	open_if_there(self);
	return find_place(self, full, "a new handle");
}

static void make_again(struct sweep *self)
{
	irmin_error err;

	life_close(&self->life);
	if (life_step(&self->life, 0, &err) < 0)
		complain(self, "made again", err.text);
	else if (find_place(self, false, "made again") == BEFORE)
		complain(self, "made again", "it is not there");
}

/* Does the step with the n-th going wrong; false when nothing did. */
static bool run_once(struct sweep *self, enum place *place)
{
	const struct sweep_fault *fault = self->fault;
	irmin_error err;
	irmin_rc rc;

	memset(&err, 0, sizeof(err));
	fault->plan(&self->life, self->n);
	rc = life_step(&self->life, self->step, &err);
	if (!fault->happened(&self->life)) {
		fault->plan(&self->life, 0);
		if (rc < 0)
			complain(self, "nothing went wrong", err.text);
		return false;
	}
	if (rc < 0)
		check_failure(self, rc, &err);
	*place = look_around(self, rc < 0);
	if (rc >= 0 && *place == BEFORE && changes_something(self))
		complain(self, "it said that it was done", "it was not");
	if (self->step == 0)
		make_again(self);
	return true;
}

static uint64_t sweep_step(struct sweep *self)
{
	size_t live = alloc_fault_live();
	enum place place = AFTER;

	self->held = true;
	for (self->n = 1; self->n < ENOUGH; self->n++) {
		stand_before_step(self, place);
		if (!run_once(self, &place))
			break;
	}
	if (self->n == ENOUGH)
		complain(self, "there is no end", "");
	else if (find_place(self, true, "in the end") == BEFORE &&
	    changes_something(self))
		complain(self, "in the end", "the step was not done");
	life_end(&self->life);
	if (alloc_fault_live() != live)
		complain(self, "memory leaked", "blocks are left");
	ok(self->held, "%s: %s, each once, n = 1 to %ju",
	    life_step_name(self->step), self->fault->name,
	    (uintmax_t)(self->n - 1));
	return self->n - 1;
}

static void write_reference(struct reference *reference,
    const struct life *like)
{
	struct life life = *like;
	irmin_error err;
	size_t i;

	memset(reference, 0, sizeof(*reference));
	life_begin(&life, 0);
	for (i = 0; i <= life_steps(); i++) {
		if (i > 0 && life_step(&life, i - 1, &err) < 0)
			bail("%s: %s", life_step_name(i - 1), err.text);
		if (life_refs(&life, &reference->refs[i], &err) < 0 ||
		    life_state(&life, &reference->full[i], &err) < 0)
			bail("the state after step %zu: %s", i, err.text);
	}
	life_end(&life);
}

static void clear_reference(struct reference *reference)
{
	size_t i;

	for (i = 0; i <= life_steps(); i++) {
		irmin_buf_clear(&reference->refs[i]);
		irmin_buf_clear(&reference->full[i]);
	}
}

uint64_t sweep_life(const struct life *like, const struct sweep_fault *fault)
{
	struct reference reference;
	struct sweep self;
	uint64_t total = 0;

	write_reference(&reference, like);
	for (self.step = 0; self.step < life_steps(); self.step++) {
		self.fault = fault;
		self.reference = &reference;
		self.life = *like;
		total += sweep_step(&self);
	}
	clear_reference(&reference);
	diag("%s: %s: %ju in all", like->scheme, fault->name, (uintmax_t)total);
	return total;
}
