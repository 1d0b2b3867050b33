/* Any octets as what a client of the admin server sends, over loopback and through the library:
 * there is an end, what is answered is HTTP, and without the token nothing closed is begun. */
#include "fuzz.h"

#include "fedns/base64.h"
#include "http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOKEN       "testsecret"
#define END_WITHIN  UINT64_C(10000000000) /* ns; no input takes a hundredth of it */
#define ROWS        3000                  /* more than a part */
#define INPUT_MAX   ((size_t)1 << 16)
#define ANSWER_HEAD "HTTP/1.1 "

/* What the one input at hand is, for the commands that look at it. */
struct bed {
	uv_loop_t loop;
	struct log log;
	struct admin *admin;
	char address[64];
	struct bytes input;
	size_t jobs;
};

static void check_at(bool good, int line)
{
	if (good)
		return;
	(void)fprintf(stderr, "fuzz_admin.c:%d: errno %d\n", line, errno);
	abort();
}

/* The compiler makes one abort() of many, which says no line. */
#define check(good) check_at(good, __LINE__)

struct job {
	struct bed *bed;
	size_t rows;
};

static enum err open_begin(void *arg, json_t *query, void **job, struct why *why)
{
	struct bed *bed = arg;
	check(json_is_object(query));
	if (json_object_get(query, "bad") != NULL) {
		why_set(why, "%s", json_string_value(json_object_get(query, "bad")));
		return ERR_INVALID;
	}
	struct job *made = malloc(sizeof *made);
	check(made != NULL);
	*made = (struct job){bed, json_object_size(query) == 0 ? 1 : ROWS};
	bed->jobs++;
	*job = made;
	return ERR_OK;
}

static bool holds(struct bytes input, const char *text, size_t size)
{
	return memmem(input.data, input.size, text, size) != NULL;
}

/* As a password: base64 has three ways to write it, by the size of what stands before it. What the
 * octets before have a part in, and the last digit, whose low bits mean nothing, are left out. */
static bool holds_password(struct bytes input)
{
	static const char PAIR[] = "xx:" TOKEN;
	bool found = false;
	for (size_t before = 0; before < 3; before++) {
		char text[BASE64_TEXT_SIZE(sizeof PAIR)];
		size_t skip = before == 0 ? 0 : before + 1;
		const char *pair = PAIR + 2 - before;
		base64_encode(bytes_of(pair), text);
		size_t end = strcspn(text, "=");
		end -= text[end] == '=';
		found |= holds(input, text + skip, end - skip);
	}
	return found;
}

static enum err closed_begin(void *arg, json_t *query, void **job, struct why *why)
{
	const struct bed *bed = arg;
	check(holds(bed->input, TOKEN, sizeof TOKEN - 1) || holds_password(bed->input));
	return open_begin(arg, query, job, why);
}

static void job_end(void *arg)
{
	struct job *job = arg;
	job->bed->jobs--;
	free(job);
}

static enum control_step row_step(void *arg, struct control_answer *answer)
{
	struct job *job = arg;
	if (job->rows == 0)
		return CONTROL_END;
	job->rows--;
	answer->row = json_pack("{s:s}", "name", "a row of some fifty octets, with \"quotes\" in it");
	return CONTROL_ROW;
}

static enum err change_begin(void *arg, json_t *query, void **job, struct why *why)
{
	(void)arg;
	(void)query;
	(void)job;
	(void)why;
	abort(); /* nothing is changed by HTTP */
}

static const struct control_command COMMANDS[] = {
	{"status", false, closed_begin, row_step, job_end},
	{"records", false, closed_begin, row_step, job_end},
	{"drain", true, change_begin, row_step, job_end},
};
static const char *const SINGLES[] = {"status", NULL};

static enum err page_begin(void *arg, json_t *query, void **job, unsigned *status, struct why *why)
{
	*status = 503;
	return open_begin(arg, query, job, why);
}

static enum admin_step page_step(void *arg, struct buf *out, struct why *why)
{
	struct job *job = arg;
	(void)why;
	if (job->rows == 0)
		return ADMIN_END;
	job->rows--;
	check(buf_add(out, bytes_of("a line of some octets more than thirty\n")) == ERR_OK);
	return ADMIN_MORE;
}

static const struct admin_resource RESOURCES[] = {
	{"/healthz", "text/plain; charset=utf-8", true, page_begin, page_step, job_end},
};

static void token_write(char *path)
{
	int fd = mkstemp(path);
	check(fd >= 0 && write(fd, TOKEN, sizeof TOKEN - 1) == sizeof TOKEN - 1 && close(fd) == 0);
}

