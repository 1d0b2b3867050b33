#include "scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* After all targets' first ones: a self check that fails takes its timeout. */
#define SELF_FIRST_MS 1200

/* --- news, probes ------------------------------------------------------------------------- */

static void news_keep(void *arg, const struct health_news *news)
{
	struct scene *scene = arg;
	char text[ADDRESS_TEXT_SIZE];
	if (scene->news_count == scene->news_room) {
		scene->news_room = 2 * scene->news_room + 64;
		scene->news = realloc(scene->news, scene->news_room * sizeof scene->news[0]);
		assert_non_null(scene->news);
	}
	char *line = scene->news[scene->news_count++];
	if (news->target == NULL) {
		(void)snprintf(line, SCENE_NEWS_SIZE, "all %s", reason_text(news->reason));
		return;
	}
	address_text(&news->target->address, text);
	(void)snprintf(line, SCENE_NEWS_SIZE, "%s %s %s %s", text, health_state_text(news->from),
	               health_state_text(news->to), reason_text(news->reason));
}

/* They are mostly asked for in the order of their first time. */
static size_t host_of(struct scene *scene, const struct address *address)
{
	for (size_t n = 0; n < scene->host_count; n++) {
		size_t i = (scene->host_next + n) % scene->host_count;
		if (address_compare(&scene->hosts[i].address, address) == 0) {
			scene->host_next = i + 1;
			return i;
		}
	}
	assert_true(scene->host_count < SCENE_HOSTS_MAX);
	scene->hosts[scene->host_count] = (struct scene_host){.address = *address};
	return scene->host_count++;
}

/* Each at a moment of its own within the first second, or interval; the same in every run. */
static int64_t offset_ms(const struct scene *scene, uint32_t id)
{
	int64_t spread_ms = scene->policy.interval_ms < 1000 ? scene->policy.interval_ms : 1000;
	return 1 + (int64_t)id * 137 % (spread_ms - 1);
}

/* Mostly at the end, for all are probed equally often. */
static void turn_add(struct scene *scene, uint32_t id)
{
	if (scene->turn_end == scene->turn_room) {
		size_t count = scene->turn_end - scene->turn_first;
		scene->turn_room = 2 * count + 64;
		uint32_t *turns = calloc(scene->turn_room, sizeof turns[0]);
		assert_non_null(turns);
		if (count != 0)
			memcpy(turns, scene->turns + scene->turn_first, count * sizeof turns[0]);
		free(scene->turns);
		scene->turns = turns;
		scene->turn_first = 0;
		scene->turn_end = count;
	}
	size_t at = scene->turn_end++;
	while (at > scene->turn_first &&
	       scene->targets[scene->turns[at - 1]].next_ms > scene->targets[id].next_ms) {
		scene->turns[at] = scene->turns[at - 1];
		at--;
	}
	scene->turns[at] = id;
}

static void turn_end(struct scene *scene, uint32_t id)
{
	size_t at = scene->turn_first;
	while (scene->turns[at] != id)
		at++;
	scene->turn_end--;
	memmove(scene->turns + at, scene->turns + at + 1,
	        (scene->turn_end - at) * sizeof scene->turns[0]);
}

static bool probe(void *arg, uint32_t id, const struct health_target *target)
{
	struct scene *scene = arg;
	if (scene->refuses)
		return false;
	if (id >= scene->target_room) {
		size_t room = 2 * (size_t)id + 64;
		scene->targets = realloc(scene->targets, room * sizeof scene->targets[0]);
		assert_non_null(scene->targets);
		memset(scene->targets + scene->target_room, 0,
		       (room - scene->target_room) * sizeof scene->targets[0]);
		scene->target_room = room;
	}
	assert_false(scene->targets[id].used);
	scene->targets[id] =
		(struct scene_target){.used = true,
	                          .host = host_of(scene, &target->address),
	                          .next_ms = scene->world.now_ms + offset_ms(scene, id)};
	turn_add(scene, id);
	return true;
}

static void unprobe(void *arg, uint32_t id)
{
	struct scene *scene = arg;
	assert_true(scene->targets[id].used);
	scene->targets[id].used = false;
	turn_end(scene, id);
}

