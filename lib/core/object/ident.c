/* Who and when, as one line of a commit or a tag:
 *
 *   <name> SP '<' <e-mail> '>' SP <seconds since 1970> SP <+ or -> <zone>
 *
 * The zone has four digits, hours and minutes. Git writes a blank before '<'
 * also where the name is empty.
 */
#include "lib/core/object/ident.h"

#include "lib/core/base/decimal.h"
#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"

#define ZONE_MAX   9999
#define DATE_BYTES (IRMIN__DECIMAL_BYTES + 8) /* "> ", " +", the zone */

static int is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static irmin_slice trim_end(irmin_slice text)
{
	const char *bytes = text.data;

	while (text.len > 0 && is_blank(bytes[text.len - 1]))
		text.len--;
	return text;
}

static irmin_slice trim_begin(irmin_slice text)
{
	while (text.len > 0 && is_blank(*(const char *)text.data))
		text = irmin__slice_from(text, 1);
	return text;
}

static irmin_slice trim(irmin_slice text)
{
	return trim_begin(trim_end(text));
}

/* The number that `text` begins with, which is taken off; 0 if it is beyond
 * `max`. */
static int64_t take_number(irmin_slice *text, int64_t max)
{
	int64_t value = 0;
	int digit, too_large = 0;

	for (; text->len > 0; *text = irmin__slice_from(*text, 1)) {
		digit = *(const char *)text->data - '0';
		if (digit < 0 || digit > 9)
			break;
		too_large |= value > (max - digit) / 10;
		if (!too_large)
			value = value * 10 + digit;
	}
	return too_large ? 0 : value;
}

static void parse_date(irmin_slice date, irmin_ident *ident)
{
	irmin_slice zone;
	int is_west;

	date = zone = trim_begin(date);
	ident->time = take_number(&zone, INT64_MAX);
	if (zone.len == date.len)
		return;
	zone = trim_begin(zone);
	is_west = irmin__slice_begins(zone, "-");
	if (!is_west && !irmin__slice_begins(zone, "+"))
		return;
	zone = irmin__slice_from(zone, 1);
	ident->zone = (int32_t)take_number(&zone, INT32_MAX);
	if (is_west)
		ident->zone = -ident->zone;
}

irmin_ident irmin__ident_parse(irmin_slice line)
{
	irmin_ident ident = { { NULL, 0 }, { NULL, 0 }, 0, 0 };
	size_t open = irmin__slice_find(line, '<'), close;
	irmin_slice rest;

	if (open == line.len)
		return ident;
	rest = irmin__slice_from(line, open + 1);
	close = irmin__slice_find(rest, '>');
	if (close == rest.len)
		return ident;
	ident.name = trim_end(irmin__slice_until(line, open));
	ident.email = irmin__slice_until(rest, close);
	/* The date is behind the last one: mangled names have several. */
	for (; close < rest.len; close = irmin__slice_find(rest, '>'))
		rest = irmin__slice_from(rest, close + 1);
	parse_date(rest, &ident);
	return ident;
}

static irmin_rc refuse(irmin_slice text, const char *broken, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_EINVAL, NULL,
	    "bad identity \"%.*s\": %s", (int)(text.len < 128 ? text.len : 128),
	    text.len ? (const char *)text.data : "", broken);
}

/* What neither a name nor an e-mail may have. */
static const char *rule_of_part(irmin_slice part)
{
	const char *bytes = part.data;
	size_t i;

	for (i = 0; i < part.len; i++)
		switch (bytes[i]) {
		case '<':
		case '>':
			return "a name or e-mail has a '<' or '>'";
		case '\n':
		case '\0':
			return "it has a newline or a NUL";
		default:
			break;
		}
	return NULL;
}

irmin_rc irmin__ident_split(irmin_slice text, irmin_slice *name,
    irmin_slice *email, irmin_error *err)
{
	irmin_slice whole = trim(text), before, behind;
	size_t open = irmin__slice_find(whole, '<');
	const char *broken;

	*name = *email = irmin_bytes(NULL, 0);
	if (open == whole.len || !irmin__slice_ends(whole, ">"))
		return refuse(text, "it is not \"Name <e-mail>\"", err);
	before = irmin__slice_until(whole, open);
	behind = irmin__slice_from(whole, open + 1);
	behind.len--;
	broken = rule_of_part(before);
	if (!broken)
		broken = rule_of_part(behind);
	if (broken)
		return refuse(text, broken, err);
	*name = trim(before);
	*email = trim(behind);
	return IRMIN_OK;
}

static const char *rule_of_ident(const irmin_ident *ident)
{
	const char *broken = rule_of_part(ident->name);

	if (!broken)
		broken = rule_of_part(ident->email);
	if (!broken && ident->time < 0)
		broken = "its time is before 1970";
	if (!broken && (ident->zone < -ZONE_MAX || ident->zone > ZONE_MAX))
		broken = "its zone has more than four digits";
	return broken;
}

/* What follows the e-mail; `out` has room for DATE_BYTES. */
static size_t write_date(const irmin_ident *ident, char *out)
{
	int32_t zone = ident->zone;
	size_t used = 2;

	memcpy(out, "> ", 2);
	used += irmin__decimal_encode((uint64_t)ident->time, 1, out + used);
	out[used++] = ' ';
	out[used++] = zone < 0 ? '-' : '+';
	return used +
	    irmin__decimal_encode((uint64_t)(zone < 0 ? -zone : zone), 4,
		out + used);
}

static char *put(char *out, irmin_slice text)
{
	if (text.len)
		memcpy(out, text.data, text.len);
	return out + text.len;
}

irmin_rc irmin__ident_append(irmin_buf *out, const irmin_ident *ident,
    irmin_error *err)
{
	const char *broken = rule_of_ident(ident);
	char *at;
	irmin_rc rc;

	if (broken)
		return refuse(ident->name, broken, err);
	rc = irmin_buf_reserve(out,
	    ident->name.len + ident->email.len + DATE_BYTES + 2, err);
	if (rc < 0)
		return rc;
	at = put((char *)out->data + out->len, ident->name);
	at = put(at, irmin_bytes(" <", 2));
	at = put(at, ident->email);
	at += write_date(ident, at);
	*at = '\0';
	out->len = (size_t)(at - (char *)out->data);
	return IRMIN_OK;
}
