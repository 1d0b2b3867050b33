/* explain_rows: what `explain` says of one address of a service at a level. */
#ifndef FEDNS_DAEMON_EXPLAIN_ROWS_H
#define FEDNS_DAEMON_EXPLAIN_ROWS_H

#include "control_commands.h"

struct explain_entry {
	uint16_t cluster;
	uint8_t step; /* of the ladder */
	bool answered;
	uint8_t weak; /* why the level climbs though some serve there; REASON_NONE: it does not */
	struct address address;
};

/** Ids may have gone since: then it says what is left to say. NULL: no memory. */
json_t *explain_entry_json(const struct daemon *daemon, uint32_t service,
                           const struct explain_entry *entry);

#endif
