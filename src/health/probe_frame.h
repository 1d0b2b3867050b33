/* probe_frame: where in an HTTP/1 response its head ends, and which octets are its body. Pure.
 *
 * The response is read as it comes and but for the beginning of one line nothing is kept. RFC 9112:
 * a body ends by its chunks, by its length, or with the connection. */
#ifndef FEDNS_HEALTH_PROBE_FRAME_H
#define FEDNS_HEALTH_PROBE_FRAME_H

#include "fedns/base.h"

#define PROBE_HEAD_MAX 16384 /* octets of heads, interim ones included */
/* Octets of a body that are the framing of chunks, trailers included. */
#define FRAME_CHUNKS_MAX 65536
/* Of a line of the head: "Transfer-Encoding: chunked", "Content-Length: " and 20 digits. */
#define FRAME_LINE_MAX 40

enum frame_state {
	FRAME_STATUS, /* up to the three digits and the octet after them */
	FRAME_LINE,   /* in the head */
	FRAME_BODY,
	FRAME_SIZE,    /* of a chunk */
	FRAME_BEHIND,  /* a chunk: its end of line */
	FRAME_TRAILER, /* lines after the last chunk */
	FRAME_WHOLE,   /* the next octet is not of this response */
	FRAME_NO_HTTP, /* the last three: it is broken */
	FRAME_HEAD_LONG,
	FRAME_NO_FRAME, /* its length or its chunks can't be read */
};

/** One response; zeroed at its start. */
struct probe_frame {
	uint64_t left; /* octets of the body, or of this chunk */
	uint32_t head; /* octets of heads so far; after them, of framing */
	uint16_t status;
	uint8_t state;     /* enum frame_state */
	uint8_t line_size; /* octets of the line, up to one more than are kept */
	bool known;        /* the status is, and is the last one */
	bool old;          /* HTTP/1.0 */
	bool chunked, close;
	bool sized;    /* there is a length, `left` */
	bool extended; /* its digits are over: the rest of a chunk's line */
	char line[FRAME_LINE_MAX];
};

/** Read on, up to the end of a run of the body, the end of the head, or of `more`: what is body in
 * the octets read is in `body`, and may be empty. Returns how many were read; 0: the response is
 * whole or broken, or `more` is empty. */
size_t frame_read(struct probe_frame *frame, struct bytes more, struct bytes *body);
/** Has the head come to its end? */
bool frame_in_body(const struct probe_frame *frame);
bool frame_broken(const struct probe_frame *frame);
/** Can another response follow on this connection, once at most `left_max` octets more were read?
 */
bool frame_keeps(const struct probe_frame *frame, uint64_t left_max);

#endif
