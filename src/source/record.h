/* record: what was seen of a service as one run of octets: 30 to 60 for a usual one, so that a
 * source can keep 100,000 of them beside the model.
 *
 *     struct record | for each port: head, name | its wish of a probe: head, path
 *     | for each ingress: head, cluster, addresses, hosts
 *
 * Not aligned and not portable: it never leaves the process. Equal services in equal order give
 * equal octets.
 */
#ifndef FEDNS_SOURCE_RECORD_H
#define FEDNS_SOURCE_RECORD_H

#include "annotation.h"
#include "ports.h"

/** What one record unpacks into. Large: allocated once and reused. */
struct unpacked {
	struct service_seen seen; /* its namespace and name are not the record's */
	struct port ports[PORTS_READ_MAX];
	struct ingress_seen ingresses[ANNOTATION_ENTRIES_MAX];
	struct address addresses[ANNOTATION_ADDRESSES_MAX];
	struct name hosts[ANNOTATION_HOSTS_MAX];
	size_t address_count, host_count;
};

/** Write `seen` to `out` (emptied first). ERR_NOMEM; ERR_LIMIT: something of it, or all together,
 * is longer than any reader lets through. */
MUST_CHECK enum err record_pack(const struct service_seen *seen, struct buf *out);

/** Read what record_pack() wrote, appending its ingresses and ports to those in `out`, which
 * unpacked_begin() emptied; options are taken from the first record alone. What is beyond the room
 * is left out. Names are borrowed from `record`. */
void record_unpack(struct bytes record, struct unpacked *out);

/** Empty, and about service NAMESPACE/NAME. */
void unpacked_begin(struct unpacked *unpacked, struct bytes namespace, struct bytes name);

#endif
