/* The answer path alone: nanoseconds a query of each kind, from a message in memory to a reply in
 * memory.
 *
 * usage: bench_respond [SERVICES [QUERIES [KIND]]]      KIND: one line of the output only, for
 * callgrind
 */
#include "federation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_SIZE = 320, MESSAGES = 65536 };

static const struct kind {
	const char *name, *format; /* of the service's number and the namespace's */
	uint16_t type;
	uint8_t rcode, answers;
} KINDS[] = {
	{"global", "svc-%06u.ns-%u.fed.svc.example", TYPE_A, RCODE_NOERROR, 2},
	{"zone", "svc-%06u.ns-%u.fed.svc.z1.r1.example", TYPE_A, RCODE_NOERROR, 1},
	{"ladder", "svc-%06u.ns-%u.fed.svc.z2.r2.example", TYPE_A, RCODE_NOERROR, 4},
	{"srv", "_http._tcp.svc-%06u.ns-%u.fed.svc.z1.r1.example", TYPE_SRV, RCODE_NOERROR, 1},
	{"nodata", "svc-%06u.ns-%u.fed.svc.example", TYPE_AAAA, RCODE_NOERROR, 0},
	{"nxdomain", "no-%06u.ns-%u.fed.svc.example", TYPE_A, RCODE_NXDOMAIN, 0},
};

static uint8_t messages[MESSAGES][MESSAGE_SIZE];
static size_t sizes[MESSAGES];

static size_t message_make(const char *text, uint16_t type, uint8_t *out)
{
	static const uint8_t HEADER[12] = {0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1};
	static const uint8_t OPT[11] = {0, 0, 41, 4, 0xd0};
	struct name name;
	struct why why;
	must(name_parse(bytes_of(text), &name, &why), &why);
	uint8_t *at = out;
	memcpy(at, HEADER, sizeof HEADER);
	at += sizeof HEADER;
	memcpy(at, name.octets, name.size);
	at += name.size;
	const uint8_t end[4] = {0, (uint8_t)type, 0, CLASS_IN};
	memcpy(at, end, sizeof end);
	memcpy(at + sizeof end, OPT, sizeof OPT);
	return (size_t)(at - out) + sizeof end + sizeof OPT;
}

static void messages_make(const struct kind *kind, unsigned services)
{
	uint32_t random = 1;
	for (unsigned i = 0; i < MESSAGES; i++) {
		char text[128];
		random = random * 1664525u + 1013904223u;
		unsigned n = (random >> 8) % services;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(text, sizeof text, kind->format, n, n % 1000);
#pragma GCC diagnostic pop
		sizes[i] = message_make(text, kind->type, messages[i]);
	}
}

static void kind_run(struct federation *federation, const struct kind *kind, unsigned services,
                     unsigned queries)
{
	static uint8_t reply[4096];
	struct answer_counters counters = {0};
	messages_make(kind, services);
	int64_t begin_ns = now_ns();
	const struct root *root = zone_enter(federation->zone, 0);
	for (unsigned i = 0; i < queries; i++) {
		const struct query query = {.data = messages[i % MESSAGES],
		                            .size = sizes[i % MESSAGES],
		                            .client = {4, {127, 0, 0, 1}}};
		size_t size = respond(root, &counters, &query, reply, sizeof reply);
		if (size == 0 || (reply[3] & 15) != kind->rcode || reply[7] != kind->answers)
			exit(3);
	}
	zone_leave(federation->zone, 0);
	(void)printf("%-9s %6.1f ns\n", kind->name, (double)(now_ns() - begin_ns) / queries);
}

int main(int argc, char **argv)
{
	unsigned services = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 10000;
	unsigned queries = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 2000000;
	struct federation federation;
	federation_open(&federation, services);
	for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
		if (argc < 4 || strcmp(argv[3], KINDS[i].name) == 0)
			kind_run(&federation, &KINDS[i], services, queries);
	}
	federation_close(&federation);
	return 0;
}
