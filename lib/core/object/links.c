#include "lib/core/object/links.h"

#include "lib/core/object/commit-codec.h"
#include "lib/core/object/hash.h"
#include "lib/core/object/tag-codec.h"
#include "lib/core/object/tree-codec.h"

static irmin__link link_to(const irmin_oid *id, irmin_object_type type)
{
	irmin__link made;

	memset(&made, 0, sizeof made);
	made.id = *id;
	made.type = type;
	return made;
}

static irmin_rc of_commit(irmin_hash_algo algo, irmin_slice data,
    irmin__link_fn fn, void *arg, irmin_error *err)
{
	irmin__commit_data commit;
	irmin__link link;
	size_t i;
	irmin_rc rc = irmin__commit_decode(algo, data, &commit, err);

	if (rc >= 0) {
		link = link_to(&commit.tree, IRMIN_OBJECT_TREE);
		rc = fn(arg, &link);
	}
	for (i = 0; rc == IRMIN_OK && i < commit.parents.len; i++) {
		link = link_to(&commit.parents.items[i], IRMIN_OBJECT_COMMIT);
		rc = fn(arg, &link);
	}
	irmin__commit_data_clear(&commit);
	return rc;
}

static irmin_rc of_tree(irmin_hash_algo algo, irmin_slice data,
    irmin__link_fn fn, void *arg, irmin_error *err)
{
	irmin__tree_reader reader;
	irmin__tree_entry entry;
	irmin__link link;
	irmin_oid id;
	irmin_rc rc;

	irmin__tree_reader_init(&reader, algo, data);
	while ((rc = irmin__tree_reader_next(&reader, &entry, err)) == 0) {
		if (entry.mode == IRMIN_MODE_GITLINK)
			continue;
		id = irmin__oid_of_bytes(algo, entry.id);
		link = link_to(&id,
		    entry.mode == IRMIN_MODE_TREE ? IRMIN_OBJECT_TREE
						  : IRMIN_OBJECT_BLOB);
		link.name = entry.name;
		link.mode = entry.mode;
		rc = fn(arg, &link);
		if (rc)
			return rc;
	}
	return rc < 0 ? rc : IRMIN_OK;
}

static irmin_rc of_tag(irmin_hash_algo algo, irmin_slice data,
    irmin__link_fn fn, void *arg, irmin_error *err)
{
	irmin__tag_data tag;
	irmin__link link;
	irmin_rc rc = irmin__tag_decode(algo, data, &tag, err);

	if (rc < 0)
		return rc;
	link = link_to(&tag.object, tag.type);
	return fn(arg, &link);
}

irmin_rc irmin__links_each(irmin_hash_algo algo, irmin_object_type type,
    irmin_slice data, irmin__link_fn fn, void *arg, irmin_error *err)
{
	switch (type) {
	case IRMIN_OBJECT_COMMIT:
		return of_commit(algo, data, fn, arg, err);
	case IRMIN_OBJECT_TREE:
		return of_tree(algo, data, fn, arg, err);
	case IRMIN_OBJECT_TAG:
		return of_tag(algo, data, fn, arg, err);
	default:
		return IRMIN_OK;
	}
}
