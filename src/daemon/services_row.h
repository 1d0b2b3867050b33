/* services_row: what `services` says of one service. */
#ifndef FEDNS_DAEMON_SERVICES_ROW_H
#define FEDNS_DAEMON_SERVICES_ROW_H

#include "control_commands.h"
#include "service_look.h"

/* A service of a hundred clusters stands at hundreds of places: what is told of it fits a row. */
#define ROW_LEVELS_MAX    48
#define ROW_ADDRESSES_MAX 8   /* of a level */
#define ROW_TROUBLES_MAX  16  /* clusters and reasons */
#define ROW_LOOKS_MAX     256 /* addresses that are asked after */

/** The first `most` addresses as text; NULL: no memory. */
json_t *services_addresses(const struct address_set *set, size_t most);

/** The row. `state` is what service_look() said: the row's is worse where the answers are. */
json_t *services_row(const struct daemon *daemon, const struct service_view *service,
                     const struct ladder *ladder, enum service_state state);

/** Add `key`, `global_name`, `all_down`, `levels` and `troubles`, with how many of the latter are
 * left out. False: no memory. */
bool services_row_levels(const struct daemon *daemon, uint32_t id,
                         const struct service_view *service, const struct ladder *ladder,
                         const char *key, json_t *row);

#endif
