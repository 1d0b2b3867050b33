#include "scrape.h"

#include "check.h"
#include "silent_health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_SIZE_MAX ((size_t)64 << 20)

static void config_make(struct daemon *daemon)
{
	static const char *const LISTEN[] = {"127.0.0.1:0"};
	const struct config_flags flags = {.federation = "fed",
	                                   .dns_zone_name = "example.com.",
	                                   .source_file = "state.json",
	                                   .listen = LISTEN,
	                                   .listen_count = 1};
	struct findings nobody = {.report = NULL};
	struct why why = {{0}};
	if (config_load(&flags, &nobody, &daemon->config, &why) != ERR_OK)
		fail_msg("%s", why.text);
}

static void health_make(struct daemon *daemon)
{
	struct why why = {{0}};
	const struct health_setup setup = {
		.model = daemon->model,
		.policy = {.probe = PROBE_TCP, .port = 80, .interval_ms = 5000, .rise = 2, .fall = 3},
		.probe = silent_probe,
		.unprobe = silent_unprobe,
		.news = silent_news};
	assert_int_equal(health_new(&setup, &daemon->health.health, &why), ERR_OK);
}

void scrape_make(struct scrape *scrape)
{
	struct why why = {{0}};
	struct daemon *daemon = calloc(1, sizeof *daemon);
	assert_non_null(daemon);
	*scrape = (struct scrape){.daemon = daemon};
	buf_init(&scrape->text, TEXT_SIZE_MAX);
	assert_int_equal(uv_loop_init(&daemon->loop), 0);
	daemon_metrics_init(daemon);
	daemon->model = model_new(1);
	daemon->zone = zone_new(2, 1);
	assert_non_null(daemon->model);
	assert_non_null(daemon->zone);
	config_make(daemon);
	health_make(daemon);
	assert_int_equal(daemon_policies_set(daemon, daemon->config, &why), ERR_OK);
}

void scrape_clear(struct scrape *scrape)
{
	struct daemon *daemon = scrape->daemon;
	daemon_metrics_stop(daemon);
	assert_int_equal(uv_run(&daemon->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&daemon->loop), 0);
	health_free(daemon->health.health);
	zone_free(daemon->zone);
	model_free(daemon->model);
	config_free(daemon->config);
	free(daemon);
	buf_free(&scrape->text);
}

void scrape_service(struct scrape *scrape, const char *service, const char *cluster, uint32_t first,
                    unsigned count)
{
	struct why why = {{0}};
	struct findings nobody = {.report = NULL};
	struct address addresses[ADDRESSES_MAX];
	assert_true(count <= ADDRESSES_MAX);
	for (unsigned i = 0; i < count; i++) {
		uint32_t at = first + i;
		addresses[i] = (struct address){
			.family = 4, .octets = {10, (uint8_t)(at >> 16), (uint8_t)(at >> 8), (uint8_t)at}};
	}
	const struct ingress_seen ingress = {
		.cluster = bytes_of(cluster), .addresses = addresses, .address_count = count};
	const struct service_seen seen = {.namespace = bytes_of("ns"),
	                                  .name = bytes_of(service),
	                                  .tcp_port = 80,
	                                  .ingresses = &ingress,
	                                  .ingress_count = 1};
	const struct cluster_seen where = {.name = bytes_of(cluster), .ready = READY_TRUE};
	assert_int_equal(model_stage_cluster(scrape->daemon->model, &where, &nobody, &why), ERR_OK);
	assert_int_equal(model_stage_service(scrape->daemon->model, &seen, &nobody, &why), ERR_OK);
}

void scrape_commit(struct scrape *scrape)
{
	struct why why = {{0}};
	struct findings nobody = {.report = NULL};
	struct daemon *daemon = scrape->daemon;
	if (model_commit(daemon->model, COMMIT_CHANGES, 1000, &nobody, &why) != ERR_OK)
		fail_msg("%s", why.text);
	struct model_changes changes = model_changes(daemon->model);
	assert_int_equal(health_look(daemon->health.health, &changes, 1000, &why), ERR_OK);
	assert_int_equal(zone_update(daemon->zone, daemon->model, 7, &nobody, &why), ERR_OK);
}

/* From octet `first` on. */
static size_t lines_count(const struct buf *text, size_t first)
{
	size_t count = 0;
	for (size_t i = first; i < text->size; i++)
		count += text->data[i] == '\n';
	return count;
}

static enum err steps_take(struct scrape *scrape, void *job)
{
	struct why why = {{0}};
	enum admin_step step = ADMIN_MORE;
	while (step == ADMIN_MORE) {
		size_t before = scrape->text.size;
		step = metrics_step(job, &scrape->text, &why);
		size_t lines = lines_count(&scrape->text, before);
		scrape->step_lines = lines > scrape->step_lines ? lines : scrape->step_lines;
		scrape->steps++;
	}
	assert_true(step == ADMIN_END || why.text[0] != '\0');
	return step == ADMIN_END ? ERR_OK : ERR_NOMEM;
}

enum err scrape_read(struct scrape *scrape)
{
	void *job;
	unsigned status = 200;
	struct why why = {{0}};
	scrape->text.size = scrape->steps = scrape->step_lines = 0;
	enum err err = metrics_begin(scrape->daemon, NULL, &job, &status, &why);
	if (err != ERR_OK)
		return err;
	err = steps_take(scrape, job);
	metrics_end(job);
	if (err != ERR_OK)
		return err;
	assert_int_equal(status, 200);
	assert_int_equal(buf_add(&scrape->text, (struct bytes){(const uint8_t *)"", 1}), ERR_OK);
	scrape->text.size--;
	return ERR_OK;
}

/* The line that begins so, from `from` on, or NULL. */
static const char *line_find(const char *from, const char *begin)
{
	size_t size = strlen(begin);
	for (const char *line = from; line != NULL && *line != '\0';) {
		if (strncmp(line, begin, size) == 0)
			return line;
		line = strchr(line, '\n');
		line = line == NULL ? NULL : line + 1;
	}
	return NULL;
}

double scrape_value(const struct scrape *scrape, const char *sample)
{
	char begin[512];
	(void)snprintf(begin, sizeof begin, "%s ", sample);
	const char *line = line_find((const char *)scrape->text.data, begin);
	if (line == NULL)
		fail_msg("no %s", sample);
	return line == NULL ? 0 : strtod(line + strlen(begin), NULL);
}

size_t scrape_count(const struct scrape *scrape, const char *begin)
{
	size_t count = 0;
	const char *line = line_find((const char *)scrape->text.data, begin);
	while (line != NULL) {
		count++;
		const char *end = strchr(line, '\n');
		line = end == NULL ? NULL : line_find(end + 1, begin);
	}
	return count;
}
