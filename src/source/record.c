#include "record.h"

#include <assert.h>
#include <string.h>

struct record {
	uint32_t ttl_s;
	uint8_t fallback, all_down;
	uint8_t port_count;
	uint8_t probe; /* a struct probe_head follows the ports, unless it is PROBE_DEFAULT */
	uint16_t ingress_count;
	uint16_t tcp_port;
};

struct probe_head {
	uint16_t port, path_size;
};

struct port_head {
	uint16_t number;
	uint8_t protocol, name_size;
};

struct ingress_head {
	uint16_t cluster_size, address_count, host_count;
};

static enum err put(struct buf *out, const void *data, size_t size)
{
	return size == 0 ? ERR_OK : buf_add(out, (struct bytes){data, size});
}

static enum err port_put(struct buf *out, const struct port *port)
{
	if (port->name.size > UINT8_MAX)
		return ERR_LIMIT;
	const struct port_head head = {port->number, (uint8_t)port->protocol, (uint8_t)port->name.size};
	enum err err = put(out, &head, sizeof head);
	return err == ERR_OK ? put(out, port->name.data, port->name.size) : err;
}

static enum err probe_put(struct buf *out, const struct probe_wish *wish)
{
	if (wish->kind == PROBE_DEFAULT)
		return ERR_OK;
	const struct probe_head head = {wish->port, (uint16_t)wish->path.size};
	enum err err = put(out, &head, sizeof head);
	return err == ERR_OK ? put(out, wish->path.data, wish->path.size) : err;
}

static enum err address_put(struct buf *out, const struct address *address)
{
	enum err err = put(out, &address->family, 1);
	return err == ERR_OK ? put(out, address->octets, address_size(address->family)) : err;
}

static enum err ingress_put(struct buf *out, const struct ingress_seen *seen)
{
	if (seen->cluster.size > UINT16_MAX || seen->address_count > UINT16_MAX ||
	    seen->host_count > UINT16_MAX)
		return ERR_LIMIT;
	const struct ingress_head head = {(uint16_t)seen->cluster.size, (uint16_t)seen->address_count,
	                                  (uint16_t)seen->host_count};
	enum err err = put(out, &head, sizeof head);
	if (err == ERR_OK)
		err = put(out, seen->cluster.data, seen->cluster.size);
	for (size_t i = 0; i < seen->address_count && err == ERR_OK; i++)
		err = address_put(out, &seen->addresses[i]);
	for (size_t i = 0; i < seen->host_count && err == ERR_OK; i++)
		err = put(out, &seen->hosts[i], 1u + seen->hosts[i].size);
	return err;
}

enum err record_pack(const struct service_seen *seen, struct buf *out)
{
	if (seen->port_count > PORTS_READ_MAX || seen->ingress_count > ANNOTATION_ENTRIES_MAX ||
	    seen->probe.path.size > PROBE_PATH_SIZE_MAX)
		return ERR_LIMIT;
	struct record head;
	memset(&head, 0, sizeof head); /* padding too: records are compared as octets */
	head.ttl_s = seen->ttl_s;
	head.fallback = (uint8_t)seen->fallback;
	head.all_down = (uint8_t)seen->all_down;
	head.port_count = (uint8_t)seen->port_count;
	head.probe = (uint8_t)seen->probe.kind;
	head.tcp_port = seen->tcp_port;
	head.ingress_count = (uint16_t)seen->ingress_count;
	out->size = 0;
	enum err err = put(out, &head, sizeof head);
	for (size_t i = 0; i < seen->port_count && err == ERR_OK; i++)
		err = port_put(out, &seen->ports[i]);
	if (err == ERR_OK)
		err = probe_put(out, &seen->probe);
	for (size_t i = 0; i < seen->ingress_count && err == ERR_OK; i++)
		err = ingress_put(out, &seen->ingresses[i]);
	return err;
}

/* --- back --------------------------------------------------------------------------------- */

