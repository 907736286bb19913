#include "tests/unit/base/os-suite.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/tap.h"
#include "tests/unit/base/os-suite-place.h"

/* ---- what the cases are written with ---- */

const char *at(struct place *place, const char *name)
{
	return tap_format("%s/%s", place->dir, name);
}

irmin_rc put(struct place *place, const char *name, uint32_t flags,
    const char *text)
{
	irmin__file *file;
	irmin_rc rc;

	rc = irmin__os_open(place->os, at(place, name), flags, 0644, &file,
	    &place->err);
	if (rc != IRMIN_OK)
		return rc;
	rc = irmin__os_write(file, irmin_text(text), &place->err);
	irmin__os_close(file);
	return rc;
}

void make(struct place *place, const char *name, const char *text)
{
	if (put(place, name, WRITE_NEW, text) < 0)
		bail("cannot make %s: %s", name, place->err.text);
}

void make_dir(struct place *place, const char *name)
{
	if (irmin__os_mkdir(place->os, at(place, name), 0755, &place->err) !=
	    IRMIN_OK)
		bail("cannot make %s: %s", name, place->err.text);
}

void holds(struct place *place, const char *name, const char *text)
{
	irmin_buf bytes = IRMIN_BUF_INIT;
	irmin_rc rc = irmin__os_read_file(place->os, at(place, name), 1000,
	    &bytes, &place->err);

	is_rc(rc, text ? IRMIN_OK : IRMIN_ABSENT, "read %s", name);
	if (text && rc == IRMIN_OK)
		is_str((char *)bytes.data, text, "contents of %s", name);
	irmin_buf_clear(&bytes);
}

void refuses(struct place *place, irmin_rc rc, irmin_rc want, const char *where,
    const char *what)
{
	is_rc(rc, want, "%s", what);
	is_int(place->err.code, want, "%s: err has the code", what);
	is_str(place->err.where, at(place, where), "%s: err has the path",
	    what);
}

irmin__os_stat stat_of(struct place *place, const char *name)
{
	irmin__os_stat stat;

	if (irmin__os_stat_path(place->os, at(place, name), 0, &stat,
		&place->err) < 0)
		bail("cannot stat %s: %s", name, place->err.text);
	return stat;
}

/* ---- clocks, randomness, the host ---- */

static void test_clocks(struct place *place)
{
	int64_t monotonic = irmin__os_monotonic_us(place->os);
	int64_t now = irmin__os_now_us(place->os);
	int32_t zone = irmin__os_zone(place->os, now / 1000000);

	ok(now > INT64_C(1600000000) * 1000000, "it is later than 2020");
	irmin__os_sleep_us(place->os, 2000);
	irmin__os_sleep_us(place->os, -1);
	ok(irmin__os_monotonic_us(place->os) >= monotonic + 2000,
	    "the clock moved while we slept");
	ok(zone >= -1200 && zone <= 1400 && abs(zone) % 100 < 60,
	    "%d is a zone", (int)zone);
}

static void test_random(struct place *place)
{
	unsigned char a[1000], b[1000];
	size_t i, same = 0;

	memset(a, 0, sizeof a);
	memset(b, 0, sizeof b);
	is_rc(irmin__os_random(place->os, a, sizeof a, &place->err), IRMIN_OK,
	    "random bytes");
	is_rc(irmin__os_random(place->os, b, sizeof b, &place->err), IRMIN_OK,
	    "and more of them");
	for (i = 0; i < sizeof a; i++)
		same += a[i] == b[i];
	ok(same < 30, "they differ");
	is_rc(irmin__os_random(place->os, a, 0, &place->err), IRMIN_OK,
	    "none at all");
}

static void test_host(struct place *place)
{
	char name[256], cut[2];

	irmin__os_host(place->os, name, sizeof name);
	ok(name[0], "the host is %s", name);
	irmin__os_user(place->os, name, sizeof name);
	ok(name[0], "the user is %s", name);
	irmin__os_user(place->os, cut, sizeof cut);
	is_int(strlen(cut), 1, "a long name is cut");
	is_str(irmin__os_environment(place->os, "IRMIN_TEST_UNSET"), NULL,
	    "an unset variable");
}

static void test_holder(struct place *place)
{
	irmin__file *file;
	char who[100];

	memset(who, 'x', sizeof who);
	make(place, "a", "a");
	is_rc(irmin__os_holder(place->os, at(place, "a"), who, sizeof who),
	    IRMIN_ABSENT, "nobody has it open");
	is_str(who, "", "nobody is told");
	irmin__os_open(place->os, at(place, "a"), IRMIN__OS_WRITE, 0, &file,
	    &place->err);
	is_rc(irmin__os_holder(place->os, at(place, "a"), who, sizeof who),
	    IRMIN_OK, "somebody has it open");
	ok(strncmp(who, "pid ", 4) == 0, "it is %s", who);
	irmin__os_close(file);
	is_rc(irmin__os_holder(place->os, at(place, "none"), who, sizeof who),
	    IRMIN_ABSENT, "what is not there is not open");
}

static const struct os_case host_cases[] = {
	{ "clocks", test_clocks },
	{ "random", test_random },
	{ "host", test_host },
	{ "holder", test_holder },
	{ NULL, NULL },
};

static void run_cases(const char *name, irmin__os *os, const char *root,
    const struct os_case *cases)
{
	for (; cases->name; cases++) {
		struct place place = { .os = os };

		diag("%s: %s", name, cases->name);
		place.dir = tap_format("%s/%s", root, cases->name);
		if (irmin__os_mkdir(os, place.dir, 0755, &place.err) < 0)
			bail("%s", place.err.text);
		cases->run(&place);
	}
}

void os_suite(const char *name, irmin__os *os, const char *root)
{
	run_cases(name, os, root, os_file_cases);
	run_cases(name, os, root, os_name_cases);
	run_cases(name, os, root, host_cases);
}
