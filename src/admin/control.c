/* The clients as a whole: they come, have their turns, and go. */
#include "control_peer.h"

#include <assert.h>
#include <stdlib.h>

/* An idle client goes within CONTROL_IDLE_MS and this. */
#define SWEEP_MS 1000

void control_handle_closed(struct control *control)
{
	assert(control->handles > 0);
	if (--control->handles == 0)
		free(control);
}

static void handle_closed(uv_handle_t *handle)
{
	control_handle_closed(handle->data);
}

/* --- turns -------------------------------------------------------------------------------- */

static void turns_go(uv_idle_t *idle)
{
	struct control *control = idle->data;
	(void)uv_idle_stop(idle);
	/* One that goes on moves in the list, or leaves it: begin anew, each has one turn. */
	struct peer *turn[CONTROL_CONNECTIONS_MAX];
	size_t count = 0;
	for (struct peer *peer = control->oldest; peer != NULL; peer = peer->newer) {
		if (peer->again)
			turn[count++] = peer;
	}
	for (size_t i = 0; i < count; i++) {
		if (turn[i]->again) /* the memory of one that has closed stays for this turn */
			peer_go(turn[i]);
	}
}

/* No timer of 0 ms: libuv 1.44 runs one that starts itself again at once, before anything else. */
void control_turn_soon(struct control *control)
{
	(void)uv_idle_start(&control->turn, turns_go);
}

void control_wake(struct control *control)
{
	assert(control != NULL);
	bool any = false;
	for (struct peer *peer = control->oldest; peer != NULL; peer = peer->newer) {
		peer->again |= peer->waiting;
		any |= peer->waiting;
	}
	if (any && !control->closing)
		control_turn_soon(control);
}

/* --- coming and going --------------------------------------------------------------------- */

void control_expire(struct control *control, uint64_t now_ms)
{
	struct peer *newer;
	for (struct peer *peer = control->oldest; peer != NULL; peer = newer) {
		newer = peer->newer;
		/* Whom we let wait is not to blame. */
		if (!peer->waiting && !peer->again && peer->active_ms + CONTROL_IDLE_MS <= now_ms)
			peer_close(peer);
	}
}

static void client_take(struct control *control, uv_stream_t *server);

static void sweep(uv_timer_t *timer)
{
	struct control *control = timer->data;
	control_expire(control, uv_now(control->loop));
	if (control->late != NULL)
		client_take(control, control->late);
	if (control->peer_count == 0 && control->late == NULL)
		(void)uv_timer_stop(timer);
}

/* Until it is taken, libuv tells of no further one: without memory it is tried again. */
static void client_take(struct control *control, uv_stream_t *server)
{
	control->late = peer_accept(control, server) ? NULL : server;
	if (!uv_is_active((uv_handle_t *)&control->sweep))
		(void)uv_timer_start(&control->sweep, sweep, SWEEP_MS, SWEEP_MS);
}

static void client_came(uv_stream_t *server, int status)
{
	struct control *control = server->data;
	if (status == 0)
		client_take(control, server);
	else
		log_write(control->log, LOG_WARN, "control", "a client not taken: %s", uv_strerror(status));
}

enum err control_new(uv_loop_t *loop, const struct control_command *commands, size_t command_count,
                     void *arg, const struct log *log, struct control **out, struct why *why)
{
	assert(loop != NULL && commands != NULL && log != NULL);
	*out = NULL;
	struct control *control = calloc(1, sizeof *control);
	if (control == NULL) {
		why_set(why, "no memory for the control socket");
		return ERR_NOMEM;
	}
	control->loop = loop;
	control->commands = commands;
	control->command_count = command_count;
	control->arg = arg;
	control->log = log;
	(void)uv_timer_init(loop, &control->sweep);
	(void)uv_idle_init(loop, &control->turn);
	control->sweep.data = control->turn.data = control;
	control->handles = 2;
	*out = control;
	return ERR_OK;
}

void control_listen(struct control *control, struct control_socket *socket)
{
	if (control->socket != NULL)
		control_socket_close(control->socket);
	control->socket = socket;
	control->late = NULL;
	if (socket != NULL)
		control_socket_serve(socket, client_came, control, control->log);
}

void control_free(struct control *control)
{
	if (control == NULL)
		return;
	assert(!control->closing);
	control->closing = true;
	control_listen(control, NULL);
	while (control->oldest != NULL)
		peer_close(control->oldest);
	uv_close((uv_handle_t *)&control->sweep, handle_closed);
	uv_close((uv_handle_t *)&control->turn, handle_closed);
}