static struct bed *bed_new(void)
{
	struct why why;
	char path[] = "/tmp/fedns-fuzz-token-XXXXXX";
	struct bed *bed = calloc(1, sizeof *bed);
	check(bed != NULL && uv_loop_init(&bed->loop) == 0);
	token_write(path);
	bed->log = (struct log){.fd = open("/dev/null", O_WRONLY | O_CLOEXEC), .level = LOG_DEBUG};
	const struct admin_setup setup = {
		.loop = &bed->loop,
		.log = &bed->log,
		.policy = {.listen = "127.0.0.1:0", .token_file = path},
		.resources = RESOURCES,
		.resource_count = 1,
		.commands = COMMANDS,
		.command_count = 3,
		.singles = SINGLES,
		.arg = bed,
	};
	(void)signal(SIGPIPE, SIG_IGN);
	check(admin_new(&setup, NULL, &bed->admin, &why) == ERR_OK);
	(void)unlink(path); /* the token that was read stays */
	admin_address(bed->admin, bed->address);
	return bed;
}

/* The fuzzer's clock interrupts now and then, and a connect() that was interrupted goes on. */
static bool connect_whole(int fd, const struct sockaddr_in *to)
{
	struct pollfd out = {.fd = fd, .events = POLLOUT};
	int error = 0;
	socklen_t size = sizeof error;
	if (connect(fd, (const struct sockaddr *)to, sizeof *to) == 0)
		return true;
	if (errno != EINTR)
		return false;
	while (poll(&out, 1, -1) < 0 && errno == EINTR) {
	}
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

static int client_open(const struct bed *bed)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	to.sin_port = htons((uint16_t)strtoul(strchr(bed->address, ':') + 1, NULL, 10));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check(fd >= 0 && connect_whole(fd, &to));
	return fd;
}

/* False: the end. */
static bool answer_take(int fd, bool *begun)
{
	char answer[65536];
	ssize_t got = recv(fd, answer, sizeof answer, MSG_DONTWAIT);
	if (got < 0)
		return errno == EAGAIN;
	if (got > 0 && !*begun)
		check((size_t)got >= sizeof ANSWER_HEAD - 1 &&
		      memcmp(answer, ANSWER_HEAD, sizeof ANSWER_HEAD - 1) == 0);
	*begun |= got > 0;
	return got > 0;
}

/* In two parts, cut anywhere: `cut` octets come first. */
static void talk(struct bed *bed, size_t cut)
{
	int fd = client_open(bed);
	size_t sent = 0;
	bool begun = false, closed = false, more = true;
	uint64_t end_ns = uv_hrtime() + END_WITHIN;
	while (more) {
		check(uv_hrtime() < end_ns);
		size_t want = (sent < cut ? cut : bed->input.size) - sent;
		ssize_t part =
			want == 0 ? 0 : send(fd, bed->input.data + sent, want, MSG_DONTWAIT | MSG_NOSIGNAL);
		sent += part > 0 ? (size_t)part : 0;
		if (!closed && (sent == bed->input.size || (part < 0 && errno != EAGAIN))) {
			(void)shutdown(fd, SHUT_WR);
			closed = true;
		}
		(void)uv_run(&bed->loop, UV_RUN_NOWAIT);
		if (closed) /* a second has passed */
			http_clients_expire(bed->admin->server, uv_now(&bed->loop) + 1000);
		more = answer_take(fd, &begun);
	}
	(void)close(fd);
	while (bed->jobs != 0 || bed->admin->server->client_count != 0) {
		check(uv_hrtime() < end_ns);
		(void)uv_run(&bed->loop, UV_RUN_NOWAIT);
	}
}

static void query_check(struct bytes input)
{
	struct why why = {{0}};
	json_t *query = json_object();
	check(query != NULL);
	while (input.size != 0) {
		const uint8_t *end = memchr(input.data, '&', input.size);
		struct bytes pair = {input.data, end == NULL ? input.size : (size_t)(end - input.data)};
		const uint8_t *equals = pair.size == 0 ? NULL : memchr(pair.data, '=', pair.size);
		struct bytes name = {pair.data, equals == NULL ? pair.size : (size_t)(equals - pair.data)};
		struct bytes value = {NULL, 0};
		if (equals != NULL)
			value = (struct bytes){equals + 1, pair.size - name.size - 1};
		size_t before = json_object_size(query);
		enum err err = http_query_add(query, name, value, &why);
		check((err == ERR_OK) == (json_object_size(query) == before + 1));
		check((err == ERR_OK) == (why.text[0] == '\0') && before <= ADMIN_QUERY_MAX);
		why.text[0] = '\0';
		size_t used = pair.size + (end != NULL);
		input = (struct bytes){input.data + used, input.size - used};
	}
	json_decref(query);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bed *bed; /* a server for each input would be most of the time */
	if (size == 0 || size > INPUT_MAX)
		return 0;
	if (bed == NULL)
		bed = bed_new();
	bed->input = (struct bytes){data, size};
	talk(bed, hash_bytes(bed->input, 0) % size);
	query_check(bed->input);
	return 0;
}
