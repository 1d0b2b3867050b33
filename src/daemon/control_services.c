/* `services`: a row for each service that has names. */
#include "control_commands.h"
#include "control_since.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Services that are passed over in a step, at some nanoseconds each. */
#define SAME_STEP 1024

struct job {
	struct daemon *daemon;
	struct compiler *compiler;
	struct since since;
	uint32_t next;
};

void control_services_end(void *arg)
{
	struct job *job = arg;
	compiler_free(job->compiler);
	free(job);
}

enum err control_services_begin(void *daemon, json_t *arguments, void **out, struct why *why)
{
	struct since since;
	*out = NULL;
	enum err err = since_read(daemon, arguments, false, &since, why);
	if (err == ERR_OK)
		err = control_no_arguments(arguments, why);
	if (err != ERR_OK)
		return err;
	struct job *job = calloc(1, sizeof *job);
	if (job == NULL || (job->compiler = compiler_new()) == NULL) {
		free(job);
		why_set(why, "no memory for the command");
		return ERR_NOMEM;
	}
	job->daemon = daemon;
	job->since = since;
	*out = job;
	return ERR_OK;
}

/* Append `item` (taken) to `*list`, which becomes NULL where there is no memory. */
static void list_add(json_t **list, json_t *item)
{
	if (*list == NULL) {
		json_decref(item);
	} else if (json_array_append_new(*list, item) != 0) {
		json_decref(*list);
		*list = NULL;
	}
}

/* By value: the walk moves in it. */
static json_t *clusters_json(const struct model *model, struct service_view service)
{
	struct ingress_view ingress;
	json_t *list = json_array();
	while (model_ingress_next(&service, &ingress)) {
		struct cluster_view cluster;
		if (model_cluster(model, ingress.cluster, &cluster))
			list_add(&list, control_bytes(cluster.name));
	}
	return list;
}

static json_t *ports_json(struct service_view service)
{
	struct port port;
	json_t *list = json_array();
	while (model_port_next(&service, &port)) {
		char text[PORT_NAME_SIZE_MAX + 16];
		(void)snprintf(text, sizeof text, "%.*s:%u/%s", BYTES_ARG(port.name), port.number,
		               protocol_text(port.protocol));
		list_add(&list, json_string(text));
	}
	return list;
}

static void family_add(json_t **list, uint8_t family, const uint8_t *octets, size_t count)
{
	size_t size = family == 4 ? V4_SIZE : V6_SIZE;
	for (size_t i = 0; i < count; i++) {
		char text[ADDRESS_TEXT_SIZE];
		struct address address = {.family = family};
		memcpy(address.octets, octets + i * size, size);
		address_text(&address, text);
		list_add(list, json_string(text));
	}
}

/* What its global name answers: of clusters that serve, each address once. */
static json_t *addresses_json(const struct ladder *ladder)
{
	json_t *list = json_array();
	const struct rung *rung = ladder_rung(ladder, 0);
	if (rung != NULL) {
		family_add(&list, 4, rung->addresses.v4, rung->addresses.v4_count);
		family_add(&list, 6, rung->addresses.v6, rung->addresses.v6_count);
	}
	return list;
}

/* Pass over what is known already. */
static void same_skip(struct job *job, uint32_t limit)
{
	for (size_t i = 0; i < SAME_STEP && job->next < limit && !job->since.all; i++, job->next++) {
		if (stamps_newer(&job->daemon->stamps, job->next, job->since.from))
			break;
	}
}

enum control_step control_services_step(void *arg, struct control_answer *answer)
{
	struct job *job = arg;
	const struct model *model = job->daemon->model;
	const struct zone_policy *policy = &job->daemon->config->answer.zone;
	struct findings nobody = {.report = NULL};
	struct service_view view;
	struct ladder ladder;
	uint32_t limit = (uint32_t)model_service_limit(model);
	if (since_tell(&job->since, answer))
		return CONTROL_ROW;
	uint32_t before = job->next;
	same_skip(job, limit);
	if (job->since.same || job->next >= limit)
		return CONTROL_END;
	if (job->next == before + SAME_STEP)
		return CONTROL_WORKED;
	uint32_t id = job->next++;
	if (!model_service(model, id, &view))
		return CONTROL_WORKED;
	answer->err = compile_service(job->compiler, model, policy, id, &nobody, &ladder, &answer->why);
	if (answer->err != ERR_OK)
		return CONTROL_FAILED;
	answer->row = json_pack(
		"{s:o, s:o, s:o, s:o, s:I, s:o}", "namespace", control_bytes(view.namespace), "name",
		control_bytes(view.name), "clusters", clusters_json(model, view), "addresses",
		addresses_json(&ladder), "ttl", (json_int_t)(view.ttl_s != 0 ? view.ttl_s : policy->ttl_s),
		"ports", ports_json(view));
	return CONTROL_ROW;
}
