/* service_block: one service as one compact, immutable heap block. At 100,000 services this is the
 * model's weight: a service with two clusters of one IPv4 address each and a name of up to 20
 * octets takes 64 octets, the allocator's own included.
 *
 *     struct service | name, zero-padded to 4
 *     if it has a wish how it is probed: struct probe_block | path, zero-padded to 4
 *     for each named port: struct port_block | name, zero-padded to 4
 *     for each cluster: struct ingress | host ids | v4 octets | v6 octets
 *
 * Equal services have equal octets: clusters and ports stand by name, host ids, addresses sorted
 * and once each.
 */
#ifndef FEDNS_MODEL_SERVICE_BLOCK_H
#define FEDNS_MODEL_SERVICE_BLOCK_H

#include "fedns/model.h"

#include <assert.h>

struct service {
	uint32_t size : 20 /* octets of the whole block */, fallback : 4, all_down : 4, probe : 4;
	uint32_t namespace; /* id */
	uint32_t ttl_s : 24, port_count : 8 /* 0..PORTS_MAX */;
	uint16_t tcp_port;     /* 0: none */
	uint8_t name_size;     /* 1..LABEL_SIZE_MAX */
	uint8_t ingress_count; /* 1..INGRESSES_MAX */
	uint8_t name[];        /* label, lower case */
};

/** A wish other than PROBE_DEFAULT, which most services don't have. */
struct probe_block {
	uint16_t port;
	uint16_t path_size; /* 0..PROBE_PATH_SIZE_MAX */
	uint8_t path[];
};

struct port_block {
	uint16_t number;
	uint8_t protocol;
	uint8_t name_size; /* 1..PORT_NAME_SIZE_MAX */
	uint8_t name[];    /* lower case */
};

/** Four octets, all used: memcmp sees no padding. Multiples of four follow, so that host ids are
 * aligned. */
struct ingress {
	uint32_t cluster : 11, v4_count : 7, v6_count : 7, host_count : 7;
};
static_assert(sizeof(struct ingress) == 4, "packed");
static_assert(sizeof(struct service) == 16, "no padding");
static_assert(sizeof(struct probe_block) == 4 && PROBE_PATH_SIZE_MAX <= UINT16_MAX, "no padding");
#define INGRESS_SIZE_MAX (sizeof(struct ingress) + ADDRESSES_MAX * V6_SIZE + SERVICE_HOSTS_MAX * 4)
static_assert(sizeof(struct service) + LABEL_SIZE_MAX + 1 + sizeof(struct probe_block) +
                      PROBE_PATH_SIZE_MAX +
                      PORTS_MAX * (sizeof(struct port_block) + PORT_NAME_SIZE_MAX + 2) +
                      INGRESSES_MAX * INGRESS_SIZE_MAX <
                  1 << 20,
              "the size of the largest block fits");
static_assert(CLUSTER_NAMES_MAX < 1 << 11 && ADDRESSES_MAX < 1 << 7, "ids and counts fit");
static_assert(SERVICE_HOSTS_MAX < 1 << 7, "a cluster may have all host names of its service");
static_assert(INGRESSES_MAX <= UINT8_MAX && LABEL_SIZE_MAX <= UINT8_MAX, "counts fit");
static_assert(sizeof(struct port_block) == 4 && PORTS_MAX <= UINT8_MAX, "no padding, count fits");

static inline size_t service_head_size(size_t name_size)
{
	return sizeof(struct service) + padded(name_size);
}

/** What the service wishes of its probes; NULL: nothing. */
static inline const struct probe_block *service_probe(const struct service *service)
{
	const uint8_t *at = (const uint8_t *)service + service_head_size(service->name_size);
	return service->probe != PROBE_DEFAULT ? (const void *)at : NULL;
}

static inline const struct port_block *service_ports(const struct service *service)
{
	const struct probe_block *probe = service_probe(service);
	if (probe != NULL)
		return (const void *)(probe->path + padded(probe->path_size));
	return (const void *)((const uint8_t *)service + service_head_size(service->name_size));
}

static inline const struct port_block *port_after(const struct port_block *port)
{
	return (const void *)(port->name + padded(port->name_size));
}

static inline const struct ingress *service_first(const struct service *service)
{
	const struct port_block *port = service_ports(service);
	for (unsigned left = service->port_count; left > 0; left--)
		port = port_after(port);
	return (const void *)port;
}

static inline const uint32_t *ingress_hosts(const struct ingress *ingress)
{
	return (const void *)(ingress + 1);
}

static inline const uint8_t *ingress_v4(const struct ingress *ingress)
{
	return (const uint8_t *)(ingress_hosts(ingress) + ingress->host_count);
}

static inline const uint8_t *ingress_v6(const struct ingress *ingress)
{
	return ingress_v4(ingress) + (size_t)V4_SIZE * ingress->v4_count;
}

static inline const struct ingress *ingress_after(const struct ingress *ingress)
{
	return (const void *)(ingress_v6(ingress) + (size_t)V6_SIZE * ingress->v6_count);
}

#endif
