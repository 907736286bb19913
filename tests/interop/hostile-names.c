#include "tests/interop/hostile-names.h"

#include "tests/interop/with-git.h"
#include "tests/support/tap.h"

#include <string.h>

#define LONGEST 255

/* Up to `most` bytes of an alphabet. */
static const char *spelled(uint64_t *chance, const char *begin,
    const char *alphabet, unsigned most)
{
	unsigned len = random_below(chance, most) + (*begin == '\0'), i;
	char text[LONGEST + 1];

	for (i = 0; i < len; i++)
		text[i] =
		    alphabet[random_below(chance, (unsigned)strlen(alphabet))];
	text[len] = '\0';
	return tap_format("%s%s", begin, text);
}

/* Any bytes but those of which ".git" is made, and of other systems' paths. */
static const char *any_bytes(uint64_t *chance)
{
	unsigned len = 1 + random_below(chance, 40), i;
	char text[41];

	for (i = 0; i < len; i++)
		do {
			text[i] = (char)(1 + random_below(chance, 255));
		} while (strchr("/\\:~gG", text[i]));
	text[len] = '\0';
	return tap_format("%s", text);
}

/* A letter again and again: each name is the beginning of the longer ones. */
static const char *repeated(uint64_t *chance, char letter)
{
	unsigned len = 1 + random_below(chance, LONGEST);
	char text[LONGEST + 1];

	memset(text, letter, len);
	text[len] = '\0';
	return tap_format("%s", text);
}

const char *hostile_name(uint64_t *chance)
{
	const char *name;

	switch (random_below(chance, 8)) {
	case 0: /* around '/', which ends a directory's name in the order */
		name = spelled(chance, "", "a.-0!\377", 6);
		break;
	case 1: /* the first eight bytes tell nothing */
		name = spelled(chance, "sameeigh", "ab.-0\377\001", 7);
		break;
	case 2: /* nor do the first seven and a half */
		name = spelled(chance, "sameseve", ".-0", 4);
		break;
	case 3:
		name = any_bytes(chance);
		break;
	case 4:
		name = repeated(chance, 'x');
		break;
	case 5:
		name = tap_format("%0*u", LONGEST, random_below(chance, 500));
		break;
	default:
		name = tap_format("%u", random_below(chance, 100000));
		break;
	}
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return "...";
	return name;
}
