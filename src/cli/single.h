/* single: commands whose reply is one row. */
#ifndef FEDNS_CLI_SINGLE_H
#define FEDNS_CLI_SINGLE_H

#include "cli.h"

#include <jansson.h>

/** Prints the row for a human. */
typedef enum err row_printer(const json_t *row);

/** Ask for `command` with `arguments` (taken; NULL: none), and print its row: by `print`, or as
 * JSON.
 */
enum status single_run(const struct options *options, const char *command, json_t *arguments,
                       row_printer *print);

#endif
