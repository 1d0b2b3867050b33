/* told: members of what the daemon says. It may be one of another version: what isn't there, or is
 * of another type, has a value all the same.
 *
 * [told.h] --> one file a command
 */
#ifndef FEDNS_CLI_TOLD_H
#define FEDNS_CLI_TOLD_H

#include <jansson.h>

/** The text of a member, or "-". */
const char *told_text(const json_t *row, const char *key);
/** The integer of a member, or 0. */
json_int_t told_number(const json_t *row, const char *key);

#endif
