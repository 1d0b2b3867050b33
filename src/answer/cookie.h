/* cookie: server cookies in the interoperable form, so that replicas with one secret take each
 * other's (RFC 9018 section 4). */
#ifndef FEDNS_ANSWER_COOKIE_H
#define FEDNS_ANSWER_COOKIE_H

#include "fedns/answer.h"

#define COOKIE_CLIENT_SIZE 8
#define COOKIE_SERVER_SIZE 16
#define COOKIE_SIZE        (COOKIE_CLIENT_SIZE + COOKIE_SERVER_SIZE)

/** Write the cookie for `client` at `now_s` behind the client's own part: `out[COOKIE_SIZE]`. */
void cookie_make(const struct cookie_policy *policy, const uint8_t *client_cookie,
                 const struct address *client, uint32_t now_s, uint8_t *out);

/** Is `cookie`, as the client sent it, one that we made for it not long ago, by any of our secrets?
 */
bool cookie_valid(const struct cookie_policy *policy, struct bytes cookie,
                  const struct address *client, uint32_t now_s);

#endif
