#include "tests/crash/life.h"

#include <stdio.h>
#include <string.h>

/* What a walk needs on its way. */
struct scribe {
	struct life *life;
	irmin_buf *state;
	irmin_rc rc; /* of the first failure in a callback */
	irmin_error *err;
};

static irmin_rc write_words(irmin_buf *state, const char *word,
    const irmin_oid *id, irmin_slice name, irmin_error *err)
{
	char hex[IRMIN_OID_HEX_BYTES], line[120];
	int len = snprintf(line, sizeof(line), "%s %s ", word,
	    id ? irmin_oid_hex(id, hex) : "");
	irmin_rc rc;

	rc = irmin_buf_append(state, irmin_bytes(line, (size_t)len), err);
	if (rc >= 0)
		rc = irmin_buf_append(state, name, err);
	if (rc >= 0)
		rc = irmin_buf_append(state, irmin_text("\n"), err);
	return rc;
}

static int write_ref(void *arg, const irmin_ref *ref)
{
	struct scribe *self = arg;

	self->rc = write_words(self->state, "ref", &ref->id, ref->name,
	    self->err);
	return self->rc < 0;
}

static irmin_rc write_head(struct scribe *self)
{
	irmin_buf branch = IRMIN_BUF_INIT;
	irmin_rc rc = irmin_repo_head(self->life->repo, &branch, self->err);

	if (rc >= 0)
		rc = write_words(self->state, "HEAD", NULL,
		    irmin_buf_slice(&branch), self->err);
	irmin_buf_clear(&branch);
	return rc;
}

irmin_rc life_refs(struct life *life, irmin_buf *state, irmin_error *err)
{
	struct scribe self = { life, state, IRMIN_OK, err };
	irmin_rc rc;

	state->len = 0;
	if (!life->repo)
		return irmin_buf_set(state, irmin_text("nothing"), err);
	rc = write_head(&self);
	if (rc >= 0)
		rc = irmin_ref_each(life->repo, "refs/", write_ref, &self, err);
	return self.rc < 0 ? self.rc : rc;
}

static irmin_rc check_id(struct scribe *self, const irmin_visit *visit)
{
	irmin_oid id;
	irmin_rc rc;

	if (irmin_oid_is_none(&visit->id))
		return IRMIN_OK;
	rc = irmin_hash_object(irmin_repo_hash(self->life->repo),
	    IRMIN_OBJECT_BLOB, visit->value, &id, self->err);
	if (rc >= 0 && irmin_oid_compare(&id, &visit->id) != 0)
		rc = irmin_error_set(self->err, IRMIN_ECORRUPT, NULL,
		    "a value has another id than its entry");
	return rc;
}

static int write_value(void *arg, const irmin_visit *visit)
{
	struct scribe *self = arg;
	char mode[16];

	snprintf(mode, sizeof(mode), "%o", (unsigned)visit->mode);
	self->rc = check_id(self, visit);
	if (self->rc >= 0)
		self->rc = write_words(self->state, mode, NULL, visit->path,
		    self->err);
	if (self->rc >= 0)
		self->rc = write_words(self->state, "value", NULL, visit->value,
		    self->err);
	return self->rc < 0;
}

static irmin_rc write_commit(struct scribe *self, irmin_commit *commit)
{
	irmin_tree *tree = NULL;
	irmin_oid id;
	irmin_rc rc;

	rc = irmin_commit_id(commit, &id, self->err);
	if (rc >= 0)
		rc = write_words(self->state, "commit", &id,
		    irmin_commit_message(commit), self->err);
	if (rc >= 0)
		rc = irmin_commit_tree(commit, &tree, self->err);
	if (rc >= 0)
		rc = irmin_tree_each(tree, "", IRMIN_EACH_VALUES, write_value,
		    self, self->err);
	irmin_tree_unref(tree);
	return self->rc < 0 ? self->rc : rc;
}

static irmin_rc write_history(struct scribe *self, const irmin_oid *id)
{
	irmin_commit *head = NULL, *commit;
	irmin_log *log = NULL;
	irmin_rc rc;

	rc = irmin_commit_get(self->life->repo, id, &head, self->err);
	if (rc >= 0)
		rc = irmin_log_open(head, NULL, &log, self->err);
	while (rc >= 0) {
		rc = irmin_log_next(log, &commit, self->err);
		if (rc != IRMIN_OK)
			break;
		rc = write_commit(self, commit);
		irmin_commit_unref(commit);
	}
	irmin_log_free(log);
	irmin_commit_unref(head);
	return rc;
}

/* The ids first: the walk's callback must not be inside irmin_ref_each. */
struct ids {
	irmin_oid items[16];
	size_t len;
};

static int collect_id(void *arg, const irmin_ref *ref)
{
	struct ids *ids = arg;

	if (ids->len < sizeof(ids->items) / sizeof(ids->items[0]))
		ids->items[ids->len++] = ref->id;
	return 0;
}

irmin_rc life_state(struct life *life, irmin_buf *state, irmin_error *err)
{
	struct scribe self = { life, state, IRMIN_OK, err };
	struct ids ids = { .len = 0 };
	size_t i;
	irmin_rc rc;

	rc = life_refs(life, state, err);
	if (rc < 0 || !life->repo)
		return rc;
	rc = irmin_ref_each(life->repo, "refs/", collect_id, &ids, err);
	for (i = 0; rc >= 0 && i < ids.len; i++)
		rc = write_history(&self, &ids.items[i]);
	return rc < 0 ? rc : IRMIN_OK;
}
