/* ask: one DNS question to one server, as whoever checks a delegation asks it: without recursion,
 * by UDP or TCP, and the whole answer looked at.
 *
 * dns.h --> [ask.h] --> daemon (`fedns verify`), provider (has the change arrived?)
 */
#ifndef FEDNS_ASK_H
#define FEDNS_ASK_H

#include "fedns/address.h"
#include "fedns/base.h"
#include "fedns/dns.h"
#include "fedns/resolver.h"

#include <uv.h>

/* Of one answer that are handed over; the rest is cut. */
#define ASK_RRS_MAX 512
/* By each transport; by UDP it is sent once more after a third of it. */
#define ASK_TIMEOUT_MS 3000
/* Questions on the wire at once, a socket each; the rest wait in line. */
#define ASK_FLIGHT_MAX  64
#define ASK_WAITING_MAX 8192 /* in that line */

/** Room for "[ADDRESS]:PORT". */
#define ASK_SERVER_TEXT_SIZE (ADDRESS_TEXT_SIZE + 9)

struct asker;

struct ask_rr {
	struct name owner;
	uint16_t type;
	uint32_t ttl_s;
	struct bytes rdata; /* uncompressed, as struct rrset has it; its names in lower case */
};
enum ask_section { ASK_ANSWER, ASK_AUTHORITY, ASK_ADDITIONAL, ASK_SECTIONS /* how many */ };

/** Borrowed for the callback. */
struct ask_reply {
	bool answered;   /* else `why` says what happened */
	const char *why; /* a sentence: "192.0.2.1:53 by UDP: no answer within 3 s" */
	bool aa;
	bool tc;        /* truncated, by UDP also where this answer then came by TCP */
	bool tcp;       /* by which it came, or was last tried */
	uint16_t rcode; /* extended */
	const struct ask_rr *rrs[ASK_SECTIONS]; /* of class IN, without the OPT */
	size_t rr_count[ASK_SECTIONS];
	uint32_t took_ms;
};
typedef void ask_done(void *arg, const struct ask_reply *reply);

/** What to ask. A truncated UDP answer is asked again by TCP. */
struct ask {
	struct address server;
	uint16_t port;           /* 0: 53 */
	const struct name *name; /* copied */
	uint16_t type;
	bool tcp;     /* by TCP from the start */
	bool recurse; /* RD: for a resolver, to find the servers */
};

MUST_CHECK enum err asker_new(uv_loop_t *loop, struct asker **out, struct why *why);
/** Questions under way are not told any more. Handles close on the loop. NULL is fine. */
void asker_free(struct asker *asker);
/** `done` is called once, on the loop, never from within. ERR_LIMIT, ERR_NOMEM, ERR_INVALID (a name
 * with a zero octet): it isn't. */
MUST_CHECK enum err asker_ask(struct asker *asker, const struct ask *ask, ask_done *done, void *arg,
                              struct why *why);

/** Where a server is. */
struct ask_server {
	struct address address;
	uint16_t port;
};

/** "ADDRESS:PORT", "[ADDRESS]:PORT" or "ADDRESS" (port 53). */
MUST_CHECK enum err ask_server_parse(const char *text, struct ask_server *out, struct why *why);
/** "192.0.2.1:53", "[2001:db8::1]:53" into `text[ASK_SERVER_TEXT_SIZE]`. */
void ask_server_text(const struct ask_server *server, char *text);
/** The resolvers of these texts; count 0: those of /etc/resolv.conf, at most RESOLVERS_MAX. */
MUST_CHECK enum err ask_resolvers(const char *const *texts, size_t count,
                                  struct ask_server out[RESOLVERS_MAX], size_t *out_count,
                                  struct why *why);
/** Has this machine any way to `address`? Nothing is sent. */
bool ask_route(const struct address *address);
/** Is `address` one of this machine's? */
bool ask_local(const struct address *address);

#endif