static bool host_serves(const struct scene *scene, const struct scene_host *host)
{
	if (host->flap_ms == 0)
		return !scene->cut && !host->bad;
	int64_t phase_ms = (scene->world.now_ms - host->flap_ms) % (host->good_ms + host->bad_ms);
	return !scene->cut && phase_ms < host->good_ms;
}

/* --- its life ----------------------------------------------------------------------------- */

static void health_make(struct scene *scene)
{
	const struct health_setup setup = {.model = scene->world.model,
	                                   .policy = scene->policy,
	                                   .arg = scene,
	                                   .probe = probe,
	                                   .unprobe = unprobe,
	                                   .news = news_keep};
	assert_int_equal(health_new(&setup, &scene->health, &scene->world.why), ERR_OK);
}

void scene_init(struct scene *scene)
{
	world_init(&scene->world);
	scene->begin_ms = scene->world.now_ms;
	scene->world.policy.zone.ttl_s = 60;
	scene->world.policy.zone.last_window_ms = 17000; /* fall, interval and timeout */
	scene->model_next_ms = scene->self_next_ms = INT64_MAX;
	scene->policy = (struct health_policy){.probe = PROBE_TCP,
	                                       .port = 80,
	                                       .interval_ms = 5000,
	                                       .timeout_ms = 2000,
	                                       .rise = 2,
	                                       .fall = 3,
	                                       .hold_ms = 60000,
	                                       .max_withdraw_percent = 100};
	scene->compiler = compiler_new();
	assert_non_null(scene->compiler);
	health_make(scene);
}

static void health_end(struct scene *scene)
{
	health_free(scene->health);
	free(scene->targets);
	free(scene->turns);
	scene->targets = NULL;
	scene->turns = NULL;
	scene->turn_first = scene->turn_end = scene->turn_room = 0;
	scene->target_room = 0;
}

void scene_clear(struct scene *scene)
{
	health_end(scene);
	compiler_free(scene->compiler);
	for (size_t i = 0; i < scene->service_count; i++)
		free(scene->services[i].ingresses);
	free(scene->news);
	world_clear(&scene->world);
}

/* --- the source --------------------------------------------------------------------------- */

static void look(struct scene *scene)
{
	scene->model_next_ms = model_tick(scene->world.model, scene->world.now_ms);
	const struct model_changes changes = model_changes(scene->world.model);
	assert_int_equal(health_look(scene->health, &changes, scene->world.now_ms, &scene->world.why),
	                 ERR_OK);
	scene_settle(scene);
}

static void commit(struct scene *scene, enum commit how)
{
	struct world *world = &scene->world;
	assert_int_equal(model_commit(world->model, how, world->now_ms, &world->findings, &world->why),
	                 ERR_OK);
	look(scene);
}

static void cluster_stage(struct scene *scene, const struct scene_cluster *cluster)
{
	if (cluster->listed)
		world_cluster(&scene->world, cluster->name, cluster->place, cluster->ready,
		              cluster->ready_since_ms);
}

static void service_stage(struct scene *scene, const struct scene_service *service)
{
	char name[64];
	(void)snprintf(name, sizeof name, "%s%s", strchr(service->name, '/') == NULL ? "ns/" : "",
	               service->name);
	if (service->ingresses == NULL)
		world_gone(&scene->world, name);
	else
		world_service_with(&scene->world, name, service->ingresses, 0, FALLBACK_DEFAULT,
		                   service->all_down);
}

void scene_restart(struct scene *scene)
{
	struct health_order orders[64];
	char names[64][3][64];
	size_t count = 0;
	for (; health_orders(scene->health, count, &orders[count]); count++) {
		struct bytes *texts[] = {&orders[count].cluster, &orders[count].namespace,
		                         &orders[count].service};
		for (size_t i = 0; i < 3; i++) {
			(void)snprintf(names[count][i], sizeof names[count][i], "%.*s", BYTES_ARG(*texts[i]));
			*texts[i] = bytes_of(names[count][i]);
		}
	}
	const struct zone_policy zone = scene->world.policy.zone;
	int64_t now_ms = scene->world.now_ms;
	health_end(scene);
	world_clear(&scene->world);
	world_init(&scene->world);
	scene->world.policy.zone = zone;
	scene->world.now_ms = now_ms;
	health_make(scene);
	for (size_t i = 0; i < count; i++) {
		orders[i].unseen = true;
		assert_int_equal(health_order(scene->health, &orders[i], now_ms, &scene->world.why),
		                 ERR_OK);
	}
	for (size_t i = 0; i < scene->cluster_count; i++)
		cluster_stage(scene, &scene->clusters[i]);
	for (size_t i = 0; i < scene->service_count; i++)
		service_stage(scene, &scene->services[i]);
	commit(scene, COMMIT_REPLACE);
	if (scene->lookup[0][0] != '\0')
		scene_resolved(scene, scene->lookup[0], scene->lookup[1]);
	scene->self_next_ms = scene->self_count != 0 ? now_ms + SELF_FIRST_MS : INT64_MAX;
}

