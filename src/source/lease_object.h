/* lease_object: a Lease as JSON: what it says, and how it is written.
 *
 *     lease.c --octets of the API server--> [lease_object.h] --records; octets to send--> lease.c
 *
 * What is written is the whole object as it was read, with another spec: labels, annotations,
 * owners and fields of later versions stay.
 */
#ifndef FEDNS_SOURCE_LEASE_OBJECT_H
#define FEDNS_SOURCE_LEASE_OBJECT_H

#include "lease_state.h"

/** Octets of one: an API server takes requests of 3 MiB, and an object below 1.5 MiB. */
#define LEASE_OBJECT_SIZE_MAX ((size_t)4 << 20)

struct lease_object;

/** Read `text`. ERR_INVALID: no JSON, not a Lease, without a resourceVersion, or a field of the
 * spec is of another type; ERR_LIMIT; ERR_NOMEM, which jansson may take for ERR_INVALID. `*object`
 * is the caller's. */
MUST_CHECK enum err lease_object_read(struct bytes text, struct lease_object **object,
                                      struct lease_record *record, struct why *why);
/** One that isn't there; or not any more, and `before` (NULL: none) is what it was: acquireTime is
 * taken over. ERR_INVALID: the names aren't UTF-8; ERR_NOMEM. */
MUST_CHECK enum err lease_object_new(const char *namespace, const char *name,
                                     const struct lease_object *before,
                                     struct lease_object **object, struct why *why);
/** NULL is fine. */
void lease_object_free(struct lease_object *object);

/**
 * Append to `out` the object as `claim` wants it, held by `identity`, at `wall_ms` since 1970.
 * `object` stays as it is. ERR_LIMIT (of `out`), ERR_INVALID (`identity` isn't UTF-8), ERR_NOMEM.
 */
MUST_CHECK enum err lease_object_write(const struct lease_object *object,
                                       const struct lease_claim *claim, const char *identity,
                                       int64_t wall_ms, struct buf *out, struct why *why);

#endif
