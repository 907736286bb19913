/* One loop for every write: the head of that moment, the change on its tree, a
 * commit, and the head moved if it is still the same; again if it is not.
 */
#include "lib/core/store/store.h"

#include "lib/core/base/error.h"

#define DEFAULT_RETRIES 100

/* ---- waiting for a better moment ---- */

/* The first tries follow at once: most races are lost to one writer. Then the
 * wait doubles up to this many microseconds. */
#define EAGER_TRIES     3
#define FIRST_WAIT_US   50
#define LONGEST_WAIT_US 10000

static int64_t wait_us(irmin_store *store, uint32_t tries)
{
	int64_t longest = FIRST_WAIT_US;
	uint32_t random = 0;

	if (tries < EAGER_TRIES)
		return 0;
	for (tries -= EAGER_TRIES; tries && longest < LONGEST_WAIT_US; tries--)
		longest *= 2;
	if (irmin__os_random(store->repo->os, &random, sizeof random, NULL) < 0)
		random = UINT32_MAX / 2;
	return longest * (random % 1024 + 1) / 1024;
}

irmin_rc irmin__store_back_off(irmin_store *store, const irmin_context *context,
    uint32_t tries, irmin_error *err)
{
	irmin__os *os = store->repo->os;
	int64_t us = wait_us(store, tries);
	irmin_rc rc = irmin__context_check(context, err);

	if (rc < 0)
		return rc;
	if (context->deadline_us &&
	    irmin__os_monotonic_us(os) + us > context->deadline_us)
		return irmin_error_set(err, IRMIN_ETIMEDOUT, store->ref,
		    "the deadline passed after %u tries: others kept moving "
		    "the head",
		    tries + 1);
	irmin__repo_count(store->repo, IRMIN_STAT_RETRIES, 1);
	irmin__repo_trace(store->repo, IRMIN_TRACE_INFO, "retry",
	    store->ref ? store->ref : "", "the head moved; try %u", tries + 2);
	if (us)
		irmin__os_sleep_us(os, us);
	return IRMIN_OK;
}

uint32_t irmin__info_retries(const irmin_info *info)
{
	return info->retries ? info->retries : DEFAULT_RETRIES;
}

irmin_context irmin__store_write_context(const irmin_store *store,
    const irmin_info *info)
{
	irmin_wait wait = store->wait;

	if (info->wait.timeout_ms)
		wait.timeout_ms = info->wait.timeout_ms;
	if (info->wait.cancel)
		wait.cancel = info->wait.cancel;
	return irmin__repo_context(store->repo, &wait);
}

/* ---- one try ---- */

struct
try {
	irmin_store *store;
	const irmin_context *context;
	const irmin__change *change;
	const irmin_info *info;
	irmin_buf ref;      /* the ref to move; empty if detached */
	irmin_commit *head; /* what it was; NULL: absent */
	irmin_tree *before, *after;
	irmin_buf message; /* the default one */
	irmin_commit *made;
	int raced; /* the head moved meanwhile */
};

static void clear_try(struct try *try)
{
	irmin_buf_clear(&try->ref);
	irmin_buf_clear(&try->message);
	irmin_commit_unref(try->head);
	irmin_commit_unref(try->made);
	irmin_tree_unref(try->before);
	irmin_tree_unref(try->after);
}

/* Answers: OK; UNCHANGED (no commit is to be made). */
static irmin_rc apply(struct try *try, irmin_error *err)
{
	irmin_rc rc;

	rc = irmin__store_head(try->store, try->context, &try->ref, &try->head,
	    err);
	if (rc >= 0)
		rc = irmin__store_tree_of(try->store, try->head, &try->before,
		    err);
	if (rc >= 0)
		rc = try->change->apply(try->change->arg, try->head,
		    try->before, &try->after, err);
	if (rc != IRMIN_UNCHANGED ||
	    !(try->info->flags & IRMIN_INFO_ALLOW_EMPTY))
		return rc;
	if (!try->after)
		try->after = irmin_tree_ref(try->before);
	return IRMIN_OK;
}

static irmin_rc make_commit(struct try *try, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	if (!try->info->message)
		rc = try->change->describe(try->change->arg, try->before,
		    try->after, &try->message, err);
	if (rc < 0)
		return rc;
	return irmin__commit_make(try->store->repo, try->context, try->after,
	    &try->head, try->head != NULL, try->info, (char *)try->message.data,
	    &try->made, err);
}

static irmin_slice subject_of(const irmin_commit *commit)
{
	irmin_slice message = irmin_commit_message(commit);
	const char *end = memchr(message.data, '\n', message.len);

	if (end)
		message.len = (size_t)(end - (const char *)message.data);
	return message;
}

/* The reflog says what git's says. */
static irmin_rc move_ref(struct try *try, irmin_error *err)
{
	irmin_ident who = irmin_commit_committer(try->made);

	return irmin__head_cas(try->store->repo, try->context,
	    (char *)try->ref.data,
	    try->head ? irmin__commit_oid(try->head) : NULL,
	    irmin__commit_oid(try->made), &who,
	    try->head ? "commit: " : "commit (initial): ",
	    subject_of(try->made), err);
}

/* At level POWER the objects are safe before the ref that needs them. */
static irmin_rc publish(struct try *try, irmin_error *err)
{
	irmin_store *store = try->store;
	int safe = store->repo->level == IRMIN_POWER;
	irmin_rc rc = IRMIN_OK;

	if (safe)
		rc = irmin__repo_flush_objects(store->repo, try->context,
		    IRMIN_POWER, err);
	if (rc < 0)
		return rc;
	rc = store->ref
	    ? move_ref(try, err)
	    : irmin__store_cas_detached(store, try->head, try->made, err);
	try->raced = rc == IRMIN_ESTALE;
	if (rc < 0)
		return rc;
	if (store->ref)
		irmin__store_saw(store, try->made);
	if (safe)
		rc = irmin__repo_flush_refs(store->repo, try->context,
		    IRMIN_POWER, err);
	return rc < 0 ? rc : IRMIN_OK;
}

static irmin_rc try_once(struct try *try, irmin_error *err)
{
	irmin_rc rc = apply(try, err);

	if (rc < 0 || rc == IRMIN_UNCHANGED)
		return rc;
	rc = make_commit(try, err);
	return rc < 0 ? rc : publish(try, err);
}

static irmin_rc refuse_race(const irmin_store *store, uint32_t tries,
    irmin_error *err)
{
	const char *what = store->ref ? store->ref : "the detached head";

	return irmin_error_set(err, IRMIN_ESTALE, store->ref,
	    "cannot commit to %s: others moved it during %u tries; try again "
	    "later, or allow more retries",
	    what, tries + 1);
}

irmin_rc irmin__store_write(irmin_store *store, const irmin__change *change,
    const irmin_info *info, irmin_error *err)
{
	irmin_info known;
	irmin_context context;
	uint32_t tries;
	int raced = 1;
	irmin_rc rc = irmin__info_read(info, &known, err);

	if (rc < 0)
		return rc;
	context = irmin__store_write_context(store, &known);
	for (tries = 0; raced && rc >= 0; tries++) {
		struct try try = { store, &context, change, &known,
			IRMIN_BUF_INIT, NULL, NULL, NULL, IRMIN_BUF_INIT, NULL,
			0 };

		rc = try_once(&try, err);
		raced = try.raced;
		clear_try(&try);
		if (raced && tries < irmin__info_retries(&known))
			rc = irmin__store_back_off(store, &context, tries, err);
		else if (raced)
			rc = refuse_race(store, tries, err);
	}
	return rc;
}
