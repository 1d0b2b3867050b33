#include "rig.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

/* --- commands ----------------------------------------------------------------------------- */

struct job {
	struct rig *rig;
	json_int_t rows, size, work;
	json_int_t made;
	bool bad, fails;
};

/* {"rows": N, "size": OCTETS, "work": STEPS, "bad": BOOL, "fails": BOOL}, all as it may be. */
static enum err job_begin(void *arg, json_t *arguments, void **job, struct why *why)
{
	struct job wanted = {.rig = arg};
	int bad = 0, fails = 0;
	if (json_unpack_ex(arguments, NULL, JSON_STRICT, "{s?I, s?I, s?I, s?b, s?b}", "rows",
	                   &wanted.rows, "size", &wanted.size, "work", &wanted.work, "bad", &bad,
	                   "fails", &fails) != 0) {
		why_set(why, "bad arguments");
		return ERR_INVALID;
	}
	wanted.bad = bad != 0;
	wanted.fails = fails != 0;
	struct job *made = malloc(sizeof *made);
	assert_non_null(made);
	*made = wanted;
	wanted.rig->jobs++;
	*job = made;
	return ERR_OK;
}

static void job_end(void *job)
{
	struct job *made = job;
	made->rig->jobs--;
	free(made);
}

static json_t *row_make(const struct job *job)
{
	char *text = malloc((size_t)job->size + 1);
	assert_non_null(text);
	memset(text, 'x', (size_t)job->size);
	text[job->size] = '\0';
	json_t *row = json_pack("{s:I, s:s}", "i", job->made, "text", text);
	free(text);
	return row;
}

static enum control_step make_step(void *arg, struct control_answer *answer)
{
	struct job *job = arg;
	job->rig->steps++;
	if (job->work > 0) {
		job->work--;
		return CONTROL_WORKED;
	}
	if (job->made < job->rows) {
		answer->row = row_make(job);
		job->made++;
		return CONTROL_ROW;
	}
	if (job->fails) {
		answer->err = ERR_MISSING;
		why_set(&answer->why, "nothing of this name\xff");
		return CONTROL_FAILED;
	}
	answer->not_good = job->bad;
	return CONTROL_END;
}

static enum control_step wait_step(void *arg, struct control_answer *answer)
{
	struct job *job = arg;
	job->rig->steps++;
	return job->rig->go ? make_step(arg, answer) : CONTROL_WAIT;
}

static const struct control_command COMMANDS[] = {
	{"make", false, job_begin, make_step, job_end},
	{"wait", true, job_begin, wait_step, job_end},
};

/* --- the rig ------------------------------------------------------------------------------ */

int rig_setup(void **state)
{
	struct why why = {{0}};
	struct rig *rig = calloc(1, sizeof *rig);
	assert_non_null(rig);
	(void)signal(SIGPIPE, SIG_IGN); /* as the daemon does */
	(void)snprintf(rig->folder, sizeof rig->folder, "/tmp/fedns-control-XXXXXX");
	assert_non_null(mkdtemp(rig->folder));
	(void)snprintf(rig->path, sizeof rig->path, "%s/s", rig->folder);
	rig->log = (struct log){.fd = STDERR_FILENO, .level = LOG_ERROR};
	assert_int_equal(uv_loop_init(&rig->loop), 0);
	assert_int_equal(control_new(&rig->loop, COMMANDS, 2, rig, &rig->log, &rig->control, &why),
	                 ERR_OK);
	struct control_socket *socket;
	assert_int_equal(control_socket_open(&rig->loop, rig->path, &socket, &why), ERR_OK);
	control_listen(rig->control, socket);
	*state = rig;
	return 0;
}

int rig_teardown(void **state)
{
	struct rig *rig = *state;
	control_free(rig->control);
	assert_int_equal(uv_run(&rig->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&rig->loop), 0);
	assert_int_equal(rig->jobs, 0);
	assert_int_not_equal(access(rig->path, F_OK), 0);
	assert_int_equal(rmdir(rig->folder), 0);
	free(rig);
	return 0;
}

void rig_turn(struct rig *rig)
{
	(void)uv_run(&rig->loop, UV_RUN_NOWAIT);
}

int client_open(const struct rig *rig, int receive_size)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", rig->path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	if (receive_size != 0)
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_size, sizeof receive_size),
		                 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

