/* The daemon's live source: what it was last known to say is served at once, and what it says now
 * as soon as it does. */
#include "clock.h"
#include "daemon_internal.h"
#include "live.h"

#include <string.h>

#define REPORT_MS      60000
#define REPORT_KEPT_MS 3600000

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
 * is whole. Once the grace is over some are better than none, but nothing at all would deny every
 * name: SERVFAIL is the truth then, and nothing that a restart should take for known. */
static bool may_serve(const struct daemon *daemon)
{
	return daemon->have_state || kube_synced(daemon->kube) ||
	       (daemon->grace_over && kube_any_synced(daemon->kube));
}

static void live_publish(struct daemon *daemon)
{
	struct why why = {{0}};
	if (daemon->kube == NULL || daemon->stopping)
		return;
	daemon->have_state = may_serve(daemon);
	if (!daemon->live_ready && daemon->have_state &&
	    (daemon->grace_over || kube_synced(daemon->kube))) {
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

/*
 * What a minute complains about is one report, so that nobody who changes a bad object again and
 * again floods the log; what was told once is told again when an hour is over.
 */
static void report_turn(struct daemon *daemon)
{
	struct findings_log *findings = &daemon->state_findings;
	int64_t now_ms = (int64_t)uv_now(&daemon->loop);
	findings_log_more(findings);
	if (now_ms - daemon->report_ms < REPORT_MS)
		return;
	findings_log_end(findings);
	if (now_ms - daemon->report_first_ms >= REPORT_KEPT_MS) {
		findings_log_clear(findings);
		daemon->report_first_ms = now_ms;
	}
	findings_log_begin(findings, NULL);
	daemon->report_ms = now_ms;
}

static void changed(void *arg)
{
	struct daemon *daemon = arg;
	uint64_t heard_ns = daemon->kube == NULL ? 0 : kube_heard_ns(daemon->kube);
	if (heard_ns != 0)
		daemon_event(daemon, heard_ns);
	report_turn(daemon);
	live_publish(daemon);
}

static void sight_over(uv_timer_t *timer)
{
	live_publish(timer->data);
}

/* Sight changes call by call; at the end of the turn it counts. */
static void sighted(void *arg)
{
	struct daemon *daemon = arg;
	if (!daemon->stopping)
		(void)uv_timer_start(&daemon->sight, sight_over, 0, 0);
}

static void grace_over(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	daemon->grace_over = true;
	live_publish(daemon);
	if (!daemon->have_state)
		daemon_log(daemon, LOG_ERROR,
		           "start_grace is over and no API server has told all it has: every answer is "
		           "SERVFAIL until one does");
}

enum err daemon_live_start(struct daemon *daemon, struct why *why)
{
	const struct kube_setup base = {.loop = &daemon->loop,
	                                .model = daemon->model,
	                                .log = &daemon->log,
	                                .findings = &daemon->state_findings.sink,
	                                .spawner = daemon->spawner,
	                                .changed = changed,
	                                .sighted = sighted,
	                                .arg = daemon};
	daemon->state_findings.partial = daemon->state_findings.keeps = true;
	daemon->report_ms = daemon->report_first_ms = (int64_t)uv_now(&daemon->loop);
	findings_log_begin(&daemon->state_findings, NULL);
	enum err err = daemon->config->source == CONFIG_CLUSTERS
	                   ? members_open(daemon->config->state_dir, &daemon->members, why)
	                   : ERR_OK;
	if (err == ERR_OK)
		err = live_open(daemon->config, daemon->members, &base, true, &daemon->kube, why);
	if (err != ERR_OK)
		return err;
	(void)uv_timer_start(&daemon->grace, grace_over, (uint64_t)daemon->config->live.start_grace_ms,
	                     0);
	/* Nobody is in sight yet, and maybe nobody is to be: neither would ever be told. */
	live_publish(daemon);
	return ERR_OK;
}

/* --- reload ------------------------------------------------------------------------------- */

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

static bool texts_equal(const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
	bool equal = a_count == b_count;
	for (size_t i = 0; equal && i < a_count; i++)
		equal = strcmp(a[i], b[i]) == 0;
	return equal;
}

/* What counts from the start on; max_withdraw counts at once. */
static void keys_compare(const struct daemon *daemon, const struct config_live *was,
                         const struct config_live *is)
{
	const struct {
		const char *key;
		bool same;
	} keys[] = {
		{"selector", text_equal(was->selector, is->selector)},
		{"namespaces",
	     texts_equal(was->namespaces, was->namespace_count, is->namespaces, is->namespace_count)},
		{"exec_allow",
	     texts_equal(was->exec_allow, was->exec_allow_count, is->exec_allow, is->exec_allow_count)},
		{"start_grace", was->start_grace_ms == is->start_grace_ms},
	};
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		if (!keys[i].same)
			daemon_log(daemon, LOG_WARN, "\"source.%s\" has changed: that needs a restart",
			           keys[i].key);
	}
}

/* That it left by hand is forgotten with it: who configures it again wants it. */
static void member_drop(struct daemon *daemon, const char *name)
{
	struct why why = {{0}};
	const struct kube_member member = {.name = name};
	if (kube_unjoin(daemon->kube, name, &why) == ERR_OK)
		daemon_log(daemon, LOG_INFO, "cluster %s has left", name);
	if (daemon->members != NULL && members_left(daemon->members, name) &&
	    members_join(daemon->members, &member, true, &why) != ERR_OK)
		daemon_log(daemon, LOG_ERROR, "cluster %s: %s", name, why.text);
}

/* Members that the new configuration lacks leave, new ones join, unless they left by hand or joined
 * by hand before; others stay as they are. */
void daemon_live_reload(struct daemon *daemon, const struct config *old, const struct config *new)
{
	struct why why = {{0}};
	keys_compare(daemon, &old->live, &new->live);
	kube_set_max_withdraw(daemon->kube, new->live.max_withdraw_percent);
	for (size_t i = 0; i < old->live.member_count; i++) {
		const struct kube_member *was = &old->live.members[i];
		const struct kube_member *is = member_find(new, was->name);
		if (is == NULL)
			member_drop(daemon, was->name);
		else if (!member_equal(was, is))
			daemon_log(daemon, LOG_WARN,
			           "cluster %s is found in another way now: that needs a restart", was->name);
	}
	for (size_t i = 0; i < new->live.member_count; i++) {
		const struct kube_member *is = &new->live.members[i];
		if (member_find(old, is->name) != NULL)
			continue;
		if (daemon->members != NULL && members_left(daemon->members, is->name)) {
			daemon_log(daemon, LOG_WARN, LIVE_LEFT, is->name);
			continue;
		}
		enum err err = kube_join(daemon->kube, is, true, &why);
		if (err == ERR_OK)
			daemon_log(daemon, LOG_INFO, "cluster %s has joined", is->name);
		else if (err != ERR_CONFLICT) /* it joined by hand before */
			daemon_log(daemon, LOG_ERROR, "%s", why.text);
	}
}
