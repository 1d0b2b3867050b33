/* model_internal: what the files of this room share.
 *
 *     stage.c, cluster_stage.c --struct stage--> commit.c
 *     verdicts.c --> slots, changes
 *     commit.c --> slots, clusters, hosts, namespaces, changes
 *
 * Whatever can fail happens while staging or at the head of a commit; what follows only moves
 * pointers and counts. Two counts stand at each thing that services name: `refs` by all blocks,
 * staged ones included (it lives while they are), and `named` by the blocks in force (it shows
 * while they are).
 */
#ifndef FEDNS_MODEL_INTERNAL_H
#define FEDNS_MODEL_INTERNAL_H

#include "pool.h"
#include "service_block.h"
#include "table.h"

#include "fedns/model.h"

/* Names that only annotations know leave room for every cluster that the federation may have. */
#define CLUSTER_NAMES_MERE_MAX (CLUSTER_NAMES_MAX - CLUSTERS_MAX)
/* While a change set replaces all, old and new services stand side by side. */
#define SLOTS_MAX (2 * SERVICES_MAX)
/* File names of one change set; what comes from further ones is reported without its file. */
#define STAGED_FILES_MAX 16
/* health.offline_grace, until a policy says otherwise; it is the configuration's default, too. */
#define OFFLINE_GRACE_DEFAULT_MS 60000

/* --- labels.c: checked, folded place labels ----------------------------------------------- */

/** One heap block; free() is the destructor. */
struct labels {
	struct bytes region; /* empty: none */
	size_t zone_count;
	struct bytes zones[]; /* sorted, once each; the octets lie behind */
};

/** Check, fold and copy what `cluster` says of itself; what is bad is reported and left out.
 * ERR_NOMEM. */
MUST_CHECK enum err labels_new(struct bytes cluster, struct bytes region, const struct bytes *zones,
                               size_t zone_count, struct findings *findings, struct labels **out);
/** Copy folded; `out[label.size]`. */
void label_fold(struct bytes label, uint8_t *out);

/* --- places.c: the rungs ------------------------------------------------------------------ */

/** Where one cluster stands, overrides applied; borrowed. */
struct outlook {
	struct bytes region; /* empty: the global level only */
	const struct bytes *zones;
	size_t zone_count;
};

/** Where a cluster stands, as places. */
struct standing {
	uint16_t region; /* 0: none */
	uint16_t zone_count;
	uint32_t zones_at; /* in atlas.zones */
};

/** All places and who stands on them: one heap block; free() is the destructor. */
struct atlas {
	struct place *places;
	struct standing *standings; /* by cluster id; ids above `standing_count` have no place */
	uint16_t *zones;
	size_t place_count, standing_count;
};

/** Build from the outlooks by cluster id. At most CLUSTERS_MAX of them have places. NULL: no
 * memory. */
MUST_CHECK struct atlas *atlas_new(const struct outlook *outlooks, size_t count);
bool atlas_equal(const struct atlas *a, const struct atlas *b);
struct standing atlas_standing(const struct atlas *atlas, size_t cluster);

/* --- clusters.c --------------------------------------------------------------------------- */

/** `topology` of one cluster. */
struct override {
	bool given, has_region, has_zones;
	struct labels *labels; /* owned */
};

/** A cluster as staged. */
struct cluster_staged {
	bool gone, keeps_place;
	enum ready ready;
	int64_t ready_since_ms; /* as given */
	struct labels *labels;  /* owned; NULL with `gone` and `keeps_place` */
};

struct cluster {
	uint32_t hash;
	uint32_t refs, named; /* ingresses of blocks; services in force */
	bool in_source, withdrawn;
	bool lost; /* within a commit: known before it, not after */
	enum ready ready;
	int64_t not_ready_seen_ms; /* model time at which this spell of READY_FALSE was first seen */
	int64_t since_ms;          /* of READY_FALSE, as used for the grace */
	int64_t due_ms;            /* as last judged */
	int64_t withdrawn_at_ms;
	struct labels *source; /* last known; owned; NULL: none */
	struct override override;
	struct cluster_staged *staged; /* owned; NULL: not in this change set */
	uint8_t name_size;
	uint8_t name[];
};
static_assert(CLUSTER_NAME_SIZE_MAX <= UINT8_MAX, "fits");

