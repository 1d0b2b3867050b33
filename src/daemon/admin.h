/* admin: the daemon's HTTP server: what is found there, and where it listens. */
#ifndef FEDNS_DAEMON_ADMIN_H
#define FEDNS_DAEMON_ADMIN_H

#include "daemon_internal.h"
#include "fedns/admin.h"

/** Listen, if the configuration says so; while we may be root. */
MUST_CHECK enum err daemon_admin_start(struct daemon *daemon, struct why *why);
/** Make what takes over from the daemon's when `config` comes into force; NULL: there is to be
 * none, or it stays. */
MUST_CHECK enum err daemon_admin_prepare(struct daemon *daemon, const struct config *config,
                                         struct admin **out, struct why *why);
/** Does `config` say something else of it than the daemon has? */
bool daemon_admin_differs(const struct daemon *daemon, const struct config *config);
/** `next` (NULL: none) takes over. */
void daemon_admin_replace(struct daemon *daemon, struct admin *next);

/* probes.c */
enum err healthz_begin(void *daemon, json_t *query, void **job, unsigned *status, struct why *why);
enum err readyz_begin(void *daemon, json_t *query, void **job, unsigned *status, struct why *why);
/** Of both. */
enum admin_step probe_step(void *job, struct buf *out, struct why *why);
void probe_end(void *job);

#endif
