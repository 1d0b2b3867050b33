/* May a target be left out? Its machine says that it is dead; but if nothing else answers either it
 * may be our own network, and if much dies at once an operator should look first. */
#include "health_internal.h"

/* --- our own network ---------------------------------------------------------------------- */

/*
 * Has anything answered since this target went bad? Then our own network works. Of one that never
 * was good, so that its first result counts, a little before will do.
 */
static bool network_works(const struct health *health, const struct target *target)
{
	int64_t from_ms = target->machine.bad_first_ms;
	if (!target->machine.served)
		from_ms -= health->policy.interval_ms;
	return health->proof_ms != 0 && health->proof_ms >= from_ms;
}

/*
 * As long as anything at all serves, it answers once an interval, and after an answer at once the
 * next one may take the whole timeout. A longer silence was our own. So is one in which `fall` bad
 * results have room, for those would count; a quarter of an interval is for jitter.
 */
static int64_t silence_ms(const struct health_policy *policy)
{
	int64_t least_ms = policy->interval_ms * 5 / 4;
	int64_t slow_ms = policy->interval_ms + policy->timeout_ms;
	int64_t row_ms = policy->interval_ms * ((int64_t)policy->fall - 1);
	slow_ms = slow_ms < row_ms ? slow_ms : row_ms;
	return slow_ms > least_ms ? slow_ms : least_ms;
}

static bool was_dark(const struct health *health, int64_t now_ms)
{
	int64_t last_ms = health->proof_ms != 0 ? health->proof_ms : health->began_ms;
	return last_ms != 0 && now_ms - last_ms > silence_ms(&health->policy);
}

void darkness_forgive(const struct health *health, struct target *target, int64_t now_ms)
{
	const struct verdict_machine *machine = &target->machine;
	if (!target->out && machine->bad_first_ms != 0 && machine->bad_first_ms < health->dark_ms)
		(void)verdict_restart(&target->machine, now_ms);
}

void proof_take(struct health *health, int64_t now_ms)
{
	struct queue *queue = &health->targets.queues[WAIT_PROOF];
	bool dark = was_dark(health, now_ms);
	health->proof_ms = now_ms;
	if (dark)
		health->dark_ms = now_ms;
	for (uint32_t left = queue->count; left > 0; left--) {
		uint32_t id = queue->first;
		struct target *target = target_at(&health->targets, id);
		enum health_state from = target->machine.state;
		/* what failed while nothing answered begins anew; it did not fail of itself */
		darkness_forgive(health, target, now_ms);
		target_judge(health, id, from, now_ms);
		if (target->wait == WAIT_PROOF)
			return; /* the clock was set back: the next proof will do */
	}
}

/* --- one target --------------------------------------------------------------------------- */

static void leave_out(struct health *health, uint32_t id, int64_t now_ms)
{
	struct target *target = target_at(&health->targets, id);
	target->out = true;
	target->out_ms = now_ms;
	health->counters.left_out += target->use_count;
	/* who never was good serves nobody: nothing is withdrawn */
	target->counted = target->machine.served;
	if (target->counted)
		withdraw_spend(health, target, now_ms);
	target_wait(&health->targets, id, WAIT_NOTHING);
}

static void leave_out_if(struct health *health, uint32_t id, int64_t now_ms)
{
	struct target *target = target_at(&health->targets, id);
	if (target->wait == WAIT_APPROVAL)
		return;
	if (!network_works(health, target))
		target_wait(&health->targets, id, WAIT_PROOF);
	else if (target->machine.served && !withdraw_allows(health, target, now_ms))
		target_wait(&health->targets, id, WAIT_APPROVAL);
	else
		leave_out(health, id, now_ms);
}

static void take_in(struct health *health, uint32_t id, int64_t now_ms)
{
	struct target *target = target_at(&health->targets, id);
	if (target->counted && now_ms - target->out_ms < BUDGET_SECONDS * INT64_C(1000))
		withdraw_return(health, target, now_ms);
	/* was it one of many that are back by now? Then the rest of them is little */
	if (health->targets.queues[WAIT_APPROVAL].count != 0 && health->again_ms == 0 &&
	    (target->counted || target->wait == WAIT_APPROVAL))
		health->again_ms = now_ms + AGAIN_MS;
	health->counters.taken_in += target->out ? target->use_count : 0;
	target->out = target->counted = false;
	target_wait(&health->targets, id, WAIT_NOTHING);
}

/* By its machine's state. */
static void target_place(struct health *health, uint32_t id, int64_t now_ms)
{
	struct target *target = target_at(&health->targets, id);
	if (!target->out) /* it never went: there is nothing to come back from */
		(void)verdict_spare(&target->machine, now_ms);
	switch (target->machine.state) {
	case HEALTH_UNHEALTHY:
		if (target->out)
			target_wait(&health->targets, id, WAIT_NOTHING);
		else
			leave_out_if(health, id, now_ms);
		break;
	case HEALTH_RECOVERING:
		target_wait(&health->targets, id, target->machine.risen ? WAIT_FAILBACK : WAIT_NOTHING);
		break;
	default:
		take_in(health, id, now_ms);
	}
}

