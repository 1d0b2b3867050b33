#include "ports.h"

struct reading {
	const struct nodes *nodes;
	const struct service_seen *of;
	struct findings *findings;
};

static void odd(const struct reading *reading, struct bytes port, const char *sentence)
{
	findings_add(reading->findings, SEVERITY_WARNING, FINDING_OBJECT,
	             "service %.*s/%.*s: port \"%.*s\": %s; it has no SRV record",
	             BYTES_SHOWN(reading->of->namespace), BYTES_SHOWN(reading->of->name),
	             BYTES_SHOWN(port), sentence);
}

/* Core v1: absent means TCP. */
static bool take_protocol(const struct reading *reading, uint32_t item, struct port *out)
{
	uint32_t node = node_member(reading->nodes, item, "protocol");
	out->protocol = PROTOCOL_TCP;
	if (node_is_void(reading->nodes, node))
		return true;
	for (unsigned i = 0; i < PROTOCOLS; i++) {
		out->protocol = (enum protocol)i;
		if (node_type(reading->nodes, node) == NODE_STRING &&
		    node_is_text(reading->nodes, node, protocol_text(out->protocol)))
			return true;
	}
	odd(reading, out->name, "its protocol is none of TCP, UDP, SCTP");
	return false;
}

/* 0: none that makes sense. */
static uint16_t number_of(const struct nodes *nodes, uint32_t item)
{
	uint32_t node = node_member(nodes, item, "port");
	uint64_t number;
	bool good = node_type(nodes, node) == NODE_NUMBER &&
	            bytes_number(node_text(nodes, node), UINT16_MAX, &number);
	return good ? (uint16_t)number : 0;
}

static bool take_number(const struct reading *reading, uint32_t item, struct port *out)
{
	out->number = number_of(reading->nodes, item);
	if (out->number != 0)
		return true;
	odd(reading, out->name, "its number is not 1 to 65535");
	return false;
}

/* One item of the list. False: it has no name, or makes no sense. */
static bool take_port(const struct reading *reading, uint32_t item, struct port *out)
{
	uint32_t name = node_member(reading->nodes, item, "name");
	out->name = node_text(reading->nodes, name);
	if (node_type(reading->nodes, item) != NODE_OBJECT ||
	    (!node_is_void(reading->nodes, name) && node_type(reading->nodes, name) != NODE_STRING)) {
		odd(reading, out->name, "it is no object with a name");
		return false;
	}
	if (out->name.size > UINT8_MAX) { /* of shorter ones the model says what is wrong */
		odd(reading, out->name, "its name is too long for a label");
		return false;
	}
	/* A service's only port needs no name (core v1), and then there is nothing to ask for. */
	return out->name.size != 0 && take_protocol(reading, item, out) &&
	       take_number(reading, item, out);
}

size_t ports_read(const struct nodes *nodes, uint32_t list, const struct service_seen *of,
                  struct findings *findings, struct port *out)
{
	const struct reading reading = {nodes, of, findings};
	size_t count = 0;
	if (node_is_void(nodes, list))
		return 0;
	if (node_type(nodes, list) != NODE_ARRAY) {
		findings_add(findings, SEVERITY_WARNING, FINDING_OBJECT,
		             "service %.*s/%.*s: its ports are no array; it has no SRV records",
		             BYTES_SHOWN(of->namespace), BYTES_SHOWN(of->name));
		return 0;
	}
	for (uint32_t i = list + 1; i < node_next(nodes, list) && count < PORTS_READ_MAX;
	     i = node_next(nodes, i))
		count += take_port(&reading, i, &out[count]);
	return count;
}

uint16_t ports_first_tcp(const struct nodes *nodes, uint32_t list)
{
	if (node_type(nodes, list) != NODE_ARRAY)
		return 0;
	for (uint32_t i = list + 1; i < node_next(nodes, list); i = node_next(nodes, i)) {
		if (node_type(nodes, i) != NODE_OBJECT)
			continue;
		uint32_t protocol = node_member(nodes, i, "protocol");
		bool tcp = node_is_void(nodes, protocol) ||
		           (node_type(nodes, protocol) == NODE_STRING &&
		            node_is_text(nodes, protocol, protocol_text(PROTOCOL_TCP)));
		if (tcp && number_of(nodes, i) != 0)
			return number_of(nodes, i);
	}
	return 0;
}
