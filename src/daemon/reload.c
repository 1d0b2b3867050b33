/*
 * SIGHUP. Everything that can fail is made beside what runs; only when all of it stands does it
 * take over, by steps that can't fail. So a configuration is in force whole or not at all, and no
 * question is lost: the sockets of an address that stays are shared, and the old crew stops after
 * the new one has begun.
 */
#include "admin.h"
#include "clock.h"
#include "daemon_internal.h"
#include "privileges.h"
#include "push_parts.h"

#include <assert.h>
#include <string.h>

/* What takes over; NULL: that part stays as it is. */
struct successor {
	struct config *config;
	struct listeners *listeners;
	struct crew *crew;
	struct resolver *resolver;
	struct file_watch *watch;
	struct last_good_writer *writer;
	struct control_socket *control;
	struct admin *admin;
	unsigned slot_first;
};

static bool sockets_differ(const struct config *old, const struct config *new)
{
	if (old->workers != new->workers || old->listen_count != new->listen_count)
		return true;
	for (size_t i = 0; i < old->listen_count; i++) {
		char a[64], b[64];
		endpoint_text(&old->listen[i], a);
		endpoint_text(&new->listen[i], b);
		if (strcmp(a, b) != 0)
			return true;
	}
	return false;
}

static bool resolvers_differ(const struct config *old, const struct config *new)
{
	if (old->resolver_count != new->resolver_count)
		return true;
	for (size_t i = 0; i < old->resolver_count; i++) {
		if (strcmp(old->resolvers[i], new->resolvers[i]) != 0)
			return true;
	}
	/* /etc/resolv.conf may say something else than it did. */
	return old->resolver_count == 0;
}

static void successor_drop(struct successor *next)
{
	assert(next->crew == NULL); /* the last step that can fail starts it */
	if (next->listeners != NULL)
		listeners_close(next->listeners);
	if (next->resolver != NULL)
		resolver_free(next->resolver);
	if (next->watch != NULL)
		file_watch_free(next->watch);
	if (next->writer != NULL)
		last_good_writer_free(next->writer);
	control_socket_close(next->control);
	admin_free(next->admin);
	config_free(next->config);
}

static enum err writer_prepare(struct daemon *daemon, struct successor *next, struct why *why)
{
	const char *dir = next->config->state_dir;
	if (dir == NULL || text_equal(dir, daemon->config->state_dir))
		return ERR_OK;
	enum err err = state_dir_make(dir, NULL, why);
	return err != ERR_OK ? err
	                     : last_good_writer_new(&daemon->loop, dir, daemon->model, &daemon->log,
	                                            &next->writer, why);
}

/* In the sandbox those of the start can be run, and no others. */
static enum err commands_check(const struct daemon *daemon, const struct config_live *live,
                               struct why *why)
{
	for (size_t i = 0; daemon->sandboxed && i < live->exec_allow_count; i++) {
		if (daemon->spawner != NULL && spawner_allows(daemon->spawner, live->exec_allow[i]))
			continue;
		why_set(why,
		        "\"source.exec_allow\": \"%s\" was not in it at the start, and the sandbox lets no "
		        "other command be run: that needs a restart",
		        live->exec_allow[i]);
		return ERR_CONFLICT;
	}
	return ERR_OK;
}

static enum err successor_prepare(struct daemon *daemon, struct successor *next, struct why *why)
{
	const struct config *old = daemon->config, *new = next->config;
	enum err err = ERR_OK;
	if (sockets_differ(old, new))
		err = listeners_open(new->listen, new->listen_count, new->workers, daemon->listeners,
		                     &next->listeners, why);
	if (err == ERR_OK && resolvers_differ(old, new))
		err =
			resolver_new(&daemon->loop, new->resolvers, new->resolver_count, &next->resolver, why);
	if (err == ERR_OK && new->source != old->source) {
		why_set(why, "\"source\" is of another kind than before: that needs a restart");
		return ERR_CONFLICT;
	}
	if (err == ERR_OK)
		err = commands_check(daemon, &new->live, why);
	if (err == ERR_OK && new->source == CONFIG_FILE &&
	    !text_equal(old->source_file, new->source_file))
		err = file_watch_new(&daemon->loop, new->source_file, daemon_state_changed, daemon,
		                     &next->watch, why);
	if (err == ERR_OK)
		err = push_check(new, why);
	if (err == ERR_OK)
		err = daemon_control_prepare(daemon, new, &next->control, why);
	if (err == ERR_OK)
		err = daemon_admin_prepare(daemon, new, &next->admin, why);
	return err == ERR_OK ? writer_prepare(daemon, next, why) : err;
}

/* What was in force fitted into memory before; should it not now, the next publish says so. */
static void policies_restore(struct daemon *daemon)
{
	struct why why = {{0}};
	if (daemon_policies_set(daemon, daemon->config, &why) != ERR_OK)
		daemon_log(daemon, LOG_ERROR, "the old policy could not be restored whole: %s", why.text);
}

static enum err successor_start(struct daemon *daemon, struct successor *next, struct why *why)
{
	enum err err = daemon_policies_set(daemon, next->config, why);
	if (err == ERR_OK && next->listeners != NULL)
		err = crew_start(daemon->zone, next->listeners, next->config->workers, next->slot_first,
		                 &next->crew, why);
	if (err != ERR_OK)
		policies_restore(daemon);
	return err;
}

/* --- the old crew ------------------------------------------------------------------------- */

