/* reflector: one resource of one API server, listed and then watched. Pure: it says what to ask
 * next and when, is fed with what comes, and hands objects on; whoever drives it owns the sockets
 * and the clock.
 *
 *     client.c --replies, time--> [reflector.h] --objects--> sinks
 *
 *          +--------------------- 410, an hour is over ---------------------+
 *          v                                                                |
 *     LIST pages --last page--> WATCH --clean end, lost, idle--> WATCH from the last version
 *          |  ^                   |
 *          no |                   no (refused, 429, 5xx, 401, 403, 404)
 *          v  | back-off          v back-off
 *         wait                   wait
 *
 * What the sink knows changes only by whole lists and by events: no failure of a call ever takes
 * anything away ("Efficient detection of changes" of Kubernetes API concepts).
 */
#ifndef FEDNS_SOURCE_REFLECTOR_H
#define FEDNS_SOURCE_REFLECTOR_H

#include "message.h"
#include "splitter.h"
#include "walk.h"

#include "fedns/kube.h"

/** Octets of one page of a list: 500 objects at what etcd holds at most would be more, but they
 * aren't; a larger page fails the list. */
#define PAGE_SIZE_MAX ((size_t)64 << 20)
/** Objects a page: client-go's default. */
#define PAGE_OBJECTS 500
/** Path and query of a request: the token and the selector, each octet escaped, and the rest. What
 * doesn't fit is not asked, but trouble. */
#define REQUEST_TEXT_SIZE (3 * (CONTINUE_TEXT_SIZE + KUBE_SELECTOR_SIZE_MAX) + 1024)

/** What is reflected. All texts borrowed for the reflector's life. */
struct resource {
	const char *path; /* "/api/v1/services" */
	const char *kind; /* of one object: "Service"; lists are of kind + "List" */
	const char *list_kind;
	const char *label_selector; /* NULL: none */
	bool bookmarks;             /* ask for them (Federation v1 knows none) */
	bool metadata_only;         /* as PartialObjectMetadata: `kind` and `list_kind` are of that */
};

/** Who takes what is seen. Every call may fail with ERR_NOMEM or ERR_LIMIT: then the list is tried
 * again. */
struct sink {
	void *arg;
	/** A list begins: what comes by `listed` is not in force before `list_done`. */
	void (*list_begin)(void *arg);
	/** Takes an object of the list, or reports one that was left out. As an object_taker. */
	object_taker *listed;
	/** The list is whole: it is everything there is. */
	enum err (*list_done)(void *arg, struct why *why);
	/** The list broke off: what came by `listed` is void. */
	void (*list_dropped)(void *arg);
	/** One object is as given, or gone. */
	enum err (*changed)(void *arg, const struct object *object, bool gone, struct why *why);
};

enum reflector_want {
	WANT_WAIT,  /* nothing before `at_ms` */
	WANT_LIST,  /* GET `path`, whole reply; gzip is welcome */
	WANT_WATCH, /* GET `path`, a connection of its own, no gzip; idle_ms without an octet end it */
};

struct reflector_request {
	enum reflector_want want;
	int64_t at_ms;
	uint64_t idle_ms;
	char path[REQUEST_TEXT_SIZE];
};

/** Why the last call was no success; the words of metrics. */
enum reflector_trouble {
	TROUBLE_NONE,
	TROUBLE_CONNECT,      /* no connection, or lost */
	TROUBLE_CREDENTIALS,  /* there are none to come with: a file is gone, a command failed */
	TROUBLE_UNAUTHORIZED, /* 401 */
	TROUBLE_FORBIDDEN,    /* 403 */
	TROUBLE_NOT_FOUND,    /* 404: the resource is not served */
	TROUBLE_BUSY,         /* 429 */
	TROUBLE_EXPIRED,      /* 410 while listing, more often than lists are tried */
	TROUBLE_SERVER,       /* other statuses */
	TROUBLE_CONTENT,      /* what came can't be read, or not be asked with */
	TROUBLE_MEMORY,
	TROUBLES /* how many */
};

/** What can be told of a reflector. */
struct reflector_state {
	bool synced;      /* a list was whole once */
	bool watching;    /* a watch is open now */
	int64_t heard_ms; /* when the server last said anything good; 0: never */
	enum reflector_trouble trouble;
	struct why why; /* of the trouble; empty: none */
	uint64_t lists, watches, events, errors;
	uint64_t errors_by[TROUBLES]; /* the same errors, by what they were */
};

struct reflector;

/** `random` seeds the jitter. NULL: no memory. */
MUST_CHECK struct reflector *reflector_new(const struct resource *resource, const struct sink *sink,
                                           uint64_t random);
/** A list under way is dropped. */
void reflector_free(struct reflector *reflector);

/** What to do now, no call being under way. A list or watch counts as under way from here until
 * reflector_end(). What can't be asked (a token too long for a URL) is trouble, and a wait. */
void reflector_next(struct reflector *reflector, int64_t now_ms, struct reflector_request *out);

/** The reply's head: its status, and its Retry-After in seconds (0: none). */
void reflector_head(struct reflector *reflector, unsigned status, unsigned retry_after_s,
                    int64_t now_ms);
/** The next octets of its body. False: enough of it, end the call. */
bool reflector_body(struct reflector *reflector, struct bytes octets, int64_t now_ms);
/** The call is over: well (`err` ERR_OK, the body came to its end), or lost, by what `why` says. */
void reflector_end(struct reflector *reflector, enum err err, const struct why *why,
                   int64_t now_ms);
/** The call can't even be sent, by what `why` says: it is over as one that failed by `trouble`. */
void reflector_unsent(struct reflector *reflector, enum reflector_trouble trouble,
                      const struct why *why, int64_t now_ms);

/** Ask nothing before `at_ms`. */
void reflector_wait(struct reflector *reflector, int64_t at_ms);
/** The credentials were renewed: a wait for a 401 is over. */
void reflector_hurry(struct reflector *reflector);
/** Did the last call end by a 401 whose credentials nobody renewed yet? */
bool reflector_refused(const struct reflector *reflector);

const struct reflector_state *reflector_state(const struct reflector *reflector);

/** What it told holds: it was whole once, and nothing has gone wrong since. Between two watches, or
 * while it is listed anew after an hour, too. */
static inline bool reflector_in_sight(const struct reflector_state *state)
{
	return state->synced && state->trouble == TROUBLE_NONE;
}

/** "connect", "unauthorized", ...: stable words for metrics and JSON. */
const char *trouble_text(enum reflector_trouble trouble);

#endif
