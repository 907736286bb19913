/* Patterns of paths. Steps are matched one by one; in a step '?' is any byte and
 * '*' any number of them, and the step "**" is any number of steps. What was
 * matched by an earlier asterisk is never looked at again, so the cost is at most
 * that of pattern times path. */
#include "lib/core/base/error.h"
#include "lib/core/base/slice.h"
#include "lib/core/object/path.h"
#include "lib/merge/rules.h"

static char byte_at(irmin_slice text, size_t at)
{
	return ((const char *)text.data)[at];
}

static int matches_step(irmin_slice pattern, irmin_slice step)
{
	size_t p = 0, s = 0, star = SIZE_MAX, from = 0;

	while (s < step.len) {
		if (p < pattern.len && byte_at(pattern, p) == '*') {
			star = p++;
			from = s;
		} else if (p < pattern.len &&
		    (byte_at(pattern, p) == '?' ||
			byte_at(pattern, p) == byte_at(step, s))) {
			p++, s++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			s = ++from;
		} else {
			return 0;
		}
	}
	while (p < pattern.len && byte_at(pattern, p) == '*')
		p++;
	return p == pattern.len;
}

/* Where a match can be taken up again: behind a "**" that takes a step more. */
struct resume {
	irmin_slice pattern, path;
	int can;
};

static int is_any(irmin_slice step)
{
	return irmin__slice_is(step, "**");
}

int irmin__pattern_matches(irmin_slice pattern, irmin_slice path)
{
	struct resume resume = { pattern, path, 0 };
	irmin_slice wanted, step, skipped;

	for (;;) {
		int has_wanted = irmin__path_step_next(&pattern, &wanted) ==
		    IRMIN_OK;
		int has_step;

		if (has_wanted && is_any(wanted)) {
			resume.pattern = pattern;
			resume.path = path;
			resume.can = 1;
			continue;
		}
		has_step = irmin__path_step_next(&path, &step) == IRMIN_OK;
		if (!has_wanted && !has_step)
			return 1;
		if (has_wanted && has_step && matches_step(wanted, step))
			continue;
		if (!resume.can ||
		    irmin__path_step_next(&resume.path, &skipped) != IRMIN_OK)
			return 0;
		pattern = resume.pattern;
		path = resume.path;
	}
}

static irmin_rc refuse(const char *pattern, const char *why, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_EINVAL, pattern,
	    "\"%s\" is no pattern of paths: %s", pattern, why);
}

irmin_rc irmin__pattern_check(const char *pattern, irmin_error *err)
{
	irmin_slice rest = irmin_text(pattern), step;
	size_t length = rest.len;

	if (!length || pattern[0] == '/' || pattern[length - 1] == '/' ||
	    strstr(pattern, "//"))
		return refuse(pattern, "a step of it is empty", err);
	while (irmin__path_step_next(&rest, &step) == IRMIN_OK) {
		size_t i;

		for (i = 1; i < step.len && !is_any(step); i++)
			if (byte_at(step, i) == '*' &&
			    byte_at(step, i - 1) == '*')
				return refuse(pattern,
				    "two asterisks are a step of their own",
				    err);
	}
	return IRMIN_OK;
}
