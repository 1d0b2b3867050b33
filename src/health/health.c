#include "health_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- its life ----------------------------------------------------------------------------- */

static void texts_free(struct health *health)
{
	free(health->path);
	free(health->host);
	free(health->global);
}

static enum err policy_take(struct health *health, const struct health_policy *policy,
                            struct why *why)
{
	char *path = strdup(policy->path == NULL ? "/" : policy->path);
	char *host = strdup(policy->host == NULL ? "" : policy->host);
	char *global = strdup(policy->global == NULL ? "" : policy->global);
	if (path == NULL || host == NULL || global == NULL) {
		free(path);
		free(host);
		free(global);
		why_set(why, "no memory for the health policy");
		return ERR_NOMEM;
	}
	texts_free(health);
	health->path = path;
	health->host = host;
	health->global = global;
	health->policy = *policy;
	health->policy.path = path;
	health->policy.host = host;
	health->policy.global = global;
	health->self_checked = policy->self_checks;
	health->rule = (struct verdict_rule){.rise = policy->rise,
	                                     .fall = policy->fall,
	                                     .failback = policy->failback,
	                                     .hold_ms = policy->hold_ms};
	withdraw_pool_make(health);
	return ERR_OK;
}

enum err health_new(const struct health_setup *setup, struct health **out, struct why *why)
{
	assert(setup != NULL && setup->model != NULL && out != NULL && why != NULL);
	*out = NULL;
	struct health *health = calloc(1, sizeof *health);
	if (health == NULL) {
		why_set(why, "no memory for health");
		return ERR_NOMEM;
	}
	health->setup = *setup;
	health->drained_ms = INT64_MAX;
	health->targets_max = HEALTH_TARGETS_MAX;
	health->targets.seed = health->tenants.seed = model_seed(setup->model);
	enum err err = policy_take(health, &setup->policy, why);
	if (err == ERR_OK)
		*out = health;
	else
		health_free(health);
	return err;
}

void health_free(struct health *health)
{
	if (health == NULL)
		return;
	links_free(health);
	targets_free(&health->targets);
	tenants_free(&health->tenants);
	orders_free(health);
	stale_free(health);
	texts_free(health);
	free(health);
}

/* --- the model's changes ------------------------------------------------------------------ */

static enum err changes_renew(struct health *health, const struct model_changes *changes,
                              int64_t now_ms, struct why *why)
{
	enum err first = ERR_OK;
	if (changes->everything)
		return links_renew_all(health, now_ms, why);
	/* telling the model grows the list that is walked: a copy of it is walked */
	size_t count = changes->service_count;
	uint32_t *ids = count == 0 ? NULL : malloc(count * sizeof *ids);
	if (count != 0 && ids == NULL) {
		health->retry_ms = now_ms + RETRY_MS;
		why_set(why, "no memory for the changed services");
		return ERR_NOMEM;
	}
	if (count != 0)
		memcpy(ids, changes->services, count * sizeof *ids);
	for (size_t i = 0; i < count; i++) {
		enum err err = links_renew(health, ids[i], now_ms, first == ERR_OK ? why : NULL);
		first = first == ERR_OK ? err : first;
	}
	free(ids);
	return first;
}

enum err health_look(struct health *health, const struct model_changes *changes, int64_t now_ms,
                     struct why *why)
{
	now_ms = clock_follow(health, now_ms);
	enum err err = changes_renew(health, changes, now_ms, why);
	links_refused_retry(health, now_ms);
	stale_tell(health, now_ms);
	health->changed = false; /* the caller is about to publish */
	return err;
}

enum err health_set_policy(struct health *health, const struct health_policy *policy,
                           int64_t now_ms, struct why *why)
{
	enum err err = policy_take(health, policy, why);
	if (err != ERR_OK)
		return err;
	now_ms = clock_follow(health, now_ms);
	err = links_renew_all(health, now_ms, why);
	held_judge(health, false, now_ms);
	whole_say(health, now_ms);
	return err;
}