static inline bool cluster_known(const struct cluster *cluster)
{
	return cluster->in_source || cluster->override.given;
}

static inline struct bytes cluster_name(const struct cluster *cluster)
{
	return (struct bytes){cluster->name, cluster->name_size};
}

struct clusters {
	struct pool pool; /* struct cluster */
	struct table table;
};

/**
 * The id of `name`, made if need be. `mere`: only an annotation names it. ERR_LIMIT: too many
 * names, or one too long; ERR_NOMEM.
 */
MUST_CHECK enum err cluster_intern(struct model *model, struct bytes name, bool mere, uint16_t *out,
                                   struct why *why);
struct cluster *cluster_at(const struct model *model, uint32_t id);
struct cluster *cluster_find(const struct model *model, struct bytes name);
/** Free clusters that nobody names, knows or has staged. */
void clusters_sweep(struct model *model);
void clusters_init(struct model *model);
void clusters_clear(struct model *model);
void cluster_staged_drop(struct cluster *cluster);
/** Where `source` under `override` stands; borrowed. */
struct outlook outlook_of(const struct labels *source, const struct override *override);
/** Tell of the clusters that were known and aren't any more, if services name them. */
void clusters_lost_report(struct model *model, struct findings *findings);

/* --- tick.c ------------------------------------------------------------------------------- */

/** Withdraw and take back clusters by rule 9, and mark the services that list them. */
void clusters_judge(struct model *model, int64_t now_ms);

/* --- hosts.c ------------------------------------------------------------------------------ */

struct host {
	struct name name; /* whole, so that a view may be copied */
	uint32_t hash, id;
	uint32_t refs, named; /* ingresses of blocks */
	bool resolved;
	uint8_t v4_count, v6_count;
	uint8_t *octets;    /* owned: v4, then v6; NULL: none */
	uint32_t *services; /* owned: every service that names it, and maybe some that did */
	uint32_t service_count, service_room;
};

struct hosts {
	struct pool pool; /* struct host */
	struct table table;
	uint64_t revision;
	bool orphans; /* hosts without refs may be left from a staging that failed */
};

/** ERR_LIMIT: HOSTS_MAX. The host has no refs yet: set hosts.orphans unless it gets some. */
MUST_CHECK enum err host_intern(struct model *model, const struct name *name, uint32_t *out);
/** Let `service` hold its hosts, which its slot `id` will name. ERR_NOMEM: as before. */
MUST_CHECK enum err hosts_hold(struct model *model, const struct service *service, uint32_t id);
void hosts_release(struct model *model, const struct service *service);
/** `service` comes into force, or leaves it. */
void hosts_name(struct model *model, const struct service *service);
void hosts_unname(struct model *model, const struct service *service);
void hosts_sweep(struct model *model);
void hosts_init(struct model *model);
void hosts_clear(struct model *model);
/** The host that some service in force names, or NULL. */
struct host *host_named(const struct model *model, const struct name *name);
/** Mark the services in force that name `host`. */
void host_changed(struct model *model, const struct host *host);

/* --- namespaces.c ------------------------------------------------------------------------- */

struct length_count {
	uint32_t count; /* services in force */
	uint32_t size;  /* octets of their name label */
};

struct namespace_counts {
	uint32_t hash;
	uint32_t refs;                /* blocks */
	struct length_count *lengths; /* owned; by size, ascending; zero counts may stay */
	uint8_t length_count;
	uint8_t size;
	uint8_t label[];
};

struct namespaces {
	struct pool pool; /* struct namespace_counts */
	struct table table;
	uint32_t by_prefix[SERVICE_KEY_SIZE_MAX + 1]; /* services in force by octets of "SVC.NS" */
};

/**
 * The id of folded `label`, made if need be, with a counter for names of `name_size`. ERR_NOMEM.
 */
MUST_CHECK enum err namespace_intern(struct model *model, struct bytes label, size_t name_size,
                                     uint32_t *out);
/** The id, or TABLE_NONE. */
uint32_t namespace_find(const struct model *model, struct bytes label);
struct bytes namespace_label(const struct model *model, uint32_t id);
void namespace_hold(struct model *model, uint32_t id);
void namespace_release(struct model *model, uint32_t id);
/** Free `id` if it is there and no block is in it. */
void namespace_sweep(struct model *model, uint32_t id);
void namespace_name(struct model *model, const struct service *service);
void namespace_unname(struct model *model, const struct service *service);
void namespaces_init(struct model *model);
void namespaces_clear(struct model *model);

