/* `clusters`: a row for each cluster that the federation, `topology` or a service names. */
#include "control_commands.h"
#include "control_since.h"

#include <stdlib.h>

/* Services that are looked at in a step: 100 clusters each take some microseconds. */
#define SERVICES_STEP 32
/* The names that there may be, and those that the federation has beside. */
#define COUNTS_MAX (CLUSTER_NAMES_MAX + CLUSTERS_MAX)

struct job {
	struct daemon *daemon;
	struct since since;
	uint32_t service;                              /* the next to be looked at */
	uint16_t cluster;                              /* the next to be told */
	uint32_t counts[COUNTS_MAX];                   /* services that list it, by cluster id */
	uint32_t probed[COUNTS_MAX], good[COUNTS_MAX]; /* addresses of services, likewise */
};

enum err control_clusters_begin(void *daemon, json_t *arguments, void **out, struct why *why)
{
	struct since since;
	*out = NULL;
	enum err err = since_read(daemon, arguments, true, &since, why);
	if (err == ERR_OK)
		err = control_no_arguments(arguments, why);
	if (err != ERR_OK)
		return err;
	struct job *job = calloc(1, sizeof *job);
	if (job == NULL) {
		why_set(why, "no memory for the command");
		return ERR_NOMEM;
	}
	job->daemon = daemon;
	job->since = since;
	*out = job;
	return ERR_OK;
}

void control_clusters_end(void *job)
{
	free(job);
}

/* Good is what counts as such: also while it fails, and not yet while it recovers. */
static void probed_count(struct job *job, uint32_t id)
{
	uint16_t cluster;
	enum health_state state;
	for (size_t i = 0; health_probed(job->daemon->health.health, id, i, &cluster, &state); i++) {
		if (cluster >= COUNTS_MAX)
			continue;
		job->probed[cluster]++;
		job->good[cluster] += state == HEALTH_HEALTHY || state == HEALTH_FAILING;
	}
}

static void service_count(struct job *job, uint32_t id)
{
	struct service_view service;
	struct ingress_view ingress;
	if (!model_service(job->daemon->model, id, &service))
		return;
	while (model_ingress_next(&service, &ingress)) {
		if (ingress.cluster < COUNTS_MAX)
			job->counts[ingress.cluster]++;
	}
	probed_count(job, id);
}

/* False: all are counted. */
static bool services_count(struct job *job)
{
	size_t limit = model_service_limit(job->daemon->model);
	if (job->service >= limit)
		return false;
	for (size_t i = 0; i < SERVICES_STEP && job->service < limit; i++)
		service_count(job, job->service++);
	return true;
}

bool control_server_of(const struct daemon *daemon, const struct cluster_view *view,
                       struct kube_state *out)
{
	for (size_t i = 0; daemon->kube != NULL && i < kube_count(daemon->kube); i++) {
		kube_state(daemon->kube, i, out);
		/* A federation's server tells of all of them. */
		if (daemon->config->source == CONFIG_FEDERATION_V1 ||
		    bytes_equal(view->name, bytes_of(out->name)))
			return true;
	}
	return false;
}

static const char *const STATUSES[CLUSTER_STATUSES] = {
	[CLUSTER_READY] = "Ready",     [CLUSTER_NOT_READY] = "NotReady",
	[CLUSTER_UNSEEN] = "Unseen",   [CLUSTER_UNREGISTERED] = "Unregistered",
	[CLUSTER_UNKNOWN] = "Unknown",
};

enum cluster_status control_cluster_status(const struct daemon *daemon,
                                           const struct cluster_view *view)
{
	struct kube_state server;
	static const enum cluster_status READY[] = {[READY_UNKNOWN] = CLUSTER_UNKNOWN,
	                                            [READY_TRUE] = CLUSTER_READY,
	                                            [READY_FALSE] = CLUSTER_NOT_READY};
	if (!view->known)
		return CLUSTER_UNREGISTERED; /* rule 5: only services name it */
	if (control_server_of(daemon, view, &server) && !server.in_sight)
		return CLUSTER_UNSEEN;
	return view->in_source ? READY[view->ready] : CLUSTER_UNSEEN;
}

static json_t *zones_json(const struct place *places, const struct cluster_view *view)
{
	json_t *zones = json_array();
	for (size_t i = 0; zones != NULL && i < view->zone_count; i++)
		control_list_add(&zones, control_bytes(places[view->zones[i]].zone));
	return zones;
}

/* Is it drained as a whole, and how many services are so in it alone? */
static bool drains_of(const struct daemon *daemon, const struct cluster_view *view,
                      size_t *services)
{
	struct health_order order;
	bool whole = false;
	*services = 0;
	for (size_t i = 0; health_orders(daemon->health.health, i, &order); i++) {
		if (order.kind != ORDER_DRAIN || !bytes_equal(order.cluster, view->name))
			continue;
		whole |= order.service.size == 0;
		*services += order.service.size != 0;
	}
	return whole;
}

static json_t *cluster_json(const struct job *job, uint16_t id, const struct cluster_view *view)
{
	size_t count;
	const struct place *places = model_places(job->daemon->model, &count);
	struct kube_state server;
	int64_t read_ms = view->in_source ? job->daemon->look.read_ms : 0;
	bool seen = view->in_source;
	json_t *age = control_age(read_ms);
	if (control_server_of(job->daemon, view, &server)) {
		json_decref(age);
		age = server.heard_ago_ms < 0 ? json_null() : json_integer(server.heard_ago_ms / 1000);
		seen = server.in_sight;
	}
	size_t drained_services;
	bool drained = drains_of(job->daemon, view, &drained_services);
	return json_pack(
		"{s:o, s:s, s:o, s:o, s:I, s:b, s:o, s:b, s:o, s:o, s:I, s:I, s:b, s:I}", "name",
		control_bytes(view->name), "status", STATUSES[control_cluster_status(job->daemon, view)],
		"region", view->region != 0 ? control_bytes(places[view->region].region) : json_null(),
		"zones", zones_json(places, view), "services",
		(json_int_t)(id < COUNTS_MAX ? job->counts[id] : 0), "seen", seen ? 1 : 0, "age_s", age,
		"withdrawn", view->withdrawn_at_ms != 0 ? 1 : 0, "not_ready_since",
		control_time(view->ready_since_ms), "withdrawn_at", control_time(view->withdrawn_at_ms),
		"probed", (json_int_t)(id < COUNTS_MAX ? job->probed[id] : 0), "good",
		(json_int_t)(id < COUNTS_MAX ? job->good[id] : 0), "drained", drained ? 1 : 0,
		"drained_services", (json_int_t)drained_services);
}

enum control_step control_clusters_step(void *arg, struct control_answer *answer)
{
	struct job *job = arg;
	struct cluster_view view;
	if (since_tell(&job->since, answer))
		return CONTROL_ROW;
	if (job->since.same)
		return CONTROL_END;
	if (services_count(job))
		return CONTROL_WORKED;
	if (job->cluster >= model_cluster_limit(job->daemon->model))
		return CONTROL_END;
	uint16_t id = job->cluster++;
	if (!model_cluster(job->daemon->model, id, &view))
		return CONTROL_WORKED;
	answer->row = cluster_json(job, id, &view);
	return CONTROL_ROW;
}
