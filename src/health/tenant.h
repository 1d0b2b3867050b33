/* tenant: the namespaces whose addresses are watched, and how much each has lost lately: what one
 * of them does must cost the others nothing.
 *
 *     links.c, withdraw.c --> [tenant.h] --> budget.h
 */
#ifndef FEDNS_HEALTH_TENANT_H
#define FEDNS_HEALTH_TENANT_H

#include "fedns/budget.h"

#define TENANT_NONE UINT32_MAX

struct tenant {
	uint64_t hash;        /* of its label */
	uint32_t links;       /* addresses of its services */
	uint32_t targets;     /* that it was the first to ask for */
	uint32_t down;        /* of withdraw_measure(): those that are out or held */
	uint32_t pending;     /* of a walk over a target's uses */
	uint32_t after;       /* in the same bucket; TENANT_NONE: the last */
	struct budget budget; /* what it lost; its percentage is the policy's */
	uint8_t size;
	uint8_t label[]; /* lower case */
};

struct tenants {
	struct tenant **at; /* by id; NULL: free */
	uint32_t room, count;
	uint32_t free_first; /* below it none is free */
	uint32_t *buckets;   /* `room` of them; ids */
	uint64_t seed;
};

/** The id of namespace `label`, made if need be: it stays while it has links or targets, or lost
 * any within the last minute. ERR_NOMEM. */
MUST_CHECK enum err tenant_get(struct tenants *tenants, struct bytes label, int64_t now_ms,
                               uint32_t *out);
struct tenant *tenant_at(const struct tenants *tenants, uint32_t id);
struct bytes tenant_label(const struct tenant *tenant);
/** The one with the most targets; TENANT_NONE: there is none. */
uint32_t tenant_largest(const struct tenants *tenants);
void tenants_free(struct tenants *tenants);

#endif
