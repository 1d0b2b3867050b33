/* kube_auth_internal: the state of a kube_auth, for the files that keep it fresh, and for tests. */
#ifndef FEDNS_SOURCE_KUBE_AUTH_INTERNAL_H
#define FEDNS_SOURCE_KUBE_AUTH_INTERNAL_H

#include "fedns/kube_auth.h"
#include "fedns/told.h"
#include "plugin.h"
#include "secret.h"

/** When files were read last. */
struct reread {
	bool known;      /* they were; false: they are due */
	bool failing;    /* the last time was no good, and the log has it */
	int64_t read_ms; /* since 1970 */
	struct told reasons;
};

struct kube_auth {
	struct kube_auth_setup setup;
	uint64_t timeout_ms; /* of a command */
	uv_timer_t soon;     /* fires on the loop's next turn, when somebody waits */
	struct kube_wait *waiting;
	struct plugin *plugin; /* that runs now, or NULL */
	bool ended;
	struct secret authorization, cert, key, ca; /* as they are now */
	uint64_t generation, tls_generation;
	struct reread token_file, pair_files, ca_file;
	bool has_exec;      /* a command has given credentials that weren't refused */
	int64_t expires_ms; /* of those */
};

/** kube_auth_new() with another patience than KUBE_EXEC_TIMEOUT_MS. */
MUST_CHECK enum err kube_auth_new_limited(const struct kube_auth_setup *setup, uint64_t timeout_ms,
                                          struct kube_auth **out, struct why *why);

/** "config: context \"c\": user \"u\"", before the sentence that is there. */
void auth_wrap(const struct kube_auth *auth, struct why *why);
/** The header becomes "SCHEME VALUE". ERR_NOMEM. */
MUST_CHECK enum err authorization_set(struct secret *out, const char *scheme, struct bytes value,
                                      struct why *why);

/* kube_auth_files.c */

/** Read the files that are due. Errors only where there is no token at all to go on with. */
MUST_CHECK enum err files_refresh(struct kube_auth *auth, struct why *why);

/* kube_auth_exec.c */

/** Must the command run before credentials can be given? */
bool exec_is_due(const struct kube_auth *auth);
/** Run it; auth_serve() follows. Errors as of plugin_start(). */
MUST_CHECK enum err exec_start(struct kube_auth *auth, struct why *why);

/* kube_auth.c */

/** Call all who wait. `auth` may be ended by one of them. */
void auth_serve(struct kube_auth *auth, enum err err, const struct why *why);

#endif
