#include "lib/core/store/repo.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/core/base/count.h"
#include "lib/core/base/error.h"
#include "lib/core/base/options.h"
#include "lib/core/base/text.h"
#include "lib/core/object/ident.h"
#include "lib/core/store/backend.h"
#include "lib/core/store/graph.h"
#include "lib/core/store/ledger.h"
#include "lib/core/store/merger.h"
#include "lib/core/store/stream.h"
#include <irmin/alloc.h>

#define DEFAULT_TIMEOUT_MS   1000
#define DEFAULT_OBJECT_BYTES ((size_t)256 << 20)
#define DEFAULT_CACHE_BYTES  ((size_t)16 << 20)
#define DEFAULT_DIRTY_BYTES  ((size_t)64 << 20)

/* ---- opening ---- */

static irmin_rc check_options(const irmin_open_options *options,
    const irmin_backend *backend, irmin_error *err)
{
	irmin_slice name, email;

	if (options->flags &
	    ~(uint32_t)(IRMIN_OPEN_CREATE | IRMIN_OPEN_READ_ONLY |
		IRMIN_OPEN_MOVE_CHECKED_OUT))
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "unknown flags 0x%x in the options", options->flags);
	if ((unsigned)options->level > IRMIN_POWER)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "there is no level %d", (int)options->level);
	if ((unsigned)options->io > IRMIN_IO_READ)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "there is no io %d", (int)options->io);
	if (options->hash != IRMIN_HASH_NONE && options->hash != backend->hash)
		return irmin_error_set(err, IRMIN_EINVAL, backend->location,
		    "the options ask for %s, but the repository uses %s",
		    irmin_hash_name(options->hash),
		    irmin_hash_name(backend->hash));
	if (options->author)
		return irmin__ident_split(irmin_text(options->author), &name,
		    &email, err);
	return IRMIN_OK;
}

static void set_limits(irmin_repo *repo, const irmin_open_options *options)
{
	repo->max_value_bytes = options->max_value_bytes
	    ? options->max_value_bytes
	    : DEFAULT_OBJECT_BYTES;
	repo->max_tree_bytes = options->max_tree_bytes ? options->max_tree_bytes
						       : DEFAULT_OBJECT_BYTES;
	repo->dirty_bytes = options->dirty_bytes ? options->dirty_bytes
						 : DEFAULT_DIRTY_BYTES;
	/* Where nothing can be written, nothing is let go. */
	if (repo->is_volatile || irmin_repo_is_read_only(repo))
		repo->dirty_bytes = SIZE_MAX;
	repo->limits.path_bytes = options->max_path_bytes;
	repo->limits.step_bytes = options->max_step_bytes;
	repo->limits.depth = options->max_depth;
	repo->limits = irmin__path_limits_resolve(&repo->limits);
}

static void set_options(irmin_repo *repo, const irmin_open_options *options)
{
	repo->flags = options->flags;
	if (repo->backend->flags & IRMIN_BACKEND_READ_ONLY)
		repo->flags |= IRMIN_OPEN_READ_ONLY;
	repo->is_volatile = (repo->backend->flags & IRMIN_BACKEND_VOLATILE) !=
	    0;
	repo->level = options->level;
	if (repo->level == IRMIN_LEVEL_DEFAULT)
		repo->level = repo->is_volatile ? IRMIN_LAZY : IRMIN_PROCESS;
	repo->trace = options->trace;
	repo->trace_arg = options->trace_arg;
	repo->wait = options->wait;
	set_limits(repo, options);
}

static irmin_rc copy_strings(irmin_repo *repo,
    const irmin_open_options *options, irmin_error *err)
{
	const char *program = options->program ? options->program : "irmin";
	const char *location = repo->backend->location;
	irmin_rc rc;

	rc = irmin__text_copy(irmin_text(location), &repo->location, err);
	if (rc >= 0)
		rc = irmin__text_copy(irmin_text(program), &repo->program, err);
	if (rc >= 0 && options->author)
		rc = irmin__text_copy(irmin_text(options->author),
		    &repo->author, err);
	return rc;
}

