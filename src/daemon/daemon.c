/* The life of the daemon: put together in an order that leaves nothing behind when a step fails,
 * run, taken apart. */
#include "daemon_internal.h"

#include "admin.h"
#include "clock.h"
#include "members.h"
#include "privileges.h"
#include "sandbox.h"

#include <assert.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Octets of the listen addresses in the log; what is longer is cut. */
#define ADDRESSES_TEXT_SIZE 512

/* Octets from which on a block of memory is the system's again as soon as it is freed. */
#define LARGE_BLOCK (256 * 1024)

void daemon_log(const struct daemon *daemon, enum log_level level, const char *fmt, ...)
{
	char text[LOG_LINE_SIZE];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	log_write(&daemon->log, level, "daemon", "%s", text);
}

void listeners_text(const struct listeners *listeners, size_t count, char *text, size_t size)
{
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < count && used < size; i++) {
		char one[64];
		struct endpoint endpoint = listeners_endpoint(listeners, i);
		endpoint_text(&endpoint, one);
		int more = snprintf(text + used, size - used, "%s%s", i == 0 ? "" : ", ", one);
		used += more > 0 ? (size_t)more : 0;
	}
}

/* --- the end ------------------------------------------------------------------------------ */

static void crew_end(struct daemon *daemon)
{
	if (daemon->crew != NULL)
		crew_stop(daemon->crew, NULL);
	daemon->crew = NULL;
	if (daemon->listeners != NULL)
		listeners_close(daemon->listeners);
	daemon->listeners = NULL;
}

static void handles_close(struct daemon *daemon)
{
	uv_close((uv_handle_t *)&daemon->tick, NULL);
	uv_close((uv_handle_t *)&daemon->publish, NULL);
	uv_close((uv_handle_t *)&daemon->sight, NULL);
	uv_close((uv_handle_t *)&daemon->grace, NULL);
	uv_close((uv_handle_t *)&daemon->duck, NULL);
	for (size_t i = 0; i < sizeof daemon->signals / sizeof daemon->signals[0]; i++)
		uv_close((uv_handle_t *)&daemon->signals[i], NULL);
}

/* After this the loop runs empty. */
static void daemon_stop(struct daemon *daemon)
{
	assert(!daemon->stopping);
	daemon->stopping = true;
	admin_free(daemon->admin);
	control_free(daemon->control); /* before what takes its time: nobody waits for a reply then */
	daemon_push_stop(daemon);
	daemon_health_stop(daemon);
	daemon_metrics_stop(daemon);
	daemon_beat_stop(daemon);
	crew_end(daemon);
	if (daemon->writer != NULL) {
		last_good_writer_flush(daemon->writer);
		last_good_writer_free(daemon->writer);
	}
	if (daemon->watch != NULL)
		file_watch_free(daemon->watch);
	kube_free(daemon->kube);
	if (daemon->hosts != NULL)
		hosts_stop(daemon->hosts);
	handles_close(daemon);
}

static void daemon_free(struct daemon *daemon)
{
	hosts_free(daemon->hosts);
	members_free(daemon->members);
	health_free(daemon->health.health);
	stamps_free(&daemon->stamps);
	zone_free(daemon->zone);
	model_free(daemon->model);
	findings_log_clear(&daemon->config_findings);
	findings_log_clear(&daemon->state_findings);
	findings_log_clear(&daemon->publish_findings);
	findings_log_clear(&daemon->host_findings);
	config_free(daemon->config);
	spawner_stop(daemon->spawner);
	log_flush(&daemon->log);
	log_book_free(daemon->log.book);
	free(daemon);
}

static void duck_over(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	daemon_log(daemon, LOG_INFO, "stopping: lame_duck is over");
	daemon_stop(daemon);
}

/* Whoever sends questions here learns by /readyz that it should send them elsewhere; what comes
 * until then is answered. Another signal ends it at once. */
