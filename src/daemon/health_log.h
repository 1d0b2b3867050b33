/* health_log: what health tells, a line a transition; of a mass failure the first ones and a
 * summary. */
#ifndef FEDNS_DAEMON_HEALTH_LOG_H
#define FEDNS_DAEMON_HEALTH_LOG_H

#include "fedns/answer.h"
#include "fedns/health.h"
#include "fedns/log.h"

#include <uv.h>

/* Lines within a window; what is more is counted, and summed up at its end. */
#define HEALTH_LINES_MAX 20
#define HEALTH_WINDOW_MS 1000

struct health_log {
	const struct log *log;
	uv_timer_t window; /* runs while lines are counted */
	unsigned said;
	size_t unsaid, unsaid_to[HEALTH_STATES], unsaid_services;
	uint64_t dropped;          /* transitions without a line of their own, since the start */
	const struct model *model; /* of the moves, which names their services */
	struct zone_moves moves;   /* unsaid */
};

void health_log_init(struct health_log *log, const struct log *to, uv_loop_t *loop);
/** What was counted is said. Its handle closes on the loop. */
void health_log_stop(struct health_log *log);
void health_log_news(struct health_log *log, const struct health_news *news);
/** What a publish has changed: levels of one service, by its name, or of how many. */
void health_log_moves(struct health_log *log, const struct model *model,
                      const struct zone_moves *moves);
/** A line that counts as a transition does; false: enough were said. */
bool health_log_may(struct health_log *log);
/** "192.0.2.1:443", "[2001:db8::1]:443". */
void health_target_text(const struct health_target *target, char *text, size_t size);
/** "tcp", "http", "https". */
const char *probe_kind_text(enum probe_kind kind);

#endif
