/* The daemon's live source: what it was last known to say is served at once, and what it says now
 * as soon as it does. */
#include "clock.h"
#include "daemon_internal.h"
#include "live.h"

#include <string.h>

/* Stale is what no API server could correct: none of them can be heard. */
static void look_take(struct daemon *daemon)
{
	struct source_look *look = &daemon->look;
	size_t in_sight = 0, count = kube_count(daemon->kube);
	look->refused.text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		struct kube_state state;
		kube_state(daemon->kube, i, &state);
		in_sight += state.in_sight;
		if (state.in_sight || state.why[0] == '\0' || look->refused.text[0] != '\0')
			continue;
		why_set(&look->refused, "%s: %s", state.name, state.why);
	}
	if (in_sight != 0)
		look->read_ms = clock_now_ms();
	look->stale = in_sight == 0 && count != 0;
	zone_set_stale(daemon->zone, look->stale);
}

/* A part of the clusters' names without the others' would deny what exists; a last-known-good state
 * is whole. */
static bool may_serve(const struct daemon *daemon)
{
	return daemon->have_state || daemon->grace_over || kube_synced(daemon->kube);
}

static void live_publish(struct daemon *daemon)
{
	struct why why = {{0}};
	if (daemon->kube == NULL || daemon->stopping)
		return;
	daemon->have_state = may_serve(daemon);
	if (!daemon->live_ready && (daemon->grace_over || kube_synced(daemon->kube))) {
		daemon->live_ready = true;
		daemon_log(daemon, LOG_INFO, "%s",
		           kube_synced(daemon->kube)
		               ? "every API server has told all it has"
		               : "start_grace is over: serving what is known, though not every API "
		                 "server has told all it has");
	}
	look_take(daemon);
	daemon_tick(daemon);
	if (hosts_scan(daemon->hosts, &why) != ERR_OK)
		daemon_log(daemon, LOG_ERROR, "host names: %s", why.text);
	daemon_publish(daemon);
}

static void changed(void *arg, size_t held)
{
	(void)held;
	struct daemon *daemon = arg;
	/* What one turn of the loop complains about is one report. */
	findings_log_end(&daemon->state_findings);
	findings_log_begin(&daemon->state_findings, NULL);
	live_publish(daemon);
}

/* Sight changes call by call; at the end of the turn it counts. */
static void sighted(void *arg)
{
	struct daemon *daemon = arg;
	if (!daemon->stopping)
		(void)uv_timer_start(&daemon->sight, daemon_sight_timer, 0, 0);
}

void daemon_sight_timer(uv_timer_t *timer)
{
	live_publish(timer->data);
}

void daemon_grace_timer(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	daemon->grace_over = true;
	live_publish(daemon);
}

enum err daemon_live_start(struct daemon *daemon, struct why *why)
{
	const struct kube_setup base = {.loop = &daemon->loop,
	                                .model = daemon->model,
	                                .log = &daemon->log,
	                                .findings = &daemon->state_findings.sink,
	                                .changed = changed,
	                                .sighted = sighted,
	                                .arg = daemon};
	daemon->state_findings.partial = true;
	findings_log_begin(&daemon->state_findings, NULL);
	enum err err = daemon->config->source == CONFIG_CLUSTERS
	                   ? members_open(daemon->config->state_dir, &daemon->members, why)
	                   : ERR_OK;
	if (err == ERR_OK)
		err = live_open(daemon->config, daemon->members, &base, true, &daemon->kube, why);
	if (err != ERR_OK)
		return err;
	(void)uv_timer_start(&daemon->grace, daemon_grace_timer,
	                     (uint64_t)daemon->config->live.start_grace_ms, 0);
	return ERR_OK;
}

/* --- reload ------------------------------------------------------------------------------- */

static bool text_equal(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static const struct kube_member *member_find(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->live.member_count; i++) {
		if (strcmp(config->live.members[i].name, name) == 0)
			return &config->live.members[i];
	}
	return NULL;
}

static bool member_equal(const struct kube_member *a, const struct kube_member *b)
{
	return text_equal(a->kubeconfig, b->kubeconfig) && text_equal(a->context, b->context) &&
	       a->in_cluster == b->in_cluster;
}

/* Members that the new configuration lacks leave, new ones join; others stay as they are. */
void daemon_live_reload(struct daemon *daemon, const struct config *old, const struct config *new)
{
	struct why why = {{0}};
	for (size_t i = 0; i < old->live.member_count; i++) {
		const struct kube_member *was = &old->live.members[i];
		const struct kube_member *is = member_find(new, was->name);
		if (is == NULL && kube_unjoin(daemon->kube, was->name, &why) == ERR_OK)
			daemon_log(daemon, LOG_INFO, "cluster %s has left", was->name);
		else if (is != NULL && !member_equal(was, is))
			daemon_log(daemon, LOG_WARN,
			           "cluster %s is found in another way now: that needs a restart", was->name);
	}
	for (size_t i = 0; i < new->live.member_count; i++) {
		const struct kube_member *is = &new->live.members[i];
		if (member_find(old, is->name) != NULL)
			continue;
		if (kube_join(daemon->kube, is, true, &why) == ERR_OK)
			daemon_log(daemon, LOG_INFO, "cluster %s has joined", is->name);
		else
			daemon_log(daemon, LOG_ERROR, "%s", why.text);
	}
}
