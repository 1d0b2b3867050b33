/* rr_block: RRs of the zone's own names, ready to copy behind any question in the zone.
 *
 * Names that end in the zone's name are compressed against the question, which always stands at
 * offset 12 and ends in the zone's name too; where exactly depends on the question's length, so
 * those pointers are written while copying.
 */
#ifndef FEDNS_ANSWER_RR_BLOCK_H
#define FEDNS_ANSWER_RR_BLOCK_H

#include "fedns/base.h"
#include "fedns/dns.h"

/** Largest RR run of one RRset of ours: NAMESERVERS_MAX names, or one SOA. */
#define BLOCK_SIZE_MAX ((size_t)16 * 1024)
/** Pointers in one block: an owner and two names in each RR at most. */
#define BLOCK_POINTERS_MAX 64

enum block_owner {
	OWNER_QUESTION, /* the RRs answer the question: a pointer to offset 12 */
	OWNER_NAME,     /* they stand under their own name */
};

struct block {
	uint16_t size;  /* octets */
	uint16_t count; /* RRs */
	uint16_t pointer_count;
	uint16_t pointers[BLOCK_POINTERS_MAX]; /* where in `octets` a pointer to the zone's name goes */
	uint16_t serial_at;                    /* SOA: where the serial goes; 0: none */
	uint8_t *octets;                       /* owned */
};

/** Lay out `set` for a zone named `zone`. `ttl_s` replaces the set's own. ERR_NOMEM, ERR_LIMIT:
 * `out` is empty. */
MUST_CHECK enum err block_build(struct block *out, const struct rrset *set, enum block_owner owner,
                                uint32_t ttl_s, const struct name *zone, struct why *why);
void block_clear(struct block *block);

/** Copy to `at` (room for block->size octets); the zone's name lies at message offset `zone_at`. */
void block_copy(const struct block *block, uint8_t *at, size_t zone_at, uint32_t serial);

#endif
