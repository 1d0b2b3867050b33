#include "multi.h"

#include "fedns/http.h"

#include <assert.h>
#include <stdlib.h>

struct multi_socket {
	uv_poll_t poll;
	struct multi *multi;
	curl_socket_t fd;
	int events; /* UV_READABLE, UV_WRITABLE: what libcurl waits for */
	bool closing;
};

static void handle_released(struct multi *multi)
{
	if (!multi->timer_open && multi->socket_count == 0)
		multi->closed(multi->arg);
}

static CURLMcode drive(struct multi *multi, curl_socket_t fd, int events)
{
	int running;
	assert(!multi->inside);
	multi->inside = true;
	CURLMcode code = curl_multi_socket_action(multi->curl, fd, events, &running);
	multi->inside = false;
	return code;
}

static void socket_ready(uv_poll_t *poll, int status, int events)
{
	struct multi_socket *socket = poll->data;
	struct multi *multi = socket->multi;
	/* On an error libcurl finds out what it is by reading or writing; told of one, it only says
	 * that there was one. */
	int ready = status < 0 ? socket->events : events;
	int what = ((ready & UV_READABLE) != 0 ? CURL_CSELECT_IN : 0) |
	           ((ready & UV_WRITABLE) != 0 ? CURL_CSELECT_OUT : 0);
	CURLMcode code = drive(multi, socket->fd, what);
	/* libuv stops a poll handle that tells of an error; libcurl, which may still have octets to
	 * read, won't ask again for what it waits for already. */
	if (status < 0 && !socket->closing)
		uv_poll_start(&socket->poll, socket->events, socket_ready);
	multi->returned(multi->arg, code);
}

static void socket_closed(uv_handle_t *handle)
{
	struct multi_socket *socket = handle->data;
	struct multi *multi = socket->multi;
	free(socket);
	multi->socket_count--;
	handle_released(multi);
}

static struct multi_socket *socket_new(struct multi *multi, curl_socket_t fd)
{
	struct multi_socket *socket = calloc(1, sizeof *socket);
	if (socket == NULL || uv_poll_init(multi->loop, &socket->poll, fd) != 0) {
		free(socket);
		return NULL;
	}
	socket->poll.data = socket;
	socket->multi = multi;
	socket->fd = fd;
	multi->socket_count++;
	return socket;
}

/* libcurl tells what it waits for at a socket; CURL_POLL_REMOVE: nothing any more, and perhaps it
 * is about to close it. */
static int socket_state(CURL *easy, curl_socket_t fd, int what, void *arg, void *assigned)
{
	struct multi *multi = arg;
	struct multi_socket *socket = assigned;
	if (what == CURL_POLL_REMOVE) {
		if (socket == NULL)
			return 0;
		socket->closing = true;
		curl_multi_assign(multi->curl, fd, NULL);
		uv_close((uv_handle_t *)&socket->poll, socket_closed);
		return 0;
	}
	if (socket == NULL) {
		socket = socket_new(multi, fd);
		if (socket == NULL) {
			/* Any other return value than 0 would end all calls. */
			multi->deaf(multi->arg, easy);
			return 0;
		}
		curl_multi_assign(multi->curl, fd, socket);
	}
	socket->events = ((what & CURL_POLL_IN) != 0 ? UV_READABLE : 0) |
	                 ((what & CURL_POLL_OUT) != 0 ? UV_WRITABLE : 0);
	uv_poll_start(&socket->poll, socket->events, socket_ready);
	return 0;
}

static void timer_fired(uv_timer_t *timer)
{
	struct multi *multi = timer->data;
	CURLMcode code = drive(multi, CURL_SOCKET_TIMEOUT, 0);
	multi->returned(multi->arg, code);
}

/* Often from within libcurl, where it may not be called: even a timeout of zero takes the loop. */
static int timer_state(CURLM *curl, long timeout_ms, void *arg)
{
	struct multi *multi = arg;
	(void)curl;
	if (uv_is_closing((uv_handle_t *)&multi->timer))
		return 0;
	if (timeout_ms < 0) {
		uv_timer_stop(&multi->timer);
		return 0;
	}
	uv_update_time(multi->loop); /* libcurl counts from now, not from the loop's last look */
	uv_timer_start(&multi->timer, timer_fired, (uint64_t)timeout_ms, 0);
	return 0;
}

static void timer_closed(uv_handle_t *handle)
{
	struct multi *multi = handle->data;
	multi->timer_open = false;
	handle_released(multi);
}

/* Debian's libcurl resolves names by getaddrinfo() in a thread of its own for each name (curl
 * --version: AsynchDNS), and tells the loop by a socket pair. One without would stop the loop. */
static enum err features_check(struct why *why)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	const int wanted = CURL_VERSION_ASYNCHDNS | CURL_VERSION_SSL | CURL_VERSION_LIBZ;
	if ((info->features & wanted) == wanted)
		return ERR_OK;
	why_set(why, "libcurl %s: built without AsynchDNS, SSL or libz", info->version);
	return ERR_IO;
}

static CURLM *curl_open(struct multi *multi)
{
	CURLM *curl = curl_multi_init();
	if (curl == NULL)
		return NULL;
	CURLMcode code = curl_multi_setopt(curl, CURLMOPT_SOCKETFUNCTION, socket_state);
	if (code == CURLM_OK)
		code = curl_multi_setopt(curl, CURLMOPT_SOCKETDATA, multi);
	if (code == CURLM_OK)
		code = curl_multi_setopt(curl, CURLMOPT_TIMERFUNCTION, timer_state);
	if (code == CURLM_OK)
		code = curl_multi_setopt(curl, CURLMOPT_TIMERDATA, multi);
	/* The bound counts connections in use, too: a lower one would close all that are kept. */
	if (code == CURLM_OK)
		code = curl_multi_setopt(curl, CURLMOPT_MAXCONNECTS, (long)HTTP_CALLS_MAX);
	if (code == CURLM_OK)
		return curl;
	curl_multi_cleanup(curl);
	return NULL;
}

enum err multi_init(struct multi *multi, uv_loop_t *loop, struct why *why)
{
	*multi = (struct multi){.loop = loop};
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) { /* counts its calls */
		why_set(why, "libcurl doesn't start");
		return ERR_IO;
	}
	enum err err = features_check(why);
	if (err == ERR_OK) {
		multi->curl = curl_open(multi);
		if (multi->curl == NULL) {
			why_set(why, "out of memory");
			err = ERR_NOMEM;
		}
	}
	if (err != ERR_OK) {
		curl_global_cleanup();
		return err;
	}
	uv_timer_init(loop, &multi->timer);
	multi->timer.data = multi;
	multi->timer_open = true;
	return ERR_OK;
}

void multi_close(struct multi *multi)
{
	assert(!multi->inside);
	uv_close((uv_handle_t *)&multi->timer, timer_closed);
	curl_multi_cleanup(multi->curl); /* closes kept connections */
	curl_global_cleanup();
}
