/* verify_gather: what its two halves share: the parent's side, and our servers'. */
#ifndef FEDNS_DAEMON_VERIFY_GATHER_H
#define FEDNS_DAEMON_VERIFY_GATHER_H

#include "verify_errand.h"
#include "verify_facts.h"

#define VERIFY_PORT_DNS 53

struct gathering {
	const struct verify_ask *ask;
	struct verify_facts *facts;
	struct rounds *rounds;
	struct name apex;           /* what the last SOA was of; size 0: none */
	struct verify_names naming; /* the parent's name servers */
	struct verify_host *above;  /* [VERIFY_SERVERS_MAX]: the same, with their addresses */
	struct why why;             /* of the last answer that was none */
};

/** What the resolver is asked of one host. */
struct looking {
	struct gathering *gathering;
	struct verify_host *host;
	bool keep; /* its addresses; else only whether it is an alias */
};

/** Both families of all[index].host. `all` must stay until rounds_wait(). */
void verify_look_up(struct looking *all, size_t index);

void verify_host_address_add(struct gathering *gathering, struct verify_host *host,
                             const struct address *address);

/** Ask each of our name servers, wherever it is. */
MUST_CHECK enum err verify_gather_seats(struct gathering *gathering, struct why *why);

/* Of an answer. */
/** A name in RDATA; size 0 where it can't be one. */
struct name verify_target_of(const struct ask_rr *rr);
/** False: it is neither A nor AAAA. */
bool verify_address_of(const struct ask_rr *rr, struct address *out);
void verify_answer_take(struct verify_answer *answer, const struct ask_reply *reply);
/** The targets of the NS records that `owner` has in one section. */
void verify_ns_take(struct verify_names *names, const struct ask_reply *reply,
                    enum ask_section section, const struct name *owner);

#endif
