/* Names that git, or a file system that a tree is checked out on, takes for one
 * of git's own.
 *
 *   plain       .git                   in any case
 *   HFS+        .g<U+200C>it           some code points are not seen
 *   NTFS        .git. . / .git::$DATA  dots, blanks and streams are dropped
 *   NTFS        git~1 / gi7eba~1       short names, and those made of a hash
 *   NTFS        x\.git                 a backslash separates
 */
#include "lib/core/object/write-check-parts.h"

#include "lib/core/base/slice.h"
#include "lib/core/object/tree-codec.h"

/* The short name of a long file name has 8 bytes; '~' and digits end it. */
#define SHORT_NAME_BYTES 8
#define SHORT_STEM_BYTES 6

/* A name that means something to git. */
struct own_name {
	irmin__special special;
	const char *name; /* behind its dot */
	const char *hash; /* what NTFS puts before '~' when name~1 to ~4 are
	                   * taken */
	/* What is wrong with it as one of these; NULL: nothing. */
	const char *not_file; /* all but a file, where we make it */
	const char *symlink;  /* a symlink of others */
	const char *other;    /* a directory or gitlink of others */
};

static const struct own_name dot_git = { .name = "git" };

static const struct own_name own_files[] = {
	{ IRMIN__SPECIAL_MODULES, "gitmodules", "gi7eba",
	    "to git it is .gitmodules, but no file (gitmodulesBlob)",
	    "to git it is .gitmodules, but a symlink (gitmodulesSymlink)",
	    "to git it is .gitmodules, but no file (gitmodulesBlob)" },
	{ IRMIN__SPECIAL_ATTRIBUTES, "gitattributes", "gi7d29",
	    "to git it is .gitattributes, but no file (gitattributesBlob)",
	    NULL,
	    "to git it is .gitattributes, but no file (gitattributesBlob)" },
	{ IRMIN__SPECIAL_IGNORE, "gitignore", "gi250a",
	    "to git it is .gitignore, but no file (gitignoreSymlink)", NULL,
	    NULL },
	{ IRMIN__SPECIAL_MAILMAP, "mailmap", "maba30",
	    "to git it is .mailmap, but no file (mailmapSymlink)", NULL, NULL },
};

/* ---- bytes of a name; all of these answer 0 behind its end ---- */

static unsigned char byte_at(irmin_slice name, size_t at)
{
	return at < name.len ? ((const unsigned char *)name.data)[at] : 0;
}

