/* What the daemon measures of itself. */
#include "metrics.h"

#include "daemon_internal.h"

void daemon_counters(const struct daemon *daemon, struct serve_counters *out)
{
	struct serve_counters now = {.tcp_opened = 0};
	*out = daemon->counted;
	if (daemon->retiring)
		serve_counters_add(out, &daemon->retired.counted);
	if (daemon->crew != NULL)
		crew_counters(daemon->crew, &now);
	serve_counters_add(out, &now);
}

uint64_t daemon_dropped(const struct serve_counters *counters)
{
	uint64_t dropped = 0;
	for (size_t i = 0; i < ANSWER_DROPS; i++)
		dropped += counters->answers.dropped[i];
	for (size_t i = 0; i < SERVE_DROPS; i++)
		dropped += counters->dropped[i];
	return dropped;
}

static void step_over(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	struct serve_counters counters;
	struct history_seen seen;
	daemon_counters(daemon, &counters);
	const struct answer_counters *answers = &counters.answers;
	uint64_t *counts = seen.counts;
	counts[HISTORY_QUERIES] = answers->queries;
	counts[HISTORY_NOERROR] = answers->rcodes[RCODE_NOERROR];
	counts[HISTORY_NXDOMAIN] = answers->rcodes[RCODE_NXDOMAIN];
	counts[HISTORY_SERVFAIL] = answers->rcodes[RCODE_SERVFAIL];
	counts[HISTORY_REFUSED] = answers->rcodes[RCODE_REFUSED];
	counts[HISTORY_OTHER] = 0;
	for (size_t i = 0; i < RCODES_COUNTED; i++)
		counts[HISTORY_OTHER] += answers->rcodes[i];
	for (size_t i = HISTORY_NOERROR; i < HISTORY_OTHER; i++)
		counts[HISTORY_OTHER] -= counts[i];
	serve_latency(&counters, &seen.latency);
	history_add(&daemon->metrics.history, uv_hrtime(), &seen);
}

void daemon_metrics_init(struct daemon *daemon)
{
	struct daemon_metrics *metrics = &daemon->metrics;
	(void)uv_timer_init(&daemon->loop, &metrics->step);
	metrics->step.data = daemon;
	history_init(&metrics->history, uv_hrtime());
	(void)uv_timer_start(&metrics->step, step_over, HISTORY_STEP_S * 1000, HISTORY_STEP_S * 1000);
}

void daemon_metrics_stop(struct daemon *daemon)
{
	uv_close((uv_handle_t *)&daemon->metrics.step, NULL);
}
