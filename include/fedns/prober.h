/* prober: asks addresses whether they serve, each once an interval, on the loop.
 *
 * address.h, tls.h --> [prober.h] --> daemon
 *
 * It knows nothing of services or verdicts: targets in, results out. Targets are spread over the
 * interval, each at a moment of its own that only jitter moves: from one probe to the next it is
 * the interval, less up to 4 %, never more.
 *
 * What this machine can't begin (no descriptor or local port left) says nothing of the target: it
 * gives no result, counts as late, and is tried again soon. That a target can't be reached from
 * here (no route) is a bad result: that all of them are is for others to notice.
 */
#ifndef FEDNS_PROBER_H
#define FEDNS_PROBER_H

#include "fedns/address.h"
#include "fedns/base.h"
#include "fedns/health.h"

#include <uv.h>

/* Under way at once: 50,000 targets at 5 s of which none answers within 2 s are 20,000. Never more
 * than half of the process's descriptors (RLIMIT_NOFILE when the prober is made); what finds no
 * place waits, and is counted late. */
#define PROBES_FLIGHT_MAX 32768
/* https among them, half of which may be such as don't answer: some 40 KiB each in a handshake. */
#define PROBES_TLS_MAX 4096
/* Connections of https kept, some 22 KiB each; never more than a quarter of the descriptors. */
#define PROBES_KEPT_MAX 65536
/* Handshakes a second, with tickets some 0.3 ms each: a fifteenth of a core. */
#define PROBES_SHAKES           200
#define PROBES_MAX              262144 /* targets; above HEALTH_TARGETS_MAX and its self checks */
#define PROBE_BODY_MAX          65536  /* octets of a body in which a text is sought */
#define PROBE_CONTAINS_SIZE_MAX 1024   /* octets of that text */
#define PROBE_INTERVAL_MS_MAX   86400000

struct prober;

/** How all of them are asked. */
struct probe_policy {
	int64_t interval_ms, timeout_ms;  /* 1 <= timeout <= interval <= PROBE_INTERVAL_MS_MAX */
	unsigned status_low, status_high; /* of http and https; redirects are not followed */
	/** Must stand in the first PROBE_BODY_MAX octets of the body, the framing of chunks left out.
	 * Empty: any. Copied. */
	struct bytes contains;
	bool verify; /* https: check the certificate */
};

struct prober_setup {
	uv_loop_t *loop;
	struct probe_policy policy;
	uint64_t seed; /* of the spread */
	/** Of https: as long as all its targets together need no more, each probe is a connection of
	 * its own, and proof of who the server is as long as they need no more than a tenth of that;
	 * else connections are kept, and tickets used, for so long that they don't. 0: PROBES_SHAKES.
	 */
	uint32_t shakes_a_second;
	/** One result; `id` as given. On the loop, never from within a call of this page. `why` is a
	 * short sentence ("connection refused", "HTTP 503", "no answer within 2 s"); "" where it is
	 * good. It may call whatever stands here, prober_free() too. */
	void (*result)(void *arg, uint32_t id, bool good, const char *why, int64_t took_us);
	/** NULL, or told why no target of https can be asked: every ten seconds, as long as it is so.
	 * It may call nothing of this page. */
	void (*trouble)(void *arg, const struct why *why);
	void *arg;
};

/** ERR_INVALID or ERR_LIMIT (the policy), ERR_NOMEM, ERR_IO: nothing is left on the loop. */
MUST_CHECK enum err prober_new(const struct prober_setup *setup, struct prober **out,
                               struct why *why);
/** Probes under way are not told. Handles close on the loop. NULL is fine. */
void prober_free(struct prober *prober);
/** Another policy, from each target's next probe on, which comes within the new interval. As
 * prober_new(); on an error the old one stays. */
MUST_CHECK enum err prober_set_policy(struct prober *prober, const struct probe_policy *policy,
                                      struct why *why);
/** Probe `target` from now on, the first time soon (spread over a second, or the interval if that
 * is shorter); copied. `id` is not in use. ERR_INVALID (path or host can't stand in a request),
 * ERR_LIMIT, ERR_NOMEM. */
MUST_CHECK enum err prober_add(struct prober *prober, uint32_t id,
                               const struct health_target *target, struct why *why);
/** No more; its probe under way is not told. An unknown `id` is fine. */
void prober_remove(struct prober *prober, uint32_t id);

struct prober_counters {
	uint64_t good, bad;
	uint64_t late;    /* begun more than 100 ms after their moment */
	uint64_t stalled; /* could not begin, for want of something here */
	size_t targets, flying;
	size_t kept;                      /* connections of https at rest */
	int64_t late_us_max, late_us_p99; /* of the last whole interval */
};
void prober_counters(const struct prober *prober, struct prober_counters *out);

#endif
