/* Latency under load while services change: a crew on a loopback port, a client that reads every
 * answer, and changes of single services, staged, committed and published one by one as the
 * daemon's control thread does.
 *
 * usage: bench_changes [SERVICES [CHANGES [SECONDS [ROUNDS]]]]      CHANGES a second; SECONDS a
 * round; ROUNDS of each kind, with and without changes in turn
 *
 * The crew's threads stay on CPU 0, the client on CPU 1. The control thread has no CPU of its own,
 * as in the daemon: on two CPUs it must take time from one of them. Where that is allowed, all have
 * real-time priority, so that what else runs on the machine isn't measured, and the control thread
 * a higher one: it takes its time at once, which is the worst case for the answers.
 */
#include "asker.h"
#include "federation.h"

#include "fedns/serve.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	ROUNDS_MAX = 99,
	WINDOW = 256,
	WINDOW_AT_RATE = 4096, /* a rate doesn't wait for answers */
	CAPACITY_SECONDS = 2,
	RATE_PERCENT = 60,
	SERVER_CPU = 0,
	CLIENT_CPU = 1,
	ANSWERS_PRIORITY = 1,
	CONTROL_PRIORITY = 2,
};

struct bench {
	struct federation federation;
	struct sockaddr_in at;
	unsigned services, changes_a_second, seconds, rounds;
	unsigned version;
	uint32_t random;
	uint64_t again;        /* readers held too many old states: published a moment later */
	uint64_t longest_ns;   /* from the event to the published answer */
	atomic_uint changed;   /* the last service that changed */
	atomic_bool asker_end; /* the client has ended */
};

struct percentiles {
	double p50, p99, p999;
};

struct job {
	struct asker_plan plan;
	struct asked asked;
	atomic_bool *end;
};

static void *job_main(void *arg)
{
	struct job *job = arg;
	asker_run(&job->plan, &job->asked);
	atomic_store(job->end, true);
	return NULL;
}

/* One change, from the event to the published answer. */
static void change_one(struct bench *bench)
{
	struct federation *federation = &bench->federation;
	int64_t begin_ns = now_ns();
	bench->random = bench->random * 1664525u + 1013904223u;
	unsigned n = (bench->random >> 8) % bench->services;
	federation_stage(federation, n, asker_version(++bench->version));
	must(
		model_commit(federation->model, COMMIT_CHANGES, 1, &federation->findings, &federation->why),
		&federation->why);
	enum err err;
	while ((err = zone_update(federation->zone, federation->model, 1, &federation->findings,
	                          &federation->why)) == ERR_AGAIN) {
		bench->again++;
		(void)zone_sweep(federation->zone);
	}
	must(err, &federation->why);
	(void)zone_sweep(federation->zone);
	atomic_store_explicit(&bench->changed, n, memory_order_relaxed);
	uint64_t took_ns = (uint64_t)(now_ns() - begin_ns);
	if (took_ns > bench->longest_ns)
		bench->longest_ns = took_ns;
}

static void wait_until(int64_t at_ns)
{
	const struct timespec at = {(time_t)(at_ns / 1000000000), (long)(at_ns % 1000000000)};
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
		;
}

/* The control thread's part of a round. Returns how many changes there were. */
static uint64_t changes_run(struct bench *bench)
{
	uint64_t count = 0;
	int64_t step_ns = 1000000000 / bench->changes_a_second, due_ns = now_ns() + step_ns;
	for (; !atomic_load(&bench->asker_end); due_ns += step_ns) {
		wait_until(due_ns);
		change_one(bench);
		count++;
	}
	return count;
}

/* Of this thread, and of those that it makes. */
static bool priority_take(int priority)
{
	const struct sched_param param = {.sched_priority = priority};
	return sched_setscheduler(0, SCHED_RR, &param) == 0;
}

static void complain(const struct asked *asked)
{
	if (asked->lost != 0 || asked->mixed != 0 || asked->wrong != 0)
		(void)printf("    %llu lost, %llu half old and half new, %llu wrong\n",
		             (unsigned long long)asked->lost, (unsigned long long)asked->mixed,
		             (unsigned long long)asked->wrong);
}

