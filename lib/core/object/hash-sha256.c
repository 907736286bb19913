#include "lib/core/object/hash-evp.h"

static irmin_rc open_sha256(void **context, irmin_error *err)
{
	return irmin__hash_evp_open("SHA256", 32, context, err);
}

const irmin__hash_class irmin__hash_sha256 = {
	sizeof(irmin__hash_class),
	"sha256",
	IRMIN_HASH_SHA256,
	32,
	open_sha256,
	irmin__hash_evp_close,
	irmin__hash_evp_init,
	irmin__hash_evp_update,
	irmin__hash_evp_done,
};
