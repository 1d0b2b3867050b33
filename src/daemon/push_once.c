/* One push, or only its plan: what `push` and `plan` do. */
#include "fedns/daemon.h"
#include "privileges.h"
#include "push_parts.h"
#include "wants.h"

#include <assert.h>
#include <stdlib.h>

/* Another replica that holds the lease is waited for this long: it may just have ended. */
#define LEASE_MS 20000
/* So many failures in a row, with growing pauses: some minutes. */
#define FAILURES_MAX 8
#define PROGRESS_MS  200

struct push_once {
	uv_loop_t loop;
	uv_timer_t tick, patience;
	const struct config *config;
	struct push_ask ask;
	struct provider_policy policy;
	struct provider *provider;
	struct lease *lease;
	bool running, over, no_lease;
};

static void stop(struct push_once *once)
{
	once->over = true;
	uv_stop(&once->loop);
}

static void moved(void *arg)
{
	struct push_once *once = arg;
	struct provider_state state;
	if (!once->running)
		return;
	provider_state(once->provider, &state);
	if (state.phase == PROVIDER_AT_REST || state.lasting || state.failures >= FAILURES_MAX)
		stop(once);
}

static void progress_tell(const struct push_once *once)
{
	struct provider_state state;
	provider_state(once->provider, &state);
	if (once->ask.progress != NULL)
		once->ask.progress(once->ask.arg, &state);
}

static void tick(uv_timer_t *timer)
{
	struct push_once *once = timer->data;
	progress_tell(once);
	moved(once);
}

static bool may_write(void *arg)
{
	const struct push_once *once = arg;
	return !once->config->push.lease.on || (once->lease != NULL && lease_held(once->lease));
}

static void lead_changed(void *arg, bool leader)
{
	struct push_once *once = arg;
	if (leader)
		(void)uv_timer_stop(&once->patience);
	provider_lead_changed(once->provider);
}

static void patience_over(uv_timer_t *timer)
{
	struct push_once *once = timer->data;
	once->no_lease = true;
	stop(once);
}

static enum err want_tell(struct push_once *once, struct findings *findings, struct why *why)
{
	struct once *read;
	struct record_list *want = NULL;
	enum err err = once_load(once->config, findings, &read, why);
	if (err != ERR_OK)
		return err;
	err = wants_make(once->config, once_model(read), provider_domain(once->provider), findings,
	                 &want, why);
	once_free(read);
	if (err == ERR_OK)
		provider_want(once->provider, want, true);
	return err;
}

static enum err begin(struct push_once *once, struct findings *findings, struct why *why)
{
	const struct config *config = once->config;
	const struct push_owner owner = {.config = config,
	                                 .loop = &once->loop,
	                                 .log = &config->log,
	                                 .gives_up = true,
	                                 .arg = once,
	                                 .may_write = may_write,
	                                 .moved = moved,
	                                 .led = lead_changed};
	enum err err = ERR_OK;
	if (config->state_dir != NULL && !once->policy.dry_run)
		err = state_dir_make(config->state_dir, NULL, why);
	if (err == ERR_OK)
		err = push_provider(&owner, &once->policy, &once->provider, why);
	if (err == ERR_OK)
		err = want_tell(once, findings, why);
	if (err != ERR_OK || !config->push.lease.on || once->ask.dry_run)
		return err;
	(void)uv_timer_start(&once->patience, patience_over, LEASE_MS, 0);
	return push_lease(&owner, &once->lease, why);
}

static enum err outcome(const struct push_once *once, struct why *why)
{
	struct provider_state state;
	provider_state(once->provider, &state);
	if (state.phase == PROVIDER_AT_REST && state.trouble[0] == '\0')
		return ERR_OK;
	if (once->no_lease)
		why_set(why, "another replica pushes: the lease is held by %s",
		        lease_holder(once->lease)[0] != '\0' ? lease_holder(once->lease) : "nobody known");
	else
		why_set(why, "%s", state.trouble[0] != '\0' ? state.trouble : "it did not come to its end");
	return ERR_AGAIN;
}

static void released(void *arg)
{
	uv_stop(arg);
}

/* Whoever waits for the lease must not wait for its end. */
static void lease_end(struct push_once *once)
{
	if (once->lease != NULL) {
		lease_release(once->lease, released, &once->loop);
		(void)uv_run(&once->loop, UV_RUN_DEFAULT);
	}
	lease_free(once->lease);
	once->lease = NULL;
}

enum err push_once_run(const struct config *config, const struct push_ask *ask,
                       struct findings *findings, struct push_once **out, struct why *why)
{
	assert(config != NULL && ask != NULL && findings != NULL && out != NULL && why != NULL);
	*out = NULL;
	if (!config->push.on) {
		why_set(why, "the configuration has no `provider`");
		return ERR_MISSING;
	}
	struct push_once *once = calloc(1, sizeof *once);
	if (once == NULL || uv_loop_init(&once->loop) != 0) {
		free(once);
		why_set(why, "no memory for the push");
		return ERR_NOMEM;
	}
	once->config = config;
	once->ask = *ask;
	once->policy = config->push.alidns;
	once->policy.dry_run |= ask->dry_run;
	(void)uv_timer_init(&once->loop, &once->tick);
	(void)uv_timer_init(&once->loop, &once->patience);
	once->tick.data = once->patience.data = once;
	enum err err = begin(once, findings, why);
	if (err != ERR_OK) {
		push_once_free(once);
		return err;
	}
	*out = once;
	once->running = true;
	(void)uv_timer_start(&once->tick, tick, PROGRESS_MS, PROGRESS_MS);
	(void)uv_run(&once->loop, UV_RUN_DEFAULT);
	once->running = false;
	progress_tell(once);
	err = outcome(once, why);
	lease_end(once);
	return err;
}

const struct plan *push_once_plan(const struct push_once *once, const struct record_list **have,
                                  const struct record_list **want)
{
	return provider_plan(once->provider, have, want);
}

void push_once_state(const struct push_once *once, struct provider_state *out)
{
	provider_state(once->provider, out);
}

void push_once_free(struct push_once *once)
{
	if (once == NULL)
		return;
	lease_free(once->lease);
	provider_free(once->provider);
	uv_close((uv_handle_t *)&once->tick, NULL);
	uv_close((uv_handle_t *)&once->patience, NULL);
	(void)uv_run(&once->loop, UV_RUN_DEFAULT); /* until the handles have closed */
	int open = uv_loop_close(&once->loop);
	assert(open == 0);
	(void)open;
	free(once);
}
