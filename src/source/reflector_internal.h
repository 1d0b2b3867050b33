/* reflector_internal: what the files of the reflector share.
 *
 *     reflector.c (calls in and out) --> reflector_watch.c (events) --> reflector_trouble.c (what
 * goes wrong)
 */
#ifndef FEDNS_SOURCE_REFLECTOR_INTERNAL_H
#define FEDNS_SOURCE_REFLECTOR_INTERNAL_H

#include "backoff.h"
#include "reflector.h"

/* What lives no longer is hardly a watch (client-go: "very short watch"). */
#define WATCH_SHORT_MS 1000

enum call { CALL_NONE, CALL_LIST, CALL_WATCH };

struct reflector {
	const struct resource *resource;
	const struct sink *sink;
	struct backoff backoff;
	struct backoff expired; /* of versions and tokens: a server that answers is no dead one */
	struct reflector_state state;
	struct nodes nodes;
	struct findings nobody; /* lines of a text that nobody sees; sinks tell what is left out */

	enum call call;
	unsigned status, retry_after_s; /* of the call's head; 0: none yet */
	struct buf body;                /* a page, or the words of a refusal */
	int64_t not_before_ms;
	bool refused, hurried; /* 401: asked for new credentials; got them once */
	unsigned denials;      /* 403 or 404, in a row */

	bool list_wanted, list_begun, unpaged;
	unsigned list_restarts;
	unsigned pages; /* of the list at hand that were taken */
	char continue_token[CONTINUE_TEXT_SIZE];
	char list_version[VERSION_TEXT_SIZE];
	int64_t relist_ms;

	struct splitter splitter;
	char version[VERSION_TEXT_SIZE];
	bool bookmarks_seen, failed /* the watch at hand said so itself */;
	unsigned shorts;    /* watches in a row that said nothing and ended */
	int64_t expired_ms; /* when a watch's version last was too old, and no watch was good since;
	                       0: never */
	unsigned quick; /* watches in a row that lived for less than a second, said something or not */
	uint64_t watch_events;
	int64_t watch_begin_ms;
};

/* reflector_trouble.c */

/** The call failed: remember why. */
void trouble_set(struct reflector *reflector, enum reflector_trouble trouble,
                 const struct why *why);
/** The server said something good. */
void trouble_none(struct reflector *reflector, int64_t now_ms);
/** Wait as long as this failure is worth. */
void wait_backoff(struct reflector *reflector, int64_t now_ms);
/** A "no", by the status of the reply or by an ERROR in a watch. */
void refuse(struct reflector *reflector, unsigned status, unsigned retry_after_s,
            const struct status_read *said, int64_t now_ms);
/** What came makes no sense, or no memory is left: begin anew, later. */
void content_bad(struct reflector *reflector, enum err err, const struct why *why, int64_t now_ms);
/** Let go of a list that is under way. */
void list_drop(struct reflector *reflector);
/** Likewise, and the next one is tried by pages again: this one's may have been too large whole. */
void list_again(struct reflector *reflector);
/** A watch is over: one that says a word and ends, again and again, is asked once a second. */
void watch_pace(struct reflector *reflector, int64_t now_ms);
/** "list" or "watch". */
const char *call_text(const struct reflector *reflector);

/* reflector_watch.c */

/** The next octets of a watch. False: enough of it. */
bool watch_body(struct reflector *reflector, struct bytes octets, int64_t now_ms);
/** The watch is over by itself, or lost, by what `why` says. */
void watch_end(struct reflector *reflector, const struct why *why, int64_t now_ms);

#endif
