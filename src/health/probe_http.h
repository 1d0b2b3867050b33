/* probe_http: what an HTTP probe asks, and what it makes of the response. Pure.
 *
 * Where no text is sought the status line is enough. A text is sought in the body without the
 * framing of chunks: one that another encoding breaks up is not found. */
#ifndef FEDNS_HEALTH_PROBE_HTTP_H
#define FEDNS_HEALTH_PROBE_HTTP_H

#include "fedns/health.h"
#include "probe_frame.h"

#define PROBE_REQUEST_SIZE_MAX 1024

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
	struct probe_frame frame;
	uint32_t body;    /* octets so far */
	uint16_t matched; /* octets of the text */
	uint8_t verdict;  /* enum probe_verdict: the first, which stays */
};

/** More of the response. Once there is a verdict what comes is read, too, up to the end of the
 * response: whether the connection can be asked again is in `reader->frame`. `why` is set with a
 * verdict that is bad. */
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
/** The request into `out[PROBE_REQUEST_SIZE_MAX]`; `keep`: another may follow on the connection.
 * Returns its size. */
size_t probe_request(const struct health_target *target, bool keep, char *out);

#endif
