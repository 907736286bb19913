/* cli/cli-script.c: see cli-script.h. Words are decoded where they stand, since
 * none becomes longer, with a NUL in place of what ended them. */
#include <stdbool.h>
#include <string.h>

#include "cli/cli-script.h"

struct running {
	const struct cli_step *step;
	irmin_txn *txn;
	cli_got_fn got;
	void *arg;
};

struct cli_verb {
	const char *name;
	size_t words;
	const char *usage;
	irmin_rc (*run)(const struct running *running, irmin_error *err);
};

/* ---- steps ---- */

static const char *path_of(const struct running *running)
{
	return running->step->words[0].data;
}

static irmin_rc run_set(const struct running *running, irmin_error *err)
{
	return irmin_txn_set(running->txn, path_of(running),
	    running->step->words[1], err);
}

static irmin_rc run_rm(const struct running *running, irmin_error *err)
{
	return irmin_txn_remove(running->txn, path_of(running), err);
}

static irmin_rc refuse_nothing(const struct running *running, irmin_error *err)
{
	return irmin_error_set(err, IRMIN_EABORTED, path_of(running),
	    "nothing is there");
}

static irmin_rc run_mv(const struct running *running, irmin_error *err)
{
	irmin_rc rc = irmin_txn_move(running->txn, path_of(running),
	    running->step->words[1].data, err);

	return rc == IRMIN_ABSENT ? refuse_nothing(running, err) : rc;
}

static irmin_rc run_get(const struct running *running, irmin_error *err)
{
	irmin_pin value = IRMIN_PIN_INIT;
	irmin_rc rc = irmin_txn_find(running->txn, path_of(running), &value,
	    err);

	if (rc == IRMIN_ABSENT)
		rc = refuse_nothing(running, err);
	else if (rc >= 0)
		rc = running->got(running->arg, running->step->words[0],
		    irmin_bytes(value.data, value.len), err);
	irmin_pin_release(&value);
	return rc;
}

#define SHOWN 80 /* bytes of a value in a message */

static irmin_rc run_assert(const struct running *running, irmin_error *err)
{
	irmin_slice want = running->step->words[1], is;
	irmin_pin value = IRMIN_PIN_INIT;
	irmin_rc rc = irmin_txn_find(running->txn, path_of(running), &value,
	    err);

	is = irmin_bytes(value.data, value.len);
	if (rc == IRMIN_ABSENT)
		rc = irmin_error_set(err, IRMIN_ESTALE, path_of(running),
		    "no value is there");
	else if (rc >= 0 && !irmin_slice_equal(is, want))
		rc = irmin_error_set(err, IRMIN_ESTALE, path_of(running),
		    "\"%.*s\"%s is there",
		    (int)(is.len < SHOWN ? is.len : SHOWN),
		    is.len ? (const char *)is.data : "",
		    is.len < SHOWN ? "" : "...");
	irmin_pin_release(&value);
	return rc;
}

static irmin_rc run_assert_absent(const struct running *running,
    irmin_error *err)
{
	irmin_mode mode;
	irmin_rc rc = irmin_txn_find_mode(running->txn, path_of(running), &mode,
	    err);

	if (rc != IRMIN_OK)
		return rc;
	return irmin_error_set(err, IRMIN_ESTALE, path_of(running),
	    "something is there");
}

static const struct cli_verb verbs[] = {
	{ "set", 2, "set PATH VALUE", run_set },
	{ "get", 1, "get PATH", run_get },
	{ "rm", 1, "rm PATH", run_rm },
	{ "mv", 2, "mv FROM TO", run_mv },
	{ "assert", 2, "assert PATH VALUE", run_assert },
	{ "assert-absent", 1, "assert-absent PATH", run_assert_absent },
};

#define VERB_COUNT (sizeof(verbs) / sizeof(*verbs))

/* ---- words ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/* Reads `count` digits at *at, and puts the byte that they are. */
static bool decode_digits(char **at, int count, int base, char *byte)
{
	int value = 0;

	for (; count; count--) {
		int digit = digit_of(**at);

		if (digit >= base)
			return false;
		value = value * base + digit;
		++*at;
	}
	*byte = (char)value;
	return value <= 255;
}

/* Reads what stands behind a backslash. */
static bool decode_escape(char **at, char *byte)
{
	static const char letters[] = "abfnrtv\"\\";
	static const char bytes[] = "\a\b\f\n\r\t\v\"\\";
	const char *letter;

	if (**at == 'x') {
		++*at;
		return decode_digits(at, 2, 16, byte);
	}
	if (**at >= '0' && **at <= '7')
		return decode_digits(at, 3, 8, byte);
	letter = **at ? strchr(letters, **at) : NULL;
	if (!letter)
		return false;
	*byte = bytes[letter - letters];
	++*at;
	return true;
}

/* A line of a script, which ends in a NUL. */
struct line {
	struct cli_script *script;
	size_t number;
	char *at;
	irmin_error *err;
};

static irmin_rc refuse(const struct line *line, const char *what,
    const char *word)
{
	return irmin_error_set(line->err, IRMIN_EINVAL, NULL, "%s:%zu: %s%s",
	    line->script->name, line->number, what, word);
}

static irmin_rc read_quoted(struct line *line, irmin_slice *word)
{
	char *begin = ++line->at, *to = begin, byte;

	while (*line->at != '"') {
		byte = *line->at++;
		if (!byte)
			return refuse(line, "a quote is not closed", "");
		if (byte == '\\' && !decode_escape(&line->at, &byte))
			return refuse(line, "no such escape: \\", line->at);
		*to++ = byte;
	}
	line->at++;
	if (*line->at && !is_blank(*line->at))
		return refuse(line,
		    "no blank behind a quoted word: ", line->at);
	*to = '\0';
	*word = irmin_bytes(begin, (size_t)(to - begin));
	return IRMIN_OK;
}