/* The other quarter of the bytes is the backend's. */
static irmin_rc open_ledger(irmin_repo *repo, const irmin_open_options *options,
    irmin_error *err)
{
	size_t bytes = options->cache_bytes ? options->cache_bytes
					    : DEFAULT_CACHE_BYTES;

	if (repo->is_volatile)
		return IRMIN_OK;
	return irmin__ledger_new(bytes - bytes / 4, &repo->ledger, err);
}

static irmin_rc init_locks(irmin_repo *repo, irmin_error *err)
{
	irmin_rc rc = irmin__mutex_init(&repo->mutex, err);

	if (rc < 0)
		return rc;
	rc = irmin__late_gate_init(&repo->ids, err);
	if (rc < 0) {
		irmin__mutex_clear(&repo->mutex);
		return rc;
	}
	rc = irmin__condition_init(&repo->left, err);
	if (rc < 0) {
		irmin__late_gate_clear(&repo->ids);
		irmin__mutex_clear(&repo->mutex);
	}
	return rc;
}

void irmin__repo_set_merger(irmin_repo *repo, const irmin__merger *merger)
{
	repo->merger = merger;
}

static void free_repo(irmin_repo *repo)
{
	irmin__rules *rules = atomic_load(&repo->rules);

	if (rules)
		repo->merger->free_rules(rules);
	irmin__graph_free(repo->graph);
	irmin__hash_pool_free(repo->hashers);
	irmin_free(repo->location);
	irmin_free(repo->author);
	irmin_free(repo->program);
	irmin_free(repo->author_default);
	irmin__ledger_unref(repo->ledger);
	irmin__late_gate_clear(&repo->ids);
	irmin__condition_clear(&repo->left);
	irmin__mutex_clear(&repo->mutex);
	irmin_free(repo);
}

/* What is volatile is kept in memory by us, and the backend is wrapped. */
static irmin_rc keep_graph(irmin_repo *repo, irmin_error *err)
{
	irmin_rc rc;

	if (!repo->is_volatile)
		return IRMIN_OK;
	rc = irmin__graph_wrap(&repo->backend, &repo->graph, err);
	if (rc < 0)
		return rc;
	irmin__graph_start(repo->graph, repo);
	repo->late_commits = 1;
	return IRMIN_OK;
}

static irmin_rc new_repo(irmin__os *os, irmin_backend *backend,
    const irmin_open_options *options, irmin_repo **repo, irmin_error *err)
{
	irmin_repo *made = irmin_calloc(1, sizeof *made);
	irmin_rc rc;

	if (!made)
		return irmin__enomem(err);
	rc = init_locks(made, err);
	if (rc < 0) {
		irmin_free(made);
		return rc;
	}
	atomic_init(&made->inner, 1);
	made->os = os;
	made->backend = backend;
	made->scheme = backend->cls->scheme;
	made->hash = backend->hash;
	set_options(made, options);
	rc = copy_strings(made, options, err);
	if (rc >= 0)
		rc = open_ledger(made, options, err);
	if (rc >= 0)
		rc = irmin__hash_pool_new(irmin__hash_class_of(made->hash),
		    &made->hashers, err);
	if (rc >= 0)
		rc = keep_graph(made, err);
	if (rc < 0)
		free_repo(made);
	else
		*repo = made;
	return rc;
}

irmin_rc irmin__repo_new(irmin__os *os, irmin_backend *backend,
    const irmin_open_options *options, irmin_repo **repo, irmin_error *err)
{
	irmin_open_options known;
	irmin_repo *made = NULL;
	irmin_rc rc;

	*repo = NULL;
	rc = irmin__options_read(&known, sizeof known, options,
	    "irmin_open_options", err);
	if (rc >= 0)
		rc = irmin__backend_check(backend, err);
	if (rc >= 0)
		rc = check_options(&known, backend, err);
	if (rc >= 0)
		rc = new_repo(os, backend, &known, &made, err);
	if (rc < 0) {
		irmin__backend_close(backend);
		return rc;
	}
	irmin__repo_trace(made, IRMIN_TRACE_INFO, "open", made->location,
	    "%s repository, %s", made->scheme, irmin_hash_name(made->hash));
	*repo = made;
	return IRMIN_OK;
}

