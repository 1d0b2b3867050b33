/* The core is told what changes and what probes find, and what it says becomes answers. The prober
 * is there as long as there is something to probe. */
#include "clock.h"
#include "daemon_internal.h"
#include "health_config.h"
#include "orders.h"

/* However far the next moment is: the wall clock may be set. */
#define TICK_MAX_MS 60000
/* Ids of self checks, behind those that the core gives. */
#define SELF_FIRST HEALTH_TARGETS_MAX

/* --- time --------------------------------------------------------------------------------- */

static void tick(uv_timer_t *timer);

/* After any call of the core. */
static void tick_arm(struct daemon *daemon)
{
	struct daemon_health *health = &daemon->health;
	int64_t next_ms = health_next(health->health), wait_ms = next_ms - clock_now_ms();
	if (next_ms == health->tick_at_ms || daemon->stopping)
		return;
	health->tick_at_ms = next_ms;
	if (next_ms == INT64_MAX) {
		(void)uv_timer_stop(&health->tick);
		return;
	}
	wait_ms = wait_ms < 1 ? 1 : wait_ms < TICK_MAX_MS ? wait_ms : TICK_MAX_MS;
	(void)uv_timer_start(&health->tick, tick, (uint64_t)wait_ms, 0);
}

static void tick(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	bool changed;
	(void)health_tick(daemon->health.health, clock_now_ms(), &changed);
	daemon->health.tick_at_ms = INT64_MAX;
	tick_arm(daemon);
	if (changed)
		daemon_publish(daemon);
}

/* --- probes ------------------------------------------------------------------------------- */

static void not_probed_say(struct daemon *daemon, const struct health_target *target,
                           const struct why *why)
{
	char text[ADDRESS_TEXT_SIZE + 10];
	health_target_text(target, text, sizeof text);
	if (health_log_may(&daemon->health.log))
		log_write(&daemon->log, LOG_ERROR, "health", "%s is not probed: %s", text, why->text);
}

/* Those that are not there yet. Without memory the next result tries it again. */
static void self_checks_add(struct daemon *daemon)
{
	struct why why = {{0}};
	struct daemon_health *health = &daemon->health;
	const struct config_health *config = &daemon->config->health;
	for (; health->self_checks < config->self_check_count; health->self_checks++) {
		size_t i = health->self_checks;
		const struct health_target *target = &config->self_checks[i];
		enum err err = prober_add(health->prober, SELF_FIRST + (uint32_t)i, target, &why);
		if (err != ERR_OK)
			not_probed_say(daemon, target, &why);
		if (err == ERR_NOMEM)
			return;
	}
}

static void probed(void *arg, uint32_t id, bool good, const char *why, int64_t took_us)
{
	struct daemon *daemon = arg;
	struct health *health = daemon->health.health;
	int64_t now_ms = clock_now_ms();
	(void)took_us;
	if (id < SELF_FIRST)
		daemon_probe_counted(daemon, id, good);
	if (id >= SELF_FIRST ? health_self_result(health, id - SELF_FIRST, good, now_ms)
	                     : health_result(health, id, good, why, now_ms)) {
		daemon_event(daemon, uv_hrtime());
		daemon_publish_soon(daemon); /* many results of one turn of the loop are one publish */
	}
	self_checks_add(daemon);
	tick_arm(daemon);
}

static void not_asked(void *arg, const struct why *why)
{
	struct daemon *daemon = arg;
	log_write(&daemon->log, LOG_ERROR, "health",
	          "https is not probed, or by the roots of before: %s", why->text);
}

static enum err prober_make(struct daemon *daemon, struct why *why)
{
	struct daemon_health *health = &daemon->health;
	struct prober_setup setup = {.loop = &daemon->loop,
	                             .policy = daemon->config->health.probes,
	                             .seed = model_seed(daemon->model),
	                             .result = probed,
	                             .trouble = not_asked,
	                             .arg = daemon};
	if (health->prober != NULL)
		return ERR_OK;
	enum err err = prober_new(&setup, &health->prober, why);
	health->self_checks = 0;
	if (err == ERR_OK)
		self_checks_add(daemon);
	return err;
}

static void prober_end(struct daemon_health *health)
{
	prober_free(health->prober);
	health->prober = NULL;
}

static bool probe(void *arg, uint32_t id, const struct health_target *target)
{
	struct daemon *daemon = arg;
	struct why why = {{0}};
	enum err err = prober_make(daemon, &why);
	if (err == ERR_OK)
		err = prober_add(daemon->health.prober, id, target, &why);
	if (err != ERR_OK)
		not_probed_say(daemon, target, &why);
	/* one that is malformed stays so: it counts as if it were there */
	bool taken = err == ERR_OK || err == ERR_INVALID;
	daemon->health.targets += taken;
	return taken;
}

static void unprobe(void *arg, uint32_t id)
{
	struct daemon *daemon = arg;
	daemon->health.targets--;
	if (daemon->health.prober != NULL)
		prober_remove(daemon->health.prober, id);
}

