/* cli/cmd-merge.c: irmin merge */
#include <stdlib.h>
#include <string.h>

#include "cli/cli-args.h"
#include "cli/cli-conflict.h"
#include "cli/cli-info.h"
#include "cli/cli-message.h"
#include "cli/cli-nearest.h"
#include "cli/cli-open.h"
#include "cli/cli-quote.h"
#include "cli/cli-value.h"

enum {
	KEY_POLICY = CLI_LONG_ONLY,
	KEY_RULE,
	KEY_NO_FF,
	KEY_UNRELATED,
	KEY_ABORT
};

static const struct cli_option options[] = {
	CLI_INFO_OPTIONS,
	{ KEY_POLICY, "policy", "P",
	    "what becomes of conflicts: ours, theirs, or fail" },
	{ KEY_RULE, "rule", "PATTERN=TYPE",
	    "how values at these paths merge; repeatable" },
	{ KEY_NO_FF, "no-ff", NULL, "a commit even where none is needed" },
	{ KEY_UNRELATED, "unrelated", NULL, "also without a common ancestor" },
	{ KEY_ABORT, "abort", NULL, "forget the merge that waits" },
	{ 0, NULL, NULL, NULL },
};

/* As irmin_contents_named knows them. */
static const char *const types[] = { "bytes", "text", "json", "int-min",
	"int-max", "counter", "multiset", "set", "list", "map", "log", "lww",
	"ours", "theirs" };

struct merging {
	struct cli *cli;
	const char *from; /* as it was typed */
	irmin_commit *commit;
	irmin_merge_options options;
	irmin_merge_result *result;
};

static irmin_rc read_policy(struct cli *cli, irmin_merge_policy *policy)
{
	const char *word = cli_option(cli, KEY_POLICY);

	*policy = IRMIN_MERGE_FAIL;
	if (!word || strcmp(word, "fail") == 0)
		return IRMIN_OK;
	if (strcmp(word, "ours") == 0)
		*policy = IRMIN_MERGE_OURS;
	else if (strcmp(word, "theirs") == 0)
		*policy = IRMIN_MERGE_THEIRS;
	else
		return cli_usage(cli,
		    "--policy is ours, theirs or fail, not '%s'", word);
	return IRMIN_OK;
}

static irmin_rc check_type(struct cli *cli, const char *type)
{
	struct cli_nearest nearest = cli_nearest_to(type);

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (strcmp(types[i], type) == 0)
			return IRMIN_OK;
		cli_nearest_offer(&nearest, types[i]);
	}
	if (nearest.best)
		return cli_usage(cli,
		    "there is no type '%s', did you mean '%s'?", type,
		    nearest.best);
	return cli_usage(cli, "there is no type '%s'", type);
}

/* A pattern may hold '=', the name of a type does not. */
static irmin_rc add_rule(struct cli *cli, const char *rule)
{
	const char *sign = strrchr(rule, '=');
	char *pattern;
	irmin_rc rc;

	if (!sign)
		return cli_usage(cli, "--rule is PATTERN=TYPE, not '%s'", rule);
	rc = check_type(cli, sign + 1);
	if (rc < 0)
		return rc;
	pattern = cli_text_copy(rule, (size_t)(sign - rule));
	rc = irmin_repo_rule(cli->repo, pattern, irmin_contents_named(sign + 1),
	    &cli->err);
	free(pattern);
	return rc;
}

static irmin_rc add_rules(struct cli *cli)
{
	const char *rule;
	irmin_rc rc = IRMIN_OK;
	size_t from = 0;

	while (rc >= 0 && (rule = cli_option_next(cli, KEY_RULE, &from)))
		rc = add_rule(cli, rule);
	return rc;
}

/* A merge that somebody has half resolved is not to be written over. */
static irmin_rc check_none_waits(struct cli *cli)
{
	const char *branch = cli_open_branch(cli);
	irmin_merge_result *waiting = NULL;
	irmin_rc rc;

	rc = irmin_store_merge_resume(cli->store, &waiting, &cli->err);
	irmin_merge_result_free(waiting);
	if (rc != IRMIN_OK)
		return rc;
	return irmin_error_set(&cli->err, IRMIN_EREFUSED, branch,
	    "merge: another merge into %s waits; `irmin conflicts` shows it, "
	    "`irmin resolve` ends it, `irmin merge --abort` forgets it",
	    branch);
}

