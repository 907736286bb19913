/* lib/core/store/graph.h: a volatile repository, whose graph in memory is the
 * data.
 *
 * Where a backend is flagged IRMIN_BACKEND_VOLATILE, commits are not written to
 * it. A table here names heads: a ref and a counted commit. Commits hold their
 * trees and parents, trees what is below them; what no head, no handle and no
 * retention reaches is freed, and nothing was ever hashed for it.
 *
 * The backend below ("inner") keeps what comes as bytes (copies, irmin_object_add,
 * irmin_tree_write, streams), links between refs, and the names of refs, with its
 * rules about them: a head stands there as a mark, an id that no object has. The
 * backend that a repository calls is a wrapper, which answers for both. So every
 * call by id works as on any backend.
 *
 * Invariants:
 *  1. Inner is closed: an object that is added to it and names something that is
 *     only in the graph first settles that, with all it reaches, into inner.
 *  2. A thing of the graph refers to another by a counted pointer, or by an id
 *     that inner has. So who looks up a commit, tree or value by id, and keeps it
 *     or builds on it, is given the graph's own and counts it.
 *  3. A ref in the table has the mark in inner, and no other ref has it.
 *
 * By id: an index (graph-index.c) from ids to things, counted. It is made when
 * somebody first looks up what inner does not have, follows the heads and the
 * commits whose id was asked for, and is dropped when it may hold much that is
 * gone. Who never looks up by id never pays, and nobody hashes what nobody asked
 * for.
 *
 * Locks: `heads` guards the table and the pairing with inner's refs, whose slots
 * are called under it where names come and go; `ids` guards the index, and may
 * take `heads`. Neither is held while user code runs. Commits and trees are freed
 * outside of both.
 */
#ifndef IRMIN_STORE_GRAPH_H
#define IRMIN_STORE_GRAPH_H

#include "lib/core/store/node.h"
#include "lib/core/store/repo.h"

/* ---- life; for repo.c ---- */

/* Wraps a backend: *backend is the wrapper then, which closes both. On failure it
 * is what it was. The graph itself is freed by irmin__graph_free, after the
 * wrapper was closed. Fails: ENOMEM. */
irmin_rc irmin__graph_wrap(irmin_backend **backend, irmin__graph **graph,
    irmin_error *err);

/* The repository whose graph it is; before any call. */
void irmin__graph_start(irmin__graph *graph, irmin_repo *repo);
void irmin__graph_free(irmin__graph *graph);

/* ---- heads; for backend-refs.c and helpers of stores ---- */

/* The commit that a ref has in the table, counted. Answers: OK; ABSENT (ask
 * inner). Cost: one lock. */
irmin_rc irmin__graph_head(irmin__graph *graph, const char *ref,
    irmin_commit **head);

/* Moves a ref that is no link, NULL standing for absent. Two commits are the same
 * if they are one, or have the same id. Answers: OK. Fails: as the slot `cas`. */
irmin_rc irmin__graph_cas(irmin__graph *graph, const irmin_context *context,
    const char *ref, irmin_commit *expected, irmin_commit *head,
    irmin_error *err);

/* How often refs were changed: while this is the same, every head is. */
uint64_t irmin__graph_moves(const irmin__graph *graph);

/* ---- by id ---- */

/* The graph's own thing with this id: an irmin_commit, irmin__node or
 * irmin__blob, as `type` asks for, counted; only what inner does not have.
 * Answers: OK; ABSENT. Fails: ENOMEM, and as inner. */
irmin_rc irmin__graph_find(irmin__graph *graph, const irmin_context *context,
    const irmin_oid *id, irmin_object_type type, void **own, irmin_error *err);

/* The same from outside: ABSENT of a repository without a graph.
 * backend-graph.c, which refuses a closed one. */
irmin_rc irmin__repo_find_own(irmin_repo *repo, const irmin_context *context,
    const irmin_oid *id, irmin_object_type type, void **own, irmin_error *err);

/* Whether the repository may be written to, where a write is none of the backend's
 * business: backend-graph.c. Fails: EINVAL (closed), EREADONLY. */
irmin_rc irmin__repo_check_writable(irmin_repo *repo, irmin_error *err);

/* The id of a commit gets to the user: as long as he holds it, it can be looked
 * up, whether a ref reaches it or not. Fails: ENOMEM. */
irmin_rc irmin__graph_show(irmin__graph *graph, irmin_commit *commit,
    irmin_error *err);

#endif
