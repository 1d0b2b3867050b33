#include "daemon_internal.h"
#include "query_log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* How often the manager is told something: twice in the time after which it gives us up. */
static uint64_t alive_ms(const struct notifier *notifier)
{
	uint64_t half_ms = notifier->watchdog_ms / 2;
	return half_ms != 0 && half_ms < BEAT_MS_IDLE ? half_ms : BEAT_MS_IDLE;
}

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

static void status_tell(struct daemon *daemon)
{
	struct why text;
	struct zone_stats stats;
	if (daemon->beat.notifier.fd < 0)
		return;
	zone_stats(daemon->zone, &stats);
	why_set(&text, "%zu services, %zu records, serial %" PRIu32, stats.services, stats.records,
	        stats.serial);
	if (!daemon->ready_said)
		why_set(&text, "waiting for the source: %s", daemon->look.refused.text);
	else if (daemon->look.stale)
		why_wrap(&text, "stale (%s)", daemon->look.refused.text);
	if (strcmp(text.text, daemon->beat.status.text) == 0)
		return;
	notify_status(&daemon->beat.notifier, text.text);
	daemon->beat.status = text;
}

static void beat(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	log_tick(&daemon->log);
	/* What is beyond waits for the next beat, and where rings are full it is dropped. */
	if (daemon->crew != NULL)
		query_log_write(&daemon->log, daemon->crew);
	dropped_tell(daemon);
	if (uv_now(&daemon->loop) - daemon->beat.alive_ms < alive_ms(&daemon->beat.notifier))
		return;
	daemon->beat.alive_ms = uv_now(&daemon->loop);
	notify_alive(&daemon->beat.notifier);
	status_tell(daemon);
}

void daemon_beat_init(struct daemon *daemon)
{
	struct why why = {{0}};
	const struct notify_wish wish = {getenv("NOTIFY_SOCKET"), getenv("WATCHDOG_USEC"),
	                                 getenv("WATCHDOG_PID")};
	if (notifier_open(&daemon->beat.notifier, &wish, &why) != ERR_OK)
		daemon_log(daemon, LOG_WARN, "the service manager is told nothing: %s", why.text);
	(void)uv_timer_init(&daemon->loop, &daemon->beat.timer);
	daemon->beat.timer.data = daemon;
}

void daemon_beat_follow(struct daemon *daemon)
{
	struct why why = {{0}};
	unsigned every = daemon->config->query_log;
	if (crew_note_queries(daemon->crew, every, &why) != ERR_OK)
		daemon_log(daemon, LOG_ERROR, "not all questions are logged: %s", why.text);
	uint64_t beat_ms = alive_ms(&daemon->beat.notifier);
	if (every != 0 && beat_ms > BEAT_MS_NOTES)
		beat_ms = BEAT_MS_NOTES;
	(void)uv_timer_start(&daemon->beat.timer, beat, beat_ms, beat_ms);
}

void daemon_beat_ready(struct daemon *daemon)
{
	status_tell(daemon);
	notify_ready(&daemon->beat.notifier);
}

void daemon_beat_reloading(struct daemon *daemon)
{
	notify_reloading(&daemon->beat.notifier);
}

void daemon_beat_stopping(struct daemon *daemon)
{
	notify_stopping(&daemon->beat.notifier);
}

void daemon_beat_stop(struct daemon *daemon)
{
	notify_stopping(&daemon->beat.notifier);
	notifier_close(&daemon->beat.notifier);
	if (daemon->crew != NULL)
		query_log_write(&daemon->log, daemon->crew);
	uv_close((uv_handle_t *)&daemon->beat.timer, NULL);
}

void daemon_beat_crew_leaves(struct daemon *daemon)
{
	query_log_write(&daemon->log, daemon->crew);
	daemon->beat.notes_dropped += crew_notes_dropped(daemon->crew);
}
