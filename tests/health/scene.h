/* scene: a federation, its network and its clock, all of them fakes, around the real model, health
 * and compile: what stories play on. Every probe of every target happens at its moment; after each
 * step what must always hold is checked.
 */
#ifndef FEDNS_TESTS_HEALTH_SCENE_H
#define FEDNS_TESTS_HEALTH_SCENE_H

#include "world.h"

#include "fedns/health.h"

#include "check.h"

#define SCENE_HOSTS_MAX    4096
#define SCENE_CLUSTERS_MAX 16
#define SCENE_SERVICES_MAX 2048
#define SCENE_NEWS_SIZE    128
#define SCENE_TEXT_SIZE    512

/** An address of the fake network. */
struct scene_host {
	struct address address;
	bool bad;
	int64_t flap_ms, good_ms, bad_ms; /* flapping since, and for how long it is what; 0: not */
	int64_t slow_ms;                  /* every other answer comes so much later */
};

struct scene_target {
	bool used;
	size_t host;
	int64_t next_ms; /* its next result */
	bool slow;       /* that is a slow one */
};

/* What the source says. */
struct scene_cluster {
	char name[32], place[64];
	enum ready ready;
	int64_t ready_since_ms;
	bool listed;
};
struct scene_service {
	char name[32], *ingresses; /* NULL: it is gone */
	enum all_down all_down;
};

struct scene {
	struct world world; /* clock, model, records' policy */
	struct health *health;
	struct health_policy policy;
	struct compiler *compiler;
	int64_t begin_ms;
	int64_t model_next_ms;
	struct scene_host hosts[SCENE_HOSTS_MAX];
	size_t host_count, host_next; /* next: probably asked for next */
	bool cut;                     /* our own network */
	bool refuses;                 /* the prober has no place left */
	struct scene_target *targets;
	size_t target_room;
	uint32_t *turns; /* ids of the used ones, the soonest first: [turn_first, turn_end) */
	size_t turn_first, turn_end, turn_room;
	size_t self_count;
	bool self_bad[HEALTH_SELF_CHECKS_MAX];
	int64_t self_next_ms;
	struct scene_cluster clusters[SCENE_CLUSTERS_MAX];
	size_t cluster_count;
	struct scene_service services[SCENE_SERVICES_MAX];
	size_t service_count;
	char lookup[2][SCENE_TEXT_SIZE]; /* a host name and its addresses; "": none */
	char (*news)[SCENE_NEWS_SIZE];   /* "ADDRESS FROM TO REASON", or "all REASON" of the whole */
	size_t news_count, news_room;
	char broken[SCENE_TEXT_SIZE]; /* the first thing that must never be; "": none was */
};

/** Rise 2, fall 3, interval 5 s, TCP to port 80; max_withdraw 100 %; TTL 60. */
void scene_init(struct scene *scene);
/** One anew, with clusters a and b in regions ra and rb, and service web in both: a=192.0.2.1,
 * b=192.0.2.2. */
void scene_begin(struct scene *scene);
void scene_clear(struct scene *scene);
/** Bring policy, clusters and services to a new model and a new health; orders are kept. */
void scene_restart(struct scene *scene);
/** The policy has changed. */
void scene_reload(struct scene *scene);

/** What the source says now: of one cluster, of one service. They are committed. */
void scene_cluster(struct scene *scene, const char *name, const char *place, enum ready ready);
void scene_cluster_gone(struct scene *scene, const char *name);
void scene_service(struct scene *scene, const char *name, const char *ingresses,
                   enum all_down all_down);
/** `count` of them from sFIRST on: one address in each of `clusters`. */
void scene_services(struct scene *scene, const char *namespace, size_t first, size_t count,
                    const char *const *clusters, size_t cluster_count);
void scene_service_gone(struct scene *scene, const char *name);
void scene_resolved(struct scene *scene, const char *host, const char *addresses);

/** Each host of `who`: an address, or a cluster with all that it lists now. */
void scene_hosts(struct scene *scene, const char *who,
                 void (*each)(struct scene *scene, struct scene_host *host, void *arg), void *arg);

/** Let time pass, with all its probes, until `now_ms`. */
void scene_pass(struct scene *scene, int64_t now_ms);
/** Something was done to health: check what must always hold. */
void scene_settle(struct scene *scene);

/** What stands at "web.ns.fed.svc.TAIL": addresses in order, parted by spaces, "up" (a CNAME) or
 * "nodata". `out[WORLD_TEXT_SIZE]`. */
void scene_read(struct scene *scene, const char *service, const char *owner, char *out,
                uint32_t *ttl_s);

#endif
