#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/open/open.h"
#include "tests/support/tap.h"

static irmin_rc parse(const char *text, irmin__uri *uri, irmin_error *err)
{
	return irmin__uri_parse(irmin__os_posix(), text, NULL, uri, err);
}

static void parts(void)
{
	irmin__uri uri;
	irmin_error err;

	if (!succeeds(parse("mem:", &uri, &err), &err, "mem:"))
		return;
	is_str(uri.scheme, "mem", "its scheme");
	is_str(uri.rest, "", "nothing follows");
	irmin__uri_clear(&uri);

	succeeds(parse("git:a%20b/%3f%25?branch=x%26y&lock_ms=250", &uri, &err),
	    &err, "escapes");
	is_str(uri.rest, "a b/?%", "escapes are undone in the rest");
	is_str(uri.branch, "x&y", "and in values");
	is_str(uri.options.branch, "x&y", "the branch is an option");
	is_int(uri.options.wait.timeout_ms, 250, "lock_ms is the wait");
	irmin__uri_clear(&uri);
}

static void keys(void)
{
	irmin__uri uri;
	irmin_error err;

	if (!succeeds(parse("git:d?create=1&readonly=1&checked_out=move&"
			    "hash=sha256&shared=group&level=power&io=pread&"
			    "cache_bytes=33554432&dirty_bytes=7340032",
			  &uri, &err),
		&err, "every key"))
		return;
	is_int(uri.options.flags,
	    IRMIN_OPEN_CREATE | IRMIN_OPEN_READ_ONLY |
		IRMIN_OPEN_MOVE_CHECKED_OUT,
	    "flags");
	is_int(uri.options.hash, IRMIN_HASH_SHA256, "hash");
	is_int(uri.options.shared, IRMIN_SHARED_GROUP, "shared");
	is_int(uri.options.level, IRMIN_POWER, "level");
	is_int(uri.options.io, IRMIN_IO_READ, "io");
	is_int(uri.options.cache_bytes, 33554432, "cache_bytes");
	is_int(uri.options.dirty_bytes, 7340032, "dirty_bytes");
	irmin__uri_clear(&uri);

	succeeds(parse("git:d?io=map", &uri, &err), &err, "the other io");
	is_int(uri.options.io, IRMIN_IO_MAP, "map");
	irmin__uri_clear(&uri);

	succeeds(parse("git:d?create=0&shared=0&checked_out=refuse", &uri,
		     &err),
	    &err, "words for the defaults");
	is_int(uri.options.flags, 0, "they set nothing");
	irmin__uri_clear(&uri);
}

static void the_struct_wins(void)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin__uri uri;
	irmin_error err;

	options.hash = IRMIN_HASH_SHA1;
	options.branch = "mine";
	options.level = IRMIN_LAZY;
	options.wait.timeout_ms = 7;
	options.cache_bytes = 8;
	options.io = IRMIN_IO_MAP;
	options.flags = IRMIN_OPEN_READ_ONLY;
	if (!succeeds(irmin__uri_parse(irmin__os_posix(),
			  "git:d?hash=sha256&branch=b&level=power&lock_ms=9"
			  "&create=1&cache_bytes=10&io=pread",
			  &options, &uri, &err),
		&err, "a struct and a URI"))
		return;
	is_int(uri.options.hash, IRMIN_HASH_SHA1, "hash");
	is_str(uri.options.branch, "mine", "branch");
	is_int(uri.options.level, IRMIN_LAZY, "level");
	is_int(uri.options.wait.timeout_ms, 7, "wait");
	is_int(uri.options.cache_bytes, 8, "cache_bytes");
	is_int(uri.options.io, IRMIN_IO_MAP, "io");
	is_int(uri.options.flags, IRMIN_OPEN_READ_ONLY | IRMIN_OPEN_CREATE,
	    "flags of both");
	irmin__uri_clear(&uri);
}

/* A caller that was compiled when the struct ended behind `hash`. */
static void older_callers(void)
{
	irmin_open_options options;
	irmin__uri uri;
	irmin_error err;

	memset(&options, 0xff, sizeof options);
	options.size = offsetof(irmin_open_options, shared);
	options.flags = 0;
	options.hash = IRMIN_HASH_SHA256;
	if (succeeds(irmin__uri_parse(irmin__os_posix(), "mem:", &options, &uri,
			 &err),
		&err, "a short struct")) {
		is_int(uri.options.hash, IRMIN_HASH_SHA256, "what it covers");
		is_str(uri.options.branch, NULL, "and nothing behind");
		is_int(uri.options.level, 0, "not the level either");
		irmin__uri_clear(&uri);
	}
	options.size = 0;
	fails(irmin__uri_parse(irmin__os_posix(), "mem:", &options, &uri, &err),
	    IRMIN_EINVAL, &err, "a struct without a size");
}

static void refused(const char *text, irmin_rc rc, const char *says)
{
	irmin__uri uri;
	irmin_error err;

	if (fails(parse(text, &uri, &err), rc, &err, "%s", text))
		ok(strstr(err.text, says), "it says %s: %s", says, err.text);
}

