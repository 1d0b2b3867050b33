/* kept: small JSON files in state_dir that hold what an operator said, over a restart. */
#ifndef FEDNS_DAEMON_KEPT_H
#define FEDNS_DAEMON_KEPT_H

#include "fedns/base.h"

#include <jansson.h>

/** Read `path` into `*out`, which is yours; NULL: there is no such file. `why` names the path, and
 * line and column. ERR_INVALID, ERR_LIMIT (above `size_max` octets), ERR_IO, ERR_NOMEM. */
MUST_CHECK enum err kept_read(const char *path, size_t size_max, json_t **out, struct why *why);
/** Write `root` (borrowed) to `path`, whole or not at all, as far as to the disk, its name in the
 * directory, too. ERR_LIMIT: it
 * would be too large to be read again, and `why` has its octets; ERR_IO, ERR_NOMEM. */
MUST_CHECK enum err kept_write(const char *path, size_t size_max, const json_t *root,
                               struct why *why);

#endif
