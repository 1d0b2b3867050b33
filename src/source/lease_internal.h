/* lease_internal: a Lease that is held, for the files that do so, and for tests. */
#ifndef FEDNS_SOURCE_LEASE_INTERNAL_H
#define FEDNS_SOURCE_LEASE_INTERNAL_H

#include "api_call.h"
#include "lease_object.h"
#include "lease_state.h"

#include "fedns/lease.h"

/** A clock that never goes back, in ms. */
struct lease_clock {
	int64_t (*now_ms)(void *arg);
	void *arg;
};

/** What the log has heard, so that it doesn't hear it again and again. */
struct lease_voice {
	struct why trouble;             /* of the last call; "": it went well */
	bool in_trouble;                /* the log believes so */
	struct why said;                /* what it was told of last, and ... */
	int64_t trouble_ms;             /* ... when */
	char holder[LEASE_HOLDER_SIZE]; /* as it was told */
	bool any_holder;                /* it was told of one */
	int64_t holder_ms;              /* when */
};

struct lease {
	struct lease_setup setup; /* without its texts */
	char *label;              /* "NAMESPACE/NAME" */
	char *namespace, *name;
	char *collection_url, *url;
	struct lease_clock clock;
	struct kube_access *access;
	struct kube_auth *auth;
	struct http *http; /* our own: nobody else's calls are in its way */
	struct api_call call;
	struct lease_state state;
	struct lease_object *object; /* as read last; NULL: nothing yet */
	enum lease_want out;
	int64_t sent_ms; /* of the call that is out */
	struct lease_voice voice;
	uv_timer_t timer; /* the state's next moment */
	uv_timer_t tell;  /* on the loop's next turn, who uses this is told */
	bool leader;      /* as the log knows */
	bool told_leader; /* as who uses this knows */
	bool releasing, freed;
	void (*released)(void *arg);
	void *released_arg;
	unsigned closing; /* handles that aren't closed yet */
};

/** lease_new() with a clock of the caller's. When it was moved, lease_look() looks at it. */
MUST_CHECK enum err lease_new_clocked(const struct lease_setup *setup,
                                      const struct lease_clock *clock, struct lease **out,
                                      struct why *why);
/** Do what is due. */
void lease_look(struct lease *lease);
/** All is there: set the timers up, and begin at the loop's next turn. */
void lease_begin(struct lease *lease);

/* lease_say.c */

/** A call went well, or `trouble` was in the way; and whatever has become of the holder. */
void lease_say_reply(struct lease *lease, const struct why *trouble, int64_t now_ms);
/** Leader now, or no longer. */
void lease_say_role(const struct lease *lease);

#endif
