#include "clock.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

int64_t clock_now_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME, &now); /* can't fail for this clock */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

enum err secret_draw(void *out, size_t size, struct why *why)
{
	/* Up to 256 octets come whole (getrandom(2)). */
	if (getrandom(out, size, 0) == (ssize_t)size)
		return ERR_OK;
	memset(out, 0, size);
	why_set(why, "getrandom: %s", strerror(errno));
	return ERR_IO;
}

enum err seed_draw(uint64_t *out, struct why *why)
{
	return secret_draw(out, sizeof *out, why);
}
