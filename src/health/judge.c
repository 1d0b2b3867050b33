/* May a target be left out? Its machine says that it is dead; but if nothing else answers either it
 * may be our own network, and if much dies at once an operator should look first. */
#include "health_internal.h"

#include <assert.h>
#include <string.h>

static bool dead(const struct target *target)
{
	return target->machine.state == HEALTH_UNHEALTHY || target->machine.state == HEALTH_RECOVERING;
}

/*
 * Has anything answered since this target went bad? Then our own network works. With self checks
 * these say so alone.
 */
static bool network_works(const struct health *health, const struct target *target)
{
	if (!health->self_checked)
		return health->good_ms != 0 && health->good_ms >= target->machine.bad_first_ms;
	for (size_t i = 0; i < HEALTH_SELF_CHECKS_MAX; i++) {
		if (health->self_good[i])
			return true;
	}
	return false;
}

static void flag_set(bool *flag, size_t *count, bool value)
{
	if (*flag != value)
		*count += value ? 1 : (size_t)-1;
	*flag = value;
}

/* Takes what it needs of the budget. */
static void leave_out(struct health *health, struct target *target, int64_t now_ms)
{
	bool works = network_works(health, target);
	bool allowed =
		works && budget_allows(&health->budget, health->link_count, target->use_count, now_ms);
	flag_set(&target->suspected, &health->suspected_count, !works);
	flag_set(&target->held, &health->held_count, works && !allowed);
	if (!allowed)
		return;
	budget_spend(&health->budget, target->use_count, now_ms);
	target->out = true;
	target->out_ms = now_ms;
}

static void take_in(struct health *health, struct target *target, int64_t now_ms)
{
	if (target->out)
		budget_return(&health->budget, target->use_count, now_ms);
	target->out = false;
	flag_set(&target->suspected, &health->suspected_count, false);
	flag_set(&target->held, &health->held_count, false);
}

static void services_tell(struct health *health, const struct target *target, int64_t now_ms)
{
	for (uint32_t i = 0; i < target->use_count; i++)
		service_tell(health, target->services[i], now_ms);
}

void target_judge(struct health *health, uint32_t id, int64_t now_ms)
{
	struct target *target = target_at(&health->targets, id);
	bool held = target->held;
	if (!dead(target))
		take_in(health, target, now_ms);
	else if (!target->out && target->machine.state == HEALTH_UNHEALTHY)
		leave_out(health, target, now_ms);
	if (target->held && !held) {
		const struct health_news news = {.target = &target->spec,
		                                 .from = target->machine.state,
		                                 .to = target->machine.state,
		                                 .reason = REASON_HELD,
		                                 .services = target->use_count,
		                                 .why = target->why};
		health->setup.news(health->setup.arg, &news);
	}
	services_tell(health, target, now_ms);
}

void waiting_judge(struct health *health, int64_t now_ms)
{
	if (health->suspected_count + health->held_count == 0)
		return;
	for (uint32_t id = 0; id < health->targets.limit; id++) {
		const struct target *target = health->targets.at[id];
		if (target != NULL && (target->suspected || target->held))
			target_judge(health, id, now_ms);
	}
}

void target_forget(struct health *health, uint32_t id)
{
	struct target *target = target_at(&health->targets, id);
	flag_set(&target->suspected, &health->suspected_count, false);
	flag_set(&target->held, &health->held_count, false);
	health->setup.unprobe(health->setup.arg, id);
	target_drop(&health->targets, id);
}

/* A moment without an answer is what waiting for evidence looks like; an interval of it is not. */
void suspicion_say(struct health *health, int64_t now_ms)
{
	if (health->suspected_count == 0)
		health->suspected_ms = 0;
	else if (health->suspected_ms == 0)
		health->suspected_ms = now_ms;
	bool suspected =
		health->suspected_ms != 0 && now_ms - health->suspected_ms >= health->policy.interval_ms;
	if (suspected == health->suspected_said)
		return;
	health->suspected_said = suspected;
	const struct health_news news = {
		.reason = suspected ? REASON_SUSPECTED : REASON_NONE,
		.services = health->suspected_count,
		.why = suspected ? "no probe is answered: our own network is suspected, and answers stay "
	                       "as they were"
	                     : "probes are answered again",
	};
	health->setup.news(health->setup.arg, &news);
}
