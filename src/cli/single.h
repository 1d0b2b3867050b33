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

/** Prints what is news in the row, since the one before. */
typedef enum err news_printer(void *arg, const json_t *row, bool *any);

/** The same until interrupted: as JSON, a line whenever `print` would say anything. */
enum status single_follow(const struct options *options, const char *command, news_printer *print,
                          void *arg);

#endif
