/* control: the Unix socket by which an operator's commands reach the running daemon.
 *
 * base.h, log.h --> [control.h] --> daemon (the commands), cli (the other end)
 *
 * Both ends send frames: a length in CONTROL_HEAD_SIZE octets, the most significant first, and so
 * many octets of JSON. A request is {"command": NAME, "arguments": {...}}; the arguments may be
 * left out. Its reply is any number of {"rows": [...]}, and then one of
 *
 *     {"done": true, "status": 0}             0: good; 1: what was asked about is not good
 *     {"error": SENTENCE, "status": 1|2|3}    as the exit statuses of the program
 *
 * after which the next request is taken. One that came earlier waits in the socket.
 */
#ifndef FEDNS_CONTROL_H
#define FEDNS_CONTROL_H

#include "fedns/base.h"
#include "fedns/log.h"

#include <jansson.h>
#include <uv.h>

#define CONTROL_HEAD_SIZE 4
/** Write the head of a frame of `size` octets. */
void control_head_put(size_t size, uint8_t out[CONTROL_HEAD_SIZE]);
/** The size of the frame that it is the head of; not yet checked against any maximum. */
size_t control_head_size(const uint8_t head[CONTROL_HEAD_SIZE]);

/* Octets of a request: a command, and names that are 253 octets each at most. */
#define CONTROL_REQUEST_SIZE_MAX ((size_t)64 << 10)
/* Octets of a frame of a reply: CONTROL_FRAME_SIZE and one row more. The largest row has 6,400
 * addresses of 45 octets. */
#define CONTROL_REPLY_SIZE_MAX ((size_t)1 << 20)
/* A frame is full at so many octets of rows, or rows, or so long a time: then the loop's other work
 * has its turn, and the client has to read. */
#define CONTROL_FRAME_SIZE ((size_t)64 << 10)
#define CONTROL_ROWS_MAX   256
#define CONTROL_TURN_NS    1000000
/* Operators and their scripts; for one more, the one that was quiet for longest has to go. */
#define CONTROL_CONNECTIONS_MAX 16
/* A request must be whole, and a frame of a reply taken, within this. */
#define CONTROL_IDLE_MS 30000
/* sockaddr_un's, without the NUL. */
#define CONTROL_PATH_SIZE_MAX 107

/* --- the commands ------------------------------------------------------------------------- */

enum control_step {
	CONTROL_ROW,    /* `row` is one more */
	CONTROL_WORKED, /* a part of the work is done, and no row came of it */
	CONTROL_WAIT,   /* nothing to do until control_wake() */
	CONTROL_END,    /* that was all; `not_good` says how it ends */
	CONTROL_FAILED, /* `err` and `why` say why; rows before stand */
};

/** What a step says. */
struct control_answer {
	json_t *row; /* yours: a new reference */
	bool not_good;
	enum err err;
	struct why why;
};

/**
 * One command. A job's steps are asked for one by one, each in the time of a row or of a small part
 * of the work (far below CONTROL_TURN_NS): between two of them anything may happen to the daemon
 * but its end.
 */
struct control_command {
	const char *name;
	bool changes; /* logged, with who asked */
	/**
	 * Check the `arguments` (an object, borrowed for the call) and begin: `*job` is handed to the
	 * others. `arg` is that of control_new(). ERR_INVALID with a sentence: `end` is not called.
	 */
	enum err (*begin)(void *arg, json_t *arguments, void **job, struct why *why);
	/** CONTROL_FAILED and CONTROL_END are the last. `answer` comes zeroed. */
	enum control_step (*step)(void *job, struct control_answer *answer);
	/** The client has all, or has gone: free the job. */
	void (*end)(void *job);
};

/* --- the daemon's end: all on the loop's thread ------------------------------------------- */

/** A socket that is bound, and its file. */
struct control_socket;

/**
 * Listen at `path`, a file of mode 0660. One that a dead daemon left is replaced; ERR_CONFLICT: a
 * living one listens there, or it is no socket. ERR_IO, ERR_LIMIT (the path is too long),
 * ERR_NOMEM. Clients wait in it until a control_listen().
 */
MUST_CHECK enum err control_socket_open(uv_loop_t *loop, const char *path,
                                        struct control_socket **out, struct why *why);
/** Remove the file, if it is ours still, and close; the handle closes on the loop, which must run
 * until it has. NULL is fine. */
void control_socket_close(struct control_socket *socket);

struct control;

/** Nobody can come before control_listen(). `commands` and `log` must outlive it. ERR_NOMEM. */
MUST_CHECK enum err control_new(uv_loop_t *loop, const struct control_command *commands,
                                size_t command_count, void *arg, const struct log *log,
                                struct control **out, struct why *why);
/** Take clients from `socket` (taken; NULL: no new ones) from now on. The socket before is closed;
 * clients that are there stay. */
void control_listen(struct control *control, struct control_socket *socket);
/** Jobs that wait have something to do: they go on at the loop's next turn. */
void control_wake(struct control *control);
/** End all jobs and connections and close the socket; not from within a step. Handles close on the
 * loop, which must run until they have; the memory goes with them. NULL is fine. */
void control_free(struct control *control);

#endif
