#include "lib/core/object/hash-evp.h"

#include <irmin/alloc.h>
#include <openssl/evp.h>

#include "lib/core/base/error.h"

/* Fetching a digest and making a context cost libcrypto 3 twice as much as
 * hashing a small object, so both are done once and kept. */
struct evp {
	EVP_MD *digest;
	EVP_MD_CTX *state;
};

irmin_rc irmin__hash_evp_open(const char *name, size_t id_bytes, void **context,
    irmin_error *err)
{
	struct evp *evp = irmin_calloc(1, sizeof *evp);
	irmin_rc rc = IRMIN_OK;

	*context = NULL;
	if (!evp)
		return irmin__enomem(err);
	evp->digest = EVP_MD_fetch(NULL, name, NULL);
	evp->state = EVP_MD_CTX_new();
	if (!evp->digest || (size_t)EVP_MD_get_size(evp->digest) != id_bytes)
		rc = irmin_error_set(err, IRMIN_ENOTSUP, NULL,
		    "cannot hash with %s: libcrypto does not offer it", name);
	else if (!evp->state)
		rc = irmin__enomem(err);
	if (rc < 0)
		irmin__hash_evp_close(evp);
	else
		*context = evp;
	return rc;
}

void irmin__hash_evp_close(void *context)
{
	struct evp *evp = context;

	if (!evp)
		return;
	EVP_MD_CTX_free(evp->state);
	EVP_MD_free(evp->digest);
	irmin_free(evp);
}

/* Only memory can run out in a digest that libcrypto has agreed to compute. */
static irmin_rc answer(int held, irmin_error *err)
{
	return held ? IRMIN_OK : irmin__enomem(err);
}

irmin_rc irmin__hash_evp_init(void *context, irmin_error *err)
{
	struct evp *evp = context;

	return answer(EVP_DigestInit_ex2(evp->state, evp->digest, NULL), err);
}

irmin_rc irmin__hash_evp_update(void *context, irmin_slice bytes,
    irmin_error *err)
{
	struct evp *evp = context;

	return answer(EVP_DigestUpdate(evp->state, bytes.data, bytes.len), err);
}

irmin_rc irmin__hash_evp_done(void *context, unsigned char *id,
    irmin_error *err)
{
	struct evp *evp = context;

	return answer(EVP_DigestFinal_ex(evp->state, id, NULL), err);
}
