/* One loop for every write: the head of that moment, the change on its tree, a
 * commit, and the head moved if it is still the same; again if it is not.
 */
#include "lib/core/store/store.h"

#include "lib/core/base/slice.h"
#include "lib/core/store/stream.h"
#include "lib/core/store/tree-edit.h"

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

static irmin_rc refuse_race(const irmin_store *store, irmin_rc rc,
    uint32_t tries, const char *advice, irmin_error *err)
{
	return irmin_error_set(err, rc, store->ref,
	    "cannot commit to %s: others moved it during %u tries; %s",
	    store->ref ? store->ref : "the detached head", tries, advice);
}

/* Time counts from the first race on: work is not waiting. */
irmin_rc irmin__store_back_off(irmin_store *store, const irmin_info *info,
    irmin__patience *patience, irmin_error *err)
{
	uint32_t retries = info->retries ? info->retries : DEFAULT_RETRIES;
	int64_t us = wait_us(store, patience->tries);
	irmin__os *os = store->repo->os;
	irmin_rc rc;

	if (patience->tries++ == 0)
		patience->context = irmin__store_write_context(store, info);
	rc = irmin__context_check(&patience->context, err);
	if (rc < 0)
		return rc;
	if (patience->tries > retries)
		return refuse_race(store, IRMIN_ESTALE, patience->tries,
		    "try again later, or allow more retries", err);
	if (irmin__os_monotonic_us(os) + us > patience->context.deadline_us)
		return refuse_race(store, IRMIN_ETIMEDOUT, patience->tries,
		    "try again later, or allow more time", err);
	irmin__repo_count(store->repo, IRMIN_STAT_RETRIES, 1);
	irmin__repo_trace(store->repo, IRMIN_TRACE_INFO, "retry",
	    store->ref ? store->ref : "", "the head moved: %u of %u retries",
	    patience->tries, retries);
	if (us)
		irmin__os_sleep_us(os, us);
	return IRMIN_OK;
}

/* ---- one try ---- */

struct attempt {
	irmin_store *store;
	const irmin_context *context;
	const irmin__change *change;
	const irmin__second *second; /* of a merge; else NULL */
	const irmin_info *info;
	irmin_buf ref;      /* the ref to move; empty if detached */
	irmin_commit *head; /* what it was; NULL: absent */
	irmin_tree *before, *after;
	irmin_buf message; /* the default one */
	irmin_commit *made;
	int raced; /* the head moved meanwhile */
};

static void clear_attempt(struct attempt *attempt)
{
	irmin_buf_clear(&attempt->ref);
	irmin_buf_clear(&attempt->message);
	irmin_commit_unref(attempt->head);
	irmin_commit_unref(attempt->made);
	irmin_tree_unref(attempt->before);
	irmin_tree_unref(attempt->after);
}

/* Answers: OK; UNCHANGED (no commit is to be made). */
static irmin_rc apply(struct attempt *attempt, irmin_error *err)
{
	irmin_rc rc;

	rc = irmin__store_head(attempt->store, attempt->context, &attempt->ref,
	    &attempt->head, err);
	if (rc >= 0)
		rc = irmin__store_tree_of(attempt->store, attempt->head,
		    &attempt->before, err);
	if (rc >= 0)
		rc = attempt->change->apply(attempt->change->arg, attempt->head,
		    attempt->before, &attempt->after, err);
	if (rc != IRMIN_UNCHANGED ||
	    !(attempt->info->flags & IRMIN_INFO_ALLOW_EMPTY))
		return rc;
	if (!attempt->after)
		attempt->after = irmin_tree_ref(attempt->before);
	return IRMIN_OK;
}

static irmin_rc make_commit(struct attempt *attempt, irmin_error *err)
{
	irmin_commit *parents[2] = { attempt->head, NULL };
	size_t count = attempt->head != NULL;
	irmin_rc rc = IRMIN_OK;

	if (attempt->second)
		parents[count++] = attempt->second->parent;
	if (!attempt->info->message)
		rc = attempt->change->describe(attempt->change->arg,
		    attempt->before, attempt->after, &attempt->message, err);
	if (rc < 0)
		return rc;
	return irmin__commit_make(attempt->store->repo, attempt->context,
	    attempt->after, parents, count, attempt->info,
	    (char *)attempt->message.data, &attempt->made, err);
}

/* The new head: of a merge without a tree, the second parent. */
static irmin_rc find_made(struct attempt *attempt, irmin_error *err)
{
	if (attempt->after)
		return make_commit(attempt, err);
	attempt->made = irmin_commit_ref(attempt->second->parent);
	return IRMIN_OK;
}

static irmin_slice subject_of(const irmin_commit *commit)
{
	irmin_slice message = irmin_commit_message(commit);

	return irmin__slice_until(message, irmin__slice_find(message, '\n'));
}

