#include "lib/core/base/vec.h"

#include <stdint.h>

#include "lib/core/base/error.h"

#define CAP_MIN 8

irmin_rc irmin__vec_reserve(void **items, size_t len, size_t *cap,
    size_t item_bytes, size_t extra, irmin_error *err)
{
	size_t most = SIZE_MAX / item_bytes;
	size_t need, grown;
	void *moved;

	if (extra > most - len)
		return irmin__enomem(err);
	need = len + extra;
	if (need <= *cap)
		return IRMIN_OK;
	grown = *cap > most / 2 ? most : *cap + *cap / 2;
	if (grown < CAP_MIN && CAP_MIN <= most)
		grown = CAP_MIN;
	if (grown < need)
		grown = need;
	moved = irmin_realloc(*items, grown * item_bytes);
	if (!moved)
		return irmin__enomem(err);
	*items = moved;
	*cap = grown;
	return IRMIN_OK;
}
