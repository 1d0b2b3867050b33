#include "world.h"

#include "check.h"

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS_MAX = 128 };

static void finding_keep(void *arg, const struct finding *finding)
{
	struct world *world = arg;
	world->finding_count++;
	world->last_finding = *finding;
}

static struct name name_of(const char *text)
{
	struct name name;
	struct why why;
	assert_int_equal(name_parse(bytes_of(text), &name, &why), ERR_OK);
	return name;
}

static void policy_init(struct answer_policy *policy)
{
	struct zone_policy *zone = &policy->zone;
	struct why why;
	*policy = (struct answer_policy){.udp_size = 1232, .allow_count = 2};
	assert_int_equal(prefix_parse(bytes_of("0.0.0.0/0"), &policy->allow[0], &why), ERR_OK);
	assert_int_equal(prefix_parse(bytes_of("::/0"), &policy->allow[1], &why), ERR_OK);
	zone->zone = zone->suffix = name_of("example.");
	zone->contact = name_of("hostmaster.example.");
	zone->federation_size = 3;
	memcpy(zone->federation, "fed", 3);
	zone->ttl_s = 180;
	zone->negative_ttl_s = 30;
	zone->nameserver_count = 1;
	zone->nameservers[0].name = name_of("ns1.example.");
	zone->nameservers[0].address_count = 1;
	assert_int_equal(
		address_parse(bytes_of("192.0.2.53"), &zone->nameservers[0].addresses[0], &why), ERR_OK);
	zone->fallback = FALLBACK_CNAME;
	zone->all_down = ALL_DOWN_LAST;
}

void world_init(struct world *world)
{
	*world = (struct world){.now_ms = 1000000000000, .findings = {finding_keep, world, NULL, 0}};
	policy_init(&world->policy);
	world->model = model_new(1);
	world->zone = zone_new(1, 2);
	assert_non_null(world->model);
	assert_non_null(world->zone);
	const struct model_policy policy = {.offline_grace_ms = 60000};
	assert_int_equal(
		model_set_policy(world->model, &policy, world->now_ms, &world->findings, &world->why),
		ERR_OK);
	assert_int_equal(zone_set_policy(world->zone, &world->policy, &world->why), ERR_OK);
}

void world_clear(struct world *world)
{
	zone_free(world->zone);
	model_free(world->model);
}

/* Split a copy of `text` at any octet of `at`; empty parts are left out. */
static size_t split(char *copy, const char *at, char **parts)
{
	size_t count = 0;
	char *rest = copy;
	for (char *part; (part = strsep(&rest, at)) != NULL;) {
		assert_in_range(count, 0, PARTS_MAX - 1);
		if (*part != '\0')
			parts[count++] = part;
	}
	return count;
}

void world_cluster(struct world *world, const char *name, const char *place, enum ready ready,
                   int64_t ready_since_ms)
{
	char *copy = strdup(place), *parts[PARTS_MAX];
	struct bytes zones[PARTS_MAX];
	size_t count = split(copy, ":, ", parts);
	for (size_t i = 1; i < count; i++)
		zones[i - 1] = bytes_of(parts[i]);
	const struct cluster_seen seen = {.name = bytes_of(name),
	                                  .region = bytes_of(count == 0 ? "" : parts[0]),
	                                  .zones = zones,
	                                  .zone_count = count == 0 ? 0 : count - 1,
	                                  .ready = ready,
	                                  .ready_since_ms = ready_since_ms};
	assert_int_equal(model_stage_cluster(world->model, &seen, &world->findings, &world->why),
	                 ERR_OK);
	free(copy);
}

static void ingress_of(char *text, struct ingress_seen *out, struct address *addresses,
                       struct name *hosts)
{
	char *value = strchr(text, '='), *parts[PARTS_MAX];
	assert_non_null(value);
	*value++ = '\0';
	*out = (struct ingress_seen){.cluster = bytes_of(text), .addresses = addresses, .hosts = hosts};
	size_t count = split(value, ",", parts);
	for (size_t i = 0; i < count; i++) {
		struct why why;
		struct address address;
		if (address_parse(bytes_of(parts[i]), &address, &why) == ERR_OK)
			addresses[out->address_count++] = address;
		else
			hosts[out->host_count++] = name_of(parts[i]);
	}
}

void world_ports(struct world *world, const char *ports)
{
	world->ports = ports;
}

static enum protocol protocol_of(const char *text)
{
	for (unsigned i = 0; i < PROTOCOLS; i++) {
		if (strcmp(text, protocol_text((enum protocol)i)) == 0)
			return (enum protocol)i;
	}
	fail_msg("no protocol: %s", text);
	return PROTOCOL_TCP;
}

