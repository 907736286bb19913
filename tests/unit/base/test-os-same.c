/* Random operations on the machine and on the simulator: the same answers. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/core/base/os-sim.h"
#include "tests/support/tap.h"

#define RUNS       20
#define OPERATIONS 2000
#define HANDLES    4

/* One side: a machine, and the directory in which all happens. */
struct side {
	irmin__os *os;
	const char *root;
	irmin__file *files[HANDLES];
	irmin_error err;
	irmin_buf bytes; /* what the last operation gave */
};

static uint64_t random_state;

static unsigned pick(unsigned end)
{
	random_state = random_state * 6364136223846793005 + 1442695040888963407;
	return (unsigned)(random_state >> 33) % end;
}

/* Steps up and down again stay below the root. */
static void random_path(char *path, size_t path_bytes)
{
	static const char *const steps[] = { "/a", "/b", "/c", "/d", "/a/..",
		"/b/.", "//c" };
	unsigned count = 1 + pick(4) / 2 + pick(4) / 3;

	path[0] = '\0';
	while (count--)
		strncat(path, steps[pick(count ? 7 : 4)],
		    path_bytes - strlen(path) - 1);
}

static const char *full(const struct side *side, const char *path)
{
	static char names[2][300];
	static int turn;
	char *name = names[turn = !turn];

	strcpy(name, side->root);
	strncat(name, path, 200);
	return name;
}

static irmin_rc give(struct side *side, const void *bytes, size_t len)
{
	if (irmin_buf_append(&side->bytes, irmin_bytes(bytes, len), NULL) < 0)
		bail("out of memory");
	return IRMIN_OK;
}

/* ---- operations ---- */

struct operation {
	char path[100], to[100];
	unsigned which, handle, number;
};

static irmin_rc do_mkdir(struct side *side, const struct operation *op)
{
	return irmin__os_mkdir(side->os, full(side, op->path), 0755,
	    &side->err);
}

static irmin_rc do_rmdir(struct side *side, const struct operation *op)
{
	return irmin__os_rmdir(side->os, full(side, op->path), &side->err);
}

static irmin_rc do_unlink(struct side *side, const struct operation *op)
{
	return irmin__os_unlink(side->os, full(side, op->path), &side->err);
}

static irmin_rc do_rename(struct side *side, const struct operation *op)
{
	return irmin__os_rename(side->os, full(side, op->path),
	    full(side, op->to), &side->err);
}

static irmin_rc do_link(struct side *side, const struct operation *op)
{
	return irmin__os_link(side->os, full(side, op->path),
	    full(side, op->to), &side->err);
}

static irmin_rc do_touch(struct side *side, const struct operation *op)
{
	return irmin__os_touch(side->os, full(side, op->path), &side->err);
}

/* One in eight, since the machine's disk takes its time. */
static int is_idle(const struct operation *op)
{
	return op->number % 8 != 0;
}

static irmin_rc do_sync_directory(struct side *side, const struct operation *op)
{
	if (is_idle(op))
		return IRMIN_END;
	return irmin__os_sync_directory(side->os, full(side, op->path),
	    &side->err);
}

static irmin_rc do_stat(struct side *side, const struct operation *op)
{
	irmin__os_stat stat;
	irmin_rc rc;

	rc = irmin__os_stat_path(side->os, full(side, op->path), op->number & 1,
	    &stat, &side->err);
	give(side, &stat.kind, sizeof stat.kind);
	give(side, &stat.mode, sizeof stat.mode);
	if (stat.kind == IRMIN__OS_FILE)
		give(side, &stat.bytes, sizeof stat.bytes);
	return rc;
}

static irmin_rc do_read_file(struct side *side, const struct operation *op)
{
	return irmin__os_read_file(side->os, full(side, op->path), 200,
	    &side->bytes, &side->err);
}

static irmin_rc do_absolute(struct side *side, const struct operation *op)
{
	irmin_buf out = IRMIN_BUF_INIT;
	irmin_rc rc;

	rc = irmin__os_absolute(side->os, full(side, op->path), &out,
	    &side->err);
	if (rc >= 0)
		give(side, out.data + strlen(side->root),
		    out.len - strlen(side->root));
	irmin_buf_clear(&out);
	return rc;
}

