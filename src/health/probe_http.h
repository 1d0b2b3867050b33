/* probe_http: what an HTTP probe asks, and what it makes of the response. Pure.
 *
 * The response is read octet by octet and nothing of it is kept. Where no text is sought the status
 * line is enough. A text is sought in the body as it comes: one that the framing of chunks, or an
 * encoding, breaks up is not found. */
#ifndef FEDNS_HEALTH_PROBE_HTTP_H
#define FEDNS_HEALTH_PROBE_HTTP_H

#include "fedns/health.h"

#define PROBE_REQUEST_SIZE_MAX 1024
#define PROBE_HEAD_MAX         16384 /* octets of heads, interim ones included */

/** A text and, for each of its beginnings, how much of it a mismatch after it still leaves (Knuth,
 * Morris, Pratt): the text is found across reads, and no octet is looked at again. */
struct probe_text {
	struct bytes text;
	const uint16_t *left;
};
/** Fill `left[text.size]`. */
void probe_text_prepare(struct bytes text, uint16_t *left);

/** What a good response is. */
struct probe_wanted {
	unsigned status_low, status_high;
	struct probe_text contains; /* empty: anything */
};

enum probe_verdict { PROBE_MORE, PROBE_GOOD, PROBE_BAD };

/** One response being read; zeroed at its start. */
struct probe_reader {
	uint8_t state, line; /* octets of the status line */
	uint16_t status;
	uint16_t matched;    /* octets of the text */
	uint32_t head, body; /* octets so far */
};

/** Judge a status. PROBE_MORE: good, and a text is sought. `why` is set where it is bad. */
enum probe_verdict probe_status(const struct probe_wanted *wanted, unsigned status,
                                struct why *why);
/** Its head was read by somebody else. */
void probe_body_begin(struct probe_reader *reader);
/** More of the body. */
enum probe_verdict probe_body(struct probe_reader *reader, const struct probe_wanted *wanted,
                              struct bytes more, struct why *why);
/** More of the response. */
enum probe_verdict probe_read(struct probe_reader *reader, const struct probe_wanted *wanted,
                              struct bytes more, struct why *why);
/** The peer said no more: what that means. */
void probe_ended(const struct probe_reader *reader, struct why *why);
/** Nor did it within the time. */
void probe_timed_out(const struct probe_reader *reader, int64_t timeout_ms, struct why *why);

/** "PATH" and "Host" may be sent: visible ASCII, the path beginning with "/" or empty. */
MUST_CHECK enum err probe_target_check(const struct health_target *target, struct why *why);
/** The value of Host, NUL-terminated: the target's host, or its address, and port where that is not
 * the scheme's. Returns its size. */
size_t probe_host(const struct health_target *target, char *out, size_t room);
/** The request into `out[PROBE_REQUEST_SIZE_MAX]`. Returns its size. */
size_t probe_request(const struct health_target *target, char *out);

#endif
