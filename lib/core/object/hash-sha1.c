/* By libcrypto's older interface: its newer one takes as long again to begin and
 * to end a small object as the object takes. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <irmin/alloc.h>

#include "lib/core/base/error.h"
#include "lib/core/object/hash.h"

static irmin_rc open_context(void **context, irmin_error *err)
{
	*context = irmin_malloc(sizeof(SHA_CTX));
	return *context ? IRMIN_OK : irmin__enomem(err);
}

/* Nothing fails in a digest that keeps all its state in its context. */
static irmin_rc answer(int held, irmin_error *err)
{
	return held ? IRMIN_OK
		    : irmin_error_set(err, IRMIN_ENOTSUP, NULL,
			  "cannot hash: libcrypto refuses SHA-1");
}

static irmin_rc init(void *context, irmin_error *err)
{
	return answer(SHA1_Init(context), err);
}

static irmin_rc update(void *context, irmin_slice bytes, irmin_error *err)
{
	return answer(SHA1_Update(context, bytes.data, bytes.len), err);
}

static irmin_rc done(void *context, unsigned char *id, irmin_error *err)
{
	return answer(SHA1_Final(id, context), err);
}

const irmin__hash_class irmin__hash_sha1 = {
	sizeof(irmin__hash_class),
	"sha1",
	IRMIN_HASH_SHA1,
	20,
	open_context,
	irmin_free,
	init,
	update,
	done,
};