/* Case is folded for ASCII only, as git does. */
static unsigned char folded_at(irmin_slice name, size_t at)
{
	unsigned char byte = byte_at(name, at);

	return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

/* Whether `text` stands there, in any case. */
static int has_text(irmin_slice name, size_t at, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (folded_at(name, at + i) != (unsigned char)text[i])
			return 0;
	return 1;
}

/* ---- HFS+ ---- */

/* The character at `*at` if it is well formed, else 0; *at moves behind it. */
static uint32_t next_character(irmin_slice name, size_t *at)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	unsigned char first = byte_at(name, *at);
	size_t more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
	uint32_t value = first & (0x3fu >> more);
	size_t i;

	(*at)++;
	if (first < 0x80)
		return first;
	if (first < 0xc0 || first > 0xf7)
		return 0;
	for (i = 0; i < more; i++, (*at)++) {
		if ((byte_at(name, *at) & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (byte_at(name, *at) & 0x3f);
	}
	if (value < least[more] || value > 0x10ffff ||
	    (value & 0xfffff800) == 0xd800 || (value & 0xfffe) == 0xfffe)
		return 0;
	return value;
}

static int is_ignored_by_hfs(uint32_t character)
{
	return (character >= 0x200c && character <= 0x200f) ||
	    (character >= 0x202a && character <= 0x202e) ||
	    (character >= 0x206a && character <= 0x206f) || character == 0xfeff;
}

static uint32_t next_seen_by_hfs(irmin_slice name, size_t *at)
{
	uint32_t character;

	do
		character = next_character(name, at);
	while (is_ignored_by_hfs(character));
	return character >= 'A' && character <= 'Z' ? character | 0x20
						    : character;
}

/* What is not UTF-8 counts as the end of the name, as in git. */
static int is_own_on_hfs(irmin_slice name, const struct own_name *own)
{
	const char *wanted;
	size_t at = 0;

	if (next_seen_by_hfs(name, &at) != '.')
		return 0;
	for (wanted = own->name; *wanted; wanted++)
		if (next_seen_by_hfs(name, &at) != (unsigned char)*wanted)
			return 0;
	return next_seen_by_hfs(name, &at) == 0;
}

/* ---- NTFS ---- */

/* Whether NTFS drops all that stands from `at` on. */
static int ends_on_ntfs(irmin_slice name, size_t at)
{
	while (byte_at(name, at) == ' ' || byte_at(name, at) == '.')
		at++;
	return at >= name.len || byte_at(name, at) == ':' ||
	    byte_at(name, at) == '\\';
}

/* git~1; of longer names the first six bytes and ~1 to ~4. */
static int is_short_name(irmin_slice name, const struct own_name *own)
{
	size_t length = strlen(own->name);
	size_t stem = length < SHORT_STEM_BYTES ? length : SHORT_STEM_BYTES;
	unsigned char last = own->hash ? '4' : '1';

	return has_text(name, 0, own->name, stem) &&
	    byte_at(name, stem) == '~' && byte_at(name, stem + 1) >= '1' &&
	    byte_at(name, stem + 1) <= last && ends_on_ntfs(name, stem + 2);
}

/* gi7eba~1, gi7eb~10, ..., ~1000000: a piece of the hash, then a number that
 * fills what is left of the eight bytes. */
static int is_hashed_name(irmin_slice name, const struct own_name *own)
{
	size_t at = 0;

	if (!own->hash || name.len < SHORT_NAME_BYTES)
		return 0;
	while (at < SHORT_STEM_BYTES && byte_at(name, at) != '~')
		at++;
	if (byte_at(name, at) != '~' || !has_text(name, 0, own->hash, at) ||
	    byte_at(name, at + 1) == '0')
		return 0;
	for (at++; at < SHORT_NAME_BYTES; at++)
		if (byte_at(name, at) < '0' || byte_at(name, at) > '9')
			return 0;
	return ends_on_ntfs(name, SHORT_NAME_BYTES);
}

static int is_own_part_on_ntfs(irmin_slice part, const struct own_name *own)
{
	size_t length = strlen(own->name);

	if (byte_at(part, 0) == '.' && has_text(part, 1, own->name, length) &&
	    ends_on_ntfs(part, length + 1))
		return 1;
	return is_short_name(part, own) || is_hashed_name(part, own);
}

static int is_own_on_ntfs(irmin_slice name, const struct own_name *own)
{
	size_t backslash;

	while (!is_own_part_on_ntfs(name, own)) {
		backslash = irmin__slice_find(name, '\\');
		if (backslash == name.len)
			return 0;
		name = irmin__slice_from(name, backslash + 1);
	}
	return 1;
}

/* ---- what is wrong with a name ---- */

/* Whether a name can be one of git's own at all: it begins as one of them does,
 * or with a character that HFS+ may not see, or has a part that NTFS takes for a
 * name. Nearly all names are not, and each that is written is asked. */
static int may_be_own(irmin_slice name)
{
	static const char begins[] = ".gGmM~";
	unsigned char first = byte_at(name, 0);

	return first >= 0x80 || memchr(begins, first, sizeof begins) ||
	    irmin__slice_has(name, '\\');
}

static int is_own(irmin_slice name, const struct own_name *own)
{
	return is_own_on_ntfs(name, own) || is_own_on_hfs(name, own);
}

/* The file of git's that a step is, or NULL. */
static const struct own_name *own_file_of(irmin_slice step)
{
	size_t i;

	if (!may_be_own(step))
		return NULL;
	for (i = 0; i < sizeof own_files / sizeof *own_files; i++)
		if (is_own(step, &own_files[i]))
			return &own_files[i];
	return NULL;
}

irmin__special irmin__special_of(irmin_slice step)
{
	const struct own_name *own = own_file_of(step);

	return own ? own->special : IRMIN__SPECIAL_NONE;
}

const char *irmin__rule_of_step(irmin_slice step)
{
	if (step.len == 0)
		return "it is empty (emptyName)";
	if (irmin__slice_has(step, '\0'))
		return "it has a NUL";
	if (irmin__slice_has(step, '/'))
		return "it has a '/' (fullPathname)";
	if (irmin__slice_is(step, "."))
		return "it means its own directory (hasDot)";
	if (irmin__slice_is(step, ".."))
		return "it means the directory above (hasDotdot)";
	if (may_be_own(step) && is_own(step, &dot_git))
		return "it is .git, or to macOS or Windows (hasDotgit)";
	return NULL;
}

static int is_file(irmin_mode mode)
{
	return mode == IRMIN_MODE_FILE || mode == IRMIN_MODE_EXECUTABLE;
}

const char *irmin__rule_of_entry(irmin_slice step, irmin_mode mode)
{
	const char *broken = irmin__rule_of_step(step);
	const struct own_name *own;

	if (broken || is_file(mode))
		return broken;
	if (mode == IRMIN_MODE_NONE || irmin__mode_canonical(mode) != mode)
		return "git has no such mode (badFilemode)";
	own = own_file_of(step);
	return own ? own->not_file : NULL;
}

const char *irmin__rule_of_foreign_entry(irmin_slice step, irmin_mode mode)
{
	const char *broken = irmin__rule_of_step(step);
	const struct own_name *own;

	if (broken || is_file(mode))
		return broken;
	own = own_file_of(step);
	if (!own)
		return NULL;
	return mode == IRMIN_MODE_SYMLINK ? own->symlink : own->other;
}
