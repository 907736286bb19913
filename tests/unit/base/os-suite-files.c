/* Cases of the os suite: open files. */
#include "tests/unit/base/os-suite-place.h"

#include <string.h>

#include "tests/support/tap.h"

static void test_open(struct place *place)
{
	is_rc(put(place, "none", IRMIN__OS_WRITE, "x"), IRMIN_ABSENT,
	    "open what is not there");
	is_int(place->err.code, 0, "err is empty then");
	is_rc(put(place, "none/below", IRMIN__OS_WRITE, "x"), IRMIN_ABSENT,
	    "nor its directory");
	refuses(place, put(place, "none/below", WRITE_NEW, "x"), IRMIN_EMISSING,
	    "none/below", "create in a directory that is not there");
	is_rc(put(place, "a", WRITE_NEW, "first"), IRMIN_OK, "create");
	holds(place, "a", "first");
	refuses(place, put(place, "a", WRITE_NEW, "x"), IRMIN_EEXIST, "a",
	    "create again");
	holds(place, "a", "first");
	is_rc(put(place, "a/below", IRMIN__OS_WRITE, "x"), IRMIN_ABSENT,
	    "nothing is below a file");
	refuses(place, put(place, "a/below", WRITE_NEW, "x"), IRMIN_EMISSING,
	    "a/below", "create below a file");
	make_dir(place, "d");
	refuses(place, put(place, "d", WRITE_OVER, "x"), IRMIN_EIO, "d",
	    "write over a directory");
	refuses(place, put(place, "d", WRITE_NEW, "x"), IRMIN_EEXIST, "d",
	    "create where a directory is");
}

static void test_write(struct place *place)
{
	irmin__file *file, *end;

	make(place, "a", "0123456789");
	is_rc(put(place, "a", IRMIN__OS_WRITE, "ab"), IRMIN_OK,
	    "write from the start");
	holds(place, "a", "ab23456789");
	is_rc(put(place, "a", WRITE_END, "z"), IRMIN_OK, "append");
	holds(place, "a", "ab23456789z");
	is_rc(put(place, "a", WRITE_OVER, "new"), IRMIN_OK, "truncate");
	holds(place, "a", "new");
	is_rc(put(place, "a", WRITE_OVER, ""), IRMIN_OK, "to nothing");
	holds(place, "a", "");

	is_rc(irmin__os_open(place->os, at(place, "a"), IRMIN__OS_WRITE, 0,
		  &file, &place->err),
	    IRMIN_OK, "open twice");
	is_rc(irmin__os_open(place->os, at(place, "a"), WRITE_END, 0, &end,
		  &place->err),
	    IRMIN_OK, "the second time for append");
	irmin__os_write(file, irmin_text("abc"), &place->err);
	irmin__os_write(end, irmin_text("de"), &place->err);
	holds(place, "a", "abcde");
	irmin__os_write(file, irmin_text("fgh"), &place->err);
	holds(place, "a", "abcfgh");
	irmin__os_write(end, irmin_text("i"), &place->err);
	holds(place, "a", "abcfghi");
	irmin__os_close(file);
	irmin__os_close(end);
	irmin__os_close(NULL);
}

static void test_write_at(struct place *place)
{
	irmin__file *file;

	is_rc(irmin__os_open(place->os, at(place, "a"), WRITE_NEW, 0600, &file,
		  &place->err),
	    IRMIN_OK, "create");
	irmin__os_write(file, irmin_text("0123456789"), &place->err);
	is_rc(irmin__os_write_at(file, 2, irmin_text("abc"), &place->err),
	    IRMIN_OK, "write over a part");
	holds(place, "a", "01abc56789");
	is_rc(irmin__os_write_at(file, 9, irmin_text("z"), &place->err),
	    IRMIN_OK, "over the last byte");
	irmin__os_write(file, irmin_text("end"), &place->err);
	holds(place, "a", "01abc5678zend");
	is_rc(irmin__os_write_at(file, 3, irmin_text(""), &place->err),
	    IRMIN_OK, "nothing");
	holds(place, "a", "01abc5678zend");
	irmin__os_close(file);
	is_rc(irmin__os_open(place->os, at(place, "a"), IRMIN__OS_READ, 0,
		  &file, &place->err),
	    IRMIN_OK, "open to read");
	refuses(place,
	    irmin__os_write_at(file, 0, irmin_text("x"), &place->err),
	    IRMIN_EIO, "a", "write over what was opened to be read");
	irmin__os_close(file);
	holds(place, "a", "01abc5678zend");
}

/* Maps a file of 150,000 bytes from its second part on. */
static void test_map(struct place *place)
{
	static char bytes[150000];
	irmin__file *file;
	irmin_slice map;
	irmin_rc rc;
	size_t i;

	for (i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * i >> 7 | 1);
	bytes[sizeof bytes - 1] = '\0';
	make(place, "a", bytes);
	is_rc(irmin__os_open(place->os, at(place, "a"), IRMIN__OS_READ, 0,
		  &file, &place->err),
	    IRMIN_OK, "open to read");
	rc = irmin__os_map(file, IRMIN__OS_MAP_ALIGN,
	    sizeof bytes - 1 - IRMIN__OS_MAP_ALIGN, &map, &place->err);
	irmin__os_close(file);
	if (rc == IRMIN_ENOTSUP) {
		ok(!map.data && !map.len && place->err.code == rc,
		    "there are no maps here");
	} else if (is_rc(rc, IRMIN_OK, "map all but the beginning")) {
		irmin__os_unlink(place->os, at(place, "a"), &place->err);
		is_mem(map.data, map.len, bytes + IRMIN__OS_MAP_ALIGN,
		    sizeof bytes - 1 - IRMIN__OS_MAP_ALIGN,
		    "its bytes, when file and name are gone");
	}
	irmin__os_unmap(place->os, map);
	irmin__os_unmap(place->os, irmin_bytes(NULL, 0));
	make_dir(place, "d");
	irmin__os_open(place->os, at(place, "d"), IRMIN__OS_READ, 0, &file,
	    &place->err);
	ok(irmin__os_map(file, 0, 1, &map, &place->err) < 0 && !map.len,
	    "a directory cannot be mapped");
	irmin__os_close(file);
}

