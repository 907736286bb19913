/* lib/core/store/node-order.h: the entries of a node in git's order, also of one
 * that was stored out of order. */
#ifndef IRMIN_STORE_NODE_ORDER_H
#define IRMIN_STORE_NODE_ORDER_H

#include "lib/core/store/node.h"

typedef struct irmin__node_order {
	irmin__node *dir; /* borrowed; NULL is a directory without entries */
	irmin__cursor cursor; /* where it is, if the entries are in order */
	uint32_t *sorted;     /* else the order, */
	size_t next;          /* and where it is */
} irmin__node_order;

/* Begins before the first entry. Fails: ENOMEM. */
irmin_rc irmin__node_order_init(irmin__node_order *order, irmin__node *node,
    irmin_error *err);
void irmin__node_order_clear(irmin__node_order *order);

/* The entry that is next; without a leaf at the end. */
irmin__place irmin__node_order_peek(const irmin__node_order *order);

void irmin__node_order_step(irmin__node_order *order);

/* As irmin__cursor_skip_shared. */
void irmin__node_order_skip_shared(irmin__node_order *a, irmin__node_order *b);

#endif
