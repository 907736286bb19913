#include "tests/unit/pack/taking.h"

#include <string.h>

struct taking taking_of(irmin_hash_algo algo, const char *pack)
{
	struct taking taking;

	memset(&taking, 0, sizeof taking);
	taking.algo = algo;
	taking.pack = kit_read(kit_path(pack));
	return taking;
}

void taking_clear(struct taking *taking)
{
	irmin_buf_clear(&taking->pack);
	irmin_buf_clear(&taking->index);
}

static irmin_rc feed_all(irmin__unpack *unpack, struct taking *taking,
    irmin_error *err)
{
	size_t part = taking->part ? taking->part : taking->pack.len;
	size_t at = 0, used = 0;
	irmin_rc rc = IRMIN_OK;

	while (rc == IRMIN_OK && at < taking->pack.len) {
		size_t n = taking->pack.len - at;

		n = n < part ? n : part;
		rc = irmin__unpack_feed(unpack,
		    irmin_bytes(taking->pack.data + at, n), &used, err);
		at += used;
	}
	taking->used = at;
	return rc == IRMIN_END ? IRMIN_OK : rc;
}

irmin_rc take(void *arg, irmin_error *err)
{
	unsigned char checksum[IRMIN_OID_MAX_BYTES];
	struct taking *taking = arg;
	irmin__unpack *unpack = NULL;
	irmin__file *file;
	irmin_rc rc;

	irmin_buf_clear(&taking->index);
	taking->stage = "feed";
	rc = irmin__os_open(irmin__os_posix(), kit_path(TAKING_OUT),
	    IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_TRUNCATE, 0644,
	    &file, err);
	if (rc >= 0)
		rc = irmin__unpack_new(irmin__os_posix(), taking->algo, file,
		    kit_path(TAKING_OUT), &taking->options, &unpack, err);
	if (rc >= 0)
		rc = feed_all(unpack, taking, err);
	if (rc == IRMIN_OK) {
		taking->stage = "finish";
		rc = irmin__unpack_finish(unpack, checksum, &taking->index,
		    err);
		taking->count = irmin__unpack_count(unpack);
	}
	irmin__unpack_free(unpack);
	irmin__os_close(file);
	return rc;
}

irmin_rc take_and_forget(void *arg, irmin_error *err)
{
	struct taking *taking = arg;
	irmin_rc rc = take(taking, err);

	irmin_buf_clear(&taking->index);
	return rc;
}