static irmin_rc read_plain(struct line *line, irmin_slice *word)
{
	char *begin = line->at, *end;

	while (*line->at && !is_blank(*line->at))
		if (*line->at++ == '"')
			return refuse(line, "a quote within a word: ", begin);
	end = line->at;
	if (*line->at)
		line->at++;
	*end = '\0';
	*word = irmin_bytes(begin, (size_t)(end - begin));
	return IRMIN_OK;
}

/* Answers: OK; ABSENT (the line ends). */
static irmin_rc read_word(struct line *line, irmin_slice *word)
{
	while (is_blank(*line->at))
		line->at++;
	if (!*line->at)
		return IRMIN_ABSENT;
	return *line->at == '"' ? read_quoted(line, word)
				: read_plain(line, word);
}

/* ---- lines ---- */

static irmin_rc find_verb(const struct line *line, irmin_slice word,
    const struct cli_verb **verb)
{
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (irmin_slice_equal(word, irmin_text(verbs[i].name))) {
			*verb = &verbs[i];
			return IRMIN_OK;
		}
	return refuse(line, "there is no step ", word.data);
}

/* All words but the value of set and assert are paths. */
static bool is_path(const struct cli_verb *verb, size_t i)
{
	return i == 0 || verb->run == run_mv;
}

static irmin_rc read_words(struct line *line, struct cli_step *step)
{
	irmin_slice more;
	irmin_rc rc = IRMIN_OK;

	for (size_t i = 0; i < step->verb->words && rc == IRMIN_OK; i++) {
		rc = read_word(line, &step->words[i]);
		if (rc == IRMIN_OK && is_path(step->verb, i) &&
		    memchr(step->words[i].data, '\0', step->words[i].len))
			return refuse(line, "a path holds no NUL", "");
	}
	if (rc == IRMIN_OK) {
		rc = read_word(line, &more);
		if (rc < 0 || rc == IRMIN_ABSENT)
			return rc < 0 ? rc : IRMIN_OK;
	}
	return rc < 0 ? rc : refuse(line, "it is ", step->verb->usage);
}

static irmin_rc add_step(struct cli_script *script, const struct cli_step *step,
    irmin_error *err)
{
	size_t room = script->room ? 2 * script->room : 16;
	struct cli_step *steps = script->steps;

	if (script->count == script->room) {
		steps = irmin_realloc(steps, room * sizeof(*steps));
		if (!steps)
			return irmin_error_set(err, IRMIN_ENOMEM, NULL,
			    "out of memory");
		script->steps = steps;
		script->room = room;
	}
	steps[script->count++] = *step;
	return IRMIN_OK;
}

static irmin_rc read_line(struct line *line)
{
	struct cli_step step;
	irmin_slice word;
	irmin_rc rc;

	memset(&step, 0, sizeof(step));
	step.line = line->number;
	while (is_blank(*line->at))
		line->at++;
	if (*line->at == '#')
		return IRMIN_OK;
	rc = read_word(line, &word);
	if (rc != IRMIN_OK)
		return rc;
	rc = find_verb(line, word, &step.verb);
	if (rc >= 0)
		rc = read_words(line, &step);
	return rc < 0 ? rc : add_step(line->script, &step, line->err);
}

/* Each line ends in a NUL; so it holds no other. */
static irmin_rc read_lines(struct cli_script *script, size_t len,
    irmin_error *err)
{
	struct line line = { script, 1, script->text, err };
	char *at = script->text, *end = at + len, *newline;
	irmin_rc rc = IRMIN_OK;

	for (; at < end && rc >= 0; at = newline + 1, line.number++) {
		newline = memchr(at, '\n', (size_t)(end - at));
		if (!newline)
			newline = end;
		if (memchr(at, '\0', (size_t)(newline - at)))
			return refuse(&line, "a NUL", "");
		*newline = '\0';
		line.at = at;
		rc = read_line(&line);
	}
	return rc < 0 ? rc : IRMIN_OK;
}

irmin_rc cli_script_parse(struct cli_script *script, const char *name,
    irmin_slice text, irmin_error *err)
{
	irmin_error_clear(err);
	memset(script, 0, sizeof(*script));
	script->name = name;
	script->text = irmin_malloc(text.len + 1);
	if (!script->text)
		return irmin_error_set(err, IRMIN_ENOMEM, NULL,
		    "out of memory");
	if (text.len)
		memcpy(script->text, text.data, text.len);
	return read_lines(script, text.len, err);
}

void cli_script_clear(struct cli_script *script)
{
	irmin_free(script->text);
	irmin_free(script->steps);
	memset(script, 0, sizeof(*script));
}

/* ---- running ---- */

irmin_rc cli_script_run(const struct cli_script *script, irmin_txn *txn,
    cli_got_fn got, void *arg, irmin_error *err)
{
	struct running running = { NULL, txn, got, arg };
	irmin_error why;
	irmin_rc rc = IRMIN_OK;

	irmin_error_clear(err);
	for (size_t i = 0; i < script->count && rc >= 0; i++) {
		running.step = &script->steps[i];
		rc = running.step->verb->run(&running, &why);
	}
	if (rc >= 0)
		return IRMIN_OK;
	return irmin_error_set(err, rc, *why.where ? why.where : NULL,
	    "%s:%zu: cannot %s %s: %s", script->name, running.step->line,
	    running.step->verb->name, path_of(&running), why.text);
}
