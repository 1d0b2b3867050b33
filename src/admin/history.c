#include "fedns/history.h"

#include <assert.h>

#define NS_A_SECOND 1e9

void history_init(struct history *history, uint64_t now_ns)
{
	*history = (struct history){.at_ns = now_ns};
}

/* Counters never go back; if one does, nothing happened. */
static uint64_t since(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

static void latencies_take(struct history_sample *sample, const struct histogram *before,
                           const struct histogram *now)
{
	struct histogram step = *now;
	for (size_t i = 0; i <= now->bound_count; i++)
		step.counts[i] = since(now->counts[i], before->counts[i]);
	sample->answered = histogram_quantile(&step, 500, &sample->p50_ns) &&
	                   histogram_quantile(&step, 990, &sample->p99_ns);
}

void history_add(struct history *history, uint64_t now_ns, const struct history_seen *seen)
{
	struct history_sample *sample = &history->samples[history->next];
	*sample = (struct history_sample){.answered = false};
	double seconds = (double)since(now_ns, history->at_ns) / NS_A_SECOND;
	for (size_t i = 0; i < HISTORY_RATES && seconds > 0; i++)
		sample->rates[i] = (double)since(seen->counts[i], history->last.counts[i]) / seconds;
	latencies_take(sample, &history->last.latency, &seen->latency);
	history->last = *seen;
	history->at_ns = now_ns;
	history->next = (history->next + 1) % HISTORY_SAMPLES;
	history->count += history->count < HISTORY_SAMPLES;
}

size_t history_count(const struct history *history)
{
	return history->count;
}

const struct history_sample *history_at(const struct history *history, size_t i)
{
	assert(i < history->count);
	return &history
	            ->samples[(history->next + HISTORY_SAMPLES - history->count + i) % HISTORY_SAMPLES];
}
