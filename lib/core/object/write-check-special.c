/* The contents of the files that git itself reads from a tree. */
#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/object/config-codec.h"
#include "lib/core/object/write-check-parts.h"
#include "lib/core/object/write-check.h"

#define MODULES_MAX_BYTES    ((size_t)100 << 20)
#define ATTRIBUTES_MAX_BYTES ((size_t)100 << 20)
#define ATTRIBUTES_MAX_LINE  2047

/* ---- .gitattributes ---- */

static irmin_rc check_attributes(irmin_slice contents, irmin_error *err)
{
	irmin_slice rest = contents;
	size_t length;

	if (contents.len > ATTRIBUTES_MAX_BYTES)
		return irmin__refuse(".gitattributes",
		    "it has more than 100 MiB (gitattributesLarge)", err);
	while (rest.len > 0) {
		length = irmin__slice_find(rest, '\n');
		if (length > ATTRIBUTES_MAX_LINE)
			return irmin__refuse(".gitattributes",
			    "a line has more than 2,047 bytes "
			    "(gitattributesLineLength)",
			    err);
		rest = irmin__slice_from(rest, length + (length < rest.len));
	}
	return IRMIN_OK;
}

/* ---- .gitmodules ---- */

/* A name becomes a directory; on Windows a backslash separates, too. */
static const char *rule_of_name(irmin_slice name)
{
	irmin_slice rest = name;
	size_t slash, backslash;

	if (name.len == 0)
		return "a submodule has no name (gitmodulesName)";
	for (;;) {
		slash = irmin__slice_find(rest, '/');
		backslash = irmin__slice_find(rest, '\\');
		if (backslash < slash)
			slash = backslash;
		if (irmin__slice_is(irmin__slice_until(rest, slash), ".."))
			return "the name of a submodule has a step \"..\" "
			       "(gitmodulesName)";
		if (slash == rest.len)
			return NULL;
		rest = irmin__slice_from(rest, slash + 1);
	}
}

static const char *rule_of_path(irmin_slice path)
{
	return irmin__slice_begins(path, "-")
	    ? "a path looks like an option (gitmodulesPath)"
	    : NULL;
}

static const char *rule_of_update(irmin_slice update)
{
	return irmin__slice_begins(update, "!")
	    ? "an update is a command (gitmodulesUpdate)"
	    : NULL;
}

/* The settings of a submodule that clones obey. */
static const struct {
	const char *key_end;
	const char *(*rule)(irmin_slice value);
} module_rules[] = {
	{ ".url", irmin__rule_of_url },
	{ ".path", rule_of_path },
	{ ".update", rule_of_update },
};

static const char *rule_of_module(const irmin__config_entry *entry)
{
	irmin_slice name = irmin__config_subsection(entry->key);
	const char *broken;
	size_t i;

	if (!name.data || !irmin__slice_begins(entry->key, "submodule."))
		return NULL;
	broken = rule_of_name(name);
	for (i = 0; i < sizeof module_rules / sizeof *module_rules; i++)
		if (!broken && entry->value.data &&
		    irmin__slice_ends(entry->key, module_rules[i].key_end))
			broken = module_rules[i].rule(entry->value);
	return broken;
}

/* What cannot be read is only a note to git; but what stands behind that place
 * would be checked by nobody. */
static irmin_rc refuse_unread(irmin_error *err)
{
	irmin_error why = *err;

	return irmin__error_at(err, IRMIN_EINVAL, NULL, why.offset,
	    "bad .gitmodules: %s (gitmodulesParse)", why.text);
}

static irmin_rc check_modules(irmin_slice contents, irmin_error *err)
{
	irmin__config_reader reader;
	irmin__config_entry entry;
	irmin_error why;
	irmin_rc rc;

	if (contents.len > MODULES_MAX_BYTES)
		return irmin__refuse(".gitmodules",
		    "it has more than 100 MiB (gitmodulesLarge)", err);
	if (!err)
		err = &why;
	irmin__config_reader_init(&reader, contents);
	do {
		rc = irmin__config_reader_next(&reader, &entry, err);
		if (rc == IRMIN_OK)
			rc = irmin__refuse(".gitmodules",
			    rule_of_module(&entry), err);
	} while (rc == IRMIN_OK);
	irmin__config_reader_clear(&reader);
	if (rc == IRMIN_ECORRUPT)
		return refuse_unread(err);
	return rc < 0 ? rc : IRMIN_OK;
}

/* ---- both ---- */

int irmin__check_is_special(irmin_slice step)
{
	irmin__special special = irmin__special_of(step);

	return special == IRMIN__SPECIAL_MODULES ||
	    special == IRMIN__SPECIAL_ATTRIBUTES;
}

irmin_rc irmin__check_special(irmin_slice step, irmin_slice contents,
    irmin_error *err)
{
	switch (irmin__special_of(step)) {
	case IRMIN__SPECIAL_MODULES:
		return check_modules(contents, err);
	case IRMIN__SPECIAL_ATTRIBUTES:
		return check_attributes(contents, err);
	default:
		return IRMIN_OK;
	}
}
