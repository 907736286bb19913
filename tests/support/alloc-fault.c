#include "tests/support/alloc-fault.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <irmin/alloc.h>

#include "tests/support/tap.h"

static _Thread_local uint64_t planned;
static _Thread_local uint64_t count;
static _Thread_local bool happened;
static _Thread_local pid_t planner; /* a fork inherits all of this */
static atomic_size_t live;

void alloc_fault_at(uint64_t n)
{
	planned = n;
	count = 0;
	happened = false;
	planner = getpid();
}

uint64_t alloc_fault_count(void)
{
	return count;
}

bool alloc_fault_happened(void)
{
	return happened;
}

size_t alloc_fault_live(void)
{
	return atomic_load(&live);
}

static bool fails_now(void)
{
	if (++count != planned || getpid() != planner)
		return false;
	happened = true;
	return true;
}

static void *counted(void *block)
{
	if (block)
		atomic_fetch_add(&live, 1);
	return block;
}

void *irmin_malloc(size_t size)
{
	return fails_now() ? NULL : counted(malloc(size ? size : 1));
}

void *irmin_calloc(size_t items, size_t size)
{
	if (fails_now())
		return NULL;
	return counted(items && size ? calloc(items, size) : calloc(1, 1));
}

void *irmin_realloc(void *block, size_t size)
{
	void *moved = fails_now() ? NULL : realloc(block, size ? size : 1);

	return block ? moved : counted(moved);
}

void irmin_free(void *block)
{
	if (block)
		atomic_fetch_sub(&live, 1);
	free(block);
}

/* One check for each run would drown the others: only what is wrong is told. */
static bool run_once(const char *name, uint64_t n,
    irmin_rc (*run)(void *arg, irmin_error *err), void *arg)
{
	size_t before = alloc_fault_live();
	irmin_error err;
	irmin_rc rc;

	memset(&err, 0, sizeof(err));
	alloc_fault_at(n);
	rc = run(arg, &err);
	planned = 0;
	if (happened ? rc != IRMIN_ENOMEM : rc < 0)
		ok(false, "%s, allocation %ju failing: %s (%s)", name,
		    (uintmax_t)n, irmin_rc_name(rc), err.text);
	if (rc < 0 && (err.code != rc || !err.text[0]))
		ok(false, "%s, allocation %ju failing: err is filled", name,
		    (uintmax_t)n);
	if (alloc_fault_live() != before)
		ok(false, "%s, allocation %ju failing: %jd blocks leaked", name,
		    (uintmax_t)n, (intmax_t)(alloc_fault_live() - before));
	return happened;
}

uint64_t alloc_fault_sweep(const char *name,
    irmin_rc (*run)(void *arg, irmin_error *err), void *arg)
{
	uint64_t n = 1;

	while (run_once(name, n, run, arg))
		n++;
	ok(true, "%s: every allocation failed once, n = 1 to %ju", name,
	    (uintmax_t)(n - 1));
	return n;
}
