#include "lane.h"

#include <fcntl.h>
#include <poll.h>

/* A kernel that is out of memory gets this time to find some. */
#define ERROR_PAUSE_MS 10

/* Full batches, one after the other, whose counts are shown together: far below a millisecond. */
#define UNSHOWN_MAX 8

enum err lane_init(struct lane *lane, struct zone *zone, unsigned slot, int fd, struct why *why)
{
	*lane = (struct lane){.responder = {.zone = zone, .slot = slot}, .fd = fd};
	lane->batch = batch_new();
	if (lane->batch != NULL)
		return ERR_OK;
	why_set(why, "out of memory");
	return ERR_NOMEM;
}

static bool over(const struct lane *lane)
{
	return __atomic_load_n(&lane->over, __ATOMIC_ACQUIRE);
}

/* Under load, when batch follows batch, counts are shown once for some of them. */
static void counts_show(struct lane *lane, enum batch_state state)
{
	lane->unshown += state != BATCH_EMPTY;
	if (lane->unshown == 0 || (state == BATCH_FULL && lane->unshown < UNSHOWN_MAX))
		return;
	lane->unshown = 0;
	responder_show(&lane->responder);
}

void lane_run(struct lane *lane)
{
	while (!over(lane)) {
		enum batch_state state = batch_serve(lane->batch, lane->fd, true, &lane->responder);
		counts_show(lane, state);
		/* The loop of another crew at the same kernel socket may have made it non-blocking:
		 * waiting would become spinning. That crew itself never counts on it. */
		if (state == BATCH_EMPTY)
			(void)fcntl(lane->fd, F_SETFL, 0);
		else if (state == BATCH_ERROR)
			(void)poll(NULL, 0, ERROR_PAUSE_MS);
	}
	/* A flood must not hold up the stop. */
	for (unsigned i = 0; i < BATCHES_MAX; i++) {
		if (batch_serve(lane->batch, lane->fd, false, &lane->responder) != BATCH_FULL)
			break;
	}
	responder_show(&lane->responder);
}

void lane_stop(struct lane *lane)
{
	__atomic_store_n(&lane->over, true, __ATOMIC_RELEASE);
}

void lane_clear(struct lane *lane)
{
	batch_free(lane->batch);
	lane->batch = NULL;
}
