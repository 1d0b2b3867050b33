/* `reload`: as SIGHUP, and says what came of it. */
#include "control_commands.h"

static json_t *reload_json(const struct daemon *daemon)
{
	struct zone_stats stats;
	zone_stats(daemon->zone, &stats);
	return json_pack("{s:s, s:I, s:I, s:I, s:o, s:I}", "state", control_state(daemon), "serial",
	                 (json_int_t)stats.serial, "services", (json_int_t)stats.services, "records",
	                 (json_int_t)stats.records, "listen", control_listens(daemon), "workers",
	                 (json_int_t)daemon->config->workers);
}

enum control_step control_reload_step(void *job, struct control_answer *answer)
{
	struct control_single *single = job;
	struct daemon *daemon = single->daemon;
	if (single->done) {
		answer->not_good = !control_state_good(daemon);
		return CONTROL_END;
	}
	/* A crew of the reload before may still have its last answers to give: up to some seconds. */
	if (daemon->retiring)
		return CONTROL_WAIT;
	single->done = true;
	answer->err = daemon_reload(daemon, &answer->why);
	if (answer->err != ERR_OK) {
		why_wrap(&answer->why, "the old configuration stays");
		return CONTROL_FAILED;
	}
	answer->row = reload_json(daemon);
	return CONTROL_ROW;
}
