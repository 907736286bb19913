#include "lib/core/store/commit-queue.h"

static int is_before(const irmin__queued *a, const irmin__queued *b)
{
	if (a->generation != b->generation)
		return a->generation > b->generation;
	if (a->time != b->time)
		return a->time > b->time;
	return a->serial < b->serial;
}

void irmin__queued_clear(irmin__queued *queued)
{
	irmin_commit_unref(queued->commit);
	irmin_tree_unref(queued->tree);
	queued->commit = NULL;
	queued->tree = NULL;
}

irmin_rc irmin__commit_queue_push(irmin__commit_queue *queue,
    irmin__queued added, irmin_error *err)
{
	irmin__queued *heap;
	size_t at;
	irmin_rc rc = IRMIN__VEC_RESERVE(&queue->heap, 1, err);

	if (rc < 0) {
		irmin__queued_clear(&added);
		return rc;
	}
	added.serial = queue->serial++;
	heap = queue->heap.items;
	at = queue->heap.len++;
	for (; at && is_before(&added, &heap[(at - 1) / 2]); at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = added;
	return IRMIN_OK;
}

irmin_rc irmin__commit_queue_pop(irmin__commit_queue *queue,
    irmin__queued *first)
{
	irmin__queued *heap = queue->heap.items, last;
	size_t at = 0, child, len = queue->heap.len;

	if (!len)
		return IRMIN_END;
	*first = heap[0];
	last = heap[--len];
	queue->heap.len = len;
	for (; (child = 2 * at + 1) < len; at = child) {
		if (child + 1 < len &&
		    is_before(&heap[child + 1], &heap[child]))
			child++;
		if (!is_before(&heap[child], &last))
			break;
		heap[at] = heap[child];
	}
	heap[at] = last;
	return IRMIN_OK;
}

void irmin__commit_queue_clear(irmin__commit_queue *queue)
{
	size_t i;

	for (i = 0; i < queue->heap.len; i++)
		irmin__queued_clear(&queue->heap.items[i]);
	IRMIN__VEC_CLEAR(&queue->heap);
}
