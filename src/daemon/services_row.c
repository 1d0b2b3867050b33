#include "services_row.h"

#include <stdio.h>

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

json_t *services_addresses(const struct address_set *set, size_t most)
{
	json_t *list = json_array();
	for (size_t i = 0; i < address_set_count(set) && i < most; i++) {
		char text[ADDRESS_TEXT_SIZE];
		struct address address = address_set_at(set, i);
		address_text(&address, text);
		control_list_add(&list, json_string(text));
	}
	return list;
}

/* What its global name answers: of clusters that serve, each address once. */
static json_t *answered_json(const struct ladder *ladder)
{
	const struct rung *rung = ladder_rung(ladder, 0);
	return rung == NULL ? json_array() : services_addresses(&rung->addresses, SIZE_MAX);
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
	                 answered_json(ladder), "ttl",
	                 (json_int_t)(service->ttl_s != 0 ? service->ttl_s : policy->ttl_s), "ports",
	                 ports_json(*service), "state", service_state_text(state));
}
