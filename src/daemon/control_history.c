/* `history`: the last minutes of answering, one row of arrays, the newest last. */
#include "control_commands.h"

static const char *const RATES[HISTORY_RATES] = {
	[HISTORY_QUERIES] = "queries",   [HISTORY_NOERROR] = "noerror", [HISTORY_NXDOMAIN] = "nxdomain",
	[HISTORY_SERVFAIL] = "servfail", [HISTORY_REFUSED] = "refused", [HISTORY_OTHER] = "other",
};

#define US_A_NS 1e-3

/* To a tenth: nobody sees more of a chart. */
static json_t *number_json(double value)
{
	return json_real((double)(int64_t)(value * 10 + 0.5) / 10);
}

static json_t *latency_json(const struct history_sample *sample, uint64_t ns)
{
	return sample->answered ? number_json((double)ns * US_A_NS) : json_null();
}

/* False: no memory. Takes `value`. */
static bool append(json_t *row, const char *key, json_t *value)
{
	return json_array_append_new(json_object_get(row, key), value) == 0;
}

static bool sample_append(json_t *row, const struct history_sample *sample)
{
	bool good = append(row, "p50_us", latency_json(sample, sample->p50_ns)) &&
	            append(row, "p99_us", latency_json(sample, sample->p99_ns));
	for (size_t i = 0; i < HISTORY_RATES && good; i++)
		good = append(row, RATES[i], number_json(sample->rates[i]));
	return good;
}

static json_t *history_json(const struct history *history)
{
	json_t *row = json_pack("{s:I, s:[], s:[], s:[], s:[], s:[], s:[], s:[], s:[]}", "step_s",
	                        (json_int_t)HISTORY_STEP_S, RATES[0], RATES[1], RATES[2], RATES[3],
	                        RATES[4], RATES[5], "p50_us", "p99_us");
	for (size_t i = 0; row != NULL && i < history_count(history); i++) {
		if (sample_append(row, history_at(history, i)))
			continue;
		json_decref(row);
		row = NULL;
	}
	return row;
}

enum control_step control_history_step(void *job, struct control_answer *answer)
{
	struct control_single *single = job;
	if (single->done)
		return CONTROL_END;
	single->done = true;
	answer->row = history_json(&single->daemon->metrics.history);
	return CONTROL_ROW;
}
