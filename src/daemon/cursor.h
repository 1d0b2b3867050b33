/* cursor: the text that whoever follows gives back, to be told what is new since. Pure.
 *
 * base.h --> [cursor.h] --> control_since.c
 */
#ifndef FEDNS_DAEMON_CURSOR_H
#define FEDNS_DAEMON_CURSOR_H

#include "fedns/base.h"

/* Three hexadecimal numbers, the points between them, and the NUL. */
#define CURSOR_SIZE (16 + 1 + 8 + 1 + 16 + 1)

struct cursor {
	uint64_t run;     /* of which daemon */
	uint32_t changes; /* that were told of, stamps.h */
	uint64_t look;    /* hash of what no change goes with */
};

/** "RUN.CHANGES.LOOK" into `text`, of CURSOR_SIZE. */
void cursor_write(const struct cursor *cursor, char *text);
/** False: cursor_write() has not written that, and `*out` is as it was. */
MUST_CHECK bool cursor_read(const char *text, struct cursor *out);

#endif
