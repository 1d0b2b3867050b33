/* The last-known-good file: what is written is read back, in slices, atomically, and errors are
 * told once. */
#include "folder.h"
#include "rig.h"

#include <fcntl.h>

#define DEADLINE_MS 20000

#define SERVICE_OF(name, ports)                                                                    \
	"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"" name                   \
	"\",\"annotations\":{\"federation.kubernetes.io/service-ingresses\":"                          \
	"\"{\\\"items\\\":[{\\\"cluster\\\":\\\"h\\\"}]}\"}},\"spec\":{\"type\":\"LoadBalancer\","     \
	"\"ports\":[" ports "]}}"

#define STATE                                                                                      \
	"{\"apiVersion\":\"federation/v1beta1\",\"kind\":\"Cluster\",\"metadata\":{\"name\":\"h\"},"   \
	"\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\","                        \
	"\"lastTransitionTime\":\"1970-01-01T00:10:00Z\"}],\"zones\":[\"z2\",\"z1\"],\"region\":"      \
	"\"r\"}}"                                                                                      \
	"{\"apiVersion\":\"federation/v1beta1\",\"kind\":\"Cluster\",\"metadata\":{\"name\":\"b\"}}"   \
	"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"s\",\"namespace\":"      \
	"\"n\","                                                                                       \
	"\"annotations\":{\"fedns.io/ttl\":\"60\",\"fedns.io/fallback\":\"flatten\","                  \
	"\"fedns.io/probe\":\"https:8443/a?b=c\","                                                     \
	"\"federation.kubernetes.io/service-ingresses\":\"{\\\"items\\\":[{\\\"cluster\\\":\\\"h\\\"," \
	"\\\"items\\\":[{\\\"ip\\\":\\\"192.0.2.1\\\"},{\\\"ip\\\":\\\"2001:db8::1\\\"},"              \
	"{\\\"hostname\\\":\\\"lb.example\\\"}]},"                                                     \
	"{\\\"cluster\\\":\\\"a\\\\\\\"\\\\u0001\\u00e9\\\"}]}\"}},\"spec\":{\"type\":"                \
	"\"LoadBalancer\",\"ports\":[{\"name\":\"dns\",\"protocol\":\"UDP\",\"port\":53},"             \
	"{\"name\":\"http\",\"protocol\":\"TCP\",\"port\":80}]}}" SERVICE_OF("t", "{\"port\":443}")    \
		SERVICE_OF("u", "{\"name\":\"z\",\"port\":9},{\"name\":\"a\",\"port\":8}")

struct bench {
	struct folder folder;
	struct rig rig;
	uv_loop_t loop;
	struct log log;
	struct last_good_writer *writer;
	int log_fds[2];
};

static void begin(struct bench *bench)
{
	memset(bench, 0, sizeof *bench);
	folder_make(&bench->folder);
	rig_init(&bench->rig);
	assert_int_equal(uv_loop_init(&bench->loop), 0);
	assert_int_equal(pipe2(bench->log_fds, O_CLOEXEC | O_NONBLOCK), 0);
	bench->log = (struct log){.fd = bench->log_fds[1], .level = LOG_INFO, .format = LOG_TEXT};
	assert_int_equal(last_good_writer_new(&bench->loop, folder_path(&bench->folder, "state"),
	                                      bench->rig.model, &bench->log, &bench->writer,
	                                      &bench->rig.why),
	                 ERR_OK);
}

static void end(struct bench *bench)
{
	last_good_writer_free(bench->writer);
	assert_int_equal(uv_run(&bench->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&bench->loop), 0);
	(void)close(bench->log_fds[0]);
	(void)close(bench->log_fds[1]);
	rig_clear(&bench->rig);
	folder_remove(&bench->folder);
}

static const char *logged(struct bench *bench)
{
	static char text[4096];
	ssize_t size = read(bench->log_fds[0], text, sizeof text - 1);
	text[size > 0 ? size : 0] = '\0';
	return text;
}

