/* world: a small federation in memory, written in a line and asked in a line, for the tests of
 * compile and answer. */
#ifndef FEDNS_TESTS_WORLD_H
#define FEDNS_TESTS_WORLD_H

#include "fedns/answer.h"

#define WORLD_TEXT_SIZE 8192

struct world {
	struct model *model;
	struct zone *zone;
	struct answer_policy policy;
	struct findings findings;
	unsigned finding_count;
	struct finding last_finding;
	int64_t now_ms;
	const char *ports; /* world_ports() */
	struct why why;
	char text[WORLD_TEXT_SIZE]; /* of the last answer */
};

/** Zone example., federation fed, TTL 180, negative TTL 30, ns1.example. with 192.0.2.53; no
 * clusters. */
void world_init(struct world *world);
void world_clear(struct world *world);

/** Stage a cluster: "cn-a: za, zb" is region and zones; "" neither. `ready_since_ms` counts for
 * READY_FALSE. */
void world_cluster(struct world *world, const char *name, const char *place, enum ready ready,
                   int64_t ready_since_ms);
/** Stage a service: "c1=192.0.2.1,2001:db8::1 c2= c3=lb.example.net". Names that aren't addresses
 * are host names. */
void world_service(struct world *world, const char *name, const char *ingresses);
/** The same with options. */
void world_service_with(struct world *world, const char *name, const char *ingresses,
                        uint32_t ttl_s, enum fallback fallback, enum all_down all_down);
/** Named ports of the services staged from now on: "http:80 dns:53/UDP"; borrowed. */
void world_ports(struct world *world, const char *ports);
void world_gone(struct world *world, const char *name);
void world_resolved(struct world *world, const char *host, uint8_t family, const char *addresses);

/** Replace the verdicts of a service in force. */
void world_verdicts(struct world *world, const char *name, const struct verdict *verdicts,
                    size_t count);
/** The id of a cluster. */
uint16_t world_cluster_id(const struct world *world, const char *name);

/** Commit and publish; both must succeed. */
void world_commit(struct world *world, enum commit how);
/** Publish; must succeed. */
void world_publish(struct world *world);

/** Write a query (QR clear, RD set, no EDNS) into `out[512]`; returns its size. */
size_t world_query(const char *name, uint16_t type, uint8_t *out);

/**
 * Ask the published root, over TCP, and give the answer as text, read by ldns: the RCODE, "aa" and
 * "tc", then each RR's owner, type and RDATA by section: "NOERROR aa; a.example. A 192.0.2.1, ...;
 * example. SOA; ". A SOA's RDATA is left out.
 */
const char *world_ask(struct world *world, const char *name, uint16_t type);
/** A question, and what world_ask() is to say of it. */
struct world_question {
	const char *name;
	uint16_t type;
	const char *answer;
};
void world_ask_all(struct world *world, const struct world_question *questions, size_t count);
/** The TTL of the first RR of such an answer. */
uint32_t world_ask_ttl(struct world *world, const char *name, uint16_t type);
/** The same over UDP without EDNS: 512 octets at most. */
const char *world_ask_udp(struct world *world, const char *name, uint16_t type);

/** The text of any reply. */
const char *world_reply(struct world *world, const uint8_t *reply, size_t size);

#endif
