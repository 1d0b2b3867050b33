/* verify_facts: what was asked of the real DNS, and what came back. Gathered by verify_gather.c,
 * judged by verify_judge.c, which is pure. */
#ifndef FEDNS_DAEMON_VERIFY_FACTS_H
#define FEDNS_DAEMON_VERIFY_FACTS_H

#include "fedns/ask.h"
#include "fedns/daemon.h"

/* Every zone that works has fewer of both; the rest is said and left out. */
#define VERIFY_SERVERS_MAX   16                       /* names of one NS set */
#define VERIFY_ADDRESSES_MAX 16                       /* of one name */
#define VERIFY_HOSTS_MAX     (2 * VERIFY_SERVERS_MAX) /* ours, and those the parent alone has */
#define VERIFY_SEATS_MAX     (VERIFY_SERVERS_MAX * VERIFY_ADDRESSES_MAX)

struct verify_names {
	struct name names[VERIFY_SERVERS_MAX];
	size_t count;
	bool cut; /* there were more */
};

/** What became of one question. */
struct verify_answer {
	bool asked, answered;
	bool aa;
	uint16_t rcode;
	char why[WHY_TEXT_SIZE]; /* where it was not answered */
};

struct verify_glue {
	uint8_t name; /* in `ns` */
	struct address address;
};

/** One of the parent's servers, at one of its addresses. */
struct verify_parent {
	struct name server;
	struct ask_server at;
	bool no_route; /* from this machine */
	struct verify_answer answer;
	struct verify_names ns; /* of our zone */
	bool referral;          /* the parent's own word: with glue */
	struct verify_glue glue[VERIFY_SEATS_MAX];
	size_t glue_count;
};

/** A name server, by its name. */
struct verify_host {
	struct name name;                               /* size 0: only its address is known */
	bool wanted;                                    /* `nameservers` has it */
	bool delegated;                                 /* the parent has it */
	bool alias;                                     /* RFC 2181 section 10.3 forbids that */
	bool looked_up;                                 /* a resolver said something of it */
	struct address addresses[VERIFY_ADDRESSES_MAX]; /* where it is asked */
	size_t address_count;
};

enum verify_question { VERIFY_SOA_UDP, VERIFY_SOA_TCP, VERIFY_NS, VERIFY_QUESTIONS };

/** A name server of ours, at one of its addresses. */
struct verify_seat {
	size_t host;
	struct ask_server at;
	bool no_route;
	bool responder; /* not of the delegation: what this configuration lets listen, if it does */
	struct verify_answer answers[VERIFY_QUESTIONS];
	bool has_serial[2]; /* by UDP, by TCP */
	uint32_t serials[2];
	uint32_t soa_ttl_s;
	struct verify_names ns;
	uint32_t samples_silent, samples_wrong; /* bit i: sample i */
};

struct verify_facts {
	const struct zone_policy *policy;
	bool hosted; /* by a provider: the parent's NS set is what counts */
	struct name zone, parent;
	struct verify_parent *parents; /* [VERIFY_SEATS_MAX] */
	size_t parent_count;
	struct verify_host hosts[VERIFY_HOSTS_MAX];
	size_t host_count;
	struct verify_seat *seats; /* [VERIFY_SEATS_MAX] */
	size_t seat_count;
	bool cut; /* there was more than a *_MAX of these */
	const struct verify_sample *samples;
	size_t sample_count;
};

bool verify_names_have(const struct verify_names *names, const struct name *name);
/** Once each; beyond VERIFY_SERVERS_MAX `cut` is set. */
void verify_names_add(struct verify_names *names, const struct name *name);
bool verify_address_among(const struct address *addresses, size_t count,
                          const struct address *address);
/** What `nameservers` says of `name`, or NULL. */
const struct nameserver *verify_nameserver(const struct verify_facts *facts,
                                           const struct name *name);
/** The zone that a seat answers for: a provider's may lie above ours. */
const struct name *verify_seat_zone(const struct verify_facts *facts,
                                    const struct verify_seat *seat);
/** Was there any answer by it? */
bool verify_seat_spoke(const struct verify_seat *seat);
/** Did it say something of the zone: answered, NOERROR, authoritative? */
bool verify_answer_good(const struct verify_answer *answer);

typedef void verify_take(void *arg, const struct verify_finding *finding);

/** Hand over what is wrong, in the order in which it is best mended. Pure. */
void verify_judge(const struct verify_facts *facts, verify_take *take, void *arg);

struct verify_judging {
	const struct verify_facts *facts;
	verify_take *take;
	void *arg;
	struct verify_finding finding; /* what is being put together */
};

/** One sentence and its mend. `text` and `mend` go through the formats of the same name. */
void verify_blame(struct verify_judging *judging, enum severity severity, const char *reason,
                  const char *fmt, ...) PRINTF(4, 5);
/** The mend of what verify_blame() said; hands it over. */
void verify_mend(struct verify_judging *judging, const char *fmt, ...) PRINTF(2, 3);
/** verify_judge()'s second half: the name servers themselves. */
void verify_judge_seats(struct verify_judging *judging);

struct verify_text {
	char text[NAME_TEXT_SIZE];
};
/** A name for printf: verify_text(&name).text. */
struct verify_text verify_text(const struct name *name);

/** Ask all. ERR_IO, ERR_INVALID, ERR_MISSING: could not be done, `why` says what stands in the way.
 */
MUST_CHECK enum err verify_gather(const struct verify_ask *ask, struct verify_facts *facts,
                                  struct why *why);

/** Has the answer section the values of `sample`, all of them and no other? */
bool verify_sample_is(const struct verify_sample *sample, const struct ask_reply *reply);

#endif
