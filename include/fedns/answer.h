/* answer: the published state and the path from a question to its answer.
 *
 * compile.h --> [answer.h] --> serve.h
 *
 * `struct zone` belongs to the control thread and publishes immutable roots through a cell; workers
 * enter a root, answer any number of questions from it by respond(), and leave it. No lock, no
 * allocation, no system call on their side.
 */
#ifndef FEDNS_ANSWER_H
#define FEDNS_ANSWER_H

#include "fedns/address.h"
#include "fedns/base.h"
#include "fedns/compile.h"
#include "fedns/findings.h"
#include "fedns/model.h"

#define READERS_MAX      64  /* DNS workers; each reads by a slot of its own */
#define ALLOW_MAX        256 /* prefixes of who may ask */
#define MESSAGE_SIZE_MAX 65535

/* --- publishing: control thread only ------------------------------------------------------ */

struct zone;

/** A zone that is not ready: respond() answers SERVFAIL. `readers` 1..READERS_MAX; `seed` is
 * secret. NULL: no memory. */
MUST_CHECK struct zone *zone_new(unsigned readers, uint64_t seed);
/** Every reader has left and its thread has been joined. NULL is fine. */
void zone_free(struct zone *zone);

#define COOKIE_SECRET_SIZE 16
#define COOKIE_SECRETS_MAX 2   /* the one that makes cookies, and the one before or after it */
#define IDENTITY_TEXT_SIZE 128 /* its NUL included; a TXT string and NSID hold more than enough */

/** DNS cookies (RFC 7873, RFC 9018). */
struct cookie_policy {
	uint8_t secrets[COOKIE_SECRETS_MAX][COOKIE_SECRET_SIZE]; /* the first makes, all are taken */
	uint8_t secret_count;                                    /* 0: no cookies at all */
	bool required; /* UDP clients that know cookies get BADCOOKIE without a good one */
};

/** What the server says of itself: class CH (RFC 4892), NSID (RFC 5001). */
struct identity {
	char version[IDENTITY_TEXT_SIZE]; /* version.bind, version.server */
	char id[IDENTITY_TEXT_SIZE];      /* id.server, hostname.bind, NSID; empty: none */
	bool hide;                        /* say nothing of it */
};

/** What answering needs beside the records. */
struct answer_policy {
	struct zone_policy zone;
	struct cookie_policy cookies;
	struct identity identity;
	uint16_t udp_size;              /* largest UDP message sent, and EDNS size offered: 512..4096 */
	struct prefix allow[ALLOW_MAX]; /* who may ask; others are REFUSED */
	size_t allow_count;
};

/** Set or replace the policy, copied; takes effect, whole, with the next zone_update(). ERR_NOMEM:
 * the old one stays. */
MUST_CHECK enum err zone_set_policy(struct zone *zone, const struct answer_policy *policy,
                                    struct why *why);

/**
 * Say whether what is served is older than what the source would say now, because that can't be
 * read; takes effect with the next zone_update(). Answers then carry an extended error (RFC 8914).
 */
void zone_set_stale(struct zone *zone, bool stale);

/**
 * Publish what changed in `model`: only the changed services are compiled and replaced, unless the
 * policy or the places moved. All of it becomes visible at once, with a new serial: `serial_hint`
 * (say, the time) or the last serial + 1, whichever is later (RFC 1982). Nothing changed: nothing
 * is published. The model's changes are taken on success only.
 *
 * A service above SERVICE_RECORDS_MAX, or that RECORDS_MAX has no room for, is reported and left as
 * it was published before, if it was; it is tried again as soon as there is room. So no service can
 * hold up another. ERR_NOMEM; ERR_AGAIN (readers hold too many old roots): the old state is served
 * on, and the same call may succeed later.
 */
MUST_CHECK enum err zone_update(struct zone *zone, struct model *model, uint32_t serial_hint,
                                struct findings *findings, struct why *why);

/** Free old roots that no reader holds any more. Returns how many are still held. */
size_t zone_sweep(struct zone *zone);

