#include "lib/core/store/paint.h"

#include "lib/core/base/context.h"

void irmin__painting_init(irmin__painting *painting, irmin__paint_aim aim,
    irmin_repo *repo, const irmin_context *context, uint64_t max_commits)
{
	memset(painting, 0, sizeof *painting);
	irmin__walk_init(&painting->walk, repo, context, 0);
	painting->aim = aim;
	painting->seeks = IRMIN__OF_BOTH;
	painting->a = painting->b = IRMIN__PAINT_NONE;
	painting->left = max_commits ? max_commits : UINT64_MAX;
}

void irmin__painting_clear(irmin__painting *painting)
{
	IRMIN__VEC_CLEAR(&painting->common);
	irmin__commit_queue_clear(&painting->queue);
	irmin__walk_clear(&painting->walk);
}

void irmin__painting_wash(irmin__painting *painting)
{
	size_t i;

	for (i = 0; i < painting->walk.nodes.len; i++)
		irmin__walk_node_at(&painting->walk, (uint32_t)i)->flags &= ~(
		    uint32_t)IRMIN__PAINTED;
	painting->queue.heap.len = 0;
	painting->common.len = 0;
	painting->open = painting->cuts = 0;
	painting->a = painting->b = IRMIN__PAINT_NONE;
}

/* ---- one commit ---- */

/* Whether what is looked for may be found from here. */
static int seeks(const irmin__painting *painting, uint32_t flags)
{
	return flags & painting->seeks && !(flags & IRMIN__STALE);
}

/* What a node with these flags adds to the counts. */
static size_t open_by(const irmin__painting *painting, uint32_t flags)
{
	return flags & IRMIN__WAITING && seeks(painting, flags);
}

static size_t cuts_by(const irmin__painting *painting, uint32_t flags)
{
	return flags & IRMIN__WALK_CUT && seeks(painting, flags) &&
	    (flags & IRMIN__OF_BOTH) != IRMIN__OF_BOTH;
}

static void set_flags(irmin__painting *painting, uint32_t number,
    uint32_t flags)
{
	irmin__walk_node *node = irmin__walk_node_at(&painting->walk, number);

	painting->open += open_by(painting, flags);
	painting->open -= open_by(painting, node->flags);
	painting->cuts += cuts_by(painting, flags);
	painting->cuts -= cuts_by(painting, node->flags);
	node->flags = flags;
}

static irmin_rc load(irmin__painting *painting, uint32_t number,
    irmin_error *err)
{
	irmin__walk *walk = &painting->walk;
	irmin_commit *commit;
	irmin_rc rc;

	if (irmin__walk_node_at(walk, number)->flags & IRMIN__WALK_LOADED)
		return IRMIN_OK;
	if (!painting->left)
		return irmin_error_set(err, IRMIN_ELIMIT, NULL,
		    "cannot find the common ancestors: more commits would have "
		    "to be visited than the caller allows");
	painting->left--;
	rc = irmin__walk_load(walk, number, &commit, err);
	irmin_commit_unref(commit);
	return rc;
}

static irmin_rc enqueue(irmin__painting *painting, uint32_t number,
    irmin_error *err)
{
	const irmin__walk_node *node = irmin__walk_node_at(&painting->walk,
	    number);
	irmin__queued queued;

	memset(&queued, 0, sizeof queued);
	queued.number = number;
	queued.time = node->time;
	queued.generation = node->generation ? node->generation : UINT64_MAX;
	return irmin__commit_queue_push(&painting->queue, queued, err);
}

/* Whether a node is not above another one, whose number it is not. */
static int is_below(const irmin__painting *painting,
    const irmin__walk_node *node, uint32_t number, uint32_t other)
{
	uint64_t generation;

	if (other == IRMIN__PAINT_NONE || other == number)
		return 0;
	generation = irmin__walk_node_at(&painting->walk, other)->generation;
	return node->generation && generation && node->generation <= generation;
}

/* The colours that are worth carrying to a commit: no relation is found below
 * the generation of whom it is about. */
static uint32_t useful(const irmin__painting *painting, uint32_t number,
    uint32_t colours)
{
	const irmin__walk_node *node = irmin__walk_node_at(&painting->walk,
	    number);

	if (painting->aim != IRMIN__PAINT_RELATION)
		return colours;
	if (is_below(painting, node, number, painting->b))
		colours &= ~(uint32_t)IRMIN__OF_A;
	if (is_below(painting, node, number, painting->a))
		colours &= ~(uint32_t)IRMIN__OF_B;
	return colours;
}