static void add_host(struct bench *bench)
{
	struct name host;
	struct address address;
	assert_int_equal(hostname_parse(bytes_of("lb.example"), &host, &bench->rig.why), ERR_OK);
	for (uint8_t family = 4; family <= 6; family += 2) {
		assert_int_equal(address_parse(bytes_of(family == 4 ? "192.0.2.9" : "2001:db8::9"),
		                               &address, &bench->rig.why),
		                 ERR_OK);
		assert_int_equal(model_host_resolved(bench->rig.model, &host, family, &address, 1,
		                                     &bench->rig.findings, &bench->rig.why),
		                 ERR_OK);
	}
}

static enum err load(struct bench *bench, struct rig *into, struct last_good *head)
{
	rig_init(into);
	return last_good_load(folder_path(&bench->folder, "state"), into->model, RIG_NOW_MS,
	                      &into->findings, head, &into->why);
}

static void gives_back_what_was_written(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench);
	assert_int_equal(rig_decode(&bench.rig, STATE), ERR_OK);
	add_host(&bench);
	last_good_writer_dirty(bench.writer, 4000000000u);
	last_good_writer_flush(bench.writer);

	struct rig other;
	struct last_good head;
	if (load(&bench, &other, &head) != ERR_OK)
		fail_msg("%s", other.why.text);
	assert_int_equal(head.serial, 4000000000u);
	assert_true(head.written_ms > RIG_NOW_MS);
	char *before = strdup(rig_text(&bench.rig));
	assert_non_null(before);
	assert_string_equal(rig_text(&other), before);
	assert_non_null(strstr(before, "\"kind\":\"Host\",\"name\":\"lb.example.\","
	                               "\"addresses\":[\"192.0.2.9\",\"2001:db8::9\"]"));
	assert_non_null(strstr(before, "\"lastTransitionTime\":\"1970-01-01T00:10:00.000Z\""));
	/* What is probed is known before the API is seen. */
	struct service_view view;
	assert_true(model_service_named(other.model, bytes_of("n"), bytes_of("s"), &view));
	assert_int_equal(view.probe.kind, PROBE_HTTPS);
	assert_int_equal(view.probe.port, 8443);
	assert_true(bytes_equal(view.probe.path, bytes_of("/a?b=c")));
	assert_int_equal(view.tcp_port, 80);
	assert_true(model_service_named(other.model, bytes_of("default"), bytes_of("t"), &view));
	assert_int_equal(view.tcp_port, 443);
	assert_int_equal(view.port_count, 0);
	assert_true(model_service_named(other.model, bytes_of("default"), bytes_of("u"), &view));
	assert_int_equal(view.tcp_port, 9);
	assert_int_equal(view.port_count, 2);
	free(before);
	rig_clear(&other);

	/* It is a state as well. */
	rig_init(&other);
	assert_int_equal(state_load(folder_path(&bench.folder, "state/last-known-good.json"),
	                            other.model, RIG_NOW_MS, &other.findings, &other.why),
	                 ERR_OK);
	assert_int_equal(model_service_count(other.model), 3);
	rig_clear(&other);
	end(&bench);
}

/* Run the loop until the file holds `serial`, and no other file lies beside it. */
static bool written(struct bench *bench, uint32_t serial)
{
	uint64_t begin_ms = uv_hrtime() / 1000000;
	while (uv_hrtime() / 1000000 - begin_ms < DEADLINE_MS) {
		uv_run(&bench->loop, UV_RUN_ONCE);
		struct rig other;
		struct last_good head;
		enum err err = load(bench, &other, &head);
		rig_clear(&other);
		if (err == ERR_OK && head.serial == serial)
			return true;
		if (err != ERR_MISSING && err != ERR_OK)
			fail_msg("half a file shows: %s", other.why.text);
	}
	return false;
}

