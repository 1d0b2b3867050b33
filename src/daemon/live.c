#include "live.h"

#include "clock.h"

#include <assert.h>

static int64_t wall_ms(void *arg)
{
	(void)arg;
	return clock_now_ms();
}

static enum err configured_add(struct kube *kube, const struct config_live *live,
                               const struct members *members, const struct kube_setup *setup,
                               bool keep, struct why *why)
{
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < live->member_count; i++) {
		if (members != NULL && members_left(members, live->members[i].name))
			log_write(setup->log, LOG_WARN, "source", LIVE_LEFT, live->members[i].name);
		else
			err = kube_join(kube, &live->members[i], keep, why);
	}
	return err;
}

/* Those who joined by hand; one that can't any more is no reason to be without the others. */
static enum err joined_add(struct kube *kube, const struct members *members,
                           const struct kube_setup *setup, bool keep, struct why *why)
{
	for (size_t i = 0; members != NULL && i < members_count(members); i++) {
		struct kube_member member;
		members_at(members, i, &member);
		enum err err = kube_join(kube, &member, keep, why);
		if (err == ERR_OK || err == ERR_CONFLICT) /* the configuration has it by now */
			continue;
		if (!keep || err == ERR_NOMEM)
			return err;
		log_write(setup->log, LOG_ERROR, "source", "not joined again: %s", why->text);
	}
	return ERR_OK;
}

enum err live_open(const struct config *config, const struct members *members,
                   const struct kube_setup *base, bool keep, struct kube **out, struct why *why)
{
	const struct config_live *live = &config->live;
	struct kube_setup setup = *base;
	setup.federation = config->source == CONFIG_FEDERATION_V1;
	setup.label_selector = live->selector;
	setup.namespaces = live->namespaces;
	setup.namespace_count = live->namespace_count;
	setup.exec_allow = live->exec_allow;
	setup.exec_allow_count = live->exec_allow_count;
	setup.max_withdraw_percent = live->max_withdraw_percent;
	setup.now_ms = wall_ms;
	enum err err = kube_new(&setup, out, why);
	if (err == ERR_OK)
		err = configured_add(*out, live, members, &setup, keep, why);
	if (err == ERR_OK)
		err = joined_add(*out, members, &setup, keep, why);
	if (err == ERR_OK) {
		kube_begin(*out);
		return ERR_OK;
	}
	kube_free(*out);
	*out = NULL;
	return err;
}

/* --- once --------------------------------------------------------------------------------- */

struct once {
	uv_loop_t loop;
	uv_timer_t deadline;
	struct kube *kube;
	bool over;
};

/* What the last list brought is committed with this very call. */
static void changed(void *arg)
{
	struct once *once = arg;
	if (kube_synced(once->kube))
		uv_stop(&once->loop);
}

static void sighted(void *arg)
{
	(void)arg;
}

static void deadline_passed(uv_timer_t *deadline)
{
	struct once *once = deadline->data;
	once->over = true;
	uv_stop(deadline->loop);
}

/* Who has not told all, and why. */
static enum err unsynced_say(const struct kube *kube, struct why *why)
{
	for (size_t i = 0; i < kube_count(kube); i++) {
		struct kube_state state;
		kube_state(kube, i, &state);
		if (state.synced)
			continue;
		why_set(why, "cluster %s has not told all it has: %s", state.name,
		        state.why[0] != '\0' ? state.why : "it takes too long");
		return ERR_AGAIN;
	}
	why_set(why, "the API servers take too long");
	return ERR_AGAIN;
}

static enum err once_run(struct once *once, const struct config *config,
                         const struct kube_setup *base, uint64_t deadline_ms, struct why *why)
{
	struct members *members = NULL;
	enum err err =
		config->source == CONFIG_CLUSTERS ? members_open(config->state_dir, &members, why) : ERR_OK;
	if (err == ERR_OK)
		err = live_open(config, members, base, false, &once->kube, why);
	members_free(members);
	if (err != ERR_OK)
		return err;
	(void)uv_timer_init(&once->loop, &once->deadline);
	once->deadline.data = once;
	(void)uv_timer_start(&once->deadline, deadline_passed, deadline_ms, 0);
	if (kube_count(once->kube) != 0)
		(void)uv_run(&once->loop, UV_RUN_DEFAULT);
	err = once->over ? unsynced_say(once->kube, why) : ERR_OK;
	uv_close((uv_handle_t *)&once->deadline, NULL);
	kube_free(once->kube);
	return err;
}

enum err live_once(const struct config *config, struct model *model, const struct log *log,
                   struct findings *findings, uint64_t deadline_ms, struct why *why)
{
	struct once once = {.kube = NULL};
	if (uv_loop_init(&once.loop) != 0) {
		why_set(why, "no event loop to watch API servers");
		return ERR_IO;
	}
	const struct kube_setup base = {.loop = &once.loop,
	                                .model = model,
	                                .log = log,
	                                .findings = findings,
	                                .changed = changed,
	                                .sighted = sighted,
	                                .arg = &once};
	enum err err = once_run(&once, config, &base, deadline_ms, why);
	(void)uv_run(&once.loop, UV_RUN_DEFAULT); /* until the handles have closed */
	int open = uv_loop_close(&once.loop);
	assert(open == 0);
	(void)open;
	return err;
}
