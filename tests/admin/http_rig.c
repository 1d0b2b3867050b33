#include "http_rig.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- what is asked for -------------------------------------------------------------------- */

struct job {
	struct http_rig *rig;
	json_int_t rows, size, work, fail_at, spin;
	json_int_t made;
};

static json_int_t number_of(json_t *query, const char *key)
{
	const char *text = json_string_value(json_object_get(query, key));
	return text == NULL ? 0 : (json_int_t)strtoll(text, NULL, 10);
}

/* rows=N, size=OCTETS of each, work=STEPS before the first, fail=AFTER so many rows. */
static enum err job_begin(void *arg, json_t *query, void **job, struct why *why)
{
	struct http_rig *rig = arg;
	if (json_object_get(query, "bad") != NULL) {
		why_set(why, "\"bad\" is bad");
		return ERR_INVALID;
	}
	struct job *made = malloc(sizeof *made);
	if (made == NULL) {
		why_set(why, "no memory for the job");
		return ERR_NOMEM;
	}
	*made = (struct job){.rig = rig,
	                     .rows = number_of(query, "rows"),
	                     .size = number_of(query, "size"),
	                     .work = number_of(query, "work"),
	                     .fail_at = number_of(query, "fail"),
	                     .spin = number_of(query, "spin")};
	rig->jobs++;
	*job = made;
	return ERR_OK;
}

static void job_end(void *job)
{
	struct job *made = job;
	made->rig->jobs--;
	free(made);
}

static enum control_step job_step(void *arg, struct control_answer *answer)
{
	struct job *job = arg;
	job->rig->steps++;
	if (job->work > 0) {
		job->work--;
		return CONTROL_WORKED;
	}
	if (job->fail_at != 0 && job->made == job->fail_at) {
		answer->err = ERR_MISSING;
		why_set(&answer->why, "it \"failed\" \xff");
		return CONTROL_FAILED;
	}
	if (job->made == job->rows)
		return CONTROL_END;
	answer->row = json_pack("{s:I, s:s%}", "i", job->made++, "text",
	                        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	                        (size_t)(job->size % 64));
	return CONTROL_ROW;
}

static enum control_step wait_step(void *job, struct control_answer *answer)
{
	(void)job;
	(void)answer;
	return CONTROL_WAIT;
}

static const struct control_command COMMANDS[] = {
	{"rows", false, job_begin, job_step, job_end},
	{"one", false, job_begin, job_step, job_end},
	{"wait", false, job_begin, wait_step, job_end},
	{"change", true, job_begin, job_step, job_end},
};
static const char *const SINGLES[] = {"one", NULL};

static enum err page_begin(void *arg, json_t *query, void **job, unsigned *status, struct why *why)
{
	json_int_t wanted = number_of(query, "status");
	if (wanted != 0)
		*status = (unsigned)wanted;
	return job_begin(arg, query, job, why);
}

/* Octets instead of rows; work=STEPS come before them. With spin=1 each takes more than a turn. */
static enum admin_step page_step(void *arg, struct buf *out, struct why *why)
{
	struct job *job = arg;
	job->rig->steps++;
	if (job->work > 0) {
		job->work--;
		return ADMIN_MORE;
	}
	if (job->fail_at != 0 && job->made == job->fail_at) {
		why_set(why, "the page failed");
		return ADMIN_FAILED;
	}
	if (job->made == job->rows)
		return ADMIN_END;
	job->made++;
	for (uint64_t begun_ns = uv_hrtime(); job->spin != 0 && uv_hrtime() - begun_ns < ADMIN_TURN_NS;)
		;
	if (buf_printf(out, "%0*d", (int)(job->size == 0 ? 1 : job->size), 0) == ERR_OK)
		return ADMIN_MORE;
	why_set(why, "no memory for the page");
	return ADMIN_FAILED;
}

static const struct admin_resource RESOURCES[] = {
	{"/", "text/html; charset=utf-8", false, page_begin, page_step, job_end},
	{"/open", "text/plain; charset=utf-8", true, page_begin, page_step, job_end},
};

/* --- the rig ------------------------------------------------------------------------------ */

struct admin_setup http_rig_admin(struct http_rig *rig)
{
	return (struct admin_setup){.loop = &rig->loop,
	                            .log = &rig->log,
	                            .policy = rig->policy,
	                            .resources = RESOURCES,
	                            .resource_count = 2,
	                            .commands = COMMANDS,
	                            .command_count = 4,
	                            .singles = SINGLES,
	                            .arg = rig};
}

void http_rig_listen(struct http_rig *rig)
{
	struct why why = {{0}};
	const struct admin_setup setup = http_rig_admin(rig);
	if (admin_new(&setup, NULL, &rig->admin, &why) != ERR_OK)
		fail_msg("%s", why.text);
	admin_address(rig->admin, rig->address);
}

