/* `status`: one row that says how the daemon is. */
#include "clock.h"
#include "control_commands.h"

/* Those that have a name, or were given. */
static json_t *rcodes_json(const uint64_t *counts)
{
	json_t *object = json_object();
	for (size_t i = 0; object != NULL && i < RCODES_COUNTED; i++) {
		char text[RCODE_TEXT_SIZE];
		if (!rcode_text((unsigned)i, text) && counts[i] == 0)
			continue;
		if (json_object_set_new(object, text, json_integer((json_int_t)counts[i])) != 0) {
			json_decref(object);
			object = NULL;
		}
	}
	return object;
}

static json_t *counters_json(const struct daemon *daemon)
{
	struct serve_counters counters;
	daemon_counters(daemon, &counters);
	const struct answer_counters *now = &counters.answers;
	return json_pack("{s:I, s:I, s:I, s:o}", "queries", (json_int_t)now->queries, "dropped",
	                 (json_int_t)daemon_dropped(&counters), "truncated", (json_int_t)now->truncated,
	                 "rcodes", rcodes_json(now->rcodes));
}

static const char *const KINDS[] = {[CONFIG_FILE] = "file",
                                    [CONFIG_FEDERATION_V1] = "federation_v1",
                                    [CONFIG_CLUSTERS] = "clusters"};

static json_t *server_json(const struct kube_state *state)
{
	json_t *ago = state->heard_ago_ms < 0 ? json_null() : json_integer(state->heard_ago_ms / 1000);
	return json_pack("{s:o, s:o, s:b, s:b, s:o, s:s, s:o, s:I, s:I, s:I, s:I, s:I}", "name",
	                 control_text(state->name), "server", control_text(state->server), "synced",
	                 state->synced ? 1 : 0, "in_sight", state->in_sight ? 1 : 0, "heard_ago_s", ago,
	                 "trouble", state->trouble, "why",
	                 state->why[0] != '\0' ? control_text(state->why) : json_null(), "services",
	                 (json_int_t)state->services, "lists", (json_int_t)state->lists, "watches",
	                 (json_int_t)state->watches, "events", (json_int_t)state->events, "errors",
	                 (json_int_t)state->errors);
}

/* The API servers of a live source; null for a file. */
static json_t *servers_json(const struct daemon *daemon)
{
	if (daemon->kube == NULL)
		return json_null();
	json_t *list = json_array();
	for (size_t i = 0; list != NULL && i < kube_count(daemon->kube); i++) {
		struct kube_state state;
		kube_state(daemon->kube, i, &state);
		control_list_add(&list, server_json(&state));
	}
	return list;
}

static json_t *source_json(const struct daemon *daemon)
{
	const struct source_look *look = &daemon->look;
	const char *path = daemon->config->source_file;
	bool refused = look->refused.text[0] != '\0', live = daemon->kube != NULL;
	return json_pack(
		"{s:s, s:o, s:b, s:o, s:o, s:o, s:b, s:I, s:o}", "kind", KINDS[daemon->config->source],
		"path", path != NULL ? control_text(path) : json_null(), "stale", look->stale ? 1 : 0,
		"read", control_time(look->read_ms), "age_s", control_age(look->read_ms), "refused",
		refused ? control_text(look->refused.text) : json_null(), "ready",
		!live || daemon->live_ready ? 1 : 0, "held",
		(json_int_t)(live ? kube_held(daemon->kube) : 0), "servers", servers_json(daemon));
}

static size_t clusters_known(const struct model *model)
{
	size_t known = 0, limit = model_cluster_limit(model);
	for (size_t id = 0; id < limit; id++) {
		struct cluster_view view;
		known += model_cluster(model, (uint16_t)id, &view) && view.known;
	}
	return known;
}

static json_t *status_json(const struct daemon *daemon)
{
	const struct zone_policy *policy = &daemon->config->answer.zone;
	char zone[NAME_TEXT_SIZE];
	struct zone_stats stats;
	name_text(name_bytes(&policy->zone), zone);
	zone_stats(daemon->zone, &stats);
	return json_pack("{s:s, s:s, s:o, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:I, s:I, s:o}",
	                 "state", control_state(daemon), "version", FEDNS_VERSION, "federation",
	                 control_bytes((struct bytes){policy->federation, policy->federation_size}),
	                 "zone", zone, "serial", (json_int_t)stats.serial, "clusters",
	                 (json_int_t)clusters_known(daemon->model), "services",
	                 (json_int_t)stats.services, "records", (json_int_t)stats.records, "source",
	                 source_json(daemon), "provider", control_provider_json(daemon), "health",
	                 control_health_json(daemon), "listen", control_listens(daemon), "workers",
	                 (json_int_t)daemon->config->workers, "uptime_s",
	                 (json_int_t)((uv_hrtime() - daemon->started_ns) / 1000000000), "answers",
	                 counters_json(daemon));
}

enum control_step control_status_step(void *job, struct control_answer *answer)
{
	struct control_single *single = job;
	if (single->done) {
		answer->not_good = !control_state_good(single->daemon);
		return CONTROL_END;
	}
	single->done = true;
	answer->row = status_json(single->daemon);
	return CONTROL_ROW;
}
