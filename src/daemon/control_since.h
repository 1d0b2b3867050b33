/* control_since: of commands that are asked again and again: what is new since the last time?
 *
 * The argument "since" makes the first row of the reply {"cursor": TEXT, "all": BOOL}: TEXT is what
 * the next request gives, and "all" says whether every row follows, or only those that may have
 * changed, or none. An empty "since", or one of another daemon, gets all. Without the argument
 * there is no such row.
 */
#ifndef FEDNS_DAEMON_CONTROL_SINCE_H
#define FEDNS_DAEMON_CONTROL_SINCE_H

#include "cursor.h"
#include "daemon_internal.h"

struct since {
	bool asked;
	bool told; /* the cursor's row was */
	bool published;
	bool all;      /* every row is wanted */
	bool same;     /* nothing has changed at all: none is */
	uint32_t from; /* services that changed after this are wanted, unless `all` */
	char cursor[CURSOR_SIZE];
};

/** Take "since" out of `arguments`. `look`: what no publish goes with counts, too: who is in sight,
 * and how many probes are good. ERR_INVALID: it is no text. */
MUST_CHECK enum err since_read(const struct daemon *daemon, json_t *arguments, bool look,
                               struct since *out, struct why *why);
/** True: `answer` has the first row, for a CONTROL_ROW. */
bool since_tell(struct since *since, struct control_answer *answer);

#endif