/* EOF and an end by the peer are 0. */
static size_t receive_some(struct rig *rig, int fd, void *data, size_t size)
{
	uint64_t end_ms = now_ms() + CLIENT_WAIT_MS;
	for (;;) {
		ssize_t got = recv(fd, data, size, MSG_DONTWAIT);
		if (got >= 0)
			return (size_t)got;
		if (errno == ECONNRESET)
			return 0;
		assert_int_equal(errno, EAGAIN);
		if (now_ms() > end_ms)
			fail_msg("nothing came");
		rig_turn(rig);
	}
}

void send_all(struct rig *rig, int fd, const void *data, size_t size)
{
	uint64_t end_ms = now_ms() + CLIENT_WAIT_MS;
	const uint8_t *at = data;
	while (size != 0) {
		ssize_t sent = send(fd, at, size, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent > 0) {
			at += sent;
			size -= (size_t)sent;
		} else if (errno != EAGAIN || now_ms() > end_ms) {
			fail_msg("not sent: %s", strerror(errno));
		}
		rig_turn(rig);
	}
}

size_t request_make(const char *text, uint8_t *out)
{
	size_t size = strlen(text);
	control_head_put(size, out);
	memcpy(out + CONTROL_HEAD_SIZE, text, size);
	return CONTROL_HEAD_SIZE + size;
}

void request_send(struct rig *rig, int fd, const char *text)
{
	static uint8_t frame[CONTROL_HEAD_SIZE + CONTROL_REQUEST_SIZE_MAX];
	send_all(rig, fd, frame, request_make(text, frame));
}

static bool receive_all(struct rig *rig, int fd, uint8_t *data, size_t size)
{
	for (size_t at = 0; at < size;) {
		size_t got = receive_some(rig, fd, data + at, size - at);
		if (got == 0)
			return false;
		at += got;
	}
	return true;
}

json_t *frame_receive(struct rig *rig, int fd)
{
	static uint8_t content[CONTROL_REPLY_SIZE_MAX];
	uint8_t head[CONTROL_HEAD_SIZE];
	assert_true(receive_all(rig, fd, head, sizeof head));
	size_t size = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	assert_in_range(size, 1, sizeof content);
	assert_true(receive_all(rig, fd, content, size));
	json_t *json = json_loadb((const char *)content, size, 0, NULL);
	assert_non_null(json);
	return json;
}

void expect_frame(struct rig *rig, int fd, const char *text)
{
	json_t *frame = frame_receive(rig, fd), *wanted = json_loads(text, 0, NULL);
	assert_non_null(wanted);
	if (!json_equal(frame, wanted)) {
		char *got = json_dumps(frame, 0);
		fail_msg("wanted %s, got %s", text, got);
	}
	json_decref(frame);
	json_decref(wanted);
}

void expect_error(struct rig *rig, int fd, int status, const char *words)
{
	json_t *frame = frame_receive(rig, fd);
	const char *sentence = json_string_value(json_object_get(frame, "error"));
	assert_non_null(sentence);
	if (strstr(sentence, words) == NULL)
		fail_msg("no \"%s\" in: %s", words, sentence);
	assert_int_equal(json_integer_value(json_object_get(frame, "status")), status);
	json_decref(frame);
}

size_t expect_rows(struct rig *rig, int fd, const char *end, size_t *frames)
{
	size_t count = 0;
	json_t *wanted = json_loads(end, 0, NULL), *frame;
	assert_non_null(wanted);
	for (*frames = 0;; ++*frames) {
		frame = frame_receive(rig, fd);
		json_t *rows = json_object_get(frame, "rows");
		if (rows == NULL)
			break;
		assert_in_range(json_array_size(rows), 1, CONTROL_ROWS_MAX);
		for (size_t i = 0; i < json_array_size(rows); i++, count++)
			assert_int_equal(json_integer_value(json_object_get(json_array_get(rows, i), "i")),
			                 count);
		json_decref(frame);
	}
	assert_true(json_equal(frame, wanted));
	json_decref(frame);
	json_decref(wanted);
	return count;
}

void expect_closed(struct rig *rig, int fd)
{
	uint8_t rest[4096];
	while (receive_some(rig, fd, rest, sizeof rest) != 0)
		;
}

void expect_service(struct rig *rig)
{
	int fd = client_open(rig, 0);
	request_send(rig, fd, "{\"command\":\"make\"}");
	expect_frame(rig, fd, "{\"done\":true,\"status\":0}");
	(void)close(fd);
}
