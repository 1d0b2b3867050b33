/* services_wish: what the arguments of `services` wish for. */
#ifndef FEDNS_DAEMON_SERVICES_WISH_H
#define FEDNS_DAEMON_SERVICES_WISH_H

#include "fedns/base.h"
#include "fedns/model.h"

#include <jansson.h>

/* Services in one page: a screen or two; a script asks without a limit. */
#define SERVICES_PAGE_MAX     200
#define SERVICES_PAGE_DEFAULT 50
/* "RANK/NAMESPACE/NAME". */
#define SERVICES_KEY_SIZE_MAX  ((size_t)2 + LABEL_SIZE_MAX + 1 + LABEL_SIZE_MAX)
#define SERVICES_FIND_SIZE_MAX ((size_t)2 * LABEL_SIZE_MAX + 1)

struct services_wish {
	bool paged; /* in order, `limit` of them; else all, as the model has them */
	size_t limit;
	bool troubled;                         /* those in trouble first */
	bool levels;                           /* with what each level answers, and why */
	bool summary;                          /* a first row says how many there are */
	char after[SERVICES_KEY_SIZE_MAX + 1]; /* those behind this key; "": from the first */
	char find[SERVICES_FIND_SIZE_MAX + 1]; /* a part of "NAMESPACE/NAME", lower case; "": any */
};

/**
 * Read "limit", "after", "find", "troubled", "levels" and "summary"; each of the first two and of
 * the last makes pages, and so does "troubled". A URL has texts alone: "50" is 50, "true" and "1"
 * are true. ERR_INVALID: there is another argument, or one says something else.
 */
MUST_CHECK enum err services_wish_read(json_t *arguments, struct services_wish *out,
                                       struct why *why);

#endif