static void test_read(struct place *place)
{
	irmin__file *file;
	char bytes[16];
	size_t got;

	make(place, "a", "0123456789");
	is_rc(irmin__os_open(place->os, at(place, "a"), IRMIN__OS_READ, 0,
		  &file, &place->err),
	    IRMIN_OK, "open to read");
	is_rc(irmin__os_read(file, 2, bytes, 3, &got, &place->err), IRMIN_OK,
	    "read a part");
	is_mem(bytes, got, "234", 3, "that part");
	is_rc(irmin__os_read(file, 7, bytes, 16, &got, &place->err), IRMIN_OK,
	    "read over the end");
	is_mem(bytes, got, "789", 3, "what is there");
	is_rc(irmin__os_read(file, 10, bytes, 16, &got, &place->err), IRMIN_OK,
	    "read at the end");
	is_int(got, 0, "nothing");
	is_rc(irmin__os_read(file, 1000, bytes, 16, &got, &place->err),
	    IRMIN_OK, "read behind the end");
	is_int(got, 0, "nothing");
	refuses(place, irmin__os_write(file, irmin_text("x"), &place->err),
	    IRMIN_EIO, "a", "write to what was opened to be read");
	irmin__os_close(file);

	is_rc(irmin__os_open(place->os, at(place, "a"), IRMIN__OS_WRITE, 0,
		  &file, &place->err),
	    IRMIN_OK, "open to write");
	refuses(place, irmin__os_read(file, 0, bytes, 1, &got, &place->err),
	    IRMIN_EIO, "a", "read what was opened to be written");
	irmin__os_close(file);
}

static void test_read_file(struct place *place)
{
	irmin_buf bytes = IRMIN_BUF_INIT;

	make(place, "a", "0123456789");
	is_rc(irmin__os_read_file(place->os, at(place, "a"), 10, &bytes,
		  &place->err),
	    IRMIN_OK, "as long as the limit");
	is_mem(bytes.data, bytes.len + 1, "0123456789", 11, "with its NUL");
	refuses(place,
	    irmin__os_read_file(place->os, at(place, "a"), 9, &bytes,
		&place->err),
	    IRMIN_ELIMIT, "a", "one byte over the limit");
	is_int(bytes.len, 0, "the output is empty then");
	make_dir(place, "d");
	refuses(place,
	    irmin__os_read_file(place->os, at(place, "d"), 10, &bytes,
		&place->err),
	    IRMIN_EIO, "d", "read a directory");
	is_rc(irmin__os_read_file(place->os, at(place, "none"), 10, &bytes,
		  &place->err),
	    IRMIN_ABSENT, "read what is not there");
	irmin_buf_clear(&bytes);
}

static void test_unlinked(struct place *place)
{
	irmin__file *file;
	irmin__os_stat stat;
	char bytes[16];
	size_t got;

	make(place, "a", "old");
	irmin__os_open(place->os, at(place, "a"), IRMIN__OS_READ, 0, &file,
	    &place->err);
	is_rc(irmin__os_unlink(place->os, at(place, "a"), &place->err),
	    IRMIN_OK, "unlink an open file");
	make(place, "a", "another");
	is_rc(irmin__os_read(file, 0, bytes, 16, &got, &place->err), IRMIN_OK,
	    "it can be read");
	is_mem(bytes, got, "old", 3, "as it was");
	is_rc(irmin__os_stat_file(file, &stat, &place->err), IRMIN_OK,
	    "and asked");
	is_int(stat.bytes, 3, "for its length");
	ok(stat.inode != stat_of(place, "a").inode, "it is another file");
	irmin__os_close(file);
}

static void test_sync(struct place *place)
{
	irmin__file *file;

	is_rc(irmin__os_open(place->os, at(place, "a"), WRITE_NEW, 0600, &file,
		  &place->err),
	    IRMIN_OK, "create");
	is_rc(irmin__os_sync(file, &place->err), IRMIN_OK, "sync");
	irmin__os_close(file);
	is_rc(irmin__os_sync_directory(place->os, place->dir, &place->err),
	    IRMIN_OK, "sync the directory");
	is_rc(irmin__os_sync_all(place->os, place->dir, &place->err), IRMIN_OK,
	    "sync everything");
	refuses(place,
	    irmin__os_sync_directory(place->os, at(place, "none"), &place->err),
	    IRMIN_EMISSING, "none", "sync no directory");
	refuses(place,
	    irmin__os_sync_directory(place->os, at(place, "a"), &place->err),
	    IRMIN_EMISSING, "a", "sync a file as a directory");
}

const struct os_case os_file_cases[] = {
	{ "open", test_open },
	{ "write", test_write },
	{ "write-at", test_write_at },
	{ "map", test_map },
	{ "read", test_read },
	{ "read-file", test_read_file },
	{ "unlinked", test_unlinked },
	{ "sync", test_sync },
	{ NULL, NULL },
};
