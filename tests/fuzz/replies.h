/* replies: a fuzz input as what an API server replies, one reply after the other.
 *
 * Replies are apart by an octet 0xff, which JSON can't have. The first octet of each says how it
 * comes (below), the second how many octets come at once (0: all); the body follows. */
#ifndef FEDNS_TESTS_FUZZ_REPLIES_H
#define FEDNS_TESTS_FUZZ_REPLIES_H

#include "reflector.h"

#include <stdlib.h>
#include <string.h>

#define REPLY_LOST 0x08u /* the connection breaks at its end */
#define REPLY_LONG 0x10u /* it takes a while */

struct reply {
	unsigned status, part;
	bool lost, takes_long;
	size_t chunk;
	struct bytes body;
};

static inline void check(bool good)
{
	if (!good)
		abort();
}

/* False: there are no more. */
static inline bool reply_next(struct bytes *input, struct reply *out)
{
	static const unsigned STATUSES[] = {200, 401, 410, 429, 403, 404, 500, 200};
	if (input->size < 2)
		return false;
	const uint8_t *end = memchr(input->data, 0xff, input->size);
	size_t size = end == NULL ? input->size : (size_t)(end - input->data);
	unsigned how = input->data[0];
	bool whole = size >= 2;
	*out = (struct reply){.status = STATUSES[how % 8],
	                      .part = how >> 6,
	                      .lost = (how & REPLY_LOST) != 0,
	                      .takes_long = (how & REPLY_LONG) != 0,
	                      .chunk = whole ? input->data[1] : 0,
	                      .body = {input->data + (whole ? 2 : size), whole ? size - 2 : 0}};
	input->data += size + (end != NULL);
	input->size -= size + (end != NULL);
	return true;
}

/* One reply to whatever the reflector asks next. `at_once`: the chunk's size doesn't count. */
static inline void reply_give(struct reflector *reflector, const struct reply *reply, bool at_once,
                              int64_t *now_ms)
{
	struct reflector_request request;
	struct why why = {{0}};
	bool more = true;
	reflector_next(reflector, *now_ms, &request);
	if (request.want == WANT_WAIT) {
		check(request.at_ms > *now_ms);
		*now_ms = request.at_ms;
		reflector_next(reflector, *now_ms, &request);
	}
	if (request.want == WANT_WAIT)
		return; /* it couldn't be asked */
	check(strlen(request.path) < sizeof request.path);
	reflector_head(reflector, reply->status, 0, *now_ms);
	size_t chunk = at_once || reply->chunk == 0 ? reply->body.size : reply->chunk;
	for (size_t at = 0; at < reply->body.size && more; at += chunk) {
		size_t left = reply->body.size - at;
		more = reflector_body(
			reflector, (struct bytes){reply->body.data + at, left < chunk ? left : chunk}, *now_ms);
	}
	*now_ms += reply->takes_long ? 2000 : 0;
	why_set(&why, "the connection broke");
	reflector_end(reflector, reply->lost ? ERR_IO : ERR_OK, &why, *now_ms);
	const struct reflector_state *state = reflector_state(reflector);
	check((state->trouble == TROUBLE_NONE) == (state->why.text[0] == '\0'));
	check(!state->watching);
	if (reflector_refused(reflector))
		reflector_hurry(reflector);
}

#endif
