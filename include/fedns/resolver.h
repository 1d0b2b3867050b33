/* resolver: host names to addresses through c-ares on a libuv loop, without blocking it.
 *
 * dns.h --> [resolver.h] --> daemon (host-name ingresses), provider (its name servers)
 */
#ifndef FEDNS_RESOLVER_H
#define FEDNS_RESOLVER_H

#include "fedns/address.h"
#include "fedns/base.h"
#include "fedns/dns.h"

#include <uv.h>

#define RESOLVERS_MAX          8      /* servers to ask */
#define RESOLVER_FLIGHT_MAX    64     /* lookups on the wire at once; the rest wait in line */
#define RESOLVER_LATER_MAX     32     /* of them, from the line RESOLVER_LATER: half */
#define RESOLVER_WAITING_MAX   200000 /* of each line: both families of HOSTS_MAX names */
#define RESOLVED_ADDRESSES_MAX 256    /* of one reply; the rest is cut */

struct resolver;

/** Where a lookup waits. A name that fails holds its place until the servers' time is up, so those
 * that failed before wait by themselves: they fly where the first line is empty, and never take
 * more than RESOLVER_LATER_MAX places. */
enum resolver_line { RESOLVER_FIRST, RESOLVER_LATER, RESOLVER_LINES /* how many */ };

enum resolved_status {
	RESOLVED_ADDRESSES, /* at least one */
	RESOLVED_NODATA,    /* the name is there, this family is not */
	RESOLVED_NONAME,    /* NXDOMAIN */
	RESOLVED_FAILED,    /* no usable reply; `why` has the words */
	RESOLVED_CANCELLED, /* resolver_free() came first */
};

struct resolved {
	const struct name *host;
	uint8_t family; /* 4 or 6 */
	enum resolved_status status;
	const struct address *addresses; /* borrowed for the call */
	size_t address_count;
	uint32_t ttl_s; /* smallest TTL on the way, CNAMEs included; of NODATA and NONAME the SOA's
	                   negative TTL or 0 */
	const char *why;
};

/** Called once a lookup, on the loop, never from within resolver_ask(). */
typedef void resolver_done(void *arg, const struct resolved *resolved);

/** "ADDRESS:PORT", "[ADDRESS]:PORT" or "ADDRESS" (port 53) texts; count 0: those of
 * /etc/resolv.conf. */
MUST_CHECK enum err resolver_new(uv_loop_t *loop, const char *const *servers, size_t count,
                                 struct resolver **out, struct why *why);

/** End: waiting lookups are told RESOLVED_CANCELLED; handles close on the loop, which must run
 * until they have. NULL is fine. */
void resolver_free(struct resolver *resolver);

/** Look `host` up, absolute, no search list. ERR_LIMIT (`line` is full), ERR_NOMEM: `done` is not
 * called. */
MUST_CHECK enum err resolver_ask(struct resolver *resolver, const struct name *host, uint8_t family,
                                 enum resolver_line line, resolver_done *done, void *arg,
                                 struct why *why);

#endif
