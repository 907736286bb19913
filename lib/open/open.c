/* The one file that knows every backend. */
#include "lib/open/open.h"

#include <stdio.h>

#include "lib/backend-git/git.h"
#include "lib/backend-mem/mem.h"
#include "lib/core/base/error.h"
#include "lib/core/store/store.h"
#include "lib/merge/merging.h"

static irmin_rc open_mem(irmin__os *os, const char *rest,
    const irmin_open_options *options, irmin_backend **backend,
    irmin_error *err)
{
	if (*rest)
		return irmin_error_set(err, IRMIN_EINVAL, rest,
		    "mem: takes no name, but \"%s\" is given; a repository in "
		    "memory is always new",
		    rest);
	return irmin__mem_open(os, options, backend, err);
}

static irmin_rc open_git(irmin__os *os, const char *rest,
    const irmin_open_options *options, irmin_backend **backend,
    irmin_error *err)
{
	if (!*rest)
		return irmin_error_set(err, IRMIN_EINVAL, NULL,
		    "git: lacks a directory; write git:DIR");
	return irmin__git_open(os, rest, options, backend, err);
}

static const struct scheme {
	const char *name;
	irmin_rc (*open)(irmin__os *os, const char *rest,
	    const irmin_open_options *options, irmin_backend **backend,
	    irmin_error *err);
} schemes[] = {
	{ "git", open_git },
	{ "mem", open_mem },
};
#define SCHEME_COUNT (sizeof schemes / sizeof *schemes)

static irmin_rc refuse_scheme(const char *name, irmin_error *err)
{
	char known[64] = "";
	size_t used = 0, i;

	for (i = 0; i < SCHEME_COUNT; i++)
		used += (size_t)snprintf(known + used, sizeof known - used,
		    "%s%s:", i ? ", " : "", schemes[i].name);
	return irmin_error_set(err, IRMIN_ENOTSUP, name,
	    "unknown scheme \"%s:\"; known are %s", name, known);
}

/* On a backend, with all that the library can do. */
static irmin_rc open_repo(irmin__os *os, irmin_backend *backend,
    const irmin_open_options *options, irmin_repo **repo, irmin_error *err)
{
	irmin_rc rc = irmin__repo_new(os, backend, options, repo, err);

	if (rc >= 0)
		irmin__repo_set_merger(*repo, &irmin__merging);
	return rc;
}

static irmin_rc open_parsed(irmin__os *os, const irmin__uri *uri,
    irmin_repo **repo, irmin_error *err)
{
	irmin_backend *backend = NULL;
	irmin_rc rc;
	size_t i;

	for (i = 0; i < SCHEME_COUNT; i++)
		if (strcmp(uri->scheme, schemes[i].name) == 0)
			break;
	if (i == SCHEME_COUNT)
		return refuse_scheme(uri->scheme, err);
	rc = schemes[i].open(os, uri->rest, &uri->options, &backend, err);
	if (rc < 0)
		return rc;
	return open_repo(os, backend, &uri->options, repo, err);
}

irmin_rc irmin__repo_open_on(irmin__os *os, const char *text,
    const irmin_open_options *options, irmin_repo **repo, irmin_error *err)
{
	irmin__uri uri;
	irmin_rc rc;

	irmin_error_clear(err);
	*repo = NULL;
	rc = irmin__uri_parse(os, text, options, &uri, err);
	if (rc < 0)
		return rc;
	rc = open_parsed(os, &uri, repo, err);
	irmin__uri_clear(&uri);
	return rc;
}

irmin_rc irmin_repo_open(const char *uri, const irmin_open_options *options,
    irmin_repo **repo, irmin_error *err)
{
	return irmin__repo_open_on(irmin__os_posix(), uri, options, repo, err);
}

irmin_rc irmin_repo_open_backend(irmin_backend *backend,
    const irmin_open_options *options, irmin_repo **repo, irmin_error *err)
{
	irmin_error_clear(err);
	return open_repo(irmin__os_posix(), backend, options, repo, err);
}

irmin_rc irmin__store_open_on(irmin__os *os, const char *text,
    const irmin_open_options *options, irmin_store **store, irmin_error *err)
{
	irmin__uri uri;
	irmin_repo *repo = NULL;
	irmin_rc rc;

	irmin_error_clear(err);
	*store = NULL;
	rc = irmin__uri_parse(os, text, options, &uri, err);
	if (rc < 0)
		return rc;
	rc = open_parsed(os, &uri, &repo, err);
	if (rc >= 0)
		rc = irmin_store_open(repo, uri.options.branch, store, err);
	irmin__uri_clear(&uri);
	if (rc < 0)
		irmin_repo_close(repo);
	else
		irmin__store_own_repo(*store);
	return rc;
}

irmin_rc irmin_open(const char *uri, const irmin_open_options *options,
    irmin_store **store, irmin_error *err)
{
	return irmin__store_open_on(irmin__os_posix(), uri, options, store,
	    err);
}
