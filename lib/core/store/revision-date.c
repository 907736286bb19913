/* Moments as people write them:
 *
 *   2026-11-20 [14:03[:05]] [zone]    also with a T in between, as ISO 8601;
 *                                     without a time: 00:00; zone: Z, +0200,
 *                                     +02:00; without one: local time
 *   @1700000000                       seconds since 1970
 *   5 minutes ago, 2.days.ago         second, minute, hour, day, week, month,
 *                                     year
 *   now, yesterday                    yesterday: 24 hours ago
 */
#include "lib/core/store/revision-date.h"

#define DAY       ((int64_t)86400)
#define LAST_YEAR 9999

/* Text that is read from the front. */
struct text {
	const char *at, *end;
};

/* The number of digits that were read, at most `max`. */
static int take_number(struct text *text, int max, int64_t *number)
{
	int digits = 0;

	*number = 0;
	for (; text->at < text->end && digits < max; digits++) {
		if (*text->at < '0' || *text->at > '9')
			break;
		*number = *number * 10 + (*text->at++ - '0');
	}
	return digits;
}

static int take_byte(struct text *text, char byte)
{
	if (text->at == text->end || *text->at != byte)
		return 0;
	text->at++;
	return 1;
}

static int take_word(struct text *text, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(text->end - text->at) < len ||
	    memcmp(text->at, word, len) != 0)
		return 0;
	text->at += len;
	return 1;
}

static void skip_blanks(struct text *text)
{
	while (take_byte(text, ' ') || take_byte(text, '.'))
		;
}

/* ---- the calendar ---- */

struct civil {
	int64_t year, month, day; /* from 1 */
	int64_t second;           /* of the day */
};

