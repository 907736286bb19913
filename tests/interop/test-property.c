/*
 * Random paths, values and infos, the refused and the dangerous among them, go
 * through the public interface: each call answers OK, UNCHANGED, EINVAL or
 * ELIMIT, what was accepted can be read back, what was refused left no trace,
 * and the real `git fsck --strict` finds nothing in the end.
 *
 * IRMIN_SEED repeats a run.
 */
#include "tests/interop/with-git.h"

#include "tests/support/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TRIES 3000

struct trial {
	irmin_store *store;
	uint64_t chance;
	unsigned accepted, refused, unchanged;
	bool held;
};

static const char *const dangerous[] = { ".", "..", ".git", ".GIT", ".Git",
	"git~1", "GIT~1", "git~2", ".git ", ".git.", ".git...", ".git::$DATA",
	".git:x", "a\\.git", ".git\\hooks", "\\", "a\\b", ".g\342\200\214it",
	"\342\200\215.git", ".gi\357\273\277t", ".gitmodules", ".GITMODULES",
	".gitattributes", ".gitignore", ".mailmap", "gitmod~1", "gi7eba~1",
	"GITATT~1", ".gitmodules ", ".irmin", ".Irmin", "con", "aux.txt", "a:b",
	"~", "*", "?", "\"", "<", "\001", "\177", "\n", "\377", "\300\200",
	"a\tb", " ", "a ", "a." };
static const char *const contents[] = { "", "x\n", "\n", "[submodule \"a\"]\n",
	"[submodule \"..\"]\n\tpath = x\n\turl = y\n",
	"[submodule \"a\"]\n\turl = -u./x\n",
	"[submodule \"a\"]\n\tpath = -x\n",
	"[submodule \"a\"]\n\tupdate = !sh\n",
	"[submodule \"a\"]\n\turl = http://example.org/%0aproxy\n", "[broken",
	"* text\n", "*.c merge=union\n", "../outside", "/etc/passwd" };
static const char *const people[] = { "A <a@b>", "", "A", "<a@b>", "A <a@b",
	"A <a>b> ", "A <<a@b>>", "A\nB <a@b>", "A <a@b>\n", " A  <a@b>", "A <>",
	".,;<a@b>", "\377 <\376>", "A <a@b> 1 +0000" };
static const char *const texts[] = { "", "m", "m\n", "\n", "\377\n",
	"tree 0000\n", "gpgsig x\n\n", "-----BEGIN PGP SIGNATURE-----\n" };

#define PICK(self, table)                                                      \
	((table)[random_below(&(self)->chance,                                 \
	    sizeof(table) / sizeof((table)[0]))])

static void write_step(struct trial *self, irmin_buf *path)
{
	unsigned len;

	switch (random_below(&self->chance, 12)) {
	case 0:
		buf_add(path, irmin_text(PICK(self, dangerous)));
		break;
	case 1: /* any bytes, the separator and the end excepted */
		for (len = random_below(&self->chance, 20); len > 0; len--)
			buf_print(path, "%c",
			    1 + (int)random_below(&self->chance, 255));
		break;
	case 2: /* around the limit of a step */
		for (len = 250 + random_below(&self->chance, 10); len > 0;
		     len--)
			buf_print(path, "l");
		break;
	default:
		buf_print(path, "%c",
		    'a' + (int)random_below(&self->chance, 5));
	}
}

static void write_path(struct trial *self, irmin_buf *path)
{
	unsigned depth = 1 + random_below(&self->chance, 4);

	path->len = 0;
	while (depth-- > 0) {
		write_step(self, path);
		if (depth > 0)
			buf_print(path, "/");
	}
	if (path->len == 0)
		buf_print(path, "e");
}

static irmin_info pick_info(struct trial *self)
{
	static const int64_t times[] = { 0, 1, 1700000000, INT32_MAX,
		(int64_t)1 << 40, INT64_MAX, -1, INT64_MIN };
	static const int zones[] = { 0, 130, -800, 9999, -9999, 10000, -10000,
		1 << 30 };
	irmin_info info = IRMIN_INFO_INIT;

	if (random_below(&self->chance, 4) > 0)
		return info;
	info.author = PICK(self, people);
	info.committer = PICK(self, people);
	info.message = PICK(self, texts);
	info.flags = IRMIN_INFO_DATE;
	info.author_time = PICK(self, times);
	info.committer_time = PICK(self, times);
	info.author_zone = PICK(self, zones);
	info.committer_zone = PICK(self, zones);
	return info;
}

static const char *head_of(struct trial *self)
{
	static char hex[IRMIN_OID_HEX_BYTES];
	irmin_commit *head;
	irmin_error err;
	irmin_oid id;

	if (irmin_store_head(self->store, &head, &err) < 0)
		bail("head: %s", err.text);
	if (!head)
		return "";
	if (irmin_commit_id(head, &id, &err) < 0)
		bail("id: %s", err.text);
	irmin_commit_unref(head);
	return irmin_oid_hex(&id, hex);
}

