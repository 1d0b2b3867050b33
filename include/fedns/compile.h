/* compile: the rules of the records: model in, rungs and RRsets out. Pure. The rules have numbers
 * ("rule 4"), by which all rooms name them: src/compile/README.md.
 *
 * model.h --> [compile.h] --> answer.h (rungs), render and provider (RRsets)
 */
#ifndef FEDNS_COMPILE_H
#define FEDNS_COMPILE_H

#include "fedns/base.h"
#include "fedns/dns.h"
#include "fedns/findings.h"
#include "fedns/model.h"

#define NAMESERVERS_MAX          16 /* NS at the apex; more than the root has */
#define NAMESERVER_ADDRESSES_MAX 16 /* glue of one */
/* A, AAAA and CNAME RRs of all services. SRV RRs come on top: they cost nothing until they are
 * asked for, and PORTS_MAX bounds them. */
#define RECORDS_MAX 1000000
/* The same of one service: all of 100 clusters with 64 addresses at three levels. Only invented
 * clusters and `flatten` at hundreds of places come above. */
#define SERVICE_RECORDS_MAX 20000
#define TTL_MAX_S           86400
/* What one message of 65,535 octets carries beside question, ladder and OPT, at 16 and 28 octets an
 * address. */
#define LEVEL_V4_MAX 4000
#define LEVEL_V6_MAX 2300

struct nameserver {
	struct name name;
	struct address addresses[NAMESERVER_ADDRESSES_MAX];
	size_t address_count;
};

/** How many addresses of a level must serve: fewer, and it climbs the ladder rather than overload
 * them. A level climbs only where one above it has more, and never while all that it lists serve.
 */
struct min_healthy {
	uint32_t count;  /* 0: by percent */
	uint8_t percent; /* of the level's addresses, rounded up, 0..100; both 0: one is enough */
};

/** What the configuration says of the records. */
struct zone_policy {
	struct name zone;   /* apex */
	struct name suffix; /* where the ladder hangs: at or below `zone` */
	uint8_t federation_size;
	uint8_t federation[LABEL_SIZE_MAX]; /* label, lower case */
	uint32_t ttl_s;                     /* 1..TTL_MAX_S */
	uint32_t negative_ttl_s;            /* SOA MINIMUM, RFC 2308 section 4 */
	struct name contact;                /* SOA RNAME */
	struct nameserver nameservers[NAMESERVERS_MAX];
	size_t nameserver_count; /* at least 1; the first is SOA MNAME */
	enum fallback fallback;  /* never DEFAULT */
	enum all_down all_down;  /* never DEFAULT */
	/* Levels with an unsteady address (struct verdict) carry at most this TTL; 0: as always. */
	uint32_t ttl_min_s;
	struct min_healthy min_healthy; /* of zone and region levels */
	/* ALL_DOWN_LAST: those that went out within this time before the last one did. Withdrawn
	 * clusters have their moment, so among them only those that went with the last one. */
	int64_t last_window_ms;
};

/** What stands behind SVC.NS at a place: FED.svc.ZONE.REGION.SUFFIX. */
struct tail {
	struct name name; /* size 0: above 255 octets, no service has a name here */
	enum level level;
	uint16_t parent; /* place */
};

/** The tails of all places of `model`, by place; `out[PLACES_MAX]`. Returns the count. A tail too
 * long is a finding. */
size_t compile_tails(const struct model *model, const struct zone_policy *policy,
                     struct findings *findings, struct tail *out);

/** Is `name` one of the ladder's, of whatever region, zone and service: at or below FED.svc, with
 * up to two labels between it and the suffix? */
bool ladder_has(const struct zone_policy *policy, const struct name *name);

/** Addresses at one place. */
struct rung {
	uint16_t place;
	struct address_set addresses; /* never empty; at most LEVEL_V4_MAX and LEVEL_V6_MAX */
	uint32_t ttl_s;
};

/** A place that lists addresses and has none of its own in the answers: it climbs. Of the global
 * place: nothing serves any more, whatever stands there for want of better. */
struct climb {
	uint16_t place;
	/* enum reason: of the last one that went out, or why those that serve don't do */
	uint8_t reason;
	bool brief; /* it may have a rung soon again: its CNAME lives no longer than that */
};

