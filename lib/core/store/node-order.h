/* lib/core/store/node-order.h: the entries of a node in git's order, also of one
 * that was stored out of order. */
#ifndef IRMIN_STORE_NODE_ORDER_H
#define IRMIN_STORE_NODE_ORDER_H

#include "lib/core/store/node.h"

typedef struct irmin__node_order {
	irmin__node *node; /* borrowed; NULL is a directory without entries */
	uint32_t *sorted;  /* NULL: they are in order */
} irmin__node_order;

/* Fails: ENOMEM. */
irmin_rc irmin__node_order_init(irmin__node_order *order, irmin__node *node,
    irmin_error *err);
void irmin__node_order_clear(irmin__node_order *order);

/* The entry in place `i`. */
static inline size_t irmin__node_order_at(const irmin__node_order *order,
    size_t i)
{
	return order->sorted ? order->sorted[i] : i;
}

#endif
