/* max_withdraw: how much may go within a minute, and of whom. What is dead may go at once as long
 * as it is little; what is much waits for somebody's look. Each namespace has its own share, so
 * that one which loses much uses up nobody else's. */
#include "health_internal.h"

/* --- shares ------------------------------------------------------------------------------- */

static unsigned percent(const struct health *health)
{
	return health->policy.max_withdraw_percent;
}

/* Its share would be less than what may go anyway. */
static bool is_small(const struct health *health, const struct tenant *tenant)
{
	return percent(health) != 0 &&
	       (uint64_t)tenant->links * percent(health) < (uint64_t)health->policy.withdraw_free * 100;
}

static uint64_t pool_size(const struct health *health)
{
	uint64_t share = health->pool_links * percent(health) / 100;
	uint64_t least = (uint64_t)health->policy.withdraw_free * HEALTH_FREE_SHARES;
	return share > least ? share : least;
}

/* May a namespace be without `own` addresses, where all small ones are without `pool`? */
static bool has_share(const struct health *health, const struct tenant *tenant, uint64_t own,
                      uint64_t pool)
{
	if (own * 100 <= (uint64_t)tenant->links * percent(health))
		return true;
	return is_small(health, tenant) && own <= health->policy.withdraw_free &&
	       pool <= pool_size(health);
}

void withdraw_resize(struct health *health, uint32_t id, bool more)
{
	struct tenant *tenant = tenant_at(&health->tenants, id);
	if (is_small(health, tenant))
		health->pool_links -= tenant->links;
	tenant->links += more ? 1u : -1u;
	if (is_small(health, tenant))
		health->pool_links += tenant->links;
}

void withdraw_pool_make(struct health *health)
{
	health->pool_links = 0;
	for (uint32_t id = 0; id < health->tenants.room; id++) {
		const struct tenant *tenant = health->tenants.at[id];
		if (tenant != NULL && is_small(health, tenant))
			health->pool_links += tenant->links;
	}
}

/* --- the namespaces of a target ----------------------------------------------------------- */

static struct tenant *tenant_of(const struct health *health, const struct use *use)
{
	const struct link *link = &health->services[use->service]->links[use->link];
	return tenant_at(&health->tenants, link->tenant);
}

/* A walk over each of them once: with how many of its addresses it uses the target. */
struct walk {
	const struct health *health;
	const struct target *target;
	uint32_t at;
};

static struct walk walk_begin(const struct health *health, const struct target *target)
{
	for (uint32_t i = 0; i < target->use_count; i++)
		tenant_of(health, &target->uses[i])->pending++;
	return (struct walk){health, target, 0};
}

/* NULL: no more. It has to be walked to its end. */
static struct tenant *walk_next(struct walk *walk, uint32_t *uses)
{
	while (walk->at < walk->target->use_count) {
		struct tenant *tenant = tenant_of(walk->health, &walk->target->uses[walk->at++]);
		*uses = tenant->pending;
		tenant->pending = 0;
		if (*uses != 0)
			return tenant;
	}
	return NULL;
}

/* --- within a minute ---------------------------------------------------------------------- */

bool withdraw_allows(struct health *health, const struct target *target, int64_t now_ms)
{
	uint32_t uses;
	bool allows = percent(health) == 100;
	uint64_t pool = budget_lost(&health->pool, now_ms);
	struct walk walk = walk_begin(health, target);
	for (struct tenant *tenant; (tenant = walk_next(&walk, &uses)) != NULL;) {
		uint64_t own = budget_lost(&tenant->budget, now_ms);
		allows |= has_share(health, tenant, own + uses, pool + uses);
	}
	return allows;
}

void withdraw_spend(struct health *health, const struct target *target, int64_t now_ms)
{
	uint32_t uses;
	struct walk walk = walk_begin(health, target);
	for (struct tenant *tenant; (tenant = walk_next(&walk, &uses)) != NULL;) {
		budget_spend(&tenant->budget, uses, now_ms);
		if (is_small(health, tenant))
			budget_spend(&health->pool, uses, now_ms);
	}
}

void withdraw_return(struct health *health, const struct target *target, int64_t now_ms)
{
	uint32_t uses;
	struct walk walk = walk_begin(health, target);
	for (struct tenant *tenant; (tenant = walk_next(&walk, &uses)) != NULL;) {
		budget_return(&tenant->budget, uses, now_ms);
		if (is_small(health, tenant))
			budget_return(&health->pool, uses, now_ms);
	}
}

/* --- what is held ------------------------------------------------------------------------- */

static void target_measure(struct health *health, const struct target *target)
{
	uint32_t uses;
	struct walk walk = walk_begin(health, target);
	for (struct tenant *tenant; (tenant = walk_next(&walk, &uses)) != NULL;) {
		tenant->down += uses;
		health->pool_down += is_small(health, tenant) ? uses : 0;
	}
}

void withdraw_measure(struct health *health)
{
	health->pool_down = 0;
	for (uint32_t id = 0; id < health->tenants.room; id++) {
		if (health->tenants.at[id] != NULL)
			health->tenants.at[id]->down = 0;
	}
	for (uint32_t id = 0; id < health->targets.limit; id++) {
		const struct target *target = health->targets.at[id];
		if (target != NULL && (target->counted || target->wait == WAIT_APPROVAL))
			target_measure(health, target);
	}
}

bool withdraw_fits(struct health *health, const struct target *target)
{
	uint32_t uses;
	bool fits = percent(health) == 100;
	struct walk walk = walk_begin(health, target);
	for (struct tenant *tenant; (tenant = walk_next(&walk, &uses)) != NULL;)
		fits |= has_share(health, tenant, tenant->down, health->pool_down);
	return fits;
}
