#include "lib/core/base/os-posix.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "lib/core/base/error.h"
#include "lib/core/base/os-path.h"

#define US_PER_S 1000000

static int64_t clock_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

int64_t irmin__posix_now_us(irmin__os *os)
{
	(void)os;
	return clock_us(CLOCK_REALTIME);
}

int64_t irmin__posix_monotonic_us(irmin__os *os)
{
	(void)os;
	return clock_us(CLOCK_MONOTONIC);
}

void irmin__posix_sleep_us(irmin__os *os, int64_t us)
{
	struct timespec rest;

	(void)os;
	rest.tv_sec = (time_t)(us / US_PER_S);
	rest.tv_nsec = (long)(us % US_PER_S) * 1000;
	while (nanosleep(&rest, &rest) < 0 && errno == EINTR)
		;
}

int32_t irmin__posix_zone(irmin__os *os, int64_t seconds)
{
	time_t moment = (time_t)seconds;
	struct tm local;
	long minutes;

	(void)os;
	if (!localtime_r(&moment, &local))
		return 0; /* a year that no calendar reaches */
	minutes = local.tm_gmtoff / 60;
	return (int32_t)(minutes / 60 * 100 + minutes % 60);
}

irmin_rc irmin__posix_random(irmin__os *os, void *bytes, size_t len,
    irmin_error *err)
{
	size_t done = 0;

	(void)os;
	while (done < len) {
		ssize_t n = getrandom((char *)bytes + done, len - done, 0);

		if (n < 0 && errno != EINTR)
			return irmin__error_system(err, errno,
			    "cannot get random bytes", NULL);
		if (n > 0)
			done += (size_t)n;
	}
	return IRMIN_OK;
}

void irmin__posix_host(irmin__os *os, char *name, size_t name_bytes)
{
	char host[256];

	(void)os;
	if (gethostname(host, sizeof host) < 0)
		host[0] = '\0';
	host[sizeof host - 1] = '\0';
	snprintf(name, name_bytes, "%s", host[0] ? host : "localhost");
}

void irmin__posix_user(irmin__os *os, char *name, size_t name_bytes)
{
	struct passwd entry, *found = NULL;
	char strings[4096];

	(void)os;
	if (getpwuid_r(geteuid(), &entry, strings, sizeof strings, &found) != 0)
		found = NULL;
	snprintf(name, name_bytes, "%s",
	    found && found->pw_name[0] ? found->pw_name : "unknown");
}

const char *irmin__posix_environment(irmin__os *os, const char *name)
{
	(void)os;
	return getenv(name);
}

/* ---- absolute paths ---- */

static irmin_rc append_cwd(irmin_buf *out, irmin_error *err)
{
	char *cwd = getcwd(NULL, 0);
	irmin_rc rc;

	if (!cwd)
		return irmin__error_system(err, errno,
		    "cannot tell the working directory", NULL);
	rc = irmin_buf_append(out, irmin_text(cwd), err);
	free(cwd);
	if (rc < 0)
		return rc;
	return irmin_buf_append(out, irmin_text("/"), err);
}

/* Resolves as many of the path's steps as exist; `rest` is what follows. */
static irmin_rc resolve_prefix(char *path, const char **rest, irmin_buf *out,
    irmin_error *err)
{
	char *end = path + strlen(path), *real;
	irmin_rc rc;

	*rest = end;
	for (;;) {
		char kept = *end;

		*end = '\0';
		real = realpath(end == path ? "/" : path, NULL);
		*end = kept;
		if (real || end == path ||
		    (errno != ENOENT && errno != ENOTDIR))
			break;
		while (end > path && *--end != '/')
			;
		*rest = end;
	}
	if (!real)
		return irmin__error_system(err, errno, "cannot resolve", path);
	rc = irmin_buf_set(out, irmin_text(real), err);
	free(real);
	return rc;
}

irmin_rc irmin__posix_absolute(irmin__os *os, const char *path, irmin_buf *out,
    irmin_error *err)
{
	irmin_buf full = IRMIN_BUF_INIT;
	const char *rest;
	irmin_rc rc = IRMIN_OK;

	(void)os;
	if (path[0] != '/')
		rc = append_cwd(&full, err);
	if (rc >= 0)
		rc = irmin_buf_append(&full, irmin_text(path), err);
	if (rc >= 0)
		rc = resolve_prefix((char *)full.data, &rest, out, err);
	if (rc >= 0)
		rc = irmin__os_path_append(out, rest, err);
	irmin_buf_clear(&full);
	if (rc < 0)
		irmin_buf_clear(out);
	return rc;
}
