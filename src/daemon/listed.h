/* listed: the addresses that a service lists, one by one, and whether a rung answers with them. */
#ifndef FEDNS_DAEMON_LISTED_H
#define FEDNS_DAEMON_LISTED_H

#include "fedns/compile.h"
#include "fedns/model.h"

/** Takes an address of a cluster; `host` is the name it was found by, NULL: listed itself. False:
 * enough. */
typedef bool listed_taker(void *arg, uint16_t cluster, const struct address *address,
                          const struct name *host);

/** Those of all clusters, by cluster name. `service` by value: the walk moves in it. */
void listed_walk(const struct model *model, struct service_view service, listed_taker *take,
                 void *arg);
/** How many there are of one cluster. */
size_t listed_count(const struct model *model, const struct ingress_view *ingress);
bool rung_holds(const struct rung *rung, const struct address *address);
/** Does any rung? */
bool ladder_holds(const struct ladder *ladder, const struct address *address);

#endif
