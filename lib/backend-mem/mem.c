#include "lib/backend-mem/mem.h"

#include "lib/backend-mem/mem-parts.h"
#include "lib/core/base/error.h"
#include <irmin/alloc.h>

static void mem_close(irmin_backend *backend)
{
	irmin_free(backend);
}

static const irmin_backend_class mem_class = {
	.size = sizeof(irmin_backend_class),
	.scheme = "mem",
	.close = mem_close,
};

irmin_rc irmin__mem_open(irmin__os *os, const irmin_open_options *options,
    irmin_backend **out, irmin_error *err)
{
	irmin_backend *backend;
	irmin_rc rc;

	*out = NULL;
	backend = irmin_calloc(1, sizeof *backend);
	if (!backend)
		return irmin__enomem(err);
	backend->cls = &mem_class;
	backend->hash = IRMIN_HASH_SHA1;
	backend->flags = IRMIN_BACKEND_VOLATILE;
	backend->location = "";
	if (options && options->hash)
		backend->hash = options->hash;
	if (options && (options->flags & IRMIN_OPEN_READ_ONLY))
		backend->flags |= IRMIN_BACKEND_READ_ONLY;

	rc = irmin__mem_objects_new(os, backend->hash, &backend->objects, err);
	if (rc < 0)
		goto done;
	rc = irmin__mem_refs_new(backend->hash, "refs/heads/main",
	    &backend->refs, err);
	if (rc < 0)
		goto done;

	*out = backend;
	backend = NULL;
done:
	if (backend && backend->objects)
		backend->objects->cls->close(backend->objects);
	irmin_free(backend);
	return rc;
}
