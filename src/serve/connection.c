#include "connection.h"

#include "counters.h"
#include "crowd.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A part of a message and, behind it, one read. */
#define INPUT_SIZE_MAX (FRAME_SIZE_MAX + READ_SIZE)

/* The rest of a write that the kernel didn't take at once. */
struct unsent {
	uv_write_t write;
	struct connection *connection;
	size_t size;
	uint8_t octets[];
};

static void list_remove(struct connection *connection)
{
	struct connections *all = connection->all;
	if (connection->older != NULL)
		connection->older->newer = connection->newer;
	else
		all->oldest = connection->newer;
	if (connection->newer != NULL)
		connection->newer->older = connection->older;
	else
		all->newest = connection->older;
	connection->older = connection->newer = NULL;
}

static void list_append(struct connection *connection)
{
	struct connections *all = connection->all;
	connection->older = all->newest;
	if (all->newest != NULL)
		all->newest->newer = connection;
	else
		all->oldest = connection;
	all->newest = connection;
}

static void connection_touch(struct connection *connection)
{
	connection->active_ms = uv_now(connection->all->loop);
	list_remove(connection);
	list_append(connection);
}

static void connection_served(struct connection *connection)
{
	connection->served = true;
	connection->ending |= connection->last;
	connection_touch(connection);
}

/* Bring the books up to date after any change of `in`. */
static void input_account(struct connection *connection)
{
	struct connections *all = connection->all;
	all->input_held = all->input_held - connection->input_held + connection->in.room;
	connection->input_held = connection->in.room;
}

static void output_account(struct connection *connection, size_t more, size_t less)
{
	struct connections *all = connection->all;
	assert(less <= connection->output_held && connection->output_held <= all->output_held);
	connection->output_held += more - less;
	all->output_held += more - less;
}

static size_t unsent_size(const struct connection *connection)
{
	return uv_stream_get_write_queue_size((const uv_stream_t *)&connection->tcp);
}

static void connection_closed(uv_handle_t *handle)
{
	struct connection *connection = handle->data;
	buf_free(&connection->in);
	free(connection);
}

void connection_close(struct connection *connection)
{
	uv_handle_t *handle = (uv_handle_t *)&connection->tcp;
	if (uv_is_closing(handle))
		return;
	list_remove(connection);
	connection->all->count--;
	connection->all->responder->own.tcp_closed++;
	/* The memory itself goes with this turn of the loop. */
	connection->all->input_held -= connection->input_held;
	connection->all->output_held -= connection->output_held;
	uv_close(handle, connection_closed);
}

static void connection_settle(struct connection *connection);

static void unsent_written(uv_write_t *write, int status)
{
	struct unsent *unsent = write->data;
	struct connection *connection = unsent->connection;
	size_t size = unsent->size;
	free(unsent);
	if (uv_is_closing((uv_handle_t *)&connection->tcp))
		return;
	output_account(connection, 0, size);
	connection->output_ms = uv_now(connection->all->loop);
	if (status != 0) {
		connection_close(connection);
		return;
	}
	connection_touch(connection);
	connection_settle(connection);
	crowd_trim(connection->all);
}

static bool unsent_queue(struct connection *connection, const uint8_t *data, size_t size)
{
	struct unsent *unsent = malloc(sizeof *unsent + size);
	if (unsent == NULL)
		return false;
	unsent->connection = connection;
	unsent->write.data = unsent;
	unsent->size = sizeof *unsent + size;
	memcpy(unsent->octets, data, size);
	uv_buf_t buf = uv_buf_init((char *)unsent->octets, (unsigned)size);
	int status = uv_write(&unsent->write, (uv_stream_t *)&connection->tcp, &buf, 1, unsent_written);
	if (status != 0) {
		free(unsent);
		return false;
	}
	if (connection->output_held == 0)
		connection->output_ms = uv_now(connection->all->loop);
	output_account(connection, unsent->size, 0);
	return true;
}

/* Send the first `size` octets of the shared write buffer. False: the connection is of no use any
 * more. */