static void complain(struct trial *self, const irmin_buf *path,
    const char *what, irmin_rc rc, const irmin_error *err)
{
	self->held = false;
	ok(false, "%s", what);
	diag("path \"%s\": %s: %s", (const char *)path->data, irmin_rc_name(rc),
	    err->text);
}

static irmin_rc set_in_txn(struct trial *self, const char *path,
    irmin_mode mode, irmin_slice value, const irmin_info *info,
    irmin_error *err)
{
	irmin_txn *txn = NULL;
	irmin_rc rc;

	rc = irmin_txn_begin(self->store, IRMIN_TXN_UNMOVED, &txn, err);
	if (rc >= 0)
		rc = irmin_txn_set_mode(txn, path, mode, value, err);
	if (rc >= 0)
		rc = irmin_txn_commit(txn, info, err);
	if (rc < 0)
		irmin_txn_abort(txn);
	return rc;
}

static void read_back(struct trial *self, const irmin_buf *path,
    irmin_slice value)
{
	irmin_buf found = IRMIN_BUF_INIT;
	irmin_error err;
	irmin_rc rc = irmin_store_find(self->store, (const char *)path->data,
	    &found, &err);

	if (rc != IRMIN_OK ||
	    !irmin_slice_equal(irmin_buf_slice(&found), value))
		complain(self, path, "what was set can be read", rc, &err);
	irmin_buf_clear(&found);
}

static void judge(struct trial *self, const irmin_buf *path, irmin_rc rc,
    const irmin_error *err, const char *head_before)
{
	if (rc == IRMIN_OK)
		self->accepted++;
	else if (rc == IRMIN_UNCHANGED)
		self->unchanged++;
	else if (rc == IRMIN_EINVAL || rc == IRMIN_ELIMIT)
		self->refused++;
	else
		complain(self, path,
		    "a set answers OK, UNCHANGED, EINVAL or ELIMIT", rc, err);
	if (rc < 0 && (err->code != rc || !err->text[0]))
		complain(self, path, "a refusal says why", rc, err);
	if (rc != IRMIN_OK && strcmp(head_before, head_of(self)) != 0)
		complain(self, path, "a refusal moves nothing", rc, err);
}

static void try_once(struct trial *self, irmin_buf *path)
{
	static const irmin_mode modes[] = { IRMIN_MODE_FILE, IRMIN_MODE_FILE,
		IRMIN_MODE_EXECUTABLE, IRMIN_MODE_SYMLINK, IRMIN_MODE_TREE };
	irmin_info info = pick_info(self);
	irmin_slice value = irmin_text(PICK(self, contents));
	irmin_mode mode = PICK(self, modes);
	char before[IRMIN_OID_HEX_BYTES];
	irmin_error err;
	irmin_rc rc;

	write_path(self, path);
	snprintf(before, sizeof(before), "%s", head_of(self));
	if (random_below(&self->chance, 8) == 0)
		rc = irmin_store_remove(self->store, (const char *)path->data,
		    &info, &err);
	else if (random_below(&self->chance, 3) == 0)
		rc = set_in_txn(self, (const char *)path->data, mode, value,
		    &info, &err);
	else
		rc = irmin_store_set(self->store, (const char *)path->data,
		    value, &info, &err);
	judge(self, path, rc, &err, before);
}

/* The plain case, so that not everything depends on luck. */
static void try_plain(struct trial *self, irmin_buf *path)
{
	irmin_slice value = irmin_text(PICK(self, contents));
	irmin_error err;
	irmin_rc rc;

	write_path(self, path);
	rc = irmin_store_set(self->store, (const char *)path->data, value, NULL,
	    &err);
	if (rc >= 0)
		read_back(self, path, value);
}

int main(void)
{
	const char *seed = getenv("IRMIN_SEED");
	const char *dir = git_path("property.git");
	struct trial self = { .chance = seed ? strtoull(seed, NULL, 10)
					     : (uint64_t)time(NULL),
		.held = true };
	irmin_buf path = IRMIN_BUF_INIT;
	irmin_error err;
	int i;

	diag("IRMIN_SEED=%ju", (uintmax_t)self.chance);
	if (irmin_open(tap_format("git:%s?create=1", dir), NULL, &self.store,
		&err) < 0)
		bail("%s", err.text);
	for (i = 0; i < TRIES && self.held; i++) {
		try_once(&self, &path);
		try_plain(&self, &path);
	}
	ok(self.held, "%d random sets", TRIES);
	ok(self.accepted > TRIES / 20, "%u were accepted", self.accepted);
	ok(self.refused > TRIES / 20, "%u were refused", self.refused);
	irmin_store_close(self.store);
	git_fsck_is_clean(dir);
	irmin_buf_clear(&path);
	return done_testing();
}
