/* State and host names, read once: what `render` and `check` look at. */
#include "clock.h"
#include "fedns/daemon.h"
#include "fedns/source.h"
#include "hosts.h"
#include "live.h"

#include <assert.h>
#include <stdlib.h>

/* Of all host names together: who types a command waits so long and no longer. */
#define LOOKUPS_MS 5000
/* Of all API servers: a list of 100,000 services takes ten seconds. */
#define LIVE_MS 60000

struct once {
	struct model *model;
};

struct lookups {
	uv_loop_t loop;
	uv_timer_t deadline;
	struct hosts *hosts;
};

static void stop_if_answered(void *arg)
{
	struct lookups *lookups = arg;
	if (hosts_pending(lookups->hosts) == 0)
		uv_stop(&lookups->loop);
}

static void deadline_passed(uv_timer_t *deadline)
{
	uv_stop(deadline->loop);
}

static enum err lookups_run(struct lookups *lookups, struct why *why)
{
	hosts_on_answer(lookups->hosts, stop_if_answered, lookups);
	enum err err = hosts_scan(lookups->hosts, why);
	if (err == ERR_OK && hosts_pending(lookups->hosts) != 0) {
		(void)uv_timer_init(&lookups->loop, &lookups->deadline);
		(void)uv_timer_start(&lookups->deadline, deadline_passed, LOOKUPS_MS, 0);
		(void)uv_run(&lookups->loop, UV_RUN_DEFAULT);
		uv_close((uv_handle_t *)&lookups->deadline, NULL);
	}
	if (err == ERR_OK)
		hosts_report(lookups->hosts, true);
	hosts_stop(lookups->hosts);
	(void)uv_run(&lookups->loop, UV_RUN_DEFAULT); /* until the handles have closed */
	return err;
}

static bool any_host(const struct model *model)
{
	struct host_view view;
	size_t limit = model_host_limit(model);
	for (size_t id = 0; id < limit; id++) {
		if (model_host(model, (uint32_t)id, &view))
			return true;
	}
	return false;
}

static enum err hosts_resolve(const struct config *config, struct model *model,
                              struct findings *findings, struct why *why)
{
	struct lookups lookups = {.hosts = NULL};
	if (!any_host(model))
		return ERR_OK;
	if (uv_loop_init(&lookups.loop) != 0) {
		why_set(why, "no event loop to look host names up");
		return ERR_IO;
	}
	enum err err = hosts_new(&lookups.loop, model, config->resolvers, config->resolver_count,
	                         findings, &lookups.hosts, why);
	if (err == ERR_OK) {
		hosts_set_ladder(lookups.hosts, &config->answer.zone);
		err = lookups_run(&lookups, why);
	}
	hosts_free(lookups.hosts);
	int open = uv_loop_close(&lookups.loop);
	assert(open == 0);
	(void)open;
	return err;
}

static enum err model_fill(const struct config *config, struct model *model,
                           struct findings *findings, struct why *why)
{
	int64_t now_ms = clock_now_ms();
	enum err err = model_set_policy(model, &config->model, now_ms, findings, why);
	if (err == ERR_OK && config->source == CONFIG_FILE)
		err = state_load(config->source_file, model, now_ms, findings, why);
	else if (err == ERR_OK)
		err = live_once(config, model, &config->log, findings, LIVE_MS, why);
	if (err != ERR_OK)
		return err;
	(void)model_tick(model, now_ms);
	findings->file = config->source_file; /* what follows is about the whole of it */
	findings->line = 0;
	return hosts_resolve(config, model, findings, why);
}

enum err once_load(const struct config *config, struct findings *findings, struct once **out,
                   struct why *why)
{
	assert(config != NULL && findings != NULL && out != NULL && why != NULL);
	*out = NULL;
	uint64_t seed;
	enum err err = seed_draw(&seed, why);
	if (err != ERR_OK)
		return err;
	struct once *once = calloc(1, sizeof *once);
	if (once == NULL || (once->model = model_new(seed)) == NULL) {
		free(once);
		why_set(why, "no memory for the model");
		return ERR_NOMEM;
	}
	err = model_fill(config, once->model, findings, why);
	if (err == ERR_OK)
		*out = once;
	else
		once_free(once);
	return err;
}

struct model *once_model(struct once *once)
{
	return once->model;
}

void once_free(struct once *once)
{
	if (once == NULL)
		return;
	model_free(once->model);
	free(once);
}
