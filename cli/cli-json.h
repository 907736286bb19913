/* cli/cli-json.h: JSON, written as it comes.
 *
 * Strings that are not UTF-8 become {"base64": "..."}. What the outermost
 * value holds stands on a line each, so that a long answer can be read while it
 * arrives.
 */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdint.h>

#include <irmin/hash.h>

#include "cli/cli-out.h"

struct cli_json {
	struct cli_out *out;
	unsigned depth;
	bool comma; /* the next value or key has one before it */
};

void cli_json_init(struct cli_json *json, struct cli_out *out);

void cli_json_begin(struct cli_json *json, char bracket);
/* After the last bracket the line ends. */
void cli_json_end(struct cli_json *json, char bracket);

/* One of our own words, followed by its value. */
void cli_json_key(struct cli_json *json, const char *key);

void cli_json_bytes(struct cli_json *json, irmin_slice value);
void cli_json_text(struct cli_json *json, const char *value);
void cli_json_number(struct cli_json *json, int64_t value);
void cli_json_count(struct cli_json *json, uint64_t value);
void cli_json_bool(struct cli_json *json, bool value);
/* The id in hexadecimal; null for no id. */
void cli_json_oid(struct cli_json *json, const irmin_oid *id);
void cli_json_null(struct cli_json *json);

#endif
