/* state and publish: what is said of a state is true. The source, the zone and the model's events
 * are the test's. */
#include "clock.h"
#include "daemon_internal.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct stage {
	struct daemon daemon;
	struct config config;
	char path[16];
};

/* What the other rooms do next; one process, one test at a time. */
static enum err load_err, kept_err, update_err;
static unsigned updates, findings_left;
static uint32_t serial, kept_serial, hinted;
static char said[16384];

void daemon_log(const struct daemon *daemon, enum log_level level, const char *fmt, ...)
{
	(void)daemon, (void)level;
	size_t used = strlen(said);
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(said + used, sizeof said - used, fmt, args);
	va_end(args);
	used = strlen(said);
	(void)snprintf(said + used, sizeof said - used, "\n");
}

enum err state_load(const char *path, struct model *model, int64_t now_ms,
                    struct findings *findings, struct why *why)
{
	(void)path, (void)model, (void)now_ms, (void)findings;
	why_set(why, "not JSON");
	return load_err;
}

enum err last_good_load(const char *dir, struct model *model, int64_t now_ms,
                        struct findings *findings, struct last_good *out, struct why *why)
{
	(void)dir, (void)model, (void)now_ms, (void)findings;
	why_set(why, "none");
	*out = (struct last_good){.serial = kept_serial};
	return kept_err;
}

void last_good_writer_dirty(struct last_good_writer *writer, uint32_t of)
{
	(void)writer, (void)of;
}

void stamps_take(struct stamps *stamps, const struct model *model)
{
	(void)stamps, (void)model;
}

int64_t model_tick(struct model *model, int64_t now_ms)
{
	(void)model, (void)now_ms;
	return INT64_MAX;
}

struct model_changes model_changes(const struct model *model)
{
	(void)model;
	return (struct model_changes){.service_count = 3};
}

size_t model_service_count(const struct model *model)
{
	(void)model;
	return 0;
}

void daemon_event(struct daemon *daemon, uint64_t at_ns)
{
	(void)daemon;
	(void)at_ns;
}

void daemon_event_published(struct daemon *daemon, bool changed)
{
	(void)daemon;
	(void)changed;
}

void daemon_push_soon(struct daemon *daemon, bool changed)
{
	(void)daemon;
	(void)changed;
}

enum err hosts_scan(struct hosts *hosts, struct why *why)
{
	(void)hosts, (void)why;
	return ERR_OK;
}

void daemon_health_look(struct daemon *daemon)
{
	(void)daemon;
}

void daemon_health_moves(struct daemon *daemon)
{
	(void)daemon;
}

void control_wake(struct control *control)
{
	(void)control;
}

enum err zone_update(struct zone *zone, struct model *model, uint32_t serial_hint,
                     struct findings *findings, struct why *why)
{
	(void)zone, (void)model;
	hinted = serial_hint;
	updates++;
	why_set(why, "no memory for a root");
	for (unsigned i = 0; i < findings_left; i++)
		findings_add(findings, SEVERITY_WARNING, FINDING_LIMIT, "service %u", i);
	if (update_err == ERR_OK)
		serial++;
	return update_err;
}

void zone_set_stale(struct zone *zone, bool stale)
{
	(void)zone;
	(void)stale;
}

size_t zone_sweep(struct zone *zone)
{
	(void)zone;
	return 0;
}

void zone_stats(const struct zone *zone, struct zone_stats *out)
{
	(void)zone;
	*out = (struct zone_stats){.serial = serial, .services = 1, .records = 2};
}

static int stage_make(void **state)
{
	struct stage *stage = calloc(1, sizeof *stage);
	if (stage == NULL)
		return -1;
	struct daemon *daemon = &stage->daemon;
	(void)snprintf(stage->path, sizeof stage->path, "/nonexistent");
	stage->config.source_file = stage->path;
	stage->config.state_dir = stage->path;
	daemon->config = &stage->config;
	daemon->log = (struct log){.fd = -1, .level = LOG_INFO, .format = LOG_TEXT};
	findings_log_init(&daemon->state_findings, &daemon->log, "source");
	findings_log_init(&daemon->publish_findings, &daemon->log, "compile");
	daemon->publish_findings.partial = true;
	if (uv_loop_init(&daemon->loop) != 0)
		return -1;
	(void)uv_timer_init(&daemon->loop, &daemon->tick);
	(void)uv_timer_init(&daemon->loop, &daemon->publish);
	daemon->tick.data = daemon->publish.data = daemon;
	load_err = update_err = ERR_OK;
	kept_err = ERR_MISSING;
	updates = serial = findings_left = 0;
	kept_serial = 5;
	said[0] = '\0';
	*state = stage;
	return 0;
}

