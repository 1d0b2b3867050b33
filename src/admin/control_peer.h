/* control_peer: one client of the control socket. */
#ifndef FEDNS_ADMIN_CONTROL_PEER_H
#define FEDNS_ADMIN_CONTROL_PEER_H

#include "fedns/control.h"

#include <sys/socket.h>

/* Octets a read: any request of ours at once. */
#define CONTROL_READ_SIZE 4096

/** The clients and what they share. */
struct control {
	uv_loop_t *loop;
	const struct control_command *commands;
	size_t command_count;
	void *arg;
	const struct log *log;
	struct control_socket *socket; /* NULL: nobody can come */
	uv_stream_t *late;             /* a client waits there for memory; NULL: none does */
	struct peer *oldest, *newest;  /* by activity */
	unsigned peer_count;
	uv_timer_t sweep; /* runs while there are clients, or one is late */
	uv_idle_t turn;   /* once a turn of the loop, while jobs are not done */
	unsigned handles; /* open or closing; at 0 the block is freed */
	bool closing;
	uint8_t reading[CONTROL_READ_SIZE];
};

struct peer {
	uv_pipe_t pipe;
	uv_write_t write;
	struct control *control;
	struct peer *older, *newer;
	struct ucred who;
	uint64_t active_ms; /* last whole request in, or frame out: single octets keep nobody alive */
	struct buf in;      /* what came and is not done with */
	struct buf out;     /* what is being written */
	const struct control_command *command; /* at work; NULL: none */
	void *job;
	bool reading, writing;
	bool waiting; /* the job waits for a wake */
	bool again;   /* the job has work for another turn */
	bool last;    /* closes once all is written */
};

/** Take the client that waits at `server`. False: there is no memory, and it waits on. */
bool peer_accept(struct control *control, uv_stream_t *server);
/** Go on with its job, or with its next request. */
void peer_go(struct peer *peer);
/** End its job and close. */
void peer_close(struct peer *peer);

/* control.c */
/** One handle of the control's has closed. */
void control_handle_closed(struct control *control);
/** Another turn for those who are `again`. */
void control_turn_soon(struct control *control);
/** Close who has been idle since before `now_ms` - CONTROL_IDLE_MS. */
void control_expire(struct control *control, uint64_t now_ms);

/* control_socket.c */
/** Call `came` for each client; `arg` is the handle's data. */
void control_socket_serve(struct control_socket *socket, uv_connection_cb came, void *arg,
                          const struct log *log);

#endif