/* Answers: OK; END. */
static irmin_rc paint(irmin__painting *painting, uint32_t number,
    uint32_t colours, irmin_error *err)
{
	const irmin__walk_node *node = irmin__walk_node_at(&painting->walk,
	    number);
	uint32_t flags = node->flags | useful(painting, number, colours);
	irmin_rc rc = IRMIN_OK;

	if (flags == node->flags)
		return IRMIN_OK;
	if (painting->aim == IRMIN__PAINT_RELATION &&
	    (flags & IRMIN__OF_BOTH) == IRMIN__OF_BOTH)
		flags |= IRMIN__STALE;
	if (!(flags & IRMIN__WAITING))
		rc = enqueue(painting, number, err);
	if (rc < 0)
		return rc;
	set_flags(painting, number, flags | IRMIN__WAITING);
	if ((number == painting->a && flags & IRMIN__OF_B) ||
	    (number == painting->b && flags & IRMIN__OF_A))
		return IRMIN_END;
	return IRMIN_OK;
}

irmin_rc irmin__painting_add_number(irmin__painting *painting, uint32_t number,
    uint32_t colour, irmin_error *err)
{
	irmin_rc rc = load(painting, number, err);

	if (rc >= 0)
		rc = paint(painting, number, colour, err);
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc irmin__painting_add(irmin__painting *painting, irmin_commit *commit,
    uint32_t colour, uint32_t *number, irmin_error *err)
{
	irmin_rc rc;

	rc = irmin__walk_add(&painting->walk, commit, number, err);
	return rc < 0
	    ? rc
	    : irmin__painting_add_number(painting, *number, colour, err);
}

/* ---- all of them ---- */

/* The first one that waits; a common ancestor is noted, and what is below it is
 * stale. Answers: OK; END. */
static irmin_rc take(irmin__painting *painting, uint32_t *number,
    irmin_error *err)
{
	irmin__queued first;
	uint32_t flags;
	irmin_rc rc = irmin__commit_queue_pop(&painting->queue, &first);

	*number = 0;
	if (rc != IRMIN_OK)
		return rc;
	*number = first.number;
	flags = irmin__walk_node_at(&painting->walk, first.number)->flags &
	    ~(uint32_t)IRMIN__WAITING;
	set_flags(painting, first.number, flags);
	if ((flags & IRMIN__PAINTED) != IRMIN__OF_BOTH)
		return IRMIN_OK;
	rc = IRMIN__VEC_RESERVE(&painting->common, 1, err);
	if (rc >= 0)
		IRMIN__VEC_PUSH(&painting->common, first.number);
	return rc;
}

/* As a file may tell anything, this is seen to. */
static int is_above(uint64_t generation, uint64_t parent)
{
	return parent && parent < generation;
}

/* Answers: OK; END (it is found). */
static irmin_rc visit(irmin__painting *painting, irmin_error *err)
{
	irmin__walk *walk = &painting->walk;
	irmin__walk_node node;
	uint32_t number, colours, parent, i;
	irmin_rc rc = take(painting, &number, err);

	if (rc != IRMIN_OK)
		return rc;
	node = *irmin__walk_node_at(walk, number);
	colours = node.flags & (IRMIN__OF_BOTH | IRMIN__STALE);
	if ((colours & IRMIN__OF_BOTH) == IRMIN__OF_BOTH)
		colours |= IRMIN__STALE;
	for (i = 0; rc == IRMIN_OK && i < node.parent_count; i++) {
		parent = walk->parents.items[node.parents + i];
		rc = load(painting, parent, err);
		if (rc < 0)
			break;
		painting->unordered |= node.generation &&
		    !is_above(node.generation,
			irmin__walk_node_at(walk, parent)->generation);
		rc = paint(painting, parent, colours, err);
	}
	return rc;
}

static int is_met(const irmin__painting *painting)
{
	const irmin__walk *walk = &painting->walk;
	uint32_t a = painting->a, b = painting->b;

	return (a != IRMIN__PAINT_NONE &&
		   irmin__walk_node_at(walk, a)->flags & IRMIN__OF_B) ||
	    (b != IRMIN__PAINT_NONE &&
		irmin__walk_node_at(walk, b)->flags & IRMIN__OF_A);
}

/* Where a cut may hide something, it goes on below what is stale, too: that may
 * lead to the cut from a common ancestor. */
irmin_rc irmin__painting_run(irmin__painting *painting, irmin_error *err)
{
	irmin_rc rc = is_met(painting) ? IRMIN_END : IRMIN_OK;

	while (rc == IRMIN_OK &&
	    (painting->open || (painting->cuts && painting->queue.heap.len))) {
		rc = irmin__context_check(painting->walk.context, err);
		if (rc >= 0)
			rc = visit(painting, err);
	}
	return rc;
}

irmin_rc irmin__painting_check_cuts(const irmin__painting *painting,
    irmin_error *err)
{
	const irmin__walk *walk = &painting->walk;
	uint32_t i;

	for (i = 0; painting->cuts && i < walk->nodes.len; i++)
		if (cuts_by(painting, irmin__walk_node_at(walk, i)->flags))
			return irmin__walk_refuse_cut(walk, i, err);
	return IRMIN_OK;
}
