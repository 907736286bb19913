/* cli/cli-stream.c: see cli-stream.h. */
#include <string.h>

#include "cli/cli-quote.h"
#include "cli/cli-stream.h"

/* How many bytes at the end begin a character of UTF-8 that goes on behind
 * them: they wait for the rest of it. */
static size_t unfinished(const unsigned char *bytes, size_t len)
{
	for (size_t back = 1; back <= 3 && back <= len; back++) {
		unsigned char c = bytes[len - back];
		size_t whole = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

		if (c >= 0xc0)
			return whole > back ? back : 0;
		if (c < 0x80)
			return 0;
	}
	return 0;
}

irmin_rc cli_stream_write(struct cli *cli, irmin_reader *reader)
{
	static unsigned char bytes[65536];
	struct cli_out *out = &cli->out;
	unsigned char last = '\n';
	size_t kept = 0;
	size_t got, len;
	irmin_rc rc;

	do {
		rc = irmin_reader_read(reader, bytes + kept,
		    sizeof(bytes) - kept, &got, &cli->err);
		if (rc < 0)
			return rc;
		len = kept + got;
		kept = got > 0 && out->terminal ? unfinished(bytes, len) : 0;
		cli_quote_text(out, irmin_bytes(bytes, len - kept));
		last = len > 0 ? bytes[len - 1] : last;
		memmove(bytes, bytes + len - kept, kept);
	} while (got > 0 && !out->error);
	if (out->terminal && last != '\n')
		cli_out_text(out, "\n");
	return IRMIN_OK;
}
