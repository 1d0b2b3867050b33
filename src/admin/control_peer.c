#include "control_peer.h"

#include "control_frame.h"
#include "control_reply.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Octets of a command's arguments in the log. */
#define ARGUMENTS_SHOWN 256

/* --- the list ----------------------------------------------------------------------------- */

static void list_remove(struct peer *peer)
{
	struct control *control = peer->control;
	if (peer->older != NULL)
		peer->older->newer = peer->newer;
	else
		control->oldest = peer->newer;
	if (peer->newer != NULL)
		peer->newer->older = peer->older;
	else
		control->newest = peer->older;
	peer->older = peer->newer = NULL;
}

static void list_append(struct peer *peer)
{
	struct control *control = peer->control;
	peer->older = control->newest;
	if (control->newest != NULL)
		control->newest->newer = peer;
	else
		control->oldest = peer;
	control->newest = peer;
}

static void peer_touch(struct peer *peer)
{
	peer->active_ms = uv_now(peer->control->loop);
	list_remove(peer);
	list_append(peer);
}

/* --- the end ------------------------------------------------------------------------------ */

static void peer_closed(uv_handle_t *handle)
{
	struct peer *peer = handle->data;
	struct control *control = peer->control;
	buf_free(&peer->in);
	buf_free(&peer->out);
	free(peer);
	control_handle_closed(control);
}

static void job_end(struct peer *peer)
{
	if (peer->command != NULL)
		peer->command->end(peer->job);
	peer->command = NULL;
	peer->job = NULL;
	peer->waiting = peer->again = false;
}

void peer_close(struct peer *peer)
{
	uv_handle_t *handle = (uv_handle_t *)&peer->pipe;
	if (uv_is_closing(handle))
		return;
	job_end(peer);
	list_remove(peer);
	peer->control->peer_count--;
	uv_close(handle, peer_closed);
}

/* --- out ---------------------------------------------------------------------------------- */

static void peer_written(uv_write_t *write, int status)
{
	struct peer *peer = write->data;
	peer->writing = false;
	if (uv_is_closing((uv_handle_t *)&peer->pipe))
		return;
	if (status != 0 || peer->last) {
		peer_close(peer);
		return;
	}
	peer->out.size = 0;
	if (peer->command == NULL)
		buf_free(&peer->out); /* a client that only stays needs no large buffer */
	peer_touch(peer);
	peer_go(peer);
}

static void peer_write(struct peer *peer)
{
	assert(!peer->writing && peer->out.size != 0);
	uv_buf_t buf = uv_buf_init((char *)peer->out.data, (unsigned)peer->out.size);
	peer->write.data = peer;
	if (uv_write(&peer->write, (uv_stream_t *)&peer->pipe, &buf, 1, peer_written) == 0)
		peer->writing = true;
	else
		peer_close(peer);
}

/* --- jobs --------------------------------------------------------------------------------- */

static void job_go(struct peer *peer)
{
	bool no_room;
	peer->waiting = peer->again = false;
	enum reply_state state = reply_turn(peer->command, peer->job, &peer->out, &no_room);
	assert(!uv_is_closing((uv_handle_t *)&peer->pipe)); /* control.h: not from within a step */
	if (state == REPLY_DONE)
		job_end(peer);
	peer->waiting = state == REPLY_WAIT;
	if (no_room) {
		peer_close(peer);
	} else if (peer->out.size != 0) {
		peer_write(peer);
	} else if (state == REPLY_MORE) {
		peer->again = true;
		control_turn_soon(peer->control);
	}
}

static const struct control_command *command_find(const struct control *control, const char *name)
{
	for (size_t i = 0; i < control->command_count; i++) {
		if (strcmp(control->commands[i].name, name) == 0)
			return &control->commands[i];
	}
	return NULL;
}

/* Who asks, and for what: of a change the arguments, too. */
static void command_log(const struct peer *peer, const struct control_command *command,
                        const json_t *arguments)
{
	char *text = command->changes && json_object_size(arguments) != 0
	                 ? json_dumps(arguments, JSON_COMPACT | JSON_ENSURE_ASCII)
	                 : NULL;
	log_write(peer->control->log, command->changes ? LOG_INFO : LOG_DEBUG, "control",
	          "\"%s\" asked for by user %ld, group %ld, process %ld%s%.*s", command->name,
	          (long)peer->who.uid, (long)peer->who.gid, (long)peer->who.pid,
	          text == NULL ? "" : ": ", ARGUMENTS_SHOWN, text == NULL ? "" : text);
	free(text);
}

static enum err command_begin(struct peer *peer, const struct control_request *request,
                              struct why *why)
{
	struct control *control = peer->control;
	const struct control_command *command = command_find(control, request->command);
	if (command == NULL) {
		why_set(why, "the daemon has no command \"%.64s\": it is of another version",
		        request->command);
		return ERR_INVALID;
	}
	json_t *arguments =
		request->arguments != NULL ? json_incref(request->arguments) : json_object();
	if (arguments == NULL) {
		why_set(why, "no memory for the command");
		return ERR_NOMEM;
	}
	command_log(peer, command, arguments);
	enum err err = command->begin(control->arg, arguments, &peer->job, why);
	json_decref(arguments);
	if (err == ERR_OK) {
		peer->command = command;
		return ERR_OK;
	}
	peer->job = NULL;
	if (command->changes)
		log_write(control->log, LOG_INFO, "control", "\"%s\" of process %ld refused: %s",
		          command->name, (long)peer->who.pid, why->text);
	return err;
}