/* A set of names, as one bit each. */
static int note_name(void *arg, const char *name, irmin__os_kind kind)
{
	unsigned *names = arg;

	*names |= (kind == IRMIN__OS_DIRECTORY ? 17U : 1U) << (name[0] - 'a');
	return 0;
}

static irmin_rc do_each(struct side *side, const struct operation *op)
{
	unsigned names = 0;
	irmin_rc rc = irmin__os_each(side->os, full(side, op->path), note_name,
	    &names, &side->err);

	give(side, &names, sizeof names);
	return rc;
}

static irmin_rc do_open(struct side *side, const struct operation *op)
{
	static const uint32_t flags[] = {
		IRMIN__OS_READ,
		IRMIN__OS_WRITE,
		IRMIN__OS_WRITE | IRMIN__OS_CREATE,
		IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_EXCLUSIVE,
		IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_TRUNCATE,
		IRMIN__OS_WRITE | IRMIN__OS_CREATE | IRMIN__OS_APPEND,
		IRMIN__OS_WRITE | IRMIN__OS_TRUNCATE,
	};

	irmin__os_close(side->files[op->handle]);
	return irmin__os_open(side->os, full(side, op->path),
	    flags[op->number % 7], 0640, &side->files[op->handle], &side->err);
}

static irmin_rc do_write(struct side *side, const struct operation *op)
{
	static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyz";

	if (!side->files[op->handle])
		return IRMIN_END;
	return irmin__os_write(side->files[op->handle],
	    irmin_bytes(text + op->number % 7, op->number % 29), &side->err);
}

static irmin_rc do_read(struct side *side, const struct operation *op)
{
	char bytes[64];
	size_t got;
	irmin_rc rc;

	if (!side->files[op->handle])
		return IRMIN_END;
	rc = irmin__os_read(side->files[op->handle], op->number % 50, bytes,
	    op->number % sizeof bytes, &got, &side->err);
	give(side, bytes, got);
	return rc;
}

static irmin_rc do_sync(struct side *side, const struct operation *op)
{
	if (!side->files[op->handle] || is_idle(op))
		return IRMIN_END;
	return irmin__os_sync(side->files[op->handle], &side->err);
}

static irmin_rc do_stat_file(struct side *side, const struct operation *op)
{
	irmin__os_stat stat;
	irmin_rc rc;

	if (!side->files[op->handle])
		return IRMIN_END;
	rc = irmin__os_stat_file(side->files[op->handle], &stat, &side->err);
	if (stat.kind == IRMIN__OS_FILE)
		give(side, &stat.bytes, sizeof stat.bytes);
	return rc;
}

static irmin_rc do_chmod(struct side *side, const struct operation *op)
{
	if (!side->files[op->handle])
		return IRMIN_END;
	return irmin__os_chmod(side->files[op->handle], 0700 | op->number % 64,
	    &side->err);
}

static const struct {
	const char *name;
	irmin_rc (*run)(struct side *side, const struct operation *op);
} operations[] = {
	{ "mkdir", do_mkdir },
	{ "rmdir", do_rmdir },
	{ "unlink", do_unlink },
	{ "rename", do_rename },
	{ "rename", do_rename },
	{ "link", do_link },
	{ "link", do_link },
	{ "touch", do_touch },
	{ "sync_directory", do_sync_directory },
	{ "stat_path", do_stat },
	{ "read_file", do_read_file },
	{ "absolute", do_absolute },
	{ "each", do_each },
	{ "open", do_open },
	{ "open", do_open },
	{ "open", do_open },
	{ "write", do_write },
	{ "write", do_write },
	{ "read", do_read },
	{ "sync", do_sync },
	{ "stat_file", do_stat_file },
	{ "chmod", do_chmod },
};

#define KINDS (sizeof operations / sizeof *operations)

/* ---- comparing ---- */

static unsigned answered[KINDS][2]; /* fine, failed */

static irmin_rc run_on(struct side *side, const struct operation *op)
{
	side->bytes.len = 0;
	irmin_error_clear(&side->err);
	return operations[op->which].run(side, op);
}