void scene_reload(struct scene *scene)
{
	assert_int_equal(
		health_set_policy(scene->health, &scene->policy, scene->world.now_ms, &scene->world.why),
		ERR_OK);
	scene->self_next_ms = scene->self_count != 0 ? scene->world.now_ms + SELF_FIRST_MS : INT64_MAX;
	scene_settle(scene);
}

static struct scene_cluster *cluster_of(struct scene *scene, const char *name)
{
	size_t i = 0;
	while (i < scene->cluster_count && strcmp(scene->clusters[i].name, name) != 0)
		i++;
	assert_true(i < SCENE_CLUSTERS_MAX);
	if (i == scene->cluster_count)
		(void)snprintf(scene->clusters[scene->cluster_count++].name, sizeof scene->clusters[i].name,
		               "%s", name);
	return &scene->clusters[i];
}

void scene_cluster(struct scene *scene, const char *name, const char *place, enum ready ready)
{
	struct scene_cluster *cluster = cluster_of(scene, name);
	if (place != NULL)
		(void)snprintf(cluster->place, sizeof cluster->place, "%s", place);
	cluster->ready = ready;
	cluster->ready_since_ms = scene->world.now_ms;
	cluster->listed = true;
	cluster_stage(scene, cluster);
	commit(scene, COMMIT_CHANGES);
}

void scene_cluster_gone(struct scene *scene, const char *name)
{
	cluster_of(scene, name)->listed = false;
	assert_int_equal(
		model_stage_cluster_gone(scene->world.model, bytes_of(name), &scene->world.why), ERR_OK);
	commit(scene, COMMIT_CHANGES);
}

static struct scene_service *service_of(struct scene *scene, const char *name)
{
	size_t i = 0;
	while (i < scene->service_count && strcmp(scene->services[i].name, name) != 0)
		i++;
	assert_true(i < SCENE_SERVICES_MAX);
	if (i == scene->service_count)
		(void)snprintf(scene->services[scene->service_count++].name, sizeof scene->services[i].name,
		               "%s", name);
	return &scene->services[i];
}

static void service_say(struct scene *scene, const char *name, const char *ingresses,
                        enum all_down all_down)
{
	struct scene_service *service = service_of(scene, name);
	free(service->ingresses);
	service->ingresses = ingresses == NULL ? NULL : strdup(ingresses);
	service->all_down = all_down;
	service_stage(scene, service);
}

void scene_service(struct scene *scene, const char *name, const char *ingresses,
                   enum all_down all_down)
{
	service_say(scene, name, ingresses, all_down);
	commit(scene, COMMIT_CHANGES);
}

void scene_services(struct scene *scene, const char *namespace, size_t first, size_t count,
                    const char *const *clusters, size_t cluster_count)
{
	for (size_t i = first; i < first + count; i++) {
		char name[32], ingresses[SCENE_TEXT_SIZE] = "";
		(void)snprintf(name, sizeof name, "%s/s%zu", namespace, i);
		for (size_t c = 0; c < cluster_count; c++) {
			size_t used = strlen(ingresses);
			(void)snprintf(ingresses + used, sizeof ingresses - used, "%s=10.%zu.%zu.%zu ",
			               clusters[c], c, i / 250, 1 + i % 250);
		}
		service_say(scene, name, ingresses, ALL_DOWN_DEFAULT);
	}
	commit(scene, COMMIT_CHANGES);
}

void scene_service_gone(struct scene *scene, const char *name)
{
	service_say(scene, name, NULL, ALL_DOWN_DEFAULT);
	commit(scene, COMMIT_CHANGES);
}

