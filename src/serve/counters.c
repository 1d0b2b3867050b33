#include "counters.h"

#include <assert.h>
#include <string.h>

#define WORDS (sizeof(struct serve_counters) / sizeof(uint64_t))

static_assert(sizeof(struct serve_counters) == WORDS * sizeof(uint64_t),
              "struct serve_counters holds uint64_t alone");

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)

/* A single answer takes some microseconds; what takes a millisecond waited for the CPU. */
static const uint64_t LATENCY_NS[LATENCY_BOUNDS] = {
	2 * US,   5 * US,   10 * US, 20 * US, 30 * US, 50 * US, 75 * US, 100 * US, 150 * US, 200 * US,
	300 * US, 500 * US, 1 * MS,  2 * MS,  5 * MS,  10 * MS, 50 * MS, 100 * MS, 500 * MS, 1000 * MS,
};

void serve_counters_add(struct serve_counters *sum, const struct serve_counters *more)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)more;
	for (size_t i = 0; i < WORDS; i++)
		to[i] += from[i];
}

void serve_latency(const struct serve_counters *counters, struct histogram *out)
{
	static_assert(LATENCY_BOUNDS <= HISTOGRAM_BUCKETS_MAX, "a histogram has room");
	*out = (struct histogram){
		.bounds = LATENCY_NS, .bound_count = LATENCY_BOUNDS, .sum_ns = counters->latency_sum_ns};
	memcpy(out->counts, counters->latency, sizeof counters->latency);
}

void serve_latency_add(struct serve_counters *counters, uint64_t ns, uint64_t times)
{
	counters->latency[histogram_bucket(LATENCY_NS, LATENCY_BOUNDS, ns)] += times;
	counters->latency_sum_ns += ns * times;
}

const char *serve_drop_text(enum serve_drop drop)
{
	static const char *const WORDS_OF[SERVE_DROPS] = {
		[SERVE_DROP_PORT_ZERO] = "port_zero",
		[SERVE_DROP_SEND_FULL] = "send_full",
		[SERVE_DROP_SEND_FAILED] = "send_failed",
		[SERVE_DROP_TCP_CLIENT] = "tcp_client",
		[SERVE_DROP_TCP_CONNECTIONS] = "tcp_connections",
		[SERVE_DROP_TCP_DESCRIPTORS] = "tcp_descriptors",
		[SERVE_DROP_TCP_INPUT] = "tcp_input",
		[SERVE_DROP_TCP_OUTPUT] = "tcp_output",
		[SERVE_DROP_TCP_FRAME] = "tcp_frame",
	};
	assert(drop < SERVE_DROPS);
	return WORDS_OF[drop];
}

const char *answer_drop_text(enum answer_drop drop)
{
	assert(drop < ANSWER_DROPS);
	return drop == ANSWER_DROP_SHORT ? "short" : "response";
}
