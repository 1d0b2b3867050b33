/* crowd: which of many connections has to go when they are too many or hold too much.
 *
 * tcp.c, connection.c --> [crowd.h]
 */
#ifndef FEDNS_SERVE_CROWD_H
#define FEDNS_SERVE_CROWD_H

#include "connection.h"

/** Do two addresses count as one client? IPv6: those of one /64, which is what a host gets. */
bool client_same(const struct address *a, const struct address *b);

/** Close the connection that has been idle longest; is none idle, the one that got nowhere for
 * longest; counted by `why`. False: there is none. */
bool crowd_evict(struct connections *all, enum serve_drop why);

/** Make room for one more connection of `client`: where it has its share, its oldest idle one goes.
 * False: none of them is idle. */
bool crowd_admit(struct connections *all, const struct address *client);

/** Close those that hold most, until all together hold no more than the limits say. */
void crowd_trim(struct connections *all);

/**
 * Close those that nothing came from, or that took nothing of what waits for them, for idle_ms; and
 * those that have been there for total_ms, once nothing is under way, or at the latest after
 * idle_ms more.
 */
void crowd_expire(struct connections *all);

#endif