/* ---- the two counts ---- */

irmin_repo *irmin__repo_ref(irmin_repo *repo)
{
	irmin__count_up(&repo->inner);
	return repo;
}

void irmin__repo_unref(irmin_repo *repo)
{
	if (repo && irmin__count_down(&repo->inner))
		free_repo(repo);
}

void irmin_repo_close(irmin_repo *repo)
{
	irmin_rc rc;

	if (!repo)
		return;
	rc = irmin_repo_flush(repo, repo->level, NULL);
	(void)rc; /* the header says so: who must know flushes first */
	irmin__repo_trace(repo, IRMIN_TRACE_INFO, "close", repo->location,
	    "closed");
	irmin__mutex_lock(&repo->mutex);
	atomic_store(&repo->closed, 1);
	while (irmin__backend_is_entered(repo))
		irmin__condition_wait(&repo->left, &repo->mutex);
	irmin__mutex_unlock(&repo->mutex);
	irmin__sources_close(repo);
	irmin__backend_close(repo->backend);
	repo->backend = NULL;
	irmin__repo_unref(repo);
}

/* ---- what it is, and what it does ---- */

irmin_hash_algo irmin_repo_hash(const irmin_repo *repo)
{
	return repo->hash;
}

const char *irmin_repo_location(const irmin_repo *repo)
{
	return repo->location;
}

const char *irmin_repo_scheme(const irmin_repo *repo)
{
	return repo->scheme;
}

int irmin_repo_is_read_only(const irmin_repo *repo)
{
	return (repo->flags & IRMIN_OPEN_READ_ONLY) != 0;
}

uint64_t irmin_repo_stat(const irmin_repo *repo, irmin_stat stat)
{
	uint64_t sum = 0;
	size_t i;

	if ((unsigned)stat >= IRMIN_STAT_COUNT)
		return 0;
	for (i = 0; i < IRMIN__STRIPES; i++)
		sum += atomic_load_explicit(&repo->stripes[i].stats[stat],
		    memory_order_relaxed);
	return sum;
}

void irmin__repo_count(irmin_repo *repo, irmin_stat stat, uint64_t n)
{
	irmin__repo_stripe *own = &repo->stripes[irmin__thread_stripe()];

	atomic_fetch_add_explicit(&own->stats[stat], n, memory_order_relaxed);
}

void irmin__repo_trace(irmin_repo *repo, irmin_trace_level level,
    const char *name, const char *where, const char *format, ...)
{
	irmin_event event = { sizeof event, level, name, where, NULL };
	char text[sizeof((irmin_error *)NULL)->text];
	va_list args;

	if (!repo->trace)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	event.text = text;
	repo->trace(repo->trace_arg, &event);
}

irmin_context irmin__repo_context(irmin_repo *repo, const irmin_wait *wait)
{
	irmin_context context = { sizeof context, 0, NULL, 0 };
	uint32_t timeout_ms = wait ? wait->timeout_ms : 0;

	context.cancel = wait && wait->cancel ? wait->cancel
					      : repo->wait.cancel;
	context.max_object_bytes = repo->max_value_bytes;
	if (!timeout_ms)
		timeout_ms = repo->wait.timeout_ms;
	if (!timeout_ms)
		timeout_ms = DEFAULT_TIMEOUT_MS;
	context.deadline_us = timeout_ms == UINT32_MAX
	    ? INT64_MAX
	    : irmin__os_monotonic_us(repo->os) + (int64_t)timeout_ms * 1000;
	return context;
}