static void writes_on_the_loop_soon_after_a_change(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench);
	assert_int_equal(rig_decode(&bench.rig, STATE), ERR_OK);
	last_good_writer_dirty(bench.writer, 1);
	last_good_writer_dirty(bench.writer, 2);
	assert_true(written(&bench, 2));
	assert_int_equal(access(folder_path(&bench.folder, "state/last-known-good.json.new"), F_OK),
	                 -1);
	assert_string_equal(logged(&bench), "");
	end(&bench);
}

static void add_services(struct bench *bench, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char name[16];
		(void)snprintf(name, sizeof name, "s%u", i);
		const struct address address = {4, {10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}};
		const struct ingress_seen ingress = {bytes_of("c"), &address, 1, NULL, 0};
		const struct service_seen seen = {.namespace = bytes_of("n"),
		                                  .name = bytes_of(name),
		                                  .ingresses = &ingress,
		                                  .ingress_count = 1};
		assert_int_equal(
			model_stage_service(bench->rig.model, &seen, &bench->rig.findings, &bench->rig.why),
			ERR_OK);
	}
	assert_int_equal(model_commit(bench->rig.model, COMMIT_REPLACE, RIG_NOW_MS,
	                              &bench->rig.findings, &bench->rig.why),
	                 ERR_OK);
}

static void many_services_make_many_slices(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench);
	add_services(&bench, 5000);
	emit_clear(&bench.rig.emit);
	emit_init(&bench.rig.emit, bench.rig.model, 1, 1);
	size_t slices = 0, size = 0;
	for (; bench.rig.emit.part != EMIT_DONE; slices++) {
		assert_int_equal(emit_slice(&bench.rig.emit, 0), ERR_OK); /* its time is always over */
		assert_true(bench.rig.emit.slice.size < 16384);
		size += bench.rig.emit.slice.size;
	}
	assert_true(slices > 5000 / 16);
	assert_true(size < 5000 * 350); /* 35 MB at 100,000 */
	last_good_writer_dirty(bench.writer, 3);
	assert_true(written(&bench, 3));
	struct rig other;
	struct last_good head;
	assert_int_equal(load(&bench, &other, &head), ERR_OK);
	assert_int_equal(model_service_count(other.model), 5000);
	rig_clear(&other);
	end(&bench);
}

/* A file that is too large to be read again would be none. */
static void what_there_is_no_room_for_is_left_out(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench);
	add_services(&bench, 5000);
	struct emit *emit = &bench.rig.emit;
	emit_clear(emit);
	emit_init(emit, bench.rig.model, 1, 1);
	emit->room = 100000;
	size_t size = 0;
	for (; emit->part != EMIT_DONE; size += emit->slice.size)
		assert_int_equal(emit_slice(emit, UINT64_MAX), ERR_OK);
	assert_in_range(size, 90000, 100000);
	assert_in_range(emit->left_out, 4000, 4999);
	end(&bench);
}

static void a_flush_overtakes_the_write_in_flight(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench);
	add_services(&bench, 5000);
	last_good_writer_dirty(bench.writer, 1);
	/* Until the temporary file shows that the write has begun. */
	uint64_t begin_ms = uv_hrtime() / 1000000;
	while (access(folder_path(&bench.folder, "state/last-known-good.json.new"), F_OK) != 0) {
		uv_run(&bench.loop, UV_RUN_ONCE);
		assert_true(uv_hrtime() / 1000000 - begin_ms < DEADLINE_MS);
	}
	last_good_writer_dirty(bench.writer, 2);
	last_good_writer_flush(bench.writer);
	last_good_writer_free(bench.writer);
	assert_int_equal(uv_run(&bench.loop, UV_RUN_DEFAULT), 0);
	struct rig other;
	struct last_good head;
	assert_int_equal(load(&bench, &other, &head), ERR_OK);
	assert_int_equal(head.serial, 2);
	rig_clear(&other);
	assert_int_equal(access(folder_path(&bench.folder, "state/last-known-good.json.new"), F_OK),
	                 -1);
	assert_int_equal(last_good_writer_new(&bench.loop, folder_path(&bench.folder, "state"),
	                                      bench.rig.model, &bench.log, &bench.writer,
	                                      &bench.rig.why),
	                 ERR_OK);
	end(&bench);
}

