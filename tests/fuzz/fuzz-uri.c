#include <string.h>

#include "lib/open/open.h"
#include "tests/fuzz/fuzz.h"

/* What a URI was taken apart into gives the same again, with every byte of its
 * rest escaped. */
static void parse_again(const irmin__uri *uri)
{
	size_t len = strlen(uri->scheme), i, rest_len = strlen(uri->rest);
	char *text = malloc(len + 2 + 3 * rest_len), *at = text;
	irmin__uri again;

	REQUIRE(text != NULL);
	at += sprintf(at, "%s:", uri->scheme);
	for (i = 0; i < rest_len; i++)
		at += sprintf(at, "%%%02x", (unsigned char)uri->rest[i]);
	REQUIRE(irmin__uri_parse(irmin__os_posix(), text, NULL, &again, NULL) ==
	    IRMIN_OK);
	REQUIRE(strcmp(again.scheme, uri->scheme) == 0);
	REQUIRE(strcmp(again.rest, uri->rest) == 0);
	REQUIRE(!again.branch);
	irmin__uri_clear(&again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = malloc(len + 1);
	irmin__uri uri;
	irmin_error err;

	REQUIRE(text != NULL);
	if (len)
		memcpy(text, bytes, len);
	text[len] = '\0';
	if (irmin__uri_parse(irmin__os_posix(), text, NULL, &uri, &err) >= 0)
		parse_again(&uri);
	else
		REQUIRE(err.code < 0 && err.text[0] && !uri.scheme);
	irmin__uri_clear(&uri);
	free(text);
	return 0;
}
