/* cli/cli-script.h: the scripts of `irmin txn`: a step of a transaction a line.
 *
 *   set PATH VALUE          mv FROM TO       assert PATH VALUE
 *   get PATH                rm PATH          assert-absent PATH
 *
 * Words stand apart by blanks and tabs. One in double quotes may hold anything,
 * with the escapes \" \\ \a \b \f \n \r \t \v, three octal digits as git writes
 * paths, or \x and two hexadecimal ones. Empty lines, and those that begin with
 * '#', say nothing. It needs the public headers alone, so that it can be tried on
 * any bytes.
 */
#ifndef CLI_SCRIPT_H
#define CLI_SCRIPT_H

#include <irmin/irmin.h>

struct cli_verb;

struct cli_step {
	const struct cli_verb *verb;
	size_t line;
	irmin_slice words[2]; /* each with a NUL behind it */
};

struct cli_script {
	const char *name; /* of the file, for messages; the caller's */
	char *text;
	struct cli_step *steps;
	size_t count, room;
};

/* Reads a script. Fails: EINVAL, as "<name>:<line>: ..."; ENOMEM. It is to be
 * cleared in any case. */
irmin_rc cli_script_parse(struct cli_script *script, const char *name,
    irmin_slice text, irmin_error *err);
void cli_script_clear(struct cli_script *script);

/* What is told of each `get`, in their order. */
typedef irmin_rc (*cli_got_fn)(void *arg, irmin_slice path, irmin_slice value,
    irmin_error *err);

/* Does all steps, up to the first that fails. Fails: as "<name>:<line>: ...":
 * EABORTED (a get or mv of nothing), ESTALE (an assertion that does not hold),
 * what `got` answers, and as the calls of irmin/txn.h do. */
irmin_rc cli_script_run(const struct cli_script *script, irmin_txn *txn,
    cli_got_fn got, void *arg, irmin_error *err);

#endif
