/* lib/core/store/maintain.h: the slots that long calls are made of. */
#ifndef IRMIN_STORE_MAINTAIN_H
#define IRMIN_STORE_MAINTAIN_H

#include "lib/core/store/repo.h"
#include <irmin/maintain.h>

/* As the slots of these names. */
irmin_rc irmin__repo_scan(irmin_repo *repo, const irmin_context *context,
    irmin_scan_fn fn, void *arg, irmin_error *err);
irmin_rc irmin__repo_pack_objects(irmin_repo *repo,
    const irmin_context *context, irmin_progress_fn progress, void *arg,
    irmin_error *err);
irmin_rc irmin__repo_write_graph(irmin_repo *repo,
    const irmin_context *context, irmin_error *err);
irmin_rc irmin__repo_pack_refs(irmin_repo *repo, const irmin_context *context,
    irmin_error *err);
irmin_rc irmin__repo_verify_objects(irmin_repo *repo,
    const irmin_context *context, irmin_fault_fn fn, void *arg,
    irmin_error *err);
irmin_rc irmin__repo_verify_refs(irmin_repo *repo,
    const irmin_context *context, irmin_fault_fn fn, void *arg,
    irmin_error *err);

#endif
