#include "health_log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* An address in brackets, and a port. */
#define TARGET_TEXT_SIZE (ADDRESS_TEXT_SIZE + 10)

const char *probe_kind_text(enum probe_kind kind)
{
	switch (kind) {
	case PROBE_TCP:
		return "tcp";
	case PROBE_HTTP:
		return "http";
	case PROBE_HTTPS:
		return "https";
	default:
		return "none";
	}
}

void health_target_text(const struct health_target *target, char *text, size_t size)
{
	char address[ADDRESS_TEXT_SIZE];
	address_text(&target->address, address);
	(void)snprintf(text, size, target->address.family == 4 ? "%s:%u" : "[%s]:%u", address,
	               target->port);
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

/* --- levels ------------------------------------------------------------------------------- */

/* All levels that climb for all reasons are some thousand octets; what is behind that is cut. */
#define MOVES_TEXT_SIZE 1024

static void text_add(char *text, const char *fmt, ...) PRINTF(2, 3);

static void text_add(char *text, const char *fmt, ...)
{
	size_t used = strlen(text);
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text + used, MOVES_TEXT_SIZE - used, fmt, args);
	va_end(args);
}

static void climbs_put(const struct zone_moves *moves, enum level level, char *text)
{
	for (unsigned reason = 0; reason < REASONS; reason++) {
		unsigned long long count = moves->levels.failovers[level][reason];
		if (count == 0)
			continue;
		if (level == LEVEL_GLOBAL && moves->services == 1)
			text_add(text, ", all down (%s)", reason_text(reason));
		else if (level == LEVEL_GLOBAL)
			text_add(text, ", %llu all down (%s)", count, reason_text(reason));
		else
			text_add(text, ", %llu %s level%s (%s)", count, level_text(level),
			         count == 1 ? " climbs" : "s climb", reason_text(reason));
	}
}

static void returns_put(const struct zone_moves *moves, enum level level, char *text)
{
	unsigned long long count = moves->levels.failbacks[level];
	if (count != 0)
		text_add(text, ", %llu %s level%s back", count, level_text(level), plural(count));
}

static void moves_say(const struct health_log *log, const struct zone_moves *moves)
{
	char text[MOVES_TEXT_SIZE] = "", who[2 * LABEL_SIZE_MAX + 2];
	struct service_view service;
	for (int level = LEVEL_ZONE; level >= LEVEL_GLOBAL; level--)
		climbs_put(moves, (enum level)level, text);
	bool climb = text[0] != '\0';
	for (int level = LEVEL_ZONE; level >= LEVEL_GLOBAL; level--)
		returns_put(moves, (enum level)level, text);
	if (moves->services == 1 && model_service(log->model, moves->service, &service))
		(void)snprintf(who, sizeof who, "%.*s/%.*s", BYTES_ARG(service.namespace),
		               BYTES_ARG(service.name));
	else
		(void)snprintf(who, sizeof who, "%zu service%s", moves->services, plural(moves->services));
	log_write(log->log, climb ? LOG_WARN : LOG_INFO, "health", "%s: %s", who, text + 2);
}

void health_log_moves(struct health_log *log, const struct model *model,
                      const struct zone_moves *moves)
{
	log->model = model;
	if (moves->services == 0)
		return;
	if (health_log_may(log))
		moves_say(log, moves);
	else
		zone_moves_add(&log->moves, moves);
}

/* --- the window --------------------------------------------------------------------------- */

static void summary_say(struct health_log *log)
{
	if (log->unsaid != 0)
		log_write(log->log, LOG_WARN, "health",
		          "%zu more within %d ms: %zu failing, %zu unhealthy, %zu recovering, %zu healthy: "
		          "%zu service%s",
		          log->unsaid, HEALTH_WINDOW_MS, log->unsaid_to[HEALTH_FAILING],
		          log->unsaid_to[HEALTH_UNHEALTHY], log->unsaid_to[HEALTH_RECOVERING],
		          log->unsaid_to[HEALTH_HEALTHY], log->unsaid_services,
		          plural(log->unsaid_services));
	if (log->moves.services != 0)
		moves_say(log, &log->moves);
	log->moves = (struct zone_moves){.services = 0};
	log->said = 0;
	log->unsaid = log->unsaid_services = 0;
	for (size_t i = 0; i < HEALTH_STATES; i++)
		log->unsaid_to[i] = 0;
}

