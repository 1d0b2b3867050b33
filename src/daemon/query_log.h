/* query_log: a question that was noted, as a line of the log.
 *
 * Keys: client (its network, not its address), name, type, rcode, size (octets of the reply),
 * transport. Who reads a log need not learn which machine asked what: of IPv4 the first 24 bits
 * are told, of IPv6 48.
 */
#ifndef FEDNS_DAEMON_QUERY_LOG_H
#define FEDNS_DAEMON_QUERY_LOG_H

#include "fedns/log.h"
#include "fedns/serve.h"

#define QUERY_CLIENT_BITS_V4 24
#define QUERY_CLIENT_BITS_V6 48

/* Lines at a time: the control thread has other things to do. */
#define QUERY_LINES_MAX 512

/** Take what `crew` has noted, QUERY_LINES_MAX at most, and write it at level info. */
void query_log_write(const struct log *log, struct crew *crew);

/** One note's line. */
void query_note_write(const struct log *log, const struct query_note *note);

#endif
