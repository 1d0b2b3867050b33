/* verify_errand: questions in rounds: many are put, then all are waited for, within one time for
 * the whole. */
#ifndef FEDNS_DAEMON_VERIFY_ERRAND_H
#define FEDNS_DAEMON_VERIFY_ERRAND_H

#include "fedns/ask.h"

struct rounds;

/** Told once a question, from within rounds_wait(). */
typedef void errand_done(void *subject, size_t index, const struct ask_reply *reply);

/** What becomes of an answer. */
struct errand_to {
	errand_done *done;
	void *subject;
	size_t index;
};

/** For the resolvers of these texts, or the system's. `all_ms`: the time for all rounds. */
MUST_CHECK enum err rounds_new(const char *const *resolvers, size_t count, uint64_t all_ms,
                               struct rounds **out, struct why *why);
/** NULL is fine. */
void rounds_free(struct rounds *rounds);

/** Ask one server, without recursion. What can't be asked is told as unanswered. */
void rounds_ask(struct rounds *rounds, const struct ask_server *server, const struct name *name,
                uint16_t type, bool tcp, struct errand_to to);
/** Ask the resolvers, one after another until one has a usable answer: NOERROR or NXDOMAIN. */
void rounds_look_up(struct rounds *rounds, const struct name *name, uint16_t type,
                    struct errand_to to);
/** Until all that was asked has been told. */
void rounds_wait(struct rounds *rounds);

#endif
