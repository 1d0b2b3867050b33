/* model: what fedns knows of the federation: clusters, places, services, host names. Pure: no
 * clock, no socket, no log.
 *
 * source.h --events--> [model.h] --changes--> compile.h
 *
 * Events are staged, then committed whole or rolled back whole: a broken file or a half-read list
 * never shows. One thread uses a model at a time.
 */
#ifndef FEDNS_MODEL_H
#define FEDNS_MODEL_H

#include "fedns/address.h"
#include "fedns/base.h"
#include "fedns/dns.h"
#include "fedns/findings.h"
#include "fedns/reason.h"

/* The limits that the design carries; above them input is refused or left out, with a finding. */
#define SERVICES_MAX          100000 /* services with names */
#define CLUSTERS_MAX          100    /* clusters that the federation (or `topology`) knows */
#define CLUSTER_NAME_SIZE_MAX 253    /* octets: an object's name in Kubernetes */
#define CLUSTER_NAMES_MAX     2000 /* distinct cluster names, those only of annotations included */
#define ZONES_MAX             64   /* zones of one cluster: no cloud region comes near */
#define INGRESSES_MAX         100  /* clusters that one service lists */
#define ADDRESSES_MAX         64   /* addresses of one service in one cluster */
/* Host names of one service, each counted once: what one tenant can make the resolver ask for. */
#define SERVICE_HOSTS_MAX 100
#define HOSTS_MAX         100000 /* distinct ingress host names */
#define PORTS_MAX         32     /* named ports of one service: more than anybody has */
/* RFC 2782: an underscore stands before it in its label. */
#define PORT_NAME_SIZE_MAX (LABEL_SIZE_MAX - 1)
#define PLACES_MAX         (1 + CLUSTERS_MAX * (1 + ZONES_MAX))

enum level { LEVEL_GLOBAL, LEVEL_REGION, LEVEL_ZONE };
#define LEVEL_COUNT 3
/** "global", "region", "zone". */
const char *level_text(enum level level);

/** What is known of condition Ready: lost sight (Unknown, Offline, none) is READY_UNKNOWN. */
enum ready { READY_UNKNOWN, READY_TRUE, READY_FALSE };

enum fallback { FALLBACK_DEFAULT, FALLBACK_CNAME, FALLBACK_FLATTEN };
enum all_down { ALL_DOWN_DEFAULT, ALL_DOWN_LAST, ALL_DOWN_ALL, ALL_DOWN_EMPTY };

/** Of a service's port, in the order of their words in `protocol_text()`. */
enum protocol { PROTOCOL_TCP, PROTOCOL_UDP, PROTOCOL_SCTP, PROTOCOLS /* how many */ };

/** A named port of a service: what `_NAME._PROTOCOL` before its names stands for (RFC 2782). */
struct port {
	struct bytes name; /* without the underscore */
	enum protocol protocol;
	uint16_t number; /* 1..65535 */
};

/** How the addresses of a service are probed (fedns.io/probe). */
enum probe_kind { PROBE_DEFAULT, PROBE_NONE, PROBE_TCP, PROBE_HTTP, PROBE_HTTPS };
#define PROBE_PATH_SIZE_MAX 256

struct probe_wish {
	enum probe_kind kind; /* DEFAULT: as the configuration says, all of it */
	uint16_t port;        /* 0: the configuration's, or the service's first TCP port */
	struct bytes path;    /* of http and https; empty: the configuration's */
};

/** May this be asked for? A path of RFC 3986 with its slash, a query behind it perhaps, no
 * fragment; at most PROBE_PATH_SIZE_MAX. */
bool probe_path_valid(struct bytes path);

/**
 * Read "tcp", "tcp:443", "http:80/healthz", "https/", "none": a kind, then what of a port behind a
 * colon and of a path there is. False: it is none of these, and `*out` PROBE_DEFAULT. `out->path`
 * is borrowed from `text`.
 */
bool probe_wish_parse(struct bytes text, struct probe_wish *out);

/* --- events: what a source saw; all borrowed for the call --------------------------------- */

struct cluster_seen {
	struct bytes name;
	struct bytes region;       /* as given; empty: none. Checked and folded by the model */
	const struct bytes *zones; /* as given */
	size_t zone_count;
	enum ready ready;
	int64_t ready_since_ms; /* lastTransitionTime, ms since 1970; 0: not given or not readable */
};

struct ingress_seen {
	struct bytes cluster;            /* never empty */
	const struct address *addresses; /* publishable ones only */
	size_t address_count;
	const struct name *hosts; /* valid host names */
	size_t host_count;
};

struct service_seen {
	struct bytes namespace, name;
	uint32_t ttl_s; /* fedns.io/ttl; 0: the zone's */
	enum fallback fallback;
	enum all_down all_down;
	struct probe_wish probe;
	uint16_t tcp_port;        /* the first port of protocol TCP, named or not; 0: none */
	const struct port *ports; /* the named ones; of two of one name and protocol the last counts */
	size_t port_count;        /* above PORTS_MAX none counts, with a finding */
	const struct ingress_seen *ingresses; /* two of one cluster add up */
	size_t ingress_count; /* 0: without names (rule 1): as gone, but it counts as a duplicate */
};

