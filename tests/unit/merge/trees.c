#include "tests/unit/merge/trees.h"

#include <stdlib.h>
#include <string.h>

#include "lib/core/store/tree-edit.h"
#include "tests/support/tap.h"

static irmin_mode take_mode(const char **word)
{
	static const struct {
		char letter;
		irmin_mode mode;
	} modes[] = {
		{ '!', IRMIN_MODE_EXECUTABLE },
		{ '@', IRMIN_MODE_SYMLINK },
		{ '%', IRMIN_MODE_GITLINK },
	};
	size_t i;

	for (i = 0; i < sizeof modes / sizeof *modes; i++)
		if (**word == modes[i].letter) {
			++*word;
			return modes[i].mode;
		}
	return IRMIN_MODE_FILE;
}

static irmin_rc set(irmin_edit *edit, const char *word, irmin_error *err)
{
	irmin_mode mode = take_mode(&word);
	size_t length = strcspn(word, "=");
	char *path = strndup(word, length);
	irmin_slice value = irmin_text(word + length + 1);
	irmin_oid id;
	irmin_rc rc;

	memset(&id, 0, sizeof id);
	id.algo = IRMIN_HASH_SHA1;
	memset(id.bytes, *(const char *)value.data, 20);
	if (mode == IRMIN_MODE_GITLINK)
		rc = irmin_edit_set_gitlink(edit, path, &id, err);
	else
		rc = irmin_edit_set_mode(edit, path, mode, value, err);
	free(path);
	return rc;
}

irmin_tree *trees_edit(irmin_repo *repo, irmin_tree *from, const char *words)
{
	char *text = strdup(words), *rest = NULL, *word;
	irmin_tree *tree = from;
	irmin_edit *edit;
	irmin_error err;
	irmin_rc rc = IRMIN_OK;

	if (!from && irmin_tree_empty(repo, &tree, &err) < 0)
		bail("%s", err.text);
	if (irmin_edit_new(tree, &edit, &err) < 0)
		bail("%s", err.text);
	edit->marks = 1; /* as no program can: foreign markers */
	if (!from)
		irmin_tree_unref(tree);
	for (word = strtok_r(text, " ", &rest); word && rc >= 0;
	     word = strtok_r(NULL, " ", &rest))
		rc = *word == '-' ? irmin_edit_remove(edit, word + 1, &err)
				  : set(edit, word, &err);
	if (rc >= 0)
		rc = irmin_edit_tree(edit, &tree, &err);
	if (rc < 0)
		bail("cannot make \"%s\": %s", words, err.text);
	irmin_edit_free(edit);
	free(text);
	return tree;
}

static int append_word(void *arg, const irmin_visit *visit)
{
	const char **words = arg;
	const char *letter = visit->mode == IRMIN_MODE_EXECUTABLE ? "!"
	    : visit->mode == IRMIN_MODE_SYMLINK                   ? "@"
	    : visit->mode == IRMIN_MODE_GITLINK                   ? "%"
								  : "";
	irmin_slice value = visit->value;

	if (visit->mode == IRMIN_MODE_GITLINK)
		value = irmin_bytes(visit->id.bytes, 1);
	*words = tap_format("%s%s%s%.*s=%.*s", *words, **words ? " " : "",
	    letter, (int)visit->path.len, (const char *)visit->path.data,
	    (int)value.len, value.len ? (const char *)value.data : "");
	return 0;
}

const char *trees_words(irmin_tree *tree)
{
	const char *words = "";
	irmin_error err;

	if (irmin_tree_each(tree, "", IRMIN_EACH_VALUES, append_word, &words,
		&err) < 0)
		bail("%s", err.text);
	return words;
}

const char *trees_conflicts(irmin_merge_result *result)
{
	irmin_conflict *conflict;
	const char *text = "";

	while (irmin_merge_result_next(result, &conflict) == IRMIN_OK)
		text = tap_format("%s%s%s %s", text, *text ? ", " : "",
		    irmin_conflict_kind_name(irmin_conflict_what(conflict)),
		    irmin_conflict_path(conflict));
	return text;
}