static struct percentiles round_run(struct bench *bench, unsigned rate, unsigned seconds,
                                    bool changing, struct asked *sum)
{
	static struct job job;
	pthread_t thread;
	job.plan = (struct asker_plan){.server = bench->at,
	                               .services = bench->services,
	                               .cpu = CLIENT_CPU,
	                               .window = rate == 0 ? WINDOW : WINDOW_AT_RATE,
	                               .rate = rate,
	                               .seconds = seconds,
	                               .changed = changing ? &bench->changed : NULL};
	job.end = &bench->asker_end;
	atomic_store(&bench->asker_end, false);
	bench->longest_ns = 0;
	(void)priority_take(ANSWERS_PRIORITY);
	if (pthread_create(&thread, NULL, job_main, &job) != 0)
		exit(3);
	(void)priority_take(CONTROL_PRIORITY);
	uint64_t changes = changing ? changes_run(bench) : 0;
	(void)pthread_join(thread, NULL);
	const struct asked *asked = &job.asked;
	struct percentiles out = {latency_percentile(&asked->latency, 500),
	                          latency_percentile(&asked->latency, 990),
	                          latency_percentile(&asked->latency, 999)};
	(void)printf("  %-8s %8.0f answers/s, p50 %5.0f us, p99 %5.0f us, p99.9 %5.0f us",
	             changing ? "changing" : "quiet", (double)asked->answered / asked->seconds, out.p50,
	             out.p99, out.p999);
	if (changing)
		(void)printf("; %5.0f changes/s, the longest %.0f us, %llu answers of a later version",
		             (double)changes / asked->seconds, (double)bench->longest_ns / 1e3,
		             (unsigned long long)asked->changed);
	(void)printf("\n");
	complain(asked);
	(void)fflush(stdout);
	sum->sent += asked->sent;
	sum->answered += asked->answered;
	sum->lost += asked->lost;
	sum->mixed += asked->mixed;
	sum->wrong += asked->wrong;
	return out;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

static double median(double *values, unsigned count)
{
	qsort(values, count, sizeof values[0], compare);
	return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Rounds without and with changes in turn, and what the changes cost. */
static void rounds_run(struct bench *bench, unsigned rate)
{
	static double p50[2][ROUNDS_MAX], p99[2][ROUNDS_MAX], p999[2][ROUNDS_MAX];
	struct asked *sum = calloc(1, sizeof *sum);
	if (sum == NULL)
		exit(3);
	for (unsigned i = 0; i < bench->rounds; i++) {
		for (unsigned changing = 0; changing < 2; changing++) {
			struct percentiles got = round_run(bench, rate, bench->seconds, changing == 1, sum);
			p50[changing][i] = got.p50;
			p99[changing][i] = got.p99;
			p999[changing][i] = got.p999;
		}
	}
	double middle[3][2];
	for (unsigned changing = 0; changing < 2; changing++) {
		middle[0][changing] = median(p50[changing], bench->rounds);
		middle[1][changing] = median(p99[changing], bench->rounds);
		middle[2][changing] = median(p999[changing], bench->rounds);
	}
	static const char *const NAMES[] = {"p50", "p99", "p99.9"};
	for (unsigned i = 0; i < 3; i++)
		(void)printf("  median %-5s quiet %5.0f us, changing %5.0f us: %.2f x\n", NAMES[i],
		             middle[i][0], middle[i][1], middle[i][1] / middle[i][0]);
	(void)printf(
		"  %llu queries, %llu answers, %llu lost, %llu half old and half new, %llu wrong\n",
		(unsigned long long)sum->sent, (unsigned long long)sum->answered,
		(unsigned long long)sum->lost, (unsigned long long)sum->mixed,
		(unsigned long long)sum->wrong);
	free(sum);
}

/* Answers a second that a full window gets while nothing changes. */
static unsigned capacity(struct bench *bench)
{
	struct asked *sum = calloc(1, sizeof *sum);
	if (sum == NULL)
		exit(3);
	(void)round_run(bench, 0, CAPACITY_SECONDS, false, sum);
	unsigned rate = (unsigned)(sum->answered / CAPACITY_SECONDS);
	free(sum);
	return rate;
}

/* Threads inherit where their maker may run. */
static void crew_pinned(struct bench *bench, struct listeners *listeners, struct crew **crew)
{
	struct why *why = &bench->federation.why;
	cpu_set_t all, one;
	CPU_ZERO(&one);
	CPU_SET(SERVER_CPU, &one);
	if (sched_getaffinity(0, sizeof all, &all) != 0 || sched_setaffinity(0, sizeof one, &one) != 0)
		exit(3);
	must(crew_start(bench->federation.zone, listeners, 1, 0, crew, why), why);
	if (sched_setaffinity(0, sizeof all, &all) != 0)
		exit(3);
}

static unsigned argument(int argc, char **argv, int i, unsigned otherwise)
{
	return argc > i ? (unsigned)strtoul(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
	static struct bench bench;
	struct endpoint endpoint;
	struct listeners *listeners;
	struct crew *crew;
	struct why *why = &bench.federation.why;
	bench.services = argument(argc, argv, 1, 100000);
	bench.changes_a_second = argument(argc, argv, 2, 1000);
	bench.seconds = argument(argc, argv, 3, 5);
	bench.rounds = argument(argc, argv, 4, 5);
	if (bench.services == 0 || bench.changes_a_second == 0 || bench.rounds == 0 ||
	    bench.rounds > ROUNDS_MAX)
		return 2;
	federation_open(&bench.federation, bench.services);
	must(endpoint_parse(bytes_of("127.0.0.1:0"), &endpoint, why), why);
	must(listeners_open(&endpoint, 1, 1, NULL, &listeners, why), why);
	endpoint = listeners_endpoint(listeners, 0);
	memcpy(&bench.at, &endpoint.address, sizeof bench.at);
	if (!priority_take(ANSWERS_PRIORITY))
		(void)printf("no real-time priority here: what else runs is measured too\n");
	crew_pinned(&bench, listeners, &crew);

	unsigned rate = (unsigned)((uint64_t)capacity(&bench) * RATE_PERCENT / 100);
	(void)printf("%u services; %u queries a second, %d %% of that\n", bench.services, rate,
	             RATE_PERCENT);
	rounds_run(&bench, rate);
	(void)printf("%u services; a window of %d, always full\n", bench.services, WINDOW);
	rounds_run(&bench, 0);
	(void)printf("publishing had to wait %llu times\n", (unsigned long long)bench.again);
	crew_stop(crew, NULL);
	listeners_close(listeners);
	federation_close(&bench.federation);
	return 0;
}
