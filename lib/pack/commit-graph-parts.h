/* lib/pack/commit-graph-parts.h: what the reader and the writer of commit-graphs
 * both know of the format; commit-graph.c has the drawing.
 */
#ifndef IRMIN_PACK_COMMIT_GRAPH_PARTS_H
#define IRMIN_PACK_COMMIT_GRAPH_PARTS_H

#include "lib/pack/chunks.h"

#define IRMIN__GRAPH_SIGNATURE    "CGPH"
#define IRMIN__GRAPH_VERSION      1
#define IRMIN__GRAPH_HEADER_BYTES 8

#define IRMIN__GRAPH_OIDF IRMIN__CHUNK('O', 'I', 'D', 'F')
#define IRMIN__GRAPH_OIDL IRMIN__CHUNK('O', 'I', 'D', 'L')
#define IRMIN__GRAPH_CDAT IRMIN__CHUNK('C', 'D', 'A', 'T')
#define IRMIN__GRAPH_GDA2 IRMIN__CHUNK('G', 'D', 'A', '2')
#define IRMIN__GRAPH_GDO2 IRMIN__CHUNK('G', 'D', 'O', '2')
#define IRMIN__GRAPH_EDGE IRMIN__CHUNK('E', 'D', 'G', 'E')
#define IRMIN__GRAPH_BASE IRMIN__CHUNK('B', 'A', 'S', 'E')

/* In the place of a parent. */
#define IRMIN__GRAPH_NO_PARENT 0x70000000u
/* Of a second parent: look into EDGE; there: the last; in GDA2: look into GDO2. */
#define IRMIN__GRAPH_MARK 0x80000000u

#define IRMIN__GRAPH_LEVEL_MAX 0x3fffffffu
#define IRMIN__GRAPH_TIME_MAX  ((UINT64_C(1) << 34) - 1)

#endif
