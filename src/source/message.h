/* message: what an API server sends beside objects: lists' metadata, watch events, Status. */
#ifndef FEDNS_SOURCE_MESSAGE_H
#define FEDNS_SOURCE_MESSAGE_H

#include "fedns/base.h"
#include "node.h"

/** A resourceVersion is opaque; etcd's have 20 digits at most. Longer ones are refused. */
#define VERSION_TEXT_SIZE 64
/** A continue token: base64 of a revision and a key (255 octets and more, of etcd). */
#define CONTINUE_TEXT_SIZE 4096

/** A list's own words. */
struct list_head {
	char version[VERSION_TEXT_SIZE];         /* metadata.resourceVersion */
	char continue_token[CONTINUE_TEXT_SIZE]; /* empty: this was the last page */
};

/**
 * Read the head of the list `text`, whose kind must be `kind` ("ServiceList"). ERR_INVALID: another
 * kind, no resourceVersion, or no JSON; ERR_NOMEM. `nodes` is scratch.
 */
MUST_CHECK enum err list_head_read(struct bytes text, const char *kind, struct nodes *nodes,
                                   struct list_head *out, struct why *why);

enum event_type {
	EVENT_ADDED,
	EVENT_MODIFIED,
	EVENT_DELETED,
	EVENT_BOOKMARK,
	EVENT_ERROR,
	EVENT_UNKNOWN, /* a type of later servers: to be passed over */
};

/**
 * Take a watch event apart: its type and its object, borrowed from `text`. ERR_INVALID: not an
 * object with a type and an object.
 */
MUST_CHECK enum err event_read(struct bytes text, enum event_type *type, struct bytes *object,
                               struct why *why);

/** A v1.Status: why something was not done. */
struct status_read {
	unsigned code;          /* 0: not given */
	unsigned retry_after_s; /* details.retryAfterSeconds; 0: not given */
	char reason[64];        /* "Expired", "Gone", ...; cut if longer */
	char message[256];      /* for people; control octets replaced */
};

/** Read a Status from the object in `nodes` (NODE_ROOT). False: it is none; `*out` is empty. */
bool status_read(const struct nodes *nodes, struct status_read *out);

/** "HTTP 403: Forbidden: leases ... is forbidden": why an API server answered `status`, by `body`,
 * a Status if it is one. */
void refusal_read(unsigned status, struct bytes body, struct why *why);

/** Octets of metadata.resourceVersion of the object in `nodes`; empty: none. Borrowed. */
struct bytes object_version(const struct nodes *nodes);

#endif
