/* alidns_reply: an HTTP response, or none, as the answer of a call. Pure. */
#ifndef FEDNS_PROVIDER_ALIDNS_REPLY_H
#define FEDNS_PROVIDER_ALIDNS_REPLY_H

#include "fedns/alidns.h"

#define REPLY_CODE_SIZE    128
#define REPLY_MESSAGE_SIZE WHY_TEXT_SIZE
#define REPLY_ID_SIZE      64
#define REPLY_WAIT_MS_MAX  600000 /* nobody is told to wait for longer */

struct answer {
	struct alidns_reply reply; /* points into what follows */
	bool dated;
	int64_t date_s; /* the server's clock, by its Date header; of `dated` */
	char code[REPLY_CODE_SIZE], message[REPLY_MESSAGE_SIZE], request_id[REPLY_ID_SIZE];
};

/** A response that came to its end. `out` stays where it is until answer_clear(). */
void answer_read(const struct http_response *response, struct answer *out);
/** None came, or it wasn't to the end; `why` says what happened. */
void answer_none(enum alidns_class class, unsigned status, const struct why *why,
                 struct answer *out);
void answer_clear(struct answer *answer);

/** Does `code` say that who asks isn't known, or not any more: should credentials be looked up
 * anew? */
bool code_refuses_credential(const char *code);

#endif
