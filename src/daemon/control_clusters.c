/* `clusters`: a row for each cluster that the federation, `topology` or a service names. */
#include "control_commands.h"

#include <stdlib.h>

/* Services that are looked at in a step: 100 clusters each take some microseconds. */
#define SERVICES_STEP 32
/* The names that there may be, and those that the federation has beside. */
#define COUNTS_MAX (CLUSTER_NAMES_MAX + CLUSTERS_MAX)

struct job {
	struct daemon *daemon;
	uint32_t service;            /* the next to be looked at */
	uint16_t cluster;            /* the next to be told */
	uint32_t counts[COUNTS_MAX]; /* services that list it, by cluster id */
};

enum err control_clusters_begin(void *daemon, json_t *arguments, void **out, struct why *why)
{
	*out = NULL;
	enum err err = control_no_arguments(arguments, why);
	if (err != ERR_OK)
		return err;
	struct job *job = calloc(1, sizeof *job);
	if (job == NULL) {
		why_set(why, "no memory for the command");
		return ERR_NOMEM;
	}
	job->daemon = daemon;
	*out = job;
	return ERR_OK;
}

void control_clusters_end(void *job)
{
	free(job);
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

/* How the API server is that tells of the cluster; false: the source is a file, or not heard of. */
static bool server_of(const struct daemon *daemon, const struct cluster_view *view,
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

static const char *status_of(const struct daemon *daemon, const struct cluster_view *view)
{
	struct kube_state server;
	static const char *const READY[] = {
		[READY_UNKNOWN] = "Unknown", [READY_TRUE] = "Ready", [READY_FALSE] = "NotReady"};
	if (!view->known)
		return "Unregistered"; /* rule 5: only services name it */
	if (server_of(daemon, view, &server) && !server.in_sight)
		return "Unseen";
	return view->in_source ? READY[view->ready] : "Unseen";
}

static json_t *zones_json(const struct place *places, const struct cluster_view *view)
{
	json_t *zones = json_array();
	for (size_t i = 0; zones != NULL && i < view->zone_count; i++) {
		if (json_array_append_new(zones, control_bytes(places[view->zones[i]].zone)) != 0) {
			json_decref(zones);
			zones = NULL;
		}
	}
	return zones;
}

static json_t *cluster_json(const struct job *job, uint16_t id, const struct cluster_view *view)
{
	size_t count;
	const struct place *places = model_places(job->daemon->model, &count);
	struct kube_state server;
	int64_t read_ms = view->in_source ? job->daemon->look.read_ms : 0;
	bool seen = view->in_source;
	json_t *age = control_age(read_ms);
	if (server_of(job->daemon, view, &server)) {
		json_decref(age);
		age = server.heard_ago_ms < 0 ? json_null() : json_integer(server.heard_ago_ms / 1000);
		seen = server.in_sight;
	}
	return json_pack("{s:o, s:s, s:o, s:o, s:I, s:b, s:o, s:b, s:o, s:o}", "name",
	                 control_bytes(view->name), "status", status_of(job->daemon, view), "region",
	                 view->region != 0 ? control_bytes(places[view->region].region) : json_null(),
	                 "zones", zones_json(places, view), "services",
	                 (json_int_t)(id < COUNTS_MAX ? job->counts[id] : 0), "seen", seen ? 1 : 0,
	                 "age_s", age, "withdrawn", view->withdrawn_at_ms != 0 ? 1 : 0,
	                 "not_ready_since", control_time(view->ready_since_ms), "withdrawn_at",
	                 control_time(view->withdrawn_at_ms));
}

enum control_step control_clusters_step(void *arg, struct control_answer *answer)
{
	struct job *job = arg;
	struct cluster_view view;
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
