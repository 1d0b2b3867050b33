#include "services_row.h"

#include <stdio.h>
#include <string.h>

/* By value: the walk moves in it. */
static json_t *clusters_json(const struct model *model, struct service_view service)
{
	struct ingress_view ingress;
	json_t *list = json_array();
	while (model_ingress_next(&service, &ingress)) {
		struct cluster_view cluster;
		if (model_cluster(model, ingress.cluster, &cluster))
			control_list_add(&list, control_bytes(cluster.name));
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
		control_list_add(&list, json_string(text));
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
		control_list_add(list, json_string(text));
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

json_t *services_row(const struct daemon *daemon, const struct service_view *service,
                     const struct ladder *ladder, enum service_state state)
{
	const struct zone_policy *policy = &daemon->config->answer.zone;
	if (ladder->all_down || ladder_rung(ladder, 0) == NULL)
		state = SERVICE_DOWN;
	return json_pack("{s:o, s:o, s:o, s:o, s:I, s:o, s:s}", "namespace",
	                 control_bytes(service->namespace), "name", control_bytes(service->name),
	                 "clusters", clusters_json(daemon->model, *service), "addresses",
	                 addresses_json(ladder), "ttl",
	                 (json_int_t)(service->ttl_s != 0 ? service->ttl_s : policy->ttl_s), "ports",
	                 ports_json(*service), "state", service_state_text(state));
}
