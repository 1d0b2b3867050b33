/* health_log: a line a transition, and of a mass failure a summary. */
#include "health_log.h"
#include "world.h"

#include "check.h"

#include <string.h>
#include <unistd.h>

struct scene {
	uv_loop_t loop;
	struct log log;
	struct health_log health;
	int ends[2];
	char text[65536];
};

static void scene_begin(struct scene *scene, enum log_level level)
{
	assert_int_equal(pipe(scene->ends), 0);
	scene->log = (struct log){.fd = scene->ends[1], .level = level, .format = LOG_TEXT};
	assert_int_equal(uv_loop_init(&scene->loop), 0);
	health_log_init(&scene->health, &scene->log, &scene->loop);
}

/* What was said so far. */
static const char *said(struct scene *scene)
{
	/* so that there is always something to be read */
	assert_int_equal(write(scene->ends[1], "\n", 1), 1);
	ssize_t size = read(scene->ends[0], scene->text, sizeof scene->text - 1);
	assert_true(size > 0);
	scene->text[size - 1] = '\0';
	return scene->text;
}

static void scene_end(struct scene *scene)
{
	health_log_stop(&scene->health);
	(void)uv_run(&scene->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&scene->loop), 0);
	(void)close(scene->ends[0]);
	(void)close(scene->ends[1]);
}

static size_t lines_of(const char *text)
{
	size_t count = 0;
	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}

static const struct health_target V4 = {
	.address = {.family = 4, .octets = {192, 0, 2, 1}}, .port = 443, .kind = PROBE_TCP};
static const struct health_target V6 = {
	.address = {.family = 6, .octets = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}},
	.port = 80,
	.kind = PROBE_HTTP};

#define NEWS(of, state, next, code, leaves, uses, sentence)                                        \
	.target = (of), .from = (state), .to = (next), .reason = (code), .out = (leaves),              \
	.services = (uses), .why = (sentence)
#define TEXT(text)                                                                                 \
	{                                                                                              \
		(const uint8_t *)(text), sizeof(text) - 1                                                  \
	}

struct line {
	struct health_news news;
	const char *text; /* NULL: nothing is said at level info */
};

static void each_transition_has_a_line_with_stable_words(void **state)
{
	(void)state;
	static const struct line LINES[] = {
		{{NEWS(&V4, HEALTH_FAILING, HEALTH_UNHEALTHY, REASON_PROBE_BAD, true, 3,
	           "connection refused")},
	     "warn health: 192.0.2.1:443 tcp failing -> unhealthy (probe-bad: connection refused): 3 "
	     "services\n"},
		{{NEWS(&V4, HEALTH_FAILING, HEALTH_UNHEALTHY, REASON_HELD, false, 1, "HTTP 503")},
	     "warn health: 192.0.2.1:443 tcp failing -> unhealthy, answered on (held: HTTP 503): 1 "
	     "service\n"},
		{{NEWS(&V4, HEALTH_UNHEALTHY, HEALTH_UNHEALTHY, REASON_PROBE_BAD, true, 1, "HTTP 503")},
	     "warn health: 192.0.2.1:443 tcp unhealthy, answered no more (probe-bad: HTTP 503): 1 "
	     "service\n"},
		{{NEWS(&V4, HEALTH_FAILING, HEALTH_UNHEALTHY, REASON_PROBE_BAD, true, 1, "HTTP 503"),
	      .namespace = TEXT("default"), .service = TEXT("web"), .cluster = TEXT("hangzhou")},
	     "warn health: 192.0.2.1:443 tcp failing -> unhealthy (probe-bad: HTTP 503): default/web "
	     "in "
	     "hangzhou\n"},
		{{NEWS(&V6, HEALTH_RECOVERING, HEALTH_HEALTHY, REASON_PROBE_GOOD, false, 2, "")},
	     "info health: [2001:db8::1]:80 http recovering -> healthy (probe-good): 2 services\n"},
		{{NEWS(&V6, HEALTH_UNKNOWN, HEALTH_HEALTHY, REASON_PROBE_GOOD, false, 2, "")}, NULL},
		{{NEWS(NULL, HEALTH_UNKNOWN, HEALTH_UNKNOWN, REASON_SUSPECTED, false, 2, "nobody answers")},
	     "error health: nobody answers (suspected): 2 targets\n"},
		{{NEWS(NULL, HEALTH_UNKNOWN, HEALTH_UNKNOWN, REASON_NONE, false, 0, "all is well")},
	     "info health: all is well\n"},
	};
	static struct scene scene;
	scene_begin(&scene, LOG_INFO);
	for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++) {
		health_log_news(&scene.health, &LINES[i].news);
		const char *text = said(&scene);
		if (LINES[i].text == NULL)
			assert_string_equal(text, "");
		else
			assert_non_null(strstr(text, LINES[i].text));
	}
	scene_end(&scene);
}

