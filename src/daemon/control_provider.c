/* `status` and `provider`: of the push to a provider. */
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
	for (size_t i = 0;
	     list != NULL && provider != NULL && provider_calls(provider, i, &action, &code, &count);
	     i++) {
		json_t *row = json_pack("{s:s, s:o, s:I}", "action", action, "code", control_text(code),
		                        "count", (json_int_t)count);
		control_list_add(&list, row);
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

/* False: nothing is to be pushed. */
static bool state_of(const struct daemon *daemon, struct provider_state *out)
{
	const struct daemon_push *push = &daemon->push;
	*out = (struct provider_state){.phase = PROVIDER_TROUBLED,
	                               .domain = "-",
	                               .trouble = push->why.text,
	                               .arrival = {.took_ms = -1, .disagreement = ""}};
	if (push->provider != NULL)
		provider_state(push->provider, out);
	return push->provider != NULL || push->why.text[0] != '\0';
}

json_t *control_provider_json(const struct daemon *daemon)
{
	const struct provider *provider = daemon->push.provider;
	struct provider_state state;
	if (!state_of(daemon, &state))
		return json_null();
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

/* --- `provider`: more of it ---------------------------------------------------------------- */

/* Of the newest plan; `fedns plan` lists all. */
#define NOTES_TOLD_MAX 100

static const char *const NOTES[] = {
	[NOTE_CONFLICT] = "conflict", [NOTE_EQUAL] = "equal", [NOTE_EXTERNAL_DNS] = "external-dns",
	[NOTE_DRIFT] = "drift",       [NOTE_DEEP] = "deep",   [NOTE_MANY] = "many",
};

static json_t *notes_json(const struct plan *plan)
{
	size_t count = 0;
	json_t *list = json_array();
	const struct plan_note *notes = plan == NULL ? NULL : plan_notes(plan, &count);
	for (size_t i = 0; list != NULL && i < count && i < NOTES_TOLD_MAX; i++) {
		char text[WHY_TEXT_SIZE];
		plan_note_text(plan, &notes[i], text, sizeof text);
		json_t *note =
			json_pack("{s:s, s:o}", "kind", NOTES[notes[i].kind], "text", control_text(text));
		control_list_add(&list, note);
	}
	return list;
}

static json_t *plan_json(const struct plan_counts *counts)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "add", (json_int_t)counts->adds, "update",
	                 (json_int_t)counts->updates, "delete", (json_int_t)counts->deletes, "mark",
	                 (json_int_t)counts->marks, "unchanged", (json_int_t)counts->unchanged);
}

static json_t *more_json(const struct provider *provider, const struct provider_state *state)
{
	const struct record_list *have, *want;
	const struct plan *plan = provider == NULL ? NULL : provider_plan(provider, &have, &want);
	return json_pack("{s:o, s:I, s:b, s:b, s:o}", "plan", plan_json(&state->counts), "failures",
	                 (json_int_t)state->failures, "lasting", state->lasting ? 1 : 0, "leader",
	                 state->leader ? 1 : 0, "notes", notes_json(plan));
}

static json_t *provider_json(const struct daemon *daemon)
{
	struct provider_state state;
	if (!state_of(daemon, &state))
		return json_pack("{s:s}", "phase", "off");
	json_t *row = control_provider_json(daemon), *more = more_json(daemon->push.provider, &state);
	if (json_object_update(row, more) != 0) { /* NULL of either, too */
		json_decref(row);
		row = NULL;
	}
	json_decref(more);
	return row;
}

static bool is_good(const struct daemon *daemon)
{
	struct provider_state state;
	if (!state_of(daemon, &state))
		return true;
	return state.held == 0 && state.trouble[0] == '\0';
}

enum control_step control_provider_step(void *job, struct control_answer *answer)
{
	struct control_single *single = job;
	if (single->done) {
		answer->not_good = !is_good(single->daemon);
		return CONTROL_END;
	}
	single->done = true;
	answer->row = provider_json(single->daemon);
	return CONTROL_ROW;
}