static void bad(void)
{
	refused("", IRMIN_EINVAL, "empty");
	refused("git:d?craete=1", IRMIN_EINVAL, "did you mean \"create\"");
	refused("git:d?zzzzzzzzz=1", IRMIN_EINVAL, "unknown key \"zzzzzzzzz\"");
	refused("git:d?create=yes", IRMIN_EINVAL, "\"0\", \"1\"");
	refused("git:d?create", IRMIN_EINVAL, "create=VALUE");
	refused("git:d?level=safe", IRMIN_EINVAL, "\"power\"");
	refused("git:d?lock_ms=1x", IRMIN_EINVAL, "milliseconds");
	refused("git:d?lock_ms=", IRMIN_EINVAL, "milliseconds");
	refused("git:d?lock_ms=99999999999999999999", IRMIN_EINVAL, "lock_ms");
	refused("git:d?lock_ms=4294967295", IRMIN_EINVAL, "lock_ms");
	refused("git:d?cache_bytes=1k", IRMIN_EINVAL, "a number of bytes");
	refused("git:d?cache_bytes=18446744073709551616", IRMIN_EINVAL,
	    "cache_bytes");
	refused("git:d?io=mmap", IRMIN_EINVAL, "\"map\", \"pread\"");
	refused("git:d?&create=1", IRMIN_EINVAL, "unknown key \"\"");
	refused("git:%", IRMIN_EINVAL, "bad escape");
	refused("git:%4", IRMIN_EINVAL, "bad escape");
	refused("git:%4g", IRMIN_EINVAL, "bad escape");
	refused("git:a%00b", IRMIN_EINVAL, "bad escape");
	refused("git:d?branch=%zz", IRMIN_EINVAL, "bad escape");
}

static void remotes(void)
{
	refused("git://host/x.git", IRMIN_ENOTSUP, "clone it first");
	refused("http://host/x.git", IRMIN_ENOTSUP, "clone it first");
	refused("https://host/x.git", IRMIN_ENOTSUP, "clone it first");
	refused("ssh://host/x.git", IRMIN_ENOTSUP, "clone it first");
	refused("user@host:x.git", IRMIN_ENOTSUP, "clone it first");
}

static void directories(void)
{
	const char *plain = tap_format("%s/plain", tap_tmpdir());
	const char *odd = tap_format("%s/100%%25?x=y", tap_tmpdir());
	const char *file = tap_format("%s/file", tap_tmpdir());
	const char *gone = tap_format("%s/gone", tap_tmpdir());
	irmin__uri uri;
	irmin_error err;

	if (mkdir(plain, 0700) != 0 || mkdir(odd, 0700) != 0)
		bail("cannot make directories");
	tap_write_file(file, "x", 1);
	succeeds(parse(plain, &uri, &err), &err,
	    "a directory without a scheme");
	is_str(uri.scheme, "git", "is git's");
	is_str(uri.rest, plain, "by its name");
	irmin__uri_clear(&uri);
	succeeds(parse(tap_format("%s?readonly=1", plain), &uri, &err), &err,
	    "with a key");
	is_str(uri.rest, plain, "without it");
	is_int(uri.options.flags, IRMIN_OPEN_READ_ONLY, "and the key counts");
	irmin__uri_clear(&uri);
	succeeds(parse(odd, &uri, &err), &err,
	    "a name like an escape and keys");
	is_str(uri.rest, odd, "is taken as it is, if it is there");
	irmin__uri_clear(&uri);

	refused(file, IRMIN_EMISSING, "no directory");
	refused(gone, IRMIN_EMISSING, tap_format("git:%s?create=1", gone));
	if (chdir(tap_tmpdir()) != 0)
		bail("cannot change directory");
	fails(parse("gone", &uri, &err), IRMIN_EMISSING, &err,
	    "a relative one");
	is_str(err.where, gone, "is named in full");
}

static void schemes(void)
{
	irmin_open_options options = IRMIN_OPEN_OPTIONS_INIT;
	irmin_repo *repo;
	irmin_error err;

	fails(irmin_repo_open("lmdb:x", NULL, &repo, &err), IRMIN_ENOTSUP, &err,
	    "an unknown scheme");
	ok(strstr(err.text, "mem:"), "names the known ones: %s", err.text);
	ok(!repo, "and opens nothing");
	fails(irmin_repo_open("c:\\x", NULL, &repo, &err), IRMIN_ENOTSUP, &err,
	    "a drive");
	fails(irmin_repo_open("mem:x", NULL, &repo, &err), IRMIN_EINVAL, &err,
	    "a name for memory");
	options.io = (irmin_io)3;
	fails(irmin_repo_open("mem:", &options, &repo, &err), IRMIN_EINVAL,
	    &err, "an io that is none");
}

int main(void)
{
	parts();
	keys();
	the_struct_wins();
	older_callers();
	bad();
	remotes();
	directories();
	schemes();
	return done_testing();
}