/* A branch is merged by its name, which then stands in the message; else the
 * commit. */
static irmin_rc merge_into_store(struct merging *merging)
{
	struct cli *cli = merging->cli;
	irmin_store *from = NULL;
	irmin_commit *head = NULL;
	irmin_rc rc = IRMIN_ABSENT;

	if (irmin_branch_check(merging->from, NULL) >= 0)
		rc = irmin_branch_find(cli->repo, merging->from, &head,
		    &cli->err);
	irmin_commit_unref(head);
	if (rc < 0)
		return rc;
	if (rc == IRMIN_ABSENT)
		return irmin_store_merge_commit(cli->store, merging->commit,
		    &merging->options, &merging->result, &cli->err);
	rc = irmin_store_open(cli->repo, merging->from, &from, &cli->err);
	if (rc >= 0)
		rc = irmin_store_merge(cli->store, from, &merging->options,
		    &merging->result, &cli->err);
	irmin_store_close(from);
	return rc;
}

static void write_outcome(struct merging *merging, irmin_rc rc,
    const irmin_oid *head)
{
	struct cli *cli = merging->cli;
	struct cli_out *out = &cli->out;
	irmin_slice branch = irmin_text(cli_open_branch(cli));
	irmin_slice from = irmin_text(merging->from);
	bool fast_forward = !merging->result;
	char id[CLI_SHORT_ID + 1];

	if (rc == IRMIN_ALREADY) {
		cli_quote_line(out, branch);
		cli_out_text(out, " has ");
		cli_quote_line(out, from);
		cli_out_text(out, " already\n");
		return;
	}
	cli_out_text(out, fast_forward ? "moved " : "merged ");
	cli_quote_line(out, fast_forward ? branch : from);
	cli_out_text(out, fast_forward ? " forward to " : " into ");
	cli_quote_line(out, fast_forward ? from : branch);
	cli_out_printf(out, " at %s\n", cli_value_short_id(head, id));
}

static irmin_rc json_outcome(struct merging *merging, irmin_rc outcome)
{
	struct cli *cli = merging->cli;
	struct cli_json json;
	irmin_rc rc;

	rc = cli_open_outcome(cli, outcome, &json);
	if (rc < 0)
		return rc;
	cli_json_key(&json, "fast_forward");
	cli_json_bool(&json, outcome == IRMIN_OK && !merging->result);
	cli_json_key(&json, "conflicts");
	if (merging->result) {
		rc = cli_conflict_json(cli, merging->result, &json);
	} else {
		cli_json_begin(&json, '[');
		cli_json_end(&json, ']');
	}
	cli_json_end(&json, '}');
	return rc;
}

/* What was merged: the outcome as JSON or a line, and what a policy decided. */
static irmin_rc tell(struct merging *merging, irmin_rc outcome)
{
	struct cli *cli = merging->cli;
	irmin_oid id;
	irmin_rc rc;

	if (cli->json)
		return json_outcome(merging, outcome);
	rc = cli_open_head_id(cli, &id);
	if (rc != IRMIN_OK)
		return rc;
	write_outcome(merging, outcome, &id);
	if (merging->result)
		cli_conflict_table(cli, merging->result);
	return rc;
}

/* The conflicts are what was asked for, and go to standard output; that the
 * branch stays is the error. */
static irmin_rc keep_conflicts(struct merging *merging)
{
	struct cli *cli = merging->cli;
	size_t count = irmin_merge_result_left(merging->result);
	irmin_rc rc;

	rc = cli_conflict_save(cli, merging->result);
	if (rc < 0)
		return rc;
	if (cli->json)
		rc = json_outcome(merging, IRMIN_ECONFLICT);
	else
		cli_conflict_table(cli, merging->result);
	if (rc < 0)
		return rc;
	return irmin_error_set(&cli->err, IRMIN_ECONFLICT, NULL,
	    "merge %s: %zu %s, and %s stays; `irmin conflicts` and "
	    "`irmin resolve` go on",
	    merging->from, count, cli_plural(count, "conflict", "conflicts"),
	    cli_open_branch(cli));
}

