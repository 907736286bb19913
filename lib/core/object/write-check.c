/* What we make ourselves. */
#include "lib/core/object/write-check.h"

#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/object/refname.h"
#include "lib/core/object/write-check-parts.h"

/* An error shows at most so much of a name. */
#define SHOWN_BYTES 255

irmin_rc irmin__refuse(const char *what, const char *broken, irmin_error *err)
{
	if (!broken)
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_EINVAL, NULL, "bad %s: %s", what,
	    broken);
}

irmin_rc irmin__refuse_step(irmin_slice step, const char *broken,
    irmin_error *err)
{
	if (!broken)
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_EINVAL, NULL, "bad step \"%.*s\": %s",
	    (int)(step.len < SHOWN_BYTES ? step.len : SHOWN_BYTES),
	    step.len ? (const char *)step.data : "", broken);
}

irmin_rc irmin__check_step(irmin_slice step, irmin_error *err)
{
	return irmin__refuse_step(step, irmin__rule_of_step(step), err);
}

irmin_rc irmin__check_entry(irmin_slice step, irmin_mode mode, irmin_error *err)
{
	return irmin__refuse_step(step, irmin__rule_of_entry(step, mode), err);
}

/* The headers that have members of their own. */
static int is_taken(irmin_slice name)
{
	static const char *const taken[] = { "tree", "parent", "author",
		"committer", "object", "type", "tag", "tagger" };
	size_t i;

	for (i = 0; i < sizeof taken / sizeof *taken; i++)
		if (irmin__slice_is(name, taken[i]))
			return 1;
	return 0;
}

/* Lines "name SP value"; those that begin with a blank go on with the last. */
static const char *rule_of_extra(irmin_slice extra)
{
	irmin_slice rest = extra, line;
	size_t blank;

	if (irmin__slice_has(extra, '\0'))
		return "a header has a NUL (nulInHeader)";
	if (extra.len > 0 && !irmin__slice_ends(extra, "\n"))
		return "no newline ends a header (unterminatedHeader)";
	for (; rest.len > 0; rest = irmin__slice_from(rest, line.len + 1)) {
		line = irmin__slice_until(rest, irmin__slice_find(rest, '\n'));
		blank = irmin__slice_find(line, ' ');
		if (blank == line.len)
			return "a header has no value";
		if (blank == 0 && rest.len == extra.len)
			return "the first header goes on with nothing";
		if (is_taken(irmin__slice_until(line, blank)))
			return "a header stands twice";
	}
	return NULL;
}

static int is_same_slice(irmin_slice a, irmin_slice b)
{
	return a.data == b.data && a.len == b.len;
}

irmin_rc irmin__check_any_commit(const irmin__commit_data *commit,
    irmin_error *err)
{
	irmin_rc rc;

	rc = irmin__refuse("author", irmin__rule_of_ident(commit->author), err);
	if (rc >= 0 && !is_same_slice(commit->author, commit->committer))
		rc = irmin__refuse("committer",
		    irmin__rule_of_ident(commit->committer), err);
	if (rc >= 0 && irmin__slice_has(commit->message, '\0'))
		rc = irmin__refuse("message", "it has a NUL (nulInCommit)",
		    err);
	return rc;
}

irmin_rc irmin__check_commit(const irmin__commit_data *commit, irmin_error *err)
{
	irmin_rc rc = irmin__refuse("commit", rule_of_extra(commit->extra),
	    err);

	return rc < 0 ? rc : irmin__check_any_commit(commit, err);
}

static const char *rule_of_tag(const irmin__tag_data *tag)
{
	if (irmin_oid_is_none(&tag->object))
		return "it has no object (missingObject)";
	if (tag->type < IRMIN_OBJECT_COMMIT || tag->type > IRMIN_OBJECT_TAG)
		return "its object has no type (badType)";
	if (irmin__slice_has(tag->message, '\0'))
		return "its message has a NUL";
	return rule_of_extra(tag->extra);
}

irmin_rc irmin__check_tag(const irmin__tag_data *tag, irmin_error *err)
{
	irmin_rc rc = irmin__refuse("tag", rule_of_tag(tag), err);

	if (rc >= 0)
		rc = irmin__refname_check_tag(tag->name, err);
	if (rc >= 0)
		rc = irmin__refuse("tagger", irmin__rule_of_ident(tag->tagger),
		    err);
	return rc;
}
