/* From the model to the answers: now, soon, and when a moment of the model comes. */
#include "clock.h"
#include "daemon_internal.h"

#include <assert.h>

/* A reader holds an old root for the length of one batch of questions: far below this. */
#define AGAIN_MS 10
/* Memory that was short may be there again; and while nothing is served, every second counts. */
#define NOMEM_MS 1000
/* Roots that readers still held after a publish are freed then, so that the memory of a quiet
 * server is low. */
#define SWEEP_MS 200
/* However far the next moment is: the wall clock may be set. */
#define TICK_MAX_MS 60000

static uint32_t serial_hint(const struct daemon *daemon)
{
	uint32_t now = (uint32_t)(clock_now_ms() / 1000);
	/* RFC 1982: which of the two is later, on the circle of 2^32 */
	return (int32_t)(daemon->serial_floor - now) > 0 ? daemon->serial_floor : now;
}

static void publish_again(struct daemon *daemon, uint64_t after_ms)
{
	if (!daemon->stopping)
		(void)uv_timer_start(&daemon->publish, daemon_publish_timer, after_ms, 0);
}

void daemon_say_ready(struct daemon *daemon)
{
	if (daemon->ready_said || !daemon->published || daemon->crew == NULL)
		return;
	struct zone_stats stats;
	zone_stats(daemon->zone, &stats);
	daemon->ready_said = true;
	daemon_log(daemon, LOG_INFO,
	           "ready: %zu service%s, %zu record%s, serial %u, %llu ms after the start",
	           stats.services, stats.services == 1 ? "" : "s", stats.records,
	           stats.records == 1 ? "" : "s", stats.serial,
	           (unsigned long long)((uv_hrtime() - daemon->started_ns) / 1000000));
}

static void published(struct daemon *daemon)
{
	struct zone_stats stats;
	zone_stats(daemon->zone, &stats);
	bool changed = !daemon->published || stats.serial != daemon->serial;
	daemon_event_published(daemon, changed);
	daemon->published = true;
	daemon->serial = stats.serial;
	if (changed)
		daemon->published_ms = clock_now_ms();
	if (daemon->health.waiting != 0)
		control_wake(daemon->control);
	daemon_push_soon(daemon, changed);
	if (changed && daemon->writer != NULL)
		last_good_writer_dirty(daemon->writer, stats.serial);
	if (zone_sweep(daemon->zone) != 0)
		publish_again(daemon, SWEEP_MS);
	daemon_state_say(daemon);
	daemon_say_ready(daemon);
}

void daemon_publish(struct daemon *daemon)
{
	if (!daemon->have_state)
		return; /* an empty zone would deny every name; SERVFAIL is the truth */
	struct why why = {{0}};
	(void)uv_timer_stop(&daemon->publish);
	daemon_event(daemon, uv_hrtime()); /* unless what has happened said so before */
	findings_log_begin(&daemon->publish_findings, daemon->config->source_file);
	daemon_health_look(daemon);
	stamps_take(&daemon->stamps, daemon->model);
	enum err err = zone_update(daemon->zone, daemon->model, serial_hint(daemon),
	                           &daemon->publish_findings.sink, &why);
	findings_log_end(&daemon->publish_findings);
	if (err == ERR_OK) {
		daemon_health_moves(daemon);
		published(daemon);
		return;
	}
	if (err != ERR_AGAIN)
		daemon_log(daemon, LOG_ERROR, "not published, %s: %s",
		           daemon->published ? "the old answers stay" : "every answer is SERVFAIL",
		           why.text);
	publish_again(daemon, err == ERR_AGAIN ? AGAIN_MS : NOMEM_MS);
}

void daemon_publish_timer(uv_timer_t *timer)
{
	daemon_publish(timer->data);
}

void daemon_publish_soon(struct daemon *daemon)
{
	publish_again(daemon, 0);
}

void daemon_host_answered(void *arg)
{
	daemon_event(arg, uv_hrtime());
	daemon_publish_soon(arg);
}

/* What the lookups of a second complain about is one report. */
void daemon_hosts_ticked(void *arg)
{
	struct daemon *daemon = arg;
	findings_log_end(&daemon->host_findings);
	findings_log_begin(&daemon->host_findings, daemon->config->source_file);
}

static void tick_over(uv_timer_t *timer);

void daemon_tick(struct daemon *daemon)
{
	int64_t now_ms = clock_now_ms();
	int64_t next_ms = model_tick(daemon->model, now_ms);
	if (next_ms == INT64_MAX || daemon->stopping) {
		(void)uv_timer_stop(&daemon->tick);
		return;
	}
	int64_t wait_ms = next_ms - now_ms;
	if (wait_ms < 1)
		wait_ms = 1;
	if (wait_ms > TICK_MAX_MS)
		wait_ms = TICK_MAX_MS;
	(void)uv_timer_start(&daemon->tick, tick_over, (uint64_t)wait_ms, 0);
}

static void tick_over(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	assert(daemon != NULL);
	daemon_tick(daemon);
	daemon_publish(daemon);
}
