/* The forms that docs/formats/values.md shows: each is the form of its value.
 *
 *     test-value-forms DOCUMENT
 *
 * A block is told by the comment before it: <!-- form: SHAPE -->, in letters
 * (tests/support/shape-text.h) or as "json". */
#include <stdlib.h>
#include <string.h>

#include "tests/support/shape-text.h"
#include "tests/support/tap.h"

#define MARK  "<!-- form: "
#define FENCE "\n```\n"

static void is_form(irmin_slice name, irmin_slice form)
{
	int is_json = irmin_slice_equal(name, irmin_text("json"));
	irmin_shape *shape = is_json ? NULL : shape_of(name);
	irmin_buf again = IRMIN_BUF_INIT;
	irmin_value *value = NULL;
	irmin_error err;
	irmin_rc rc;

	rc = is_json ? irmin_value_decode_json(form, &value, &err)
		     : irmin_value_decode(form, shape, &value, &err);
	if (succeeds(rc, &err, "%.*s", (int)name.len,
		(const char *)name.data)) {
		rc = is_json ? irmin_value_encode_json(value, &again, &err)
			     : irmin_value_encode(value, shape, &again, &err);
		succeeds(rc, &err, "is encoded");
		is_mem(again.data, again.len, form.data, form.len, "alike");
	}
	irmin_buf_clear(&again);
	irmin_value_unref(value);
	irmin_shape_unref(shape);
}

/* Whether a form ends without the newline that the block has. */
static int is_line(const char *name)
{
	return strchr("bicw", *name) || strncmp(name, "json", 4) == 0;
}

int main(int argc, char **argv)
{
	char *document = argc == 2 ? tap_read_file(argv[1], NULL) : NULL;
	const char *at;
	int count = 0;

	if (!document)
		bail("usage: test-value-forms DOCUMENT");
	for (at = document; (at = strstr(at, MARK)); count++) {
		const char *name = at + strlen(MARK);
		const char *end = strstr(name, " -->");
		const char *form = end ? strstr(end, FENCE) : NULL;

		at = form ? strstr(form + 1, FENCE) : NULL;
		if (!at)
			bail("form %d has no block", count);
		form += strlen(FENCE);
		is_form(irmin_bytes(name, (size_t)(end - name)),
		    irmin_bytes(form, (size_t)(at + !is_line(name) - form)));
	}
	is_int(count, 13, "all that are shown");
	free(document);
	return done_testing();
}