/* --- slots.c: services by id and by name -------------------------------------------------- */

struct slot {
	struct service *now; /* in force; NULL: none */
	uint32_t link; /* used: index into stage.entries + 1, 0: not staged; free: next free id + 1 */
	uint32_t hash : 30, used : 1, changed : 1;
};

struct slots {
	struct slot *at;
	struct verdicts **verdicts; /* owned, by id; NULL: nobody has any */
	uint32_t verdicts_room;
	uint32_t limit, room, first_free /* id + 1 */, count /* in force */;
	struct table table;
};

struct service_key {
	uint32_t namespace;
	struct bytes name;
};

uint32_t slot_find(const struct model *model, const struct service_key *key);
/** Make sure that one more slot can be taken. ERR_LIMIT, ERR_NOMEM. */
MUST_CHECK enum err slot_reserve(struct model *model, struct why *why);
/** The id that slot_take() will give. */
uint32_t slot_next(const struct model *model);
uint32_t slot_take(struct model *model, const struct service_key *key);
void slot_free(struct model *model, uint32_t id);
/** The staged block of slot `id`, or NULL. */
struct service *slot_staged(const struct model *model, uint32_t id);
void slots_init(struct model *model);
void slots_clear(struct model *model);

/* --- verdicts.c: what health says --------------------------------------------------------- */

/** Forget the verdicts of slot `id`. */
void verdicts_release(struct model *model, uint32_t id);
void verdicts_clear(struct model *model);

/* --- ports.c: named ports ----------------------------------------------------------------- */

/** What all port blocks of a service take at most. */
#define PORT_BLOCKS_SIZE_MAX (PORTS_MAX * (sizeof(struct port_block) + LABEL_SIZE_MAX + 1))

/**
 * Lay out the named ports of `seen`, checked and folded, in `out[PORT_BLOCKS_SIZE_MAX]`, aligned as
 * a port_block. What is bad is reported and left out. Returns the octets; `*count`: how many ports.
 */
size_t port_blocks_build(const struct service_seen *seen, struct findings *findings, uint8_t *out,
                         uint8_t *count);

/* --- draft.c, stage.c --------------------------------------------------------------------- */

struct staged {
	struct service *next; /* owned; NULL: gone, or as it is */
	uint32_t id;          /* TABLE_NONE: nothing staged here any more */
	uint32_t line;
	uint8_t file;    /* in stage.files; 0: none */
	bool gone, seen; /* neither `gone` nor `next`: stays as it is */
};

struct stage {
	struct staged *entries;
	uint32_t count, room;
	char *files[1 + STAGED_FILES_MAX]; /* owned; [0] is NULL */
	uint8_t file_count;
	bool clusters;                     /* some cluster is staged */
	bool short_of_names;               /* some cluster name found no room */
	const struct ingress_seen **order; /* scratch */
	size_t order_room;
	bool hosts_refused; /* scratch: the service at hand has more than SERVICE_HOSTS_MAX */
	uint8_t *draft;     /* scratch: the service at hand, as a block */
	size_t draft_size, draft_room;
};

/**
 * Build the block of `seen` in stage.draft. ERR_LIMIT: more than INGRESSES_MAX clusters, or none
 * was left (reported). ERR_NOMEM.
 */
MUST_CHECK enum err draft_build(struct model *model, const struct service_seen *seen,
                                uint32_t namespace, struct bytes name, struct findings *findings,
                                struct why *why);

/** Let go, and free `service`. */
void service_release(struct model *model, struct service *service);
/** Forget the change set, its blocks being gone or in force. */
void stage_clear(struct model *model);

/* --- model.c ------------------------------------------------------------------------------ */

struct model {
	uint64_t seed;
	int64_t offline_grace_ms;
	struct atlas *atlas;
	struct slots slots;
	struct clusters clusters;
	struct hosts hosts;
	struct namespaces namespaces;
	struct stage stage;
	bool everything;
	uint32_t *changed; /* ids, each once */
	size_t changed_count, changed_room;
	size_t gone_count; /* services that went since the changes were taken */
};

/** Service `id` changed. Without memory for the list, everything did. */
void changes_add(struct model *model, uint32_t id);
void changes_everything(struct model *model);

#endif
