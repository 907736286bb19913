/* cli/cli-refs.c: see cli-refs.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli-message.h"
#include "cli/cli-quote.h"
#include "cli/cli-refs.h"

#define BRANCHES "refs/heads/"
#define TAGS     "refs/tags/"
#define REMOTES  "refs/remotes/"

struct cli_ref {
	irmin_oid id;
	char *label;
	enum cli_color color;
	unsigned place; /* among the labels of one commit */
};

static bool begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static void add(struct cli_refs *refs, const irmin_oid *id, const char *before,
    const char *name, enum cli_color color)
{
	size_t room = strlen(before) + strlen(name) + 1;
	struct cli_ref *ref;

	if (refs->count == refs->room) {
		refs->room = refs->room ? 2 * refs->room : 16;
		refs->refs = cli_realloc(refs->refs,
		    refs->room * sizeof(*refs->refs));
	}
	ref = &refs->refs[refs->count];
	ref->id = *id;
	ref->label = cli_alloc(room);
	snprintf(ref->label, room, "%s%s", before, name);
	ref->color = color;
	ref->place = (unsigned)refs->count++;
}

struct collecting {
	struct cli *cli;
	struct cli_refs *refs;
	const char *head; /* the branch that HEAD names, or NULL */
};

/* An annotated tag is an object of its own. */
static void add_tag(struct collecting *collecting, const irmin_ref *ref)
{
	const char *name = ref->name.data;
	irmin_commit *commit = NULL;
	irmin_oid id;

	if (irmin_commit_of_revision(collecting->cli->repo, name, &commit,
		NULL) == IRMIN_OK &&
	    irmin_commit_id(commit, &id, NULL) == IRMIN_OK)
		add(collecting->refs, &id, "tag: ", name + strlen(TAGS),
		    CLI_YELLOW);
	irmin_commit_unref(commit);
}

static int collect(void *arg, const irmin_ref *ref)
{
	struct collecting *collecting = arg;
	const char *name = ref->name.data;
	const char *head = collecting->head;

	if (irmin_oid_is_none(&ref->id))
		return IRMIN_OK;
	if (begins_with(name, TAGS))
		add_tag(collecting, ref);
	else if (begins_with(name, REMOTES))
		add(collecting->refs, &ref->id, "", name + strlen(REMOTES),
		    CLI_RED);
	else if (begins_with(name, BRANCHES))
		add(collecting->refs, &ref->id,
		    head && strcmp(name + strlen(BRANCHES), head) == 0
			? "HEAD -> "
			: "",
		    name + strlen(BRANCHES), CLI_GREEN);
	return IRMIN_OK;
}

static void add_detached_head(struct cli *cli, struct cli_refs *refs)
{
	irmin_commit *commit = NULL;
	irmin_oid id;

	if (irmin_commit_of_revision(cli->repo, "HEAD", &commit, NULL) ==
		IRMIN_OK &&
	    irmin_commit_id(commit, &id, NULL) == IRMIN_OK)
		add(refs, &id, "", "HEAD", CLI_CYAN);
	irmin_commit_unref(commit);
}

/* By id; of one commit HEAD's branch first, then as they came, by name. */
static int compare(const void *a, const void *b)
{
	const struct cli_ref *x = a;
	const struct cli_ref *y = b;
	int order = irmin_oid_compare(&x->id, &y->id);
	bool x_head = begins_with(x->label, "HEAD");
	bool y_head = begins_with(y->label, "HEAD");

	if (order != 0)
		return order;
	if (x_head != y_head)
		return x_head ? -1 : 1;
	return x->place < y->place ? -1 : 1;
}

irmin_rc cli_refs_init(struct cli *cli, struct cli_refs *refs)
{
	struct collecting collecting = { cli, refs, NULL };
	irmin_buf head = IRMIN_BUF_INIT;
	irmin_rc rc;

	memset(refs, 0, sizeof(*refs));
	rc = irmin_repo_head(cli->repo, &head, &cli->err);
	if (rc == IRMIN_OK)
		collecting.head = (const char *)head.data;
	else if (rc == IRMIN_ABSENT)
		add_detached_head(cli, refs);
	if (rc >= 0)
		rc = irmin_ref_each(cli->repo, "refs/", collect, &collecting,
		    &cli->err);
	irmin_buf_clear(&head);
	if (refs->count > 0)
		qsort(refs->refs, refs->count, sizeof(*refs->refs), compare);
	return rc;
}

void cli_refs_clear(struct cli_refs *refs)
{
	for (size_t i = 0; i < refs->count; i++)
		free(refs->refs[i].label);
	free(refs->refs);
	memset(refs, 0, sizeof(*refs));
}

/* The first ref of a commit, or the count. */
static size_t first_of(const struct cli_refs *refs, const irmin_oid *id)
{
	size_t low = 0;
	size_t high = refs->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (irmin_oid_compare(&refs->refs[middle].id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void cli_refs_write(const struct cli_refs *refs, const irmin_oid *id,
    struct cli_out *out)
{
	size_t first = first_of(refs, id);
	size_t i = first;

	for (; i < refs->count; i++) {
		const struct cli_ref *ref = &refs->refs[i];

		if (irmin_oid_compare(&ref->id, id) != 0)
			break;
		cli_out_color(out, CLI_YELLOW);
		cli_out_text(out, i == first ? " (" : ", ");
		cli_out_color(out, ref->color);
		cli_quote_line(out, irmin_text(ref->label));
		cli_out_color(out, CLI_PLAIN);
	}
	if (i == first)
		return;
	cli_out_color(out, CLI_YELLOW);
	cli_out_text(out, ")");
	cli_out_color(out, CLI_PLAIN);
}
