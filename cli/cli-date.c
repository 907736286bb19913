/* cli/cli-date.c: see cli-date.h. Zones are numbers as git writes them: -730 is
 * seven and a half hours behind UTC. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli-date.h"

static int32_t zone_of_seconds(long seconds)
{
	long minutes = seconds / 60;

	return (int32_t)(minutes / 60 * 100 + minutes % 60);
}

static int64_t seconds_of_zone(int32_t zone)
{
	return ((int64_t)zone / 100 * 60 + zone % 100) * 60;
}

void cli_date_now(int64_t *moment, int32_t *zone)
{
	time_t now = time(NULL);
	struct tm tm;

	*moment = now;
	*zone = localtime_r(&now, &tm) ? zone_of_seconds(tm.tm_gmtoff) : 0;
}

static const char *skip_spaces(const char *text)
{
	return text + strspn(text, " ");
}

/* "Z", "+hh", "+hhmm", "+hh:mm"; nothing else may follow. */
static bool parse_zone(const char *text, int32_t *zone)
{
	char sign = *text++;
	int digits = 0;

	*zone = 0;
	if (sign == 'Z')
		return *text == '\0';
	if (sign != '+' && sign != '-')
		return false;
	for (; *text; text++) {
		if (*text == ':' && digits == 2)
			continue;
		if (!isdigit((unsigned char)*text) || ++digits > 4)
			return false;
		*zone = *zone * 10 + (*text - '0');
	}
	if (digits == 2)
		*zone *= 100;
	if (sign == '-')
		*zone = -*zone;
	return digits == 2 || digits == 4;
}

static bool parse_seconds(const char *text, int64_t *moment, int32_t *zone)
{
	char *end;

	text += *text == '@';
	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*moment = strtoll(text, &end, 10);
	*zone = 0;
	if (errno)
		return false;
	return *end == '\0' ||
	    (*end == ' ' && parse_zone(skip_spaces(end), zone));
}

/* The broken-down time, and what follows it; NULL if no form fits. */
static const char *parse_clock(const char *text, struct tm *tm)
{
	static const char *const forms[] = {
		"%Y-%m-%dT%H:%M:%S",
		"%Y-%m-%d %H:%M:%S",
		"%Y-%m-%dT%H:%M",
		"%Y-%m-%d %H:%M",
		"%a, %d %b %Y %H:%M:%S",
		"%d %b %Y %H:%M:%S",
		"%a %b %d %H:%M:%S %Y",
	};
	const char *end = NULL;

	for (size_t i = 0; !end && i < sizeof(forms) / sizeof(*forms); i++) {
		memset(tm, 0, sizeof(*tm));
		end = strptime(text, forms[i], tm);
	}
	if (end && *end == '.')
		end += 1 + strspn(end + 1, "0123456789");
	return end;
}

bool cli_date_parse(const char *text, int64_t *moment, int32_t *zone)
{
	struct tm tm;
	const char *end;

	if (parse_seconds(text, moment, zone))
		return true;
	end = parse_clock(text, &tm);
	if (!end)
		return false;
	end = skip_spaces(end);
	if (*end) {
		*moment = timegm(&tm);
		if (!parse_zone(end, zone))
			return false;
		*moment -= seconds_of_zone(*zone);
	} else {
		tm.tm_isdst = -1;
		*moment = mktime(&tm);
		*zone = zone_of_seconds(tm.tm_gmtoff);
	}
	return *moment >= 0;
}

void cli_date_write(struct cli_out *out, int64_t moment, int32_t zone)
{
	char sign = zone < 0 ? '-' : '+';
	int shown = zone < 0 ? -zone : zone;
	char text[64];
	struct tm tm;
	time_t local;

	if (__builtin_add_overflow(moment, seconds_of_zone(zone), &local) ||
	    !gmtime_r(&local, &tm)) {
		cli_out_printf(out, "@%" PRId64 " %c%04d", moment, sign, shown);
		return;
	}
	strftime(text, sizeof(text), "%a %b", &tm);
	cli_out_printf(out, "%s %d ", text, tm.tm_mday);
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	cli_out_printf(out, "%s %lld %c%04d", text, tm.tm_year + 1900LL, sign,
	    shown);
}