static void failures_are_told_once_a_reason_until_it_works_again(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench);
	assert_int_equal(rmdir(folder_path(&bench.folder, "state")), 0);
	last_good_writer_dirty(bench.writer, 1);
	last_good_writer_flush(bench.writer);
	assert_non_null(strstr(logged(&bench), "No such file or directory"));
	last_good_writer_flush(bench.writer);
	assert_string_equal(logged(&bench), "");
	folder_write(&bench.folder, "state", "no folder"); /* another reason */
	last_good_writer_flush(bench.writer);
	assert_non_null(strstr(logged(&bench), "Not a directory"));
	last_good_writer_flush(bench.writer);
	assert_string_equal(logged(&bench), "");
	assert_int_equal(unlink(folder_path(&bench.folder, "state")), 0);
	assert_int_equal(mkdir(folder_path(&bench.folder, "state"), 0700), 0);
	assert_true(written(&bench, 1)); /* tried again by itself */
	uint64_t begin_ms = uv_hrtime() / 1000000;
	const char *line = logged(&bench);
	while (line[0] == '\0' && uv_hrtime() / 1000000 - begin_ms < DEADLINE_MS) {
		uv_run(&bench.loop, UV_RUN_ONCE); /* the directory's fsync is still to come */
		line = logged(&bench);
	}
	assert_non_null(strstr(line, "written again"));
	end(&bench);
}

static void refuses_what_it_did_not_write(void **state)
{
	(void)state;
	static const char *const TEXTS[] = {
		"",
		"[]",
		STATE,
		"{\"apiVersion\":\"fedns.io/v1\",\"kind\":\"LastKnownGood\",\"serial\":1}",
		"{\"apiVersion\":\"fedns.io/"
		"v1\",\"kind\":\"LastKnownGood\",\"writtenMs\":1.5,\"serial\":1}",
		"{\"apiVersion\":\"fedns.io/"
		"v1\",\"kind\":\"LastKnownGood\",\"writtenMs\":1,\"serial\":4294967296}",
		"{\"apiVersion\":\"fedns.io/"
		"v1\",\"kind\":\"LastKnownGood\",\"writtenMs\":1,\"serial\":1}\n{",
	};
	struct bench bench;
	begin(&bench);
	for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
		struct rig other;
		struct last_good head;
		folder_write(&bench.folder, "state/last-known-good.json", TEXTS[i]);
		if (load(&bench, &other, &head) != ERR_INVALID)
			fail_msg("%s is taken", TEXTS[i]);
		assert_int_equal(head.written_ms, 0);
		assert_non_null(strstr(other.why.text, "last-known-good.json: line "));
		rig_clear(&other);
	}
	struct rig other;
	struct last_good head;
	assert_int_equal(unlink(folder_path(&bench.folder, "state/last-known-good.json")), 0);
	assert_int_equal(load(&bench, &other, &head), ERR_MISSING);
	rig_clear(&other);
	end(&bench);
}

static void a_state_dir_that_cannot_be_is_refused(void **state)
{
	(void)state;
	struct bench bench;
	begin(&bench);
	struct last_good_writer *writer = (void *)1;
	folder_write(&bench.folder, "file", "");
	assert_int_equal(last_good_writer_new(&bench.loop, folder_path(&bench.folder, "file/state"),
	                                      bench.rig.model, &bench.log, &writer, &bench.rig.why),
	                 ERR_IO);
	assert_null(writer);
	end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_back_what_was_written),
		cmocka_unit_test(writes_on_the_loop_soon_after_a_change),
		cmocka_unit_test(many_services_make_many_slices),
		cmocka_unit_test(what_there_is_no_room_for_is_left_out),
		cmocka_unit_test(a_flush_overtakes_the_write_in_flight),
		cmocka_unit_test(failures_are_told_once_a_reason_until_it_works_again),
		cmocka_unit_test(refuses_what_it_did_not_write),
		cmocka_unit_test(a_state_dir_that_cannot_be_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