static int is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_in(int64_t year, int64_t month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from the first of January of the year 1. */
static int64_t days_before(int64_t year)
{
	int64_t years = year - 1;

	return years * 365 + years / 4 - years / 100 + years / 400;
}

static int64_t seconds_of(const struct civil *civil)
{
	int64_t days = days_before(civil->year) - days_before(1970), month;

	for (month = 1; month < civil->month; month++)
		days += days_in(civil->year, month);
	return (days + civil->day - 1) * DAY + civil->second;
}

/* Of a moment in or after 1970. */
static void civil_of(int64_t seconds, struct civil *civil)
{
	int64_t days = seconds / DAY + days_before(1970);

	civil->second = seconds % DAY;
	civil->year = 1 + days / 366;
	while (days_before(civil->year + 1) <= days)
		civil->year++;
	days -= days_before(civil->year);
	civil->month = 1;
	while (days >= days_in(civil->year, civil->month))
		days -= days_in(civil->year, civil->month++);
	civil->day = days + 1;
}

static int64_t zone_seconds(int64_t zone)
{
	return zone < 0 ? -zone_seconds(-zone)
			: zone / 100 * 3600 + zone % 100 * 60;
}

/* The zone there may differ from the one that this moment has in UTC, so it is
 * asked for twice. */
static int64_t from_local(irmin__os *os, int64_t local)
{
	int64_t guess = local - zone_seconds(irmin__os_zone(os, local));

	return local - zone_seconds(irmin__os_zone(os, guess));
}

/* ---- absolute ---- */

static int take_date(struct text *text, struct civil *civil)
{
	if (take_number(text, 4, &civil->year) != 4 || !take_byte(text, '-') ||
	    !take_number(text, 2, &civil->month) || !take_byte(text, '-') ||
	    !take_number(text, 2, &civil->day))
		return 0;
	return civil->year >= 1970 && civil->year <= LAST_YEAR &&
	    civil->month >= 1 && civil->month <= 12 && civil->day >= 1 &&
	    civil->day <= days_in(civil->year, civil->month);
}

/* Nothing at all is midnight. */
static int take_time(struct text *text, struct civil *civil)
{
	int64_t hour, minute, second = 0, fraction;

	if (!take_number(text, 2, &hour))
		return 1;
	if (!take_byte(text, ':') || take_number(text, 2, &minute) != 2)
		return 0;
	if (take_byte(text, ':') && take_number(text, 2, &second) != 2)
		return 0;
	if (take_byte(text, '.') && !take_number(text, 9, &fraction))
		return 0;
	civil->second = hour * 3600 + minute * 60 + second;
	return hour < 24 && minute < 60 && second < 60;
}

/* Nothing at all is local time. */
static int take_zone(struct text *text, int *has_zone, int64_t *zone)
{
	int64_t hours, minutes = 0, sign = 1;

	*has_zone = text->at < text->end;
	*zone = 0;
	if (!*has_zone || take_byte(text, 'Z'))
		return 1;
	if (take_byte(text, '-'))
		sign = -1;
	else if (!take_byte(text, '+'))
		return 0;
	if (take_number(text, 2, &hours) != 2)
		return 0;
	take_byte(text, ':');
	if (text->at < text->end && take_number(text, 2, &minutes) != 2)
		return 0;
	*zone = sign * (hours * 100 + minutes);
	return hours < 24 && minutes < 60;
}

static int parse_absolute(irmin__os *os, struct text text, int64_t *seconds)
{
	struct civil civil = { 0, 0, 0, 0 };
	int64_t zone;
	int has_zone;

	if (!take_date(&text, &civil))
		return 0;
	if (!take_byte(&text, 'T'))
		skip_blanks(&text);
	if (!take_time(&text, &civil))
		return 0;
	skip_blanks(&text);
	if (!take_zone(&text, &has_zone, &zone) || text.at != text.end)
		return 0;
	*seconds = seconds_of(&civil);
	*seconds = has_zone ? *seconds - zone_seconds(zone)
			    : from_local(os, *seconds);
	return 1;
}

/* At most 18 digits, which fit. */
static int parse_seconds(struct text text, int64_t *seconds)
{
	return take_byte(&text, '@') && take_number(&text, 18, seconds) &&
	    text.at == text.end;
}

/* ---- relative ---- */

/* The same day and time so many months earlier; the 31st becomes the last. */
static int64_t months_before(irmin__os *os, int64_t now, int64_t months)
{
	int64_t offset = zone_seconds(irmin__os_zone(os, now)), month;
	struct civil civil;

	if (now + offset < 0)
		return 0;
	civil_of(now + offset, &civil);
	month = civil.year * 12 + civil.month - 1 - months;
	if (month < (int64_t)1970 * 12)
		return 0;
	civil.year = month / 12;
	civil.month = month % 12 + 1;
	if (civil.day > days_in(civil.year, civil.month))
		civil.day = days_in(civil.year, civil.month);
	return from_local(os, seconds_of(&civil));
}

/* The length of a unit in seconds, or of a year and a month in months. */
static int take_unit(struct text *text, int64_t *seconds, int64_t *months)
{
	static const struct {
		const char *name;
		int64_t seconds, months;
	} units[] = { { "second", 1, 0 }, { "minute", 60, 0 },
		{ "hour", 3600, 0 }, { "day", DAY, 0 }, { "week", 7 * DAY, 0 },
		{ "month", 0, 1 }, { "year", 0, 12 } };
	size_t i;

	for (i = 0; i < sizeof units / sizeof *units; i++) {
		if (!take_word(text, units[i].name))
			continue;
		take_byte(text, 's');
		*seconds = units[i].seconds;
		*months = units[i].months;
		return 1;
	}
	return 0;
}

/* At most nine digits, so that nothing overflows. */
static int parse_ago(irmin__os *os, struct text text, int64_t now,
    int64_t *seconds)
{
	int64_t n, unit_seconds, unit_months;

	if (!take_number(&text, 9, &n))
		return 0;
	skip_blanks(&text);
	if (!take_unit(&text, &unit_seconds, &unit_months))
		return 0;
	skip_blanks(&text);
	if (!take_word(&text, "ago") || text.at != text.end)
		return 0;
	*seconds = unit_months ? months_before(os, now, n * unit_months)
			       : now - n * unit_seconds;
	return 1;
}

static int is_word(struct text text, const char *word)
{
	return take_word(&text, word) && text.at == text.end;
}

irmin_rc irmin__date_parse(irmin__os *os, irmin_slice slice, int64_t *seconds,
    irmin_error *err)
{
	struct text text = { slice.data, (const char *)slice.data + slice.len };
	int64_t now = irmin__os_now_us(os) / 1000000;

	*seconds = 0;
	while (take_byte(&text, ' '))
		;
	while (text.end > text.at && text.end[-1] == ' ')
		text.end--;
	if (parse_absolute(os, text, seconds) || parse_seconds(text, seconds) ||
	    parse_ago(os, text, now, seconds))
		return IRMIN_OK;
	*seconds = is_word(text, "yesterday") ? now - DAY : now;
	if (is_word(text, "now") || is_word(text, "yesterday"))
		return IRMIN_OK;
	return irmin_error_set(err, IRMIN_EINVAL, NULL,
	    "\"%.*s\" is no moment; write 2026-11-20 14:03, @1700000000, "
	    "5 minutes ago, yesterday or now",
	    slice.len < 64 ? (int)slice.len : 64, (const char *)slice.data);
}
