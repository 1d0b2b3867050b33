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
	/* self checks may be others now */
	health->self_checked = false;
	memset(health->self_good, 0, sizeof health->self_good);
	health->rule = (struct verdict_rule){.rise = policy->rise,
	                                     .fall = policy->fall,
	                                     .failback = policy->failback,
	                                     .hold_ms = policy->hold_ms};
	health->budget.percent = policy->max_withdraw_percent;
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
	health->targets.seed = model_seed(setup->model);
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
	orders_free(health);
	texts_free(health);
	free(health);
}

/* --- the model's changes ------------------------------------------------------------------ */

static enum err all_renew(struct health *health, int64_t now_ms, struct why *why)
{
	size_t limit = model_service_limit(health->setup.model);
	enum err err = ERR_OK;
	if (limit < health->service_room)
		limit = health->service_room; /* those that are gone, too */
	for (size_t id = 0; id < limit && err == ERR_OK; id++)
		err = links_renew(health, (uint32_t)id, now_ms, why);
	return err;
}

enum err health_look(struct health *health, const struct model_changes *changes, int64_t now_ms,
                     struct why *why)
{
	enum err err = ERR_OK;
	if (changes->everything)
		return all_renew(health, now_ms, why);
	/* telling the model grows the list that is walked: a copy of it is walked */
	size_t count = changes->service_count;
	uint32_t *ids = count == 0 ? NULL : malloc(count * sizeof *ids);
	if (count != 0 && ids == NULL) {
		why_set(why, "no memory for the changed services");
		return ERR_NOMEM;
	}
	if (count != 0)
		memcpy(ids, changes->services, count * sizeof *ids);
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = links_renew(health, ids[i], now_ms, why);
	free(ids);
	return err;
}

enum err health_set_policy(struct health *health, const struct health_policy *policy,
                           int64_t now_ms, struct why *why)
{
	enum err err = policy_take(health, policy, why);
	return err == ERR_OK ? all_renew(health, now_ms, why) : err;
}

/* --- results ------------------------------------------------------------------------------ */

static bool changed_taken(struct health *health)
{
	bool changed = health->changed;
	health->changed = false;
	return changed;
}

static void transition_say(struct health *health, const struct target *target,
                           enum health_state from)
{
	const struct health_news news = {
		.target = &target->spec,
		.from = from,
		.to = target->machine.state,
		.reason = target->suspected                            ? REASON_SUSPECTED
	              : target->held                               ? REASON_HELD
	              : target->machine.state == HEALTH_HEALTHY    ? REASON_PROBE_GOOD
	              : target->machine.state == HEALTH_RECOVERING ? REASON_RISING
	                                                           : REASON_PROBE_BAD,
		.services = target->use_count,
		.why = target->why,
	};
	health->setup.news(health->setup.arg, &news);
}

bool health_result(struct health *health, uint32_t id, bool good, const char *why, int64_t now_ms)
{
	struct target *target = target_at(&health->targets, id);
	if (target == NULL)
		return false;
	enum health_state from = target->machine.state;
	bool risen = target->machine.risen;
	(void)snprintf(target->why, sizeof target->why, "%s", good ? "" : why);
	if (good)
		health->good_ms = now_ms;
	bool moved = verdict_result(&target->machine, &health->rule, good, now_ms);
	if (moved || risen != target->machine.risen)
		target_judge(health, id, now_ms);
	if (moved)
		transition_say(health, target, from);
	if (good)
		waiting_judge(health, now_ms);
	suspicion_say(health, now_ms);
	return changed_taken(health);
}

bool health_self_result(struct health *health, size_t i, bool good, int64_t now_ms)
{
	assert(i < HEALTH_SELF_CHECKS_MAX);
	health->self_checked = true;
	health->self_good[i] = good;
	waiting_judge(health, now_ms);
	suspicion_say(health, now_ms);
	return changed_taken(health);
}

int64_t health_tick(struct health *health, int64_t now_ms, bool *changed)
{
	int64_t next_ms = INT64_MAX;
	for (uint32_t id = 0; id < health->targets.limit; id++) {
		struct target *target = health->targets.at[id];
		if (target == NULL || !target->machine.risen)
			continue;
		enum health_state from = target->machine.state;
		if (verdict_tick(&target->machine, &health->rule, now_ms)) {
			target_judge(health, id, now_ms);
			transition_say(health, target, from);
		}
		int64_t at_ms = verdict_next(&target->machine, &health->rule);
		next_ms = at_ms < next_ms ? at_ms : next_ms;
	}
	for (size_t i = 0; i < health->order_count; i++) {
		int64_t end_ms = health->orders[i]->since_ms + DRAINING_MS;
		if (health->orders[i]->kind == ORDER_DRAIN && end_ms > now_ms && end_ms < next_ms)
			next_ms = end_ms;
	}
	suspicion_say(health, now_ms);
	*changed = changed_taken(health);
	return next_ms;
}

size_t health_approve(struct health *health, int64_t now_ms)
{
	struct health_totals totals;
	health_totals(health, &totals);
	if (totals.held == 0)
		return 0;
	unsigned percent = health->budget.percent;
	health->budget.percent = 100;
	waiting_judge(health, now_ms);
	health->budget.percent = percent;
	return totals.held;
}