/** All that one service publishes. Borrowed from the compiler until its next use. */
struct ladder {
	uint8_t key_size;
	uint8_t key[SERVICE_KEY_SIZE_MAX]; /* SVC.NS */
	bool flatten;             /* fallback: carry the next level's addresses; else a CNAME */
	uint32_t ttl_s;           /* of CNAMEs, but for those that are brief */
	const struct rung *rungs; /* by place, ascending; only places with addresses */
	size_t rung_count;
	const struct climb *climbs; /* by place, ascending */
	size_t climb_count;
	uint32_t brief_ttl_s;     /* of the CNAMEs that are brief */
	bool all_down;            /* nothing serves: all_down said what stands on the rungs */
	const struct port *ports; /* by name and protocol */
	size_t port_count;
};

/** Scratch memory of the compiler, reused from service to service. */
struct compiler;
MUST_CHECK struct compiler *compiler_new(void);
/** NULL is fine. */
void compiler_free(struct compiler *compiler);

/**
 * Compile service `id` (which must exist): rules 2 to 5, 7 and 9, and its verdicts. An address
 * serves when its cluster is not withdrawn and no verdict has it out. A level that lost one family,
 * which serves above it, climbs whole: a CNAME can't stand for one family alone. ERR_NOMEM: `out`
 * is empty. Reports levels above LEVEL_*_MAX.
 */
MUST_CHECK enum err compile_service(struct compiler *compiler, const struct model *model,
                                    const struct zone_policy *policy, uint32_t id,
                                    struct findings *findings, struct ladder *out, struct why *why);

/** The TTL of the CNAME at `place`, which has no rung. */
uint32_t ladder_cname_ttl(const struct ladder *ladder, uint16_t place);

/** How `place` climbs, or NULL. */
const struct climb *ladder_climb(const struct ladder *ladder, uint16_t place);

/** The rung for `place` itself, or NULL: fall back. */
const struct rung *ladder_rung(const struct ladder *ladder, uint16_t place);

/** Most octets of "_PORT._PROTO" as wire labels. */
#define PORT_LABELS_SIZE_MAX (LABEL_SIZE_MAX + 1 + 6)

/** Write the labels that stand before a service's name for `port` (RFC 2782) to
 * `out[PORT_LABELS_SIZE_MAX]`. Returns the octets. */
size_t port_labels_put(const struct port *port, uint8_t *out);

/** Takes each RRset; anything but ERR_OK ends the walk and is handed up. */
typedef enum err rrset_taker(void *arg, const struct rrset *set, struct why *why);

/**
 * Every RRset of `ladder` at every place whose name fits into 255 octets (rule 4), a SRV RRset of
 * each named port among them wherever there are addresses. Names that don't fit are a finding.
 *
 * A SRV's target is the level's own name, or, where that is a CNAME, the first name up the ladder
 * that has addresses: a target must not be an alias (RFC 2782).
 */
MUST_CHECK enum err ladder_rrsets(const struct ladder *ladder, const struct tail *tails,
                                  size_t tail_count, struct findings *findings, rrset_taker *take,
                                  void *arg, struct why *why);

/** RRs of a ladder by their type. */
struct record_counts {
	uint32_t a, aaaa, cname, srv;
};
/** Those that limits and `status` count: SRVs follow from them. */
static inline size_t record_total(const struct record_counts *counts)
{
	return (size_t)counts->a + counts->aaaa + counts->cname;
}

enum room {
	ROOM_ENOUGH,
	ROOM_SERVICE_FULL, /* the service has more than SERVICE_RECORDS_MAX */
	ROOM_ZONE_FULL,    /* the zone would have more than RECORDS_MAX */
};

/**
 * Is there room for the RRs of `ladder` beside `others` of other services? If not, that is
 * reported, and the service has to be left out: one that is too large must not hold up the others
 * (rule 6).
 * `*records`: as ladder_records().
 */
enum room ladder_room(const struct ladder *ladder, const struct tail *tails, size_t tail_count,
                      size_t others, struct findings *findings, struct record_counts *records);

/** How many RRs ladder_rrsets() would give. */
void ladder_records(const struct ladder *ladder, const struct tail *tails, size_t tail_count,
                    struct record_counts *out);

/** The RRsets of every service, as ladder_rrsets() gives them, in no order that matters; services
 * for which ladder_room() finds none are left out. */
MUST_CHECK enum err model_rrsets(const struct model *model, const struct zone_policy *policy,
                                 struct findings *findings, rrset_taker *take, void *arg,
                                 struct why *why);

/** SOA, NS, and the addresses of name servers that lie in the zone (RFC 1035 section 4.2.1). SOA
 * first. */
MUST_CHECK enum err apex_rrsets(const struct zone_policy *policy, uint32_t serial,
                                rrset_taker *take, void *arg, struct why *why);

#endif
