/* `join`, `unjoin`, `approve`: what an operator tells a live source while it runs. */
#include "control_commands.h"
#include "members.h"

#include <stdlib.h>
#include <string.h>

enum act { ACT_JOIN, ACT_UNJOIN, ACT_APPROVE };

struct job {
	struct daemon *daemon;
	enum act act;
	bool done;
	json_t *arguments; /* owned; what the texts below point into */
	struct kube_member member;
};

/* --- arguments ---------------------------------------------------------------------------- */

static enum err text_take(const json_t *arguments, const char *key, const char **out,
                          struct why *why)
{
	const json_t *value = json_object_get(arguments, key);
	*out = json_string_value(value);
	if (value == NULL || json_is_null(value) || json_is_string(value))
		return ERR_OK;
	why_set(why, "\"%s\" must be text", key);
	return ERR_INVALID;
}

static enum err member_take(struct job *job, struct why *why)
{
	struct kube_member *member = &job->member;
	enum err err = text_take(job->arguments, "name", &member->name, why);
	if (err == ERR_OK)
		err = text_take(job->arguments, "kubeconfig", &member->kubeconfig, why);
	if (err == ERR_OK)
		err = text_take(job->arguments, "context", &member->context, why);
	if (err != ERR_OK)
		return err;
	member->in_cluster = json_is_true(json_object_get(job->arguments, "in_cluster"));
	if (member->name != NULL && member->name[0] != '\0')
		return job->act == ACT_JOIN ? kube_name_check(member->name, why) : ERR_OK;
	why_set(why, "give the name of a cluster");
	return ERR_INVALID;
}

static enum err source_fits(const struct daemon *daemon, enum act act, struct why *why)
{
	if (act == ACT_APPROVE) /* whoever may hold something back, and be it nobody */
		return ERR_OK;
	if (daemon->kube == NULL) {
		why_set(why, "the source is a file: it says itself who the clusters are");
		return ERR_CONFLICT;
	}
	if (daemon->config->source == CONFIG_CLUSTERS)
		return ERR_OK;
	why_set(why, "the source is a federation: its clusters join and leave there");
	return ERR_CONFLICT;
}

static enum err begin(void *arg, enum act act, json_t *arguments, void **out, struct why *why)
{
	struct daemon *daemon = arg;
	*out = NULL;
	enum err err = source_fits(daemon, act, why);
	if (err != ERR_OK)
		return err;
	struct job *job = calloc(1, sizeof *job);
	if (job == NULL) {
		why_set(why, "no memory for the command");
		return ERR_NOMEM;
	}
	*job = (struct job){.daemon = daemon, .act = act, .arguments = json_incref(arguments)};
	err = act == ACT_APPROVE ? control_no_arguments(arguments, why) : member_take(job, why);
	if (err == ERR_OK)
		*out = job;
	else
		control_members_end(job);
	return err;
}

enum err control_join_begin(void *daemon, json_t *arguments, void **out, struct why *why)
{
	return begin(daemon, ACT_JOIN, arguments, out, why);
}

enum err control_unjoin_begin(void *daemon, json_t *arguments, void **out, struct why *why)
{
	return begin(daemon, ACT_UNJOIN, arguments, out, why);
}

enum err control_approve_begin(void *daemon, json_t *arguments, void **out, struct why *why)
{
	return begin(daemon, ACT_APPROVE, arguments, out, why);
}

void control_members_end(void *arg)
{
	struct job *job = arg;
	json_decref(job->arguments);
	free(job);
}

/* --- acts --------------------------------------------------------------------------------- */

static bool is_configured(const struct daemon *daemon, const char *name)
{
	const struct config_live *live = &daemon->config->live;
	for (size_t i = 0; i < live->member_count; i++) {
		if (strcmp(live->members[i].name, name) == 0)
			return true;
	}
	return false;
}

/* First watched, then kept: what can't be watched is not worth keeping. */
static enum err join(struct daemon *daemon, const struct kube_member *member, struct why *why)
{
	enum err err = kube_join(daemon->kube, member, false, why);
	if (err != ERR_OK)
		return err;
	struct why unheard;
	err = members_join(daemon->members, member, is_configured(daemon, member->name), why);
	if (err != ERR_OK && kube_unjoin(daemon->kube, member->name, &unheard) != ERR_OK)
		daemon_log(daemon, LOG_ERROR, "cluster %s joined, but is not kept", member->name);
	return err;
}

/* First kept: a cluster that came back by a restart would be a surprise. */
static enum err unjoin(struct daemon *daemon, const struct kube_member *member, struct why *why)
{
	bool there = false;
	for (size_t i = 0; i < kube_count(daemon->kube); i++) {
		struct kube_state state;
		kube_state(daemon->kube, i, &state);
		there |= strcmp(state.name, member->name) == 0;
	}
	if (!there) {
		why_set(why, "there is no cluster %s", member->name);
		return ERR_MISSING;
	}
	enum err err =
		members_leave(daemon->members, member->name, is_configured(daemon, member->name), why);
	return err == ERR_OK ? kube_unjoin(daemon->kube, member->name, why) : err;
}

/* Returns the deletions at the provider that go, and in `*verdicts` the addresses of services. */
static size_t approve(struct daemon *daemon, size_t *verdicts)
{
	*verdicts = daemon_health_approve(daemon);
	if (daemon->kube != NULL)
		kube_approve(daemon->kube);
	return daemon->push.provider == NULL ? 0 : provider_approve(daemon->push.provider);
}

static json_t *act_json(const struct job *job, size_t held, size_t deletions, size_t verdicts)
{
	static const char *const WORDS[] = {
		[ACT_JOIN] = "joined", [ACT_UNJOIN] = "left", [ACT_APPROVE] = "approved"};
	return json_pack("{s:s, s:s?, s:I, s:I, s:I}", "done", WORDS[job->act], "name",
	                 job->member.name, "services", (json_int_t)held, "deletions",
	                 (json_int_t)deletions, "addresses", (json_int_t)verdicts);
}

enum control_step control_members_step(void *arg, struct control_answer *answer)
{
	struct job *job = arg;
	struct daemon *daemon = job->daemon;
	if (job->done)
		return CONTROL_END;
	job->done = true;
	size_t held = daemon->kube == NULL ? 0 : kube_held(daemon->kube), deletions = 0, verdicts = 0;
	if (job->act == ACT_JOIN)
		answer->err = join(daemon, &job->member, &answer->why);
	else if (job->act == ACT_UNJOIN)
		answer->err = unjoin(daemon, &job->member, &answer->why);
	else
		deletions = approve(daemon, &verdicts);
	if (answer->err != ERR_OK)
		return CONTROL_FAILED;
	if (job->act == ACT_APPROVE)
		daemon_log(
			daemon, LOG_WARN,
			"approved: what was held back of %zu service%s goes, and %zu unhealthy address%s", held,
			held == 1 ? "" : "s", verdicts, verdicts == 1 ? "" : "es");
	else
		daemon_log(daemon, LOG_INFO, "cluster %s has %s", job->member.name,
		           job->act == ACT_JOIN ? "joined" : "left");
	answer->row = act_json(job, held, deletions, verdicts);
	return CONTROL_ROW;
}
