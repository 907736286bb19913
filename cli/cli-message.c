/* cli/cli-message.c: see cli-message.h. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli-json.h"
#include "cli/cli-message.h"
#include "cli/cli-quote.h"

irmin_rc cli_usage(struct cli *cli, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (cli->command)
		return irmin_error_set(&cli->err, IRMIN_EINVAL, NULL,
		    "%s: %s; see `irmin %s --help`", cli->command->name, text,
		    cli->command->name);
	return irmin_error_set(&cli->err, IRMIN_EINVAL, NULL,
	    "%s; see `irmin help`", text);
}

irmin_rc cli_no(struct cli *cli, const char *where, const char *format, ...)
{
	char text[384];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return irmin_error_set(&cli->err, IRMIN_ABSENT, where, "%s", text);
}

static irmin_rc code_of_errno(int os_errno)
{
	switch (os_errno) {
	case ENOSPC:
	case EDQUOT:
		return IRMIN_ENOSPC;
	case EACCES:
	case EPERM:
		return IRMIN_EACCES;
	case EROFS:
		return IRMIN_EREADONLY;
	case ENOENT:
	case ENOTDIR:
		return IRMIN_EMISSING;
	case EEXIST:
		return IRMIN_EEXIST;
	case ENOMEM:
		return IRMIN_ENOMEM;
	default:
		return IRMIN_EIO;
	}
}

irmin_rc cli_system_error(struct cli *cli, int os_errno, const char *doing,
    const char *file)
{
	irmin_error_set(&cli->err, code_of_errno(os_errno), file, "%s %s: %s",
	    doing, file, strerror(os_errno));
	cli->err.os_errno = os_errno;
	return cli->err.code;
}

static int status_of(const struct cli *cli)
{
	switch (cli->err.code) {
	case IRMIN_OK:
		return CLI_DONE;
	case IRMIN_ABSENT:
	case IRMIN_EREFUSED:
	case IRMIN_ECHECKEDOUT:
	case IRMIN_EEXIST:
	case IRMIN_EABORTED:
		return CLI_NO;
	case IRMIN_EINVAL:
		return cli->einval_is_data ? CLI_FAILURE : CLI_USAGE;
	case IRMIN_ECONFLICT:
		return CLI_CONFLICT;
	case IRMIN_ESTALE:
		return CLI_STALE;
	case IRMIN_ELOCKED:
	case IRMIN_ETIMEDOUT:
		return CLI_LOCKED;
	default:
		return CLI_FAILURE;
	}
}

static void say_json(struct cli *cli, struct cli_out *out)
{
	const irmin_error *err = &cli->err;
	struct cli_json json;

	cli_json_init(&json, out);
	cli_json_begin(&json, '{');
	cli_json_key(&json, "error");
	cli_json_begin(&json, '{');
	cli_json_key(&json, "code");
	cli_json_text(&json, irmin_rc_name(err->code));
	cli_json_key(&json, "message");
	cli_json_text(&json, err->text);
	if (err->where[0]) {
		cli_json_key(&json, err->where[0] == '/' ? "file" : "path");
		cli_json_text(&json, err->where);
	}
	if (err->offset != IRMIN_NO_OFFSET) {
		cli_json_key(&json, "offset");
		cli_json_count(&json, err->offset);
	}
	if (irmin_error_hint(err)[0]) {
		cli_json_key(&json, "hint");
		cli_json_text(&json, irmin_error_hint(err));
	}
	if (cli->was_known) {
		cli_json_key(&json, "was");
		cli_json_bytes(&json, irmin_buf_slice(&cli->was));
	}
	cli_json_end(&json, '}');
	cli_json_end(&json, '}');
}

static void say_line(const struct cli *cli, const char *text)
{
	struct cli_out out;

	cli_out_init(&out, STDERR_FILENO);
	if (cli->json) {
		struct cli_json json;

		cli_json_init(&json, &out);
		cli_json_begin(&json, '{');
		cli_json_key(&json, "note");
		cli_json_text(&json, text);
		cli_json_end(&json, '}');
	} else {
		cli_out_text(&out, "irmin: ");
		cli_quote_line(&out, irmin_text(text));
		cli_out_text(&out, "\n");
	}
	cli_out_flush(&out);
}

void cli_note(const struct cli *cli, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	say_line(cli, text);
}

int cli_report(struct cli *cli)
{
	struct cli_out out;

	if (cli->err.code == IRMIN_OK)
		return cli->no ? CLI_NO : CLI_DONE;
	if (!cli->json) {
		say_line(cli, cli->err.text);
		return status_of(cli);
	}
	cli_out_init(&out, STDERR_FILENO);
	say_json(cli, &out);
	cli_out_flush(&out);
	return status_of(cli);
}

const char *cli_plural(uint64_t count, const char *one, const char *many)
{
	return count == 1 ? one : many;
}

static void out_of_memory(void)
{
	static const char text[] = "irmin: out of memory\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(CLI_FAILURE);
	_exit(CLI_FAILURE);
}

void *cli_alloc(size_t size)
{
	return cli_realloc(NULL, size);
}

void *cli_realloc(void *block, size_t size)
{
	void *bigger = realloc(block, size ? size : 1);

	if (!bigger)
		out_of_memory();
	return bigger;
}

char *cli_text_copy(const char *text, size_t len)
{
	char *copy = cli_alloc(len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

void cli_buf_add(irmin_buf *buf, irmin_slice bytes)
{
	if (irmin_buf_append(buf, bytes, NULL) < 0)
		out_of_memory();
}

void cli_buf_add_text(irmin_buf *buf, const char *text)
{
	cli_buf_add(buf, irmin_text(text));
}
