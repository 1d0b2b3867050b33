/* `status`: of the push to a provider. */
#include "control_commands.h"

static const char *const PHASES[] = {
	[PROVIDER_WAITS] = "waiting",      [PROVIDER_READS] = "reading",
	[PROVIDER_APPLIES] = "pushing",    [PROVIDER_TROUBLED] = "in trouble",
	[PROVIDER_AT_REST] = "up to date",
};

static json_t *calls_json(const struct provider *provider)
{
	json_t *list = json_array();
	const char *action, *code;
	uint64_t count;
	for (size_t i = 0; list != NULL && provider_calls(provider, i, &action, &code, &count); i++) {
		json_t *row = json_pack("{s:s, s:o, s:I}", "action", action, "code", control_text(code),
		                        "count", (json_int_t)count);
		if (json_array_append_new(list, row) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

static json_t *changes_json(const struct provider_state *state)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "add", (json_int_t)state->changes[STEP_ADD], "update",
	                 (json_int_t)state->changes[STEP_UPDATE], "delete",
	                 (json_int_t)state->changes[STEP_DELETE], "mark",
	                 (json_int_t)state->changes[STEP_MARK]);
}

static json_t *lease_json(const struct daemon *daemon)
{
	const struct lease *lease = daemon->push.lease;
	if (lease == NULL)
		return json_null();
	return json_pack("{s:b, s:o, s:I}", "leader", lease_held(lease) ? 1 : 0, "holder",
	                 control_text(lease_holder(lease)), "transitions",
	                 (json_int_t)lease_transitions(lease));
}

static json_t *arrival_json(const struct arrival_state *arrival)
{
	bool disagrees = arrival->disagreement[0] != '\0';
	return json_pack("{s:b, s:I, s:o, s:o}", "asking", arrival->asking ? 1 : 0, "arrived",
	                 (json_int_t)arrival->arrived, "took_ms",
	                 arrival->took_ms < 0 ? json_null() : json_integer(arrival->took_ms),
	                 "disagreement", disagrees ? control_text(arrival->disagreement) : json_null());
}

json_t *control_provider_json(const struct daemon *daemon)
{
	const struct provider *provider = daemon->push.provider;
	struct provider_state state;
	if (provider == NULL)
		return json_null();
	provider_state(provider, &state);
	const struct plan_counts *counts = &state.counts;
	return json_pack("{s:s, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, "
	                 "s:o, s:o, s:o, s:o}",
	                 "phase", PHASES[state.phase], "domain", control_text(state.domain), "edition",
	                 state.edition_known ? control_text(state.edition.edition) : json_null(),
	                 "records", (json_int_t)state.records, "ours", (json_int_t)counts->ours,
	                 "pending", (json_int_t)state.pending, "done", (json_int_t)state.done,
	                 "conflicts", (json_int_t)counts->conflicts, "drift", (json_int_t)counts->drift,
	                 "left_out", (json_int_t)counts->left_out, "refused", (json_int_t)state.refused,
	                 "held", (json_int_t)state.held, "last_success",
	                 control_time(state.last_success_ms), "age_s",
	                 control_age(state.last_success_ms), "trouble",
	                 state.trouble[0] != '\0' ? control_text(state.trouble) : json_null(),
	                 "changes", changes_json(&state), "calls", calls_json(provider), "lease",
	                 lease_json(daemon), "arrival", arrival_json(&state.arrival));
}