static void of_many_at_once_the_rest_is_summed_up(void **state)
{
	(void)state;
	const struct health_news dead = {NEWS(&V4, HEALTH_FAILING, HEALTH_UNHEALTHY, REASON_PROBE_BAD,
	                                      true, 2, "connection refused")};
	static struct scene scene;
	scene_begin(&scene, LOG_INFO);
	for (size_t i = 0; i < HEALTH_LINES_MAX + 30; i++)
		health_log_news(&scene.health, &dead);
	assert_int_equal(lines_of(said(&scene)), HEALTH_LINES_MAX);
	scene_end(&scene); /* as the end of its window does */
	scene_begin(&scene, LOG_INFO);
	for (size_t i = 0; i < HEALTH_LINES_MAX + 30; i++)
		health_log_news(&scene.health, &dead);
	(void)uv_run(&scene.loop, UV_RUN_DEFAULT); /* until the window is over */
	assert_non_null(strstr(said(&scene),
	                       "30 more within 1000 ms: 0 failing, 30 unhealthy, 0 recovering, 0 "
	                       "healthy: 60 services\n"));
	health_log_news(&scene.health, &dead);
	assert_int_equal(lines_of(said(&scene)), 1);
	scene_end(&scene);
}

static struct world world;

static void world_begin(void)
{
	world_init(&world);
	world_cluster(&world, "a", "ra: za", READY_TRUE, 0);
	world_service(&world, "default/web", "a=192.0.2.1");
	world_commit(&world, COMMIT_REPLACE);
}

/* What an operator wants to know of a failure: whose names lead elsewhere now, and why. */
static void moved_levels_have_a_line(void **state)
{
	(void)state;
	static struct scene scene;
	struct zone_moves none = {.services = 0}, one = {.services = 1}, many = {.services = 120};
	scene_begin(&scene, LOG_INFO);
	world_begin();
	health_log_moves(&scene.health, world.model, &none);
	assert_string_equal(said(&scene), "");
	one.levels.failovers[LEVEL_ZONE][REASON_PROBE_BAD] = 2;
	one.levels.failovers[LEVEL_REGION][REASON_MIN_HEALTHY] = 1;
	one.levels.failovers[LEVEL_GLOBAL][REASON_PROBE_BAD] = 1;
	health_log_moves(&scene.health, world.model, &one);
	assert_non_null(strstr(said(&scene),
	                       "warn health: default/web: 2 zone levels climb (probe-bad), "
	                       "1 region level climbs (min-healthy), all down "
	                       "(probe-bad)\n"));
	many.levels.failovers[LEVEL_ZONE][REASON_NOT_READY] = 120;
	many.levels.failovers[LEVEL_ZONE][REASON_DRAINED] = 3;
	many.levels.failovers[LEVEL_GLOBAL][REASON_NOT_READY] = 7;
	many.levels.failbacks[LEVEL_REGION] = 1;
	health_log_moves(&scene.health, world.model, &many);
	assert_non_null(strstr(said(&scene),
	                       "warn health: 120 services: 3 zone levels climb (drained), "
	                       "120 zone levels climb (not-ready), 7 all down "
	                       "(not-ready), 1 region level back\n"));
	one = (struct zone_moves){.services = 1, .service = 77, .levels.failbacks = {1, 0, 2}};
	health_log_moves(&scene.health, world.model, &one);
	assert_non_null(
		strstr(said(&scene), "info health: 1 service: 2 zone levels back, 1 global level back\n"));
	scene_end(&scene);
	world_clear(&world);
}

static void of_many_publishes_at_once_the_rest_is_one_line(void **state)
{
	(void)state;
	static struct scene scene;
	struct zone_moves one = {.services = 1};
	one.levels.failovers[LEVEL_ZONE][REASON_PROBE_BAD] = 1;
	scene_begin(&scene, LOG_INFO);
	world_begin();
	for (size_t i = 0; i < HEALTH_LINES_MAX + 30; i++)
		health_log_moves(&scene.health, world.model, &one);
	assert_int_equal(lines_of(said(&scene)), HEALTH_LINES_MAX);
	(void)uv_run(&scene.loop, UV_RUN_DEFAULT); /* until the window is over */
	assert_non_null(strstr(said(&scene), "30 services: 30 zone levels climb (probe-bad)\n"));
	scene_end(&scene);
	world_clear(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_transition_has_a_line_with_stable_words),
		cmocka_unit_test(of_many_at_once_the_rest_is_summed_up),
		cmocka_unit_test(moved_levels_have_a_line),
		cmocka_unit_test(of_many_publishes_at_once_the_rest_is_one_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