static bool replies_send(struct connection *connection, size_t size)
{
	uint8_t *data = connection->all->writing;
	uv_buf_t buf = uv_buf_init((char *)data, (unsigned)size);
	if (size == 0)
		return true;
	int sent = uv_try_write((uv_stream_t *)&connection->tcp, &buf, 1);
	if (sent == UV_EAGAIN)
		sent = 0;
	if (sent < 0)
		return false;
	if ((size_t)sent == size)
		return true;
	return unsent_queue(connection, data + sent, size - (size_t)sent);
}

/* The size of the frame that `data` begins with; 0: not all of it is there. */
static size_t frame_size(struct bytes data)
{
	if (data.size < FRAME_HEAD_SIZE)
		return 0;
	size_t size = FRAME_HEAD_SIZE + ((size_t)data.data[0] << 8 | data.data[1]);
	return size <= data.size ? size : 0;
}

/* Answer one frame to `out`, which has room for any. Octets written. */
static size_t frame_answer(const struct connection *connection, const struct root *root,
                           struct bytes frame, uint8_t *out)
{
	const struct query query = {
		.data = frame.data + FRAME_HEAD_SIZE,
		.size = frame.size - FRAME_HEAD_SIZE,
		.client = connection->client,
		.tcp = true,
		.keepalive_100ms = TCP_IDLE_MS / 100,
		.now_s = clock_now_s(),
	};
	size_t size = respond(root, &connection->all->responder->own.answers, &query,
	                      out + FRAME_HEAD_SIZE, MESSAGE_SIZE_MAX);
	assert(size <= MESSAGE_SIZE_MAX);
	if (size == 0)
		return 0;
	responder_note(connection->all->responder, &query, out + FRAME_HEAD_SIZE, size);
	out[0] = (uint8_t)(size >> 8);
	out[1] = (uint8_t)size;
	return FRAME_HEAD_SIZE + size;
}

/* Hand over the replies to what came at `begin_ns`, `*count` of them, and count anew. */
static bool replies_hand(struct connection *connection, size_t size, uint64_t begin_ns,
                         unsigned *count)
{
	bool good = replies_send(connection, size);
	if (*count != 0)
		serve_latency_add(&connection->all->responder->own, clock_now_ns() - begin_ns, *count);
	*count = 0;
	return good;
}

/* Answer the whole frames in `data` as long as the client takes the replies. Sets how many octets
 * are done with. False: as replies_send(). */
static bool frames_answer(struct connection *connection, struct bytes data, size_t *used)
{
	struct responder *responder = connection->all->responder;
	uint8_t *out = connection->all->writing;
	size_t out_size = 0, size, more;
	unsigned count = 0;
	bool good = true;
	uint64_t begin_ns = clock_now_ns();
	const struct root *root = zone_enter(responder->zone, responder->slot);
	*used = 0;
	while (good && unsent_size(connection) <= UNSENT_SIZE_MAX &&
	       (size = frame_size((struct bytes){data.data + *used, data.size - *used})) != 0) {
		if (size == FRAME_HEAD_SIZE) {
			/* A message of no octets: who sends it has lost its place in the stream. */
			responder->own.dropped[SERVE_DROP_TCP_FRAME]++;
			connection->ending = true;
			*used = data.size;
			break;
		}
		struct bytes frame = {data.data + *used, size};
		more = frame_answer(connection, root, frame, out + out_size);
		out_size += more;
		count += more != 0;
		*used += size;
		if (out_size > WRITE_SIZE - FRAME_SIZE_MAX) {
			good = replies_hand(connection, out_size, begin_ns, &count);
			out_size = 0;
		}
	}
	zone_leave(responder->zone, responder->slot);
	return good && replies_hand(connection, out_size, begin_ns, &count);
}

