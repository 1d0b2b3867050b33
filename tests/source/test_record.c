/* record: a service packed into octets and back, several of them into one, and the room there is.
 */
#include "check.h"

#include "record.h"

#include <stdlib.h>
#include <string.h>

struct bed {
	struct buf packed, second;
	struct unpacked *out;
};

static void begin(struct bed *bed)
{
	buf_init(&bed->packed, (size_t)1 << 20);
	buf_init(&bed->second, (size_t)1 << 20);
	bed->out = malloc(sizeof *bed->out);
	assert_non_null(bed->out);
	unpacked_begin(bed->out, bytes_of("n"), bytes_of("s"));
}

static void end(struct bed *bed)
{
	buf_free(&bed->packed);
	buf_free(&bed->second);
	free(bed->out);
}

static void pack(struct buf *buf, const struct service_seen *seen)
{
	assert_int_equal(record_pack(seen, buf), ERR_OK);
}

static struct address v4(uint8_t last)
{
	return (struct address){.family = 4, .octets = {192, 0, 2, last}};
}

static struct port named(const char *name, uint16_t number, enum protocol protocol)
{
	return (struct port){.name = bytes_of(name), .protocol = protocol, .number = number};
}

static void everything_comes_back(void **state)
{
	(void)state;
	struct bed bed;
	begin(&bed);
	struct address addresses[] = {v4(1), {.family = 6, .octets = {0x20, 1, [15] = 9}}};
	struct name host = {.size = 3, .octets = {1, 'h', 0}};
	struct port ports[] = {named("http", 80, PROTOCOL_TCP), named("", 65535, PROTOCOL_UDP)};
	struct ingress_seen ingresses[] = {
		{.cluster = bytes_of("a"), .addresses = addresses, .address_count = 2},
		{.cluster = bytes_of("b"), .hosts = &host, .host_count = 1},
		{.cluster = bytes_of("c")},
	};
	const struct service_seen seen = {.ttl_s = 4000000000u,
	                                  .probe = {PROBE_HTTP, 8080, bytes_of("/healthz")},
	                                  .tcp_port = 443,
	                                  .ports = ports,
	                                  .port_count = 2,
	                                  .ingresses = ingresses,
	                                  .ingress_count = 3};
	pack(&bed.packed, &seen);
	record_unpack(buf_bytes(&bed.packed), bed.out);
	const struct service_seen *out = &bed.out->seen;
	assert_true(bytes_equal(out->namespace, bytes_of("n")));
	assert_int_equal(out->ttl_s, 4000000000u);
	assert_int_equal(out->probe.kind, PROBE_HTTP);
	assert_int_equal(out->probe.port, 8080);
	assert_true(bytes_equal(out->probe.path, bytes_of("/healthz")));
	assert_int_equal(out->tcp_port, 443);
	assert_int_equal(out->port_count, 2);
	assert_int_equal(out->ports[1].number, 65535);
	assert_int_equal(out->ports[1].protocol, PROTOCOL_UDP);
	assert_int_equal(out->ports[1].name.size, 0);
	assert_int_equal(out->ingress_count, 3);
	assert_true(bytes_equal(out->ingresses[0].cluster, bytes_of("a")));
	assert_int_equal(out->ingresses[0].address_count, 2);
	assert_memory_equal(out->ingresses[0].addresses[0].octets, addresses[0].octets, 4);
	assert_memory_equal(out->ingresses[0].addresses[1].octets, addresses[1].octets, 16);
	assert_int_equal(out->ingresses[1].host_count, 1);
	assert_int_equal(out->ingresses[1].hosts[0].size, 3);
	assert_memory_equal(out->ingresses[1].hosts[0].octets, host.octets, 3);
	assert_int_equal(out->ingresses[2].address_count + out->ingresses[2].host_count, 0);
	end(&bed);
}

/* A catalog tells what moved by the octets. */
static void equal_services_give_equal_octets(void **state)
{
	(void)state;
	struct bed bed;
	begin(&bed);
	struct port port;
	struct address addresses[2];
	memset(&port, 0xff, sizeof port);
	memset(addresses, 0xff, sizeof addresses); /* padding, and what IPv4 leaves free */
	port = named("x", 1, PROTOCOL_TCP);
	addresses[0] = addresses[1] = v4(1);
	memset(addresses[0].octets + 4, 1, 12);
	struct ingress_seen ingress = {.cluster = bytes_of("a"), .address_count = 1};
	struct service_seen seen = {
		.ports = &port, .port_count = 1, .ingresses = &ingress, .ingress_count = 1};
	ingress.addresses = &addresses[0];
	pack(&bed.packed, &seen);
	ingress.addresses = &addresses[1];
	pack(&bed.second, &seen);
	assert_true(bytes_equal(buf_bytes(&bed.packed), buf_bytes(&bed.second)));
	assert_in_range(bed.packed.size, 20, 60);
	addresses[1].octets[3]++;
	pack(&bed.second, &seen);
	assert_false(bytes_equal(buf_bytes(&bed.packed), buf_bytes(&bed.second)));
	end(&bed);
}

