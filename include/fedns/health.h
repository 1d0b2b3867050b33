/* health: which addresses may be answered. Pure: results, commands and times in; verdicts for the
 * model, and targets to be probed, out.
 *
 * model.h --> [health.h] --> prober.h, daemon
 *
 * A target is an address, a port and a check; all services with the same share it. Each has a
 * verdict by the table in src/health/README.md. What an operator says (drain, force) is kept a
 * service and cluster, and stands above it.
 */
#ifndef FEDNS_HEALTH_H
#define FEDNS_HEALTH_H

#include "fedns/address.h"
#include "fedns/base.h"
#include "fedns/model.h"
#include "fedns/reason.h"

#define HEALTH_TARGETS_MAX 200000
/* The last quarter of them is for namespaces that have but a few: whoever lists whatever he likes
 * fills no more than the rest. */
#define HEALTH_TARGETS_SHARED(max) ((max) / 4 * 3)
#define HEALTH_TARGETS_FEW(max)    ((max) / 200)
#define HEALTH_ASK_AGAIN_MS        10000
#define HEALTH_ORDERS_MAX          10000 /* drains and forces */
#define HEALTH_HOST_SIZE_MAX       255
#define HEALTH_SELF_CHECKS_MAX     16
#define HEALTH_NEVER_MAX           64
#define HEALTH_FREE_SHARES         4 /* small namespaces that may lose all at once, whatever the share */
#define HEALTH_FREE_MAX            1000

/** What is asked; texts NUL-terminated. */
struct health_target {
	struct address address;
	uint16_t port;
	enum probe_kind kind; /* TCP, HTTP or HTTPS; of the core NONE, too: not asked, but known */
	const char *path;     /* of http and https */
	const char *host;     /* Host header and SNI; likewise */
};

enum health_state {
	HEALTH_UNKNOWN,    /* not probed yet, or not at all: answered (but another check's `out` holds
	                      until the first result) */
	HEALTH_HEALTHY,    /* answered */
	HEALTH_FAILING,    /* bad results, fewer than `fall`: answered, unsteady */
	HEALTH_UNHEALTHY,  /* out, unless it is suspected or held; begins so by another check, where the
	                      failback waits */
	HEALTH_RECOVERING, /* good results, fewer than `rise`, or its failback waits: out, unsteady */
	HEALTH_STATES      /* how many */
};

const char *health_state_text(enum health_state state);

enum failback { FAILBACK_PREEMPT, FAILBACK_HOLD, FAILBACK_MANUAL };

struct health_policy {
	enum probe_kind probe; /* NONE: services without a wish of their own are not probed */
	uint16_t port;         /* 0: the service's first TCP port */
	const char *path, *host;
	const char *global; /* what follows SVC.NS. in the host where none is given; NULL: none then */
	int64_t interval_ms, timeout_ms;
	unsigned rise, fall;
	bool self_checks; /* there are some: before their first result nothing is proved */
	enum failback failback;
	int64_t hold_ms;
	/* Of a namespace's addresses, this share may go within a minute, then the rest is held. Where
	 * that is less than `withdraw_free`, so many may, as long as all such namespaces together lose
	 * no more than the same share of what they have, or HEALTH_FREE_SHARES times withdraw_free. */
	unsigned max_withdraw_percent; /* 0: nothing goes; 100: no limit */
	unsigned withdraw_free;
	/* Whoever lists an address says what is asked of it, from where we stand: these never are. */
	struct prefix never[HEALTH_NEVER_MAX];
	size_t never_count;
};

enum order_kind { ORDER_DRAIN, ORDER_UP, ORDER_DOWN };

/** What an operator said. */
struct health_order {
	enum order_kind kind;
	struct bytes cluster;
	struct bytes namespace, service; /* labels; empty: all services of the cluster (drain alone) */
	int64_t since_ms;                /* since 1970 */
	bool unseen; /* given before: taken even where cluster or service are not there (yet) */
};

/** One line a transition, as it is logged. */
struct health_news {
	const struct health_target *target; /* NULL: of the whole (suspicion, hold) */
	enum health_state from, to;         /* the same: it is judged otherwise, `reason` says why */
	uint8_t reason;
	bool out;        /* services leave it out from now on */
	size_t services; /* uses by services that it touches; of the whole: targets */
	const char *why; /* the probe's sentence, or ours */
	/* The first of those uses; empty: there is none, or it is gone. */
	struct bytes namespace, service, cluster;
};

