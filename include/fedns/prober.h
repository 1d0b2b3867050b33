/* prober: asks addresses whether they serve, each once an interval, on the loop.
 *
 * address.h, http.h --> [prober.h] --> daemon
 *
 * It knows nothing of services or verdicts: targets in, results out. Targets are spread over the
 * interval, each at a moment of its own that only jitter moves.
 */
#ifndef FEDNS_PROBER_H
#define FEDNS_PROBER_H

#include "fedns/address.h"
#include "fedns/base.h"
#include "fedns/health.h"
#include "fedns/http.h"

#include <uv.h>

#define PROBES_FLIGHT_MAX 4096  /* under way at once; more wait, and are counted late */
#define PROBE_BODY_MAX    65536 /* octets of a body in which a text is sought */

struct prober;

/** How all of them are asked. */
struct probe_policy {
	int64_t interval_ms, timeout_ms; /* timeout <= interval */
	unsigned status_low, status_high;
	struct bytes
		contains; /* must stand in the first PROBE_BODY_MAX octets of the body; empty: any */
	bool verify;  /* https: check the certificate */
};

struct prober_setup {
	uv_loop_t *loop;
	struct http *http; /* for https; outlives the prober */
	struct probe_policy policy;
	uint64_t seed; /* of the spread */
	/** One result; `id` as given. On the loop, never from within prober_add(). `why` is a short
	 * sentence ("connection refused", "HTTP 503", "no answer within 2 s"); "" where it is good. */
	void (*result)(void *arg, uint32_t id, bool good, const char *why, int64_t took_us);
	void *arg;
};

MUST_CHECK enum err prober_new(const struct prober_setup *setup, struct prober **out,
                               struct why *why);
/** Handles close on the loop. NULL is fine. */
void prober_free(struct prober *prober);
/** Another policy, from each target's next probe on. */
MUST_CHECK enum err prober_set_policy(struct prober *prober, const struct probe_policy *policy,
                                      struct why *why);
/** Probe `target` from now on, the first time soon (spread over a second, or the interval if that
 * is shorter); copied. ERR_LIMIT, ERR_NOMEM. */
MUST_CHECK enum err prober_add(struct prober *prober, uint32_t id,
                               const struct health_target *target, struct why *why);
/** No more; its probe under way is not told. */
void prober_remove(struct prober *prober, uint32_t id);

struct prober_counters {
	uint64_t good, bad;
	uint64_t late; /* begun more than 100 ms after their moment */
	size_t targets, flying;
	int64_t late_us_max; /* of the last interval */
};
void prober_counters(const struct prober *prober, struct prober_counters *out);

#endif
