/* control_frame: frames out of a stream, and requests out of frames. Pure: octets in, JSON out. */
#ifndef FEDNS_ADMIN_CONTROL_FRAME_H
#define FEDNS_ADMIN_CONTROL_FRAME_H

#include "fedns/control.h"

/**
 * The first frame of `stream`: `*content` is what stands behind its head. `*used`: octets of the
 * stream that are done with by it; 0: more of it has yet to come. ERR_LIMIT: it is empty or above
 * `size_max`, and where the next one begins is anybody's guess.
 */
MUST_CHECK enum err control_frame_next(struct bytes stream, size_t size_max, struct bytes *content,
                                       size_t *used, struct why *why);

struct control_request {
	const char *command; /* borrowed from `json` */
	json_t *arguments;   /* an object, borrowed from `json`; NULL: none were given */
	json_t *json;        /* yours: json_decref() */
};

/** Read a request. ERR_INVALID with a sentence: `out->json` is NULL. */
MUST_CHECK enum err control_request_read(struct bytes content, struct control_request *out,
                                         struct why *why);

#endif
