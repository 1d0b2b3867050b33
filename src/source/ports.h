/* ports: spec.ports of a Service. */
#ifndef FEDNS_SOURCE_PORTS_H
#define FEDNS_SOURCE_PORTS_H

#include "fedns/findings.h"
#include "fedns/model.h"
#include "node.h"

/** One above what the model takes, so that it sees that there are too many. */
#define PORTS_READ_MAX (PORTS_MAX + 1)

/**
 * The named ports in node `list` (NODE_ABSENT: none) of service `of`, as they stand, at most
 * PORTS_READ_MAX, into `out`. What makes no sense is a finding and left out. Returns how many;
 * names are borrowed from `nodes`.
 */
size_t ports_read(const struct nodes *nodes, uint32_t list, const struct service_seen *of,
                  struct findings *findings, struct port *out);

/** The first one of protocol TCP there, named or not; 0: none that makes sense. */
uint16_t ports_first_tcp(const struct nodes *nodes, uint32_t list);

#endif