static void duck_begin(struct daemon *daemon, uint64_t duck_ms)
{
	daemon->ducking = true;
	daemon_log(daemon, LOG_INFO, "SIGTERM: no longer ready, and answering for %llu ms more",
	           (unsigned long long)duck_ms);
	daemon_beat_stopping(daemon);
	(void)uv_timer_start(&daemon->duck, duck_over, duck_ms, 0);
}

static void signalled(uv_signal_t *handle, int number)
{
	struct daemon *daemon = handle->data;
	if (daemon->stopping)
		return;
	if (number == SIGHUP) {
		struct why why = {{0}};
		(void)daemon_reload(daemon, &why); /* it has been logged */
		return;
	}
	int64_t duck_ms = daemon->config->lame_duck_ms;
	if (number == SIGTERM && duck_ms != 0 && !daemon->ducking) {
		duck_begin(daemon, (uint64_t)duck_ms);
		return;
	}
	daemon_log(daemon, LOG_INFO, "stopping by SIG%s", number == SIGTERM ? "TERM" : "INT");
	daemon_stop(daemon);
}

/* --- the beginning ------------------------------------------------------------------------ */

/* What the configuration is warned of is a line of the log, too: so `log` is read first. */
static void log_learn(struct daemon *daemon)
{
	struct findings nobody = {.report = NULL};
	struct config *config;
	struct why why = {{0}};
	if (config_load(daemon->flags, &nobody, &config, &why) != ERR_OK)
		return; /* as text, then */
	log_follow(&daemon->log, &config->log);
	config_free(config);
}

static enum err config_start(struct daemon *daemon, struct why *why)
{
	log_learn(daemon);
	findings_log_begin(&daemon->config_findings, daemon->flags->file);
	enum err err = config_load(daemon->flags, &daemon->config_findings.sink, &daemon->config, why);
	if (err == ERR_OK) {
		log_follow(&daemon->log, &daemon->config->log);
		return ERR_OK;
	}
	findings_log_end(&daemon->config_findings);
	why_wrap(why, "configuration");
	/* an unreadable file is a wrong configuration, too */
	return err == ERR_NOMEM ? err : ERR_INVALID;
}

static enum err loop_start(struct daemon *daemon, struct why *why)
{
	static const int NUMBERS[] = {SIGTERM, SIGINT, SIGHUP};
	int error = uv_loop_init(&daemon->loop);
	if (error != 0) {
		why_set(why, "event loop: %s", uv_strerror(error));
		return ERR_IO;
	}
	(void)uv_timer_init(&daemon->loop, &daemon->tick);
	(void)uv_timer_init(&daemon->loop, &daemon->publish);
	(void)uv_timer_init(&daemon->loop, &daemon->sight);
	(void)uv_timer_init(&daemon->loop, &daemon->grace);
	(void)uv_timer_init(&daemon->loop, &daemon->duck);
	(void)uv_timer_init(&daemon->loop, &daemon->push.soon);
	daemon_health_init(daemon);
	daemon_metrics_init(daemon);
	daemon_beat_init(daemon);
	daemon->push.soon.data = daemon;
	daemon->tick.data = daemon->publish.data = daemon->sight.data = daemon->grace.data =
		daemon->duck.data = daemon;
	for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++) {
		(void)uv_signal_init(&daemon->loop, &daemon->signals[i]);
		daemon->signals[i].data = daemon;
		if (error == 0)
			error = uv_signal_start(&daemon->signals[i], signalled, NUMBERS[i]);
	}
	if (error == 0)
		return ERR_OK;
	why_set(why, "signals: %s", uv_strerror(error));
	handles_close(daemon);
	daemon_health_stop(daemon);
	daemon_metrics_stop(daemon);
	daemon_beat_stop(daemon);
	uv_close((uv_handle_t *)&daemon->push.soon, NULL);
	(void)uv_run(&daemon->loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&daemon->loop);
	return ERR_IO;
}

