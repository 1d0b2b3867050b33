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

enum err seed_draw(uint64_t *out, struct why *why)
{
	*out = 0;
	if (getrandom(out, sizeof *out, 0) == (ssize_t)sizeof *out)
		return ERR_OK;
	why_set(why, "getrandom: %s", strerror(errno));
	return ERR_IO;
}
