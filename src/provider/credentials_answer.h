/* credentials_answer: what STS, the metadata server and a credentials URI answer. */
#ifndef FEDNS_PROVIDER_CREDENTIALS_ANSWER_H
#define FEDNS_PROVIDER_CREDENTIALS_ANSWER_H

#include "fedns/credentials.h"

#include "secret_memory.h"

#include <jansson.h>

/** Keys, and how long they hold. Zeroed is none. */
struct grant {
	struct secret_memory memory;
	struct credential credential; /* its texts; id NULL: none */
	int64_t got_ms, expires_ms;   /* since 1970; INT64_MAX: never */
};

void grant_clear(struct grant *grant);
/** `*to` becomes what `*from` is, which is none then. */
void grant_move(struct grant *to, struct grant *from);
/** Become these; `token` NULL or empty: none. ERR_INVALID (empty, or with signs that no key has),
 * ERR_LIMIT, ERR_NOMEM: it is none. `why` quotes nothing. */
MUST_CHECK enum err grant_set(struct grant *grant, const char *id, const char *secret,
                              const char *token, struct why *why);

enum grant_form {
	GRANT_STS,  /* the keys are members of "Credentials" */
	GRANT_FLAT, /* of the answer itself; a "Code" that isn't "Success" is an error */
};

/** Read a good answer, come at `now_ms`. ERR_INVALID, ERR_LIMIT, ERR_NOMEM: `why` quotes nothing
 * of it, and `out` is none. */
MUST_CHECK enum err grant_read(struct bytes text, enum grant_form form, int64_t now_ms,
                               struct grant *out, struct why *why);

/** Say what an answer with an error's status means: "HTTP 400 CODE: MESSAGE", the message only
 * where it shows nothing of `secrets`. Returns ERR_IO. */
enum err refusal_say(unsigned status, struct bytes text, const struct bytes *secrets,
                     size_t secret_count, struct why *why);

/** json_decref(), all strings overwritten before. NULL is fine. */
void json_wipe(json_t *json);

#endif