/* Split a copy of world_ports() into `out[PORTS_MAX]`. */
static size_t ports_of(char *copy, struct port *out)
{
	char *parts[PARTS_MAX];
	size_t count = split(copy, " ", parts);
	for (size_t i = 0; i < count; i++) {
		char *fields[PARTS_MAX];
		size_t given = split(parts[i], ":/", fields);
		assert_in_range(given, 2, 3);
		out[i] = (struct port){bytes_of(fields[0]), protocol_of(given == 3 ? fields[2] : "TCP"),
		                       (uint16_t)strtoul(fields[1], NULL, 10)};
	}
	return count;
}

void world_service_with(struct world *world, const char *name, const char *ingresses,
                        uint32_t ttl_s, enum fallback fallback, enum all_down all_down)
{
	char *copy = strdup(ingresses), *names = strdup(name), *parts[PARTS_MAX];
	size_t count = split(copy, " ", parts);
	struct ingress_seen *seen = calloc(count + 1, sizeof *seen);
	struct address *addresses = calloc((count + 1) * PARTS_MAX, sizeof *addresses);
	struct name *hosts = calloc((count + 1) * PARTS_MAX, sizeof *hosts);
	char *slash = strchr(names, '/');
	assert_non_null(slash);
	*slash = '\0';
	for (size_t i = 0; i < count; i++)
		ingress_of(parts[i], &seen[i], addresses + i * PARTS_MAX, hosts + i * PARTS_MAX);
	char *ports_copy = strdup(world->ports == NULL ? "" : world->ports);
	struct port ports[PORTS_MAX];
	const struct service_seen service = {.namespace = bytes_of(names),
	                                     .name = bytes_of(slash + 1),
	                                     .ports = ports,
	                                     .port_count = ports_of(ports_copy, ports),
	                                     .ttl_s = ttl_s,
	                                     .fallback = fallback,
	                                     .all_down = all_down,
	                                     .ingresses = seen,
	                                     .ingress_count = count};
	assert_int_equal(model_stage_service(world->model, &service, &world->findings, &world->why),
	                 ERR_OK);
	free(ports_copy);
	free(hosts);
	free(addresses);
	free(seen);
	free(names);
	free(copy);
}

void world_service(struct world *world, const char *name, const char *ingresses)
{
	world_service_with(world, name, ingresses, 0, FALLBACK_DEFAULT, ALL_DOWN_DEFAULT);
}

void world_gone(struct world *world, const char *name)
{
	char *names = strdup(name);
	char *slash = strchr(names, '/');
	assert_non_null(slash);
	*slash = '\0';
	assert_int_equal(
		model_stage_service_gone(world->model, bytes_of(names), bytes_of(slash + 1), &world->why),
		ERR_OK);
	free(names);
}

void world_resolved(struct world *world, const char *host, uint8_t family, const char *addresses)
{
	char *copy = strdup(addresses), *parts[PARTS_MAX];
	struct address list[PARTS_MAX];
	struct name name = name_of(host);
	size_t count = split(copy, ", ", parts);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(address_parse(bytes_of(parts[i]), &list[i], &world->why), ERR_OK);
	assert_int_equal(model_host_resolved(world->model, &name, family, list, count, &world->findings,
	                                     &world->why),
	                 ERR_OK);
	free(copy);
}

uint16_t world_cluster_id(const struct world *world, const char *name)
{
	for (size_t id = 0; id < model_cluster_limit(world->model); id++) {
		struct cluster_view view;
		if (model_cluster(world->model, (uint16_t)id, &view) &&
		    bytes_equal(view.name, bytes_of(name)))
			return (uint16_t)id;
	}
	fail_msg("no cluster %s", name);
	return 0;
}

void world_verdicts(struct world *world, const char *name, const struct verdict *verdicts,
                    size_t count)
{
	for (uint32_t id = 0; id < model_service_limit(world->model); id++) {
		struct service_view view;
		char text[2 * LABEL_SIZE_MAX + 2];
		if (!model_service(world->model, id, &view))
			continue;
		(void)snprintf(text, sizeof text, "%.*s/%.*s", BYTES_ARG(view.namespace),
		               BYTES_ARG(view.name));
		if (strcmp(text, name) != 0)
			continue;
		assert_int_equal(model_set_verdicts(world->model, id, verdicts, count, &world->why),
		                 ERR_OK);
		return;
	}
	fail_msg("no service %s", name);
}

void world_publish(struct world *world)
{
	enum err err = zone_update(world->zone, world->model, 1, &world->findings, &world->why);
	assert_int_equal(err, ERR_OK);
}

