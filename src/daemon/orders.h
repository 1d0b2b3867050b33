/* orders: drains and forces, kept in STATE_DIR/orders.json, so that a restart knows. */
#ifndef FEDNS_DAEMON_ORDERS_H
#define FEDNS_DAEMON_ORDERS_H

#include "fedns/health.h"

#include <jansson.h>

#define ORDERS_FILE  "orders.json"
#define ORDERS_ASIDE ".bad"
/* Octets of the file: HEALTH_ORDERS_MAX of them at some 600. */
#define ORDERS_SIZE_MAX ((size_t)8 << 20)

/** Give `health` the orders that are kept in `dir`, of clusters and services that are not there
 * (yet), too; `*count` of them. None there: none were given. ERR_INVALID, ERR_IO, ERR_LIMIT: some
 * are not in force, and `why` names the file; ERR_NOMEM. */
MUST_CHECK enum err orders_read(const char *dir, struct health *health, int64_t now_ms,
                                size_t *count, struct why *why);
/** The same of a file as parsed; ERR_INVALID, ERR_NOMEM. */
MUST_CHECK enum err orders_take(const json_t *root, struct health *health, int64_t now_ms,
                                size_t *count, struct why *why);
/** What could not be read is not lost by the next orders_write(): it stands beside, as
 * orders.json.bad. */
void orders_keep_aside(const char *dir);
/** What orders_take() takes, which is yours; NULL: no memory. */
json_t *orders_json(const struct health *health);
/** Keep those that `health` has. ERR_IO, ERR_LIMIT, ERR_NOMEM. */
MUST_CHECK enum err orders_write(const char *dir, const struct health *health, struct why *why);

/** "drain", "up", "down". */
const char *order_kind_text(enum order_kind kind);

#endif