/* --- the model ---------------------------------------------------------------------------- */

/** Overrides of one cluster by `topology`, key by key; makes the cluster known. */
struct topology {
	struct bytes cluster;
	bool has_region, has_zones;
	struct bytes region;
	const struct bytes *zones;
	size_t zone_count;
};

struct model_policy {
	const struct topology *topology; /* copied */
	size_t topology_count;
	int64_t offline_grace_ms;
};

/** Opaque. */
struct model;

/** An empty model without topology, with a grace of 60 s. NULL: no memory. */
MUST_CHECK struct model *model_new(uint64_t seed);
/** NULL is fine. */
void model_free(struct model *model);
/** The seed it was made with, for further tables that outsiders must not aim at. */
uint64_t model_seed(const struct model *model);

/**
 * Set or replace the policy (start, reload). Everything counts as changed. ERR_NOMEM, ERR_LIMIT
 * (more than CLUSTERS_MAX clusters): the old policy stays.
 */
MUST_CHECK enum err model_set_policy(struct model *model, const struct model_policy *policy,
                                     int64_t now_ms, struct findings *findings, struct why *why);

/**
 * Stage one object of a change set. Bad labels and limits inside the object are reported to
 * `findings` (its file and line are kept for what only the commit can see) and left out; of two
 * stagings of one object the last counts, with a finding. A service with a bad name or namespace is
 * a finding and not staged. ERR_NOMEM, ERR_LIMIT: the caller rolls back.
 */
MUST_CHECK enum err model_stage_cluster(struct model *model, const struct cluster_seen *seen,
                                        struct findings *findings, struct why *why);
MUST_CHECK enum err model_stage_service(struct model *model, const struct service_seen *seen,
                                        struct findings *findings, struct why *why);
/** Stage that an object is gone; unknown names are fine. */
MUST_CHECK enum err model_stage_cluster_gone(struct model *model, struct bytes name,
                                             struct why *why);
MUST_CHECK enum err model_stage_service_gone(struct model *model, struct bytes namespace,
                                             struct bytes name, struct why *why);

/** Did this change set leave a cluster's name out for want of room (CLUSTER_NAMES_MAX)? Staging the
 * clusters before the services may help: names of clusters that are staged have room of their own.
 */
bool model_stage_short(const struct model *model);

enum commit {
	COMMIT_CHANGES, /* what was staged changes; the rest stays */
	COMMIT_REPLACE, /* what was staged is everything; the rest is gone */
};

/**
 * Apply what was staged. Unknown clusters of services that changed are reported (rule 5). A
 * cluster_seen with neither region nor zones keeps the last known ones of that cluster. ERR_LIMIT
 * (too many services or clusters would result), ERR_NOMEM: nothing applied, everything staged is
 * dropped.
 */
MUST_CHECK enum err model_commit(struct model *model, enum commit how, int64_t now_ms,
                                 struct findings *findings, struct why *why);
/** Drop what was staged. */
void model_rollback(struct model *model);

/**
 * The lookup of host name `host` gave these addresses of `family` (4 or 6; none: NODATA). Filters
 * what may not be published (rule 8, a finding). Same set again: no change. More than
 * ADDRESSES_MAX: the first ones count, with a finding. A host that no service names is ignored.
 * Failed lookups are not told to the model: the last good addresses stay.
 */
MUST_CHECK enum err model_host_resolved(struct model *model, const struct name *host,
                                        uint8_t family, const struct address *addresses,
                                        size_t count, struct findings *findings, struct why *why);

/** What health says of one address of a service in one cluster. */
struct verdict {
	uint16_t cluster; /* id */
	struct address address;
	bool out;         /* it must not be answered, as long as others can be */
	bool unsteady;    /* this may change soon: a short TTL where it stands, or stood */
	bool forced;      /* it serves, though its cluster be withdrawn: an operator's word */
	int64_t since_ms; /* since when it is out, ms since 1970 */
	uint8_t reason;   /* enum reason */
};

/** Verdicts of one service. */
#define VERDICTS_MAX (INGRESSES_MAX * ADDRESSES_MAX)

/**
 * Replace the verdicts of service `id` (which must exist); addresses without one are fine. Sorted
 * and copied by the model; kept while the service lives, also for addresses that it doesn't list
 * now. Others than before: the service counts as changed. ERR_NOMEM, ERR_LIMIT (more than
 * VERDICTS_MAX): as before.
 */
MUST_CHECK enum err model_set_verdicts(struct model *model, uint32_t id,
                                       const struct verdict *verdicts, size_t count,
                                       struct why *why);
/** Those of service `id`, by cluster and address; borrowed until they are replaced, or the next
 * commit. Returns how many. */
size_t model_verdicts(const struct model *model, uint32_t id, const struct verdict **out);

/**
 * Let time pass: clusters whose grace is over are withdrawn (rule 9). Returns the ms since 1970 of
 * the next moment at which something will change by itself, or INT64_MAX.
 */
int64_t model_tick(struct model *model, int64_t now_ms);

/* --- what changed ------------------------------------------------------------------------- */

