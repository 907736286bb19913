/* An annotated tag:
 *
 *   object <id> LF
 *   type <commit, tree, blob or tag> LF
 *   tag <name> LF
 *   tagger <ident> LF            missing in some old ones
 *   <name> SP <value> LF         whatever else
 *   LF                           missing where there is no message
 *   <message, with a signature if there is one>
 */
#include "lib/core/object/tag-codec.h"

#include "lib/core/object/header-lines.h"
#include "lib/core/object/object.h"

irmin_rc irmin__tag_decode(irmin_hash_algo algo, irmin_slice bytes,
    irmin__tag_data *tag, irmin_error *err)
{
	irmin__tag_data made;
	irmin__header_reader reader = { bytes, 0, "tag" };
	irmin_slice type;
	irmin_rc rc;

	memset(&made, 0, sizeof made);
	*tag = made;
	rc = irmin__header_take_id(&reader, "object", algo, &made.object, err);
	if (rc < 0)
		return rc;
	if (rc == IRMIN_ABSENT)
		return irmin__header_corrupt(&reader,
		    "it does not begin with an object", err);
	irmin__header_take(&reader, "type", &type);
	made.type = irmin__object_type_of(type);
	if (made.type == IRMIN_OBJECT_ANY)
		return irmin__header_corrupt(&reader, "there is no such type",
		    err);
	if (!irmin__header_take(&reader, "tag", &made.name))
		return irmin__header_corrupt(&reader, "it has no name", err);
	irmin__header_take(&reader, "tagger", &made.tagger);
	irmin__header_rest(&reader, &made.extra, &made.message);
	*tag = made;
	return IRMIN_OK;
}

irmin_rc irmin__tag_encode(const irmin__tag_data *tag, irmin_buf *out,
    irmin_error *err)
{
	irmin_slice type = irmin_text(irmin_object_type_name(tag->type));
	irmin_rc rc = irmin__header_put_id(out, "object", &tag->object, err);

	if (rc >= 0)
		rc = irmin__header_put(out, "type", type, err);
	if (rc >= 0)
		rc = irmin__header_put(out, "tag", tag->name, err);
	if (rc >= 0)
		rc = irmin__header_put(out, "tagger", tag->tagger, err);
	if (rc >= 0)
		rc = irmin_buf_append(out, tag->extra, err);
	if (rc >= 0 && tag->message.data) {
		rc = irmin_buf_append(out, irmin_text("\n"), err);
		if (rc >= 0)
			rc = irmin_buf_append(out, tag->message, err);
	}
	return rc;
}