struct health_setup {
	struct model *model; /* whose verdicts it sets */
	struct health_policy policy;
	void *arg;
	/** Probe this target from now on, or no longer; `id` is reused after that. Never one of kind
	 * NONE. False: not now; it is asked for again, HEALTH_ASK_AGAIN_MS later. */
	bool (*probe)(void *arg, uint32_t id, const struct health_target *target);
	void (*unprobe)(void *arg, uint32_t id);
	void (*news)(void *arg, const struct health_news *news);
};

struct health;

MUST_CHECK enum err health_new(const struct health_setup *setup, struct health **out,
                               struct why *why);
/** NULL is fine. */
void health_free(struct health *health);
MUST_CHECK enum err health_set_policy(struct health *health, const struct health_policy *policy,
                                      int64_t now_ms, struct why *why);

/** Before each publish. The model's services, addresses or clusters may have changed: targets come
 * and go; and what results have moved since is brought to the model. `changes` as model_changes()
 * tells them, before they are taken; verdicts that it sets are added to them. ERR_LIMIT (some
 * services are not probed), ERR_NOMEM (health_tick() tries again): all others are as they should
 * be. */
MUST_CHECK enum err health_look(struct health *health, const struct model_changes *changes,
                                int64_t now_ms, struct why *why);
/** A probe's result. Returns whether verdicts of the model change with the next health_look() or
 * health_tick(), so that it should be published soon: many results together. */
bool health_result(struct health *health, uint32_t id, bool good, const char *why, int64_t now_ms);
/** A self check's result: `i` of those configured. They alone say whether our own network is
 * suspected. */
bool health_self_result(struct health *health, size_t i, bool good, int64_t now_ms);
/** Let time pass. Returns health_next(); `*changed` as health_result(). Costs as much as what is
 * due; nothing is due before health_next(). */
int64_t health_tick(struct health *health, int64_t now_ms, bool *changed);
/** The ms since 1970 of the next moment at which something changes by itself, or INT64_MAX. Any
 * other call may move it; asking costs nothing. */
int64_t health_next(const struct health *health);

/** Give an order; it replaces one of the same cluster and service. ERR_MISSING (no such cluster or
 * service, but for `unseen`), ERR_INVALID, ERR_LIMIT, ERR_NOMEM. */
MUST_CHECK enum err health_order(struct health *health, const struct health_order *order,
                                 int64_t now_ms, struct why *why);
/** Take it back; of a force this is "auto", which ends a waiting failback, too. ERR_MISSING. */
MUST_CHECK enum err health_order_end(struct health *health, const struct health_order *order,
                                     int64_t now_ms, struct why *why);
/** All orders, for the file that keeps them; false: no more. */
bool health_orders(const struct health *health, size_t i, struct health_order *out);
/** Let go what max_withdraw holds back. Returns how many addresses of services. */
size_t health_approve(struct health *health, int64_t now_ms);

struct health_totals {
	size_t targets, by_state[HEALTH_STATES];
	size_t orders, held; /* addresses of services that wait for an approval */
	bool suspected;      /* our own network */
};
void health_totals(const struct health *health, struct health_totals *out);

/** Counted since the start. */
struct health_counters {
	uint64_t moves[REASONS]; /* transitions of targets (health_news), by the reason after it */
	uint64_t left_out;       /* addresses of services that went out by their probes */
	uint64_t taken_in;       /* and came back */
};
void health_counters(const struct health *health, struct health_counters *out);

/** What `explain` tells of one address of a service in one cluster. */
struct health_view {
	const struct health_target *target; /* what is asked; NULL: it is not probed */
	bool probed;
	enum health_state state;
	uint8_t reason;
	bool out;
	unsigned good, bad;          /* results in a row */
	int64_t since_ms, result_ms; /* of the state, of the last result; since 1970, 0: none */
	int64_t next_ms;             /* when it may change by itself; 0: by results alone */
	const char *why;             /* the last bad result's sentence; "" */
};
void health_view(const struct health *health, uint32_t service, uint16_t cluster,
                 const struct address *address, struct health_view *out);
/* Of a target that more services share, the others' clusters are not looked for. */
#define HEALTH_USES_TOLD 16
/** The clusters that list target `id`, each once, by the first HEALTH_USES_TOLD services that use
 * it. Returns how many. */
size_t health_target_clusters(const struct health *health, uint32_t id,
                              uint16_t out[HEALTH_USES_TOLD]);
/** How many targets wait for an approval; asking costs nothing. */
size_t health_held(const struct health *health);
/** The i-th address of `service` that is known here, as health_probed(); NULL: no more. Borrowed
 * until the next call that changes anything. */
const struct address *health_address(const struct health *health, uint32_t service, size_t i);
/** The i-th address of `service` that is probed, its cluster and its state; false: no more. */
bool health_probed(const struct health *health, uint32_t service, size_t i, uint16_t *cluster,
                   enum health_state *state);

#endif
