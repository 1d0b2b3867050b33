#include "control_client.h"

#include "fedns/utf8.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct client {
	int fd;
	const char *path;
	struct why *why; /* what went wrong */
};

/* --- which socket ------------------------------------------------------------------------- */

/* Warnings are for `check`; what keeps us from reading `control` is said. */
static void error_print(void *arg, const struct finding *finding)
{
	if (finding->severity != SEVERITY_ERROR)
		return;
	struct findings printed = findings_printed(arg);
	printed.report(printed.arg, finding);
}

static enum status path_of_config(const char *file, char *path, size_t size)
{
	struct why why = {{0}};
	struct tally tally = {.to = stderr};
	struct findings findings = {.report = error_print, .arg = &tally};
	struct config_flags flags = {.file = file};
	struct config *config;
	if (config_load(&flags, &findings, &config, &why) != ERR_OK) {
		message("%s", why.text);
		return STATUS_USAGE;
	}
	bool there = config->control != NULL;
	if (there)
		(void)snprintf(path, size, "%s", config->control);
	else
		message("%s has no key `control`: give it one, such as `control: "
		        "/run/fedns/control.sock`, and start the daemon anew; or name the socket by -s",
		        file);
	config_free(config);
	return there ? STATUS_GOOD : STATUS_USAGE;
}

enum status control_path(const struct options *options, char *path, size_t size)
{
	if (options->socket != NULL) {
		if (strlen(options->socket) < size) {
			(void)snprintf(path, size, "%s", options->socket);
			return STATUS_GOOD;
		}
		message("--socket is \"%s\": a socket's path has at most %d octets", options->socket,
		        CONTROL_PATH_SIZE_MAX);
		return STATUS_USAGE;
	}
	if (options->flags.file != NULL)
		return path_of_config(options->flags.file, path, size);
	message("which daemon? Give its control socket by -s SOCKET, or its configuration by -c FILE");
	return STATUS_USAGE;
}

/* --- the connection ----------------------------------------------------------------------- */

static void failed(const struct client *client)
{
	if (errno == EAGAIN)
		why_set(client->why, "control socket %s: the daemon doesn't answer within %d s",
		        client->path, CONTROL_PATIENCE_S);
	else if (errno == EPIPE || errno == ECONNRESET)
		why_set(client->why, "control socket %s: the daemon has ended the connection",
		        client->path);
	else
		why_set(client->why, "control socket %s: %s", client->path, strerror(errno));
}

static void unreached(const struct client *client)
{
	switch (errno) {
	case ENOENT:
		why_set(client->why,
		        "control socket %s: there is none. Is a daemon running whose key `control` names "
		        "it? Another one is named by -s",
		        client->path);
		break;
	case ECONNREFUSED:
		why_set(client->why,
		        "control socket %s: no daemon listens there. Start `fedns serve`, or name another "
		        "socket by -s",
		        client->path);
		break;
	case EACCES:
		why_set(client->why,
		        "control socket %s: permission denied. Ask as root, as the daemon's user, or as a "
		        "member of the socket's group",
		        client->path);
		break;
	default:
		why_set(client->why, "control socket %s: %s", client->path, strerror(errno));
	}
}

static bool client_open(struct client *client)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct timeval patience = {.tv_sec = CONTROL_PATIENCE_S};
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", client->path);
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0 ||
	    setsockopt(client->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0 ||
	    setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0) {
		failed(client);
		return false;
	}
	if (connect(client->fd, (const struct sockaddr *)&address, sizeof address) == 0)
		return true;
	if (errno == EAGAIN)
		failed(client);
	else
		unreached(client);
	return false;
}

static bool octets_send(struct client *client, const void *data, size_t size)
{
	const uint8_t *at = data;
	while (size != 0) {
		ssize_t sent = send(client->fd, at, size, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0) {
			failed(client);
			return false;
		}
		at += sent;
		size -= (size_t)sent;
	}
	return true;
}

static bool octets_receive(struct client *client, void *data, size_t size)
{
	uint8_t *at = data;
	while (size != 0) {
		ssize_t got = recv(client->fd, at, size, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			failed(client);
			return false;
		}
		if (got == 0) {
			errno = ECONNRESET;
			failed(client);
			return false;
		}
		at += got;
		size -= (size_t)got;
	}
	return true;
}

/* --- frames ------------------------------------------------------------------------------- */

static bool text_send(struct client *client, const char *text)
{
	size_t size = strlen(text);
	if (size > CONTROL_REQUEST_SIZE_MAX) {
		why_set(client->why, "the request has %zu octets, and %zu are taken", size,
		        CONTROL_REQUEST_SIZE_MAX);
		return false;
	}
	uint8_t head[CONTROL_HEAD_SIZE];
	control_head_put(size, head);
	return octets_send(client, head, sizeof head) && octets_send(client, text, size);
}

static bool request_send(struct client *client, const char *command, json_t *arguments)
{
	json_t *request = json_pack("{s:s, s:o}", "command", command, "arguments",
	                            arguments != NULL ? arguments : json_object());
	char *text = request != NULL ? json_dumps(request, JSON_COMPACT) : NULL;
	json_decref(request);
	if (text == NULL) {
		why_set(client->why, "no memory for the request, or its argument is not UTF-8");
		return false;
	}
	bool sent = text_send(client, text);
	free(text);
	return sent;
}