static int stop(void *arg, irmin_commit *base)
{
	(void)arg;
	(void)base;
	return 1;
}

/* EINVAL may speak of the author; of histories, we have a word for it. */
static irmin_rc explain(struct merging *merging)
{
	struct cli *cli = merging->cli;
	irmin_commit *head = NULL;
	irmin_rc found = IRMIN_OK;

	if (!cli_option(cli, KEY_UNRELATED) &&
	    irmin_store_head(cli->store, &head, NULL) == IRMIN_OK)
		found = irmin_commit_bases(head, merging->commit, 0, stop, NULL,
		    NULL);
	irmin_commit_unref(head);
	if (found != IRMIN_ABSENT)
		return IRMIN_EINVAL;
	cli->einval_is_data = true;
	return irmin_error_set(&cli->err, IRMIN_EINVAL, merging->from,
	    "merge %s: it has no common ancestor with %s; merge it "
	    "nevertheless with --unrelated",
	    merging->from, cli_open_branch(cli));
}

static irmin_rc merge(struct merging *merging)
{
	struct cli *cli = merging->cli;
	struct cli_info info;
	irmin_rc rc;

	rc = cli_info_init(cli, &info);
	merging->options.info = info.info;
	if (rc >= 0)
		rc = merge_into_store(merging);
	cli_info_clear(&info);
	if (rc == IRMIN_ECONFLICT && merging->result)
		return keep_conflicts(merging);
	if (rc == IRMIN_EINVAL)
		return explain(merging);
	return rc < 0 ? rc : tell(merging, rc);
}

static irmin_rc merge_from(struct cli *cli, const char *from,
    irmin_merge_policy policy)
{
	struct merging merging = { .cli = cli,
		.from = from,
		.options = IRMIN_MERGE_OPTIONS_INIT };
	irmin_rc rc;

	merging.options.policy = policy;
	if (cli_option(cli, KEY_NO_FF))
		merging.options.flags |= IRMIN_MERGE_NO_FF;
	if (cli_option(cli, KEY_UNRELATED))
		merging.options.flags |= IRMIN_MERGE_UNRELATED;
	rc = add_rules(cli);
	if (rc >= 0)
		rc = check_none_waits(cli);
	if (rc >= 0)
		rc = cli_open_commit(cli, from, &merging.commit);
	if (rc == IRMIN_OK)
		rc = merge(&merging);
	irmin_merge_result_free(merging.result);
	irmin_commit_unref(merging.commit);
	return rc;
}

static irmin_rc run(struct cli *cli)
{
	const char *from = cli_operand(cli, 0);
	bool forget = cli_option(cli, KEY_ABORT);
	irmin_merge_policy policy;
	irmin_rc rc;

	if (forget && from)
		return cli_usage(cli, "--abort takes no REV");
	if (!forget && !from)
		return cli_usage(cli, "merge what? name a branch or a REV");
	rc = read_policy(cli, &policy);
	if (rc >= 0)
		rc = cli_open_to_write(cli, NULL);
	if (rc < 0)
		return rc;
	return forget ? cli_conflict_abort(cli) : merge_from(cli, from, policy);
}

const struct cli_command cli_cmd_merge = {
	.name = "merge",
	.synopsis = "REV [--policy P] [--rule PATTERN=TYPE]... [--no-ff] "
		    "[--unrelated] [-m MSG] [--author A] | --abort",
	.summary = "merge a branch or a commit into the branch",
	.text =
	    "Three ways, value by value: what one side changed is taken; of "
	    "what both changed the rules say how it merges, and else it is a "
	    "conflict. Then the branch stays, exit status 4, the conflicts "
	    "are listed, and the merge waits: see `irmin conflicts` and "
	    "`irmin resolve`. With --policy ours or theirs, conflicts are "
	    "decided at once, each at its path only. In a PATTERN, * and ? "
	    "stand for others within a step, and a step ** for any number of "
	    "steps. A TYPE is one of bytes, text, json, int-min, int-max, "
	    "counter, multiset, set, list, map, log, lww, ours, theirs.",
	.example = "irmin merge draft --rule 'hits/**=counter'",
	.options = options,
	.min_operands = 0,
	.max_operands = 1,
	.run = run,
};