static enum err model_start(struct daemon *daemon, struct why *why)
{
	uint64_t seeds[2];
	for (size_t i = 0; i < 2; i++) {
		enum err err = seed_draw(&seeds[i], why);
		if (err != ERR_OK)
			return err;
	}
	daemon->model = model_new(seeds[0]);
	daemon->zone = zone_new(DAEMON_READERS, seeds[1]);
	if (daemon->model == NULL || daemon->zone == NULL) {
		why_set(why, "no memory for model and zone");
		return ERR_NOMEM;
	}
	enum err err = secret_draw(daemon->cookie_secret, sizeof daemon->cookie_secret, why);
	return err == ERR_OK ? daemon_policies_set(daemon, daemon->config, why) : err;
}

/* Sockets and the state directory while we may be root; from then on we are not. The control socket
 * first: where another daemon has it, no question must get into sockets that close again. */
static enum err sockets_start(struct daemon *daemon, struct why *why)
{
	const struct config *config = daemon->config;
	enum err err = ERR_OK;
	capabilities_raise();
	if (config->state_dir != NULL)
		err = state_dir_make(config->state_dir, config->user, why);
	if (err == ERR_OK)
		err = daemon_control_start(daemon, why);
	if (err == ERR_OK)
		err = daemon_admin_start(daemon, why);
	if (err == ERR_OK)
		err = listeners_open(config->listen, config->listen_count, config->workers, NULL,
		                     &daemon->listeners, why);
	if (err == ERR_OK)
		capabilities_bound();
	if (err == ERR_OK && config->user != NULL)
		err = privileges_drop(config->user, why);
	if (err == ERR_OK)
		err = capabilities_drop(why);
	/* No such user: that is a mistake in the configuration. */
	return err == ERR_MISSING ? ERR_INVALID : err;
}

/* A filter holds for what is started, too, and what a cloud's command needs is anybody's guess: a
 * process that goes around the list, and does nothing else, starts them. */
static enum err spawner_make(struct daemon *daemon, struct why *why)
{
	const struct config_live *live = &daemon->config->live;
	if (live->exec_allow_count == 0)
		return ERR_OK;
	const struct spawner_setup setup = {.allow = live->exec_allow,
	                                    .allow_count = live->exec_allow_count,
	                                    .confine = sandbox_enter_for_commands};
	return spawner_start(&setup, &daemon->spawner, why);
}

/* Before there are threads, and before anything is read that others wrote but the configuration. */
static enum err sandbox_start(struct daemon *daemon, struct why *why)
{
	if (!daemon->config->sandbox) {
		daemon_log(daemon, LOG_WARN, "no sandbox: every system call is allowed");
		return ERR_OK;
	}
	enum err err = spawner_make(daemon, why);
	if (err == ERR_OK)
		err = sandbox_enter(why);
	daemon->sandboxed = err == ERR_OK;
	if (err != ERR_OK)
		why_wrap(why, "sandbox");
	return err;
}

static enum err rooms_start(struct daemon *daemon, struct why *why)
{
	const struct config *config = daemon->config;
	enum err err =
		hosts_new(&daemon->loop, daemon->model, config->resolvers, config->resolver_count,
	              &daemon->host_findings.sink, &daemon->hosts, why);
	if (err != ERR_OK)
		return err;
	err = daemon_health_start(daemon, why);
	if (err != ERR_OK)
		return err;
	hosts_set_ladder(daemon->hosts, &config->answer.zone);
	hosts_on_answer(daemon->hosts, daemon_host_answered, daemon);
	hosts_on_tick(daemon->hosts, daemon_hosts_ticked, daemon);
	findings_log_begin(&daemon->host_findings, config->source_file);
	if (config->source == CONFIG_FILE)
		err = file_watch_new(&daemon->loop, config->source_file, daemon_state_changed, daemon,
		                     &daemon->watch, why);
	if (err == ERR_OK && config->state_dir != NULL)
		err = last_good_writer_new(&daemon->loop, config->state_dir, daemon->model, &daemon->log,
		                           &daemon->writer, why);
	return err;
}

static void started_say(const struct daemon *daemon)
{
	char addresses[ADDRESSES_TEXT_SIZE], zone[NAME_TEXT_SIZE];
	listeners_text(daemon->listeners, daemon->config->listen_count, addresses, sizeof addresses);
	name_text(name_bytes(&daemon->config->answer.zone.zone), zone);
	daemon_log(daemon, LOG_INFO, "fedns %s started: zone %s, listening at %s, %u worker%s",
	           FEDNS_VERSION, zone, addresses, daemon->config->workers,
	           daemon->config->workers == 1 ? "" : "s");
}

