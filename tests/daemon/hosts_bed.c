#include "hosts_bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct resolver the_resolver;
struct asked asks[ASKS_MAX];
size_t ask_count;
enum resolver_line full_line;
static uint64_t now_ms;
static uv_timer_cb tick;
static uv_timer_t *tick_handle;

enum err resolver_new(uv_loop_t *loop, const char *const *servers, size_t count,
                      struct resolver **out, struct why *why)
{
	(void)loop, (void)servers, (void)count, (void)why;
	*out = &the_resolver;
	return ERR_OK;
}

void resolver_free(struct resolver *resolver)
{
	assert_ptr_equal(resolver, &the_resolver);
	for (size_t i = 0; i < ask_count; i++) {
		const struct resolved cancelled = {
			.host = &asks[i].host, .family = asks[i].family, .status = RESOLVED_CANCELLED};
		asks[i].done(asks[i].arg, &cancelled);
	}
	ask_count = 0;
}

enum err resolver_ask(struct resolver *resolver, const struct name *host, uint8_t family,
                      enum resolver_line line, resolver_done *done, void *arg, struct why *why)
{
	(void)resolver, (void)why;
	assert_true(ask_count < ASKS_MAX);
	if (line == full_line)
		return ERR_LIMIT;
	asks[ask_count++] = (struct asked){*host, family, line, done, arg};
	return ERR_OK;
}

int uv_timer_init(uv_loop_t *loop, uv_timer_t *handle)
{
	(void)loop;
	tick_handle = handle;
	return 0;
}

int uv_timer_start(uv_timer_t *handle, uv_timer_cb callback, uint64_t timeout, uint64_t repeat)
{
	(void)handle, (void)timeout, (void)repeat;
	tick = callback;
	return 0;
}

void uv_close(uv_handle_t *handle, uv_close_cb callback)
{
	(void)handle, (void)callback;
}

uint64_t uv_now(const uv_loop_t *loop)
{
	(void)loop;
	return now_ms;
}

void uv_update_time(uv_loop_t *loop)
{
	(void)loop;
}

static void say(void *arg, const struct finding *finding)
{
	struct said *said = arg;
	said->count++;
	(void)snprintf(said->last, sizeof said->last, "%s", finding->text);
}

static void count_answer(void *arg)
{
	struct world *world = arg;
	world->answered++;
}

void service_set(struct world *world, const char *host)
{
	struct why why = {{0}};
	struct name name;
	assert_int_equal(hostname_parse(bytes_of(host), &name, &why), ERR_OK);
	const struct ingress_seen ingress = {
		.cluster = bytes_of("hangzhou"), .hosts = &name, .host_count = 1};
	const struct service_seen service = {.namespace = bytes_of("default"),
	                                     .name = bytes_of("nginx"),
	                                     .ingresses = &ingress,
	                                     .ingress_count = 1};
	const struct cluster_seen cluster = {.name = bytes_of("hangzhou")};
	struct findings nobody = {.report = NULL};
	assert_int_equal(model_stage_cluster(world->model, &cluster, &nobody, &why), ERR_OK);
	assert_int_equal(model_stage_service(world->model, &service, &nobody, &why), ERR_OK);
	assert_int_equal(model_commit(world->model, COMMIT_REPLACE, 1000, &nobody, &why), ERR_OK);
}

int world_begin(void **state)
{
	static struct world world;
	struct why why = {{0}};
	memset(&world, 0, sizeof world);
	ask_count = 0;
	full_line = RESOLVER_LINES;
	now_ms = 1000;
	world.model = model_new(1);
	world.findings = (struct findings){.report = say, .arg = &world.said};
	struct findings nobody = {.report = NULL};
	const struct model_policy policy = {.offline_grace_ms = 60000};
	if (world.model == NULL ||
	    model_set_policy(world.model, &policy, 1000, &nobody, &why) != ERR_OK)
		return -1;
	if (hosts_new(&world.loop, world.model, NULL, 0, &world.findings, &world.hosts, &why) != ERR_OK)
		return -1;
	hosts_on_answer(world.hosts, count_answer, &world);
	*state = &world;
	return 0;
}

int world_end(void **state)
{
	struct world *world = *state;
	hosts_stop(world->hosts);
	hosts_free(world->hosts);
	model_free(world->model);
	return 0;
}

void scan(struct world *world)
{
	struct why why = {{0}};
	assert_int_equal(hosts_scan(world->hosts, &why), ERR_OK);
}

void answer(uint8_t family, enum resolved_status status, const char *address, uint32_t ttl_s)
{
	struct why why = {{0}};
	struct address parsed;
	assert_true(ask_count > 0);
	struct asked asked = asks[0];
	memmove(asks, asks + 1, --ask_count * sizeof asks[0]);
	assert_int_equal(asked.family, family);
	if (address != NULL)
		assert_int_equal(address_parse(bytes_of(address), &parsed, &why), ERR_OK);
	const struct resolved resolved = {.host = &asked.host,
	                                  .family = family,
	                                  .status = status,
	                                  .addresses = &parsed,
	                                  .address_count = address != NULL,
	                                  .ttl_s = ttl_s,
	                                  .why = status == RESOLVED_FAILED ? "no usable reply" : NULL};
	asked.done(asked.arg, &resolved);
}

void tick_at(uint64_t at_ms)
{
	now_ms = at_ms;
	tick(tick_handle);
}

struct host_view host_only(const struct world *world)
{
	struct host_view view = {.name = NULL};
	for (size_t id = 0; id < model_host_limit(world->model); id++) {
		if (model_host(world->model, (uint32_t)id, &view))
			return view;
	}
	fail();
	return view;
}
