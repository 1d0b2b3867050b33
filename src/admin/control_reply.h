/* control_reply: a job's rows into frames, a bounded part at a time. */
#ifndef FEDNS_ADMIN_CONTROL_REPLY_H
#define FEDNS_ADMIN_CONTROL_REPLY_H

#include "fedns/control.h"

enum reply_state {
	REPLY_MORE, /* the turn is over, the job is not */
	REPLY_WAIT, /* the job waits for a wake */
	REPLY_DONE, /* the last frame is there */
};

/**
 * Let `job` of `command` work for one turn and append the frames that come of it to `out`: at most
 * one of rows, and the last one. Rows that don't fit, or for which there is no memory, end the
 * reply with an error. `*no_room`: not even that could be said.
 */
enum reply_state reply_turn(const struct control_command *command, void *job, struct buf *out,
                            bool *no_room);

/** Append the last frame of a reply that fails. ERR_NOMEM, ERR_LIMIT: `out` is as before. */
MUST_CHECK enum err reply_error(struct buf *out, enum err reason, const struct why *why);

#endif
