/* records: every RRset that a model gives, one by one, and a store that brings them into canonical
 * order. */
#ifndef FEDNS_CLI_RECORDS_H
#define FEDNS_CLI_RECORDS_H

#include "fedns/compile.h"
#include "fedns/findings.h"
#include "fedns/model.h"

/** Hand the apex and the ladder of every service to `take`, in no order that matters. */
MUST_CHECK enum err records_walk(const struct model *model, const struct zone_policy *policy,
                                 uint32_t serial, struct findings *findings, rrset_taker *take,
                                 void *arg, struct why *why);

/* RRsets of RECORDS_MAX records, at 4 KiB the octets of a level of 64 clusters; offsets need 32
 * bits. */
#define RECORDS_SIZE_MAX ((size_t)UINT32_MAX)

struct records;

/** NULL: no memory. */
MUST_CHECK struct records *records_new(void);
void records_free(struct records *records);

/** An rrset_taker: keep a copy. `arg` is the struct records. */
enum err records_take(void *arg, const struct rrset *set, struct why *why);

/**
 * Hand all that was taken to `take`: SOA first, then in canonical order of the names (RFC 4034
 * section 6.1), of one name by type number.
 */
MUST_CHECK enum err records_sorted(struct records *records, rrset_taker *take, void *arg,
                                   struct why *why);

#endif
