#include "lib/core/store/commit-queue.h"

static int is_before(const irmin__queued *a, const irmin__queued *b)
{
	if (a->time != b->time)
		return a->time > b->time;
	return a->serial < b->serial;
}

irmin_rc irmin__commit_queue_push(irmin__commit_queue *queue,
    irmin_commit *commit, void *mark, irmin_error *err)
{
	irmin__queued added = { commit, mark, 0, queue->serial };
	irmin__queued *heap;
	size_t at;
	irmin_rc rc = IRMIN__VEC_RESERVE(&queue->heap, 1, err);

	if (rc < 0) {
		irmin_commit_unref(commit);
		return rc;
	}
	added.time = irmin_commit_committer(commit).time;
	queue->serial++;
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
		irmin_commit_unref(queue->heap.items[i].commit);
	IRMIN__VEC_CLEAR(&queue->heap);
}
