/* Named ports of services: checked, folded, laid out in a service's block and read from it. */
#include "model_internal.h"

#include <stdlib.h>
#include <string.h>

const char *protocol_text(enum protocol protocol)
{
	static const char *const WORDS[PROTOCOLS] = {
		[PROTOCOL_TCP] = "TCP", [PROTOCOL_UDP] = "UDP", [PROTOCOL_SCTP] = "SCTP"};
	assert(protocol < PROTOCOLS);
	return WORDS[protocol];
}

/* A port whose name is folded, and where it stood. */
struct candidate {
	struct port port;
	size_t turn;
	uint8_t octets[PORT_NAME_SIZE_MAX];
};

static int name_compare_of(const struct candidate *a, const struct candidate *b)
{
	int order = bytes_compare(a->port.name, b->port.name);
	if (order != 0)
		return order;
	return (a->port.protocol > b->port.protocol) - (a->port.protocol < b->port.protocol);
}

/* Of two of one name and protocol the later one stands first. */
static int candidate_compare(const void *left, const void *right)
{
	const struct candidate *a = *(const struct candidate *const *)left;
	const struct candidate *b = *(const struct candidate *const *)right;
	int order = name_compare_of(a, b);
	return order != 0 ? order : (a->turn < b->turn) - (a->turn > b->turn);
}

static bool name_good(const struct service_seen *seen, struct bytes name, struct findings *findings)
{
	if (label_is_host(name) && name.size <= PORT_NAME_SIZE_MAX)
		return true;
	findings_add(
		findings, SEVERITY_WARNING, FINDING_LABEL,
		"service %.*s/%.*s: port \"%.*s\" can't be a DNS label behind an underscore; it has "
		"no SRV record",
		BYTES_SHOWN(seen->namespace), BYTES_SHOWN(seen->name), BYTES_SHOWN(name));
	return false;
}

/* The good ones, sorted, in `order`. Returns how many. */
static size_t candidates_collect(const struct service_seen *seen, struct findings *findings,
                                 struct candidate *candidates, struct candidate **order)
{
	size_t count = 0;
	for (size_t i = 0; i < seen->port_count; i++) {
		const struct port *port = &seen->ports[i];
		assert(port->number != 0 && port->protocol < PROTOCOLS);
		if (!name_good(seen, port->name, findings))
			continue;
		struct candidate *candidate = &candidates[count];
		candidate->port = *port;
		candidate->turn = i;
		label_fold(port->name, candidate->octets);
		candidate->port.name.data = candidate->octets;
		order[count++] = candidate;
	}
	if (count > 1)
		qsort(order, count, sizeof order[0], candidate_compare);
	return count;
}

static void double_report(const struct service_seen *seen, const struct port *port,
                          struct findings *findings)
{
	findings_add(findings, SEVERITY_WARNING, FINDING_DUPLICATE,
	             "service %.*s/%.*s: port %.*s of %s is there twice; the last one counts",
	             BYTES_SHOWN(seen->namespace), BYTES_SHOWN(seen->name), BYTES_SHOWN(port->name),
	             protocol_text(port->protocol));
}

static size_t block_put(const struct port *port, uint8_t *out)
{
	const struct port_block head = {.number = port->number,
	                                .protocol = (uint8_t)port->protocol,
	                                .name_size = (uint8_t)port->name.size};
	size_t size = sizeof head + padded(port->name.size);
	memset(out, 0, size);
	memcpy(out, &head, sizeof head);
	memcpy(out + sizeof head, port->name.data, port->name.size);
	return size;
}

size_t port_blocks_build(const struct service_seen *seen, struct findings *findings, uint8_t *out,
                         uint8_t *count)
{
	struct candidate candidates[PORTS_MAX], *order[PORTS_MAX];
	*count = 0;
	if (seen->port_count > PORTS_MAX) {
		findings_add(findings, SEVERITY_ERROR, FINDING_LIMIT,
		             "service %.*s/%.*s: more than %d named ports; none of them has SRV records",
		             BYTES_SHOWN(seen->namespace), BYTES_SHOWN(seen->name), PORTS_MAX);
		return 0;
	}
	size_t size = 0, found = candidates_collect(seen, findings, candidates, order);
	for (size_t i = 0; i < found; i++) {
		if (i > 0 && name_compare_of(order[i - 1], order[i]) == 0) {
			double_report(seen, &order[i]->port, findings);
			continue;
		}
		size += block_put(&order[i]->port, out + size);
		(*count)++;
	}
	return size;
}

bool model_port_next(struct service_view *service, struct port *out)
{
	if (service->ports_left == 0)
		return false;
	const struct port_block *block = service->port_at;
	*out = (struct port){
		{block->name, block->name_size}, (enum protocol)block->protocol, block->number};
	service->port_at = port_after(block);
	service->ports_left--;
	return true;
}
