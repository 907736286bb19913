/* lib/pack/pack-parts.h: what the files pack*.c share. */
#ifndef IRMIN_PACK_PACK_PARTS_H
#define IRMIN_PACK_PACK_PARTS_H

#include <stdatomic.h>

#include "lib/pack/entry.h"
#include "lib/pack/inflate.h"
#include "lib/pack/pack.h"

struct irmin__pack {
	atomic_size_t refs;
	uint64_t serial;
	irmin__os *os;
	irmin_hash_algo algo;
	irmin__windows_io io;
	size_t window_bytes;
	irmin__windows *index_file;
	irmin__view index_view;
	irmin__index index;
	char *path;
	irmin__mutex opening;
	_Atomic(irmin__windows *) file; /* NULL: not opened yet */
	irmin__inflaters inflaters;
};

/* Opens the pack's file, if that was not done yet, and checks it against the
 * index. Answers: OK; ABSENT (it is gone). */
irmin_rc irmin__pack_need_file(irmin__pack *pack, irmin_error *err);

/* ---- of a pack whose file is open ---- */

/* Where the entries end. */
uint64_t irmin__pack_end(const irmin__pack *pack);

/* The bytes from `offset` on, up to where the entries end: at least `want` or all
 * there are. */
irmin_rc irmin__pack_view(irmin__pack *pack, uint64_t offset, size_t want,
    irmin__view *view, irmin_error *err);

/* Says that a fault is in the entry at `offset` of this pack, unless it has a
 * place already. Returns `rc`. */
irmin_rc irmin__pack_fault(const irmin__pack *pack, uint64_t offset,
    irmin_rc rc, irmin_error *err);

/* The header at `offset`, which may be any number. */
irmin_rc irmin__pack_header(irmin__pack *pack, uint64_t offset,
    irmin__entry *entry, irmin_error *err);

/* Says that a chain of deltas has no end. Returns ECORRUPT. */
irmin_rc irmin__pack_endless(const irmin__pack *pack, uint64_t offset,
    irmin_error *err);

/* Whether a chain of so many deltas cannot be: no writer makes it, or it has more
 * of them than there are objects. Fails: ECORRUPT. */
irmin_rc irmin__pack_check_links(const irmin__pack *pack, uint64_t offset,
    size_t links, irmin_error *err);

/* Where the base of a delta lies. */
irmin_rc irmin__pack_base(const irmin__pack *pack, uint64_t offset,
    const irmin__entry *entry, uint64_t *base, irmin_error *err);

/* Whether memory may be asked for what the stream of an entry gives, and is
 * likely to be filled. Fails: ELIMIT, ECORRUPT. */
irmin_rc irmin__pack_check_size(const irmin__pack *pack, uint64_t offset,
    const irmin__entry *entry, const irmin_context *context,
    irmin_error *err);

/* Inflates the stream of an entry: entry->size bytes. */
irmin_rc irmin__pack_inflate(irmin__pack *pack, uint64_t offset,
    const irmin__entry *entry, void *out, irmin_error *err);

/* ---- a stream, over the windows it lies in ---- */

typedef struct irmin__pack_stream {
	irmin__pack *pack;   /* borrowed */
	uint64_t offset;     /* of the entry */
	uint64_t begin, next; /* of the stream; of what was not seen yet */
	irmin__view view;
	irmin__inflater inflater;
	int begun;
} irmin__pack_stream;

irmin_rc irmin__pack_stream_begin(irmin__pack_stream *stream,
    irmin__pack *pack, uint64_t offset, const irmin__entry *entry,
    irmin_error *err);

/* The next bytes; `got` is less than `len` only at the end. */
irmin_rc irmin__pack_stream_read(irmin__pack_stream *stream, void *bytes,
    size_t len, size_t *got, irmin_error *err);

/* Checks that nothing follows, and the stream's checksum. */
irmin_rc irmin__pack_stream_finish(irmin__pack_stream *stream,
    irmin_error *err);
void irmin__pack_stream_end(irmin__pack_stream *stream);

/* For tests: windows of this size, for a pack that was not read from yet. */
void irmin__pack_set_windows(irmin__pack *pack, size_t window_bytes);

#endif
