#include "lib/core/base/options.h"

#include <string.h>

/* No struct of ours will be larger; what is was not initialised. */
#define MAX_BYTES 4096

static int is_zero(const unsigned char *bytes, size_t len)
{
	while (len && !*bytes)
		bytes++, len--;
	return !len;
}

irmin_rc irmin__options_read(void *to, size_t bytes, const void *from,
    const char *what, irmin_error *err)
{
	size_t size = 0;

	memset(to, 0, bytes);
	if (from) {
		memcpy(&size, from, sizeof size);
		if (size < sizeof size || size > MAX_BYTES)
			return irmin_error_set(err, IRMIN_EINVAL, NULL,
			    "%s.size is %zu; initialise it with its _INIT macro",
			    what, size);
		if (size > bytes &&
		    !is_zero((const unsigned char *)from + bytes, size - bytes))
			return irmin_error_set(err, IRMIN_EINVAL, NULL,
			    "%s has a member set that this version of the "
			    "library does not know",
			    what);
		memcpy(to, from, size < bytes ? size : bytes);
	}
	memcpy(to, &bytes, sizeof bytes);
	return IRMIN_OK;
}