static json_t *senseless(const struct client *client)
{
	why_set(client->why, "control socket %s: what answers there is no fedns of this version",
	        client->path);
	return NULL;
}

/* The next frame, yours. NULL: a message was printed. */
static json_t *frame_receive(struct client *client)
{
	uint8_t head[CONTROL_HEAD_SIZE];
	if (!octets_receive(client, head, sizeof head))
		return NULL;
	size_t size = control_head_size(head);
	if (size == 0 || size > CONTROL_REPLY_SIZE_MAX)
		return senseless(client);
	uint8_t *content = malloc(size);
	if (content == NULL) {
		why_set(client->why, "no memory for the reply");
		return NULL;
	}
	bool whole = octets_receive(client, content, size);
	json_t *frame = whole ? json_loadb((const char *)content, size, 0, NULL) : NULL;
	free(content);
	if (!whole || json_is_object(frame))
		return frame;
	json_decref(frame);
	return senseless(client);
}

/* --- the reply ---------------------------------------------------------------------------- */

static enum status verdict_of(const json_t *frame)
{
	json_int_t status = json_integer_value(json_object_get(frame, "status"));
	return status >= STATUS_GOOD && status <= STATUS_NOT_DONE ? (enum status)status
	                                                          : STATUS_NOT_DONE;
}

static bool text_is_clean(struct bytes text)
{
	while (text.size != 0) {
		struct rune rune = utf8_first(text);
		if (rune.size == 0 || rune_is_control(rune))
			return false;
		text = (struct bytes){text.data + rune.size, text.size - rune.size};
	}
	return true;
}

static bool text_clean(json_t *text)
{
	if (text_is_clean(bytes_of(json_string_value(text))))
		return true;
	char *copy = strdup(json_string_value(text));
	if (copy == NULL)
		return false;
	utf8_clean(copy);
	int error = json_string_set(text, copy);
	free(copy);
	return error == 0;
}

/* A daemon has cleaned its texts; whoever has put himself in its place may want our terminal. As
 * deep as the reader of JSON lets it be. */
static bool value_clean(json_t *value)
{
	const char *key;
	json_t *member;
	size_t i;
	bool clean = true;
	json_object_foreach(value, key, member) clean = clean && value_clean(member);
	json_array_foreach(value, i, member) clean = clean && value_clean(member);
	return clean && (!json_is_string(value) || text_clean(value));
}

static bool rows_hand(const struct client *client, json_t *rows, row_taker *take, void *arg)
{
	if (!value_clean(rows)) {
		why_set(client->why, "no memory for the reply");
		return false;
	}
	size_t count = json_array_size(rows);
	for (size_t i = 0; i < count; i++) {
		if (take(arg, json_array_get(rows, i), client->why) != ERR_OK)
			return false;
	}
	return true;
}

/* One frame. True: there are more. */
static bool frame_take(struct client *client, const json_t *frame, row_taker *take, void *arg,
                       struct asked *asked)
{
	json_t *rows = json_object_get(frame, "rows");
	const char *error = json_string_value(json_object_get(frame, "error"));
	*asked = (struct asked){ASKED_FAILED, STATUS_NOT_DONE};
	if (json_is_array(rows))
		return rows_hand(client, rows, take, arg);
	if (error != NULL) {
		why_set(client->why, "%s", error);
		*asked = (struct asked){ASKED_REFUSED, verdict_of(frame)};
	} else if (json_is_true(json_object_get(frame, "done"))) {
		*asked = (struct asked){ASKED_DONE, verdict_of(frame)};
	} else {
		(void)senseless(client);
		asked->how = ASKED_LOST;
	}
	return false;
}

static struct asked reply_take(struct client *client, row_taker *take, void *arg)
{
	for (;;) {
		struct asked asked = {ASKED_LOST, STATUS_NOT_DONE};
		json_t *frame = frame_receive(client);
		if (frame == NULL)
			return asked;
		bool more = frame_take(client, frame, take, arg, &asked);
		json_decref(frame);
		if (!more)
			return asked;
	}
}

struct asked control_try(const char *path, const char *command, json_t *arguments, row_taker *take,
                         void *arg, struct why *why)
{
	assert(path != NULL && command != NULL && take != NULL && why != NULL);
	struct client client = {.fd = -1, .path = path, .why = why};
	struct asked asked = {ASKED_LOST, STATUS_NOT_DONE};
	if (!client_open(&client))
		json_decref(arguments);
	else if (request_send(&client, command, arguments))
		asked = reply_take(&client, take, arg);
	if (client.fd >= 0)
		(void)close(client.fd);
	return asked;
}

enum status control_ask(const struct options *options, const char *command, json_t *arguments,
                        row_taker *take, void *arg, bool *said)
{
	char path[CONTROL_PATH_SIZE_MAX + 1];
	struct why why = {{0}};
	*said = true;
	enum status status = control_path(options, path, sizeof path);
	if (status != STATUS_GOOD) {
		json_decref(arguments);
		return status;
	}
	struct asked asked = control_try(path, command, arguments, take, arg, &why);
	*said = asked.how != ASKED_DONE;
	if (*said)
		message("%s", why.text);
	return asked.status;
}
