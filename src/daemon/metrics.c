/* What the daemon measures of itself. */
#include "metrics.h"

#include "clock.h"
#include "daemon_internal.h"
#include "metrics_job.h"

#include <stdio.h>
#include <string.h>

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

/* --- from an event to the answers ---------------------------------------------------------- */

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)

/* A change of one service takes some 10 us, one of 100,000 a second. */
static const uint64_t PUBLISH_NS[] = {
	50 * US, 100 * US, 250 * US, 500 * US, 1 * MS,    2500 * US, 5 * MS,    10 * MS,    25 * MS,
	50 * MS, 100 * MS, 250 * MS, 500 * MS, 1000 * MS, 2500 * MS, 5000 * MS, 10000 * MS,
};

void daemon_event(struct daemon *daemon, uint64_t at_ns)
{
	uint64_t *event_ns = &daemon->metrics.event_ns;
	if (*event_ns == 0 || at_ns < *event_ns)
		*event_ns = at_ns;
}

void daemon_event_published(struct daemon *daemon, bool changed)
{
	struct daemon_metrics *metrics = &daemon->metrics;
	uint64_t now_ns = uv_hrtime();
	if (changed && metrics->event_ns != 0 && now_ns >= metrics->event_ns)
		histogram_add(&metrics->publish, now_ns - metrics->event_ns, 1);
	metrics->event_ns = 0;
}

/* --- probes ------------------------------------------------------------------------------- */

void daemon_probe_counted(struct daemon *daemon, uint32_t id, bool good)
{
	uint16_t clusters[HEALTH_USES_TOLD];
	size_t count = health_target_clusters(daemon->health.health, id, clusters);
	for (size_t i = 0; i < count; i++) {
		struct cluster_view view;
		if (clusters[i] >= METRICS_CLUSTERS_MAX ||
		    !model_cluster(daemon->model, clusters[i], &view))
			continue;
		struct cluster_probes *probes = &daemon->metrics.probes[clusters[i]];
		uint64_t hash = metrics_cluster_hash(view.name);
		if (probes->name_hash != hash)
			*probes = (struct cluster_probes){.name_hash = hash};
		probes->good += good;
		probes->bad += !good;
	}
}

/* --- providers that are no more ------------------------------------------------------------ */

static void call_keep(struct provider_past *past, const char *action, const char *code,
                      uint64_t count)
{
	size_t i = 0;
	while (i < past->call_count &&
	       (strcmp(past->calls[i].action, action) != 0 || strcmp(past->calls[i].code, code) != 0))
		i++;
	if (i == METRICS_CALLS_MAX)
		return; /* a provider counts half as many apart, and most are the same each time */
	if (i == past->call_count) {
		past->call_count++;
		past->calls[i].action = action;
		(void)snprintf(past->calls[i].code, sizeof past->calls[i].code, "%s", code);
	}
	past->calls[i].count += count;
}

void daemon_provider_kept(struct daemon *daemon)
{
	struct provider_past *past = &daemon->metrics.past;
	const struct provider *provider = daemon->push.provider;
	struct provider_state state;
	const char *action, *code;
	uint64_t count;
	if (provider == NULL)
		return;
	provider_state(provider, &state);
	for (size_t i = 0; provider_calls(provider, i, &action, &code, &count); i++)
		call_keep(past, action, code, count);
	for (size_t i = 0; i < STEP_KINDS; i++)
		past->changes[i] += state.changes[i];
	if (state.last_success_ms != 0)
		past->last_success_ms = state.last_success_ms;
}

/* --- its life ----------------------------------------------------------------------------- */

void daemon_metrics_init(struct daemon *daemon)
{
	struct daemon_metrics *metrics = &daemon->metrics;
	(void)uv_timer_init(&daemon->loop, &metrics->step);
	metrics->step.data = daemon;
	metrics->started_ms = clock_now_ms();
	metrics->publish = (struct histogram){.bounds = PUBLISH_NS,
	                                      .bound_count = sizeof PUBLISH_NS / sizeof PUBLISH_NS[0]};
	history_init(&metrics->history, uv_hrtime());
	(void)uv_timer_start(&metrics->step, step_over, HISTORY_STEP_S * 1000, HISTORY_STEP_S * 1000);
}

void daemon_metrics_stop(struct daemon *daemon)
{
	uv_close((uv_handle_t *)&daemon->metrics.step, NULL);
}
