/* lease_state: the rules of holding a Lease, as client-go's leader election has them. Pure: replies
 * and times come in, and what to ask next comes out.
 *
 *     lease.c --replies, monotonic times--> [lease_state.h] --what to ask, and when--> lease.c
 *
 * Of a candidate, which tries every 2 s to 4.4 s (and, unlike client-go's, at the moment when the
 * holder's time is over, so that 20 s are enough), and of a leader, which renews every 2 s:
 *
 *     GET says                        candidate                leader
 *     404                             POST its own             POST its own, acquireTime and
 *                                                              transitions as they were
 *     nobody ("")                     PUT, transitions + 1     lost; PUT, transitions + 1
 *     another, who may have it still  waits                    lost
 *     another, whose time is over     PUT, transitions + 1     lost; PUT, transitions + 1
 *     itself                          PUT, acquireTime and transitions as they were
 *     preferredHolder: another        waits until holder's     lost, and waits likewise
 *                                     time is over, then PUTs
 *
 *     PUT or POST says
 *     done                            leads                    leads on
 *     409 to a POST                   tries later              lost
 *     anything else                   tries later              GET at once, if it was the first
 *                                                              call of this try; else tries later
 *
 * A holder's time is over when its record was last seen to change as long ago as the record's own
 * leaseDurationSeconds say. A leader is one until 10 s after it sent the last PUT or POST that was
 * done: others count 15 s from a later moment, by clocks of their own, so that none of them leads
 * before, unless clocks run apart by half. Times written into the record are compared with nothing.
 */
#ifndef FEDNS_SOURCE_LEASE_STATE_H
#define FEDNS_SOURCE_LEASE_STATE_H

#include "backoff.h"

#include "fedns/base.h"
#include "fedns/lease.h"

#include <assert.h>

/** Of a host name of up to 64 octets, "_", and a UUID; spare. */
#define LEASE_IDENTITY_SIZE 128
/** Of anybody's identity; a longer one is cut, and is not ours by that alone. */
#define LEASE_HOLDER_SIZE 256
static_assert(LEASE_HOLDER_SIZE > LEASE_IDENTITY_SIZE, "what is cut is not ours");

/** A candidate's pause is stretched by up to so much of itself. */
#define LEASE_JITTER_PERCENT 120
/** A call that takes longer has failed: half of the deadline, as client-go's. */
#define LEASE_CALL_MS (LEASE_RENEW_DEADLINE_MS / 2)
/** What a holder that gives it back writes as leaseDurationSeconds. */
#define LEASE_RELEASED_S 1

/** What a Lease says. */
struct lease_record {
	char holder[LEASE_HOLDER_SIZE];    /* "": nobody */
	char preferred[LEASE_HOLDER_SIZE]; /* preferredHolder; "": none */
	uint32_t duration_s;               /* leaseDurationSeconds; 0: not there */
	uint32_t transitions;              /* up to INT32_MAX */
	uint64_t mark;                     /* of all its octets: another number, and it has changed */
};

/** What to write. */
struct lease_claim {
	bool release;      /* holderIdentity "", leaseDurationSeconds 1 */
	bool keep_acquire; /* acquireTime as it is; else now */
	uint32_t transitions;
};

enum lease_role {
	LEASE_CANDIDATE,
	LEASE_LEADER,
	LEASE_RELEASING,
	LEASE_RELEASED, /* the end */
};

/** Why a leader is none any more. */
enum lease_lost {
	LEASE_LOST_NOT,
	LEASE_LOST_DEADLINE,  /* it couldn't renew in time */
	LEASE_LOST_TAKEN,     /* the record names another, or nobody */
	LEASE_LOST_PREFERRED, /* another is to have it */
	LEASE_LOST_RELEASED,
};

enum lease_want {
	LEASE_WAIT, /* until at_ms; INT64_MAX: for the reply that is out, or for nothing */
	LEASE_GET,
	LEASE_CREATE, /* POST `claim` */
	LEASE_UPDATE, /* PUT `claim` over the object that was read last, with its resourceVersion */
};

enum lease_reply {
	LEASE_FOUND,    /* 200 to GET */
	LEASE_MISSING,  /* 404 */
	LEASE_WRITTEN,  /* 2xx to POST or PUT */
	LEASE_CONFLICT, /* 409 */
	LEASE_FAILED,   /* anything else; whether a write was done isn't known */
};

/** Plain to read. Set up by lease_state_init(). Times are of the local monotonic clock, in ms. */
struct lease_state {
	char identity[LEASE_IDENTITY_SIZE];
	enum lease_role role;
	enum lease_lost lost;     /* the last time */
	struct lease_record seen; /* last */
	bool known;               /* something was seen */
	int64_t seen_ms;          /* when it was first seen as it is */
	int64_t held_until_ms;    /* of a leader */
	int64_t begin_ms;         /* of the try at hand, or the last one */
	int64_t next_ms;          /* of the next try */
	int64_t release_until_ms;
	enum lease_want due, out; /* the call to make, and the one that is out; LEASE_WAIT: none */
	bool optimistic;          /* the one that is out begins a leader's try */
	bool claimed;             /* a write that names us may have been done, or may yet be */
	struct lease_claim claim; /* of the write that is due or out */
	int64_t renewal_ms;       /* the last renewTime, since 1970 */
	struct backoff jitter;
};

/** A candidate that tries at once. `identity` is below LEASE_IDENTITY_SIZE octets and not empty. */
void lease_state_init(struct lease_state *state, const char *identity, uint64_t random,
                      int64_t now_ms);
/** What to do now. Anything but LEASE_WAIT is out from now on, until lease_state_reply(). Call it
 * again at once, and at `at_ms`. */
enum lease_want lease_state_next(struct lease_state *state, int64_t now_ms, int64_t *at_ms);
/** The call that is out, sent at `sent_ms`, is over. `record`: with LEASE_FOUND and LEASE_WRITTEN
 * what the object says, else NULL. */
void lease_state_reply(struct lease_state *state, enum lease_reply reply,
                       const struct lease_record *record, int64_t sent_ms, int64_t now_ms);
/** The renewTime to write when the wall clock says `wall_ms` since 1970. Others see by it that the
 * record has changed, client-go to the second: so each is a second later than the one before, even
 * where the wall clock was set back. */
int64_t lease_state_renewal(struct lease_state *state, int64_t wall_ms);
/** Does it hold the Lease at `now_ms`? */
bool lease_state_held(const struct lease_state *state, int64_t now_ms);
/** Give it back, if it is or may be ours, within LEASE_RETRY_MS: role is LEASE_RELEASED then. A
 * call that is out is forgotten: cancel it first. Once only. */
void lease_state_release(struct lease_state *state, int64_t now_ms);

#endif