static void the_first_record_decides_and_the_others_add(void **state)
{
	(void)state;
	struct bed bed;
	begin(&bed);
	struct port first[] = {named("http", 80, PROTOCOL_TCP), named("http", 80, PROTOCOL_UDP)};
	struct port second[] = {named("HTTP", 81, PROTOCOL_TCP), named("dns", 53, PROTOCOL_UDP)};
	struct ingress_seen a = {.cluster = bytes_of("a")}, b = {.cluster = bytes_of("b")};
	pack(&bed.packed, &(struct service_seen){.ttl_s = 5,
	                                         .tcp_port = 80,
	                                         .ports = first,
	                                         .port_count = 2,
	                                         .ingresses = &a,
	                                         .ingress_count = 1});
	pack(&bed.second, &(struct service_seen){.ttl_s = 6,
	                                         .tcp_port = 81,
	                                         .probe = {PROBE_HTTP, 81, bytes_of("/x")},
	                                         .ports = second,
	                                         .port_count = 2,
	                                         .ingresses = &b,
	                                         .ingress_count = 1});
	record_unpack(buf_bytes(&bed.packed), bed.out);
	record_unpack(buf_bytes(&bed.second), bed.out);
	assert_int_equal(bed.out->seen.ttl_s, 5);
	assert_int_equal(bed.out->seen.probe.kind, PROBE_DEFAULT);
	assert_int_equal(bed.out->seen.tcp_port, 80);
	assert_int_equal(bed.out->seen.port_count, 3);
	assert_int_equal(bed.out->ports[0].number, 80);
	assert_int_equal(bed.out->ports[2].number, 53);
	assert_int_equal(bed.out->seen.ingress_count, 2);
	assert_true(bytes_equal(bed.out->ingresses[1].cluster, bytes_of("b")));
	end(&bed);
}

/* The whole room by one record, and what a second has is left out, without a step beyond. */
static void what_is_beyond_the_room_is_left_out(void **state)
{
	(void)state;
	struct bed bed;
	begin(&bed);
	struct address *addresses = calloc(ANNOTATION_ADDRESSES_MAX, sizeof *addresses);
	struct name *hosts = calloc(ANNOTATION_HOSTS_MAX, sizeof *hosts);
	struct port ports[PORTS_READ_MAX];
	assert_non_null(addresses);
	assert_non_null(hosts);
	for (size_t i = 0; i < ANNOTATION_ADDRESSES_MAX; i++)
		addresses[i] = v4((uint8_t)i);
	for (size_t i = 0; i < ANNOTATION_HOSTS_MAX; i++)
		hosts[i] = (struct name){.size = 3, .octets = {1, 'h', 0}};
	for (size_t i = 0; i < PORTS_READ_MAX; i++)
		ports[i] = named("p", (uint16_t)i, PROTOCOL_TCP);
	struct ingress_seen ingress = {.cluster = bytes_of("a"),
	                               .addresses = addresses,
	                               .address_count = ANNOTATION_ADDRESSES_MAX,
	                               .hosts = hosts,
	                               .host_count = ANNOTATION_HOSTS_MAX};
	pack(&bed.packed, &(struct service_seen){.ports = ports,
	                                         .port_count = PORTS_READ_MAX,
	                                         .ingresses = &ingress,
	                                         .ingress_count = 1});
	ports[0].name = bytes_of("q");
	ingress.address_count = ingress.host_count = 2;
	pack(&bed.second,
	     &(struct service_seen){
			 .ports = ports, .port_count = 1, .ingresses = &ingress, .ingress_count = 1});
	record_unpack(buf_bytes(&bed.packed), bed.out);
	for (size_t i = 0; i < ANNOTATION_ENTRIES_MAX + 1; i++)
		record_unpack(buf_bytes(&bed.second), bed.out);
	assert_int_equal(bed.out->seen.port_count, PORTS_READ_MAX);
	assert_int_equal(bed.out->seen.ingress_count, ANNOTATION_ENTRIES_MAX);
	assert_int_equal(bed.out->address_count, ANNOTATION_ADDRESSES_MAX);
	assert_int_equal(bed.out->host_count, ANNOTATION_HOSTS_MAX);
	assert_int_equal(bed.out->ingresses[1].address_count + bed.out->ingresses[1].host_count, 0);
	free(addresses);
	free(hosts);
	end(&bed);
}

static void a_buffer_that_is_too_small_is_an_error(void **state)
{
	(void)state;
	struct bed bed;
	begin(&bed);
	struct port port = named("http", 80, PROTOCOL_TCP);
	struct address address = v4(1);
	struct ingress_seen ingress = {
		.cluster = bytes_of("a"), .addresses = &address, .address_count = 1};
	const struct service_seen seen = {.probe = {PROBE_HTTP, 0, bytes_of("/")},
	                                  .ports = &port,
	                                  .port_count = 1,
	                                  .ingresses = &ingress,
	                                  .ingress_count = 1};
	pack(&bed.packed, &seen);
	for (size_t size = 1; size <= bed.packed.size; size++) {
		struct buf small;
		buf_init(&small, size);
		assert_int_equal(record_pack(&seen, &small), size < bed.packed.size ? ERR_LIMIT : ERR_OK);
		buf_free(&small);
	}
	end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_comes_back),
		cmocka_unit_test(equal_services_give_equal_octets),
		cmocka_unit_test(the_first_record_decides_and_the_others_add),
		cmocka_unit_test(what_is_beyond_the_room_is_left_out),
		cmocka_unit_test(a_buffer_that_is_too_small_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