struct zone_stats {
	uint32_t serial;
	size_t services, records;
};
void zone_stats(const struct zone *zone, struct zone_stats *out);

/** RRs that are published, by their type. */
struct zone_records {
	struct record_counts services;
	size_t a, aaaa, ns, soa; /* the zone's own */
};
void zone_records(const struct zone *zone, struct zone_records *out);

/** Levels of services that moved with what was published. A change of the places themselves moves
 * no level: they are others then. */
struct zone_counters {
	/* fedns_failovers_total: a level of a service that had addresses of its own in the answers, and
	 * now climbs to the next one, though it lists some; by the reason of the last one that went
	 * out, or why those that serve are too few. Of the global level: nothing serves any more. */
	uint64_t failovers[LEVEL_COUNT][REASONS];
	uint64_t failbacks[LEVEL_COUNT]; /* it answers with its own again */
};
/** Since the start. */
void zone_counters(const struct zone *zone, struct zone_counters *out);

/** By the last zone_update(). */
struct zone_moves {
	struct zone_counters levels;
	size_t services;  /* of which some level moved */
	uint32_t service; /* the first of them: its id in the model */
};
void zone_moves(const struct zone *zone, struct zone_moves *out);
/** Those of several updates together. */
void zone_moves_add(struct zone_moves *to, const struct zone_moves *more);

/* --- reading: workers --------------------------------------------------------------------- */

struct root;

/** Reader `slot` only. Valid until zone_leave(); pairs do not nest. Never NULL. */
const struct root *zone_enter(struct zone *zone, unsigned slot);
void zone_leave(struct zone *zone, unsigned slot);

/* --- answering ---------------------------------------------------------------------------- */

/** How a query came in. */
struct query {
	const uint8_t *data; /* the message */
	size_t size;
	struct address client;
	bool tcp;
	uint16_t keepalive_100ms; /* TCP: how long an idle connection is kept (RFC 7828); 0: not told */
	uint32_t now_s;           /* seconds since 1970, modulo 2^32: the age of cookies */
};

/** Types of questions as they are counted: those that an operator looks for, and all others. */
enum asked_type {
	ASKED_OTHER, /* those without a question, too */
	ASKED_A,
	ASKED_AAAA,
	ASKED_CNAME,
	ASKED_SRV,
	ASKED_NS,
	ASKED_SOA,
	ASKED_TXT,
	ASKED_PTR,
	ASKED_MX,
	ASKED_HTTPS,
	ASKED_SVCB,
	ASKED_DS,
	ASKED_DNSKEY,
	ASKED_ANY,
	ASKED_TYPES /* how many */
};
/** "A", ..., "other". */
const char *asked_type_text(enum asked_type type);

/** Why respond() says nothing. */
enum answer_drop {
	ANSWER_DROP_SHORT,    /* less than a header */
	ANSWER_DROP_RESPONSE, /* no query */
	ANSWER_DROPS          /* how many */
};

#define RCODES_COUNTED 24 /* extended RCODEs of RFC 6895; BADCOOKIE is 23 */

/** What one worker counts. Its own: others see what serve makes of it (crew_counters()). uint64_t
 * alone. */
struct answer_counters {
	uint64_t queries, truncated;
	uint64_t dropped[ANSWER_DROPS];
	uint64_t rcodes[RCODES_COUNTED];
	uint64_t asked[2][2][ASKED_TYPES]; /* by TCP or not, by IPv6 or not, by type */
};

/**
 * Answer one message from `root` into `reply` of `room` octets (at least 512; 65,535 for TCP).
 * Returns the reply's size; 0: drop silently (not a query, or shorter than a header). Pure: the
 * same input gives the same output, any input is fine, and the reply never exceeds what the client
 * may get (RFC 1035 section 4.2.1, RFC 6891 section 6.2.5).
 */
size_t respond(const struct root *root, struct answer_counters *counters, const struct query *query,
               uint8_t *reply, size_t room);

#endif
