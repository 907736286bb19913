/* cli/cli-stream.c: see cli-stream.h. */
#include <string.h>

#include "cli/cli-quote.h"
#include "cli/cli-stream.h"

#define WHOLE_MAX ((uint64_t)8 << 20)

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

/* A newline where people see the next thing behind the last byte. */
static void end_line(struct cli_out *out, unsigned char last)
{
	if (out->terminal && last != '\n')
		cli_out_text(out, "\n");
}

static irmin_rc write_pieces(struct cli *cli, irmin_reader *reader)
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
	end_line(out, last);
	return IRMIN_OK;
}

static irmin_rc write_whole(struct cli *cli, const irmin_oid *id)
{
	irmin_object object;
	irmin_rc rc;

	rc = irmin_object_find(cli->repo, id, &object, &cli->err);
	if (rc == IRMIN_OK) {
		const unsigned char *bytes = object.data.data;
		size_t len = object.data.len;

		cli_quote_text(&cli->out, irmin_bytes(bytes, len));
		end_line(&cli->out, len > 0 ? bytes[len - 1] : '\n');
	}
	irmin_pin_release(&object.data);
	return rc;
}

irmin_rc cli_stream_object(struct cli *cli, const irmin_oid *id)
{
	irmin_reader *reader = NULL;
	irmin_object_type type;
	uint64_t bytes;
	irmin_rc rc;

	rc = irmin_object_stat(cli->repo, id, &type, &bytes, &cli->err);
	if (rc == IRMIN_OK && bytes <= WHOLE_MAX)
		return write_whole(cli, id);
	/* Of one that is not there, opening may know more: who has it. */
	if (rc >= 0)
		rc = irmin_object_open(cli->repo, id, &reader, &cli->err);
	if (rc == IRMIN_OK)
		rc = write_pieces(cli, reader);
	irmin_reader_close(reader);
	return rc;
}
