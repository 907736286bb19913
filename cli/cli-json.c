/* cli/cli-json.c: see cli-json.h. */
#include <inttypes.h>

#include "cli/cli-json.h"
#include "cli/cli-quote.h"

void cli_json_init(struct cli_json *json, struct cli_out *out)
{
	json->out = out;
	json->depth = 0;
	json->comma = false;
}

/* What stands between the value before and this one. */
static void separate(struct cli_json *json)
{
	if (json->comma)
		cli_out_text(json->out, json->depth == 1 ? ",\n" : ", ");
	json->comma = true;
}

void cli_json_begin(struct cli_json *json, char bracket)
{
	separate(json);
	cli_out_bytes(json->out, &bracket, 1);
	json->comma = false;
	json->depth++;
}

void cli_json_end(struct cli_json *json, char bracket)
{
	json->depth--;
	cli_out_bytes(json->out, &bracket, 1);
	json->comma = true;
	if (json->depth == 0)
		cli_out_text(json->out, "\n");
}

void cli_json_key(struct cli_json *json, const char *key)
{
	separate(json);
	cli_out_printf(json->out, "\"%s\": ", key);
	json->comma = false;
}

static void write_base64(struct cli_out *out, irmin_slice value)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *data = value.data;

	for (size_t i = 0; i < value.len; i += 3) {
		size_t left = value.len - i;
		unsigned bits = (unsigned)data[i] << 16 |
		    (left > 1 ? (unsigned)data[i + 1] << 8 : 0) |
		    (left > 2 ? (unsigned)data[i + 2] : 0);
		char four[4] = {
			digits[bits >> 18],
			digits[bits >> 12 & 63],
			left > 1 ? digits[bits >> 6 & 63] : '=',
			left > 2 ? digits[bits & 63] : '=',
		};

		cli_out_bytes(out, four, sizeof(four));
	}
}

/* One character of a string, which is `n` bytes that can be printed as they
 * are, or a control character. Returns how many bytes it took. */
static size_t write_character(struct cli_out *out, const unsigned char *data,
    size_t len)
{
	size_t n = cli_quote_printable(data, len);

	if (n == 1 && (data[0] == '"' || data[0] == '\\')) {
		cli_out_printf(out, "\\%c", data[0]);
		return 1;
	}
	if (n > 0) {
		cli_out_bytes(out, data, n);
		return n;
	}
	if (data[0] == '\n' || data[0] == '\t') {
		cli_out_text(out, data[0] == '\n' ? "\\n" : "\\t");
		return 1;
	}
	if (data[0] < 0x80) {
		cli_out_printf(out, "\\u%04x", data[0]);
		return 1;
	}
	if (data[0] < 0xe0) {
		cli_out_printf(out, "\\u%04x",
		    (data[0] & 0x1fU) << 6 | (data[1] & 0x3fU));
		return 2;
	}
	cli_out_printf(out, "\\u%04x",
	    (data[0] & 0xfU) << 12 | (data[1] & 0x3fU) << 6 |
		(data[2] & 0x3fU));
	return 3;
}

void cli_json_bytes(struct cli_json *json, irmin_slice value)
{
	const unsigned char *data = value.data;

	if (!cli_quote_is_utf8(value)) {
		cli_json_begin(json, '{');
		cli_json_key(json, "base64");
		cli_out_text(json->out, "\"");
		write_base64(json->out, value);
		cli_out_text(json->out, "\"");
		cli_json_end(json, '}');
		return;
	}
	separate(json);
	cli_out_text(json->out, "\"");
	for (size_t i = 0; i < value.len;)
		i += write_character(json->out, data + i, value.len - i);
	cli_out_text(json->out, "\"");
}

void cli_json_text(struct cli_json *json, const char *value)
{
	cli_json_bytes(json, irmin_text(value));
}

void cli_json_number(struct cli_json *json, int64_t value)
{
	separate(json);
	cli_out_printf(json->out, "%" PRId64, value);
}

void cli_json_count(struct cli_json *json, uint64_t value)
{
	separate(json);
	cli_out_printf(json->out, "%" PRIu64, value);
}

void cli_json_bool(struct cli_json *json, bool value)
{
	separate(json);
	cli_out_text(json->out, value ? "true" : "false");
}

void cli_json_null(struct cli_json *json)
{
	separate(json);
	cli_out_text(json->out, "null");
}

void cli_json_oid(struct cli_json *json, const irmin_oid *id)
{
	char hex[IRMIN_OID_HEX_BYTES];

	if (irmin_oid_is_none(id))
		cli_json_null(json);
	else
		cli_json_text(json, irmin_oid_hex(id, hex));
}