static void window_over(uv_timer_t *window)
{
	summary_say(window->data);
}

void health_log_init(struct health_log *log, const struct log *to, uv_loop_t *loop)
{
	*log = (struct health_log){.log = to};
	(void)uv_timer_init(loop, &log->window);
	log->window.data = log;
}

void health_log_stop(struct health_log *log)
{
	summary_say(log);
	uv_close((uv_handle_t *)&log->window, NULL);
}

bool health_log_may(struct health_log *log)
{
	if (!uv_is_active((uv_handle_t *)&log->window) && !uv_is_closing((uv_handle_t *)&log->window))
		(void)uv_timer_start(&log->window, window_over, HEALTH_WINDOW_MS, 0);
	return log->said++ < HEALTH_LINES_MAX;
}

/* --- news --------------------------------------------------------------------------------- */

/* What takes an address out, or would, is a warning; a first good result is what is expected. */
static enum log_level level_of(const struct health_news *news)
{
	if (news->to == HEALTH_UNHEALTHY)
		return LOG_WARN;
	return news->from == HEALTH_UNKNOWN ? LOG_DEBUG : LOG_INFO;
}

/* "failing -> unhealthy", "unhealthy, answered no more" */
static void move_put(const struct health_news *news, char *text, size_t size)
{
	const char *from = health_state_text(news->from), *to = health_state_text(news->to);
	if (news->from == news->to)
		(void)snprintf(text, size, "%s, %s", to, news->out ? "answered no more" : "answered");
	else
		(void)snprintf(text, size, "%s -> %s%s", from, to,
		               news->to == HEALTH_UNHEALTHY && !news->out ? ", answered on" : "");
}

/* The one that it touches by its name, or how many. */
static void services_put(const struct health_news *news, char *text, size_t size)
{
	if (news->services != 1 || news->service.size == 0)
		(void)snprintf(text, size, "%zu service%s", news->services, plural(news->services));
	else
		(void)snprintf(text, size, "%.*s/%.*s in %.*s", BYTES_ARG(news->namespace),
		               BYTES_ARG(news->service), BYTES_ARG(news->cluster));
}

static void transition_say(const struct health_log *log, const struct health_news *news)
{
	char target[TARGET_TEXT_SIZE], move[64];
	char services[2 * LABEL_SIZE_MAX + CLUSTER_NAME_SIZE_MAX + 8];
	const char *why = news->why == NULL ? "" : news->why;
	health_target_text(news->target, target, sizeof target);
	move_put(news, move, sizeof move);
	services_put(news, services, sizeof services);
	log_write(log->log, level_of(news), "health", "%s %s %s (%s%s%s): %s", target,
	          probe_kind_text(news->target->kind), move, reason_text(news->reason),
	          why[0] == '\0' ? "" : ": ", why, services);
}

/* Rare, and always said. */
static void whole_say(const struct health_log *log, const struct health_news *news)
{
	if (news->reason == REASON_NONE)
		log_write(log->log, LOG_INFO, "health", "%s", news->why);
	else
		log_write(log->log, LOG_ERROR, "health", "%s (%s): %zu target%s", news->why,
		          reason_text(news->reason), news->services, plural(news->services));
}

void health_log_news(struct health_log *log, const struct health_news *news)
{
	if (news->target == NULL) {
		whole_say(log, news);
		return;
	}
	if (level_of(news) > log->log->level)
		return;
	if (health_log_may(log)) {
		transition_say(log, news);
		return;
	}
	log->unsaid++;
	log->dropped++;
	log->unsaid_services += news->services;
	log->unsaid_to[news->to]++;
}
