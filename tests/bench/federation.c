#include "federation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CLUSTERS = 2, IDLE = 1 };

void must(enum err err, const struct why *why)
{
	if (err == ERR_OK)
		return;
	(void)fprintf(stderr, "bench: %s\n", why->text);
	exit(3);
}

int64_t now_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void federation_stage(struct federation *federation, unsigned n, unsigned version)
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
	const struct port port = {bytes_of("http"), PROTOCOL_TCP, 80};
	const struct service_seen seen = {.namespace = bytes_of(namespace),
	                                  .name = bytes_of(name),
	                                  .ports = &port,
	                                  .port_count = 1,
	                                  .ingresses = ingresses,
	                                  .ingress_count = CLUSTERS};
	must(model_stage_service(federation->model, &seen, &federation->findings, &federation->why),
	     &federation->why);
}

static void policy_make(struct answer_policy *policy)
{
	struct why why;
	struct zone_policy *zone = &policy->zone;
	*policy = (struct answer_policy){.udp_size = UDP_SIZE_DEFAULT, .allow_count = 1};
	must(prefix_parse(bytes_of("0.0.0.0/0"), &policy->allow[0], &why), &why);
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

static void clusters_stage(struct federation *federation)
{
	for (unsigned c = 0; c < CLUSTERS + IDLE; c++) {
		char name[16], region[16], zone[16];
		(void)snprintf(name, sizeof name, "cluster%u", c);
		(void)snprintf(region, sizeof region, "r%u", c);
		(void)snprintf(zone, sizeof zone, "z%u", c);
		const struct bytes zones[] = {bytes_of(zone)};
		const struct cluster_seen seen = {
			bytes_of(name), bytes_of(region), zones, 1, READY_TRUE, 0};
		must(model_stage_cluster(federation->model, &seen, &federation->findings, &federation->why),
		     &federation->why);
	}
}

void federation_publish(struct federation *federation, enum commit how)
{
	struct why *why = &federation->why;
	must(model_commit(federation->model, how, 1, &federation->findings, why), why);
	must(zone_update(federation->zone, federation->model, 1, &federation->findings, why), why);
}

void federation_open(struct federation *federation, unsigned services)
{
	static struct answer_policy policy;
	const struct model_policy model_policy = {.offline_grace_ms = 60000};
	*federation = (struct federation){.model = model_new(1), .zone = zone_new(READERS_MAX, 2)};
	struct why *why = &federation->why;
	policy_make(&policy);
	must(model_set_policy(federation->model, &model_policy, 1, &federation->findings, why), why);
	must(zone_set_policy(federation->zone, &policy, why), why);
	clusters_stage(federation);
	for (unsigned n = 0; n < services; n++)
		federation_stage(federation, n, 0);
	federation_publish(federation, COMMIT_REPLACE);
}

void federation_close(struct federation *federation)
{
	zone_free(federation->zone);
	model_free(federation->model);
}
