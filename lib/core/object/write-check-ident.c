/* The line that says who and when, as git's fsck wants it:
 *
 *   <name> SP '<' <e-mail> '>' SP <seconds> SP <+ or -> <four digits>
 */
#include "lib/core/base/slice.h"
#include "lib/core/object/write-check-parts.h"

#define ZONE_DIGITS 4

/* How many of the bytes stand in front of the first '<' or '>'. */
static size_t until_bracket(irmin_slice text)
{
	size_t open = irmin__slice_find(text, '<');
	size_t close = irmin__slice_find(text, '>');

	return open < close ? open : close;
}

static size_t count_digits(irmin_slice text)
{
	const char *bytes = text.data;
	size_t i;

	for (i = 0; i < text.len && bytes[i] >= '0' && bytes[i] <= '9'; i++)
		;
	return i;
}

/* The largest time is INT64_MAX; numbers of one length compare as text. */
static int is_time(irmin_slice digits)
{
	static const char largest[] = "9223372036854775807";
	const size_t length = sizeof largest - 1;

	return digits.len < length ||
	    (digits.len == length && memcmp(digits.data, largest, length) <= 0);
}

/* Takes name and e-mail off the line. */
static const char *rule_of_name(irmin_slice *rest)
{
	size_t length = until_bracket(*rest);
	irmin_slice name = irmin__slice_until(*rest, length);

	*rest = irmin__slice_from(*rest, length);
	if (rest->len == 0)
		return "it has no e-mail (missingEmail)";
	if (!irmin__slice_begins(*rest, "<"))
		return "a name has a '>' (badName)";
	if (name.len == 0)
		return "no blank before the e-mail (missingNameBeforeEmail)";
	if (!irmin__slice_ends(name, " "))
		return "no blank before the e-mail (missingSpaceBeforeEmail)";
	*rest = irmin__slice_from(*rest, 1);
	*rest = irmin__slice_from(*rest, until_bracket(*rest));
	if (!irmin__slice_begins(*rest, ">"))
		return "an e-mail does not end in one '>' (badEmail)";
	*rest = irmin__slice_from(*rest, 1);
	return NULL;
}

static const char *rule_of_date(irmin_slice rest)
{
	irmin_slice digits;

	if (!irmin__slice_begins(rest, " "))
		return "no blank before the time (missingSpaceBeforeDate)";
	rest = irmin__slice_from(rest, 1);
	digits = irmin__slice_until(rest, count_digits(rest));
	rest = irmin__slice_from(rest, digits.len);
	if (digits.len == 0 || !irmin__slice_begins(rest, " "))
		return "the time is no number (badDate)";
	if (digits.len > 1 && irmin__slice_begins(digits, "0"))
		return "the time begins with a 0 (zeroPaddedDate)";
	if (!is_time(digits))
		return "the time is too large (badDateOverflow)";
	rest = irmin__slice_from(rest, 1);
	if (!irmin__slice_begins(rest, "+") && !irmin__slice_begins(rest, "-"))
		return "the zone has no sign (badTimezone)";
	rest = irmin__slice_from(rest, 1);
	if (rest.len != ZONE_DIGITS || count_digits(rest) != ZONE_DIGITS)
		return "the zone has not four digits (badTimezone)";
	return NULL;
}

const char *irmin__rule_of_ident(irmin_slice line)
{
	const char *broken;

	if (!line.data)
		return "it is missing";
	if (irmin__slice_has(line, '\0') || irmin__slice_has(line, '\n'))
		return "it has a NUL or a newline";
	broken = rule_of_name(&line);
	return broken ? broken : rule_of_date(line);
}
