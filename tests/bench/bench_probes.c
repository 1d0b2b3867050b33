/* The prober alone: so many targets once an interval on one thread, at addresses of 127/8 where a
 * probe_listener accepts.
 *
 * usage: bench_probes tcp|http|https PORT TARGETS INTERVAL_MS SECONDS
 *
 * https: the server is believed whatever certificate it has. Its targets come RAMP a second: one
 * server for all of them can't do all of their first handshakes within their time.
 *
 * Prints one line of JSON: processor time of the process while it was measured, after three
 * intervals of warm-up; probes and results; how late they began, worst of the whole intervals; what
 * a target costs in resident memory.
 */
#include "fedns/prober.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define TIMEOUT_MS 2000
#define RAMP       400

struct bench {
	uv_loop_t loop;
	uv_timer_t second;
	struct prober *prober;
	uint32_t targets, added;
	enum probe_kind kind;
	uint16_t port;
	unsigned seconds, warm_up_s, past_s;
	size_t resident_before, resident_full;
	double begun_user_s, begun_system_s;
	struct prober_counters begun;
	int64_t late_us_p99, late_us_max;
	size_t flying_max;
	char why[64]; /* of the last bad one while it was measured */
};

static void failed(const char *what)
{
	(void)fprintf(stderr, "bench_probes: %s\n", what);
	exit(3);
}

static void result(void *arg, uint32_t id, bool good, const char *why, int64_t took_us)
{
	struct bench *bench = arg;
	(void)id;
	(void)took_us;
	if (!good)
		(void)snprintf(bench->why, sizeof bench->why, "%s", why);
}

static size_t resident(void)
{
	unsigned long all, pages;
	FILE *file = fopen("/proc/self/statm", "re");
	if (file == NULL || fscanf(file, "%lu %lu", &all, &pages) != 2)
		failed("statm");
	(void)fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static double seconds_of(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static void cpu(double *user_s, double *system_s)
{
	struct rusage usage;
	if (getrusage(RUSAGE_SELF, &usage) != 0)
		failed("getrusage");
	*user_s = seconds_of(&usage.ru_utime);
	*system_s = seconds_of(&usage.ru_stime);
}

static void report(struct bench *bench)
{
	struct prober_counters now;
	double user_s, system_s;
	cpu(&user_s, &system_s);
	prober_counters(bench->prober, &now);
	user_s -= bench->begun_user_s;
	system_s -= bench->begun_system_s;
	size_t memory = bench->resident_full - bench->resident_before;
	(void)printf("{\"targets\": %u, \"user_s\": %.3f, \"system_s\": %.3f, \"seconds\": %u, "
	             "\"core_percent\": %.1f, \"good\": %llu, \"bad\": %llu, \"late\": %llu, "
	             "\"stalled\": %llu, \"late_us_p99\": %lld, \"late_us_max\": %lld, "
	             "\"flying_max\": %zu, \"kept\": %zu, \"octets_a_target\": %zu, \"why\": \"%s\"}\n",
	             bench->targets, user_s, system_s, bench->seconds,
	             100 * (user_s + system_s) / bench->seconds,
	             (unsigned long long)(now.good - bench->begun.good),
	             (unsigned long long)(now.bad - bench->begun.bad),
	             (unsigned long long)(now.late - bench->begun.late),
	             (unsigned long long)(now.stalled - bench->begun.stalled),
	             (long long)bench->late_us_p99, (long long)bench->late_us_max, bench->flying_max,
	             now.kept, memory / bench->targets, bench->why);
}

static void targets_add(struct bench *bench, uint32_t count)
{
	struct why why;
	for (; count != 0 && bench->added < bench->targets; count--) {
		uint32_t i = bench->added++;
		const struct health_target target = {
			.address = {4,
		                {127, (uint8_t)(1 + i / 62500), (uint8_t)(i / 250 % 250),
		                 (uint8_t)(1 + i % 250)}},
			.port = bench->port,
			.kind = bench->kind,
			.path = "/healthz",
			.host = "shop.default.fed.svc.example.com",
		};
		if (prober_add(bench->prober, i, &target, &why) != ERR_OK)
			failed(why.text);
	}
}

static void second_past(uv_timer_t *timer)
{
	struct bench *bench = timer->data;
	struct prober_counters now;
	bench->past_s++;
	if (bench->added < bench->targets)
		targets_add(bench, RAMP);
	prober_counters(bench->prober, &now);
	if (bench->past_s == bench->warm_up_s) {
		bench->begun = now;
		bench->why[0] = '\0';
		cpu(&bench->begun_user_s, &bench->begun_system_s);
	}
	if (bench->past_s <= bench->warm_up_s)
		return;
	if (now.late_us_p99 > bench->late_us_p99)
		bench->late_us_p99 = now.late_us_p99;
	if (now.late_us_max > bench->late_us_max)
		bench->late_us_max = now.late_us_max;
	if (now.flying > bench->flying_max)
		bench->flying_max = now.flying;
	if (bench->past_s < bench->warm_up_s + bench->seconds)
		return;
	bench->resident_full = resident();
	report(bench);
	prober_free(bench->prober);
	uv_close((uv_handle_t *)&bench->second, NULL);
}

static enum probe_kind kind_of(const char *text)
{
	if (strcmp(text, "tcp") == 0)
		return PROBE_TCP;
	if (strcmp(text, "http") == 0)
		return PROBE_HTTP;
	return strcmp(text, "https") == 0 ? PROBE_HTTPS : PROBE_NONE;
}

static void begin(struct bench *bench, int64_t interval_ms)
{
	struct why why;
	struct prober_setup setup = {
		.loop = &bench->loop,
		.policy = {.interval_ms = interval_ms,
	               .timeout_ms = interval_ms < TIMEOUT_MS ? interval_ms : TIMEOUT_MS,
	               .status_low = 200,
	               .status_high = 399},
		.seed = 1,
		.result = result,
		.arg = bench,
	};
	uv_loop_init(&bench->loop);
	bench->resident_before = resident();
	if (prober_new(&setup, &bench->prober, &why) != ERR_OK)
		failed(why.text);
	uv_timer_init(&bench->loop, &bench->second);
	bench->second.data = bench;
	uv_timer_start(&bench->second, second_past, 1000, 1000);
}

int main(int argc, char **argv)
{
	static struct bench bench;
	bench.kind = argc == 6 ? kind_of(argv[1]) : PROBE_NONE;
	if (bench.kind == PROBE_NONE) {
		(void)fprintf(stderr,
		              "usage: bench_probes tcp|http|https PORT TARGETS INTERVAL_MS SECONDS\n");
		return 2;
	}
	int64_t interval_ms = strtol(argv[4], NULL, 10);
	bench.targets = (uint32_t)strtoul(argv[3], NULL, 10);
	bench.seconds = (unsigned)strtoul(argv[5], NULL, 10);
	bench.warm_up_s = (unsigned)(3 * interval_ms / 1000) + 1;
	bench.port = (uint16_t)strtoul(argv[2], NULL, 10);
	if (bench.kind == PROBE_HTTPS)
		bench.warm_up_s += bench.targets / RAMP;
	begin(&bench, interval_ms);
	targets_add(&bench, bench.kind == PROBE_HTTPS ? RAMP : bench.targets);
	uv_run(&bench.loop, UV_RUN_DEFAULT);
	return uv_loop_close(&bench.loop) == 0 ? 0 : 1;
}
