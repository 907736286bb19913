/* Both commits' histories are painted at once, newest first, each in its colour,
 * until one of the two gets the other's colour, or all that is left has both.
 * Dates only decide the order, so that clocks that go wrong cost time and no
 * truth: a commit that gets a colour late is visited again.
 */
#include "lib/core/store/ancestor.h"

#include "lib/core/base/error.h"
#include "lib/core/base/table.h"
#include "lib/core/store/commit-queue.h"
#include <irmin/alloc.h>

enum { OF_A = 1, OF_B = 2, OF_BOTH = 3 };

struct mark {
	irmin_oid id;
	unsigned colours;
	int queued;
};

struct walk {
	const irmin_context *context;
	irmin_commit *a, *b;
	irmin__table marks;
	irmin__commit_queue queue;
	size_t open; /* in the queue, with one colour only */
	irmin__relation relation;
};

static irmin_slice mark_key(const void *entry)
{
	const struct mark *mark = entry;

	return irmin_bytes(mark->id.bytes, sizeof mark->id.bytes);
}

static irmin_rc mark_of(struct walk *walk, const irmin_oid *id,
    struct mark **mark, irmin_error *err)
{
	irmin_rc rc;

	*mark = irmin__table_find(&walk->marks,
	    irmin_bytes(id->bytes, sizeof id->bytes));
	if (*mark)
		return IRMIN_OK;
	*mark = irmin_calloc(1, sizeof **mark);
	if (!*mark)
		return irmin__enomem(err);
	(*mark)->id = *id;
	rc = irmin__table_add(&walk->marks, *mark, err);
	if (rc < 0)
		irmin_free(*mark);
	return rc;
}

static int is(const irmin_commit *commit, const struct mark *mark)
{
	return irmin_oid_compare(irmin__commit_oid(commit), &mark->id) == 0;
}

static irmin_rc enqueue(struct walk *walk, struct mark *mark, irmin_error *err)
{
	irmin_commit *commit = NULL;
	irmin_rc rc;

	rc = irmin__commit_get(irmin__commit_repo(walk->a), walk->context,
	    &mark->id, &commit, err);
	if (rc >= 0)
		rc = irmin__commit_queue_push(&walk->queue, commit, mark, err);
	if (rc >= 0)
		mark->queued = 1;
	return rc;
}

/* Answers: OK; END (the relation is known). */
static irmin_rc paint(struct walk *walk, const irmin_oid *id, unsigned colours,
    irmin_error *err)
{
	struct mark *mark;
	int was_open;
	irmin_rc rc = mark_of(walk, id, &mark, err);

	if (rc < 0 || (mark->colours & colours) == colours)
		return rc;
	was_open = mark->queued && mark->colours != OF_BOTH;
	mark->colours |= colours;
	if (is(walk->a, mark) && mark->colours & OF_B) {
		walk->relation = IRMIN__ANCESTOR;
		return IRMIN_END;
	}
	if (is(walk->b, mark) && mark->colours & OF_A) {
		walk->relation = IRMIN__DESCENDANT;
		return IRMIN_END;
	}
	if (!mark->queued)
		rc = enqueue(walk, mark, err);
	walk->open += mark->colours != OF_BOTH;
	walk->open -= was_open;
	return rc;
}

/* Answers: OK; END. */
static irmin_rc visit(struct walk *walk, irmin_error *err)
{
	irmin__queued first;
	struct mark *mark;
	size_t i;
	irmin_rc rc = irmin__commit_queue_pop(&walk->queue, &first);

	if (rc != IRMIN_OK)
		return rc;
	mark = first.mark;
	mark->queued = 0;
	walk->open -= mark->colours != OF_BOTH;
	for (i = 0; i < irmin_commit_parent_count(first.commit); i++) {
		irmin_oid id = irmin_commit_parent_id(first.commit, i);

		rc = paint(walk, &id, mark->colours, err);
		if (rc != IRMIN_OK)
			break;
	}
	irmin_commit_unref(first.commit);
	return rc;
}

static irmin_rc run(struct walk *walk, irmin_error *err)
{
	irmin_rc rc = paint(walk, irmin__commit_oid(walk->a), OF_A, err);

	if (rc == IRMIN_OK)
		rc = paint(walk, irmin__commit_oid(walk->b), OF_B, err);
	while (rc == IRMIN_OK && walk->open) {
		rc = visit(walk, err);
		if (rc == IRMIN_OK)
			rc = irmin__context_check(walk->context, err);
	}
	return rc < 0 ? rc : IRMIN_OK;
}

static void clear_marks(irmin__table *marks)
{
	size_t cursor = 0;
	void *mark;

	while ((mark = irmin__table_next(marks, &cursor)))
		irmin_free(mark);
	irmin__table_clear(marks);
}

irmin_rc irmin__commit_relation(const irmin_context *context, irmin_commit *a,
    irmin_commit *b, irmin__relation *relation, irmin_error *err)
{
	struct walk walk;
	irmin_rc rc;

	*relation = IRMIN__SAME;
	if (irmin_oid_compare(irmin__commit_oid(a), irmin__commit_oid(b)) == 0)
		return IRMIN_OK;
	memset(&walk, 0, sizeof walk);
	walk.context = context;
	walk.a = a;
	walk.b = b;
	walk.relation = IRMIN__UNRELATED;
	irmin__table_init(&walk.marks, mark_key, (uintptr_t)&walk);
	rc = run(&walk, err);
	*relation = walk.relation;
	irmin__commit_queue_clear(&walk.queue);
	clear_marks(&walk.marks);
	return rc;
}