/* --- results ------------------------------------------------------------------------------ */

static bool changed_taken(struct health *health)
{
	bool changed = health->changed;
	health->changed = false;
	return changed;
}

bool health_result(struct health *health, uint32_t id, bool good, const char *why, int64_t now_ms)
{
	struct target *target = target_at(&health->targets, id);
	if (target == NULL)
		return false;
	now_ms = clock_follow(health, now_ms);
	enum health_state from = target->machine.state;
	if (health->began_ms == 0)
		health->began_ms = now_ms;
	(void)snprintf(target->why, sizeof target->why, "%s", good ? "" : why);
	if (!good)
		darkness_forgive(health, target, now_ms);
	(void)verdict_result(&target->machine, &health->rule, good, now_ms);
	target_judge(health, id, from, now_ms);
	if (good && !health->self_checked)
		proof_take(health, now_ms);
	whole_say(health, now_ms);
	return changed_taken(health);
}

bool health_self_result(struct health *health, size_t i, bool good, int64_t now_ms)
{
	assert(i < HEALTH_SELF_CHECKS_MAX);
	(void)i;
	now_ms = clock_follow(health, now_ms);
	if (health->began_ms == 0)
		health->began_ms = now_ms;
	health->self_checked = true;
	if (good)
		proof_take(health, now_ms);
	whole_say(health, now_ms);
	return changed_taken(health);
}

/* --- time --------------------------------------------------------------------------------- */

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

/* All wait equally long: the first that rose is the first that comes back. */
static struct target *failback_first(const struct health *health, uint32_t *id)
{
	const struct queue *queue = &health->targets.queues[WAIT_FAILBACK];
	*id = queue->count != 0 ? queue->first : TARGET_NONE;
	return target_at(&health->targets, *id);
}

static void failback_tick(struct health *health, int64_t now_ms)
{
	uint32_t id;
	for (struct target *target; (target = failback_first(health, &id)) != NULL;) {
		if (!verdict_tick(&target->machine, &health->rule, now_ms))
			return;
		target_judge(health, id, HEALTH_RECOVERING, now_ms);
	}
}

static void retry_tick(struct health *health, int64_t now_ms)
{
	struct why why;
	if (health->retry_ms == 0 || now_ms < health->retry_ms)
		return;
	health->retry_ms = 0;
	enum err err = links_renew_all(health, now_ms, &why);
	(void)err; /* short of memory again: then it has set the next try */
}

int64_t health_next(const struct health *health)
{
	uint32_t id;
	const struct target *target = failback_first(health, &id);
	int64_t next_ms = earlier(health->drained_ms, whole_next(health));
	if (health->retry_ms != 0)
		next_ms = earlier(next_ms, health->retry_ms);
	if (health->again_ms != 0)
		next_ms = earlier(next_ms, health->again_ms);
	if (health->ask_ms != 0)
		next_ms = earlier(next_ms, health->ask_ms);
	if (health->stale_count != 0)
		next_ms = earlier(next_ms, health->seen_ms);
	if (target != NULL)
		next_ms = earlier(next_ms, verdict_next(&target->machine, &health->rule));
	return next_ms;
}

int64_t health_tick(struct health *health, int64_t now_ms, bool *changed)
{
	now_ms = clock_follow(health, now_ms);
	failback_tick(health, now_ms);
	orders_tick(health, now_ms);
	retry_tick(health, now_ms);
	if (health->again_ms != 0 && now_ms >= health->again_ms)
		held_judge(health, false, now_ms);
	links_ask(health, now_ms);
	stale_tell(health, now_ms);
	whole_say(health, now_ms);
	*changed = changed_taken(health);
	return health_next(health);
}

size_t health_approve(struct health *health, int64_t now_ms)
{
	struct health_totals totals;
	health_totals(health, &totals);
	now_ms = clock_follow(health, now_ms);
	held_judge(health, true, now_ms);
	whole_say(health, now_ms);
	return totals.held;
}