static void peer_refuse(struct peer *peer, enum err err, const struct why *why)
{
	if (reply_error(&peer->out, err, why) == ERR_OK)
		peer_write(peer);
	else
		peer_close(peer);
}

/* --- in ----------------------------------------------------------------------------------- */

static void input_drop(struct buf *in, size_t used)
{
	in->size -= used;
	memmove(in->data, in->data + used, in->size);
	if (in->size == 0)
		buf_free(in);
}

/* The next whole request, if there is one: begin it, or say what is wrong with it. */
static void request_take(struct peer *peer)
{
	struct why why = {{0}};
	struct bytes content;
	size_t used;
	enum err err =
		control_frame_next(buf_bytes(&peer->in), CONTROL_REQUEST_SIZE_MAX, &content, &used, &why);
	if (err != ERR_OK) {
		peer->last = true; /* nobody knows where the next one begins */
		peer_refuse(peer, ERR_INVALID, &why);
		return;
	}
	if (used == 0)
		return;
	struct control_request request;
	err = control_request_read(content, &request, &why);
	if (err == ERR_OK)
		err = command_begin(peer, &request, &why);
	json_decref(request.json);
	input_drop(&peer->in, used);
	peer_touch(peer);
	if (err != ERR_OK)
		peer_refuse(peer, err, &why);
	else
		job_go(peer);
}

static void peer_alloc(uv_handle_t *handle, size_t size, uv_buf_t *out)
{
	(void)size;
	struct peer *peer = handle->data;
	*out = uv_buf_init((char *)peer->control->reading, sizeof peer->control->reading);
}

static void peer_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
	struct peer *peer = stream->data;
	if (size == 0)
		return;
	if (size < 0 ||
	    buf_add(&peer->in, (struct bytes){(const uint8_t *)buf->base, (size_t)size}) != ERR_OK) {
		peer_close(peer);
		return;
	}
	peer_go(peer);
}

/* Requests behind the one at work wait in the kernel: so a client can't make us hold them. */
static void reading_set(struct peer *peer)
{
	uv_stream_t *stream = (uv_stream_t *)&peer->pipe;
	if (uv_is_closing((uv_handle_t *)stream))
		return;
	bool wanted = peer->command == NULL && !peer->writing;
	if (wanted && !peer->reading && uv_read_start(stream, peer_alloc, peer_read) != 0) {
		peer_close(peer);
		return;
	}
	if (!wanted)
		(void)uv_read_stop(stream);
	peer->reading = wanted;
}

void peer_go(struct peer *peer)
{
	assert(!uv_is_closing((uv_handle_t *)&peer->pipe));
	if (!peer->writing) {
		if (peer->command != NULL)
			job_go(peer);
		else
			request_take(peer);
	}
	reading_set(peer);
}

/* --- the beginning ------------------------------------------------------------------------ */

/* Who may connect is the file mode's to say, and the kernel's to hold; here it is noted who did. */
static bool peer_know(struct peer *peer)
{
	uv_os_fd_t fd;
	socklen_t size = sizeof peer->who;
	if (uv_fileno((const uv_handle_t *)&peer->pipe, &fd) == 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer->who, &size) == 0)
		return true;
	log_write(peer->control->log, LOG_WARN, "control", "a client that can't be told is refused");
	return false;
}

/* Make room for one more: of those without a job the one that was quiet for longest goes, or else
 * of all. */
static void room_make(struct control *control)
{
	if (control->peer_count < CONTROL_CONNECTIONS_MAX)
		return;
	assert(control->oldest != NULL);
	struct peer *peer = control->oldest;
	while (peer != NULL && (peer->command != NULL || peer->writing))
		peer = peer->newer;
	peer_close(peer != NULL ? peer : control->oldest);
}

bool peer_accept(struct control *control, uv_stream_t *server)
{
	room_make(control);
	struct peer *peer = calloc(1, sizeof *peer);
	if (peer == NULL)
		return false;
	peer->control = control;
	buf_init(&peer->in, CONTROL_HEAD_SIZE + CONTROL_REQUEST_SIZE_MAX + CONTROL_READ_SIZE);
	/* A frame of rows, and the last one. */
	buf_init(&peer->out, 2 * (CONTROL_HEAD_SIZE + CONTROL_REPLY_SIZE_MAX));
	(void)uv_pipe_init(control->loop, &peer->pipe, 0); /* never fails */
	peer->pipe.data = peer;
	peer->active_ms = uv_now(control->loop);
	control->handles++;
	control->peer_count++;
	list_append(peer);
	int error = uv_accept(server, (uv_stream_t *)&peer->pipe);
	if (error != 0)
		log_write(control->log, LOG_WARN, "control", "a client not taken: %s", uv_strerror(error));
	if (error != 0 || !peer_know(peer))
		peer_close(peer);
	else
		reading_set(peer);
	return true;
}