/* The errno of a refused link is translated by each in its way. */
static int same(const struct side *a, irmin_rc a_rc, const struct side *b,
    irmin_rc b_rc)
{
	return a_rc == b_rc && a->err.code == b->err.code &&
	    (a->err.os_errno == b->err.os_errno || a_rc == IRMIN_ENOTSUP) &&
	    irmin_slice_equal(irmin_buf_slice(&a->bytes),
		irmin_buf_slice(&b->bytes));
}

static int step(struct side *real, struct side *sim)
{
	struct operation op;
	irmin_rc real_rc, sim_rc;

	random_path(op.path, sizeof op.path);
	random_path(op.to, sizeof op.to);
	op.which = pick(KINDS);
	op.handle = pick(HANDLES);
	op.number = pick(10000);
	real_rc = run_on(real, &op);
	sim_rc = run_on(sim, &op);
	answered[op.which][real_rc < 0]++;
	if (same(real, real_rc, sim, sim_rc))
		return 1;
	diag("%s %s %s, number %u, handle %u", operations[op.which].name,
	    op.path, op.to, op.number, op.handle);
	diag("machine: %d %s", real_rc, real->err.text);
	diag("simulator: %d %s", sim_rc, sim->err.text);
	return 0;
}

static void clear_side(struct side *side)
{
	int i;

	for (i = 0; i < HANDLES; i++)
		irmin__os_close(side->files[i]);
	irmin_buf_clear(&side->bytes);
}

static void same_files(const char *a, const char *b, unsigned seed,
    const char *what)
{
	struct tap_output output;

	is_int(tap_run(&output, "diff -r %s %s", a, b), 0, "seed %u: %s", seed,
	    what);
	if (output.out_len)
		diag("%s", output.out);
	tap_output_clear(&output);
}

static const char *export_to(struct side *sim, const char *copy)
{
	if (irmin__os_sim_export(sim->os, sim->root, copy, &sim->err) < 0)
		bail("cannot export: %s", sim->err.text);
	return copy;
}

/* What the simulator exports is what the machine has. After a crash it is a
 * tree, if not the same, and nothing of it is left to be lost. */
static void compare_trees(struct side *real, struct side *sim, unsigned seed)
{
	const char *after = tap_format("%s-after", real->root);

	same_files(real->root,
	    export_to(sim, tap_format("%s-copy", real->root)), seed,
	    "the same files at the end");
	if (irmin__os_sim_restart(sim->os, IRMIN__OS_LOSE_SOME, &sim->err) < 0)
		bail("cannot restart: %s", sim->err.text);
	export_to(sim, after);
	irmin__os_sim_restart(sim->os, IRMIN__OS_LOSE_UNSYNCED, &sim->err);
	same_files(after, export_to(sim, tap_format("%s-again", real->root)),
	    seed, "a second crash loses nothing more");
}

static void test_run(const char *scratch, unsigned seed)
{
	struct side real = { .os = irmin__os_posix() };
	struct side sim = { .root = "/root" };
	int i;

	random_state = seed;
	real.root = tap_format("%s/%u", scratch, seed);
	if (irmin__os_sim_new(seed, &sim.os, &sim.err) < 0 ||
	    irmin__os_mkdir(sim.os, sim.root, 0755, &sim.err) < 0 ||
	    irmin__os_sync_directory(sim.os, "/", &sim.err) < 0 ||
	    mkdir(real.root, 0755) < 0)
		bail("cannot begin");
	for (i = 0; i < OPERATIONS && step(&real, &sim); i++)
		;
	if (is_int(i, OPERATIONS, "seed %u: the same answers", seed))
		compare_trees(&real, &sim, seed);
	clear_side(&real);
	clear_side(&sim);
	irmin__os_sim_free(sim.os);
}

int main(void)
{
	char *scratch = realpath(tap_tmpdir(), NULL);
	unsigned i, idle = 0;

	if (!scratch)
		bail("cannot resolve the scratch directory");
	for (i = 0; i < RUNS; i++)
		test_run(scratch, i);
	free(scratch);
	for (i = 0; i < KINDS; i++) {
		diag("%s: %u succeeded, %u failed", operations[i].name,
		    answered[i][0], answered[i][1]);
		idle += answered[i][0] < 40;
	}
	is_int(idle, 0, "every operation did something often enough");
	return done_testing();
}
