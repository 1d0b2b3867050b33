/* One changed service among many: from the event (its addresses decoded) to the published answer.
 *
 * usage: bench_publish [CHANGES]      prints a line for 1,000, 10,000 and 100,000 services
 */
#include "fedns/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CLUSTERS = 2, CHANGES_DEFAULT = 20000 };

struct bench {
	struct model *model;
	struct zone *zone;
	struct findings findings;
	struct why why;
};

static void must(enum err err, const struct why *why)
{
	if (err == ERR_OK)
		return;
	(void)fprintf(stderr, "bench_publish: %s\n", why->text);
	exit(3);
}

static int64_t now_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void stage(struct bench *bench, unsigned n, unsigned version)
{
	char namespace[32], name[32];
	(void)snprintf(namespace, sizeof namespace, "ns-%u", n % 1000);
	(void)snprintf(name, sizeof name, "svc-%06u", n);
	struct address addresses[CLUSTERS];
	const struct bytes clusters[CLUSTERS] = {bytes_of("cluster0"), bytes_of("cluster1")};
	struct ingress_seen ingresses[CLUSTERS];
	for (unsigned c = 0; c < CLUSTERS; c++) {
		addresses[c] = (struct address){
			4,
			{(uint8_t)(10 + c + version % 100), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
		ingresses[c] = (struct ingress_seen){clusters[c], &addresses[c], 1, NULL, 0};
	}
	const struct service_seen seen = {.namespace = bytes_of(namespace),
	                                  .name = bytes_of(name),
	                                  .ingresses = ingresses,
	                                  .ingress_count = CLUSTERS};
	must(model_stage_service(bench->model, &seen, &bench->findings, &bench->why), &bench->why);
}

static void policy_make(struct answer_policy *policy)
{
	struct why why;
	struct zone_policy *zone = &policy->zone;
	*policy = (struct answer_policy){.udp_size = 1232};
	must(name_parse(bytes_of("example."), &zone->zone, &why), &why);
	zone->suffix = zone->contact = zone->zone;
	must(name_parse(bytes_of("ns1.example."), &zone->nameservers[0].name, &why), &why);
	zone->nameserver_count = 1;
	zone->federation_size = 3;
	memcpy(zone->federation, "fed", 3);
	zone->ttl_s = zone->negative_ttl_s = 180;
	zone->fallback = FALLBACK_CNAME;
	zone->all_down = ALL_DOWN_LAST;
}

static void bench_open(struct bench *bench, unsigned services)
{
	static struct answer_policy policy;
	const struct model_policy model_policy = {.offline_grace_ms = 60000};
	*bench = (struct bench){.model = model_new(1), .zone = zone_new(1, 2)};
	policy_make(&policy);
	must(model_set_policy(bench->model, &model_policy, 1, &bench->findings, &bench->why),
	     &bench->why);
	must(zone_set_policy(bench->zone, &policy, &bench->why), &bench->why);
	const struct bytes zones[CLUSTERS] = {bytes_of("z0"), bytes_of("z1")};
	const struct cluster_seen clusters[CLUSTERS] = {
		{bytes_of("cluster0"), bytes_of("r0"), &zones[0], 1, READY_TRUE, 0},
		{bytes_of("cluster1"), bytes_of("r1"), &zones[1], 1, READY_TRUE, 0}};
	for (unsigned c = 0; c < CLUSTERS; c++)
		must(model_stage_cluster(bench->model, &clusters[c], &bench->findings, &bench->why),
		     &bench->why);
	for (unsigned n = 0; n < services; n++)
		stage(bench, n, 0);
	must(model_commit(bench->model, COMMIT_REPLACE, 1, &bench->findings, &bench->why), &bench->why);
	must(zone_update(bench->zone, bench->model, 1, &bench->findings, &bench->why), &bench->why);
}

static int64_t change_one(struct bench *bench, unsigned n, unsigned version)
{
	int64_t begin_ns = now_ns();
	stage(bench, n, version);
	must(model_commit(bench->model, COMMIT_CHANGES, 1, &bench->findings, &bench->why), &bench->why);
	must(zone_update(bench->zone, bench->model, 1, &bench->findings, &bench->why), &bench->why);
	return now_ns() - begin_ns;
}

static int compare(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
	return (a > b) - (a < b);
}

static void run(unsigned services, unsigned changes)
{
	struct bench bench;
	bench_open(&bench, services);
	struct zone_stats before, after;
	zone_stats(bench.zone, &before);
	int64_t *times_ns = calloc(changes, sizeof times_ns[0]);
	if (times_ns == NULL)
		exit(3);
	uint32_t random = 1;
	for (unsigned i = 0; i < changes; i++) {
		random = random * 1664525u + 1013904223u;
		times_ns[i] = change_one(&bench, (random >> 8) % services, i + 1);
	}
	zone_stats(bench.zone, &after);
	if (after.serial - before.serial < changes * 9 / 10)
		exit(3); /* most changes must really have been published */
	qsort(times_ns, changes, sizeof times_ns[0], compare);
	(void)printf(
		"%7u services, %8zu records, %u changes: p50 %6.1f us, p99 %6.1f us, max %7.1f us\n",
		services, before.records, changes, (double)times_ns[changes / 2] / 1e3,
		(double)times_ns[changes / 100 * 99] / 1e3, (double)times_ns[changes - 1] / 1e3);
	free(times_ns);
	zone_free(bench.zone);
	model_free(bench.model);
}

int main(int argc, char **argv)
{
	unsigned changes = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : CHANGES_DEFAULT;
	if (changes < 100)
		changes = 100;
	run(1000, changes);
	run(10000, changes);
	run(100000, changes);
	return 0;
}
