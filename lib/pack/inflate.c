/* Streams, read: by libdeflate, where all of one is there and it was found, else
 * by zlib, which also tells what is wrong with one.
 */
#include "lib/pack/inflate.h"

#include <assert.h>

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/pack/streams.h"
#include <irmin/alloc.h>

static voidpf zlib_alloc(voidpf opaque, uInt count, uInt bytes)
{
	(void)opaque;
	if (bytes && count > SIZE_MAX / bytes)
		return NULL;
	return irmin_malloc((size_t)count * bytes);
}

static void zlib_free(voidpf opaque, voidpf block)
{
	(void)opaque;
	irmin_free(block);
}

void irmin__zlib_init(z_stream *zlib)
{
	memset(zlib, 0, sizeof *zlib);
	zlib->zalloc = zlib_alloc;
	zlib->zfree = zlib_free;
}

/* ---- in parts ---- */

/* What inflater->zlib is given next. */
static void give(irmin__inflater *inflater, irmin_slice stream)
{
	inflater->zlib.avail_in = 0;
	inflater->rest = stream.data;
	inflater->left = stream.len;
}

irmin_rc irmin__inflate_begin(irmin__inflater *inflater, irmin_slice stream,
    irmin_error *err)
{
	irmin__zlib_init(&inflater->zlib);
	give(inflater, stream);
	inflater->given = 0;
	inflater->ended = 0;
	return inflateInit(&inflater->zlib) == Z_OK ? IRMIN_OK
						    : irmin__enomem(err);
}

void irmin__inflate_more(irmin__inflater *inflater, irmin_slice stream)
{
	assert(!inflater->zlib.avail_in && !inflater->left);
	give(inflater, stream);
}

uint64_t irmin__inflate_offset(const irmin__inflater *inflater)
{
	return inflater->given - inflater->zlib.avail_in;
}

static irmin_rc bad_stream(uint64_t offset, const char *why, irmin_error *err)
{
	return irmin__error_at(err, IRMIN_ECORRUPT, NULL, offset,
	    "bad zlib stream: %s", why);
}

static irmin_rc inflate_failed(const irmin__inflater *inflater, int result,
    irmin_error *err)
{
	const char *why = inflater->zlib.msg;

	if (result == Z_MEM_ERROR)
		return irmin__enomem(err);
	if (result == Z_NEED_DICT)
		why = "it needs a dictionary";
	return bad_stream(irmin__inflate_offset(inflater),
	    why ? why : "zlib refuses it", err);
}

/* One step. zlib keeps at most what it has yet to give, so that it has to be
 * asked even when no bytes are left. */
static int pump(irmin__inflater *inflater, unsigned char *bytes, size_t len,
    size_t *got)
{
	z_stream *zlib = &inflater->zlib;
	size_t room = len < IRMIN__PUMP_MAX ? len : IRMIN__PUMP_MAX;
	int result;

	if (!zlib->avail_in && inflater->left) {
		size_t n = inflater->left < IRMIN__PUMP_MAX ? inflater->left
							    : IRMIN__PUMP_MAX;

		zlib->next_in = (unsigned char *)inflater->rest;
		zlib->avail_in = (uInt)n;
		inflater->rest += n;
		inflater->left -= n;
		inflater->given += n;
	}
	zlib->next_out = bytes;
	zlib->avail_out = (uInt)room;
	result = inflate(zlib, Z_NO_FLUSH);
	*got = room - zlib->avail_out;
	return result;
}

irmin_rc irmin__inflate(irmin__inflater *inflater, void *bytes, size_t len,
    size_t *got, irmin_error *err)
{
	*got = 0;
	while (*got < len && !inflater->ended) {
		size_t n = 0;
		int result = pump(inflater, (unsigned char *)bytes + *got,
		    len - *got, &n);

		*got += n;
		inflater->ended = result == Z_STREAM_END;
		if (result == Z_BUF_ERROR && !inflater->zlib.avail_in)
			return IRMIN_OK;
		if (result != Z_OK && result != Z_STREAM_END)
			return inflate_failed(inflater, result, err);
	}
	return IRMIN_OK;
}

