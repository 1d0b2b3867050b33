/* Of a scrape: the push to a provider. */
#include "metrics_job.h"

#include <string.h>

static const char CALLS[] = "fedns_provider_calls_total",
				  CHANGES[] = "fedns_provider_changes_total";

static enum err call_add(struct buf *out, const char *action, const char *code, uint64_t count)
{
	const struct metric_label labels[] = {{"action", bytes_of(action)}, {"code", bytes_of(code)}};
	return metric_count(out, CALLS, labels, 2, count);
}

/* What providers before this one counted of the same; each of their rows is told once. */
static uint64_t past_take(const struct provider_past *past, bool told[METRICS_CALLS_MAX],
                          const char *action, const char *code)
{
	for (size_t i = 0; i < past->call_count; i++) {
		if (strcmp(past->calls[i].action, action) != 0 || strcmp(past->calls[i].code, code) != 0)
			continue;
		told[i] = true;
		return past->calls[i].count;
	}
	return 0;
}

enum err metrics_calls(struct metrics_job *job, struct buf *out, bool *more)
{
	const struct daemon *daemon = job->daemon;
	const struct provider *provider = daemon->push.provider;
	const struct provider_past *past = &daemon->metrics.past;
	const char *action, *code;
	uint64_t count;
	bool told[METRICS_CALLS_MAX] = {false};
	(void)more;
	enum err err = metric_family(out, CALLS, METRIC_COUNTER,
	                             "Calls of the provider's API, by action and Code (OK: done; lost: "
	                             "no answer).");
	for (size_t i = 0;
	     err == ERR_OK && provider != NULL && provider_calls(provider, i, &action, &code, &count);
	     i++)
		err = call_add(out, action, code, count + past_take(past, told, action, code));
	for (size_t i = 0; err == ERR_OK && i < past->call_count; i++) {
		if (!told[i])
			err = call_add(out, past->calls[i].action, past->calls[i].code, past->calls[i].count);
	}
	return err;
}

static void state_of(const struct daemon *daemon, struct provider_state *out)
{
	*out = (struct provider_state){.pending = 0};
	if (daemon->push.provider != NULL)
		provider_state(daemon->push.provider, out);
}

enum err metrics_changes(struct metrics_job *job, struct buf *out, bool *more)
{
	static const char *const ACTIONS[STEP_KINDS] = {[STEP_MARK] = "mark",
	                                                [STEP_UPDATE] = "update",
	                                                [STEP_ADD] = "add",
	                                                [STEP_DELETE] = "delete"};
	struct provider_state state;
	(void)more;
	state_of(job->daemon, &state);
	enum err err = metric_family(out, CHANGES, METRIC_COUNTER, "Records changed at the provider.");
	for (size_t i = 0; err == ERR_OK && i < STEP_KINDS; i++)
		err = metric_count_by(out, CHANGES, "action", ACTIONS[i],
		                      state.changes[i] + job->daemon->metrics.past.changes[i]);
	return err;
}

/* Is this the replica that pushes? */
static bool leads(const struct daemon *daemon)
{
	if (daemon->push.provider == NULL)
		return false;
	return !daemon->config->push.lease.on ||
	       (daemon->push.lease != NULL && lease_held(daemon->push.lease));
}

enum err metrics_push(struct metrics_job *job, struct buf *out, bool *more)
{
	const struct daemon *daemon = job->daemon;
	struct provider_state state;
	(void)more;
	state_of(daemon, &state);
	int64_t success_ms =
		state.last_success_ms != 0 ? state.last_success_ms : daemon->metrics.past.last_success_ms;
	const struct {
		const char *name, *help;
		double value;
	} rows[] = {
		{"fedns_provider_pending", "Changes of the plan under way that are not done yet.",
	     (double)state.pending},
		{"fedns_provider_last_success_timestamp_seconds",
	     "When all that was wanted was at the provider; 0: never.", (double)success_ms / 1000.0},
		{"fedns_provider_conflicts", "Names that somebody else holds at the provider.",
	     (double)state.counts.conflicts},
		{"fedns_provider_drift", "Records of ours that somebody holds as they are.",
	     (double)state.counts.drift},
		{"fedns_provider_configured",
	     "Is there a provider to push to? Then one replica has to lead.", daemon->config->push.on},
		{"fedns_leader", "Does this replica push?", leads(daemon)},
	};
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < sizeof rows / sizeof rows[0]; i++)
		err = metric_one(out, rows[i].name, METRIC_GAUGE, rows[i].help, rows[i].value);
	return err;
}
