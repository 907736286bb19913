#include <irmin/trace.h>

struct counter {
	const char *name;
	const char *words;
};

static const struct counter counters[IRMIN_STAT_COUNT] = {
#define COUNTER_ROW(tag, name, words) { name, words },
	IRMIN_STATS(COUNTER_ROW)
#undef COUNTER_ROW
};

/* A caller may hand in any number: the enum's type need not be signed. */
static const struct counter *find_counter(irmin_stat stat)
{
	size_t at = (size_t)stat;

	return at < IRMIN_STAT_COUNT ? &counters[at] : NULL;
}

const char *irmin_stat_name(irmin_stat stat)
{
	const struct counter *counter = find_counter(stat);

	return counter ? counter->name : NULL;
}

const char *irmin_stat_text(irmin_stat stat)
{
	const struct counter *counter = find_counter(stat);

	return counter ? counter->words : NULL;
}