static uint8_t news_reason(const struct target *target)
{
	if (target->wait == WAIT_PROOF)
		return REASON_SUSPECTED;
	if (target->wait == WAIT_APPROVAL)
		return REASON_HELD;
	if (target->wait == WAIT_FAILBACK)
		return REASON_HOLD;
	switch (target->machine.state) {
	case HEALTH_UNKNOWN:
		return REASON_NONE;
	case HEALTH_HEALTHY:
		return REASON_PROBE_GOOD;
	case HEALTH_RECOVERING:
		return REASON_RISING;
	default:
		return target->machine.bad == 0 ? REASON_NONE : REASON_PROBE_BAD;
	}
}

static void names_put(const struct health *health, const struct target *target,
                      struct health_news *news)
{
	struct service_view service;
	struct cluster_view cluster;
	if (target->use_count == 0 ||
	    !model_service(health->setup.model, target->uses[0].service, &service))
		return;
	const struct watched *watched = health->services[target->uses[0].service];
	news->namespace = service.namespace;
	news->service = service.name;
	if (model_cluster(health->setup.model, watched->links[target->uses[0].link].cluster, &cluster))
		news->cluster = cluster.name;
}

static void target_tell(struct health *health, const struct target *target, enum health_state from,
                        int64_t now_ms)
{
	for (uint32_t i = 0; i < target->use_count; i++)
		service_stale(health, target->uses[i].service, now_ms);
	struct health_news news = {.target = &target->spec,
	                           .from = from,
	                           .to = target->machine.state,
	                           .reason = news_reason(target),
	                           .out = target->out,
	                           .services = target->use_count,
	                           .why = target->why};
	names_put(health, target, &news);
	health->counters.moves[news.reason]++;
	health->setup.news(health->setup.arg, &news);
}

void target_judge(struct health *health, uint32_t id, enum health_state from, int64_t now_ms)
{
	struct target *target = target_at(&health->targets, id);
	bool out = target->out;
	uint8_t wait = target->wait;
	target_place(health, id, now_ms);
	if (target->machine.state != from || target->out != out || target->wait != wait)
		target_tell(health, target, from, now_ms);
}

void held_judge(struct health *health, bool approved, int64_t now_ms)
{
	struct queue *queue = &health->targets.queues[WAIT_APPROVAL];
	uint32_t id = queue->first, after;
	health->again_ms = 0;
	if (queue->count != 0 && !approved)
		withdraw_measure(health);
	for (uint32_t left = queue->count; left > 0; left--, id = after) {
		struct target *target = target_at(&health->targets, id);
		after = target->after;
		if (!approved && !withdraw_fits(health, target))
			continue;
		leave_out(health, id, now_ms);
		target_tell(health, target, target->machine.state, now_ms);
	}
}

void target_forget(struct health *health, uint32_t id)
{
	const struct target *target = target_at(&health->targets, id);
	if (target->probed)
		health->setup.unprobe(health->setup.arg, id);
	tenant_at(&health->tenants, target->maker)->targets--;
	target_drop(&health->targets, id);
}

/* --- the whole ---------------------------------------------------------------------------- */

static void whole_news(struct health *health, uint8_t reason, size_t targets, const char *why)
{
	const struct health_news news = {.reason = reason, .services = targets, .why = why};
	health->setup.news(health->setup.arg, &news);
}

/* A moment without an answer is what waiting for proof looks like; an interval of it is not. */
int64_t whole_next(const struct health *health)
{
	if (health->suspected_ms == 0 || health->suspected_said)
		return INT64_MAX;
	return health->suspected_ms + health->policy.interval_ms;
}

static void suspicion_say(struct health *health, int64_t now_ms)
{
	uint32_t waiting = health->targets.queues[WAIT_PROOF].count;
	if (waiting == 0)
		health->suspected_ms = 0;
	else if (health->suspected_ms == 0)
		health->suspected_ms = now_ms;
	bool due = now_ms >= whole_next(health);
	if (due)
		whole_news(health, REASON_SUSPECTED, waiting,
		           health->self_checked
		               ? "no self check succeeds: our own network is suspected, and answers stay "
		                 "as they were"
		               : "no probe is answered: our own network is suspected, and answers stay as "
		                 "they were");
	else if (waiting == 0 && health->suspected_said)
		whole_news(health, REASON_NONE, 0, "our own network is suspected no more");
	health->suspected_said = waiting != 0 && (due || health->suspected_said);
}

static void held_say(struct health *health)
{
	uint32_t held = health->targets.queues[WAIT_APPROVAL].count;
	if ((held != 0) == health->held_said)
		return;
	health->held_said = held != 0;
	if (held != 0)
		whole_news(health, REASON_HELD, held,
		           "too much fails within a minute (max_withdraw): what is held is answered until "
		           "it recovers or \"fedns approve\" lets it go");
	else
		whole_news(health, REASON_NONE, 0, "nothing is held back any more");
}

void whole_say(struct health *health, int64_t now_ms)
{
	suspicion_say(health, now_ms);
	held_say(health);
}