int http_rig_setup(void **state)
{
	struct http_rig *rig = calloc(1, sizeof *rig);
	assert_non_null(rig);
	(void)signal(SIGPIPE, SIG_IGN); /* as the daemon does */
	(void)snprintf(rig->folder, sizeof rig->folder, "/tmp/fedns-admin-XXXXXX");
	assert_non_null(mkdtemp(rig->folder));
	rig->log = (struct log){.fd = open("/dev/null", O_WRONLY | O_CLOEXEC), .level = LOG_DEBUG};
	rig->policy.listen = "127.0.0.1:0";
	assert_int_equal(uv_loop_init(&rig->loop), 0);
	*state = rig;
	return 0;
}

static void folder_remove(const char *folder)
{
	DIR *dir = opendir(folder);
	assert_non_null(dir);
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		if (entry->d_name[0] != '.')
			assert_int_equal(unlinkat(dirfd(dir), entry->d_name, 0), 0);
	}
	(void)closedir(dir);
	assert_int_equal(rmdir(folder), 0);
}

int http_rig_teardown(void **state)
{
	struct http_rig *rig = *state;
	admin_free(rig->admin);
	assert_int_equal(rig->jobs, 0);
	assert_int_equal(uv_run(&rig->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&rig->loop), 0);
	folder_remove(rig->folder);
	(void)close(rig->log.fd);
	free(rig->answer);
	free(rig);
	return 0;
}

void http_turn(struct http_rig *rig)
{
	(void)uv_run(&rig->loop, UV_RUN_NOWAIT);
}

/* --- clients ------------------------------------------------------------------------------ */

int http_open(struct http_rig *rig, int receive_size)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	unsigned port = (unsigned)strtoul(strchr(rig->address, ':') + 1, NULL, 10);
	to.sin_port = htons((uint16_t)port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	if (receive_size != 0)
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_size, sizeof receive_size),
		                 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

void http_send(struct http_rig *rig, int fd, const char *text)
{
	uint64_t end_ms = now_ms() + HTTP_WAIT_MS;
	size_t size = strlen(text);
	while (size != 0) {
		ssize_t sent = send(fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent > 0) {
			text += sent;
			size -= (size_t)sent;
		} else if (errno != EAGAIN || now_ms() > end_ms) {
			return; /* it was told enough: the answer says so */
		}
		http_turn(rig);
	}
}

void http_receive(struct http_rig *rig, int fd)
{
	uint64_t end_ms = now_ms() + HTTP_WAIT_MS;
	if (rig->answer == NULL)
		rig->answer = malloc(ANSWER_SIZE_MAX + 1);
	assert_non_null(rig->answer);
	rig->size = 0;
	for (;;) {
		ssize_t got = recv(fd, rig->answer + rig->size, ANSWER_SIZE_MAX - rig->size, MSG_DONTWAIT);
		if (got > 0)
			rig->size += (size_t)got;
		else if (got == 0 || errno == ECONNRESET)
			break;
		else if (now_ms() > end_ms)
			fail_msg("no end of the answer");
		http_turn(rig);
	}
	rig->answer[rig->size] = '\0';
}

void http_ask(struct http_rig *rig, const char *head)
{
	int fd = http_open(rig, 0);
	http_send(rig, fd, head);
	http_send(rig, fd, "Connection: close\r\n\r\n");
	http_receive(rig, fd);
	(void)close(fd);
}

void http_get(struct http_rig *rig, const char *path)
{
	char head[1024];
	(void)snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: localhost\r\n", path);
	http_ask(rig, head);
}

/* --- the answer --------------------------------------------------------------------------- */

unsigned http_status(const struct http_rig *rig)
{
	if (strncmp(rig->answer, "HTTP/1.", 7) != 0)
		return 0;
	return (unsigned)strtoul(rig->answer + 9, NULL, 10);
}

static char *body_of(const struct http_rig *rig)
{
	char *end = strstr(rig->answer, "\r\n\r\n");
	return end == NULL ? rig->answer + rig->size : end + 4;
}

bool http_has_header(const struct http_rig *rig, const char *line)
{
	const char *at = strstr(rig->answer, line);
	return at != NULL && at < body_of(rig) && at[-1] == '\n' && at[strlen(line)] == '\r';
}

bool http_whole(const struct http_rig *rig)
{
	return rig->size > 5 && strcmp(rig->answer + rig->size - 5, "0\r\n\r\n") == 0;
}

const char *http_body(struct http_rig *rig)
{
	char *body = body_of(rig), *to = body, *from = body, *end = rig->answer + rig->size;
	if (!http_has_header(rig, "Transfer-Encoding: chunked"))
		return body;
	while (from < end) {
		size_t size = strtoul(from, &from, 16);
		if (size == 0 || from + 2 + size > end)
			break;
		memmove(to, from + 2, size);
		to += size;
		from += 2 + size + 2;
	}
	*to = '\0';
	return body;
}

void http_file(struct http_rig *rig, const char *name, const char *text, char *path)
{
	char fresh[96];
	(void)snprintf(path, 80, "%s/%s", rig->folder, name);
	(void)snprintf(fresh, sizeof fresh, "%s.new", path);
	FILE *file = fopen(fresh, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(rename(fresh, path), 0);
}