static enum err daemon_start(struct daemon *daemon, struct why *why)
{
	enum err err = model_start(daemon, why);
	findings_log_end(&daemon->config_findings);
	if (err == ERR_OK)
		err = sockets_start(daemon, why);
	if (err == ERR_OK)
		err = sandbox_start(daemon, why);
	if (err == ERR_OK)
		err = rooms_start(daemon, why);
	if (err != ERR_OK)
		return err;
	started_say(daemon);
	/* The sockets are open, so what is asked meanwhile waits in them, and is answered rather than
	 * refused. */
	daemon_state_start(daemon);
	if (daemon->config->source != CONFIG_FILE)
		err = daemon_live_start(daemon, why);
	if (err != ERR_OK)
		return err;
	err = daemon_push_start(daemon, why);
	if (err != ERR_OK)
		return err;
	err = crew_start(daemon->zone, daemon->listeners, daemon->config->workers, daemon->slot_first,
	                 &daemon->crew, why);
	if (err != ERR_OK)
		return err;
	daemon_beat_follow(daemon);
	daemon_say_ready(daemon);
	/* Also where there are no answers yet: what is missing is the source's, and a restart wouldn't
	 * bring it. */
	daemon_beat_ready(daemon);
	return ERR_OK;
}

/* Connections of all workers need more descriptors than the usual 1024. */
static void descriptors_raise(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit); /* refused: fewer connections at once, no harm */
}

static void daemon_init(struct daemon *daemon, const struct config_flags *flags)
{
	daemon->started_ns = uv_hrtime();
	daemon->run = (uint64_t)clock_now_ms() << 22 ^ (uint64_t)getpid();
	daemon->flags = flags;
	daemon->log = (struct log){.fd = STDERR_FILENO, .level = LOG_INFO, .format = LOG_TEXT};
	daemon->log.journal = log_is_journal(STDERR_FILENO, getenv("JOURNAL_STREAM"));
	daemon->log.book = log_book_new(NULL, NULL); /* without memory for it every line is written */
	findings_log_init(&daemon->config_findings, &daemon->log, "config");
	findings_log_init(&daemon->state_findings, &daemon->log, "source");
	findings_log_init(&daemon->publish_findings, &daemon->log, "compile");
	findings_log_init(&daemon->host_findings, &daemon->log, "hosts");
	daemon->publish_findings.partial = daemon->host_findings.partial = true;
}

/*
 * glibc gives large blocks back when they are freed, until it has seen one freed: from then on it
 * keeps the like. A state that is read again would stand in memory twice for good.
 */
static void memory_give_back(void)
{
#ifdef __GLIBC__
	(void)mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
#endif
}

enum err daemon_run(const struct config_flags *flags, struct why *why)
{
	assert(flags != NULL && why != NULL);
	struct daemon *daemon = calloc(1, sizeof *daemon);
	if (daemon == NULL) {
		why_set(why, "no memory for the daemon");
		return ERR_NOMEM;
	}
	(void)signal(SIGPIPE, SIG_IGN);
	descriptors_raise();
	memory_give_back();
	daemon_init(daemon, flags);
	enum err err = config_start(daemon, why);
	if (err == ERR_OK)
		err = loop_start(daemon, why);
	if (err != ERR_OK) {
		daemon_free(daemon);
		return err;
	}
	err = daemon_start(daemon, why);
	if (err != ERR_OK)
		daemon_stop(daemon);
	/* until a signal has stopped it and all handles have closed */
	(void)uv_run(&daemon->loop, UV_RUN_DEFAULT);
	int open = uv_loop_close(&daemon->loop);
	assert(open == 0);
	(void)open;
	if (err == ERR_OK)
		daemon_log(daemon, LOG_INFO, "stopped");
	daemon_free(daemon);
	return err;
}
