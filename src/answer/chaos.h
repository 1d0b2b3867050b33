/* chaos: what the server says of itself in class CH (RFC 4892). */
#ifndef FEDNS_ANSWER_CHAOS_H
#define FEDNS_ANSWER_CHAOS_H

#include "reply.h"

/** Answer a question of class CH. REFUSED for names that we don't know, or won't tell. */
enum dns_rcode chaos_answer(const struct identity *identity, const struct request *request,
                            struct reply *reply);

#endif