void world_commit(struct world *world, enum commit how)
{
	assert_int_equal(model_commit(world->model, how, world->now_ms, &world->findings, &world->why),
	                 ERR_OK);
	world_publish(world);
}

size_t world_query(const char *name, uint16_t type, uint8_t *out)
{
	struct name parsed = name_of(name);
	const uint8_t header[12] = {0x12, 0x34, 0x01, 0, 0, 1};
	memcpy(out, header, sizeof header);
	memcpy(out + 12, parsed.octets, parsed.size);
	uint8_t *end = out + 12 + parsed.size;
	end[0] = (uint8_t)(type >> 8);
	end[1] = (uint8_t)type;
	end[2] = 0;
	end[3] = CLASS_IN;
	return 12u + parsed.size + 4u;
}

/* Append an ldns string and release it. */
static void append(struct world *world, char *text, const char *after)
{
	size_t used = strlen(world->text);
	assert_non_null(text);
	(void)snprintf(world->text + used, sizeof world->text - used, "%s%s", text, after);
	LDNS_FREE(text);
}

static void append_section(struct world *world, const ldns_rr_list *list)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);
		append(world, strdup(i == 0 ? "" : ", "), "");
		append(world, ldns_rdf2str(ldns_rr_owner(rr)), " ");
		append(world, ldns_rr_type2str(ldns_rr_get_type(rr)), "");
		if (ldns_rr_get_type(rr) == LDNS_RR_TYPE_SOA)
			continue;
		for (size_t field = 0; field < ldns_rr_rd_count(rr); field++) {
			append(world, strdup(" "), "");
			append(world, ldns_rdf2str(ldns_rr_rdf(rr, field)), "");
		}
	}
	append(world, strdup("; "), "");
}

const char *world_reply(struct world *world, const uint8_t *reply, size_t size)
{
	ldns_pkt *packet;
	assert_int_equal(ldns_wire2pkt(&packet, reply, size), LDNS_STATUS_OK);
	ldns_lookup_table *rcode = ldns_lookup_by_id(ldns_rcodes, (int)ldns_pkt_get_rcode(packet));
	assert_non_null(rcode);
	(void)snprintf(world->text, sizeof world->text, "%s%s%s; ", rcode->name,
	               ldns_pkt_aa(packet) ? " aa" : "", ldns_pkt_tc(packet) ? " tc" : "");
	append_section(world, ldns_pkt_answer(packet));
	append_section(world, ldns_pkt_authority(packet));
	append_section(world, ldns_pkt_additional(packet));
	ldns_pkt_free(packet);
	return world->text;
}

/* Into `reply[MESSAGE_SIZE_MAX]`; returns its size. */
static size_t ask_raw(struct world *world, const char *name, uint16_t type, bool tcp,
                      uint8_t *reply)
{
	uint8_t query[512];
	struct answer_counters counters = {0};
	const struct query asked = {.data = query,
	                            .size = world_query(name, type, query),
	                            .client = {4, {127, 0, 0, 1}},
	                            .tcp = tcp};
	const struct root *root = zone_enter(world->zone, 0);
	size_t size = respond(root, &counters, &asked, reply, MESSAGE_SIZE_MAX);
	zone_leave(world->zone, 0);
	return size;
}

static const char *ask(struct world *world, const char *name, uint16_t type, bool tcp)
{
	static uint8_t reply[MESSAGE_SIZE_MAX];
	size_t size = ask_raw(world, name, type, tcp, reply);
	return world_reply(world, reply, size);
}

uint32_t world_ask_ttl(struct world *world, const char *name, uint16_t type)
{
	static uint8_t reply[MESSAGE_SIZE_MAX];
	ldns_pkt *packet;
	size_t size = ask_raw(world, name, type, true, reply);
	assert_int_equal(ldns_wire2pkt(&packet, reply, size), LDNS_STATUS_OK);
	assert_true(ldns_pkt_ancount(packet) > 0);
	uint32_t ttl_s = ldns_rr_ttl(ldns_rr_list_rr(ldns_pkt_answer(packet), 0));
	ldns_pkt_free(packet);
	return ttl_s;
}

const char *world_ask(struct world *world, const char *name, uint16_t type)
{
	return ask(world, name, type, true);
}

void world_ask_all(struct world *world, const struct world_question *questions, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_string_equal(world_ask(world, questions[i].name, questions[i].type),
		                    questions[i].answer);
}

const char *world_ask_udp(struct world *world, const char *name, uint16_t type)
{
	return ask(world, name, type, false);
}