/* What follows "merge " in the reflog. */
static irmin_rc describe_merge(const struct attempt *attempt, irmin_buf *words,
    irmin_error *err)
{
	irmin_rc rc = irmin_buf_set(words, irmin_text(attempt->second->name),
	    err);

	if (rc < 0)
		return rc;
	return irmin_buf_append(words,
	    irmin_text(attempt->after ? ": Merge made by the 'irmin' strategy."
				      : ": Fast-forward"),
	    err);
}

/* The line of the reflog, as git's; `words` is room for it. */
static irmin_rc tell_move(const struct attempt *attempt, irmin_buf *words,
    const char **begin, irmin_slice *rest, irmin_error *err)
{
	irmin_rc rc = IRMIN_OK;

	*rest = subject_of(attempt->made);
	*begin = attempt->head ? "commit: " : "commit (initial): ";
	if (!attempt->second)
		return IRMIN_OK;
	*begin = attempt->second->name ? "merge " : "commit (merge): ";
	if (attempt->second->name) {
		rc = describe_merge(attempt, words, err);
		*rest = irmin_buf_slice(words);
	}
	return rc;
}

/* Who moves the head: who commits, also where no commit is made. */
static irmin_rc mover_of(const struct attempt *attempt, irmin_ident *who,
    irmin_error *err)
{
	irmin_ident author;
	irmin_slice message;

	*who = irmin_commit_committer(attempt->made);
	return attempt->after
	    ? IRMIN_OK
	    : irmin__info_resolve(attempt->store->repo, attempt->info, "",
		  &author, who, &message, err);
}

/* The reflog says what git's says; heads in memory have none. The work is done:
 * what may be waited for a lock begins to count now. */
static irmin_rc move_ref(struct attempt *attempt, irmin_error *err)
{
	irmin_repo *repo = attempt->store->repo;
	irmin_buf words = IRMIN_BUF_INIT;
	const char *begin;
	irmin_slice rest;
	irmin_ident who;
	irmin_context context = irmin__store_write_context(attempt->store,
	    attempt->info);
	irmin_rc rc;

	if (repo->graph)
		return irmin__repo_head_cas(repo, &context,
		    (char *)attempt->ref.data, attempt->head, attempt->made,
		    err);
	rc = mover_of(attempt, &who, err);
	if (rc >= 0)
		rc = tell_move(attempt, &words, &begin, &rest, err);
	if (rc >= 0)
		rc = irmin__head_cas(repo, &context, (char *)attempt->ref.data,
		    attempt->head, attempt->made, &who, begin, rest, err);
	irmin_buf_clear(&words);
	return rc;
}

static irmin_rc publish(struct attempt *attempt, irmin_error *err)
{
	irmin_store *store = attempt->store;
	irmin_rc rc;

	rc = store->ref ? move_ref(attempt, err)
			: irmin__store_cas_detached(store, attempt->head,
			      attempt->made, err);
	attempt->raced = rc == IRMIN_ESTALE;
	if (rc < 0)
		return rc;
	if (store->ref) {
		if (attempt->after)
			irmin__tree_settle(attempt->after);
		irmin__store_saw(store, attempt->made);
	}
	return IRMIN_OK;
}

static irmin_rc try_once(struct attempt *attempt, irmin_error *err)
{
	irmin_rc rc = irmin__context_check(attempt->context, err);

	if (rc >= 0)
		rc = apply(attempt, err);
	if (rc != IRMIN_OK)
		return rc;
	rc = find_made(attempt, err);
	return rc < 0 ? rc : publish(attempt, err);
}

static irmin_rc try_often(irmin_store *store, const irmin__change *change,
    const irmin__second *second, const irmin_info *info, irmin_error *err)
{
	irmin_context context = irmin__store_write_context(store, info);
	irmin__patience patience = { 0 };
	int raced = 1;
	irmin_rc rc = IRMIN_OK;

	while (rc >= 0 && raced) {
		struct attempt attempt = { store, &context, change, second,
			info, IRMIN_BUF_INIT, NULL, NULL, NULL, IRMIN_BUF_INIT,
			NULL, 0 };

		rc = try_once(&attempt, err);
		raced = attempt.raced;
		clear_attempt(&attempt);
		if (raced)
			rc = irmin__store_back_off(store, info, &patience, err);
	}
	return rc;
}

irmin_rc irmin__store_write_merge(irmin_store *store,
    const irmin__change *change, const irmin__second *second,
    const irmin_info *info, irmin_error *err)
{
	irmin_info known;
	irmin_rc rc = irmin__info_read(info, &known, err);

	if (rc < 0)
		return rc;
	irmin__repo_work_begin(store->repo);
	rc = try_often(store, change, second, &known, err);
	irmin__repo_work_end(store->repo);
	return rc;
}

irmin_rc irmin__store_write(irmin_store *store, const irmin__change *change,
    const irmin_info *info, irmin_error *err)
{
	return irmin__store_write_merge(store, change, NULL, info, err);
}