/* Answer what lies in `in`, and keep the rest. */
static bool input_answer(struct connection *connection)
{
	struct buf *in = &connection->in;
	size_t used;
	bool good = frames_answer(connection, buf_bytes(in), &used);
	if (used == in->size) {
		buf_free(in); /* idle connections hold no memory */
	} else if (used != 0) {
		memmove(in->data, in->data + used, in->size - used);
		in->size -= used;
	}
	input_account(connection);
	if (used != 0)
		connection_served(connection);
	return good;
}

/* Answer what was read; only what can't be answered yet is copied. */
static bool input_take(struct connection *connection, struct bytes data)
{
	size_t used = 0;
	bool fresh = connection->in.size == 0;
	if (fresh && !frames_answer(connection, data, &used))
		return false;
	if (used != 0)
		connection_served(connection);
	if (used == data.size)
		return true;
	struct bytes rest = {data.data + used, data.size - used};
	if (buf_add(&connection->in, rest) != ERR_OK)
		return false;
	input_account(connection);
	return fresh || input_answer(connection);
}

static void read_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	(void)suggested;
	const struct connection *connection = handle->data;
	*buf = uv_buf_init((char *)connection->all->reading, READ_SIZE);
}

static void read_done(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
	struct connection *connection = stream->data;
	if (size == UV_EOF) {
		connection_end(connection);
	} else if (size < 0 ||
	           (size > 0 && !input_take(connection, (struct bytes){(const uint8_t *)buf->base,
	                                                               (size_t)size}))) {
		connection_close(connection);
	} else {
		connection_settle(connection);
	}
	crowd_trim(connection->all);
}

/* Go on, pause or close, as what is unsent wants it. */
static void connection_settle(struct connection *connection)
{
	uv_stream_t *stream = (uv_stream_t *)&connection->tcp;
	if (connection->paused && unsent_size(connection) <= UNSENT_SIZE_MAX / 2) {
		connection->paused = false;
		if (connection->in.size != 0 && !input_answer(connection)) {
			connection_close(connection);
			return;
		}
	}
	if (unsent_size(connection) > UNSENT_SIZE_MAX)
		connection->paused = true;
	if (connection->ending && !connection->paused && unsent_size(connection) == 0)
		connection_close(connection);
	else if (connection->ending || connection->paused)
		uv_read_stop(stream);
	else
		(void)uv_read_start(stream, read_room, read_done); /* no change if it is reading */
}

void connection_end(struct connection *connection)
{
	connection->ending = true;
	connection_settle(connection);
}

void connection_end_soon(struct connection *connection)
{
	if (connection->served && connection->in.size == 0)
		connection_end(connection);
	else
		connection->last = true;
}

bool connection_fresh(const struct connection *connection)
{
	return !connection->served &&
	       uv_now(connection->all->loop) - connection->active_ms < TCP_FIRST_MS;
}

bool connection_idle(const struct connection *connection)
{
	/* The first question of a new one is probably in the kernel already. */
	if (connection_fresh(connection))
		return false;
	return connection->in.size == 0 && unsent_size(connection) == 0;
}

enum err connection_open(struct connections *all, int fd, const struct address *client)
{
	struct connection *connection = calloc(1, sizeof *connection);
	if (connection == NULL || uv_tcp_init(all->loop, &connection->tcp) != 0) {
		enum err err = connection == NULL ? ERR_NOMEM : ERR_IO;
		free(connection);
		close(fd);
		return err;
	}
	connection->tcp.data = connection;
	connection->all = all;
	connection->client = *client;
	connection->opened_ms = connection->active_ms = uv_now(all->loop);
	buf_init(&connection->in, INPUT_SIZE_MAX);
	list_append(connection);
	all->count++;
	all->responder->own.tcp_opened++;
	if (uv_tcp_open(&connection->tcp, fd) != 0) {
		close(fd);
		connection_close(connection);
		return ERR_IO;
	}
	/* Replies go out whole: waiting for more to send would only delay them. */
	(void)uv_tcp_nodelay(&connection->tcp, 1);
	if (uv_read_start((uv_stream_t *)&connection->tcp, read_room, read_done) != 0) {
		connection_close(connection);
		return ERR_IO;
	}
	return ERR_OK;
}
