#include "lib/core/object/hash-evp.h"

static irmin_rc open_sha1(void **context, irmin_error *err)
{
	return irmin__hash_evp_open("SHA1", 20, context, err);
}

const irmin__hash_class irmin__hash_sha1 = {
	sizeof(irmin__hash_class),
	"sha1",
	IRMIN_HASH_SHA1,
	20,
	open_sha1,
	irmin__hash_evp_close,
	irmin__hash_evp_init,
	irmin__hash_evp_update,
	irmin__hash_evp_done,
};
