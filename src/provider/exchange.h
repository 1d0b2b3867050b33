/* exchange: one HTTP call whose answer may hold secrets: it is gathered in memory for them. */
#ifndef FEDNS_PROVIDER_EXCHANGE_H
#define FEDNS_PROVIDER_EXCHANGE_H

#include "fedns/http.h"

#include "secret_memory.h"

/* three texts of 8 KiB, escaped, and spare */
#define EXCHANGE_ANSWER_SIZE_MAX ((size_t)64 * 1024)

/** ERR_OK: an answer of any status, `body` borrowed. May start the exchange anew. */
typedef void exchange_done(void *arg, enum err err, unsigned status, struct bytes body,
                           const struct why *why);

/** Zeroed is none. */
struct exchange {
	struct http_call *call;    /* under way, or NULL */
	struct secret_memory body; /* of the answer */
	bool too_large;
	exchange_done *done;
	void *arg;
};

/** Ask; `done` follows, on the loop. What was answered before is wiped. Errors as http_start(). */
MUST_CHECK enum err exchange_start(struct exchange *exchange, struct http *http,
                                   const struct http_request *request, exchange_done *done,
                                   void *arg, struct why *why);
/** Nothing is told any more; all is wiped. */
void exchange_clear(struct exchange *exchange);

#endif
