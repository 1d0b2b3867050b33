/* health_internal: the core's state, shared by the files that move it.
 *
 *     health.c     its life, and what others tell it
 *     links.c      which targets each service has
 *     judge.c      may a target be left out: evidence, max_withdraw
 *     tell.c       what that gives for a service: verdicts for the model
 *     orders.c     what an operator said
 *     view.c       what it tells
 */
#ifndef FEDNS_HEALTH_HEALTH_INTERNAL_H
#define FEDNS_HEALTH_HEALTH_INTERNAL_H

#include "target.h"

#include "fedns/budget.h"

/* A drained address keeps TTLs short for this long. */
#define DRAINING_MS 300000

/** An address of a service in a cluster, and what tells whether it serves. */
struct link {
	struct address address;
	uint16_t cluster;
	uint32_t target;
};

/** What is watched of a service; NULL where nothing is. */
struct watched {
	uint32_t count;
	struct link links[];
};

struct order {
	enum order_kind kind;
	int64_t since_ms;
	uint8_t cluster_size, namespace_size, service_size; /* 0: all services */
	char texts[];                                       /* cluster, namespace, service */
};

struct health {
	struct health_setup setup;
	struct health_policy policy; /* its texts are the next three */
	char *path, *host, *global;
	struct verdict_rule rule;
	struct targets targets;
	struct watched **services; /* by id */
	size_t service_room;
	struct order **orders;
	size_t order_count, order_room;
	struct budget budget;
	size_t link_count;
	size_t suspected_count, held_count; /* targets */
	int64_t good_ms;                    /* the newest good result of any target */
	bool self_checked;
	bool self_good[HEALTH_SELF_CHECKS_MAX];
	bool suspected_said;
	int64_t suspected_ms; /* since when; 0: not */
	bool changed;         /* verdicts of the model, since the caller was told */
};

/* links.c */
/** Read service `id` of the model again; a service that is gone has no links. */
MUST_CHECK enum err links_renew(struct health *health, uint32_t id, int64_t now_ms,
                                struct why *why);
const struct watched *links_of(const struct health *health, uint32_t id);
void links_free(struct health *health);

/* judge.c */
/** The target's machine has moved, or what it is judged by: is it out? Tells its services. */
void target_judge(struct health *health, uint32_t id, int64_t now_ms);
/** All that wait for evidence, or for an approval, anew. */
void waiting_judge(struct health *health, int64_t now_ms);
/** Nobody uses it any more. */
void target_forget(struct health *health, uint32_t id);
/** Say that our own network is suspected, or no more. */
void suspicion_say(struct health *health, int64_t now_ms);

/* tell.c */
/** Bring the verdicts of service `id` to the model. */
void service_tell(struct health *health, uint32_t id, int64_t now_ms);
/** What stands for one address: `target` NULL where it is not probed. */
struct verdict address_judge(const struct health *health, const struct service_view *service,
                             const struct cluster_view *cluster, const struct target *target,
                             int64_t now_ms);

/* orders.c */
const struct order *order_for(const struct health *health, struct bytes cluster,
                              struct bytes namespace, struct bytes service);
void orders_free(struct health *health);

#endif