void scene_resolved(struct scene *scene, const char *host, const char *addresses)
{
	if (host != scene->lookup[0]) {
		(void)snprintf(scene->lookup[0], SCENE_TEXT_SIZE, "%s", host);
		(void)snprintf(scene->lookup[1], SCENE_TEXT_SIZE, "%s", addresses);
	}
	world_resolved(&scene->world, host, 4, addresses);
	look(scene);
}

/* --- the network -------------------------------------------------------------------------- */

static void cluster_hosts(struct scene *scene, uint16_t cluster,
                          void (*each)(struct scene *scene, struct scene_host *host, void *arg),
                          void *arg)
{
	struct service_view service;
	struct ingress_view ingress;
	for (uint32_t id = 0; id < model_service_limit(scene->world.model); id++) {
		if (!model_service(scene->world.model, id, &service))
			continue;
		while (model_ingress_next(&service, &ingress)) {
			struct address address = {.family = 4};
			for (size_t i = 0; ingress.cluster == cluster && i < ingress.direct.v4_count; i++) {
				memcpy(address.octets, ingress.direct.v4 + i * V4_SIZE, V4_SIZE);
				each(scene, &scene->hosts[host_of(scene, &address)], arg);
			}
		}
	}
}

void scene_hosts(struct scene *scene, const char *who,
                 void (*each)(struct scene *scene, struct scene_host *host, void *arg), void *arg)
{
	struct address address;
	struct why why;
	if (address_parse(bytes_of(who), &address, &why) == ERR_OK)
		each(scene, &scene->hosts[host_of(scene, &address)], arg);
	else
		cluster_hosts(scene, world_cluster_id(&scene->world, who), each, arg);
}

/* --- time --------------------------------------------------------------------------------- */

static void ticks(struct scene *scene)
{
	int64_t now_ms = scene->world.now_ms;
	bool changed;
	if (scene->model_next_ms <= now_ms)
		look(scene);
	if (health_next(scene->health) <= now_ms) {
		int64_t next_ms = health_tick(scene->health, now_ms, &changed);
		assert_true(next_ms > now_ms);
		assert_true(next_ms == health_next(scene->health));
		scene_settle(scene);
	}
	if (scene->self_next_ms <= now_ms) {
		scene->self_next_ms += scene->policy.interval_ms;
		for (size_t i = 0; i < scene->self_count; i++)
			(void)health_self_result(scene->health, i, !scene->cut && !scene->self_bad[i], now_ms);
		scene_settle(scene);
	}
}

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

static void target_ask(struct scene *scene)
{
	uint32_t id = scene->turns[scene->turn_first++];
	struct scene_target *target = &scene->targets[id];
	bool good = host_serves(scene, &scene->hosts[target->host]);
	int64_t slow_ms = scene->hosts[target->host].slow_ms;
	target->slow = !target->slow && slow_ms != 0;
	target->next_ms += scene->policy.interval_ms + (target->slow ? slow_ms : -slow_ms);
	turn_add(scene, id);
	(void)health_result(scene->health, id, good, good ? "" : "connection refused",
	                    scene->world.now_ms);
	scene_settle(scene);
}

void scene_pass(struct scene *scene, int64_t now_ms)
{
	for (;;) {
		int64_t next_ms = earlier(scene->model_next_ms, health_next(scene->health));
		next_ms = earlier(next_ms, scene->self_next_ms);
		bool probes = scene->turn_first != scene->turn_end &&
		              scene->targets[scene->turns[scene->turn_first]].next_ms < next_ms;
		if (probes)
			next_ms = scene->targets[scene->turns[scene->turn_first]].next_ms;
		if (next_ms > now_ms)
			break;
		if (next_ms > scene->world.now_ms)
			scene->world.now_ms = next_ms;
		if (probes)
			target_ask(scene);
		ticks(scene);
	}
	scene->world.now_ms = now_ms;
}

void scene_begin(struct scene *scene)
{
	memset(scene, 0, sizeof *scene);
	scene_init(scene);
	scene_cluster(scene, "a", "ra", READY_TRUE);
	scene_cluster(scene, "b", "rb", READY_TRUE);
	scene_service(scene, "web", "a=192.0.2.1 b=192.0.2.2", ALL_DOWN_DEFAULT);
}
