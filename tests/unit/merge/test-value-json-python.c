/* JSON beside Python's: the texts that json.dumps writes with sorted names and
 * without spaces are the canonical ones, and what it writes otherwise is not. */
#include <string.h>

#include "tests/support/tap.h"
#include <irmin/value.h>

#define LEAST 2000 /* texts of either kind */

/* Prints lines "+TEXT", which are canonical, and "-TEXT", which are not. */
static const char script[] =
    "import json, random\n"
    "random.seed(1)\n"
    "PIECES = ['', 'a', 'B', '\"', '\\\\', '/', '\\n', '\\t', '\\x00', '\\x1f',\n"
    "          '\\x7f', '\\x85', '\\xe9', '\\u20ac', '\\u2028', '\\U0001f600',\n"
    "          '\\uffee']\n"
    "ENDS = [0, -1, 2**53 + 1, 2**63 - 1, -2**63, None, True, False, 0.1,\n"
    "        -0.0, 1e21, 1e-7, 5e-324, 1.7976931348623157e308]\n"
    "def text():\n"
    "    return ''.join(random.choices(PIECES, k=random.randrange(4)))\n"
    "def value(depth):\n"
    "    kind = random.randrange(6 if depth < 4 else 4)\n"
    "    if kind == 0: return random.choice(ENDS)\n"
    "    if kind == 1: return random.uniform(-1e6, 1e6)\n"
    "    if kind == 2: return random.randrange(-2**63, 2**63)\n"
    "    if kind == 3: return text()\n"
    "    count = random.randrange(4)\n"
    "    if kind == 4: return [value(depth + 1) for _ in range(count)]\n"
    "    return {text(): value(depth + 1) for _ in range(count)}\n"
    "for _ in range(6000):\n"
    "    made = value(0)\n"
    "    right = json.dumps(made, sort_keys=True, ensure_ascii=False,\n"
    "                       separators=(',', ':'))\n"
    "    print('+' + right)\n"
    "    for other in (json.dumps(made, sort_keys=True, ensure_ascii=False),\n"
    "                  json.dumps(made, sort_keys=True,\n"
    "                             separators=(',', ':')),\n"
    "                  json.dumps(made, ensure_ascii=False,\n"
    "                             separators=(',', ':')),\n"
    "                  right + ' ', ' ' + right):\n"
    "        if other != right: print('-' + other)\n";

static int is_as_told(irmin_slice text, int canonical)
{
	irmin_buf again = IRMIN_BUF_INIT;
	irmin_value *value = NULL;
	irmin_error err;
	irmin_rc rc = irmin_value_decode_json(text, &value, &err);
	int right = rc == (canonical ? IRMIN_OK : IRMIN_EINVAL);

	if (value)
		right = right &&
		    irmin_value_encode_json(value, &again, &err) == IRMIN_OK &&
		    irmin_slice_equal(irmin_buf_slice(&again), text);
	if (!right)
		diag("%.*s: %s", (int)text.len, (const char *)text.data,
		    err.text);
	irmin_buf_clear(&again);
	irmin_value_unref(value);
	return right;
}

int main(void)
{
	static const char *const argv[] = { "python3", "-X", "utf8", "-",
		NULL };
	int count[2] = { 0, 0 }, wrong[2] = { 0, 0 };
	struct tap_output said;
	char *line, *end;
	int code;

	code = tap_run_argv(&said, NULL, argv, script, strlen(script));
	is_int(code, 0, "python writes JSON: %s", said.err);
	for (line = said.out; (end = strchr(line, '\n')); line = end + 1) {
		int canonical = *line == '+';

		count[canonical]++;
		wrong[canonical] += !is_as_told(irmin_bytes(line + 1,
						    (size_t)(end - line - 1)),
		    canonical);
	}
	is_int(wrong[1], 0, "%d canonical texts are taken", count[1]);
	is_int(wrong[0], 0, "%d others are not", count[0]);
	ok(count[0] >= LEAST && count[1] >= LEAST, "enough of both");
	tap_output_clear(&said);
	return done_testing();
}
