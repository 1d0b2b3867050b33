/* secret_memory: pages for keys, tokens, and the texts they come in. They are left out of core
 * files, kept from swap where the system lets us, and overwritten before they are given back. */
#ifndef FEDNS_PROVIDER_SECRET_MEMORY_H
#define FEDNS_PROVIDER_SECRET_MEMORY_H

#include "fedns/base.h"

/** Zeroed is none: without room. What was taken from it never moves. */
struct secret_memory {
	uint8_t *data;
	size_t used, room; /* octets */
};

/** At least `room` octets, none in use. ERR_NOMEM: it is none. */
MUST_CHECK enum err secret_memory_init(struct secret_memory *memory, size_t room, struct why *why);
/** Overwrite what is in use; the room stays. */
void secret_memory_wipe(struct secret_memory *memory);
/** Wipe and give back; it is none then. */
void secret_memory_free(struct secret_memory *memory);

/** Append. False: no room, and nothing is appended. */
MUST_CHECK bool secret_memory_add(struct secret_memory *memory, struct bytes more);
/** A copy of `text` with a NUL behind it. NULL: no room. */
MUST_CHECK char *secret_memory_text(struct secret_memory *memory, struct bytes text);
/** What is in use; borrowed. */
struct bytes secret_memory_bytes(const struct secret_memory *memory);

/**
 * Memory with all of a regular file of at most `size_max` octets, and a NUL that isn't counted.
 * `mode` is the file's, without "readable by its group" where its owner is another. ERR_MISSING:
 * there is no such file; ERR_IO, ERR_LIMIT, ERR_NOMEM. `why` begins with the path. `out` is none on
 * errors.
 */
MUST_CHECK enum err secret_file_read(const char *path, size_t size_max, struct secret_memory *out,
                                     unsigned *mode, struct why *why);

/** Does `text` show `secret`, or a run of it that is long enough to be worth something? */
bool secret_shows(struct bytes text, struct bytes secret);

#endif
