/* Both commits' histories are painted at once, newest first, each in its colour,
 * until one of the two gets the other's colour, or all that is left has both.
 * Dates only decide the order, so that clocks that go wrong cost time and no
 * truth: a commit that gets a colour late is visited again. Where generations
 * are known, a colour is not carried on to where it cannot meet what it looks
 * for: that has the higher generation, or the same.
 */
#include "lib/core/store/ancestor.h"

#include "lib/core/base/context.h"
#include "lib/core/store/commit-queue.h"
#include "lib/core/store/walk.h"

/* Marks of a node. */
#define OF_A    IRMIN__WALK_MARKS
#define OF_B    (IRMIN__WALK_MARKS << 1)
#define OF_BOTH (OF_A | OF_B)
#define QUEUED  (IRMIN__WALK_MARKS << 2)

struct painting {
	irmin__walk walk;
	irmin__commit_queue queue;
	uint32_t a, b;
	uint64_t generation_a, generation_b;
	size_t open; /* in the queue, with one colour only */
	irmin__relation relation;
	int cut; /* a commit was met whose history was cut off */
};

static int is_below(const irmin__walk_node *node, uint64_t generation)
{
	return node->generation && generation && node->generation <= generation;
}

/* The colours that are worth carrying to a commit. */
static uint32_t useful(const struct painting *painting, uint32_t number,
    const irmin__walk_node *node, uint32_t colours)
{
	if (number != painting->b && is_below(node, painting->generation_b))
		colours &= ~(uint32_t)OF_A;
	if (number != painting->a && is_below(node, painting->generation_a))
		colours &= ~(uint32_t)OF_B;
	return colours;
}

static int is_open(const irmin__walk_node *node)
{
	uint32_t colours = node->flags & OF_BOTH;

	return node->flags & QUEUED && colours && colours != OF_BOTH;
}

static irmin_rc enqueue(struct painting *painting, uint32_t number,
    irmin_error *err)
{
	irmin__queued queued;

	memset(&queued, 0, sizeof queued);
	queued.number = number;
	queued.time = irmin__walk_node_at(&painting->walk, number)->time;
	return irmin__commit_queue_push(&painting->queue, queued, err);
}

static irmin_rc load(struct painting *painting, uint32_t number,
    irmin_error *err)
{
	irmin_commit *commit;
	irmin_rc rc = irmin__walk_load(&painting->walk, number, &commit, err);

	irmin_commit_unref(commit);
	return rc;
}

/* Answers: OK; END (the relation is known). */
static irmin_rc paint(struct painting *painting, uint32_t number,
    uint32_t colours, irmin_error *err)
{
	irmin__walk_node *node;
	int was_open;
	irmin_rc rc = load(painting, number, err);

	if (rc < 0)
		return rc;
	node = irmin__walk_node_at(&painting->walk, number);
	colours = useful(painting, number, node, colours);
	if ((node->flags & colours) == colours)
		return IRMIN_OK;
	was_open = is_open(node);
	node->flags |= colours;
	if (number == painting->a && colours & OF_B)
		painting->relation = IRMIN__ANCESTOR;
	else if (number == painting->b && colours & OF_A)
		painting->relation = IRMIN__DESCENDANT;
	if (painting->relation != IRMIN__UNRELATED)
		return IRMIN_END;
	if (!(node->flags & QUEUED)) {
		rc = enqueue(painting, number, err);
		node->flags |= QUEUED;
	}
	painting->open += (size_t)is_open(node);
	painting->open -= (size_t)was_open;
	return rc;
}

/* Answers: OK; END. */
static irmin_rc visit(struct painting *painting, irmin_error *err)
{
	irmin__walk *walk = &painting->walk;
	irmin__queued first;
	irmin__walk_node node;
	uint32_t i;
	irmin_rc rc = irmin__commit_queue_pop(&painting->queue, &first);

	if (rc != IRMIN_OK)
		return rc;
	node = *irmin__walk_node_at(walk, first.number);
	painting->open -= (size_t)is_open(&node);
	irmin__walk_node_at(walk, first.number)->flags &= ~(uint32_t)QUEUED;
	painting->cut |= (node.flags & IRMIN__WALK_CUT) != 0;
	for (i = 0; rc == IRMIN_OK && i < node.parent_count; i++)
		rc = paint(painting, walk->parents.items[node.parents + i],
		    node.flags & OF_BOTH, err);
	return rc;
}

static irmin_rc begin(struct painting *painting, irmin_commit *a,
    irmin_commit *b, irmin_error *err)
{
	irmin__walk *walk = &painting->walk;
	irmin_rc rc = irmin__walk_add_commit(walk, a, &painting->a, err);

	if (rc >= 0)
		rc = irmin__walk_add_commit(walk, b, &painting->b, err);
	if (rc >= 0)
		rc = load(painting, painting->a, err);
	if (rc >= 0)
		rc = load(painting, painting->b, err);
	if (rc < 0)
		return rc;
	painting->generation_a =
	    irmin__walk_node_at(walk, painting->a)->generation;
	painting->generation_b =
	    irmin__walk_node_at(walk, painting->b)->generation;
	rc = paint(painting, painting->a, OF_A, err);
	return rc == IRMIN_OK ? paint(painting, painting->b, OF_B, err) : rc;
}

/* Whether one of the two may lie where the history was cut off. Where both
 * colours came, neither does. Fails: ETRUNCATED. */
static irmin_rc check_cuts(const struct painting *painting, irmin_error *err)
{
	const irmin__walk *walk = &painting->walk;
	const irmin__walk_node *node;
	irmin_rc rc = IRMIN_OK;
	irmin_oid id;
	size_t i;

	for (i = 0; painting->cut && rc >= 0 && i < walk->nodes.len; i++) {
		node = irmin__walk_node_at(walk, (uint32_t)i);
		if (!(node->flags & IRMIN__WALK_CUT) ||
		    (node->flags & OF_BOTH) == OF_BOTH ||
		    !(node->flags & OF_BOTH))
			continue;
		id = irmin__walk_id(walk, (uint32_t)i);
		rc = irmin__commit_check_cut(walk->repo, walk->context, &id,
		    err);
	}
	return rc;
}

static irmin_rc run(struct painting *painting, irmin_commit *a, irmin_commit *b,
    irmin_error *err)
{
	irmin_rc rc = begin(painting, a, b, err);

	while (rc == IRMIN_OK && painting->open) {
		rc = visit(painting, err);
		if (rc == IRMIN_OK)
			rc = irmin__context_check(painting->walk.context, err);
	}
	if (rc == IRMIN_OK)
		rc = check_cuts(painting, err);
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc irmin__commit_relation(const irmin_context *context, irmin_commit *a,
    irmin_commit *b, irmin__relation *relation, irmin_error *err)
{
	struct painting painting;
	int same;
	irmin_rc rc = irmin__commit_same(a, b, &same, err);

	*relation = IRMIN__SAME;
	if (rc < 0 || same)
		return rc;
	memset(&painting, 0, sizeof painting);
	painting.relation = IRMIN__UNRELATED;
	irmin__walk_init(&painting.walk, irmin__commit_repo(a), context, 0);
	rc = run(&painting, a, b, err);
	*relation = painting.relation;
	irmin__commit_queue_clear(&painting.queue);
	irmin__walk_clear(&painting.walk);
	return rc;
}
