#include "control_reply.h"

#include "control_frame.h"
#include "fedns/utf8.h"

#include <assert.h>

/* A frame of rows that is being made at the end of `out`. */
struct frame {
	struct buf *out;
	size_t at; /* where its head is, or will be */
	size_t rows;
};

/* --- frames ------------------------------------------------------------------------------- */

static enum err text_add(struct buf *out, const char *text)
{
	return buf_add(out, bytes_of(text));
}

static enum err head_add(struct buf *out)
{
	static const uint8_t HEAD[CONTROL_HEAD_SIZE];
	return buf_add(out, (struct bytes){HEAD, sizeof HEAD});
}

/* The head says what stands behind it. */
static void head_set(struct buf *out, size_t at)
{
	assert(out->size - at > CONTROL_HEAD_SIZE);
	control_head_put(out->size - at - CONTROL_HEAD_SIZE, out->data + at);
}

static int chunk_add(const char *chunk, size_t size, void *out)
{
	return buf_add(out, (struct bytes){(const uint8_t *)chunk, size}) == ERR_OK ? 0 : -1;
}

static enum err json_add(struct buf *out, const json_t *json)
{
	return json_dump_callback(json, chunk_add, out, JSON_COMPACT) == 0 ? ERR_OK : ERR_NOMEM;
}

/* A whole frame of `json` (taken), or nothing. */
static enum err frame_add(struct buf *out, json_t *json)
{
	size_t at = out->size;
	enum err err = json == NULL ? ERR_NOMEM : head_add(out);
	if (err == ERR_OK)
		err = json_add(out, json);
	json_decref(json);
	if (err == ERR_OK)
		head_set(out, at);
	else
		out->size = at;
	return err;
}

/* How a command on the command line would end by this. */
static int status_of(enum err reason)
{
	switch (reason) {
	case ERR_INVALID:
		return 2;
	case ERR_MISSING:
		return 1;
	default:
		return 3;
	}
}

enum err reply_error(struct buf *out, enum err reason, const struct why *why)
{
	assert(reason != ERR_OK);
	struct why clean = *why;
	utf8_clean(clean.text); /* what was cut may have been cut within a character */
	return frame_add(out,
	                 json_pack("{s:s, s:i}", "error", clean.text, "status", status_of(reason)));
}

static enum err reply_done(struct buf *out, bool not_good)
{
	return frame_add(out, json_pack("{s:b, s:i}", "done", 1, "status", not_good ? 1 : 0));
}

/* --- rows --------------------------------------------------------------------------------- */

/* Append `row` (taken); where it doesn't fit the frame is as before. */
static enum err row_add(struct frame *frame, json_t *row)
{
	struct buf *out = frame->out;
	size_t at = out->size;
	enum err err = ERR_OK;
	if (frame->rows == 0) {
		err = head_add(out);
		if (err == ERR_OK)
			err = text_add(out, "{\"rows\":[");
	} else {
		err = text_add(out, ",");
	}
	if (err == ERR_OK)
		err = row == NULL ? ERR_NOMEM : json_add(out, row);
	json_decref(row);
	/* What closes the frame must find room, too. */
	if (err == ERR_OK && out->size - frame->at > CONTROL_HEAD_SIZE + CONTROL_REPLY_SIZE_MAX - 2)
		err = ERR_LIMIT;
	if (err == ERR_OK)
		frame->rows++;
	else
		out->size = at;
	return err;
}

static void rows_close(struct frame *frame, bool *no_room)
{
	if (frame->rows == 0)
		return;
	if (text_add(frame->out, "]}") == ERR_OK)
		head_set(frame->out, frame->at);
	else
		*no_room = true;
}

static bool turn_over(const struct frame *frame, uint64_t begun_ns, size_t steps)
{
	return frame->rows == CONTROL_ROWS_MAX || frame->out->size - frame->at >= CONTROL_FRAME_SIZE ||
	       (steps % 16 == 0 && uv_hrtime() - begun_ns >= CONTROL_TURN_NS);
}

/* Steps until the turn is over or one that is no row ends it. */
static enum control_step rows_gather(const struct control_command *command, void *job,
                                     struct frame *frame, struct control_answer *answer)
{
	uint64_t begun_ns = uv_hrtime();
	for (size_t steps = 1;; steps++) {
		*answer = (struct control_answer){.err = ERR_OK};
		enum control_step step = command->step(job, answer);
		if (step == CONTROL_ROW) {
			enum err err = row_add(frame, answer->row);
			if (err != ERR_OK) {
				answer->err = err;
				why_set(&answer->why,
				        "a row of the reply is too large, or there is no memory for it");
				return CONTROL_FAILED;
			}
		} else if (step != CONTROL_WORKED) {
			return step;
		}
		if (turn_over(frame, begun_ns, steps))
			return CONTROL_WORKED;
	}
}

enum reply_state reply_turn(const struct control_command *command, void *job, struct buf *out,
                            bool *no_room)
{
	struct control_answer answer;
	struct frame frame = {.out = out, .at = out->size};
	*no_room = false;
	enum control_step step = rows_gather(command, job, &frame, &answer);
	rows_close(&frame, no_room);
	switch (step) {
	case CONTROL_WAIT:
		return REPLY_WAIT;
	case CONTROL_END:
		*no_room |= reply_done(out, answer.not_good) != ERR_OK;
		return REPLY_DONE;
	case CONTROL_FAILED:
		*no_room |= reply_error(out, answer.err, &answer.why) != ERR_OK;
		return REPLY_DONE;
	default:
		return REPLY_MORE;
	}
}
