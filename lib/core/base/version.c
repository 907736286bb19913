#include <irmin/version.h>

const char *irmin_version(void)
{
	return IRMIN_VERSION;
}