static int stage_end(void **state)
{
	struct stage *stage = *state;
	struct daemon *daemon = &stage->daemon;
	findings_log_clear(&daemon->state_findings);
	findings_log_clear(&daemon->publish_findings);
	uv_close((uv_handle_t *)&daemon->tick, NULL);
	uv_close((uv_handle_t *)&daemon->publish, NULL);
	(void)uv_run(&daemon->loop, UV_RUN_DEFAULT);
	int open = uv_loop_close(&daemon->loop);
	free(stage);
	return open;
}

static void a_state_is_said_to_be_read_when_it_is_served(void **state)
{
	struct stage *stage = *state;
	daemon_state_start(&stage->daemon);
	assert_non_null(strstr(said, "state read: 1 service, 2 records, 3 changed, serial 1, "));
	said[0] = '\0';
	daemon_publish(&stage->daemon); /* once */
	assert_string_equal(said, "");
}

static void a_failed_publish_is_said_and_tried_again(void **state)
{
	struct stage *stage = *state;
	struct daemon *daemon = &stage->daemon;
	kept_err = ERR_OK;
	update_err = ERR_NOMEM;
	daemon_state_start(daemon);
	assert_string_equal(said, "not published, every answer is SERVFAIL: no memory for a root\n");
	assert_false(daemon->published);
	assert_true(uv_is_active((uv_handle_t *)&daemon->publish));
	update_err = ERR_OK;
	daemon_publish_timer(&daemon->publish);
	assert_true(daemon->published);
	assert_non_null(strstr(said, "state read: 1 service, 2 records, 3 changed, serial 1, "));

	said[0] = '\0';
	update_err = ERR_NOMEM;
	daemon_state_read(daemon);
	assert_string_equal(said, "not published, the old answers stay: no memory for a root\n");
}

static void busy_readers_delay_it_without_a_word(void **state)
{
	struct stage *stage = *state;
	struct daemon *daemon = &stage->daemon;
	update_err = ERR_AGAIN;
	daemon_state_read(daemon);
	assert_string_equal(said, "");
	update_err = ERR_OK;
	(void)uv_run(&daemon->loop, UV_RUN_ONCE);
	assert_int_equal(updates, 2);
	assert_non_null(strstr(said, "state read: "));
}

static void a_refused_state_is_never_said_to_be_read(void **state)
{
	struct stage *stage = *state;
	load_err = ERR_INVALID;
	kept_err = ERR_OK;
	daemon_state_start(&stage->daemon);
	assert_int_equal(updates, 1);
	assert_null(strstr(said, "state read"));
	assert_non_null(strstr(said, "serving the last-known-good state"));
	daemon_state_read(&stage->daemon);
	assert_null(strstr(said, "state read"));
	assert_non_null(strstr(said, "state refused, the old one is served on: not JSON"));
}

/* RFC 1982: also where what the file holds is ahead of the clock, and not the last that was served.
 */
static void the_first_serial_is_later_than_all_of_the_run_before(void **state)
{
	struct stage *stage = *state;
	uint32_t now_s = (uint32_t)(clock_now_ms() / 1000);
	kept_err = ERR_OK;
	kept_serial = now_s + 1000000;
	daemon_state_start(&stage->daemon);
	assert_true(hinted - kept_serial >= 60 && hinted - kept_serial < 1000);
	kept_serial = now_s - 1000000;
	daemon_state_start(&stage->daemon);
	assert_true(hinted >= now_s && hinted < now_s + 100000);
}

static void what_a_publish_does_not_tell_is_counted(void **state)
{
	struct stage *stage = *state;
	struct daemon *daemon = &stage->daemon;
	static char lines[1 << 18];
	FILE *log = tmpfile();
	assert_non_null(log);
	daemon->log.fd = fileno(log);
	daemon->have_state = true;
	findings_left = FINDINGS_LOGGED_MAX + 5;
	daemon_publish(daemon);
	ssize_t size = pread(fileno(log), lines, sizeof lines - 1, 0);
	assert_true(size > 0);
	assert_non_null(strstr(lines, "compile: 5 more findings; `fedns check` lists them all\n"));
	findings_left = 1;
	daemon_publish(daemon); /* nothing new: not a word */
	assert_int_equal(pread(fileno(log), lines, sizeof lines - 1, size), 0);
	(void)fclose(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_state_is_said_to_be_read_when_it_is_served, stage_make,
	                                    stage_end),
		cmocka_unit_test_setup_teardown(a_failed_publish_is_said_and_tried_again, stage_make,
	                                    stage_end),
		cmocka_unit_test_setup_teardown(busy_readers_delay_it_without_a_word, stage_make,
	                                    stage_end),
		cmocka_unit_test_setup_teardown(a_refused_state_is_never_said_to_be_read, stage_make,
	                                    stage_end),
		cmocka_unit_test_setup_teardown(the_first_serial_is_later_than_all_of_the_run_before,
	                                    stage_make, stage_end),
		cmocka_unit_test_setup_teardown(what_a_publish_does_not_tell_is_counted, stage_make,
	                                    stage_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