void irmin__inflate_end(irmin__inflater *inflater)
{
	inflateEnd(&inflater->zlib);
}

/* ---- in one go ---- */

/* What reads streams, each made when it is needed first. */
struct irmin__inflate_state {
	int begun; /* zlib */
	irmin__inflater zlib;
	irmin__fast_inflater *fast;
};

static void state_free(irmin__inflate_state *state)
{
	if (!state)
		return;
	if (state->begun)
		irmin__inflate_end(&state->zlib);
	irmin__fast_inflater_free(state->fast);
	irmin_free(state);
}

static irmin__inflate_state *take_state(irmin__inflaters *resting)
{
	irmin__inflate_state *state = NULL;
	size_t i;

	for (i = 0; i < IRMIN__INFLATERS && !state; i++)
		if (atomic_load_explicit(&resting->states[i],
			memory_order_relaxed))
			state = atomic_exchange(&resting->states[i], NULL);
	if (state)
		return state;
	state = irmin_calloc(1, sizeof *state);
	if (state)
		state->fast = irmin__fast_inflater_new();
	return state;
}

static void rest_state(irmin__inflaters *resting, irmin__inflate_state *state)
{
	size_t i;

	for (i = 0; i < IRMIN__INFLATERS && state; i++)
		if (!atomic_load_explicit(&resting->states[i],
			memory_order_relaxed))
			state = atomic_exchange(&resting->states[i], state);
	state_free(state);
}

static irmin_rc begin_anew(irmin__inflate_state *state, irmin_slice stream,
    irmin_error *err)
{
	irmin_rc rc;

	if (state->begun) {
		inflateReset(&state->zlib.zlib);
		give(&state->zlib, stream);
		state->zlib.given = 0;
		state->zlib.ended = 0;
		return IRMIN_OK;
	}
	rc = irmin__inflate_begin(&state->zlib, stream, err);
	state->begun = rc >= 0;
	return rc;
}

static irmin_rc inflate_with_zlib(irmin__inflate_state *state,
    irmin_slice stream, void *out, size_t size, size_t *used, irmin_error *err)
{
	irmin__inflater *zlib = &state->zlib;
	size_t got = 0, more = 0;
	unsigned char byte;
	irmin_rc rc;

	rc = begin_anew(state, stream, err);
	if (rc >= 0)
		rc = irmin__inflate(zlib, out, size, &got, err);
	/* The checksum may still be to come, or a byte that must not. */
	if (rc >= 0 && got == size)
		rc = irmin__inflate(zlib, &byte, 1, &more, err);
	if (rc < 0)
		return rc;
	if (more)
		return bad_stream(irmin__inflate_offset(zlib),
		    "it gives more than it should", err);
	if (!zlib->ended)
		return IRMIN_ABSENT;
	if (got < size)
		return bad_stream(irmin__inflate_offset(zlib),
		    "it gives less than it should", err);
	*used = (size_t)irmin__inflate_offset(zlib);
	return IRMIN_OK;
}

irmin_rc irmin__inflate_whole(irmin__inflaters *resting, irmin_slice stream,
    void *out, size_t size, size_t *used, irmin_error *err)
{
	irmin__inflate_state *state = take_state(resting);
	irmin_rc rc = IRMIN_OK;

	*used = 0;
	if (!state)
		return irmin__enomem(err);
	if (state->fast)
		*used = irmin__fast_inflate(state->fast, stream, out, size);
	if (!*used)
		rc = inflate_with_zlib(state, stream, out, size, used, err);
	rest_state(resting, state);
	return rc;
}

void irmin__inflaters_clear(irmin__inflaters *resting)
{
	size_t i;

	for (i = 0; i < IRMIN__INFLATERS; i++)
		state_free(atomic_exchange(&resting->states[i], NULL));
}
