/* Any octets as a DNS message: never a crash, never a reply larger than the client may get, never
 * an answer to a response. */
#include "fuzz.h"

#include "fedns/answer.h"

#include <stdlib.h>

static void check(bool good)
{
	if (!good)
		abort();
}

static struct name name_of(const char *text)
{
	struct name name;
	struct why why;
	check(name_parse(bytes_of(text), &name, &why) == ERR_OK);
	return name;
}

static void stage(struct model *model, const char *service, size_t count)
{
	struct address addresses[ADDRESSES_MAX] = {{4, {192, 0, 2, 1}}, {6, {0x20, 1, 0xd, 0xb8}}};
	struct findings findings = {0};
	struct why why;
	for (size_t i = 2; i < count; i++)
		addresses[i] = (struct address){4, {10, 0, 0, (uint8_t)i}};
	const struct ingress_seen ingress = {bytes_of("c"), addresses, count, NULL, 0};
	const struct port ports[] = {{bytes_of("p"), PROTOCOL_TCP, 80},
	                             {bytes_of("q"), PROTOCOL_UDP, 53}};
	const struct service_seen seen = {.namespace = bytes_of("ns"),
	                                  .name = bytes_of(service),
	                                  .ports = ports,
	                                  .port_count = 2,
	                                  .ingresses = &ingress,
	                                  .ingress_count = 1};
	check(model_stage_service(model, &seen, &findings, &why) == ERR_OK);
}

static struct zone *zone_make(void)
{
	static struct answer_policy policy = {.udp_size = 1232, .allow_count = 1}; /* ::/0 only */
	struct zone_policy *zone = &policy.zone;
	zone->zone = zone->suffix = name_of("x.");
	zone->contact = name_of("h.x.");
	zone->nameservers[0].name = name_of("ns.x.");
	zone->nameserver_count = 1;
	zone->federation_size = 1;
	zone->federation[0] = 'f';
	zone->ttl_s = zone->negative_ttl_s = 5;
	zone->fallback = FALLBACK_CNAME;
	zone->all_down = ALL_DOWN_LAST;
	policy.allow[0].address.family = 6;

	struct findings findings = {0};
	struct why why;
	const struct bytes zones[] = {bytes_of("z")};
	const struct cluster_seen clusters[] = {
		{bytes_of("c"), bytes_of("r"), zones, 1, READY_TRUE, 0},
		{bytes_of("d"), bytes_of("s"), zones, 1, READY_TRUE, 0},
	};
	struct model *model = model_new(1);
	struct zone *made = zone_new(1, 1);
	const struct model_policy none = {.offline_grace_ms = 1};
	check(model_set_policy(model, &none, 1, &findings, &why) == ERR_OK);
	for (size_t i = 0; i < 2; i++)
		check(model_stage_cluster(model, &clusters[i], &findings, &why) == ERR_OK);
	stage(model, "one", 2);
	stage(model, "many", ADDRESSES_MAX);
	check(model_commit(model, COMMIT_REPLACE, 1, &findings, &why) == ERR_OK);
	check(zone_set_policy(made, &policy, &why) == ERR_OK);
	check(zone_update(made, model, 1, &findings, &why) == ERR_OK);
	model_free(model);
	return made;
}

static void ask(struct zone *zone, const uint8_t *data, size_t size, bool tcp)
{
	static uint8_t reply[MESSAGE_SIZE_MAX];
	struct answer_counters counters = {0};
	const struct query query = {
		.data = data, .size = size, .client = {6, {1}}, .tcp = tcp, .keepalive_100ms = 100};
	const struct root *root = zone_enter(zone, 0);
	size_t got = respond(root, &counters, &query, reply, tcp ? sizeof reply : 4096);
	zone_leave(zone, 0);
	check(got <= (tcp ? sizeof reply : 1232));
	if (size < 12 || (data[2] & 0x80) != 0) {
		check(got == 0);
		return;
	}
	check(got >= 12 && reply[0] == data[0] && reply[1] == data[1]);
	check((reply[2] & 0x80) != 0 && (reply[2] & 0x79) == (data[2] & 0x79));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct zone *zone; /* made once: making it is most of the work */
	if (zone == NULL)
		zone = zone_make();
	if (size > MESSAGE_SIZE_MAX)
		return 0;
	ask(zone, data, size, false);
	ask(zone, data, size, true);
	return 0;
}
