/* The rules, and which of them a branch has. */
#include "lib/core/store/retain.h"

#include "lib/core/store/heads.h"
#include <irmin/alloc.h>

/* More is all. */
#define MOST (SIZE_MAX / 64)

/* `*` stands for any characters. What does not match behind the last star that
 * was met is tried one character further on; earlier ones need not be tried
 * again. */
static int matches(const char *pattern, const char *name)
{
	const char *star = NULL, *tried = NULL;

	while (*name) {
		if (*pattern == '*') {
			star = pattern++;
			tried = name;
		} else if (*pattern == *name) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star + 1;
			name = ++tried;
		} else {
			return 0;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

uint64_t irmin__retain_limit(const irmin__retaining *retaining, const char *ref)
{
	size_t heads = strlen(IRMIN__HEADS), i;

	if (strncmp(ref, IRMIN__HEADS, heads) != 0)
		return 0;
	for (i = retaining->rules.len; i-- > 0;) {
		const irmin__retain_rule *rule = &retaining->rules.items[i];

		if (matches(rule->pattern, ref + heads))
			return rule->commits < MOST ? rule->commits : 0;
	}
	return 0;
}

void irmin__retain_clear(irmin__retaining *retaining)
{
	size_t i;

	for (i = 0; i < retaining->rules.len; i++)
		irmin_free(retaining->rules.items[i].pattern);
	for (i = 0; i < retaining->spared.len; i++)
		irmin_commit_unref(retaining->spared.items[i]);
	IRMIN__VEC_CLEAR(&retaining->rules);
	IRMIN__VEC_CLEAR(&retaining->spared);
	IRMIN__VEC_CLEAR(&retaining->stack);
}
