/* connection: one TCP client: messages with a length before them in, the same out (RFC 1035
 * section 4.2.2, RFC 7766). */
#ifndef FEDNS_SERVE_CONNECTION_H
#define FEDNS_SERVE_CONNECTION_H

#include "responder.h"
#include "serve_limits.h"

#include <uv.h>

#define FRAME_HEAD_SIZE 2
#define FRAME_SIZE_MAX  (FRAME_HEAD_SIZE + MESSAGE_SIZE_MAX)

/* Octets a read: some hundred queries, so that one client has no long turn. */
#define READ_SIZE 16384

/* Replies gather here to leave by one write: any reply fits as soon as half is free. */
#define WRITE_SIZE (2 * FRAME_SIZE_MAX)

/* Octets that a client may leave unread; above, nothing more is read from it. */
#define UNSENT_SIZE_MAX 65536

/**
 * The connections of a worker and what they share. In use only within one callback: the buffers.
 */
struct connections {
	uv_loop_t *loop;
	struct responder *responder;
	const struct limits *limits;
	struct connection *oldest, *newest; /* by activity */
	unsigned count;
	size_t input_held, output_held; /* octets of memory: the sums over the connections */
	uint8_t reading[READ_SIZE];
	uint8_t writing[WRITE_SIZE];
};

struct connection {
	uv_tcp_t tcp;
	struct connections *all;
	struct connection *older, *newer;
	uint64_t opened_ms;
	uint64_t active_ms; /* last whole message in, or answer out: single octets keep nobody alive */
	struct address client;
	struct buf in; /* what came and is not answered: a part of a message, or more while paused */
	size_t input_held;  /* what `in` takes */
	size_t output_held; /* what waits for the client to read */
	uint64_t output_ms; /* when some of that was taken, or all of it began to wait */
	bool paused;        /* too much unsent: not reading */
	bool served;        /* at least one message was answered */
	bool last;          /* ends with its next answer */
	bool ending;        /* nothing more is read; closes once all is sent */
};

/** Serve the accepted socket `fd` of `client`, which is ours now, come what may. ERR_NOMEM, ERR_IO:
 * it is closed. */
MUST_CHECK enum err connection_open(struct connections *all, int fd, const struct address *client);

/** Read no more, and close once all answers have been sent. */
void connection_end(struct connection *connection);

/**
 * The same, but one whose first question, or the rest of one, may be on its way reads on until that
 * is answered.
 */
void connection_end_soon(struct connection *connection);

/** Close at once. */
void connection_close(struct connection *connection);

/** Was it accepted just now, and not served yet? */
bool connection_fresh(const struct connection *connection);

/** Is nothing of this client under way, neither in nor out? */
bool connection_idle(const struct connection *connection);

#endif
