/* probe_bed: a prober on a loop with a server of the test's, and what it told. */
#ifndef FEDNS_TESTS_HEALTH_PROBE_BED_H
#define FEDNS_TESTS_HEALTH_PROBE_BED_H

#include "check.h"

#include "fedns/prober.h"
#include "net/http_bench.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BED_IDS             4096
#define BED_INTERVAL_MS_MAX 10000

struct heard {
	unsigned good, bad;
	char why[128]; /* the last one's */
	int64_t took_us;
};

struct bed {
	struct bench net;
	struct prober *prober;
	struct probe_policy policy; /* may be changed before bed_probe() */
	uint32_t shakes;            /* likewise */
	unsigned told;
	struct heard heard[BED_IDS];
	void (*hook)(struct bed *bed, uint32_t id); /* last in each result */
	uint32_t hooked;                            /* the hook's own */
};

static inline void bed_result(void *arg, uint32_t id, bool good, const char *why, int64_t took_us)
{
	struct bed *bed = arg;
	assert_true(id < BED_IDS && took_us >= 0);
	assert_int_equal(why[0] == '\0', good);
	struct heard *heard = &bed->heard[id];
	heard->good += good;
	heard->bad += !good;
	heard->took_us = took_us;
	(void)snprintf(heard->why, sizeof heard->why, "%s", why);
	bed->told++;
	if (bed->hook != NULL)
		bed->hook(bed, id);
}

static inline void bed_start(struct bed *bed, const struct script_route *routes)
{
	memset(bed, 0, sizeof *bed);
	bench_start(&bed->net, routes);
	bed->policy = (struct probe_policy){
		.interval_ms = 40, .timeout_ms = 30, .status_low = 200, .status_high = 399, .verify = true};
}

/* The prober itself, by `policy`. */
static inline void bed_probe(struct bed *bed)
{
	struct why why = {{0}};
	const struct prober_setup setup = {.loop = &bed->net.loop,
	                                   .policy = bed->policy,
	                                   .seed = 42,
	                                   .shakes_a_second = bed->shakes,
	                                   .result = bed_result,
	                                   .arg = bed};
	if (prober_new(&setup, &bed->prober, &why) != ERR_OK)
		fail_msg("%s", why.text);
}

static inline void bed_stop(struct bed *bed)
{
	prober_free(bed->prober);
	bench_stop(&bed->net);
}

static inline void bed_add(struct bed *bed, uint32_t id, const struct health_target *target)
{
	struct why why = {{0}};
	unsigned told = bed->told;
	if (prober_add(bed->prober, id, target, &why) != ERR_OK)
		fail_msg("%s", why.text);
	assert_int_equal(bed->told, told);
}

/* At the server of the bed, by 127.0.0.1. */
static inline struct health_target bed_target(const struct bed *bed, enum probe_kind kind,
                                              const char *path, const char *host)
{
	return (struct health_target){
		{4, {127, 0, 0, 1}}, (uint16_t)bed->net.server.port, kind, path, host};
}

static inline const struct heard *bed_wait(struct bed *bed, uint32_t id)
{
	unsigned before = bed->heard[id].good + bed->heard[id].bad;
	while (bed->heard[id].good + bed->heard[id].bad == before)
		uv_run(&bed->net.loop, UV_RUN_ONCE);
	return &bed->heard[id];
}

static inline struct prober_counters bed_counters(const struct bed *bed)
{
	struct prober_counters counters;
	prober_counters(bed->prober, &counters);
	return counters;
}

/* On a busy machine answers miss their deadlines: what is waited for gets twice the time, from the
 * next probe on. */
static inline void bed_more_time(struct bed *bed)
{
	struct why why;
	bed->policy.interval_ms *= 2;
	bed->policy.timeout_ms *= 2;
	if (bed->policy.interval_ms > BED_INTERVAL_MS_MAX)
		fail_msg("still not, with an interval of %lld ms", (long long)bed->policy.interval_ms / 2);
	assert_int_equal(prober_set_policy(bed->prober, &bed->policy, &why), ERR_OK);
}

/* Run the loop until so many fly. */
static inline void bed_fly(struct bed *bed, size_t count)
{
	while (bed_counters(bed).flying < count)
		uv_run(&bed->net.loop, UV_RUN_ONCE);
}

/* A port of 127.0.0.1 where nobody listens: bound, so that nobody is given it. */
static inline int bed_dead_port(uint16_t *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

#endif
