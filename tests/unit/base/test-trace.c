#include <ctype.h>
#include <string.h>

#include <irmin/trace.h>
#include <irmin/version.h>

#include "tests/support/tap.h"

/* A counter's name is its constant in lower case. */
static int same_word(const char *tag, const char *name)
{
	for (; *tag && *name; tag++, name++)
		if (tolower((unsigned char)*tag) != *name)
			return 0;
	return *tag == *name;
}

int main(void)
{
#define CHECK(tag, name, words)                                                \
	is_str(irmin_stat_name(IRMIN_STAT_##tag), name, "name of " #tag);      \
	is_str(irmin_stat_text(IRMIN_STAT_##tag), words, "text of " #tag);     \
	ok(same_word(#tag, name), "they are the same word");
	IRMIN_STATS(CHECK)
#undef CHECK
	is_str(irmin_stat_name(IRMIN_STAT_COUNT), NULL, "an unknown counter");
	is_str(irmin_stat_text((irmin_stat)-1), NULL, "a negative counter");
	is_str(irmin_version(), IRMIN_VERSION, "header and library agree");
	return done_testing();
}
