#include "lib/core/store/node-order.h"

#include <stdlib.h>

#include "lib/core/base/error.h"
#include <irmin/alloc.h>

struct item {
	irmin_slice name;
	int is_tree;
	uint32_t at;
};

static int compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = irmin__tree_entry_compare(x->name, x->is_tree, y->name,
	    y->is_tree);

	return order ? order : (x->at > y->at) - (x->at < y->at);
}

irmin_rc irmin__node_order_init(irmin__node_order *order, irmin__node *node,
    irmin_error *err)
{
	struct item *items;
	uint32_t i;

	memset(order, 0, sizeof *order);
	order->dir = node;
	if (!node)
		return IRMIN_OK;
	irmin__cursor_init(&order->cursor, node, 0);
	if (!(node->flags & IRMIN__TREE_UNSORTED))
		return IRMIN_OK;
	items = irmin_calloc(node->count, sizeof *items);
	order->sorted = irmin_calloc(node->count, sizeof *order->sorted);
	if (!items || !order->sorted) {
		irmin_free(items);
		irmin__node_order_clear(order);
		return irmin__enomem(err);
	}
	for (i = 0; i < node->count; i++) {
		items[i].name = irmin__node_name(node, i);
		items[i].is_tree = irmin__node_is_tree(node, i);
		items[i].at = i;
	}
	qsort(items, node->count, sizeof *items, compare_items);
	for (i = 0; i < node->count; i++)
		order->sorted[i] = items[i].at;
	irmin_free(items);
	return IRMIN_OK;
}

irmin__place irmin__node_order_peek(const irmin__node_order *order)
{
	irmin__place none = { NULL, 0 };

	if (order->sorted && order->next < order->dir->count)
		return irmin__node_nth(order->dir, order->sorted[order->next]);
	if (!order->dir || order->sorted ||
	    irmin__cursor_is_end(&order->cursor))
		return none;
	return order->cursor.place;
}

void irmin__node_order_step(irmin__node_order *order)
{
	if (order->sorted)
		order->next++;
	else
		irmin__cursor_step(&order->cursor);
}

void irmin__node_order_skip_shared(irmin__node_order *a, irmin__node_order *b)
{
	if (a->dir && b->dir && !a->sorted && !b->sorted)
		irmin__cursor_skip_shared(&a->cursor, &b->cursor);
}

void irmin__node_order_clear(irmin__node_order *order)
{
	irmin_free(order->sorted);
	memset(order, 0, sizeof *order);
}
