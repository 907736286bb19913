#include "lib/pack/index.h"

#include <irmin/alloc.h>

#include "lib/core/base/error.h"
#include "lib/pack/radix.h"

/* Where entries end is where the next one begins: so each needs its own place. */
static irmin_rc check_order(const irmin__keyed *keyed, uint32_t count,
    uint64_t pack_end, irmin_error *err)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		uint64_t end = i + 1 < count ? keyed[i + 1].key : pack_end;

		if (keyed[i].key < end)
			continue;
		return irmin_error_set(err, IRMIN_ECORRUPT, NULL,
		    i + 1 < count && keyed[i].key == end
			? "two objects of the index lie at %llu of the pack"
			: "an object of the index lies at %llu, behind the "
			  "pack's end",
		    (unsigned long long)keyed[i].key);
	}
	return IRMIN_OK;
}

irmin_rc irmin__index_order(const irmin__index *index, uint64_t pack_end,
    uint32_t *order, uint64_t *end, irmin_error *err)
{
	uint32_t count = index->count, i;
	irmin__keyed *keyed = irmin_calloc(count, sizeof *keyed);
	irmin_rc rc = keyed ? IRMIN_OK : irmin__enomem(err);

	for (i = 0; i < count && rc >= 0; i++) {
		keyed[i].at = i;
		rc = irmin__index_offset(index, i, &keyed[i].key, err);
	}
	if (rc >= 0)
		rc = irmin__radix_sort(keyed, count, err);
	if (rc >= 0)
		rc = check_order(keyed, count, pack_end, err);
	for (i = 0; i < count && rc >= 0; i++) {
		order[i] = keyed[i].at;
		if (end)
			end[keyed[i].at] = i + 1 < count ? keyed[i + 1].key
							 : pack_end;
	}
	irmin_free(keyed);
	return rc;
}