struct model_changes {
	bool everything;          /* places or policy moved: compile all again */
	const uint32_t *services; /* ids, each once; meaningless with `everything` */
	size_t service_count;
	size_t gone_count; /* services that went, with `everything` too */
};

/** What changed since the last model_changes_taken(); borrowed until the next call that changes the
 * model. */
struct model_changes model_changes(const struct model *model);
/** The changes are published: forget them. (A failed publish does not call this, so nothing is
 * lost.) */
void model_changes_taken(struct model *model);

/* --- reading ------------------------------------------------------------------------------ */

/** A rung on which names stand. Place 0 is the global level; regions and zones follow in a fixed
 * order. */
struct place {
	enum level level;
	uint16_t parent;     /* zone: its region; region: 0; global: 0 */
	struct bytes region; /* label, lower case; empty at the global level */
	struct bytes zone;   /* label, lower case; zone level only */
};

/** All places; borrowed until the next commit, tick or policy. `*count` is 1..PLACES_MAX. */
const struct place *model_places(const struct model *model, size_t *count);

struct cluster_view {
	struct bytes name;
	bool known;     /* by the source or by topology */
	bool in_source; /* by the source */
	enum ready ready;
	int64_t ready_since_ms;  /* as used for the grace; 0: none */
	int64_t withdrawn_at_ms; /* model time of its withdrawal by rule 9; 0: not withdrawn */
	uint16_t region;         /* place; 0: none, it counts at the global level only */
	const uint16_t *zones;   /* places */
	size_t zone_count;
	struct bytes source_region; /* last known from the source, folded and valid, before overrides;
	                               empty: none */
	const struct bytes *source_zones;
	size_t source_zone_count;
};

/** Cluster ids are 0..model_cluster_limit()-1; false: no such cluster. Views are borrowed until the
 * next commit. */
size_t model_cluster_limit(const struct model *model);
bool model_cluster(const struct model *model, uint16_t id, struct cluster_view *out);

/** A service's key: "SVC.NS" as two labels with their length octets, no root. */
#define SERVICE_KEY_SIZE_MAX (2 * (LABEL_SIZE_MAX + 1))

struct service_view {
	struct bytes namespace, name; /* labels, lower case */
	uint32_t ttl_s;               /* 0: the zone's */
	enum fallback fallback;
	enum all_down all_down;
	struct probe_wish probe;
	uint16_t tcp_port; /* 0: none */
	uint16_t ingress_count;
	uint8_t port_count;
	const void *at;      /* model_ingress_next()'s own */
	uint16_t left;       /* likewise */
	const void *port_at; /* model_port_next()'s own */
	uint8_t ports_left;  /* likewise */
};

/** Service ids are 0..model_service_limit()-1 and stay while the service lives; false: no such
 * service. */
size_t model_service_limit(const struct model *model);
bool model_service(const struct model *model, uint32_t id, struct service_view *out);
/** The service of these labels, valid or not, in any case; false: there is none. */
bool model_service_named(const struct model *model, struct bytes namespace, struct bytes name,
                         struct service_view *out);
/** Addresses and host names that a service lists, each once a cluster. */
size_t service_address_count(const struct service_view *service);
/** Number of services. */
size_t model_service_count(const struct model *model);

/** Addresses in network order, 4 or 16 octets each, sorted, without duplicates. */
struct address_set {
	const uint8_t *v4, *v6;
	uint16_t v4_count, v6_count;
};

size_t address_set_count(const struct address_set *set);
/** The `i`-th of address_set_count(): IPv4 ones, then IPv6. */
struct address address_set_at(const struct address_set *set, size_t i);

struct ingress_view {
	uint16_t cluster;
	struct address_set direct; /* from `ip` */
	const uint32_t *hosts;     /* host ids */
	uint16_t host_count;
};

/** The service's ingresses one by one, by cluster name; each cluster once. False: no more. */
bool model_ingress_next(struct service_view *service, struct ingress_view *out);

/** The service's named ports one by one, by name and protocol; names lower case. False: no more. */
bool model_port_next(struct service_view *service, struct port *out);

/** "TCP", "UDP", "SCTP": the API's words. */
const char *protocol_text(enum protocol protocol);

struct host_view {
	const struct name *name;
	bool resolved; /* at least one lookup succeeded */
	struct address_set addresses;
};

/** Host ids are 0..model_host_limit()-1 and stay while some service names the host; false: no such
 * host. */
size_t model_host_limit(const struct model *model);
bool model_host(const struct model *model, uint32_t id, struct host_view *out);
/** Grows by one whenever a host comes or goes, so that the resolver's driver knows when to look. */
uint64_t model_hosts_revision(const struct model *model);

/**
 * Octets of the shortest service label in `namespace` (a label, lower case), 0: no service there.
 * With it an empty non-terminal is known to exist at a place or not (RFC 8020).
 */
uint8_t model_namespace_shortest(const struct model *model, struct bytes namespace);
/** Octets of the shortest "SVC.NS" wire prefix (two labels with their length octets), 0: no
 * service. */
uint16_t model_prefix_shortest(const struct model *model);

#endif