/* On a thread of libuv's pool; touches nothing but the crew, and what it counted. */
static void crew_retire(uv_work_t *work)
{
	struct retired *retired = work->data;
	crew_stop(retired->crew, &retired->last);
}

static void crew_retired(uv_work_t *work, int status)
{
	(void)status;
	struct retired *retired = work->data;
	struct daemon *daemon = (struct daemon *)((char *)retired - offsetof(struct daemon, retired));
	struct why why = {{0}};
	listeners_close(retired->listeners);
	daemon->retiring = false;
	serve_counters_add(&daemon->counted, &retired->last);
	bool again = daemon->reload_again && !daemon->stopping;
	daemon->reload_again = false;
	if (again)
		(void)daemon_reload(daemon, &why);
	if (!daemon->stopping)
		control_wake(daemon->control); /* a reload that was asked for may have waited */
}

static void crew_replace(struct daemon *daemon, struct successor *next)
{
	struct retired *retired = &daemon->retired;
	crew_counters(daemon->crew, &retired->counted);
	daemon_beat_crew_leaves(daemon);
	retired->crew = daemon->crew;
	retired->listeners = daemon->listeners;
	retired->work.data = retired;
	daemon->crew = next->crew;
	daemon->listeners = next->listeners;
	daemon->slot_first = next->slot_first;
	daemon->retiring = true;
	if (uv_queue_work(&daemon->loop, &retired->work, crew_retire, crew_retired) == 0)
		return;
	crew_retire(&retired->work);
	crew_retired(&retired->work, 0);
}

/* --- taking over -------------------------------------------------------------------------- */

static void writer_replace(struct daemon *daemon, struct successor *next)
{
	if (text_equal(daemon->config->state_dir, next->config->state_dir))
		return;
	if (daemon->writer != NULL) {
		last_good_writer_flush(daemon->writer);
		last_good_writer_free(daemon->writer);
	}
	daemon->writer = next->writer;
	if (daemon->writer != NULL && daemon->published)
		last_good_writer_dirty(daemon->writer, daemon->serial);
}

static void successor_take_over(struct daemon *daemon, struct successor *next)
{
	if (!text_equal(daemon->config->user, next->config->user))
		daemon_log(daemon, LOG_WARN, "\"user\" has changed: that needs a restart");
	if (daemon->config->sandbox != next->config->sandbox)
		daemon_log(daemon, LOG_WARN, "\"sandbox\" has changed: that needs a restart");
	writer_replace(daemon, next);
	if (daemon_control_differs(daemon, next->config))
		control_listen(daemon->control, next->control);
	bool admin_differs = daemon_admin_differs(daemon, next->config);
	hosts_set_ladder(daemon->hosts, &next->config->answer.zone);
	if (next->resolver != NULL)
		hosts_set_resolver(daemon->hosts, next->resolver);
	if (next->watch != NULL) {
		file_watch_free(daemon->watch);
		daemon->watch = next->watch;
	}
	struct config *old = daemon->config;
	daemon->config = next->config;
	if (admin_differs)
		daemon_admin_replace(daemon, next->admin);
	if (daemon->kube != NULL)
		daemon_live_reload(daemon, old, next->config);
	log_follow(&daemon->log, &next->config->log);
	daemon->host_findings.sink.file = next->config->source_file;
	if (next->crew != NULL)
		crew_replace(daemon, next);
	daemon_beat_follow(daemon);
	config_free(old);
	daemon_health_reload(daemon);
	daemon_push_reload(daemon);
}

static enum err successor_read(struct daemon *daemon, struct successor *next, struct why *why)
{
	*next = (struct successor){.slot_first = daemon->slot_first == 0 ? WORKERS_MAX : 0};
	findings_log_begin(&daemon->config_findings, daemon->flags->file);
	enum err err = config_load(daemon->flags, &daemon->config_findings.sink, &next->config, why);
	if (err != ERR_OK && err != ERR_NOMEM)
		err = ERR_INVALID; /* an unreadable file is a wrong configuration, too */
	if (err == ERR_OK)
		err = successor_prepare(daemon, next, why);
	if (err == ERR_OK)
		err = successor_start(daemon, next, why);
	findings_log_end(&daemon->config_findings);
	if (err != ERR_OK)
		successor_drop(next);
	return err;
}

enum err daemon_reload(struct daemon *daemon, struct why *why)
{
	assert(!daemon->stopping);
	struct successor next;
	if (daemon->retiring) { /* the other half of the reader slots is still in use */
		daemon->reload_again = true;
		why_set(why, "the reload before is not over yet: this one follows it");
		return ERR_AGAIN;
	}
	daemon_beat_reloading(daemon);
	enum err err = successor_read(daemon, &next, why);
	if (err != ERR_OK) {
		daemon_beat_ready(daemon);
		daemon_log(daemon, LOG_ERROR, "configuration refused, the old one stays: %s", why->text);
		if (daemon->config_findings.error[0] != '\0') /* says more than "1 error" */
			why_set(why, "%s", daemon->config_findings.error);
		return err;
	}
	successor_take_over(daemon, &next);
	char addresses[512];
	listeners_text(daemon->listeners, daemon->config->listen_count, addresses, sizeof addresses);
	daemon_log(daemon, LOG_INFO, "configuration read again: listening at %s, %u worker%s",
	           addresses, daemon->config->workers, daemon->config->workers == 1 ? "" : "s");
	if (daemon->config->source == CONFIG_FILE)
		daemon_state_read(daemon);
	else
		daemon_publish(daemon);
	daemon_beat_ready(daemon);
	return ERR_OK;
}
