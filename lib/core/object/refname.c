#include "lib/core/object/refname.h"

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"

struct rule {
	const char *bytes;
	const char *broken;
};

/* What no name may have anywhere. */
static const struct rule anywhere[] = {
	{ "..", "it has \"..\"" },
	{ "@{", "it has \"@{\"" },
	{ "\\", "it has a backslash" },
	{ " ", "it has a blank" },
	{ "~", "it has a '~'" },
	{ "^", "it has a '^'" },
	{ ":", "it has a ':'" },
	{ "?", "it has a '?'" },
	{ "*", "it has a '*'" },
	{ "[", "it has a '['" },
};

static const char *rule_of_bytes(irmin_slice name)
{
	const unsigned char *bytes = name.data;
	size_t at, i;

	for (at = 0; at < name.len; at++) {
		if (bytes[at] < 0x20 || bytes[at] == 0x7f)
			return "it has a control character";
		for (i = 0; i < sizeof anywhere / sizeof *anywhere; i++)
			if (irmin__slice_begins(irmin__slice_from(name, at),
				anywhere[i].bytes))
				return anywhere[i].broken;
	}
	return NULL;
}

static const char *rule_of_part(irmin_slice part)
{
	if (part.len == 0)
		return "it begins or ends with a '/', or has two in a row";
	if (irmin__slice_begins(part, "."))
		return "a part begins with a '.'";
	if (irmin__slice_ends(part, ".lock"))
		return "a part ends in \".lock\"";
	return NULL;
}

/* The rule that a name breaks, or NULL. */
static const char *rule_of_name(irmin_slice name)
{
	irmin_slice rest = name;
	const char *broken;
	size_t slash;

	for (;;) {
		slash = irmin__slice_find(rest, '/');
		broken = rule_of_part(irmin__slice_until(rest, slash));
		if (broken)
			return broken;
		if (slash == rest.len)
			break;
		rest = irmin__slice_from(rest, slash + 1);
	}
	if (irmin__slice_ends(name, "."))
		return "it ends with a '.'";
	return rule_of_bytes(name);
}

/* HEAD, FETCH_HEAD and so on. */
static int is_plain(irmin_slice name)
{
	const char *bytes = name.data;
	size_t i;

	for (i = 0; i < name.len; i++)
		if (bytes[i] != '_' && (bytes[i] < 'A' || bytes[i] > 'Z'))
			return 0;
	return name.len > 0;
}

static irmin_rc answer(irmin_slice name, const char *what, const char *broken,
    irmin_error *err)
{
	if (!broken)
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_EINVAL, NULL, "bad %s \"%.*s\": %s",
	    what, (int)(name.len < 255 ? name.len : 255),
	    name.len ? (const char *)name.data : "", broken);
}

irmin_rc irmin__refname_check(irmin_slice name, irmin_error *err)
{
	const char *broken = NULL;

	if (is_plain(name))
		return IRMIN_OK;
	if (!irmin__slice_begins(name, "refs/"))
		broken = "it is neither below refs/ nor like HEAD";
	else
		broken = rule_of_name(name);
	return answer(name, "ref name", broken, err);
}

/* A name that people type where an option or a revision could stand. */
static const char *rule_of_short_name(irmin_slice name)
{
	if (irmin__slice_begins(name, "-"))
		return "it begins with a '-'";
	if (irmin__slice_is(name, "HEAD"))
		return "HEAD means something else";
	return rule_of_name(name);
}

irmin_rc irmin__refname_check_branch(irmin_slice name, irmin_error *err)
{
	return answer(name, "branch name", rule_of_short_name(name), err);
}

irmin_rc irmin__refname_check_tag(irmin_slice name, irmin_error *err)
{
	return answer(name, "tag name", rule_of_short_name(name), err);
}
