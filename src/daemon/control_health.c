/* What `status` says of health. */
#include "control_commands.h"

/* health_totals() looks at every target: not for nothing. */
static bool is_idle(const struct daemon *daemon)
{
	struct health_order order;
	return daemon->health.targets == 0 &&
	       (daemon->health.health == NULL || !health_orders(daemon->health.health, 0, &order));
}

bool control_health_good(const struct daemon *daemon)
{
	struct health_totals totals;
	if (is_idle(daemon))
		return true;
	health_totals(daemon->health.health, &totals);
	return totals.held == 0 && !totals.suspected;
}

static json_t *probes_json(const struct daemon *daemon)
{
	struct prober_counters probes;
	if (daemon->health.prober == NULL)
		return json_null();
	prober_counters(daemon->health.prober, &probes);
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "good", (json_int_t)probes.good, "bad",
	                 (json_int_t)probes.bad, "late", (json_int_t)probes.late, "stalled",
	                 (json_int_t)probes.stalled, "flying", (json_int_t)probes.flying, "late_us_p99",
	                 (json_int_t)probes.late_us_p99);
}

json_t *control_health_json(const struct daemon *daemon)
{
	struct health_totals totals;
	if (is_idle(daemon))
		return json_null();
	health_totals(daemon->health.health, &totals);
	json_t *json = json_pack("{s:I, s:I, s:I, s:b, s:o}", "targets", (json_int_t)totals.targets,
	                         "orders", (json_int_t)totals.orders, "held", (json_int_t)totals.held,
	                         "suspected", totals.suspected ? 1 : 0, "probes", probes_json(daemon));
	for (size_t i = 0; json != NULL && i < HEALTH_STATES; i++) {
		json_t *count = json_integer((json_int_t)totals.by_state[i]);
		if (json_object_set_new(json, health_state_text((enum health_state)i), count) == 0)
			continue;
		json_decref(json);
		json = NULL;
	}
	return json;
}