void unpacked_begin(struct unpacked *unpacked, struct bytes namespace, struct bytes name)
{
	unpacked->seen = (struct service_seen){.namespace = namespace,
	                                       .name = name,
	                                       .ports = unpacked->ports,
	                                       .ingresses = unpacked->ingresses};
	unpacked->address_count = unpacked->host_count = 0;
}

static void take(const uint8_t **at, void *out, size_t size)
{
	memcpy(out, *at, size);
	*at += size;
}

/* Of ports that several records have the first counts: the members agree, or nobody can. */
static bool port_is_there(const struct unpacked *unpacked, const struct port *port)
{
	for (size_t i = 0; i < unpacked->seen.port_count; i++) {
		const struct port *have = &unpacked->ports[i];
		if (have->protocol == port->protocol && bytes_equal_nocase(have->name, port->name))
			return true;
	}
	return false;
}

static void port_take(const uint8_t **at, struct unpacked *out, bool first)
{
	struct port_head head;
	take(at, &head, sizeof head);
	const struct port port = {{*at, head.name_size}, (enum protocol)head.protocol, head.number};
	*at += head.name_size;
	if (out->seen.port_count < PORTS_READ_MAX && (first || !port_is_there(out, &port)))
		out->ports[out->seen.port_count++] = port;
}

/* Like every option, that of the first record counts. */
static void probe_take(const uint8_t **at, struct unpacked *out, enum probe_kind kind, bool first)
{
	struct probe_head head;
	if (kind == PROBE_DEFAULT)
		return;
	take(at, &head, sizeof head);
	if (first)
		out->seen.probe = (struct probe_wish){kind, head.port, {*at, head.path_size}};
	*at += head.path_size;
}

static void address_take(const uint8_t **at, struct unpacked *out, struct ingress_seen *ingress)
{
	struct address address = {.family = *(*at)++};
	take(at, address.octets, address_size(address.family));
	if (out->address_count == ANNOTATION_ADDRESSES_MAX)
		return;
	out->addresses[out->address_count++] = address;
	ingress->address_count++;
}

static void host_take(const uint8_t **at, struct unpacked *out, struct ingress_seen *ingress)
{
	struct name host;
	take(at, &host.size, 1);
	take(at, host.octets, host.size);
	if (out->host_count == ANNOTATION_HOSTS_MAX)
		return;
	out->hosts[out->host_count++] = host;
	ingress->host_count++;
}

static void ingress_take(const uint8_t **at, struct unpacked *out)
{
	struct ingress_head head;
	take(at, &head, sizeof head);
	struct ingress_seen ingress = {.cluster = {*at, head.cluster_size},
	                               .addresses = out->addresses + out->address_count,
	                               .hosts = out->hosts + out->host_count};
	*at += head.cluster_size;
	for (unsigned i = 0; i < head.address_count; i++)
		address_take(at, out, &ingress);
	for (unsigned i = 0; i < head.host_count; i++)
		host_take(at, out, &ingress);
	if (out->seen.ingress_count < ANNOTATION_ENTRIES_MAX)
		out->ingresses[out->seen.ingress_count++] = ingress;
}

void record_unpack(struct bytes record, struct unpacked *out)
{
	struct record head;
	const uint8_t *at = record.data;
	bool first = out->seen.ingress_count == 0;
	take(&at, &head, sizeof head);
	if (first) {
		out->seen.ttl_s = head.ttl_s;
		out->seen.fallback = (enum fallback)head.fallback;
		out->seen.all_down = (enum all_down)head.all_down;
		out->seen.tcp_port = head.tcp_port;
	}
	for (unsigned i = 0; i < head.port_count; i++)
		port_take(&at, out, first);
	probe_take(&at, out, (enum probe_kind)head.probe, first);
	for (unsigned i = 0; i < head.ingress_count; i++)
		ingress_take(&at, out);
	assert(at == record.data + record.size);
}
