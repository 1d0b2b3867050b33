/* members: who joined and who left while the daemon ran, kept in STATE_DIR/members.json, so that a
 * restart knows. What the configuration lists comes first, then those who joined, without those who
 * left. */
#ifndef FEDNS_DAEMON_MEMBERS_H
#define FEDNS_DAEMON_MEMBERS_H

#include "fedns/kube.h"

#define MEMBERS_FILE "members.json"
/* Octets of the file: 100 clusters with paths as long as there are take less. */
#define MEMBERS_SIZE_MAX ((size_t)1 << 20)

struct members;

/** Read the file in `dir` (NULL: nothing is kept, and nobody can join). None there: nobody joined
 * or left. ERR_INVALID, ERR_IO: `why` names the file; ERR_NOMEM. */
MUST_CHECK enum err members_open(const char *dir, struct members **out, struct why *why);
void members_free(struct members *members);

/** Those who joined; texts borrowed until the members change. */
size_t members_count(const struct members *members);
void members_at(const struct members *members, size_t i, struct kube_member *out);
/** Has a configured member left? */
bool members_left(const struct members *members, const char *name);

/** Keep that `member` joined; `configured`: it is only back again. ERR_IO, ERR_NOMEM,
 * ERR_MISSING (nothing is kept), ERR_LIMIT (the file would be too large to be read): as before. */
MUST_CHECK enum err members_join(struct members *members, const struct kube_member *member,
                                 bool configured, struct why *why);
/** Keep that `name` left; `configured`: it would be back after a restart otherwise. Errors
 * likewise. */
MUST_CHECK enum err members_leave(struct members *members, const char *name, bool configured,
                                  struct why *why);

#endif