static void news(void *arg, const struct health_news *what)
{
	struct daemon *daemon = arg;
	health_log_news(&daemon->health.log, what);
}

/* --- its life ----------------------------------------------------------------------------- */

void daemon_health_init(struct daemon *daemon)
{
	(void)uv_timer_init(&daemon->loop, &daemon->health.tick);
	daemon->health.tick.data = daemon;
	daemon->health.tick_at_ms = INT64_MAX;
	health_log_init(&daemon->health.log, &daemon->log, &daemon->loop);
}

enum err daemon_health_start(struct daemon *daemon, struct why *why)
{
	size_t count = 0;
	struct health_setup setup = {
		.model = daemon->model, .arg = daemon, .probe = probe, .unprobe = unprobe, .news = news};
	struct health_texts texts;
	health_policy_of(daemon->config, &texts, &setup.policy);
	enum err err = health_new(&setup, &daemon->health.health, why);
	if (err != ERR_OK || daemon->config->state_dir == NULL)
		return err;
	err =
		orders_read(daemon->config->state_dir, daemon->health.health, clock_now_ms(), &count, why);
	if (err == ERR_NOMEM)
		return err;
	/* answers without a drain are better than none */
	daemon->health.orders_unread = err != ERR_OK;
	if (err != ERR_OK)
		daemon_log(daemon, LOG_ERROR, "not all drains and forces of before are in force: %s",
		           why->text);
	if (count != 0)
		daemon_log(daemon, LOG_WARN, "%zu drain%s or force%s of before %s in force", count,
		           count == 1 ? "" : "s", count == 1 ? "" : "s", count == 1 ? "is" : "are");
	tick_arm(daemon);
	return ERR_OK;
}

void daemon_health_look(struct daemon *daemon)
{
	struct why why = {{0}};
	struct daemon_health *health = &daemon->health;
	struct model_changes changes = model_changes(daemon->model);
	/* on an error the others are as they should be, and the core tries again */
	enum err err = health_look(health->health, &changes, clock_now_ms(), &why);
	if (err == ERR_LIMIT)
		findings_add(&daemon->publish_findings.sink, SEVERITY_ERROR, FINDING_LIMIT, "%s", why.text);
	else if (err != ERR_OK && health_log_may(&health->log))
		log_write(&daemon->log, LOG_ERROR, "health", "%s", why.text);
	tick_arm(daemon);
	if (health->targets == 0 && health->prober != NULL)
		prober_end(health);
}

void daemon_health_moves(struct daemon *daemon)
{
	struct zone_moves moves;
	zone_moves(daemon->zone, &moves);
	health_log_moves(&daemon->health.log, daemon->model, &moves);
}

void daemon_health_reload(struct daemon *daemon)
{
	struct why why = {{0}};
	struct health_policy policy;
	struct health_texts texts;
	struct daemon_health *health = &daemon->health;
	health_policy_of(daemon->config, &texts, &policy);
	enum err err = ERR_OK;
	if (health->prober != NULL) {
		for (size_t i = 0; i < health->self_checks; i++)
			prober_remove(health->prober, SELF_FIRST + (uint32_t)i);
		err = prober_set_policy(health->prober, &daemon->config->health.probes, &why);
		health->self_checks = 0;
		self_checks_add(daemon);
	}
	if (err == ERR_OK)
		err = health_set_policy(health->health, &policy, clock_now_ms(), &why);
	if (err != ERR_OK)
		log_write(&daemon->log, LOG_ERROR, "health",
		          "not all of the new configuration is in force: %s", why.text);
	tick_arm(daemon);
}

void daemon_health_stop(struct daemon *daemon)
{
	prober_end(&daemon->health);
	uv_close((uv_handle_t *)&daemon->health.tick, NULL);
	health_log_stop(&daemon->health.log);
}

/* --- orders ------------------------------------------------------------------------------- */

enum err daemon_order(struct daemon *daemon, const struct health_order *order, bool end,
                      struct why *why)
{
	int64_t now_ms = clock_now_ms();
	struct health *health = daemon->health.health;
	enum err err = end ? health_order_end(health, order, now_ms, why)
	                   : health_order(health, order, now_ms, why);
	if (err != ERR_OK)
		return err;
	tick_arm(daemon);
	daemon_publish(daemon);
	return ERR_OK;
}

bool daemon_orders_keep(struct daemon *daemon, struct why *why)
{
	if (daemon->config->state_dir == NULL) {
		why_set(why, "\"state_dir\" is not given");
		return false;
	}
	if (daemon->health.orders_unread)
		orders_keep_aside(daemon->config->state_dir);
	daemon->health.orders_unread = false;
	if (orders_write(daemon->config->state_dir, daemon->health.health, why) == ERR_OK)
		return true;
	daemon_log(daemon, LOG_ERROR, "a drain or force is in force, and not kept over a restart: %s",
	           why->text);
	return false;
}

size_t daemon_health_approve(struct daemon *daemon)
{
	size_t count = health_approve(daemon->health.health, clock_now_ms());
	if (count != 0)
		daemon_publish_soon(daemon);
	tick_arm(daemon);
	return count;
}
