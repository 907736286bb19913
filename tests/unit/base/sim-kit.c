#include "tests/unit/base/sim-kit.h"

#include "tests/support/tap.h"

irmin__os *sim_machine(uint64_t seed)
{
	irmin_error err;
	irmin__os *os;

	if (irmin__os_sim_new(seed, &os, &err) < 0)
		bail("no simulator: %s", err.text);
	return os;
}

irmin_rc sim_put(irmin__os *os, const char *path, uint32_t flags,
    irmin_slice bytes, enum then then)
{
	irmin_error err;
	irmin__file *file;
	irmin_rc rc = irmin__os_open(os, path, flags, 0644, &file, &err);

	if (rc != IRMIN_OK)
		return rc;
	rc = irmin__os_write(file, bytes, &err);
	if (rc >= 0 && then == SYNC)
		rc = irmin__os_sync(file, &err);
	irmin__os_close(file);
	return rc;
}

void sim_make(irmin__os *os, const char *path, const char *text, enum then then)
{
	irmin_error err;

	if (sim_put(os, path, OVER, irmin_text(text), then) < 0)
		bail("cannot make %s: %s", path, err.text);
}

void sim_sync_names(irmin__os *os, const char *path)
{
	irmin_error err;

	if (irmin__os_sync_directory(os, path, &err) < 0)
		bail("%s", err.text);
}

void sim_crash(irmin__os *os, irmin__os_loss loss)
{
	irmin_error err;

	if (irmin__os_sim_restart(os, loss, &err) < 0)
		bail("%s", err.text);
}

const char *sim_contents(irmin__os *os, const char *path)
{
	irmin_error err;
	irmin_buf bytes = IRMIN_BUF_INIT;
	const char *text = "-";
	irmin_rc rc = irmin__os_read_file(os, path, 100000, &bytes, &err);

	if (rc < 0)
		bail("cannot read %s: %s", path, err.text);
	if (rc == IRMIN_OK)
		text = tap_format("%s", (char *)bytes.data);
	irmin_buf_clear(&bytes);
	return text;
}
