#include "daemon_internal.h"
#include "query_log.h"

#include <inttypes.h>

uint64_t daemon_notes_dropped(const struct daemon *daemon)
{
	uint64_t now = daemon->crew != NULL ? crew_notes_dropped(daemon->crew) : 0;
	return daemon->beat.notes_dropped + now;
}

static void dropped_tell(struct daemon *daemon)
{
	struct daemon_beat *self = &daemon->beat;
	uint64_t dropped = daemon_notes_dropped(daemon), now_ms = uv_now(&daemon->loop);
	if (dropped == self->dropped_told || now_ms - self->told_ms < LOG_WINDOW_MS)
		return;
	daemon_log(daemon, LOG_WARN, "%" PRIu64 " questions were not logged: they came too fast",
	           dropped - self->dropped_told);
	self->dropped_told = dropped;
	self->told_ms = now_ms;
}

static void beat(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	log_tick(&daemon->log);
	/* What is beyond waits for the next beat, and where rings are full it is dropped. */
	if (daemon->crew != NULL)
		query_log_write(&daemon->log, daemon->crew);
	dropped_tell(daemon);
}

void daemon_beat_init(struct daemon *daemon)
{
	(void)uv_timer_init(&daemon->loop, &daemon->beat.timer);
	daemon->beat.timer.data = daemon;
}

void daemon_beat_follow(struct daemon *daemon)
{
	struct why why = {{0}};
	unsigned every = daemon->config->query_log;
	if (crew_note_queries(daemon->crew, every, &why) != ERR_OK)
		daemon_log(daemon, LOG_ERROR, "not all questions are logged: %s", why.text);
	uint64_t beat_ms = every != 0 ? BEAT_MS_NOTES : BEAT_MS_IDLE;
	(void)uv_timer_start(&daemon->beat.timer, beat, beat_ms, beat_ms);
}

void daemon_beat_stop(struct daemon *daemon)
{
	if (daemon->crew != NULL)
		query_log_write(&daemon->log, daemon->crew);
	uv_close((uv_handle_t *)&daemon->beat.timer, NULL);
}

void daemon_beat_crew_leaves(struct daemon *daemon)
{
	query_log_write(&daemon->log, daemon->crew);
	daemon->beat.notes_dropped += crew_notes_dropped(daemon->crew);
}
