/* A value set, read back, and kept: `git -C hello.git log -p` shows it. */
#include <irmin/irmin.h>
#include <stdio.h>

int main(void)
{
	irmin_store *store;
	irmin_buf value = IRMIN_BUF_INIT;
	irmin_error err;

	if (irmin_open("git:hello.git?create=1", NULL, &store, &err) < 0 ||
	    irmin_store_set(store, "greetings/en", irmin_text("hello, world"),
		NULL, &err) < 0 ||
	    irmin_store_find(store, "greetings/en", &value, &err) < 0 ||
	    irmin_store_flush(store, IRMIN_POWER, &err) < 0)
		return fprintf(stderr, "%s\n", err.text), 1;
	printf("%s\n", value.len ? (char *)value.data : "(absent)");
	irmin_buf_clear(&value);
	irmin_store_close(store);
	return 0;
}
