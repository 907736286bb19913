/*
 * shape-text.h - shapes in a short notation
 *
 *   b bytes   i int   c counter   u multiset   j log
 *   l S list   s S set   m S map   w S last writer
 *   (S S S) tuple   {S S S} record of the fields "b", "a\n", "", "c"
 */
#ifndef IRMIN_TESTS_SHAPE_TEXT_H
#define IRMIN_TESTS_SHAPE_TEXT_H

#include <irmin/value.h>

/* The shape that a text tells, for irmin_shape_unref; NULL if it tells none, or
 * there is no memory. Tuples and records have four parts at most. */
irmin_shape *shape_of(irmin_slice text);

#endif
